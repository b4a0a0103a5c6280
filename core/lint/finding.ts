/** What a check has to say about one place in a rule. */

export interface Position {
  /** Both count from 1; a column counts UTF-16 units. */
  readonly line: number
  readonly column: number
}

export type Severity = "error" | "warning" | "info"

/** A change of the rule that certainly mends a finding: the value of one path, or its removal. */
export interface Edit {
  /** In the JSON form of the rule, such as `destination.prefix` or `optionalFields[2]`. */
  readonly path: string
  /** Absent to remove what stands there. */
  readonly value?: unknown
}

export interface Finding {
  /** Stable, lower-case, such as `tag-needs-field`. */
  readonly code: string
  /** `error` is refused, `warning` is likely to be a mistake, `info` is worth knowing. */
  readonly severity: Severity
  /** Place in the JSON form, such as `filter.period.startTime`; empty for the document as a whole. */
  readonly path: string
  /** What is wrong, without the value. */
  readonly message: string
  /** The value found, as written; absent when the problem is that there is none. */
  readonly found?: string
  /** What would be accepted. */
  readonly allowed: string
  /** The next thing to do. */
  readonly fix: string
  /** Where the rule comes from: a documentation page, an observation in an SDK, "assumed", or a form that is named. */
  readonly source: string
  readonly file?: string
  readonly position?: Position
  /** Only where there is no other way to mend it. */
  readonly edit?: Edit
  /** Where its file is for several buckets: the first that it concerns, and how many. */
  readonly bucket?: string
  readonly buckets?: number
}

const longest = 80

/** A value as it is shown in a finding: JSON for what is not text, and never longer than a line. */
export const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : jsonOf(value)
  // A character is at most two units long
  const units = Array.from(text.slice(0, 2 * longest + 2))
  return units.length > longest ? `${units.slice(0, longest).join("")}…` : text
}

/** What JSON cannot say (too deep, in a circle, a bigint) is named by its kind. */
const jsonOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : String(value)
  }
}

/** A path and the paths around it, from the inside out; the document as a whole is not among them. */
export const enclosing = function* (path: string): Iterable<string> {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("."), at.lastIndexOf("[")))) yield at
}

/** `file:line:column path`, as far as known. */
export const placeOf = (finding: Pick<Finding, "file" | "position" | "path">): string => {
  const { file, position, path } = finding
  const at = position === undefined ? "" : `${position.line}:${position.column}`
  const where = [file, at].filter((s) => s !== undefined && s !== "").join(":")
  return [where, path].filter((s) => s !== "").join(" ")
}

/** In the order of files, and in a file of places. */
export const byPlace = (a: Finding, b: Finding): number =>
  inOrder(a.file ?? "", b.file ?? "") || (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
  (a.position?.column ?? 0) - (b.position?.column ?? 0)

const inOrder = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** The same for findings of one code about one place. Without a place, what was found tells two apart. */
export const keyOf = ({ code, path, file, position, found, message }: Finding): string =>
  position === undefined
    ? JSON.stringify([file, path, code, found, message])
    : `${code} ${position.line}:${position.column} ${path} ${file ?? ""}`

/** Each finding once. */
export const distinct = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  const seen = new Set<string>()
  return findings.filter((finding) => {
    const { size } = seen
    return seen.add(keyOf(finding)).size > size
  })
}

export const isError = (finding: Finding): boolean => finding.severity === "error"
