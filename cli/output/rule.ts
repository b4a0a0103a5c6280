/** A rule as people read it, in the words of the API. */
import type * as Effect from "effect/Effect"
import { reportLocation } from "../../core/location.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { writeTime } from "../../core/time.ts"
import { isInFilter } from "../../core/wire/members.ts"
import { pairs, table } from "./table.ts"

export const ruleCard = (rule: InventoryConfiguration | InventoryJob, bucket: string): Effect.Effect<string> => {
  const { destination } = rule
  const location = reportLocation(bucket, rule)
  return pairs([
    ["Id", rule.id],
    ...("isEnabled" in rule ? [["IsEnabled", String(rule.isEnabled)] as const] : []),
    ...("schedule" in rule ? [["Schedule", scheduleText(rule)] as const] : []),
    ["Filter", filterLines(rule)],
    ["IncludedObjectVersions", rule.includedObjectVersions],
    ["OptionalFields", rule.optionalFields?.join(", ") ?? "none"],
    ["Destination", destination.bucket],
    ...optional("  AccountId", destination.accountId),
    ...optional("  Prefix", destination.prefix),
    ["  Format", destination.format],
    ["  Encryption", destination.encryption ?? "none"],
    ...optional("Reports", location && `cos://${location.bucket}/${location.prefix}`),
    ...(rule.extra ?? []).map((e) => ["Unknown element", `${e.xml} in ${e.in}`] as const),
  ])
}

export const ruleTable = (rules: ReadonlyArray<InventoryConfiguration>): Effect.Effect<string> =>
  table(columns, rules.map(cellsOf))

/** The rules of many buckets. */
export const rulesTable = (
  buckets: ReadonlyArray<{ readonly bucket: string; readonly rules: ReadonlyArray<InventoryConfiguration> }>,
): Effect.Effect<string> =>
  table(["BUCKET", ...columns], buckets.flatMap(({ bucket, rules }) => rules.map((rule) => [bucket, ...cellsOf(rule)])))

const columns = ["ID", "ENABLED", "SCHEDULE", "FILTER", "VERSIONS", "DESTINATION"]

const cellsOf = (rule: InventoryConfiguration): ReadonlyArray<string> => [
  rule.id,
  rule.isEnabled ? "yes" : "no",
  scheduleText(rule),
  filterText(rule, " "),
  rule.includedObjectVersions,
  `${rule.destination.bucket}${rule.destination.prefix === undefined ? "" : `/${rule.destination.prefix}`}`,
]

export const scheduleText = ({ schedule }: InventoryConfiguration): string =>
  schedule.monthlyDate === undefined ? schedule.frequency : `${schedule.frequency}, on day ${schedule.monthlyDate}`

/** Every condition; `between` stands between two of them. */
export const filterText = (rule: InventoryJob, between: string): string => filterLines(rule).join(between)

const filterLines = ({ filter, extra }: InventoryJob): ReadonlyArray<string> => {
  const { prefix, tags = [], storageClass, period } = filter ?? {}
  const unknown = (extra ?? []).filter((e) => isInFilter(e.in)).length
  const parts = [
    ...(prefix === undefined ? [] : [`prefix "${prefix}"`]),
    ...tags.map((t) => `tag ${t.key}=${t.value}`),
    ...(storageClass === undefined ? [] : [`storage class ${storageClass}`]),
    ...(period === undefined ? [] : [periodText(period)]),
    ...(unknown === 0 ? [] : [unknown === 1 ? "1 unknown condition" : `${unknown} unknown conditions`]),
  ]
  return parts.length === 0 ? ["none (the whole bucket)"] : parts
}

const periodText = ({ startTime, endTime }: { readonly startTime?: number; readonly endTime?: number }): string =>
  [
    "created",
    startTime === undefined ? "" : `from ${writeTime(startTime)}`,
    endTime === undefined ? "" : `to ${writeTime(endTime)}`,
  ].filter((s) => s !== "").join(" ")

const optional = (name: string, value: string | undefined): ReadonlyArray<readonly [string, string]> =>
  value === undefined ? [] : [[name, value]]
