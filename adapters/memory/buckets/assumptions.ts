/**
 * What the operations on buckets and lists answer, where no document and no public SDK settles it: each choice in one
 * place. Words of refusals are assumed unless a source is named.
 */
import type { Refusal } from "../../../core/signing/mod.ts"
import { otherOperation } from "../assumptions.ts"

const refusal = (code: string, message: string): Refusal => ({ code, message })

// Buckets

/** Page 7738. */
export const ownedByYou = refusal(
  "BucketAlreadyOwnedByYou",
  "Your previous request to create the named bucket succeeded and you already own it.",
)
/** Page 7738. */
export const alreadyExists = refusal("BucketAlreadyExists", "The requested bucket name is not available.")
/** Page 13312; of a host that names no bucket, and no default bucket, the name is missing. */
export const invalidName = refusal("InvalidBucketName", "The specified bucket is not valid.")
export const nameTooLong = refusal("BucketNameTooLong", "The specified bucket name is too long.")
/** Assumed: a region whose name has not the form of one. Every region of that form is there. */
export const invalidRegion = refusal("InvalidRegionName", "The specified region is not valid.")
/** Page 7730. */
export const tooManyBuckets = refusal("TooManyBuckets", "You have attempted to create more buckets than allowed.")
/**
 * Page 7732: all data and unfinished multipart uploads must be gone first. That old versions and delete markers are data
 * too is assumed.
 */
export const notEmpty = refusal("BucketNotEmpty", "The bucket you tried to delete is not empty.")
/** A part of an operation that the local COS does not perform is refused like an operation that it does not have. */
export const withoutPart = (operation: string, part: string): Refusal => otherOperation(`${operation} with ${part}`)

// Documents

/** Page 8289, word for word. */
export const md5Missing = refusal("InvalidRequest", "Missing required header for this request: Content-MD5")
/** Page 8289, word for word. */
export const tooManyKeys = refusal("MalformedXML", "delete key size is greater than 1000")
/** Page 19889: an empty body, and any other status. */
export const versioningStatus = refusal("InvalidArgument", "The versioning status must be Enabled or Suspended.")

// CORS

/** Code and status: cos-nodejs-sdk-v5 sdk/base.js:416. */
export const noCors = refusal("NoSuchCORSConfiguration", "The CORS configuration does not exist.")
/** Page 8288 has the 403; the code is that of page 7730 for a request that the CORS rules refuse. */
export const corsForbidden = refusal("AccessForbidden", "CORSResponse: This CORS request is not allowed.")
/** Assumed: a preflight without what page 8288 requires. */
export const preflightLacks = (header: string): Refusal =>
  refusal("InvalidRequest", `Missing required header for this request: ${header}`)
/** Assumed: a rule whose values page 8279 does not allow. */
export const corsValue = (what: string): Refusal => refusal("InvalidArgument", what)
/** Assumed: a rule for every origin names none of them in its answers. */
export const everyOrigin = "*"

// Lists

/** Page 7736 for `max-uploads`; an early Tencent draft of the error codes says the same of `max-keys` above 1000. */
export const badLimit = (name: string, most: number): Refusal =>
  refusal("InvalidArgument", `${name} must be an integer from 0 to ${most}.`)
/** Page 7736; that the other lists answer alike is assumed. */
export const badEncoding = refusal("InvalidArgument", "encoding-type can only be url.")
/** The same draft: a prefix, marker or delimiter may have at most this many bytes. */
export const maxMarkerBytes = 1024
export const markerTooLong = (name: string): Refusal =>
  refusal("InvalidURI", `${name} may have at most ${maxMarkerBytes} bytes.`)
/**
 * Assumed: the marker of a page that ends with a key which XML cannot hold begins with this character and goes on
 * percent-encoded, so that a client which hands it back gets the next page, and not the same one for ever.
 */
export const encodedMarker = "\u{10fffd}"
