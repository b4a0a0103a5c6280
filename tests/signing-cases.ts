/** Requests, keys and times for the signing tests. */
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import type { HttpRequest } from "../core/http.ts"
import { type Form, presign, type Secret, sign, type Signer, type Verifier, verify } from "../core/signing/mod.ts"
import { writeTarget } from "../core/wire/target.ts"

export const host = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"
export const secretId = "AKIDexample"
export const secretKey = "sEcReTkEy0123456789"
export const keyTime = { start: 1557989753, end: 1557996953 }
/** A moment within the key time. */
export const now = keyTime.start + 100

export const signer: Signer = { secretId, secretKey, keyTime, hashes }
export const verifier: Verifier = { secretKeyOf: knows(secretId, { secretKey }), now, hashes }

export function knows(id: string, secret: Secret): Verifier["secretKeyOf"] {
  return (asked) => asked === id ? secret : undefined
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const request = (
  method: string,
  target: string,
  headers: HttpRequest["headers"] = [],
  body = "",
): HttpRequest => ({
  method,
  origin: `https://${host}`,
  target,
  headers,
  body: bytes(body),
})

/** The request with its signature in one of the three places. */
export const signedAs = (form: Form, request: HttpRequest, with_: Signer = signer): HttpRequest =>
  form === "header"
    ? { ...request, headers: [...request.headers, ["Authorization", sign(request, with_)]] }
    : presign(request, with_, { form })

export const forms: ReadonlyArray<Form> = ["header", "query", "merged"]

export const accepts = (request: HttpRequest, with_: Verifier = verifier): boolean =>
  verify(request, with_)._tag === "Success"

/** The `_tag` of the failure, or `Success`. */
export const verdict = (request: HttpRequest, with_: Verifier = verifier): string => {
  const result = verify(request, with_)
  return result._tag === "Success" ? "Success" : result.failure._tag
}

const text = Schema.String.check(Schema.isMaxLength(12))
const headerValue = Schema.String.check(Schema.isPattern(/^[!-~]{1,6}( [!-~]{1,6})?$/u))
const metaName = Schema.String.check(Schema.isPattern(/^x-cos-[a-z]{1,6}$/u))

/** Requests of any shape: repeated and valueless parameters, any characters in path, names and values. */
export const Draft = Schema.Struct({
  method: Schema.Literals(["GET", "PUT", "POST", "DELETE", "HEAD"]),
  path: Schema.Array(text).check(Schema.isMaxLength(4)),
  parameters: Schema.Array(Schema.Tuple([text, Schema.UndefinedOr(text)])).check(Schema.isMaxLength(6)),
  headers: Schema.Array(Schema.Tuple([metaName, headerValue])).check(Schema.isMaxLength(4)),
  contentType: Schema.optionalKey(headerValue),
  port: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65535 }))),
  body: Schema.String,
})
export type Draft = typeof Draft.Type

export const requestOf = (draft: Draft): HttpRequest => ({
  method: draft.method,
  origin: `http://${host}${draft.port === undefined ? "" : `:${draft.port}`}`,
  target: writeTarget(`/${draft.path.join("/")}`, draft.parameters),
  headers: draft.contentType === undefined ? draft.headers : [...draft.headers, ["Content-Type", draft.contentType]],
  body: bytes(draft.body),
})
