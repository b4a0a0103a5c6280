/** A rule in the JSON form, which is also its YAML form: the API's names in lowerCamelCase. */
import { type Finding, type Position, shown } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import type { Draft, InventoryConfiguration, InventoryJob } from "../rule.ts"
import { readTime, timeText, writeTime } from "../time.ts"
import { type Member, type Members, ruleMembers } from "./members.ts"
import type { Path, Reading } from "./reading.ts"

export type { Path } from "./reading.ts"

/** A parsed JSON or YAML value, and where its parts stood in the text. */
export interface Source {
  readonly value: unknown
  readonly position?: (path: Path) => Position | undefined
  /** How a number or a boolean was written, such as `007` for 7. */
  readonly written?: (path: Path) => string | undefined
}

/** What stands under the keys of an object, in their order. */
export interface Shape {
  readonly [key: string]: Exclude<Member, { readonly members: Members }> | {
    readonly kind: "object"
    readonly shape: Shape
  } | {
    readonly kind: "objects"
    readonly shape: Shape
  } | { readonly kind: "extra" }
}

/** Containers without a key melt into the object around them: `destination.bucket`, not `destination.cos….bucket`. */
const shapeOf = (members: Members): Shape =>
  Object.fromEntries(
    Object.values(members).flatMap((member): ReadonlyArray<[string, Shape[string]]> => {
      if (member.kind === "group") {
        const shape = shapeOf(member.members)
        return member.key === undefined ? Object.entries(shape) : [[member.key, { kind: "object", shape }]]
      }
      if (member.kind === "groups") return [[member.key, { kind: "objects", shape: shapeOf(member.members) }]]
      return [[member.key, member]]
    }),
  )

export const ruleShape: Shape = { ...shapeOf(ruleMembers), extra: { kind: "extra" } }

interface State {
  readonly findings: Array<Finding>
  readonly unread: Set<string>
  /** Where unknown keys stand: they may hold the dots and brackets that a path is split at. */
  readonly keys: Map<Finding, Path>
  /** A number or a boolean as it was written. */
  readonly written: (value: unknown, path: string) => unknown
}

/** Whether a key is one of a rule's in the JSON form. */
export const isRuleKey = (key: string): boolean => Object.hasOwn(ruleShape, key)

/** Reads one rule from a parsed value; what has the wrong form is reported and left out. */
export const readJson = (source: Source, at: Path = []): Reading => {
  const written = (value: unknown, path: string) =>
    typeof value === "number" || typeof value === "boolean"
      ? source.written?.([...at, ...splitPath(path)]) ?? value
      : value
  const state: State = { findings: [], unread: new Set(), keys: new Map(), written }
  const draft = readObject(source.value, ruleShape, "", state) as Reading["draft"] | undefined
  const position = (path: string) => source.position?.([...at, ...splitPath(path)])
  return {
    draft: draft ?? {},
    findings: state.findings.map((f) =>
      withPosition(f, source.position?.([...at, ...(state.keys.get(f) ?? splitPath(f.path))]))
    ),
    unread: draft === undefined ? new Set([...state.unread, ""]) : state.unread,
    position,
    sourcePath: (path) => [...at, ...splitPath(path)],
  }
}

export const withPosition = (finding: Finding, position: Position | undefined): Finding =>
  position === undefined ? finding : { ...finding, position }

