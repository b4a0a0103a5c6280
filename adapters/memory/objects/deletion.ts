/** Deleting one key or one version of it, as DELETE Object and DELETE Multiple Objects do (page 7743). */
import type { Key } from "../../../core/key.ts"
import { type Bucket, type Change, deleteMarker, type Reader } from "../../store/mod.ts"
import { isVersioned, newIdentity, nullVersion } from "./identity.ts"

export interface Deletion {
  readonly changes: ReadonlyArray<Change>
  /** Of a request that named a version: which, and whether it was a delete marker. */
  readonly deleted?: { readonly versionId: string; readonly isDeleteMarker: boolean }
  /** A new delete marker; its id is absent where versioning is suspended, though LIST shows it as `null`. */
  readonly marker?: { readonly versionId?: string }
}

/** What is not there is deleted too, without a change. */
export const deletionOf = (
  bucket: Pick<Bucket, "name" | "versioning">,
  key: Key,
  versionId: string | undefined,
  { store, now }: { readonly store: Reader; readonly now: number },
): Deletion => {
  if (versionId !== undefined) {
    const version = store.versions(bucket.name, key).find((candidate) => candidate.versionId === versionId)
    return {
      changes: version === undefined ? [] : [{ _tag: "VersionDeleted", bucket: bucket.name, key, versionId }],
      deleted: { versionId, isDeleteMarker: version?.isDeleteMarker ?? false },
    }
  }
  if (bucket.versioning === undefined) {
    const isThere = store.versions(bucket.name, key).length > 0
    return { changes: isThere ? [{ _tag: "VersionDeleted", bucket: bucket.name, key, versionId: nullVersion }] : [] }
  }
  const identity = newIdentity(bucket, key, { store, now })
  return {
    changes: [{ _tag: "VersionPut", bucket: bucket.name, version: { ...identity, ...deleteMarker } }],
    marker: isVersioned(bucket) ? { versionId: identity.versionId } : {},
  }
}
