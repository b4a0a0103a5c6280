/** Which objects a report counts, and which it lists. */
import { type Key, keyOfText } from "../key.ts"
import type { InventoryJob } from "../rule.ts"
import type { ListedObject } from "./object.ts"

/**
 * The two steps of a scan, which the manifest counts apart (page 30622: `listObjectCount`, by which COS bills, and
 * `filterObjectCount`). Assumed: the prefix, which a LIST takes too, and the versions are the first step, the other
 * conditions the second; a report has the objects that pass both.
 */
interface Selection {
  /** Only keys that begin with it are looked at. */
  readonly prefix: Key
  readonly isListed: (object: ListedObject, isLatest: boolean) => boolean
  /** Of one that is listed. */
  readonly isMatch: (object: ListedObject) => boolean
}

export const selectionOf = (rule: Pick<InventoryJob, "filter" | "includedObjectVersions">): Selection => {
  const { prefix = "", tags = [], storageClass, period = {} } = rule.filter ?? {}
  const { startTime = -Infinity, endTime = Infinity } = period
  return {
    prefix: keyOfText(prefix),
    isListed: rule.includedObjectVersions === "All"
      ? () => true
      : ({ isDeleteMarker }, isLatest) => isLatest && !isDeleteMarker,
    isMatch: (object) => {
      // Assumed: both ends count, and a delete marker, which has no tags and no class, passes the period alone
      const seconds = Math.floor(object.lastModified / 1000)
      if (seconds < startTime || seconds > endTime) return false
      if (storageClass !== undefined && (object.isDeleteMarker || object.storageClass !== storageClass)) return false
      return tags.every(({ key, value }) => object.tags.some((tag) => tag.key === key && tag.value === value))
    },
  }
}
