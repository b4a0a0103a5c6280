/** Reports that stay for ever. */
import { parseBucket, parseResource } from "../../bucket.ts"
import { leadOf } from "../../location.ts"
import type { FleetRow } from "./row.ts"

export const fleetExpiry: FleetRow = {
  code: "report-expiry",
  severity: "info",
  message: "Nothing here makes the reports expire",
  why:
    "Reports pile up and are billed until a lifecycle rule of their bucket deletes them, which lint cannot see offline",
  source: "page 8280: expiration by a lifecycle rule",
  *check(targets) {
    const seen = new Set<string>()
    for (const target of targets) {
      const appid = parseBucket(target.bucket)?.appid
      for (const { reading } of target.wanted) {
        const { bucket, prefix } = reading.draft.destination ?? {}
        const to = bucket === undefined ? undefined : parseResource(bucket)
        if (to === undefined || appid === undefined || reading.unread.size > 0) continue
        const folder = prefix === undefined || prefix === "" ? `${appid}/` : leadOf(prefix)
        const key = `${to.name}-${to.appid} ${folder}`
        if (seen.has(key)) continue
        seen.add(key)
        yield {
          target,
          at: reading,
          path: prefix === undefined ? "destination.bucket" : "destination.prefix",
          found: `reports in ${folder} of ${to.name}-${to.appid}`,
          allowed: `a lifecycle rule of ${to.name}-${to.appid} that expires the prefix ${folder}`,
          fix: `See to it that such a rule is there, or add one; then lint with --ignore report-expiry`,
        }
      }
    }
  },
}
