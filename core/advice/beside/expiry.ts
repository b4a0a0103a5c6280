/** Reports that stay for ever. */
import { parseBucket, parseResource } from "../../bucket.ts"
import { leadOf } from "../../location.ts"
import type { Target, Wanted } from "../../ruleset/mod.ts"
import { isStandInAppid } from "../stand-in.ts"
import type { FleetRow } from "./row.ts"

export const fleetExpiry: FleetRow = {
  code: "report-expiry",
  severity: "info",
  message: "Nothing here makes the reports expire",
  why:
    "Reports pile up and are billed until a lifecycle rule of their bucket deletes them, which lint cannot see offline",
  source: "page 8280: expiration by a lifecycle rule",
  *check(targets) {
    for (const [bucket, { target, wanted: { reading }, folders }] of receivers(targets)) {
      // A folder that is not known is none beside those that are
      const [folder = "", ...others] = folders.size > 1 ? [...folders].filter((one) => !isOpen(one)) : folders
      const several = others.length === 0
        ? ""
        : `, and in ${others.length === 1 ? "1 more folder" : `${others.length} more folders`}`
      yield {
        target,
        at: reading,
        path: reading.draft.destination?.prefix === undefined || reading.short !== undefined
          ? "destination.bucket"
          : "destination.prefix",
        found: `reports in ${folder} of ${bucket}${several}`,
        ...(others.length === 0
          ? {
            allowed: `a lifecycle rule of ${bucket} that expires the prefix ${folder}`,
            fix: "See to it that such a rule is there, or add one; then lint with --ignore report-expiry",
          }
          : {
            allowed: `lifecycle rules of ${bucket} that expire these prefixes`,
            fix: "See to it that such rules are there, or add them; then lint with --ignore report-expiry",
          }),
      }
    }
  },
}

interface Receiver {
  readonly target: Target
  /** The first rule whose reports it gets. */
  readonly wanted: Wanted
  readonly folders: Set<string>
}

/** The buckets that reports go to, by their names. */
const receivers = (targets: ReadonlyArray<Target>): ReadonlyMap<string, Receiver> => {
  const found = new Map<string, Receiver>()
  for (const target of targets) {
    const appid = parseBucket(target.bucket)?.appid
    for (const wanted of target.wanted) {
      const { draft, unread } = wanted.reading
      const { bucket, prefix } = draft.destination ?? {}
      const to = bucket === undefined ? undefined : parseResource(bucket)
      if (to === undefined || appid === undefined || unread.size > 0) continue
      const name = `${to.name}-${to.appid}`
      const folder = prefix === undefined || prefix === "" ? `${appid}/` : leadOf(prefix)
      const known = found.get(name)
      if (known === undefined) found.set(name, { target, wanted, folders: new Set([folder]) })
      else known.folders.add(folder)
    }
  }
  return found
}

const isOpen = (folder: string): boolean => isStandInAppid(folder.slice(0, -1))
