/** The difference of two rules, one line a field. */
import type { Change } from "../../core/diff.ts"
import { oneLine } from "../../core/redact.ts"

export const changeLines = (changes: ReadonlyArray<Change>): ReadonlyArray<string> =>
  changes.map(({ path, before, after }) => {
    if (before === undefined) return `  + ${path}: ${oneLine(after ?? "")}`
    if (after === undefined) return `  - ${path}: ${oneLine(before)}`
    return `  ~ ${path}: ${oneLine(before)} -> ${oneLine(after)}`
  })
