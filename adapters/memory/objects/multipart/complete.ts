/** Complete Multipart Upload (page 7742). */
import { hostOf } from "../../../../core/http.ts"
import { childrenNamed, container, declaration, type Element, leaf } from "../../../../core/wire/xml/mod.ts"
import { maxLongDocumentBytes, refusalOf } from "../../assumptions.ts"
import type { RefusalWithText } from "../../checks.ts"
import type { Facts } from "../../facts.ts"
import { isRefusal, type Operation } from "../../operation.ts"
import { assembled, type Part, type Tag, type Upload, type Version } from "../../../store/mod.ts"
import * as Assumed from "../assumptions.ts"
import { encryptionHeaders } from "../attributes.ts"
import { refuseDigestForm } from "../digest.ts"
import { readDocument, textIn } from "../../document.ts"
import { quoted, unquoted } from "../etag.ts"
import { refuseWriting } from "../headers.ts"
import { newIdentity, newVersionHeaders } from "../identity.ts"
import { keyText } from "../key-text.ts"
import { minPartBytes } from "../limits.ts"
import { forbidOverwrite, refuseOverwriting } from "../overwriting.ts"
import { refuseTags, tagsOfHeader } from "../tags.ts"
import { asked, uploadOf } from "./upload.ts"

export const complete: Operation = {
  name: "CompleteMultipartUpload",
  method: "POST",
  at: "Object",
  needs: ["uploadId"],
  takes: [],
  body: "document",
  maxDocumentBytes: maxLongDocumentBytes,
  source: "page 7742",
  refuse: (facts) => {
    const refusal = refuseWriting(facts, completeHeaders) ?? refuseDigestForm(facts) ?? refuseTags(tagsOf(facts) ?? [])
    if (refusal !== undefined) return refusal
    const upload = uploadOf(facts)
    return isRefusal(upload) ? upload : refuseOverwriting(facts, asked(upload).forbidsOverwrite)
  },
  perform: (facts) => {
    const upload = uploadOf(facts)
    if (isRefusal(upload)) return upload
    const root = readDocument(facts, "CompleteMultipartUpload")
    if (isRefusal(root)) return root
    const named = namedParts(root)
    if (isRefusal(named)) return named
    const parts = chosenParts(named, facts.store.parts(upload.bucket, upload.id))
    if (isRefusal(parts)) return parts
    const version = versionFrom(facts, upload, parts)
    return {
      status: 200,
      headers: [
        ["x-cos-hash-crc64ecma", version.crc64],
        ...newVersionHeaders(facts.bucket(), version),
        ...encryptionHeaders(version),
      ],
      body: declaration + container(
        "CompleteMultipartUploadResult",
        leaf("Location", locationOf(facts)) + leaf("Bucket", upload.bucket) + leaf("Key", keyText(upload.key)) +
          leaf("ETag", quoted(version.etag)),
      ),
      changes: [
        { _tag: "VersionPut", bucket: upload.bucket, version },
        { _tag: "UploadDeleted", bucket: upload.bucket, id: upload.id },
      ],
    }
  },
}

/** Tags may be given here (Go SDK, `CompleteMultipartUploadOptions.XOptionHeader`); those of the upload hold else. */
const completeHeaders: ReadonlySet<string> = new Set([forbidOverwrite, "x-cos-tagging"])

const tagsOf = (facts: Facts): ReadonlyArray<Tag> | undefined => {
  const text = facts.header("x-cos-tagging")
  return text === undefined ? undefined : tagsOfHeader(text)
}

type Named = Pick<Part, "number" | "etag">

/** SDKs send other elements along, as they had them of List Parts (python ut/test.py, `MultipartUpload={'Part': lst}`). */
const namedParts = (root: Element): ReadonlyArray<Named> | RefusalWithText => {
  const named: Array<Named> = []
  for (const part of childrenNamed(root, "Part")) {
    const [number, etag] = [textIn(part, "PartNumber")?.trim() ?? "", textIn(part, "ETag")]
    if (!/^\d{1,9}$/u.test(number) || etag === undefined) return refusalOf("MalformedXML")
    named.push({ number: Number(number), etag: unquoted(etag).toLowerCase() })
  }
  return named.length === 0 ? refusalOf("MalformedXML") : named
}

const chosenParts = (
  named: ReadonlyArray<Named>,
  uploaded: ReadonlyArray<Part>,
): ReadonlyArray<Part> | RefusalWithText => {
  if (named.some(({ number }, at) => at > 0 && number <= named[at - 1]!.number)) return Assumed.invalidPartOrder
  const known = new Map(uploaded.map((part) => [part.number, part]))
  const chosen: Array<Part> = []
  for (const { number, etag } of named) {
    const part = known.get(number)
    if (part === undefined || part.etag !== etag || number !== named[0]!.number + chosen.length) {
      return Assumed.invalidPart
    }
    chosen.push(part)
  }
  return chosen.slice(0, -1).some(({ size }) => size < minPartBytes) ? Assumed.partTooSmall : chosen
}

const versionFrom = (facts: Facts, upload: Upload, parts: ReadonlyArray<Part>): Version => ({
  ...newIdentity(facts.bucket(), upload.key, facts),
  ...assembled(parts, facts.settings.hashes),
  isDeleteMarker: false,
  isMultipart: true,
  headers: asked(upload).headers,
  storageClass: upload.storageClass,
  tags: tagsOf(facts) ?? upload.tags,
  ...(upload.encryption === undefined ? {} : { encryption: upload.encryption }),
})

/** As the sample of page 7742, but with the host that the client itself used. */
const locationOf = ({ request }: Facts): string => `http://${hostOf(request)}${request.target.split("?", 1)[0]}`
