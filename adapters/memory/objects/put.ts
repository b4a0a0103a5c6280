/** PUT Object (page 7749). */
import { unannounced } from "../../unannounced.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import type { Operation } from "../operation.ts"
import type { Stored, Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { attributeHeaders, type Attributes, attributesOf, encryptionHeaders, refuseAttributes } from "./attributes.ts"
import { refuseDigest, refuseDigestForm } from "./digest.ts"
import { quoted } from "./etag.ts"
import { refuseWriting } from "./headers.ts"
import { newIdentity, newVersionHeaders } from "./identity.ts"
import { maxBodyBytes } from "./limits.ts"
import { refuseName } from "./name.ts"
import { forbidOverwrite, refuseOverwriting } from "./overwriting.ts"

export const putObject: Operation = {
  name: "PutObject",
  method: "PUT",
  at: "Object",
  needs: [],
  takes: ["x-cos-traffic-limit"],
  body: "object",
  source: "page 7749",
  refuse: (facts) =>
    refuseName(facts.key()) ?? refuseWriting(facts, putHeaders) ?? refuseAttributes(facts) ?? refuseDigestForm(facts) ??
      refuseBody(facts) ?? refuseOverwriting(facts),
  perform: (facts) => {
    const stored = storedOf(facts)
    const refusal = refuseDigest(facts, stored)
    if (refusal !== undefined) return refusal
    const version = newVersion(facts, attributesOf(facts), stored)
    return {
      status: 200,
      headers: [
        ["ETag", quoted(version.etag)],
        ["x-cos-hash-crc64ecma", version.crc64],
        ...newVersionHeaders(facts.bucket(), version),
        ...encryptionHeaders(version),
      ],
      changes: [{ _tag: "VersionPut", bucket: facts.bucket().name, version }],
    }
  },
}

const putHeaders: ReadonlySet<string> = new Set([...attributeHeaders, forbidOverwrite])

export const newVersion = (facts: Facts, attributes: Attributes, stored: Stored): Version => ({
  ...newIdentity(facts.bucket(), facts.key(), facts),
  ...attributes,
  isDeleteMarker: false,
  isMultipart: false,
  etag: stored.md5,
  size: stored.size,
  crc64: stored.crc64,
  segments: stored.segments,
})

/** Before a body is taken in, by its announced length; after it, by what came. */
export const refuseBody = (facts: Facts): RefusalWithText | undefined =>
  facts.request.body === unannounced
    ? Assumed.missingContentLength
    : (facts.stored?.size ?? facts.request.body.length ?? 0) > maxBodyBytes
    ? Assumed.tooLarge
    : undefined

/** The engine takes the bodies of these operations in before they are performed. */
export const storedOf = ({ stored }: Facts): Stored => {
  if (stored === undefined) throw new Error("An operation that stores a body was performed without one")
  return stored
}
