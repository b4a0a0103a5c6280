/**
 * Every choice of the local COS that no document and no public SDK settles, each in one place, so that it can be
 * changed when somebody tries it against the service. The order of checks, also assumed, is `checks.ts`.
 */
import type { Finding } from "../../core/lint/finding.ts"
import { optionalFields } from "../../core/limits.ts"
import { type Refusal, refusals } from "../../core/signing/mod.ts"

export { incompleteBody, methodNotAllowed as otherMethod } from "../answer.ts"
export { noId, otherId, refusalOf } from "../refusals.ts"

/** Assumed: a bucket that is asked for at another region's host does not exist there. */
export const wrongRegion = "NoSuchBucket"

/** Assumed: the greatest page of GET Service; `max-keys` asks for smaller ones. */
export const bucketsPerPage = 2000

/** Observed: a request with a body that leaves these unsigned gets a 403 in strict mode (PicGo-Core pull request 182). */
export const strictHeaders: ReadonlySet<string> = new Set(["content-type", "content-length"])
/** Assumed: so does any request that leaves a header of COS's own unsigned, but for the session token, or the host. */
export const strictPrefix = "x-cos-"
export const strictHost = "host"
/** Assumed: strict mode also wants every parameter signed. */
export const strictParameters = true
/** Assumed: the code and the words of that 403. */
export const notStrict: Refusal = {
  code: "AccessDenied",
  message: "Access Denied. The bucket requires that headers and parameters are signed",
}

/** Assumed: what the local COS does not perform is refused as not implemented, which no COS answers for a real operation. */
export const otherOperation = (name: string): Refusal => ({
  code: "NotImplemented",
  message: `This local COS does not implement "${name}".`,
})
/** Code and words as captured ("Access Denied."); that a policy is answered alike is assumed. */
export const denied: Refusal = refusals.Missing
/** Code from page 7730; that it is the answer here, and its wording, are assumed. */
export const onAccelerate: Refusal = {
  code: "ActionAccelerateNotSupported",
  message: "The accelerate endpoint does not support this operation.",
}

/** Assumed: a continuation token that this bucket never gave. */
export const unknownToken: Refusal = { code: "InvalidArgument", message: "The continuation-token is invalid." }
/** Assumed: the words of InvalidArgument for a rule whose meaning is wrong. */
export const invalidArgument = ({ path, message, found }: Finding): Refusal => ({
  code: "InvalidArgument",
  message: `${path}: ${message}${found === undefined ? "" : ` (${found})`}`,
})

/** Assumed: deleting what is not there answers like deleting (weakly observed: python ut/test.py:1941). */
export const missingDeleteStatus = 204
/** Assumed: a bucket without rules lists as an empty result, not as an error (page 74114 prints a total of 0). */
export const emptyListStatus = 200
/** Assumed: Content-MD5 may be left out; page 7728 requires it, but the Java SDK sends none (COSClient.java:3742). */
export const contentMd5Required: boolean = false

/**
 * Assumed: the greatest document that names 1000 objects or 10000 parts, which in other documents' 1 MiB would not find
 * room: keys are escaped, and SDKs indent.
 */
export const maxLongDocumentBytes = 4 * 1024 * 1024
/** Assumed: an element that the documented form does not have, or has once, or that is missing. */
export const malformed = (what: string): Refusal => ({
  code: "MalformedXML",
  message: `The XML you provided did not validate against our published schema: ${what}.`,
})
/** The local COS's own limit, in words that say so; the code is that of a body too large for COS itself. */
export const noRoom = ({ cap, used }: { readonly cap: number; readonly used: number }): Refusal => ({
  code: "EntityTooLarge",
  message: `This local COS keeps bodies in memory, and ${used} of its ${cap} bytes are taken; start it with --data.`,
})

/** Findings about shape: they make a document one that "did not validate against our published schema". */
export const shapeFindings: ReadonlySet<string> = new Set([
  "repeated-element",
  "element-in-text",
  "text-in-container",
  "namespaces-too-long",
  "not-flag",
  "not-integer",
  "not-time",
  "required",
  "id-empty",
])

/**
 * Findings that the service is known or assumed to let pass, because shipping clients send such bodies.
 *
 * - `filter-empty`: `<Filter><And></And></Filter>` (recorded)
 * - `unknown-element`, `unknown-element-kept`, `extra-form`: `<SSECOS>` (python ut/test.py:1789)
 * - `tag-repeated`, `text-lines`: nobody says that COS minds
 */
const unenforced: ReadonlySet<string> = new Set([
  "filter-empty",
  "unknown-element",
  "unknown-element-kept",
  "extra-form",
  "tag-repeated",
  "text-lines",
])

/** Assumed: a known field is taken in any case, since SDKs send `SIZE` (.NET live test) and `Etag` (Android). */
const isKnownField = (field: string): boolean =>
  optionalFields.some((known) => known.toLowerCase() === field.toLowerCase())

export const isEnforced = ({ code, severity, found }: Finding): boolean =>
  severity === "error" && !unenforced.has(code) && !(code === "field-known" && isKnownField(found ?? ""))
