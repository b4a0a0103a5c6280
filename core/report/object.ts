/** What a report tells of an object: the part of a stored version that has a column. */
import type { Headers } from "../http.ts"
import type { Key } from "../key.ts"
import type { Tag } from "../rule.ts"

/** One version of an object, or a delete marker. Whether it is the newest of its key is told beside it. */
export interface ListedObject {
  readonly key: Key
  /** "null" for what was put while versioning was not enabled. */
  readonly versionId: string
  readonly isDeleteMarker: boolean
  /** Epoch milliseconds. */
  readonly lastModified: number
  /** Without quotes; empty for a delete marker. */
  readonly etag: string
  readonly size: number
  /** Decimal; empty for a delete marker. */
  readonly crc64: string
  readonly storageClass: string
  /** What GET and HEAD give back: Content-Type and its kin, and `x-cos-meta-*` in lower case. */
  readonly headers: Headers
  readonly tags: ReadonlyArray<Tag>
  readonly isMultipart: boolean
  readonly replicationStatus?: string
}
