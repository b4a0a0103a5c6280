/** The words of COS's codes, for whoever answers as COS does. */
import type { Refusal } from "../core/signing/mod.ts"

/** Assumed: an empty id of PUT, POST or DELETE. Of GET it means LIST (observed: coscli cmd/bucket_inventory.go). */
export const noId: Refusal = { code: "InvalidArgument", message: "The parameter id is missing or empty." }
/** Assumed: the id of the query and the id of the body differ. */
export const otherId: Refusal = {
  code: "InvalidArgument",
  message: "The id of the query and the Id of the body are not the same.",
}

/** The words of the other codes. MalformedXML is captured (cos-nodejs-sdk-v5 issue 29); the others are assumed. */
export const messages = {
  NoSuchBucket: "The specified bucket does not exist.",
  InvalidDigest: "The Content-MD5 you specified is not valid.",
  BadDigest: "The Content-MD5 you specified did not match what we received.",
  MissingContentMD5: "The request has no Content-MD5.",
  MissingRequestBodyError: "Request body is empty.",
  MalformedXML: "The XML you provided was not well-formed or did not validate against our published schema.",
  InventoryConfigurationNotFoundError: "The specified inventory configuration does not exist.",
  InventoryFull: "The bucket has the maximum number of inventory configurations.",
  SlowDown: "Please reduce your request rate.",
  DuplicateInventoryId: "The inventory id is used by a periodic inventory, or was submitted within a day.",
} as const

export const refusalOf = (code: keyof typeof messages): Refusal => ({ code, message: messages[code] })
