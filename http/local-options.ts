/** What the flags of the local COS mean; every wrong one is named at once. */
import * as Result from "effect/Result"
import { localKey } from "../adapters/local.ts"
import { demoBucket, type Key } from "../adapters/memory/mod.ts"
import { checkBucket, checkRegion } from "../core/endpoint.ts"
import { InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/finding.ts"
import { readTime } from "../core/time.ts"
import type { LocalFlagName, LocalFlags } from "./local-flags.ts"
import { isLog, isLoopback, isPort, type LogForm, wrong, wrongLog, wrongPort } from "./server-options.ts"

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
  const keys = pairs.map((pair) => readKey(pair))
  if (keys.includes(undefined)) findings.push(wrongKey("--key"))
  findings.push(...repeatedKeys([localKey, ...keys.filter((key) => key !== undefined)], "--key"))
  if (findings.length > 0) return Result.fail(new InvalidInput({ findings }))
  const [data, seed, keyFile] = [text("data"), text("seed"), text("key-file")]
  return Result.succeed({
    port: Number(port),
    host,
    defaultBucket,
    region,
    verifySignatures: flags.loose !== true,
    keys: [localKey, ...keys.filter((key) => key !== undefined)],
    log: log as LocalOptions["log"],
    ...(data === undefined ? {} : { data }),
    ...(seed === undefined ? {} : { seed }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(clock === "real" ? { clock } : seconds === undefined ? {} : { clock: seconds * 1000 }),
  })
}

/** One pair a line; empty lines and those that begin with `#` are for people. */
export const readKeyFile = (
  text: string,
  file: string,
  known: ReadonlyArray<Key>,
): Result.Result<ReadonlyArray<Key>, InvalidInput> => {
  const lines = text.split(/\r?\n/u).map((line) => line.trim())
  const pairs = lines.flatMap((line, at) => line === "" || line.startsWith("#") ? [] : [{ at, key: readKey(line) }])
  const findings = [
    ...pairs.filter(({ key }) => key === undefined).map(({ at }) => wrongKey(`${file}, line ${at + 1}`)),
    ...repeatedKeys([...known, ...pairs.flatMap(({ key }) => key === undefined ? [] : [key])], file),
  ]
  return findings.length > 0
    ? Result.fail(new InvalidInput({ findings }))
    : Result.succeed(pairs.flatMap(({ key }) => key === undefined ? [] : [key]))
}

const readKey = (pair: string): Key | undefined => {
  const match = /^([A-Za-z0-9_-]+):(\S+)$/u.exec(pair)
  return match === null ? undefined : { secretId: match[1]!, secretKey: match[2]! }
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

/** Without the pair: it may be a real one in the wrong place. */
const wrongKey = (path: string): Finding =>
  wrong({
    code: "key-form",
    path,
    message: "A key is not a pair of id and secret",
    allowed: "<id>:<secret>, such as my-id:my-secret, neither of them empty or with white space",
    fix: "Write the pair so, for tests only",
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
