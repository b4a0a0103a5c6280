/** GET Bucket, which lists objects (page 7734). */
import { container, declaration, leaf } from "../../../core/wire/xml/mod.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Bucket, Reader, Version } from "../../store/mod.ts"
import { regionHeaders } from "./bucket.ts"
import { dateXml, delimiterXml, groupsXml, itemsOf, type ListAsked, listAsked, objectOwner } from "./list.ts"
import { behind, type Entry, type Page, pageOf, walk } from "./walk.ts"

export const getBucket: Operation = {
  name: "GetBucket",
  method: "GET",
  at: "Bucket",
  needs: [],
  takes: ["prefix", "delimiter", "encoding-type", "marker", "max-keys"],
  body: "none",
  source: "page 7734",
  perform: (facts) => listObjects(facts),
}

const listObjects = (facts: Facts): Done | RefusalWithText => {
  const asked = listAsked(facts, { marker: "marker", limit: "max-keys" })
  if (isRefusal(asked)) return asked
  const bucket = facts.bucket()
  const page = pageOf(objects(facts.store, bucket, asked), asked.size)
  return { status: 200, headers: regionHeaders(bucket), body: declaration + objectsXml(bucket, asked, page) }
}

type Objects = Page<Version>

/** Of each key its newest version, unless that is a delete marker. */
const objects = (
  store: Reader,
  { name }: Bucket,
  { prefix, delimiter = "", marker }: ListAsked,
): Iterable<Entry<Version>> =>
  walk({
    from: function* (key) {
      for (const [newest] of store.entries(name, key)) if (newest !== undefined) yield newest
    },
    keyOf: ({ key }) => key,
    isShown: ({ isDeleteMarker }) => !isDeleteMarker,
  }, { prefix, delimiter, marker, from: marker === "" ? "" : behind(marker) })

const objectsXml = ({ name }: Bucket, asked: ListAsked, { entries, isTruncated }: Objects): string => {
  const { keys } = asked
  const last = entries.at(-1)
  const owner = objectOwner(name)
  return container(
    "ListBucketResult",
    leaf("Name", name) + (asked.isEncoded ? leaf("EncodingType", "url") : "") + keys.leaf("Prefix", asked.prefix) +
      keys.marker("Marker", asked.marker) + leaf("MaxKeys", asked.limit) +
      delimiterXml(asked) +
      leaf("IsTruncated", isTruncated) +
      (isTruncated && last !== undefined
        ? keys.marker("NextMarker", "group" in last ? last.group : last.item.key)
        : "") +
      groupsXml(entries, keys) +
      itemsOf(entries).map((version) =>
        container(
          "Contents",
          keys.leaf("Key", version.key) + dateXml("LastModified", version.lastModified) +
            leaf("ETag", `"${version.etag}"`) + leaf("Size", version.size) + owner +
            leaf("StorageClass", version.storageClass),
        )
      ).join(""),
  )
}
