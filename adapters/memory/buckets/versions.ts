/** GET Bucket Object versions: every version and delete marker, newest first of each key (page 35521). */
import type { Key } from "../../../core/key.ts"
import { container, declaration, leaf } from "../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import { written } from "../written.ts"
import { type Bucket, millisOfVersionId, type Reader, type Version } from "../../store/mod.ts"
import { dateXml, delimiterXml, groupsXml, type ListAsked, listAsked, objectOwner } from "./list.ts"
import { behind, type Entry, type Page, pageOf, walk } from "./walk.ts"

export const getBucketObjectVersions: Operation = {
  name: "GetBucketObjectVersions",
  method: "GET",
  at: "Bucket",
  needs: ["versions"],
  takes: ["prefix", "delimiter", "encoding-type", "key-marker", "version-id-marker", "max-keys"],
  body: "none",
  source: "page 35521",
  perform: (facts) => listVersions(facts),
}

const listVersions = (facts: Facts): Done | RefusalWithText => {
  const asked = listAsked(facts, { marker: "key-marker", limit: "max-keys" })
  if (isRefusal(asked)) return asked
  // Without a key-marker it means nothing, as page 7736 says of the marker of an upload
  const versionIdMarker = asked.marker === "" ? "" : facts.parameter("version-id-marker") ?? ""
  const bucket = facts.bucket()
  const page = pageOf(versions(facts.store, bucket, asked, versionIdMarker), asked.size)
  return { status: 200, body: declaration + versionsXml(bucket, asked, versionIdMarker, page) }
}

interface Listed {
  readonly version: Version
  readonly isLatest: boolean
}

const versions = (
  store: Reader,
  { name }: Bucket,
  { prefix, delimiter = "", marker }: ListAsked,
  versionIdMarker: string,
): Iterable<Entry<Listed>> =>
  walk({
    from: function* (from: Key) {
      for (const all of store.entries(name, from)) {
        const rest = all[0]!.key === marker ? olderThan(all, versionIdMarker) : 0
        for (const [at, version] of all.entries()) if (at >= rest) yield { version, isLatest: at === 0 }
      }
    },
    keyOf: ({ version }) => version.key,
    isShown: () => true,
  }, { prefix, delimiter, marker, from: marker === "" || versionIdMarker !== "" ? marker : behind(marker) })

/**
 * Where the versions behind the marked one begin. That one may be gone, since some clients delete as they list, and then
 * its id says how old it was (`version-id.ts`); of an id that says nothing the whole key is listed again.
 */
const olderThan = (versions: ReadonlyArray<Version>, versionId: string): number => {
  const at = versions.findIndex((version) => version.versionId === versionId)
  if (at >= 0) return at + 1
  const millis = millisOfVersionId(versionId)
  const older = millis === undefined ? 0 : versions.findIndex(({ lastModified }) => lastModified <= millis)
  return older < 0 ? versions.length : older
}

const versionsXml = (
  bucket: Bucket,
  asked: ListAsked,
  versionIdMarker: string,
  { entries, isTruncated }: Page<Listed>,
): string => {
  const { keys } = asked
  const last = entries.at(-1)
  return container(
    "ListVersionsResult",
    (asked.isEncoded ? leaf("EncodingType", "url") : "") + leaf("Name", bucket.name) +
      keys.leaf("Prefix", asked.prefix) + keys.marker("KeyMarker", asked.marker) +
      leaf("VersionIdMarker", written(versionIdMarker)) + leaf("MaxKeys", asked.limit) +
      delimiterXml(asked) +
      leaf("IsTruncated", isTruncated) +
      (isTruncated && last !== undefined
        ? "group" in last
          ? keys.marker("NextKeyMarker", last.group) + leaf("NextVersionIdMarker", "")
          : keys.marker("NextKeyMarker", last.item.version.key) +
            leaf("NextVersionIdMarker", shownId(bucket, last.item.version))
        : "") +
      groupsXml(entries, keys) +
      entries.map((entry) => "item" in entry ? versionXml(bucket, asked, entry.item) : "").join(""),
  )
}

const versionXml = (bucket: Bucket, { keys }: ListAsked, { version, isLatest }: Listed): string => {
  const identity = keys.leaf("Key", version.key) + leaf("VersionId", shownId(bucket, version)) +
    leaf("IsLatest", isLatest) + dateXml("LastModified", version.lastModified)
  const owner = objectOwner(bucket.name)
  return version.isDeleteMarker ? container("DeleteMarker", identity + owner) : container(
    "Version",
    identity + leaf("ETag", `"${version.etag}"`) + leaf("Size", version.size) +
      leaf("StorageClass", version.storageClass) + owner,
  )
}

/** Empty until versioning is first turned on (page 35521), when a key has one version and its id is of no use. */
const shownId = ({ versioning }: Bucket, { versionId }: Version): string => versioning === undefined ? "" : versionId
