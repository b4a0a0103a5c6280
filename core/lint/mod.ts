/** Judging a rule: shape first, then every row of meaning, all in one run. */
import { resourceForm } from "../bucket.ts"
import { formats, frequencies, idCharacters, includedObjectVersions } from "../limits.ts"
import type { Kind } from "../rule.ts"
import { missingPaths, type Reading } from "../wire/reading.ts"
import { type AdviceContext, type Context, findingOf, type Row } from "./context.ts"
import { byPlace, enclosing, type Finding } from "./finding.ts"
import { rows } from "./rows.ts"

export {
  byPlace,
  distinct,
  type Edit,
  type Finding,
  isError,
  placeOf,
  type Position,
  type Severity,
  shown,
} from "./finding.ts"
export { type AdviceContext, type Code, type Context, findingOf, type Hit, type Row } from "./context.ts"
export { broughtIn, isForgivable, losing } from "./odd.ts"
export { type FindingCounts, findingCounts, plainFields } from "./plain.ts"
export { rows } from "./rows.ts"

/** All findings of one rule that `put` and `validate` judge by, in the order of the document as far as places are known. */
export const lint = (reading: Reading, context: Context): ReadonlyArray<Finding> =>
  placed(judged(reading, context), reading)

/** The same with what further rows say, for which nothing is refused. */
export const lintBy = (
  further: ReadonlyArray<Row<AdviceContext>>,
  reading: Reading,
  context: AdviceContext,
): ReadonlyArray<Finding> => placed([...judged(reading, context), ...found(further, reading, context)], reading)

const judged = (reading: Reading, context: AdviceContext): ReadonlyArray<Finding> => [
  ...reading.findings,
  ...missing(reading, context.kind),
  ...found(rows, reading, context),
]

const placed = (findings: ReadonlyArray<Finding>, reading: Reading): ReadonlyArray<Finding> =>
  findings.length === 0 ? findings : findings.map((finding) => {
    const position = finding.position ?? reading.position(finding.path)
    return {
      ...finding,
      ...(position === undefined ? {} : { position }),
      ...(reading.file === undefined ? {} : { file: reading.file }),
    }
  }).toSorted(byPlace)

const found = (
  table: ReadonlyArray<Row<AdviceContext>>,
  { draft, unread }: Reading,
  context: AdviceContext,
): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  for (const row of table) {
    for (const hit of row.check(draft, context)) {
      if (hides(unread, hit.path) || (row.isAboutAbsence === true && holdsUnread(unread, hit.path))) continue
      findings.push(findingOf(row, hit, context.tell))
    }
  }
  return findings
}

const missing = ({ draft, unread }: Reading, kind: Kind): ReadonlyArray<Finding> => {
  const paths = missingPaths(draft, kind).filter((path) => !hides(unread, path))
  if (paths.length === 0) return []
  const looksLikeJob = jobLacks.every((path) => paths.includes(path)) && paths.length === jobLacks.length
  return paths.map((path) => ({
    code: path === "id" ? "id-empty" : "required",
    severity: "error",
    path,
    message: path === "id"
      ? "The rule has no id, and COS answers an empty one with the whole list"
      : "The value is missing",
    allowed: requiredWords[path] ?? "a value",
    fix: looksLikeJob ? `Add ${path}; or treat it as a one-time job, which has none` : `Add ${path}`,
    source: "page 30625",
  }))
}

/** What a one-time job has not, and a periodic rule must have. */
const jobLacks = ["isEnabled", "schedule.frequency"]

const requiredWords: Readonly<Record<string, string>> = {
  id: `an id of ${idCharacters}`,
  isEnabled: "true or false",
  includedObjectVersions: includedObjectVersions.join(", "),
  "schedule.frequency": frequencies.join(", "),
  "destination.bucket": resourceForm,
  "destination.format": formats.join(", "),
}

/** Whether something at or below a path could not be read. */
const holdsUnread = (unread: ReadonlySet<string>, path: string): boolean =>
  Array.from(unread).some((u) => u.startsWith(`${path}.`) || u.startsWith(`${path}[`))

/** Whether a path lies at or below something that could not be read, about which nothing more is said. */
const hides = (unread: ReadonlySet<string>, path: string): boolean => {
  for (const at of enclosing(path)) if (unread.has(at)) return true
  return unread.has("")
}
