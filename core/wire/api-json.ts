/** A rule as JSON in the API's own names, as coscli and the SDKs write it: `{"Id": "list1", "Filter": {"And": {…}}}`. */
import { type Finding, shown } from "../lint/finding.ts"
import { rootElement } from "./configuration.ts"
import { isRuleKey, type Path, type Source, unknownKey, withPosition } from "./json.ts"
import { type Member, type Members, ruleMembers } from "./members.ts"
import type { Reading } from "./reading.ts"
import { walkRule } from "./walk.ts"
import type { Element } from "./xml/mod.ts"

/** Whether a parsed value uses the API's names, more than those of the JSON form. */
export const isApiShape = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  const api = keys.filter((key) => Object.hasOwn(ruleMembers, key) || key === "ID" || key === rootElement)
  return api.length > keys.filter(isRuleKey).length
}

/**
 * Reads it as the XML it stands for, with what the SDKs do differently: `SSECOS` (Node, Python), a bare list of
 * optional fields (Node), `ID` (Go), one tag without a list, an InventoryConfiguration object around it all.
 */
export const readApiJson = (source: Source, at: Path = []): Reading => {
  const outer = source.value as Record<string, unknown>
  const inner = outer[rootElement]
  const wrapped = typeof inner === "object" && inner !== null && !Array.isArray(inner)
  const base = wrapped ? [...at, rootElement] : at
  const state: State = { places: new Map(), findings: [], written: source.written ?? (() => undefined) }
  for (const key of wrapped ? Object.keys(outer) : []) {
    if (key === rootElement) continue
    const finding = unknownKey(key, key, [rootElement], `Move it into ${rootElement}, or remove it`)
    state.findings.push({ finding, path: [...at, key] })
  }
  const root = elementOf(rootElement, wrapped ? inner : outer, ruleGroup, base, state)
  const walked = walkRule(root)
  const paths = pathsOf(root, state.places)
  const position = (path: string) => source.position?.(paths(path) ?? base)
  const unknown = walked.unknown.map(({ in: place, element }): Finding => {
    const known = Object.keys(membersAt(place))
    const where = source.position?.(state.places.get(element) ?? base)
    return withPosition(
      unknownKey(element.tagName, `${place === "/" ? "" : place.slice(1) + "/"}${element.tagName}`, known),
      where,
    )
  })
  return {
    draft: walked.draft,
    findings: [
      ...walked.findings.map((f) => withPosition(f, position(f.path))),
      ...state.findings.map(({ finding, path }) => withPosition(finding, source.position?.(path))),
      ...unknown,
    ],
    unread: walked.unread,
    position,
    sourcePath: paths,
  }
}

interface State {
  readonly places: Map<Element, Path>
  readonly findings: Array<{ readonly finding: Finding; readonly path: Path }>
  /** How a number was written, such as `007`. */
  readonly written: (path: Path) => string | undefined
}

const ruleGroup: Member = { kind: "group", members: ruleMembers }

const aliases: ReadonlyMap<string, string> = new Map([["SSECOS", "SSE-COS"], ["ID", "Id"]])

/** The element that a value stands for. What is no member is not looked into: it is reported by its name. */
const elementOf = (name: string, value: unknown, member: Member | undefined, path: Path, state: State): Element => {
  const element: Element = { tagName: name, children: childrenOf(name, value, member, path, state) }
  state.places.set(element, path)
  return element
}

const childrenOf = (
  name: string,
  value: unknown,
  member: Member | undefined,
  path: Path,
  state: State,
): ReadonlyArray<Element | string> => {
  if (member === undefined || value === null || value === undefined) return []
  if (member.kind === "words" && Array.isArray(value)) return wordsOf(value, member.item, path, state)
  if (typeof value === "object") {
    const inner = "members" in member ? member.members : {}
    return Object.entries(value).flatMap(([key, v]) =>
      member.kind === "words" && key === member.item
        ? wordsOf(Array.isArray(v) ? v : [v], key, [...path, key], state)
        : elementsOf(aliases.get(key) ?? key, v, inner, [...path, key], state)
    )
  }
  const problem = misfit(value, member, state.written(path))
  if (problem !== undefined) report(name, problem, path, state)
  // What is text in a container is reported already, and the walk would do so again
  return "members" in member || member.kind === "words" ? [] : [String(value)]
}

