/** One step of a plan in words: what is written, what it comes to, and what a reviewer should not miss. */
import { parseResource } from "../../core/bucket.ts"
import { type Step, type Write } from "../../core/plan/mod.ts"
import { frequencies } from "../../core/limits.ts"
import { oneLine } from "../../core/redact.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { isWholeBucket, isWithin, scopeOf } from "../../core/scope.ts"
import { filterText, scheduleText } from "./rule.ts"

export const signs: Readonly<Record<Step["action"], string>> = {
  create: "+",
  update: "~",
  delete: "-",
  keep: "=",
  unmanaged: "?",
}

/** The rule that a step brings or takes away, in one line: when, what of, and where to. */
export const briefText = (rule: InventoryConfiguration | InventoryJob): string => {
  const when = "schedule" in rule ? scheduleText(rule) : "Once"
  return oneLine(`${when}; ${scopeText(rule)}; ${destinationText(rule)}`)
}

const scopeText = (rule: InventoryJob): string => {
  const versions = rule.includedObjectVersions === "Current"
    ? ""
    : `, ${rule.includedObjectVersions.toLowerCase()} versions`
  return (isWholeBucket(rule) ? "the whole bucket" : filterText(rule, ", ")) + versions
}

const destinationText = ({ destination: { bucket, prefix, format } }: InventoryJob): string => {
  const to = parseResource(bucket)
  const place = to === undefined ? bucket : `${to.name}-${to.appid}`
  return `${format} to ${place}${prefix === undefined || prefix === "" ? "" : `/${prefix}`}`
}

/** What a write does beside what it says: things that a diff of fields lets pass too easily. */
export const warningsOf = (write: Write): ReadonlyArray<string> => {
  switch (write.action) {
    case "create":
      return [
        ...(write.after.isEnabled ? [] : ["disabled: makes no reports"]),
        ...(isWholeBucket(write.after) ? ["scans the whole bucket"] : []),
      ]
    case "update":
      return ofUpdate(write.before, write.after)
    case "delete":
      return [
        ...(write.first === true ? ["deleted first, to make room for what is created"] : []),
        write.before.isEnabled ? "makes no more reports" : "was disabled",
      ]
  }
}

const ofUpdate = (before: InventoryConfiguration, after: InventoryConfiguration): ReadonlyArray<string> => [
  ...(before.isEnabled && !after.isEnabled ? ["disabled: makes no more reports"] : []),
  ...reachOf(before, after),
  ...(isOftener(after, before) ? ["scans more often than before"] : []),
]

/** The list's words stand from often to seldom; of a word that COS adds later nothing is known. */
const isOftener = (a: InventoryConfiguration, b: InventoryConfiguration): boolean => {
  const [one, other] = [a, b].map(({ schedule }) => (frequencies as ReadonlyArray<string>).indexOf(schedule.frequency))
  return one! >= 0 && one! < other!
}

const reachOf = (before: InventoryConfiguration, after: InventoryConfiguration): ReadonlyArray<string> => {
  const [old, next] = [scopeOf(before), scopeOf(after)]
  if (isWithin(next, old)) return []
  if (isWholeBucket(after) && !isWholeBucket(before)) return ["scans the whole bucket"]
  return [isWithin(old, next) ? "scans more than before" : "scans objects that it did not scan before"]
}

/** Why an unmanaged rule stays. */
export const stayText = (prunable: boolean): string => prunable ? "--prune would delete it" : "nothing manages it"
