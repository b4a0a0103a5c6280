/**
 * Every choice about objects that no document and no public SDK settles, each in one place, so that it can be changed when
 * somebody tries it against the service. Where the code itself is documented, its use or its words are what is assumed.
 */
import type { Refusal } from "../../../core/signing/mod.ts"
import { refusalOf } from "../assumptions.ts"
import { maxBodyBytes, maxKeyBytes, maxMetaBytes, maxTags, trafficLimit } from "./limits.ts"

/** The words are captured ("The specified key does not exist."). A delete marker is answered so too (page 36716: 404). */
export const noSuchKey: Refusal = { code: "NoSuchKey", message: "The specified key does not exist." }
/** Code and status from page 7730. */
export const noSuchVersion: Refusal = { code: "NoSuchVersion", message: "The specified version does not exist." }
/** Pages 7742, 7750 and 7740 name it; that an upload is found under its own key alone is assumed. */
export const noSuchUpload: Refusal = { code: "NoSuchUpload", message: "The specified multipart upload does not exist." }

/** A parameter `versionId` without a value, which could be meant as any version. */
export const emptyVersionId: Refusal = { code: "InvalidArgument", message: "The versionId may not be empty." }
/** One that could not stand in the header that repeats it. */
export const badVersionId: Refusal = { code: "InvalidArgument", message: "The versionId is not valid." }

/** Page 13324 has the limit. */
export const keyTooLong: Refusal = {
  code: "KeyTooLong",
  message: `Your key is too long: it may have ${maxKeyBytes} bytes.`,
}
/** Page 13324 forbids such keys; which code says so is assumed. Reading one finds nothing. */
export const invalidName: Refusal = {
  code: "InvalidObjectName",
  message: "An object key may not begin with a slash or a backslash, nor hold the control characters 24 to 27.",
}

/** A name in this local COS's own words: what it cannot do it never passes over in silence. */
export const headerNotImplemented = (name: string): Refusal => ({
  code: "NotImplemented",
  message: `This local COS does not implement the header "${name}".`,
})
/**
 * There are no access control lists here: whoever signs may do everything that the bucket does not deny. These two values
 * ask for no more than that, and any other is not implemented.
 */
export const acls: ReadonlySet<string> = new Set(["", "default", "private"])

/** Codes of an object's attributes that are not taken. Upper and lower case are the same in a storage class. */
export const unknownStorageClass = (name: string): Refusal => ({
  code: "NotSupportedStorageClass",
  message: `The storage class "${name}" is not supported.`,
})
export const unknownEncryption = (name: string): Refusal => ({
  code: "InvalidArgument",
  message: `The encryption algorithm "${name}" is not supported.`,
})
/** Page 7749 has the limit; what is counted is assumed: names without `x-cos-meta-`, and values. */
export const metaTooLarge: Refusal = {
  code: "InvalidArgument",
  message: `Your metadata headers exceed the maximum of ${maxMetaBytes} bytes.`,
}
/** Page 7749: underscores are not supported in these names. */
export const metaName = (name: string): Refusal => ({
  code: "InvalidArgument",
  message: `The name of the header "${name}" may hold letters, digits and hyphens.`,
})
/** What an object has that was put without a type. */
export const defaultType = "application/octet-stream"

/** Page 7749: 400 beyond the range. The speed itself is not limited here. */
export const badTrafficLimit: Refusal = {
  code: "InvalidArgument",
  message: `The x-cos-traffic-limit must be a number from ${trafficLimit.min} to ${trafficLimit.max}.`,
}
/**
 * The header is not on the pages that could be read; public code says that PUT and Complete take it, that the answer is a
 * 409 FileAlreadyExists (a code of page 139742), and that it does nothing once versioning was turned on. That an Initiate
 * with it is refused at once, and holds for its Complete, is assumed.
 */
export const wouldOverwrite: Refusal = {
  code: "FileAlreadyExists",
  message: "The object exists, and the request forbids to overwrite it.",
}
export const badFlag = (name: string): Refusal => ({
  code: "InvalidArgument",
  message: `The value of ${name} must be true or false.`,
})

/** Page 35709 has the limits; that more than ten are refused is assumed: the page says that the new replace the old. */
export const tooManyTags: Refusal = { code: "InvalidTag", message: `An object has at most ${maxTags} tags.` }
export const badTag: Refusal = { code: "InvalidTag", message: "The key or the value of a tag is not valid." }
export const repeatedTag: Refusal = { code: "InvalidTag", message: "The keys of tags may not be repeated." }
/** An object without tags has an empty set of them, unlike a bucket. */
export const untaggedStatus = 200

