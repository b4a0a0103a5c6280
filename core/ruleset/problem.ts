/** Problems of a rules document, gathered while it is read. */
import { type Finding, type Position, type Severity, shown } from "../lint/finding.ts"
import { isObject, type Path, pathText } from "../wire/json.ts"

export interface Problems {
  readonly findings: Array<Finding>
  readonly positionOf: (path: Path) => Position | undefined
}

export const rulesFileSource = "the rules file in the README"

export type Words = Pick<Finding, "code" | "message" | "allowed" | "fix">

export const report = (
  problems: Problems,
  path: Path,
  value: unknown,
  words: Words,
  severity: Severity = "error",
): void => {
  const position = problems.positionOf(path)
  problems.findings.push({
    ...words,
    severity,
    path: pathText(path),
    ...(value === undefined ? {} : { found: shown(value) }),
    source: rulesFileSource,
    ...(position === undefined ? {} : { position }),
  })
}

/** A null is most often a key whose value was forgotten, or stands in a comment. */
export const reportForm = (problems: Problems, path: Path, value: unknown, allowed: string, fix: string): void =>
  report(problems, path, value, {
    code: "wrong-type",
    message: value === null ? "The value is null" : "The value has the wrong form",
    allowed,
    fix: value === null ? `${fix}, or leave the key out` : fix,
  })

/** What stands there; empty where something else does, which is reported. */
export const objectAt = (value: unknown, path: Path, problems: Problems): Readonly<Record<string, unknown>> => {
  if (isObject(value)) return value
  if (value !== undefined) reportForm(problems, path, value, "an object", "Write it as an object")
  return {}
}

export const listAt = (value: unknown, path: Path, problems: Problems): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value
  if (value !== undefined) {
    const fix = isObject(value) ? "Begin each item with a dash" : "Write it as a list, such as [a, b]"
    reportForm(problems, path, value, "a list", fix)
  }
  return []
}

export const flagAt = (value: unknown, path: Path, problems: Problems): boolean | undefined => {
  if (typeof value === "boolean") return value
  if (value !== undefined) reportForm(problems, path, value, "true or false", "Write true or false, unquoted")
  return undefined
}
