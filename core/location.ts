/** Where the reports of a rule lie (page 30622). */
import { parseBucket, parseResource } from "./bucket.ts"
import type { InventoryJob } from "./rule.ts"

/** Report paths carry the day on which the scan began; that the day is UTC+8's is assumed. */
const reportDayOffsetSeconds = 8 * 60 * 60

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
  rule: Pick<InventoryJob, "id" | "destination">,
): ReportLocation | undefined => {
  const from = parseBucket(source)
  const to = parseResource(rule.destination.bucket)
  if (from === undefined || to === undefined) return undefined
  const prefix = rule.destination.prefix
  const lead = prefix === undefined ? "" : `${prefix}/`
  return { bucket: `${to.name}-${to.appid}`, prefix: `${lead}${from.appid}/${from.name}/${rule.id}/` }
}

/** The manifest of the report whose scan begins at a moment. */
export const manifestKey = (location: ReportLocation, epochSeconds: number): string =>
  `${location.prefix}${reportDay(epochSeconds)}/manifest.json`

const reportDay = (epochSeconds: number): string =>
  new Date((epochSeconds + reportDayOffsetSeconds) * 1000).toISOString().slice(0, 10).replaceAll("-", "")
