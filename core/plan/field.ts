/** The members of a plan file, read strictly: whatever is not as it was written is a finding. */
import { type Finding, shown } from "../lint/mod.ts"
import { isObject, type Path, pathText, type Source, unknownKey, withPosition } from "../wire/json.ts"

export interface State {
  readonly source: Source
  /** What is wrong with the document. */
  readonly findings: Array<Finding>
  /** What a rule means says nothing against the document that it stands in. */
  readonly judged: Array<Finding>
  /** Whether the plan deletes. */
  readonly prune?: boolean | undefined
  /** Whether COS judges the rules; what is never forgiven is refused all the same. */
  readonly asIs?: boolean
}

export const planAgain = "A plan is not to be edited: plan again"

export const documented = "the plan file in the README"

type Keys = ReadonlyArray<string>
type Fields = Readonly<Record<string, unknown>>

/** An object's own members; those that nobody knows are reported, and so are those that are not there. */
export const fieldsAt = (
  value: unknown,
  path: Path,
  required: Keys,
  optional: Keys,
  state: State,
): Fields | undefined => {
  const known = [...required, ...optional]
  if (!isObject(value)) return wrongType(value, path, `an object with ${known.join(", ")}`, state)
  for (const key of Object.keys(value).filter((name) => !known.includes(name))) {
    const at = [...path, key]
    const finding = { ...unknownKey(key, pathText(at), known, planAgain), source: documented }
    state.findings.push(withPosition(finding, positionOf(state, at)))
  }
  const missing = required.filter((key) => !Object.hasOwn(value, key))
  for (const key of missing) lacks([...path, key], state)
  return Object.fromEntries(known.filter((key) => Object.hasOwn(value, key)).map((key) => [key, value[key]]))
}

export const lacks = (path: Path, state: State): void => {
  report(state, path, undefined, {
    code: "required",
    message: "The value is missing",
    allowed: "a value",
    fix: planAgain,
  })
}

/** A member that is not there was reported with its object. */
const typed =
  <A>(is: (value: unknown) => value is A, allowed: string) =>
  (value: unknown, path: Path, state: State): A | undefined =>
    value === undefined ? undefined : is(value) ? value : wrongType(value, path, allowed, state)

export const textAt = typed((value): value is string => typeof value === "string" && value !== "", "text")
export const flagAt = typed((value): value is boolean => typeof value === "boolean", "true or false")
export const countAt = typed(
  (value): value is number => Number.isSafeInteger(value) && Number(value) > 0,
  "a number from 1",
)
const anyList = typed((value): value is ReadonlyArray<unknown> => Array.isArray(value), "a list")
export const listAt = (value: unknown, path: Path, state: State) => anyList(value, path, state) ?? []

export const wrongType = (value: unknown, path: Path, allowed: string, state: State): undefined =>
  report(state, path, value, { code: "wrong-type", message: "The value has the wrong form", allowed, fix: planAgain })

export const once = (name: string, seen: Set<string>, path: Path, what: "bucket" | "id", state: State): void => {
  if (seen.has(name)) {
    report(state, path, name, {
      code: `${what}-repeated`,
      message: `The ${what} stands twice`,
      allowed: "each once",
      fix: planAgain,
    })
  }
  seen.add(name)
}

export const report = (
  state: State,
  path: Path,
  value: unknown,
  words: Pick<Finding, "code" | "message" | "allowed" | "fix">,
): undefined => {
  const found = value === undefined ? {} : { found: shown(value) }
  const finding: Finding = { ...words, severity: "error", path: pathText(path), ...found, source: documented }
  state.findings.push(withPosition(finding, positionOf(state, path)))
}

export const positionOf = (state: State, path: Path) => state.source.position?.(path)
