/**
 * The one table of COS error codes: what a client makes of a code, and what the local COS answers with it.
 *
 * Sources: "7730" is the error code page, "7730 old" its earlier Chinese list, "flare" Tencent/flare `cos_status.cc`
 * (a copy of the official list), others as named. A code that is not here is kept whole and judged by its status.
 */

import { resourceForm } from "./bucket.ts"
import { maxRulesPerBucket } from "./limits.ts"
import { refusals } from "./signing/mod.ts"

/** What a failure means to the caller; exit codes and retries are read from it, never from a code. */
export type Reason =
  | "not-found"
  | "denied"
  | "signature"
  | "clock"
  | "invalid"
  | "conflict"
  | "full"
  | "throttled"
  | "unavailable"
  | "redirect"
  | "unsupported"
  | "unknown"

/** What a client makes of a COS error code, and the HTTP status the local COS answers it with. */
export interface Code {
  readonly status: number
  readonly reason: Reason
  readonly retryable: boolean
  /** What to do about it, one sentence without a full stop. */
  readonly advice: string
  readonly source: string
}

const row = (status: number, reason: Reason, advice: string, source = "7730"): Code => ({
  status,
  reason,
  retryable: reason === "throttled" || reason === "unavailable",
  advice,
  source,
})

const { Expired } = refusals
const expired = row(
  403,
  "clock",
  "Set this machine's clock; of a link that was signed earlier, make a new one",
  "cos-php-sdk-v5 pull request 153; as a code: flare",
)
const listRules = "List the rules of the bucket to see which ids exist"
const checkXml = "Check the document"
const checkKeys = "Check which key and which bucket policy apply"