const readObject = (value: unknown, shape: Shape, path: string, state: State): Record<string, unknown> | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return wrong(value, path, `an object with ${Object.keys(shape).join(", ")}`, "Write it as an object", state)
  }
  const out: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`
    const expected = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (expected === undefined) {
      const finding = unknownKey(key, at, Object.keys(shape))
      state.keys.set(finding, [...splitPath(path), key])
      state.findings.push(finding)
      continue
    }
    const read = readValue(inner, expected, at, state)
    if (read !== undefined) out[key] = read
  }
  return out
}

const readValue = (value: unknown, expected: Shape[string], path: string, state: State): unknown => {
  switch (expected.kind) {
    case "object":
      return readObject(value, expected.shape, path, state)
    case "objects":
      return readList(value, path, state, (item, at) => readObject(item, expected.shape, at, state) ?? {})
    case "words":
      return readList(value, path, state, (item, at) => readText(item, "word", at, state) ?? "")
    case "extra":
      return readList(value, path, state, (item, at) => readExtra(item, at, state) ?? { in: "", xml: "" })
    case "flag":
      return typeof value === "boolean"
        ? value
        : wrong(value, path, "true or false", "Write true or false, unquoted", state)
    case "integer":
      return Number.isSafeInteger(value)
        ? (value as number) + 0 // 0 of -0
        : wrong(value, path, "a whole number", "Write a whole number, unquoted", state)
    case "time":
      return readTimeValue(value, path, state)
    case "presence":
      return value === expected.value
        ? value
        : wrong(value, path, `"${expected.value}"`, `Write ${expected.value}, or leave the key out`, state)
    default:
      return readText(value, expected.kind, path, state)
  }
}

const readText = (value: unknown, kind: "text" | "word", path: string, state: State): string | undefined => {
  if (typeof value === "number" || typeof value === "boolean") {
    return wrong(value, path, "text", `Put quotes around it: "${state.written(value, path)}"`, state)
  }
  if (typeof value !== "string") return wrong(value, path, "text", "Write text", state)
  if (kind === "word" && value !== value.trim()) {
    return wrong(value, path, "text without white space around it", `Write "${value.trim()}"`, state)
  }
  return value
}

const timeForms = "an ISO-8601 time in UTC such as 2019-09-17T02:52:41Z, or epoch seconds"

const readTimeValue = (value: unknown, path: string, state: State): number | undefined => {
  const seconds = typeof value === "number" && Number.isSafeInteger(value)
    ? value + 0
    : typeof value === "string" && /^\d{1,15}$/u.test(value)
    ? Number(value)
    : typeof value === "string"
    ? readTime(value)
    : undefined
  // YAML 1.1 reads a time that is not quoted as a value of its own
  const isDate = value instanceof Date && !Number.isNaN(value.getTime())
  const fix = isDate
    ? `Put quotes around it, as in "${writeTime(Math.floor(value.getTime() / 1000))}"`
    : "Write the time in UTC, ending in Z"
  return seconds ?? wrong(value, path, timeForms, fix, state)
}

const readExtra = (value: unknown, path: string, state: State): unknown => {
  const shape: Shape = { in: { kind: "text", key: "in" }, xml: { kind: "text", key: "xml" } }
  const read = readObject(value, shape, path, state)
  if (read === undefined || (typeof read["in"] === "string" && typeof read["xml"] === "string")) return read
  return wrong(value, path, 'an object with "in" and "xml"', "Give both", state)
}

/** An item that cannot be read still takes its place, so that the others keep theirs. */
const readList = <A>(
  value: unknown,
  path: string,
  state: State,
  item: (value: unknown, path: string) => A,
): ReadonlyArray<A> | undefined =>
  Array.isArray(value)
    ? value.map((v, i) => item(v, `${path}[${i}]`))
    : wrong(value, path, "a list", "Write it as a list", state)

const wrong = (value: unknown, path: string, allowed: string, fix: string, state: State): undefined => {
  state.unread.add(path)
  state.findings.push({
    code: "wrong-type",
    severity: "error",
    path,
    message: value === null ? "The value is null" : "The value has the wrong form",
    found: shown(state.written(value, path)),
    allowed,
    fix: value === null ? `${fix}, or leave the key out` : fix,
    source: "the JSON form in the README",
  })
  return undefined
}

/** `otherwise` is the advice where no known key is near. */
export const unknownKey = (
  key: string,
  path: string,
  known: ReadonlyArray<string>,
  otherwise = "Remove it",
): Finding => {
  const near = nearest(key, known)
  return {
    code: "unknown-key",
    severity: "error",
    path,
    message: "The key is unknown",
    found: shown(key),
    allowed: known.join(", "),
    fix: near === undefined ? otherwise : `Did you mean "${near}"?`,
    source: "the JSON form in the README",
  }
}

/** `filter.tags[0].key` as `["filter", "tags", 0, "key"]`. */
export const splitPath = (path: string): Path =>
  path === ""
    ? []
    : (path.match(/[^.[\]]+/gu) ?? []).map((part, i, all) =>
      i > 0 && /^\d+$/u.test(part) && path.includes(`${all[i - 1]}[${part}]`) ? Number(part) : part
    )

/** The JSON form of a rule: times in ISO-8601, keys in the order of the table of members. */
export const writeJson = (rule: InventoryConfiguration | InventoryJob | Draft): Record<string, unknown> =>
  writeObject({ ...rule }, ruleShape)

/** A loop, since plans come through here with every rule of every bucket. */
const writeObject = (value: Readonly<Record<string, unknown>>, shape: Shape): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const key in shape) if (value[key] !== undefined) out[key] = writeValue(value[key], shape[key]!)
  return out
}

const writeValue = (value: unknown, expected: Shape[string]): unknown => {
  switch (expected.kind) {
    case "object":
      return writeObject(value as Record<string, unknown>, expected.shape)
    case "objects":
      return (value as ReadonlyArray<Record<string, unknown>>).map((item) => writeObject(item, expected.shape))
    case "time":
      return timeText(value as number)
    default:
      return value
  }
}

/** A path as findings show it: `buckets[0].steps`. */
export const pathText = (path: Path): string =>
  path.map((part, i) => typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`).join("")

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
