/** The columns of a report: their names and their order. */
import { fieldName } from "../field.ts"
import type { InventoryJob } from "../rule.ts"

/** In every report (page 30622; the page's table says AppID, its manifest Appid). */
export const identityColumns = ["Appid", "Bucket", "Key"] as const
/** In reports of all versions (page 30622; pages 30623 and 30625 say DeleteMarker). That they stand here is assumed. */
export const versionColumns = ["VersionId", "IsLatest", "IsDeleteMarker"] as const

/** The one field that stands for every custom header. Assumed: it is one column, whose cells hold them all. */
export const anyMeta = "x-cos-meta-*"

/**
 * The names of a report's columns.
 *
 * Assumed: fields stand in the rule's own order, each once. The page's example of a manifest has that of its example of a
 * rule, which a fixed order explains as well; a reader takes the order from the manifest either way. Assumed too: a field
 * that nobody knows is a column of empty cells, as a custom header is that no object has (page 30625).
 */
export const columnsOf = (
  rule: Pick<InventoryJob, "includedObjectVersions" | "optionalFields">,
): ReadonlyArray<string> => [
  ...identityColumns,
  ...(rule.includedObjectVersions === "All" ? versionColumns : []),
  ...new Set((rule.optionalFields ?? []).map(fieldName)),
]
