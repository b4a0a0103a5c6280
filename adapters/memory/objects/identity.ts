/** What tells a new version from the others of its key. */
import type { Headers } from "../../../core/http.ts"
import type { Key } from "../../../core/key.ts"
import { type Bucket, type Reader, type Version, versionIdAt } from "../../store/mod.ts"

export type Identity = Pick<Version, "key" | "versionId" | "sequence" | "lastModified">

/** Of what was put while versioning was not enabled; such a version replaces the one before it (page 7749). */
export const nullVersion = "null"

/** Its id is new where versioning is enabled, else `null`. */
export const newIdentity = (
  bucket: Pick<Bucket, "name" | "versioning">,
  key: Key,
  { store, now }: { readonly store: Reader; readonly now: number },
): Identity => {
  const sequence = store.nextSequence()
  const versionId = isVersioned(bucket) ? freeId(store.versions(bucket.name, key), now, sequence) : nullVersion
  return { key, sequence, lastModified: now, versionId }
}

export const isVersioned = ({ versioning }: Pick<Bucket, "versioning">): boolean => versioning === "Enabled"

/** Of an answer to what made a version: no id where it is `null` (page 7749). */
export const newVersionHeaders = (bucket: Pick<Bucket, "versioning">, { versionId }: Identity): Headers =>
  isVersioned(bucket) ? [["x-cos-version-id", versionId]] : []

/** Under a clock that stands still, two versions of a key may fall into one microsecond. */
const freeId = (versions: ReadonlyArray<Version>, now: number, sequence: number): string => {
  const taken = new Set(versions.map(({ versionId }) => versionId))
  let micros = sequence % 1000
  while (taken.has(versionIdAt(now, micros))) micros++
  return versionIdAt(now, micros)
}
