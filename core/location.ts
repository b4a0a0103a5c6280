/** Where the reports of a rule lie (page 30622). Keys are text here; `core/key.ts` makes bytes of them. */
import { parseBucket, parseResource } from "./bucket.ts"
import type { InventoryJob } from "./rule.ts"
import { reportDay } from "./schedule.ts"

/** The bucket and the folder that hold the reports of one rule (page 30622). */
export interface ReportLocation {
  /** `name-appid` of the destination. */
  readonly bucket: string
  /** `<prefix>/<appid>/<source name>/<id>/`, where data files and a folder for each day lie. */
  readonly prefix: string
}

/** The folder of a rule's reports. The source is named without its APPID, which stands before it. */
export const reportLocation = (
  source: string,
  rule: { readonly id: string; readonly destination: Pick<InventoryJob["destination"], "bucket" | "prefix"> },
): ReportLocation | undefined => {
  const from = parseBucket(source)
  const to = parseResource(rule.destination.bucket)
  if (from === undefined || to === undefined) return undefined
  const lead = leadOf(rule.destination.prefix)
  return { bucket: `${to.name}-${to.appid}`, prefix: `${lead}${from.appid}/${from.name}/${rule.id}/` }
}

/** COS appends `/` to the prefix (page 30625). Assumed: not a second one, where the prefix ends in one. */
export const leadOf = (prefix: string | undefined): string =>
  prefix === undefined || prefix === "" || prefix.endsWith("/") ? prefix ?? "" : `${prefix}/`

/** The manifest of the report whose scan begins at a moment. */
export const manifestKey = (location: ReportLocation, epochSeconds: number): string =>
  `${location.prefix}${reportDay(epochSeconds)}/manifest.json`

/** The MD5 of that manifest, beside it. */
export const checksumKey = (location: ReportLocation, epochSeconds: number): string =>
  `${location.prefix}${reportDay(epochSeconds)}/manifest.checksum`

/** A data file, which lies beside the folders of days; its name is 32 hex digits. */
export const dataFileKey = (location: ReportLocation, name: string): string => `${location.prefix}${name}.csv.gz`
