import * as Result from "effect/Result"
import type { HttpRequest, Measured } from "../http.ts"
import { maxSkewSeconds } from "../limits.ts"
import type { Hashes } from "../ports.ts"
import { type Claim, type Form, readClaim } from "./authorization.ts"
import { type Item, textOf } from "./canonical.ts"
import { headerItems, parameterItems, tokenName, withoutToken } from "./covered.ts"
import type { VerifyFailure } from "./failure.ts"
import { type KeyTime, readKeyTime } from "./keytime.ts"
import { divide, type Division, namesOf, otherOrders } from "./listed.ts"
import * as Signature from "./signature.ts"

export interface Secret {
  readonly secretKey: string
  /** Of temporary keys: then a request must bring this very token. */
  readonly sessionToken?: string
}

export interface Verifier {
  /** `token` is the session token that the request brings. */
  readonly secretKeyOf: (secretId: string, token: string | undefined) => Secret | undefined
  /** Epoch seconds. */
  readonly now: number
  readonly hashes: Hashes
  /** How far in the future a signature may begin. */
  readonly maxSkewSeconds?: number
  /** Where signing keys are kept; derived afresh each time when absent. */
  readonly signKeyOf?: Signature.SignKeyOf
}

/** Names are percent-encoded and in lower case. */
export interface Verified {
  readonly secretId: string
  readonly form: Form
  readonly keyTime: KeyTime
  readonly signedHeaders: ReadonlyArray<string>
  readonly signedParameters: ReadonlyArray<string>
  /** What the request has but the signature does not cover: anyone can have added it. */
  readonly unsignedHeaders: ReadonlyArray<string>
  readonly unsignedParameters: ReadonlyArray<string>
}

/**
 * Checks the signature of a request, in whichever of the three forms it has.
 *
 * The signed text is rebuilt from the lists that the client names, because signing a part is legal: most documented
 * examples leave `id` unsigned. No failure holds a key, a token or a signature.
 */
export const verify = (request: HttpRequest<Measured>, verifier: Verifier): Result.Result<Verified, VerifyFailure> => {
  const read = readClaim(request)
  return Result.isFailure(read) ? Result.fail(read.failure) : check(request, read.success, verifier)
}

/** The order in which COS looks at these is documented by nobody; this one is assumed, and written only here. */
const check = (
  request: HttpRequest<Measured>,
  claim: Claim,
  verifier: Verifier,
): Result.Result<Verified, VerifyFailure> => {
  const { fields } = claim
  const signTime = readKeyTime(fields["q-sign-time"])
  if (signTime === undefined) return unreadable("q-sign-time")
  const keyTime = fields["q-key-time"] === fields["q-sign-time"] ? signTime : readKeyTime(fields["q-key-time"])
  if (keyTime === undefined) return unreadable("q-key-time")

  const headers = headerItems(request)
  const parameters = parameterItems(claim.parameters)
  const token = tokenOf(claim.form, headers, parameters)
  const secret = verifier.secretKeyOf(fields["q-ak"], token)
  if (secret === undefined) return Result.fail({ _tag: "UnknownKey" })

  const { now } = verifier
  const start = Math.max(signTime.start, keyTime.start)
  const end = Math.min(signTime.end, keyTime.end)
  if (start > now + (verifier.maxSkewSeconds ?? maxSkewSeconds)) return Result.fail({ _tag: "TooSkewed", start, now })
  if (now > end) return Result.fail({ _tag: "Expired", end, now })

  if (token === undefined && secret.sessionToken !== undefined) {
    return Result.fail({ _tag: "Token", problem: "missing" })
  }
  if (!same(token ?? "", secret.sessionToken ?? "")) return Result.fail({ _tag: "Token", problem: "wrong" })

  const { hashes, signKeyOf = (_, key, time) => Signature.signKey(hashes, key, time) } = verifier
  const signKey = signKeyOf(fields["q-ak"], secret.secretKey, fields["q-key-time"])
  const covered = {
    headers: divide(headers, fields["q-header-list"]),
    parameters: divide(parameters, fields["q-url-param-list"]),
  }
  const mismatch = compare(request.method, claim, covered, signKey, hashes)
  return mismatch === undefined
    ? Result.succeed({
      secretId: fields["q-ak"],
      form: claim.form,
      keyTime: { start, end },
      signedHeaders: namesOf(covered.headers.signed),
      signedParameters: namesOf(covered.parameters.signed),
      unsignedHeaders: namesOf(covered.headers.unsigned),
      unsignedParameters: namesOf(covered.parameters.unsigned),
    })
    : Result.fail(mismatch)
}

const unreadable = (field: string) => Result.fail({ _tag: "Malformed", field, problem: "unreadable" } as const)

type Items = ReadonlyArray<Item>

/** With the signature in the query the token is a parameter, else a header (page 7778). */
const tokenOf = (form: Form, headers: Items, parameters: Items): string | undefined => {
  const isToken = ({ name }: Item) => name === tokenName
  return (form === "header" ? undefined : parameters.find(isToken)?.value) ?? headers.find(isToken)?.value
}

interface Covered {
  readonly headers: Division
  readonly parameters: Division
}

/** Nothing when the signature is that of the covered part. */
const compare = (
  method: string,
  { fields, path }: Claim,
  covered: Covered,
  signKey: string,
  hashes: Hashes,
): VerifyFailure | undefined => {
  const compute = (headers: Items, parameters: Items) => {
    const formatString = Signature.httpString(method, path, textOf(parameters), textOf(headers))
    const stringToSign = Signature.stringToSign(hashes, fields["q-sign-time"], formatString)
    const signature = Signature.signature(hashes, signKey, stringToSign)
    return { formatString, stringToSign, isGood: same(signature, fields["q-signature"]) }
  }
  const { formatString, stringToSign, isGood } = compute(covered.headers.signed, covered.parameters.signed)
  return isGood || alternatives(covered).some(([headers, parameters]) => compute(headers, parameters).isGood)
    ? undefined
    : { _tag: "Mismatch", stringToSign, formatString: withoutToken(formatString) }
}

/**
 * What else a client may have signed: another order of parameters, or a host without the port it connects to, which
 * some leave out (observed).
 */
const alternatives = ({ headers, parameters }: Covered): ReadonlyArray<readonly [Items, Items]> => {
  const portless = headers.signed.some(isHostWithPort) ? [headers.signed.map(withoutPort)] : []
  const orders = [parameters.signed, ...otherOrders(parameters)]
  return [headers.signed, ...portless].flatMap((side) => orders.map((order) => [side, order] as const)).slice(1)
}

const port = /:\d+$/
const isHostWithPort = ({ name, value }: Item): boolean => name === "host" && port.test(value)
const withoutPort = (item: Item): Item => isHostWithPort(item) ? { ...item, value: item.value.replace(port, "") } : item

/** Equality in a time that depends on the lengths alone, so that a signature cannot be guessed digit by digit. */
const same = (a: string, b: string): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}
