/** Who asks: by a virtual key pair that the proxy issued, by a bearer token, or by a JSON Web Token of an issuer. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { TransportError } from "../../core/errors.ts"
import { header, hostOf, type HttpRequest, type Measured } from "../../core/http.ts"
import type { Issuer, Policy, Principal } from "../../core/policy/mod.ts"
import type { Hashes } from "../../core/ports.ts"
import { oneLine } from "../../core/redact.ts"
import {
  readClaim,
  refusals,
  type SignKeyOf,
  tokenName,
  type Verified,
  verify,
  type VerifyFailure,
} from "../../core/signing/mod.ts"
import { short } from "../log-line.ts"
import { Refused, type Shown } from "./call.ts"
import { holderOf, holdersOf } from "./holders.ts"
import type { Issued, Issuing } from "./issuing.ts"
import type { FetchKeys, Jwts } from "./jwt.ts"

export interface Caller {
  readonly principal: Principal
  readonly shown: Shown
  /** Of a caller by key. */
  readonly verified?: Verified
}

export interface Authenticate {
  /**
   * Fails with what COS answers to such a request; with a TransportError where the keys of an issuer are not to be had.
   *
   * A request says once who asks: in one `Authorization`, or by a signature in its query. Only where it has neither
   * does a header count that something before the proxy sets, such as `Cf-Access-Jwt-Assertion`.
   */
  readonly authenticate: (
    policy: Policy,
    request: HttpRequest<Measured>,
  ) => Effect.Effect<Caller, Refused | TransportError>
}

export interface Options {
  readonly hashes: Hashes
  readonly signKeyOf: SignKeyOf
  /** Without one there are no virtual keys. */
  readonly issuing?: Issuing
  /** Lower-case hex. */
  readonly sha256Hex: (text: string) => string
  /** How the key sets of issuers are read, in place of the platform's own `fetch`. */
  readonly fetchKeys?: FetchKeys
}

export const make = (options: Options): Authenticate => {
  const doors: Doors = { ...options, jwts: lazily(options) }
  return {
    authenticate: (policy, request) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) => {
        const asked: Asked = { policy, request, now: Math.floor(millis / 1000) }
        const given = request.headers.filter(([name, value]) =>
          name.toLowerCase() === "authorization" && value.trim() !== ""
        )
        if (given.some(([, value]) => /^[ \t]*bearer(?:[ \t]|$)/iu.test(value))) return byBearer(asked, given, doors)
        const set = given.length > 0 || isSigned(request) ? undefined : setBefore(asked)
        return set === undefined ? byKey(asked, doors) : bySet(asked, set, doors)
      }),
  }
}

interface Asked {
  readonly policy: Policy
  readonly request: HttpRequest<Measured>
  /** Epoch seconds. */
  readonly now: number
}

interface Doors extends Options {
  readonly jwts: () => Effect.Effect<Jwts>
}

/** JOSE costs at every cold start, and most policies have no issuer. */
const lazily = ({ fetchKeys }: Options): Doors["jwts"] => {
  // Not the promise: in workerd, one request cannot wait for what another one began
  let made: Jwts | undefined
  return () =>
    Effect.promise(async () => {
      const { make } = await import("./jwt.ts")
      return made ??= make(fetchKeys === undefined ? {} : { fetchKeys })
    })
}

const isSigned = (request: HttpRequest<Measured>): boolean => {
  const claim = readClaim({ ...request, headers: [] })
  return Result.isSuccess(claim) || claim.failure._tag !== "Missing"
}

const byBearer = (
  asked: Asked,
  given: ReadonlyArray<readonly [string, string]>,
  doors: Doors,
): Effect.Effect<Caller, Refused | TransportError> => {
  const { policy, request } = asked
  const token = /^[ \t]*bearer +([\w\-.~+/]+=*)[ \t]*$/iu.exec(given[0]![1])?.[1]
  if (given.length > 1 || isSigned(request)) return nobody("the request says more than once who asks")
  if (token === undefined) return nobody("the bearer token is none")
  const hash = doors.sha256Hex(token)
  const principal = holdersOf(policy).byToken.get(hash)
  if (principal !== undefined) {
    return Effect.succeed({ principal, shown: { by: "token", credential: hash.slice(0, shownHashDigits) } })
  }
  const issuers = policy.issuers.filter((issuer) => issuer.header === undefined)
  return issuers.length > 0 && jwtPattern.test(token)
    ? byJwt(asked, issuers, token, doors)
    : nobody("the bearer token is no principal's")
}

/** Enough to find the token in a policy, and nothing to find a token by. */
const shownHashDigits = 8

const jwtPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/u

/** A header that the policy names and the request has, in the order of the policy. */
const setBefore = ({ policy, request }: Asked): string | undefined =>
  policy.issuers.find((issuer) => issuer.header !== undefined && header(request.headers, issuer.header) !== undefined)
    ?.header?.toLowerCase()

/**
 * By a header that is set for the caller. A browser brings it along whoever wrote the page that asks, so that a page
 * from elsewhere is nobody; browsers name it in `Origin` wherever a request can change something (Fetch, "append a
 * request `Origin` header").
 */
