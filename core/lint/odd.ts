/** Odd rules: what COS holds although `put` would refuse it, and what of it may stay. */
import { type Finding, isError } from "./finding.ts"
import { rows } from "./rows.ts"

/** What these findings are about would not be in the rule that is written. */
export const losing: ReadonlySet<string> = new Set(["filter-empty", "extra-form"])

const meanings: ReadonlySet<string> = new Set(rows.map(({ code }) => code))

/**
 * Whether a rule may be what an error says of it: COS judges what a rule means, and may know words that this project
 * does not. What could not be read, what is missing, what stands twice and what would be lost is never forgiven.
 */
export const isForgivable = (finding: Finding): boolean =>
  !isError(finding) || (meanings.has(finding.code) && !losing.has(finding.code))

/** The errors of a rule that an earlier one has not, each counted as often as it stands there. */
export const broughtIn = (before: ReadonlyArray<Finding>, after: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  const left = new Map<string, number>()
  const keyOf = (finding: Finding) => `${finding.code} ${finding.found ?? ""}`
  for (const finding of before) left.set(keyOf(finding), (left.get(keyOf(finding)) ?? 0) + 1)
  return after.filter(isError).filter((finding) => {
    const count = left.get(keyOf(finding)) ?? 0
    left.set(keyOf(finding), count - 1)
    return count <= 0
  })
}
