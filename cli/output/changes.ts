/** The difference of two rules, one line a field. */
import type { Change } from "../../core/diff.ts"
import { printable } from "../../core/redact.ts"

export const changeLines = (changes: ReadonlyArray<Change>): ReadonlyArray<string> =>
  changes.map(({ path, before, after }) => {
    if (before === undefined) return `  + ${path}: ${printable(after ?? "")}`
    if (after === undefined) return `  - ${path}: ${printable(before)}`
    return `  ~ ${path}: ${printable(before)} -> ${printable(after)}`
  })
