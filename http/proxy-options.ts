/** What the flags of the proxy mean; every wrong one is named at once. */
import * as Result from "effect/Result"
import { InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/finding.ts"
import type { ProxyFlagName, ProxyFlags } from "./proxy-flags.ts"
import { isLog, isPort, type LogForm, wrong, wrongLog, wrongPort } from "./server-options.ts"

export interface ProxyOptions {
  readonly port: number
  readonly host: string
  /** A file, `-`, or the JSON itself. */
  readonly policy: string
  readonly keys?: string
  readonly profile?: string
  readonly secretFile?: string
  readonly drainSeconds: number
  readonly log: LogForm
}

export const readProxyOptions = (
  flags: ProxyFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Result.Result<ProxyOptions, InvalidInput> => {
  const text = (name: ProxyFlagName): string | undefined => {
    const value = flags[name]
    return typeof value === "string" ? value : undefined
  }
  const variable = (name: string): string | undefined => environment[name] || undefined
  const findings: Array<Finding> = []
  const port = text("port") ?? variable("PORT") ?? "8080"
  if (!isPort(port)) findings.push(wrongPort(port))
  const log = text("log") ?? "json"
  if (!isLog(log)) findings.push(wrongLog(log))
  const drain = text("drain") ?? "0"
  if (!isDrain(drain)) findings.push(wrongDrain(drain))
  const policy = text("policy") ?? variable("COS_PROXY_POLICY")
  if (policy === undefined) findings.push(noPolicy)
  const [keys, profile, secretFile] = [text("keys"), text("profile") ?? variable("COS_PROFILE"), text("secret-file")]
  return findings.length > 0 || policy === undefined || !isLog(log)
    ? Result.fail(new InvalidInput({ findings }))
    : Result.succeed({
      port: Number(port),
      host: text("host") ?? "127.0.0.1",
      policy,
      log,
      drainSeconds: Number(drain),
      ...(keys === undefined ? {} : { keys }),
      ...(profile === undefined ? {} : { profile }),
      ...(secretFile === undefined ? {} : { secretFile }),
    })
}

const isDrain = (text: string): boolean => /^\d{1,3}$/u.test(text)

const wrongDrain = (found: string): Finding =>
  wrong({
    code: "drain-form",
    path: "--drain",
    message: "The time to drain is no number of seconds",
    found,
    allowed: "a number from 0 to 999",
    fix: "Give such a number",
  })

const noPolicy = wrong({
  code: "policy-missing",
  path: "--policy",
  message: "There is no policy, and without one nobody may do anything",
  allowed: "a file in YAML or JSON; in COS_PROXY_POLICY also the JSON itself",
  fix: "Give --policy <file>; `new policy` prints one to begin with",
})
