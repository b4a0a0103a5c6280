/** JSON Web Tokens, checked against the key sets of their issuers. It is loaded once a policy has issuers. */
import * as Effect from "effect/Effect"
import {
  JOSEAlgNotAllowed,
  JOSEError,
  JOSENotSupported,
  JWKSMultipleMatchingKeys,
  JWKSNoMatchingKey,
  JWSInvalid,
  JWSSignatureVerificationFailed,
  JWTClaimValidationFailed,
  JWTExpired,
  JWTInvalid,
} from "jose/errors"
import { createRemoteJWKSet, customFetch } from "jose/jwks/remote"
import { decodeJwt } from "jose/jwt/decode"
import { jwtVerify } from "jose/jwt/verify"
import { TransportError } from "../../core/errors.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Issuer } from "../../core/policy/mod.ts"

export type Payload = Readonly<Record<string, unknown>>

/** A token that is good for nothing, with a reason for the log. */
export interface Unacceptable {
  readonly _tag: "Unacceptable"
  readonly why: string
}

export interface Jwts {
  /**
   * What a token says, once one of the issuers has signed it for us and its time is now; `now` is in epoch seconds.
   * Fails with a TransportError where the keys of its issuer are not to be had, so that nobody can know.
   */
  readonly read: (
    issuers: ReadonlyArray<Issuer>,
    token: string,
    now: number,
  ) => Effect.Effect<Payload, Unacceptable | TransportError>
}

export type FetchKeys = (url: string, init: RequestInit) => Promise<Response>

export interface JwtsOptions {
  /** In place of the platform's own `fetch`. */
  readonly fetchKeys?: FetchKeys
  /** How long no other request for the keys of an issuer follows one, whatever keys tokens name. */
  readonly cooldownMillis?: number
}

export const make = (options: JwtsOptions = {}): Jwts => {
  const sets = new Map<string, KeySet>()
  const keysOf = ({ jwks }: Issuer): KeySet => {
    const found = sets.get(jwks) ?? keySetOf(new URL(jwks), options)
    sets.set(jwks, found)
    return found
  }
  return {
    read: (issuers, token, now) =>
      Effect.gen(function* () {
        const claimed = issuerIn(token)
        let last: Unacceptable = unacceptable("its issuer is none of the policy's")
        for (const issuer of issuers.filter((one) => one.issuer === claimed)) {
          const read = yield* Effect.result(verified(issuer, keysOf, token, now))
          if (read._tag === "Success") return read.success
          if (read.failure._tag === "TransportError") return yield* read.failure
          last = read.failure
        }
        return yield* Effect.fail(last)
      }),
  }
}

/** Not believed before it is verified: it only says with whose keys to try. */
const issuerIn = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

type KeySet = ReturnType<typeof createRemoteJWKSet>

const verified = (
  issuer: Issuer,
  keysOf: (issuer: Issuer) => KeySet,
  token: string,
  now: number,
): Effect.Effect<Payload, Unacceptable | TransportError> =>
  Effect.tryPromise({
    try: () =>
      jwtVerify(token, keysOf(issuer), {
        issuer: issuer.issuer,
        audience: [...issuer.audience],
        algorithms: [...issuer.algorithms],
        requiredClaims: ["exp"],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(now * 1000),
      }),
    catch: (error) => isTokens(error) ? unacceptable(error.message) : unavailable(issuer, error),
  }).pipe(
    Effect.flatMap(({ payload }) =>
      payload.jti !== undefined && issuer.denied.includes(String(payload.jti))
        ? Effect.fail(unacceptable("its jti is denied"))
        : Effect.succeed(payload)
    ),
  )

/** How far the clocks of an issuer and of this machine may be apart. */
export const toleranceSeconds = 30

const unacceptable = (problem: string): Unacceptable => ({
  _tag: "Unacceptable",
  why: `the JSON Web Token is refused: ${problem}`,
})

/** A fault of the token's; every other one lies with the key set. */
const isTokens = (error: unknown): error is JOSEError => tokenFaults.some((fault) => error instanceof fault)
const tokenFaults = [
  JOSEAlgNotAllowed,
  JOSENotSupported,
  JWKSMultipleMatchingKeys,
  JWKSNoMatchingKey,
  JWSInvalid,
  JWSSignatureVerificationFailed,
  JWTClaimValidationFailed,
  JWTExpired,
  JWTInvalid,
]

/** Whatever it was: nothing has been sent to COS, and trying again may help. */
const unavailable = ({ jwks }: Issuer, error: unknown): TransportError =>
  new TransportError({
    kind: "refused",
    sent: "no",
    host: /^https?:\/\/(?:[^/?#]*@)?([^/?#]*)/iu.exec(jwks)?.[1] ?? "",
    detail: `the keys of the issuer are not to be had: ${error instanceof Error ? error.message : "unknown"}`,
  })

/** Kept for a while; asked for again where a token names another key, and not soon after that nor after a failure. */
const keySetOf = (url: URL, { fetchKeys = fetch, cooldownMillis = defaultCooldown }: JwtsOptions): KeySet => {
  let notBefore = 0
  const begun = new Set<{ readonly at: number }>()
  return createRemoteJWKSet(url, {
    cooldownDuration: cooldownMillis,
    timeoutDuration: timeoutMillis,
    cacheMaxAge: maxAgeMillis,
    [customFetch]: async (href, init) => {
      const now = { at: Date.now() }
      if (now.at < notBefore) throw new Error("they were not to be had a moment ago")
      // Of a request whose caller has left, workerd runs nothing any more, not even what ends it here
      for (const one of begun) if (one.at + timeoutMillis < now.at) begun.delete(one)
      if (begun.size >= maxUnderWay) throw new Error("too many requests wait for them")
      begun.add(now)
      try {
        return await keySetIn(await fetchKeys(href, init))
      } catch (error) {
        notBefore = Date.now() + Math.min(cooldownMillis, pauseMillis)
        throw error
      } finally {
        begun.delete(now)
      }
    },
  })
}

const defaultCooldown = 30_000
const pauseMillis = 5_000
/** Everywhere but in workerd, where requests cannot wait for one another's, there is never more than one. */
const maxUnderWay = 16
const timeoutMillis = 5_000
const maxAgeMillis = 600_000

/** The answer again, once it is a key set: every other one counts as a failure. */
const keySetIn = async (response: Response): Promise<Response> => {
  const text = await response.text()
  if (response.status !== 200) throw new Error(`status ${response.status}`)
  if (text.length > maxDocumentBytes) throw new Error(`more than ${maxDocumentBytes} bytes`)
  const set = jsonIn(text)
  if (typeof set !== "object" || set === null || !("keys" in set) || !Array.isArray(set.keys)) {
    throw new Error("no key set")
  }
  return new Response(text)
}

/** Nothing of what came may get into a log. */
const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
