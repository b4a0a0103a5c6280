/** List Multipart Uploads (page 7736). */
import { container, declaration, leaf } from "../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import { written } from "../written.ts"
import type { Bucket, Upload } from "../../store/mod.ts"
import { dateXml, delimiterXml, groupsXml, itemsOf, type ListAsked, listAsked } from "./list.ts"
import { type Page, pageOf, walk } from "./walk.ts"

export const listMultipartUploads: Operation = {
  name: "ListMultipartUploads",
  method: "GET",
  at: "Bucket",
  needs: ["uploads"],
  takes: ["prefix", "delimiter", "encoding-type", "max-uploads", "key-marker", "upload-id-marker"],
  body: "none",
  source: "page 7736",
  perform: (facts) => listUploads(facts),
}

const listUploads = (facts: Facts): Done | RefusalWithText => {
  const asked = listAsked(facts, { marker: "key-marker", limit: "max-uploads" })
  if (isRefusal(asked)) return asked
  const { prefix, delimiter = "", marker } = asked
  // Without a key-marker it is ignored
  const idMarker = marker === "" ? "" : facts.parameter("upload-id-marker") ?? ""
  const bucket = facts.bucket()
  const behind = facts.store.uploads(bucket.name).filter(({ key, id }) =>
    key > marker || (key === marker && idMarker !== "" && id > idMarker)
  )
  const entries = walk({
    from: function* (key) {
      for (const upload of behind) if (upload.key >= key) yield upload
    },
    keyOf: ({ key }: Upload) => key,
    isShown: () => true,
  }, { prefix, delimiter, marker, from: marker })
  return { status: 200, body: declaration + uploadsXml(bucket, asked, idMarker, pageOf(entries, asked.size)) }
}

const uploadsXml = (
  bucket: Bucket,
  asked: ListAsked,
  idMarker: string,
  { entries, isTruncated }: Page<Upload>,
): string => {
  const { keys } = asked
  const last = entries.at(-1)
  const person = personOf(bucket)
  return container(
    "ListMultipartUploadsResult",
    leaf("Bucket", bucket.name) + leaf("Encoding-Type", asked.isEncoded ? "url" : "") +
      keys.marker("KeyMarker", asked.marker) + leaf("UploadIdMarker", written(idMarker)) +
      (isTruncated && last !== undefined
        ? "group" in last
          ? keys.marker("NextKeyMarker", last.group) + leaf("NextUploadIdMarker", "")
          : keys.marker("NextKeyMarker", last.item.key) + leaf("NextUploadIdMarker", last.item.id)
        : "") +
      leaf("MaxUploads", asked.limit) + leaf("IsTruncated", isTruncated) + keys.leaf("Prefix", asked.prefix) +
      delimiterXml(asked) +
      itemsOf(entries).map((upload) =>
        container(
          "Upload",
          // Page 7736 prints UploadID; the Go and Node SDKs read UploadId
          keys.leaf("Key", upload.key) + leaf("UploadId", upload.id) + container("Initiator", person) +
            container("Owner", person) + leaf("StorageClass", upload.storageClass) +
            dateXml("Initiated", upload.initiated),
        )
      ).join("") + groupsXml(entries, keys),
  )
}

const personOf = ({ owner }: Bucket): string =>
  leaf("ID", `qcs::cam::uin/${owner}:uin/${owner}`) + leaf("DisplayName", owner)