const bySet = (asked: Asked, name: string, doors: Doors): Effect.Effect<Caller, Refused | TransportError> => {
  const { policy, request } = asked
  const values = request.headers.filter((one) => one[0].toLowerCase() === name).map(([, value]) => value.trim())
  const origin = header(request.headers, "origin")
  if (values.length !== 1 || !jwtPattern.test(values[0]!)) return nobody(`${name} holds no JSON Web Token`)
  if (origin !== undefined && origin.toLowerCase().replace(/^https?:\/\//u, "") !== hostOf(request).toLowerCase()) {
    return nobody(`${name} comes with a page of another origin`)
  }
  const issuers = policy.issuers.filter((issuer) => issuer.header?.toLowerCase() === name)
  return byJwt(asked, issuers, values[0]!, doors)
}

const byJwt = (
  { policy, now }: Asked,
  issuers: ReadonlyArray<Issuer>,
  token: string,
  { jwts }: Doors,
): Effect.Effect<Caller, Refused | TransportError> =>
  Effect.flatMap(jwts(), ({ read }) => read(issuers, token, now)).pipe(
    Effect.catchTag("Unacceptable", ({ why }) => nobody(why)),
    Effect.flatMap((payload) => {
      const principal = holderOf(policy, String(payload["iss"]), payload)
      return principal === undefined
        ? nobody("no principal has the claims of the JSON Web Token")
        : Effect.succeed<Caller>({ principal, shown: shownOf(payload) })
    }),
  )

const shownOf = ({ sub, email, jti }: Readonly<Record<string, unknown>>): Shown => {
  const told = (name: "subject" | "email" | "jti", claim: unknown) =>
    typeof claim === "string" ? { [name]: short(oneLine(claim.slice(0, 1000))) } : {}
  return { by: "jwt", ...told("subject", sub), ...told("email", email), ...told("jti", jti) }
}

const byKey = (
  { policy, request, now }: Asked,
  { hashes, signKeyOf, issuing }: Doors,
): Effect.Effect<Caller, Refused> => {
  let holder: { readonly principal: Principal; readonly issued: Issued } | undefined
  const result = verify(request, {
    secretKeyOf: (id, token) => {
      const principal = holdersOf(policy).byKey.get(id)
      if (principal !== undefined && issuing !== undefined) {
        holder = { principal, issued: issuing.secretOf(id, token) }
      }
      return holder?.issued
    },
    now,
    hashes,
    signKeyOf,
  })
  if (Result.isFailure(result)) return Effect.fail(unauthenticated(refusals[result.failure._tag], why(result.failure)))
  if (holder === undefined) return nobody("no principal has the key")
  const { principal, issued } = holder
  const verified = result.success
  // Only now is it known that the expiry is the one that was issued
  if ("expires" in issued && now >= issued.expires) {
    return Effect.fail(unauthenticated(expiredToken, "the session token has expired"))
  }
  if (verified.keyTime.end - verified.keyTime.start > maxSignatureSeconds) {
    return Effect.fail(unauthenticated(tooLong, `the signature holds longer than ${maxSignatureSeconds} seconds`))
  }
  const loose = policy.accept.has("unsigned-parts") ? undefined : looseIn(request, verified)
  return loose === undefined
    ? Effect.succeed({ principal, shown: { by: "key", credential: verified.secretId }, verified })
    : Effect.fail(unauthenticated(notWhole, loose))
}

const notWhole = {
  code: "AccessDenied",
  message: "Access Denied. Sign the host, all parameters, and the Content-MD5 of a body.",
}

const tooLong = { code: "AccessDenied", message: "Access Denied. The signature holds for more than a day." }

/** Code from Tencent/flare; wording assumed. */
const expiredToken = { code: "ExpiredToken", message: "The security token you provided has expired." }

/**
 * What whoever saw a signed request could make another request of. Method and path are always signed. The proxy sends
 * core's own encoding of what it read, and no header of the request: so nothing else is looked at.
 */
const looseIn = (
  request: HttpRequest<Measured>,
  { signedHeaders, unsignedHeaders, unsignedParameters }: Verified,
): string | undefined => {
  // The token belongs to the key, and several SDKs add it when all is signed
  const parameter = unsignedParameters.find((name) => name !== tokenName)
  const condition = unsignedHeaders.find((name) => name === "if-match" || name === "if-none-match")
  // A name may be signed as empty that the request does not have
  const isBound = signedHeaders.includes("content-md5") && (header(request.headers, "content-md5") ?? "") !== ""
  if (!signedHeaders.includes("host")) return "the signature leaves the host out"
  if (parameter !== undefined) return "the signature leaves a parameter out"
  if (condition !== undefined) return `the signature leaves ${condition} out`
  if (!isBound && request.body.length !== 0 && bringsBody.has(request.method)) {
    return "the signature leaves the body out: Content-MD5 is missing or not signed"
  }
  return undefined
}

const bringsBody: ReadonlySet<string> = new Set(["PUT", "POST"])

/**
 * A request that was seen can be sent again for as long as its signature holds. SDKs sign for minutes, at most hours
 * (cos-python-sdk-v5: 10,000 seconds); a day is this project's own limit.
 */
export const maxSignatureSeconds = 24 * 60 * 60

const why = (failure: VerifyFailure): string => {
  if (failure._tag === "Missing") return "no credentials"
  return failure._tag === "Malformed" ? `${failure.field} is ${failure.problem}` : `the signature is ${failure._tag}`
}

const unauthenticated = (refusal: Refused["refusal"], why: string): Refused =>
  new Refused({ outcome: "unauthenticated", refusal, why })

/** As COS says it to the anonymous. */
const nobody = (why: string): Effect.Effect<never, Refused> => Effect.fail(unauthenticated(refusals.Missing, why))
