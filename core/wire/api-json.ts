/** A rule as JSON in the API's own names, as coscli and the SDKs write it: `{"Id": "list1", "Filter": {"And": {…}}}`. */
import { type Finding, shown } from "../lint/finding.ts"
import { rootElement } from "./configuration.ts"
import { type Path, type Source, unknownKey, withPosition } from "./json.ts"
import { type Member, type Members, ruleMembers } from "./members.ts"
import type { Reading } from "./reading.ts"
import { walkRule } from "./walk.ts"
import type { Element } from "./xml/mod.ts"

/** Whether a parsed value uses the API's names. */
export const isApiShape = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  Object.keys(value).some((key) => Object.hasOwn(ruleMembers, key) || key === "ID" || key === rootElement)

/**
 * Reads it as the XML it stands for, with what the SDKs do differently: `SSECOS` (Node, Python), a bare list of
 * optional fields (Node), `ID` (Go), one tag without a list, an InventoryConfiguration object around it all.
 */
export const readApiJson = (source: Source, at: Path = []): Reading => {
  const outer = source.value as Record<string, unknown>
  const inner = outer[rootElement]
  const wrapped = typeof inner === "object" && inner !== null && !Array.isArray(inner)
  const base = wrapped ? [...at, rootElement] : at
  const state: State = { places: new Map(), findings: [] }
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
  }
}

interface State {
  readonly places: Map<Element, Path>
  readonly findings: Array<{ readonly finding: Finding; readonly path: Path }>
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
  if (member.kind === "words" && Array.isArray(value)) {
    return value.map((v, i) => elementOf(member.item, v, wordOf(member.item), [...path, i], state))
  }
  if (typeof value === "object") {
    const inner: Members = "members" in member
      ? member.members
      : member.kind === "words"
      ? { [member.item]: wordOf(member.item) }
      : {}
    return Object.entries(value).flatMap(([key, v]) =>
      elementsOf(aliases.get(key) ?? key, v, inner, [...path, key], state)
    )
  }
  const problem = misfit(value, member)
  if (problem !== undefined) state.findings.push({ finding: { ...wrongForm, ...problem, path: name }, path })
  return [String(value)]
}

const elementsOf = (
  name: string,
  value: unknown,
  members: Members,
  path: Path,
  state: State,
): ReadonlyArray<Element> => {
  const member = Object.hasOwn(members, name) ? members[name] : undefined
  // Go writes Destination with the members of COSBucketDestination directly in it
  const whole = name === "Destination" && typeof value === "object" && value !== null && "Bucket" in value
    ? { COSBucketDestination: value }
    : value
  return Array.isArray(whole) && member?.kind !== "words"
    ? whole.map((v, i) => elementOf(name, v, member, [...path, i], state))
    : [elementOf(name, whole, member, path, state)]
}

const wordOf = (key: string): Member => ({ kind: "word", key })

const wrongForm = {
  code: "wrong-type",
  severity: "error",
  message: "The value has the wrong form",
  source: "page 30625",
} as const

/** XML passes over text in a container and knows no numbers; in JSON either is a slip that would widen or change a rule. */
const misfit = (
  value: unknown,
  member: Member,
): { readonly found: string; readonly allowed: string; readonly fix: string } | undefined => {
  const found = shown(value)
  if (member.kind === "group" || member.kind === "groups") {
    const allowed = `an object with ${Object.keys(member.members).join(", ")}`
    return value === "" ? undefined : { found, allowed, fix: "Write it as an object" }
  }
  if (member.kind === "words") return value === "" ? undefined : { found, allowed: "a list", fix: "Write it as a list" }
  return (member.kind === "text" || member.kind === "word") && typeof value !== "string"
    ? { found, allowed: "text", fix: `Put quotes around it: "${value}"` }
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
