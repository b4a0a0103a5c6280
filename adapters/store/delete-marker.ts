/** What every delete marker has beside its identity: nothing of an object. */
import type { Version } from "./contract.ts"

export const deleteMarker = {
  isDeleteMarker: true,
  etag: "",
  size: 0,
  crc64: "",
  storageClass: "",
  segments: [],
  headers: [],
  tags: [],
  isMultipart: false,
} as const satisfies Partial<Version>
