/**
 * Every number and enumeration of COS inventory, each with its source.
 *
 * "page N" is tencentcloud.com/document/product/436/N. "Observed" was read in the code or live tests of a public SDK.
 * "Assumed" is documented by nobody; the README's table "How true it is" lists these.
 */

/** Page 30625: 1000 inventory tasks a bucket. */
export const maxRulesPerBucket = 1000
/** Assumed: a bucket with so many rules will soon be full, which its owner should hear of before a rule is refused. */
export const manyRulesPerBucket = 900
/** Page 30627: a LIST answers with at most 100 rules. */
export const rulesPerPage = 100

/** Page 30625: the documented values of `Field`; `x-cos-meta-<name>` is allowed beside them. */
export const optionalFields = [
  "Size",
  "LastModifiedDate",
  "StorageClass",
  "ETag",
  "IsMultipartUploaded",
  "ReplicationStatus",
  "Tag",
  "Crc64",
  "x-cos-meta-*",
] as const
/**
 * Page 30625: a field that names one custom header, whose name is a token of HTTP (RFC 9110). The documented
 * `x-cos-meta-*` is one by its letters too.
 */
export const metaField = /^x-cos-meta-[!#$%&'*+.^_`|~A-Z0-9-]+$/i
/** Page 30625: the owner's UIN, such as 100000000001. The pages' examples also print an APPID there, digits as well. */
export const accountIdPattern = /^[0-9]+$/u
/** UINs have 12 digits on every page, as 100000000001; an APPID such as 1250000000 has these. */
export const appidDigits = 10
/** Page 33703: inventory is not available in the regions of the finance cloud, whose names (page 6224) end so. */
export const financeRegion = /-fsi$/u

/** Page 30625. */
export const includedObjectVersions = ["All", "Current"] as const
/** Page 30625 (2026-04-14); older pages lack Monthly. */
export const frequencies = ["Daily", "Weekly", "Monthly"] as const
/** Page 30625: `MonthlyDate` is 1 to 28. */
export const monthlyDates = { min: 1, max: 28 } as const
/** Page 30625 allows CSV alone; page 30623 (2021) also names ORC. */
export const formats = ["CSV"] as const
/** Page 30625: characters of an inventory id. Its greatest length is documented nowhere. */
export const idPattern = /^[A-Za-z0-9._-]+$/u
export const idCharacters = "A-Z a-z 0-9 - _ ."

/** Epoch seconds above this (the year 5138) are read as milliseconds given by mistake. Assumed. */
export const maxEpochSeconds = 99_999_999_999

/** Assumed: no object is older than 2010; COS opened later. */
export const firstObjectSeconds = 1_262_304_000

/** Assumed: the greatest body the local COS reads as XML, and the greatest document any reader takes. */
export const maxDocumentBytes = 1024 * 1024
/** A LIST answer holds up to 100 documents and so may be larger. Assumed. */
export const maxListBytes = 16 * 1024 * 1024
/** Deeper than any COS document by far; the deepest documented one has 5 levels. */
export const maxXmlDepth = 32

/** Page 7730: a request whose time is off by more than 15 minutes is refused (`RequestTimeTooSkewed`). */
export const maxSkewSeconds = 15 * 60
/** Page 46869: one-time ids may not repeat within a day. */
export const oneTimeIdSeconds = 24 * 60 * 60

/** No COS page names one: longer than any answer about inventory takes, and short enough to wait for. Assumed. */
export const requestTimeoutSeconds = 30

/** A LIST of 1000 rules takes 10 pages; a server that keeps answering with new tokens is stopped here. */
export const maxPages = 100
