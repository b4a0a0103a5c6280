/** Initiate Multipart Upload (page 7746) and Abort Multipart Upload (page 7740). */
import { header } from "../../../../core/http.ts"
import { container, declaration, leaf } from "../../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../../checks.ts"
import type { Facts } from "../../facts.ts"
import { isRefusal, type Operation } from "../../operation.ts"
import type { Upload } from "../../../store/mod.ts"
import * as Assumed from "../assumptions.ts"
import { attributeHeaders, attributesOf, encryptionHeaders, refuseAttributes } from "../attributes.ts"
import { refuseWriting } from "../headers.ts"
import { keyText } from "../key-text.ts"
import { refuseName } from "../name.ts"
import { forbidOverwrite, refuseOverwriting } from "../overwriting.ts"

export const initiate: Operation = {
  name: "InitiateMultipartUpload",
  method: "POST",
  at: "Object",
  needs: ["uploads"],
  takes: [],
  body: "none",
  source: "page 7746",
  refuse: (facts) =>
    refuseName(facts.key()) ?? refuseWriting(facts, initiateHeaders) ?? refuseAttributes(facts) ??
      refuseOverwriting(facts),
  perform: (facts) => {
    const { name } = facts.bucket()
    const { headers, ...attributes } = attributesOf(facts)
    const flag = facts.header(forbidOverwrite)
    const upload: Upload = {
      ...attributes,
      // It holds for the object that the upload completes
      headers: flag === undefined ? headers : [...headers, [forbidOverwrite, flag.toLowerCase()]],
      bucket: name,
      id: newUploadId(facts),
      key: facts.key(),
      initiated: facts.now,
    }
    return {
      status: 200,
      headers: encryptionHeaders(upload),
      body: declaration + container(
        "InitiateMultipartUploadResult",
        leaf("Bucket", name) + leaf("Key", keyText(upload.key)) + leaf("UploadId", upload.id),
      ),
      changes: [{ _tag: "UploadPut", upload }],
    }
  },
}

const initiateHeaders: ReadonlySet<string> = new Set([...attributeHeaders, forbidOverwrite])

export const abort: Operation = {
  name: "AbortMultipartUpload",
  method: "DELETE",
  at: "Object",
  needs: ["uploadId"],
  takes: [],
  body: "none",
  source: "page 7740",
  refuse: (facts) => refuseWriting(facts),
  perform: (facts) => {
    const upload = uploadOf(facts)
    if (isRefusal(upload)) return upload
    return { status: 204, changes: [{ _tag: "UploadDeleted", bucket: upload.bucket, id: upload.id }] }
  },
}

/** The upload that a request names, of the request's own key. */
export const uploadOf = (facts: Facts): Upload | RefusalWithText => {
  const upload = facts.store.upload(facts.bucket().name, facts.parameter("uploadId") ?? "")
  return upload !== undefined && upload.key === facts.key() ? upload : Assumed.noSuchUpload
}

/** What the object is given, and whether it may replace another. */
export const asked = ({ headers }: Upload) => ({
  forbidsOverwrite: header(headers, forbidOverwrite),
  headers: headers.filter(([name]) => name !== forbidOverwrite),
})

/** Like the sample of page 7746: the epoch seconds and 64 hex digits. */
const newUploadId = (facts: Facts): string => {
  const { now, settings: { hashes }, store } = facts
  const { name } = facts.bucket()
  for (;;) {
    const seed = `${name}\n${now}\n${store.nextSequence()}`
    const id = `${Math.floor(now / 1000)}${hashes.sha1Hex(seed)}${hashes.sha1Hex(`${seed}\n`).slice(0, 24)}`
    if (store.upload(name, id) === undefined) return id
  }
}
