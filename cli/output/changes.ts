/** The difference of two rules, one line a field. */
import { type Change, changeText } from "../../core/diff.ts"
import { oneLine } from "../../core/redact.ts"

export const changeLines = (changes: ReadonlyArray<Change>): ReadonlyArray<string> =>
  changes.map(({ path, before, after }) => {
    const [from, to] = [before, after].map((value) => oneLine(changeText(value)))
    const field = oneLine(path)
    if (before === undefined) return `  + ${field}: ${to}`
    if (after === undefined) return `  - ${field}: ${from}`
    return `  ~ ${field}: ${from} -> ${to}`
  })