/**
 * Page 7730 has the code; that it is the answer to a body of neither an announced length nor chunks, as of HTTP/1.0, is
 * assumed.
 */
export const missingContentLength: Refusal = {
  code: "MissingContentLength",
  message: "You must provide the Content-Length HTTP header.",
}
export const invalidDigest: Refusal = refusalOf("InvalidDigest")
export const badDigest: Refusal = refusalOf("BadDigest")
/** Page 7730 has the code for whatever is too large. */
export const tooLarge: Refusal = {
  code: "EntityTooLarge",
  message: `Your proposed upload exceeds the maximum of ${maxBodyBytes} bytes.`,
}

/** Status from page 7753. Where there are no bytes at all, no range can be had. */
export const invalidRange: Refusal = { code: "InvalidRange", message: "The requested range cannot be satisfied." }
/** Page 7753 supports one range; how several are answered is assumed: as if none were asked for, which HTTP allows. */
export const severalRanges = "whole" as const
/** Status from page 7753. */
export const preconditionFailed: Refusal = {
  code: "PreconditionFailed",
  message: "At least one of the preconditions you specified did not hold.",
}
export const badOverride = (name: string): Refusal => ({
  code: "InvalidArgument",
  message: `The value of response-${name.toLowerCase()} cannot stand in a header.`,
})
/** Page 7753 names the code. */
export const archived: Refusal = {
  code: "InvalidObjectState",
  message: "The object is archived and has to be restored before it can be read.",
}

/** Code from the list of page 7730. */
export const badSource: Refusal = { code: "InvalidCopySource", message: "The x-cos-copy-source is not valid." }
/** The source's bucket or key is not there, or its newest version is a delete marker (page 8287: 404). */
export const noSuchSource: Refusal = { code: "NoSuchCopySource", message: "The copy source does not exist." }
/** A version of the source that is a delete marker: page 8287 has the status, 400. */
export const markerAsSource: Refusal = {
  code: "InvalidCopySource",
  message: "A delete marker cannot be copied.",
}
/** Pages 10881 and 8287: conditions that may not be used together "return a conflict". */
export const conflictingConditions: Refusal = {
  code: "InvalidArgument",
  message: "These x-cos-copy-source-if-* headers cannot be used together.",
}
/** Page 139742 has the code for another kind of bucket. */
export const badDirective: Refusal = {
  code: "InvalidArgument",
  message: "The x-cos-metadata-directive must be Copy or Replaced.",
}
/** Page 10881: onto itself, the metadata must be replaced. A change of class or of encryption counts as one. */
export const ontoItself: Refusal = {
  code: "InvalidRequest",
  message: "An object is copied onto itself only to change its metadata, its storage class or its encryption.",
}
/** It was overwritten while its bytes were copied, so that they and its metadata would not be of one version. */
export const sourceChanged: Refusal = {
  code: "ServiceUnavailable",
  message: "The copy source changed while it was copied. Please try again.",
}
/** Whether tags go along where no header says which to set: as the metadata does. */
export const tagsAreCopied = true

/** Page 7750: 1 to 10000. */
export const badPartNumber: Refusal = {
  code: "InvalidArgument",
  message: "The partNumber must be an integer from 1 to 10000.",
}
/** Page 8287: `bytes=first-last`. */
export const badSourceRange: Refusal = {
  code: "InvalidArgument",
  message: "The x-cos-copy-source-range must have the form bytes=first-last.",
}
/** Codes from page 7742. That numbers may begin above 1 is assumed. */
export const invalidPart: Refusal = {
  code: "InvalidPart",
  message: "One or more of the specified parts could not be found, or have another ETag, or are not consecutive.",
}
export const invalidPartOrder: Refusal = {
  code: "InvalidPartOrder",
  message: "The list of parts was not in ascending order.",
}
export const partTooSmall: Refusal = {
  code: "EntityTooSmall",
  message: "A part other than the last one is smaller than the minimum size.",
}
export const badNumber = (name: string): Refusal => ({
  code: "InvalidArgument",
  message: `The ${name} must be a whole number in its range.`,
})
export const badEncoding: Refusal = { code: "InvalidArgument", message: "The encoding-type must be url." }
