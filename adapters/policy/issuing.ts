/**
 * Virtual key pairs, which the proxy derives and stores nowhere: a policy names secret ids alone and holds no secret.
 *
 * Every key is HMAC-SHA256, keyed with the proxy's own secret (`COS_PROXY_SECRET`), of what it is for:
 *
 *     secret key                 "cos-inventory/1 secret key", the id                     its first 40 hex digits
 *     temporary secret key       "cos-inventory/1 temporary secret key", id, expiry       its first 40 hex digits
 *     session token              "cos-inventory/1 session token", id, expiry              <expiry>.<its 64 hex digits>
 *
 * The expiry is in epoch seconds, and the parts are lines. A temporary secret key is another one for every expiry, so
 * that its holder can neither drop the token nor write a later time into it. An id that leaves the policy opens nothing
 * any more, its temporary keys included. Another secret of the proxy makes every key another one at once: the ids stay,
 * and who uses them needs what `proxy key new --id <id>` prints from then on.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { ConfigError } from "../../core/errors.ts"
import type { Secret } from "../../core/signing/mod.ts"

export interface Issuing {
  readonly secretKeyOf: (secretId: string) => string
  /** Temporary keys of an id, good until `expires`, in epoch seconds. */
  readonly temporaryOf: (secretId: string, expires: number) => Temporary
  /** What whoever brings such a session token, or none, has to prove. Whether its time is over is not judged here. */
  readonly secretOf: (secretId: string, sessionToken: string | undefined) => Issued
}

export interface Temporary extends Required<Secret> {
  readonly expires: number
}

export type Issued = Secret | Temporary

export const make = (secret: Redacted.Redacted<string>): Issuing => {
  const key = utf8ToBytes(Redacted.value(secret))
  const macOf = (...lines: ReadonlyArray<string | number>): string =>
    bytesToHex(hmac(sha256, key, utf8ToBytes(lines.join("\n"))))
  const secretKeyOf = kept((secretId) => macOf("cos-inventory/1 secret key", secretId).slice(0, secretKeyDigits))
  const temporary = kept((name) => {
    const expires = name.slice(0, name.indexOf(" "))
    const secretId = name.slice(expires.length + 1)
    return {
      secretKey: macOf("cos-inventory/1 temporary secret key", secretId, expires).slice(0, secretKeyDigits),
      sessionToken: `${expires}.${macOf("cos-inventory/1 session token", secretId, expires)}`,
      expires: Number(expires),
    }
  })
  const temporaryOf = (secretId: string, expires: number | string): Temporary => temporary(`${expires} ${secretId}`)
  return {
    secretKeyOf,
    temporaryOf,
    // A token of no such form stays with the request, whose secret has none: that is a wrong token
    secretOf: (secretId, sessionToken = "") => {
      const expires = tokenPattern.exec(sessionToken)?.[1]
      return expires === undefined ? { secretKey: secretKeyOf(secretId) } : temporaryOf(secretId, expires)
    },
  }
}

/** 160 bits, as long as the SHA-1 that they key. */
const secretKeyDigits = 40

/** One text alone for each expiry. */
const tokenPattern = /^([1-9]\d{9})\.[0-9a-f]{64}$/u

/** Remembers the last results: whoever knows an id can ask for whatever expiry. */
const kept = <A>(derive: (name: string) => A, limit = 256): (name: string) => A => {
  const known = new Map<string, A>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const derived = derive(name)
    if (known.size >= limit) known.delete(known.keys().next().value!)
    known.set(name, derived)
    return derived
  }
}

/**
 * The secret of the proxy as it was set; nothing where it is empty. Whoever sees one signed request can try every secret
 * against it at home, so that one which people make up would be found.
 */
export const readProxySecret = (
  text: string | undefined,
  source = "COS_PROXY_SECRET",
): Result.Result<Redacted.Redacted<string> | undefined, ConfigError> => {
  if (text === undefined || text === "") return Result.succeed(undefined)
  if (text !== text.trim()) return wrongSecret(source, "begins or ends with white space")
  return text.length < leastSecretLength
    ? wrongSecret(source, `has ${text.length} characters, and ${leastSecretLength} is the least`)
    : Result.succeed(Redacted.make(text))
}

/** 128 bits, where its characters are hex digits. This project's own. */
export const leastSecretLength = 32

const wrongSecret = (source: string, problem: string) =>
  Result.fail(
    new ConfigError({
      source,
      problem: `The secret of the proxy ${problem}`,
      fix: "Set it to random text, such as openssl rand -hex 32 prints",
    }),
  )

/** Lower-case hex of the UTF-8 form. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))
