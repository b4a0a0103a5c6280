/** The programs that the proxy is measured with, each in a process of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { bun, root } from "../process.ts"
import { policyFor, proxySecret } from "./proxy-asking.ts"
import type { Came, Order } from "./proxy-load.ts"

export interface Running {
  readonly origin: string
  /** Seconds of a processor that it has taken; NaN where there is no /proc. */
  readonly processorSeconds: () => number
  readonly stop: () => Promise<void>
}

/** Starts a program that says where it is ready; what it says on standard error is lost. */
export const start = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): Promise<Running> => {
  const child = begun(args, env, "ignore")
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /ready at (\S+)/u.exec(line)?.[1]
    if (origin === undefined) continue
    child.stdout.resume()
    return { origin, processorSeconds: () => processorSecondsOf(child.pid!), stop: () => stopped(child) }
  }
  throw new Error(`bun ${args.join(" ")} ended with ${child.exitCode}`)
}

/** Of a proxy before the server at an origin. */
export const settings = (upstream: string): Readonly<Record<string, string>> => ({
  COS_PROXY_POLICY: JSON.stringify(policyFor(upstream)),
  COS_PROXY_SECRET: proxySecret,
  COS_SECRET_ID: "AKIDreal",
  COS_SECRET_KEY: "real",
  COS_NEXT_SECRET_ID: "",
  COS_NEXT_SECRET_KEY: "",
})

export interface Load {
  readonly send: (order: Order) => Promise<Came>
  readonly stop: () => Promise<void>
}

export const startLoad = (): Load => {
  const child = begun(["tests/bench/proxy-load.ts"], {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    send: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error("The requests were not answered")
      return JSON.parse(value) as Came
    },
    stop: () => stopped(child),
  }
}

const begun = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  errors: "ignore" | "inherit" = "inherit",
) =>
  spawn(bun, args, {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["pipe", "pipe", errors],
  })

const stopped = async (child: ReturnType<typeof begun>): Promise<void> => {
  if (child.exitCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  await ended
}

/** Fields 14 and 15 of proc_pid_stat(5), in hundredths; the name before them may hold anything but a parenthesis. */
const processorSecondsOf = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return NaN
  }
}
