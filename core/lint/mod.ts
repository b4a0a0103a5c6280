/** Judging a rule: shape first, then every row of meaning, all in one run. */
import { resourceForm } from "../bucket.ts"
import { formats, frequencies, idCharacters, includedObjectVersions } from "../limits.ts"
import type { Kind } from "../rule.ts"
import { missingPaths, type Reading } from "../wire/reading.ts"
import type { Context } from "./context.ts"
import { enclosing, type Finding, shown } from "./finding.ts"
import { rows } from "./rows.ts"

export { type Edit, type Finding, isError, placeOf, type Position, type Severity, shown } from "./finding.ts"
export type { Context } from "./context.ts"
export { lintTargets, type Moment } from "./targets.ts"

/** All findings of one rule, in the order of the document as far as places are known. */
export const lint = (reading: Reading, context: Context): ReadonlyArray<Finding> => {
  const { draft, unread } = reading
  const place = (finding: Finding): Finding => {
    const position = finding.position ?? reading.position(finding.path)
    return {
      ...finding,
      ...(position === undefined ? {} : { position }),
      ...(reading.file === undefined ? {} : { file: reading.file }),
    }
  }
  const meaning: Array<Finding> = []
  for (const row of rows) {
    for (const hit of row.check(draft, context)) {
      if (hides(unread, hit.path) || (row.isAboutAbsence === true && holdsUnread(unread, hit.path))) continue
      meaning.push({
        code: row.code,
        severity: row.severity,
        path: hit.path,
        message: hit.message ?? row.message,
        ...(hit.found === undefined ? {} : { found: shown(hit.found) }),
        allowed: hit.allowed,
        fix: hit.fix,
        source: row.source,
        ...(hit.edit === undefined ? {} : { edit: hit.edit }),
      })
    }
  }
  const all = [...reading.findings, ...missing(reading, context.kind), ...meaning]
  return all.length === 0 ? all : all.map(place).toSorted(byPlace)
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

const byPlace = (a: Finding, b: Finding): number =>
  (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0)