const wordsOf = (words: ReadonlyArray<unknown>, item: string, path: Path, state: State): ReadonlyArray<Element> =>
  words.map((word, i) => elementOf(item, word, { kind: "word", key: item }, [...path, i], state))

const elementsOf = (
  name: string,
  value: unknown,
  members: Members,
  path: Path,
  state: State,
): ReadonlyArray<Element> => {
  const member = Object.hasOwn(members, name) ? members[name] : undefined
  if (member === undefined) return [elementOf(name, value, member, path, state)]
  // Go writes Destination with the members of COSBucketDestination directly in it
  const whole = name === "Destination" && typeof value === "object" && value !== null && "Bucket" in value
    ? { COSBucketDestination: value }
    : value
  const one = (item: unknown, at: Path): ReadonlyArray<Element> => {
    if (member.kind !== "presence" || isPresence(item)) return [elementOf(name, item, member, at, state)]
    report(name, { found: shown(item), allowed: 'text, such as "", or {}', fix: presenceFix }, at, state)
    return []
  }
  if (!Array.isArray(whole) || member.kind === "words") return one(whole, path)
  if (whole.length === 0 && member.kind !== "groups") {
    report(name, { found: "[]", allowed: "one value", fix: "Give it a value, or leave the key out" }, path, state)
  }
  return whole.flatMap((item, i) => one(item, [...path, i]))
}

/** In XML an element is there or not; a flag or null in its place may be meant either way. */
const isPresence = (value: unknown): boolean =>
  typeof value === "string" ||
  (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)

const presenceFix = 'Write "" to have it, or leave the key out'

const report = (name: string, problem: Misfit, path: Path, state: State): void => {
  state.findings.push({ finding: { ...wrongForm, ...problem, path: name }, path })
}

const wrongForm = {
  code: "wrong-type",
  severity: "error",
  message: "The value has the wrong form",
  source: "page 30625",
} as const

interface Misfit {
  readonly found: string
  readonly allowed: string
  readonly fix: string
}

/** XML knows no numbers and no containers of text; in JSON either is a slip that would widen or change a rule. */
const misfit = (value: unknown, member: Member, written: string | undefined): Misfit | undefined => {
  const found = shown(written ?? value)
  if (member.kind === "group" || member.kind === "groups") {
    const allowed = `an object with ${Object.keys(member.members).join(", ")}`
    return value === "" ? undefined : { found, allowed, fix: "Write it as an object" }
  }
  if (member.kind === "words") return value === "" ? undefined : { found, allowed: "a list", fix: "Write it as a list" }
  return (member.kind === "text" || member.kind === "word") && typeof value !== "string"
    ? { found, allowed: "text", fix: `Put quotes around it: "${found}"` }
    : undefined
}

const membersAt = (place: string): Members =>
  place.split("/").filter((s) => s !== "").reduce<Members>((members, step) => {
    const member = members[step.replace(/\[\d+\]$/u, "")]
    return member !== undefined && "members" in member ? member.members : {}
  }, ruleMembers)

/** Finds the source path of a draft path by walking the same tree with each element numbered. */
const pathsOf = (root: Element, places: ReadonlyMap<Element, Path>): (path: string) => Path | undefined => {
  const order: Array<Path | undefined> = []
  const number = (element: Element): Element => {
    const start = order.push(places.get(element)) - 1
    return { ...element, start, children: element.children.map((c) => typeof c === "string" ? c : number(c)) }
  }
  let offsets: ReadonlyMap<string, number> | undefined
  return (path) => {
    offsets ??= walkRule(number(root)).offsets
    const at = offsets.get(path)
    return at === undefined ? undefined : order[at]
  }
}
