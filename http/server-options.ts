/** What every program that serves reads of its flags in the same way: where it listens, and how it logs. */
import type { Finding } from "../core/lint/finding.ts"

/** An address that stands for all is none that a client on this machine can be told. */
export const originHere = (
  host: string,
  { port, origin }: { readonly port: number; readonly origin: string },
): string => everywhere.has(host) ? `http://127.0.0.1:${port}` : origin
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::", "[::]"])

export const isPort = (text: string): boolean => /^\d{1,5}$/u.test(text) && Number(text) <= 65535

export type LogForm = "text" | "json" | "off"
export const isLog = (text: string): text is LogForm => text === "text" || text === "json" || text === "off"

export const wrong = (finding: Omit<Finding, "severity" | "source">): Finding => ({
  severity: "error",
  source: "this program's flags",
  ...finding,
})

export const wrongPort = (found: string): Finding =>
  wrong({
    code: "port-form",
    path: "--port",
    message: "The port is no number from 0 to 65535",
    found,
    allowed: "such a number, where 0 takes any free port",
    fix: "Give such a number as --port or PORT",
  })

export const wrongLog = (found: string): Finding =>
  wrong({
    code: "log-form",
    path: "--log",
    message: "There is no such form of log",
    found,
    allowed: "text, json, off",
    fix: "Choose one of these",
  })
