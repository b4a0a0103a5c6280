/** Judging a rule: shape first, then every row of meaning, all in one run. */
import { resourceForm } from "../bucket.ts"
import { formats, frequencies, idCharacters, includedObjectVersions } from "../limits.ts"
import type { Kind } from "../rule.ts"
import { missingPaths, type Reading } from "../wire/reading.ts"
import { adviceRows } from "./advice/mod.ts"
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
export type { AdviceContext, Code, Context } from "./context.ts"
export { repeatedIds } from "./beside/mod.ts"
export { codes } from "./codes.ts"
export { broughtIn, isForgivable, losing } from "./odd.ts"
export { lintTargets, type Moment } from "./targets.ts"
export { type Chosen, type Placed, type Places, placesOf } from "./places.ts"
export { standInBucket, standInRegion } from "./stand-in.ts"

/** All findings of one rule that `put` and `validate` judge by, in the order of the document as far as places are known. */
export const lint = (reading: Reading, context: Context): ReadonlyArray<Finding> =>
  placed(judged(reading, context), reading)

/** The same with advice, for which nothing is refused: every finding of one rule by itself. */
export const advise = (reading: Reading, context: AdviceContext): ReadonlyArray<Finding> =>
  placed(
    [...judged(reading, context).map(knowingRules), ...found(adviceRows, reading, knowing(reading, context))],
    reading,
  )

const knowing = ({ short }: Reading, context: AdviceContext): AdviceContext =>
  short === undefined ? context : { ...context, short }

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

/** Who asks for advice has rules files, in which some of what is missing need not be written. */
const knowingRules = (finding: Finding): Finding => {
  const otherwise = finding.code === "required" ? unlessTold[finding.path] : undefined
  return otherwise === undefined
    ? finding
    : { ...finding, fix: `${finding.fix}; or put the rule under rules:, where it is ${otherwise} unless told` }
}

const unlessTold: Readonly<Record<string, string>> = { isEnabled: "true", includedObjectVersions: "Current" }

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
