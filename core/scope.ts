/** Which objects a rule reaches, as far as the rule alone tells. */
import type { InventoryJob } from "./rule.ts"
import { settle } from "./wire/reading.ts"

type Scope = Pick<InventoryJob, "filter" | "includedObjectVersions" | "extra">

/** Whether a rule looks at every object of its bucket, in whatever version. An unknown condition is one. */
export const isWholeBucket = (rule: Scope): boolean =>
  settle(rule).filter === undefined && conditions(rule).length === 0

/**
 * Whether everything that the one rule reaches is reached by the other, too.
 *
 * **Details**
 *
 * Reflexive and transitive. Two rules of which neither is within the other reach different objects, or their conditions
 * cannot be told apart: an unknown condition is within the same one alone.
 */
export const isWithin = (inner: Scope, outer: Scope): boolean => {
  const { prefix = "", tags = [], storageClass, period = {} } = inner.filter ?? {}
  const wide = outer.filter ?? {}
  const known = new Set(conditions(inner))
  return (outer.includedObjectVersions === "All" || outer.includedObjectVersions === inner.includedObjectVersions) &&
    prefix.startsWith(wide.prefix ?? "") &&
    (wide.tags ?? []).every(({ key, value }) => tags.some((tag) => tag.key === key && tag.value === value)) &&
    ((wide.storageClass ?? "") === "" || wide.storageClass === storageClass) &&
    (wide.period?.startTime ?? -Infinity) <= (period.startTime ?? -Infinity) &&
    (wide.period?.endTime ?? Infinity) >= (period.endTime ?? Infinity) &&
    conditions(outer).every((condition) => known.has(condition))
}

/** Elements below the filter that this project does not know; which tag one stands in is told by no number here. */
const conditions = ({ extra }: Scope): ReadonlyArray<string> =>
  (extra ?? []).filter((e) => e.in === "/Filter" || e.in.startsWith("/Filter/")).map((e) =>
    `${e.in.replace(/\[\d+\]$/u, "")} ${e.xml.trim()}`
  )
