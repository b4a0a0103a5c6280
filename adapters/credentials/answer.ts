/** The JSON that a credential process prints: our own form, or the answer of Tencent's STS as it came. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { ConfigError } from "../../core/errors.ts"
import { maxEpochSeconds } from "../../core/limits.ts"
import { readTime } from "../../core/time.ts"
import { type Named, whole } from "./keys.ts"
import type { Temporary } from "./refreshing.ts"

/**
 * Reads `{ secretId, secretKey, sessionToken?, expiration? }`, STS's `{ credentials: { tmpSecretId, tmpSecretKey,
 * sessionToken }, expiredTime }`, or its API 3.0 form `{ Credentials: { TmpSecretId, TmpSecretKey, Token },
 * ExpiredTime }`, also inside `{ Response }`.
 *
 * Names compare without case, and nothing of what was read is ever shown.
 */
export const readAnswer = (source: string, stdout: Uint8Array): Effect.Effect<Temporary, ConfigError> =>
  Effect.gen(function* () {
    const fail = (problem: string) =>
      new ConfigError({
        source,
        problem: `The credentialProcess ${problem}`,
        fix:
          "Let it print one JSON object with secretId and secretKey; sessionToken and expiration (ISO-8601) are optional",
      })
    const printed = members(parsed(stdout))
    if (printed === undefined) return yield* fail("did not print one JSON object")
    const answer = members(printed.get("response")) ?? printed
    const keys = members(answer.get("credentials")) ?? answer

    const id = text(keys, "secretId", "tmpSecretId")
    const key = text(keys, "secretKey", "tmpSecretKey")
    const token = text(keys, "sessionToken", "token")
    for (const read of [id, key, token]) if (Result.isFailure(read)) return yield* fail(read.failure)
    const expiry = readExpiry(answer.get("expiredtime") ?? answer.get("expiration") ?? keys.get("expiration"))
    if (Result.isFailure(expiry)) return yield* fail(expiry.failure)

    const credential = yield* whole(source, {
      id: Result.getOrThrow(id),
      key: Result.getOrThrow(key),
      token: Result.getOrThrow(token),
    })
    if (credential === undefined) return yield* fail("printed no keys")
    return { credential, ...(expiry.success === undefined ? {} : { expiresAt: expiry.success }) }
  })

const parsed = (stdout: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(stdout))
  } catch {
    return undefined
  }
}

/** The members of an object under their names in lower case. */
const members = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]))
    : undefined

const text = (keys: ReadonlyMap<string, unknown>, name: string, other: string): Result.Result<Named, string> => {
  const value = keys.get(name.toLowerCase()) ?? keys.get(other.toLowerCase())
  if (value === undefined || value === null || value === "") return Result.succeed({ name, value: undefined })
  return typeof value === "string"
    ? Result.succeed({ name, value: Redacted.make(value) })
    : Result.fail(`printed a ${name} that is not a string`)
}

const zoned = /^(.+T\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))$/u

const readExpiry = (value: unknown): Result.Result<number | undefined, string> => {
  if (value === undefined || value === null || value === "") return Result.succeed(undefined)
  const seconds = typeof value === "number"
    ? value
    : typeof value !== "string"
    ? undefined
    : /^\d+$/u.test(value)
    ? Number(value)
    : readZoned(value)
  if (seconds === undefined || !(seconds >= 0)) {
    return Result.fail("printed an expiration that is neither ISO-8601 with its time zone nor epoch seconds")
  }
  return seconds > maxEpochSeconds
    ? Result.fail("printed an expiration in milliseconds: epoch seconds are wanted")
    : Result.succeed(seconds)
}

/** Programs write the zone they like, and fractions; those are cut, which is at most a second early. */
const readZoned = (value: string): number | undefined => {
  const match = zoned.exec(value)
  const local = match === null ? undefined : readTime(`${match[1]}Z`)
  if (match === null || local === undefined) return undefined
  const minutes = Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
  return match[2] === "-" ? local + minutes * 60 : local - minutes * 60
}
