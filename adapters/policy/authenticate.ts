/** Who asks: by a virtual key pair that the proxy issued, or by a bearer token. */
import * as Effect from "effect/Effect"
import * as Clock from "effect/Clock"
import * as Result from "effect/Result"
import { header, type HttpRequest, type Measured } from "../../core/http.ts"
import { type Policy, type Principal } from "../../core/policy/mod.ts"
import type { Hashes } from "../../core/ports.ts"
import {
  readClaim,
  refusals,
  type SignKeyOf,
  type Verified,
  verify,
  type VerifyFailure,
} from "../../core/signing/mod.ts"
import { Refused } from "./call.ts"
import type { Issuing } from "./issuing.ts"

export interface Caller {
  readonly principal: Principal
  readonly by: "key" | "token" | "jwt"
  /** Of a caller by key. */
  readonly verified?: Verified
}

export interface Authenticate {
  /** Fails with what COS answers to such a request. */
  readonly authenticate: (policy: Policy, request: HttpRequest<Measured>) => Effect.Effect<Caller, Refused>
}

export interface Options {
  readonly hashes: Hashes
  readonly signKeyOf: SignKeyOf
  /** Without one there are no virtual keys. */
  readonly issuing?: Issuing
  /** Lower-case hex. */
  readonly sha256Hex: (text: string) => string
}

export const make = (options: Options): Authenticate => ({
  authenticate: (policy, request) => {
    const given = header(request.headers, "authorization")
    const token = given === undefined ? undefined : /^Bearer +(\S+)$/iu.exec(given)?.[1]
    return token === undefined ? byKey(policy, request, options) : byToken(policy, token, options)
  },
})

const byToken = (policy: Policy, token: string, { sha256Hex }: Options): Effect.Effect<Caller, Refused> => {
  const hash = sha256Hex(token)
  const principal = policy.principals.find(({ tokens }) => tokens.includes(hash))
  return principal === undefined
    ? Effect.fail(unauthenticated(refusals.Missing, "the bearer token is no principal's"))
    : Effect.succeed({ principal, by: "token" })
}

const byKey = (
  policy: Policy,
  request: HttpRequest<Measured>,
  { hashes, signKeyOf, issuing }: Options,
): Effect.Effect<Caller, Refused> =>
  Effect.flatMap(Clock.currentTimeMillis, (millis) => {
    const now = Math.floor(millis / 1000)
    const secretId = Result.match(readClaim(request), {
      onFailure: () => undefined,
      onSuccess: ({ fields }) => fields["q-ak"],
    })
    const principal = secretId === undefined ? undefined : policy.principals.find(({ keys }) => keys.includes(secretId))
    const result = verify(request, {
      secretKeyOf: (id) => principal === undefined ? undefined : issuing?.secretOf(id, request, now),
      now,
      hashes,
      signKeyOf,
    })
    if (Result.isFailure(result)) return Effect.fail(unauthenticated(refusalFor(result.failure), why(result.failure)))
    if (principal === undefined) return Effect.fail(unauthenticated(refusals.UnknownKey, "no principal has the key"))
    const verified = result.success
    return policy.accept.has("unsigned-parts") || isWholeSigned(verified)
      ? Effect.succeed({ principal, by: "key", verified })
      : Effect.fail(unauthenticated(notWhole, "the signature leaves the host or a parameter out"))
  })

/** A signature that leaves one of these out could be taken to another bucket or rule by whoever saw it. */
const isWholeSigned = ({ signedHeaders, unsignedParameters }: Verified): boolean =>
  signedHeaders.includes("host") && unsignedParameters.every((name) => name === "x-cos-security-token")

const notWhole = { code: "AccessDenied", message: "Access Denied. The host and all parameters have to be signed." }

const refusalFor = ({ _tag }: VerifyFailure) => refusals[_tag]

const why = (failure: VerifyFailure): string =>
  failure._tag === "Malformed" ? `${failure.field} is ${failure.problem}` : `the signature is ${failure._tag}`

const unauthenticated = (refusal: Refused["refusal"], why: string): Refused =>
  new Refused({ outcome: "unauthenticated", refusal, why })
