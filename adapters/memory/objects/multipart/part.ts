/** Upload Part (page 7750) and Upload Part - Copy (page 8287). */
import { writeTime } from "../../../../core/time.ts"
import { container, declaration, leaf } from "../../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../../checks.ts"
import type { Facts } from "../../facts.ts"
import { type Copied, isRefusal, type Operation } from "../../operation.ts"
import type { Change, Part, Stored, Upload } from "../../../store/mod.ts"
import * as Assumed from "../assumptions.ts"
import { encryptionHeaders } from "../attributes.ts"
import { sourceVersionHeaders } from "../copy.ts"
import { refuseDigest, refuseDigestForm } from "../digest.ts"
import { quoted } from "../etag.ts"
import { refuseWriting } from "../headers.ts"
import { maxBodyBytes, maxPartNumber } from "../limits.ts"
import { refuseBody, storedOf } from "../put.ts"
import { exactSpanOf } from "../range.ts"
import { copySource, type Source, sourceHeaders, sourceOf } from "../source.ts"
import { uploadOf } from "./upload.ts"

const shared = {
  method: "PUT",
  at: "Object",
  needs: ["partNumber", "uploadId"],
  takes: ["x-cos-traffic-limit"],
} as const

export const uploadPart: Operation = {
  ...shared,
  name: "UploadPart",
  body: "object",
  source: "page 7750",
  refuse: (facts) =>
    refuseWriting(facts, partHeaders) ?? refusePart(facts) ?? refuseDigestForm(facts) ?? refuseBody(facts),
  perform: (facts) => {
    const upload = uploadOf(facts)
    if (isRefusal(upload)) return upload
    const stored = storedOf(facts)
    const refusal = refuseDigest(facts, stored)
    if (refusal !== undefined) return refusal
    return {
      status: 200,
      headers: [
        ["ETag", quoted(stored.md5)],
        ["x-cos-hash-crc64ecma", stored.crc64],
        ...encryptionHeaders(upload),
      ],
      changes: [partPut(facts, upload, stored)],
    }
  },
}

/** What is encrypted was said when the upload began; the Node SDK says it again of each part (sdk/advance.js:675). */
const partHeaders: ReadonlySet<string> = new Set(["x-cos-server-side-encryption"])

export const uploadPartCopy: Operation = {
  ...shared,
  name: "UploadPartCopy",
  needsHeader: copySource,
  body: "none",
  source: "page 8287",
  refuse: (facts) => refuseWriting(facts, copyHeaders) ?? refusePart(facts),
  copies: (facts) => {
    const source = sourceOf(facts)
    return isRefusal(source) ? source : spanOf(facts, source)
  },
  perform: (facts) => {
    const upload = uploadOf(facts)
    if (isRefusal(upload)) return upload
    const source = sourceOf(facts)
    if (isRefusal(source)) return source
    const stored = storedOf(facts)
    return {
      status: 200,
      headers: [
        ["x-cos-hash-crc64ecma", stored.crc64],
        ...sourceVersionHeaders(source),
        ...encryptionHeaders(upload),
      ],
      body: declaration + container(
        "CopyPartResult",
        leaf("ETag", quoted(stored.md5)) + leaf("CRC64", stored.crc64) +
          leaf("LastModified", writeTime(Math.floor(facts.now / 1000))),
      ),
      changes: [partPut(facts, upload, stored)],
    }
  },
}

const sourceRange = "x-cos-copy-source-range"

const copyHeaders: ReadonlySet<string> = new Set([...partHeaders, ...sourceHeaders, sourceRange])

const spanOf = (facts: Facts, { version: { segments, size } }: Source): Copied | RefusalWithText => {
  const range = facts.header(sourceRange) ?? ""
  const span = range === "" ? { start: 0, end: size } : exactSpanOf(range, size)
  if (span === "malformed") return Assumed.badSourceRange
  if (span === "beyond") return Assumed.invalidRange
  return span.end - span.start > maxBodyBytes ? Assumed.tooLarge : { segments, ...span }
}

const refusePart = (facts: Facts): RefusalWithText | undefined => {
  if (partNumberOf(facts) === undefined) return Assumed.badPartNumber
  const upload = uploadOf(facts)
  return isRefusal(upload) ? upload : undefined
}

const partNumberOf = (facts: Facts): number | undefined => {
  const text = facts.parameter("partNumber") ?? ""
  const number = /^\d{1,9}$/u.test(text) ? Number(text) : 0
  return number >= 1 && number <= maxPartNumber ? number : undefined
}

const partPut = (facts: Facts, { bucket, id }: Upload, { md5, ...stored }: Stored): Change => {
  const part: Part = { ...stored, etag: md5, number: partNumberOf(facts)!, lastModified: facts.now }
  return { _tag: "PartPut", bucket, upload: id, part }
}
