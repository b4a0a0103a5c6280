/** What the flags of the local COS mean; every wrong one is named at once. */
import * as Result from "effect/Result"
import { localKey } from "../adapters/local.ts"
import { demoBucket, type Key } from "../adapters/memory/mod.ts"
import { checkBucket, checkRegion } from "../core/endpoint.ts"
import { InvalidInput } from "../core/errors.ts"
import { isLoopback } from "../core/host.ts"
import type { Finding } from "../core/lint/finding.ts"
import { readTime } from "../core/time.ts"
import { keyPairsIn, readKeyPair } from "./key-pairs.ts"
import type { LocalFlagName, LocalFlags } from "./local-flags.ts"
import { isLog, isPort, type LogForm, wrong, wrongLog, wrongPort } from "./server-options.ts"

export interface LocalOptions {
  readonly port: number
  readonly host: string
  /** A folder; everything stays in memory without one. */
  readonly data?: string
  readonly defaultBucket: string
  readonly region: string
  readonly seed?: string
  /** Epoch milliseconds at which the clock stands still; without it, the clock that a data folder has, else the real one. */
  readonly clock?: number | "real"
  readonly verifySignatures: boolean
  readonly keys: ReadonlyArray<Key>
  readonly keyFile?: string
  readonly log: LogForm
}

const defaults = { port: 9000, host: "127.0.0.1" } as const

export const readLocalOptions = (
  flags: LocalFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Result.Result<LocalOptions, InvalidInput> => {
  const text = (name: LocalFlagName): string | undefined => {
    const value = flags[name]
    return typeof value === "string" ? value : undefined
  }
  const findings: Array<Finding> = []
  const port = text("port") ?? environment["PORT"] ?? String(defaults.port)
  if (!isPort(port)) findings.push(wrongPort(port))
  const host = text("host") ?? defaults.host
  if (!isLoopback(host) && flags["allow-remote"] !== true) findings.push(remote(host))
  const defaultBucket = text("default-bucket") ?? demoBucket.name
  findings.push(...checkBucket(defaultBucket).map((finding) => ({ ...finding, path: "--default-bucket" })))
  const region = text("region") ?? demoBucket.region
  findings.push(...checkRegion(region).map((finding) => ({ ...finding, path: "--region" })))
  const clock = text("clock")
  const seconds = clock === undefined ? undefined : readTime(clock)
  if (clock !== undefined && clock !== "real" && seconds === undefined) findings.push(wrongClock(clock))
  const log = text("log") ?? "text"
  if (!isLog(log)) findings.push(wrongLog(log))
  const pairs = Array.isArray(flags.key) ? flags.key as ReadonlyArray<string> : []
  const read = pairs.map((pair) => readKeyPair(pair, "--key"))
  const keys = [localKey, ...read.flatMap((one) => Result.isSuccess(one) ? [one.success] : [])]
  // A wrong one is not quoted, so that two of them are one finding
  findings.push(...read.filter(Result.isFailure).slice(0, 1).map(({ failure }) => failure))
  findings.push(...repeatedKeys(keys, "--key"))
  if (findings.length > 0) return Result.fail(new InvalidInput({ findings }))
  const [data, seed, keyFile] = [text("data"), text("seed"), text("key-file")]
  return Result.succeed({
    port: Number(port),
    host,
    defaultBucket,
    region,
    verifySignatures: flags.loose !== true,
    keys,
    log: log as LocalOptions["log"],
    ...(data === undefined ? {} : { data }),
    ...(seed === undefined ? {} : { seed }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(clock === "real" ? { clock } : seconds === undefined ? {} : { clock: seconds * 1000 }),
  })
}

export const readKeyFile = (
  text: string,
  file: string,
  known: ReadonlyArray<Key>,
): Result.Result<ReadonlyArray<Key>, InvalidInput> => {
  const read = keyPairsIn(text, file)
  const keys = read.flatMap((one) => Result.isSuccess(one) ? [one.success] : [])
  const findings = [
    ...read.flatMap((one) => Result.isFailure(one) ? [one.failure] : []),
    ...repeatedKeys([...known, ...keys], file),
  ]
  return findings.length > 0 ? Result.fail(new InvalidInput({ findings })) : Result.succeed(keys)
}

const remote = (found: string): Finding =>
  wrong({
    code: "host-remote",
    path: "--host",
    message: "Other machines would reach this local COS, whose keys everybody knows",
    found,
    allowed: "127.0.0.1, ::1 or localhost",
    fix: "Add --allow-remote if that is meant",
  })

const wrongClock = (found: string): Finding =>
  wrong({
    code: "clock-form",
    path: "--clock",
    message: "The clock is neither real nor a time",
    found,
    allowed: "real, or a time such as 2026-01-01T00:00:00Z",
    fix: "Write the time in UTC, with its Z",
  })

/** Of two secrets of one id, nobody could tell which one counts. */
const repeatedKeys = (keys: ReadonlyArray<Key>, path: string): ReadonlyArray<Finding> =>
  keys.filter(({ secretId }, at) => keys.findIndex((key) => key.secretId === secretId) < at).map(({ secretId }) =>
    wrong({
      code: "key-repeated",
      path,
      message: "The id of a key is there already",
      found: secretId,
      allowed: `an id for each key; ${localKey.secretId} is there from the start`,
      fix: "Choose another id",
    })
  )