/** COS error codes by name; `source` says where each is known from. */
export const codes: Readonly<Record<string, Code>> = {
  // Inventory
  InventoryConfigurationNotFoundError: row(404, "not-found", listRules, "flare; status as the Node SDK's live test"),
  InventoryFull: row(
    400,
    "full",
    `Delete rules that are no longer needed: a bucket holds at most ${maxRulesPerBucket}`,
    "flare",
  ),
  /** Page 46869 says "duplication error"; the code is in the Python SDK's live test; its status is assumed. */
  DuplicateInventoryId: row(
    400,
    "conflict",
    "Choose another id: one may not repeat within a day, nor equal a periodic rule's",
    "python ut/test.py:1954",
  ),

  // Redirects
  PermanentRedirect: row(301, "redirect", "Use the endpoint of the bucket's own region"),
  TemporaryRedirect: row(307, "redirect", "Use the endpoint of the bucket's own region"),
  Redirect: row(307, "redirect", "Use the endpoint of the bucket's own region"),

  // 400
  ActionAccelerateNotSupported: row(400, "invalid", "Use the bucket's regional endpoint, not the accelerate one"),
  BadDigest: row(400, "invalid", "Something between changed the body: send it again, and look at proxies"),
  BucketNameTooLong: row(400, "invalid", "Shorten the bucket name: the default host has at most 60 characters"),
  EntityTooLarge: row(400, "invalid", "Send a smaller document"),
  EntityTooSmall: row(400, "invalid", checkXml),
  EntitySizeNotMatch: row(400, "invalid", "Content-Length and body differ: look at proxies"),
  ExpiredToken: row(400, "denied", "Get new temporary keys", "flare; 403 in 7730 old"),
  IncompleteBody: row(400, "invalid", "The body was cut on its way: send it again"),
  InvalidArgument: row(400, "invalid", "Check the values of the request"),
  InvalidBucketName: row(400, "invalid", "Write the bucket as <name>-<appid>"),
  InvalidCopySource: row(400, "invalid", "Write the source as <bucket>.cos.<region>.myqcloud.com/<key>"),
  InvalidDigest: row(400, "invalid", "Content-MD5 must be the base64 form of 16 bytes"),
  InvalidObjectName: row(400, "invalid", "Check the object key", "flare"),
  InvalidPart: row(400, "invalid", "Check the list of parts: numbers, ETags, and that none is missing"),
  InvalidPartOrder: row(400, "invalid", "List the parts in the order of their numbers"),
  InvalidRegionName: row(400, "invalid", "Check the region's spelling"),
  InvalidRequest: row(400, "invalid", "Check the request as it was sent"),
  InvalidTag: row(400, "invalid", "Check the tags of the filter"),
  InvalidURI: row(400, "invalid", "Check the endpoint and the id"),
  KeyTooLong: row(400, "invalid", "Shorten the object key"),
  MalformedXML: row(400, "invalid", checkXml),
  MissingContentMD5: row(400, "invalid", "Send Content-MD5 with the body", "7730 old"),
  MissingHost: row(400, "invalid", "Send a Host header", "7730 old"),
  MissingRequestBodyError: row(400, "invalid", "Send the configuration as the body"),
  NotSupportedStorageClass: row(400, "invalid", "Check the storage class", "flare"),
  RequestTimeout: row(400, "unavailable", "Try again: the request took too long to arrive"),
  RequestTimeOut: row(400, "unavailable", "Try again: the request took too long to arrive", "7730 old spelling"),
  TargetBucketNameInvalid: row(400, "invalid", `Check the destination bucket: ${resourceForm}`),
  TooManyBuckets: row(400, "full", "An account holds at most 200 buckets"),
  UnexpectedContent: row(400, "invalid", "Send no body with this request"),
  XMLSizeLimit: row(400, "invalid", "Send a smaller document"),

  // 402, 403
  PaymentRequired: row(402, "denied", "Settle the account's bill"),
  AccessDenied: row(403, "denied", checkKeys),
  AccessForbidden: row(403, "denied", "The bucket's CORS rules refuse this origin"),
  InvalidAccessKeyId: row(
    403,
    "denied",
    "Check the secret id, and for temporary keys that the session token belongs to it and has not expired",
  ),
  InvalidObjectState: row(403, "conflict", "Restore the archived object first"),
  [Expired.message]: expired,
  RequestTimeTooSkewed: row(403, "clock", "Set this machine's clock"),
  SignatureDoesNotMatch: row(403, "signature", "Check the secret key, and what may rewrite requests on their way"),
  UserNotSourceBucketOwner: row(403, "denied", checkKeys),
  UserNotTargetBucketOwner: row(403, "denied", "Use a destination bucket of the same account"),

  // 404
  NoSuchBucket: row(404, "not-found", "Check the bucket's name and region"),
  NoSuchCORSConfiguration: row(404, "not-found", "Set the bucket's CORS rules first"),
  NoSuchCopySource: row(404, "not-found", "Check the source's bucket, region and key", "flare"),
  NoSuchKey: row(404, "not-found", "Check the object key"),
  NoSuchUpload: row(404, "not-found", "Check the upload id: the upload may have been completed or aborted"),
  NoSuchVersion: row(404, "not-found", "Check the version id", "7730; 400 in 7730 old"),

  // 405 and later
  MethodNotAllowed: row(405, "unsupported", "This endpoint does not take the request: check the endpoint"),
  BucketAlreadyExists: row(409, "conflict", "Choose another bucket name"),
  BucketAlreadyOwnedByYou: row(409, "conflict", "The bucket is yours already", "flare; python ut/test.py"),
  BucketNotEmpty: row(409, "conflict", "Empty the bucket first"),
  FileAlreadyExists: row(409, "conflict", "Choose another key, or allow to overwrite the object", "page 139742"),
  InvalidBucketState: row(409, "conflict", "Check the bucket's versioning state"),
  PathConflict: row(409, "conflict", "Check the object path"),
  MissingContentLength: row(411, "invalid", "Send Content-Length"),
  PreconditionFailed: row(412, "conflict", "Read the current state again"),
  InvalidRange: row(416, "invalid", "Check the range"),
  UnavailableForLegalReasons: row(451, "denied", "Ask Tencent Cloud support"),
  DomainAuditFailed: row(451, "denied", "Ask Tencent Cloud support"),
  InternalError: row(500, "unavailable", "Try again in a moment"),
  NotImplemented: row(501, "unsupported", "The endpoint does not offer this operation: check the endpoint"),
  ServiceUnavailable: row(503, "unavailable", "Try again in a moment"),
  SlowDown: row(503, "throttled", "Send fewer requests a second"),
}

/**
 * The row of a code; for an unknown code, what its status alone says. COS says that a signature's time is over in the
 * message of an AccessDenied alone, so the message counts where it is known.
 */
export const codeOf = (code: string, status: number, message = ""): Code =>
  code === Expired.code && message.trim().startsWith(Expired.message) ? expired : rowOf(code, status)

const rowOf = (code: string, status: number): Code =>
  Object.hasOwn(codes, code) ? codes[code]! : row(status, reasonOfStatus(status), adviceOfStatus(status), "status")

export const reasonOfStatus = (status: number): Reason => {
  if (status >= 300 && status < 400) return "redirect"
  if (status === 401 || status === 403) return "denied"
  if (status === 404) return "not-found"
  if (status === 409 || status === 412) return "conflict"
  if (status === 429) return "throttled"
  if (status === 501 || status === 405) return "unsupported"
  if (status >= 500) return "unavailable"
  return status >= 400 ? "invalid" : "unknown"
}

const adviceOfStatus = (status: number): string =>
  status >= 500 ? "Try again in a moment" : "Look the code up in the COS error code page (436/7730)"
