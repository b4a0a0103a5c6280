/** What a report tells of an object: the part of a stored version that has a column. */
import type { Headers } from "../http.ts"
import type { Key } from "../key.ts"
import type { Tag } from "../rule.ts"

/** One version of an object, or a delete marker. Whether it is the newest of its key is told beside it. */
export interface ListedObject {
  readonly key: Key
  readonly versionId: string
  readonly isDeleteMarker: boolean
  /** Epoch milliseconds. */
  readonly lastModified: number
  readonly etag: string
  readonly size: number
  /** Decimal; empty where there is none. */
  readonly crc64: string
  readonly storageClass: string
  /** Among them `x-cos-meta-*`. */
  readonly headers: Headers
  readonly tags: ReadonlyArray<Tag>
  readonly isMultipart: boolean
  readonly replicationStatus?: string
}
