/** Walks an element tree along the table of members and collects a draft. */
import { type Finding, shown } from "../lint/finding.ts"
import { encryptionPlace, type Member, type Members, misspelled, ruleMembers } from "./members.ts"
import { type Element, isElement, localName, textOf } from "./xml/mod.ts"

export interface Walked {
  readonly draft: Record<string, unknown>
  readonly findings: ReadonlyArray<Finding>
  readonly unread: ReadonlySet<string>
  readonly unknown: ReadonlyArray<Unknown>
  /** Offsets by path, filled where the elements carry offsets. */
  readonly offsets: ReadonlyMap<string, number>
  /** Offsets of findings about an element that is not the one at their path: the second of two, a container in it. */
  readonly seconds: ReadonlyMap<Finding, number>
}

/** An element that is not in the table, and where it stood below the root. */
export interface Unknown {
  readonly in: string
  readonly element: Element
}

export const walkRule = (root: Element): Walked => {
  const state: State = { findings: [], unread: new Set(), unknown: [], offsets: new Map(), seconds: new Map() }
  const draft: Record<string, unknown> = {}
  walk(root, ruleMembers, draft, "", "/", state)
  return { draft, ...state }
}

interface State {
  readonly findings: Array<Finding>
  readonly unread: Set<string>
  readonly unknown: Array<Unknown>
  readonly offsets: Map<string, number>
  readonly seconds: Map<Finding, number>
}

const walk = (
  parent: Element,
  members: Members,
  target: Record<string, unknown>,
  path: string,
  place: string,
  state: State,
): void => {
  refuseText(parent, path, state)
  const seen: Array<Member> = []
  for (const child of parent.children) {
    if (!isElement(child)) continue
    const name = localName(child.tagName)
    const found = members[name]
    // What every object inherits, such as "constructor", is no member
    const member = found?.kind === undefined ? undefined : found
    if (member === undefined) {
      keep(place, child, state)
      continue
    }
    if (member.kind !== "groups") {
      if (seen.includes(member)) {
        repeated(name, pathOf(path, member), child, state)
        continue
      }
      seen.push(member)
    }
    if (child.start !== undefined) state.offsets.set(pathOf(path, member), child.start)
    readMember(child, name, member, target, path, place, state)
  }
}

/** Sets an unknown element aside, under the path it will have in `extra`. */
const keep = (place: string, element: Element, state: State): void => {
  if (element.start !== undefined) state.offsets.set(`extra[${state.unknown.length}]`, element.start)
  state.unknown.push({ in: place, element })
}

const readMember = (
  child: Element,
  name: string,
  member: Member,
  target: Record<string, unknown>,
  path: string,
  place: string,
  state: State,
): void => {
  switch (member.kind) {
    case "presence":
      target[member.key] = member.value
      // Also of the bare form, which is written back inside Encryption
      for (const inner of child.children) if (isElement(inner)) keep(encryptionPlace, inner, state)
      return
    case "group": {
      if (member.key === undefined) return walk(child, member.members, target, path, below(place, name), state)
      const inner: Record<string, unknown> = {}
      target[member.key] = inner
      return walk(child, member.members, inner, pathOf(path, member), below(place, name), state)
    }
    case "groups": {
      const list = (target[member.key] ??= []) as Array<Record<string, unknown>>
      const inner: Record<string, unknown> = {}
      list.push(inner)
      const at = `${pathOf(path, member)}[${list.length - 1}]`
      if (child.start !== undefined) state.offsets.set(at, child.start)
      return walk(child, member.members, inner, at, `${below(place, name)}[${list.length}]`, state)
    }
    case "words": {
      refuseText(child, pathOf(path, member), state)
      const list: Array<string> = []
      target[member.key] = list
      for (const item of child.children) {
        if (!isElement(item)) continue
        if (localName(item.tagName) !== member.item) {
          keep(below(place, name), item, state)
          continue
        }
        const at = () => `${pathOf(path, member)}[${list.length}]`
        const word = leafText(item, member.item, at, state)?.trim()
        if (item.start !== undefined) state.offsets.set(at(), item.start)
        // One that cannot be read still takes its place, so that the others keep theirs
        list.push(word === undefined ? "" : misspelled.get(word) ?? word)
      }
      return
    }
    default: {
      const at = pathOf(path, member)
      const text = leafText(child, name, () => at, state)
      if (text === undefined) return
      // The PUT page's own template has an empty MonthlyDate beside every frequency
      if ((member.kind === "integer" || member.kind === "time") && text.trim() === "") return
      const value = member.kind === "text" ? text : readWord(text.trim(), member.kind)
      if (value === undefined) {
        state.unread.add(at)
        state.findings.push(unreadable(text, member.kind as keyof typeof expectations, at))
      } else if (target[member.key] !== undefined && target[member.key] !== value) {
        repeated(name, at, child, state)
      } else target[member.key] = value
    }
  }
}

/** Text straight inside a container, such as a prefix without its element, would be lost when the rule is written. */
const refuseText = (container: Element, path: string, state: State): void => {
  const text = container.children.find((child): child is string => !isElement(child) && !isBlank(child))
  if (text === undefined) return
  const finding: Finding = {
    code: "text-in-container",
    severity: "error",
    path,
    message: `<${localName(container.tagName)}> holds text between its elements`,
    found: shown(text.trim()),
    allowed: "elements alone",
    fix: "Put it into the element that it belongs to, or remove it",
    source: "page 30625",
  }
  state.findings.push(finding)
  if (container.start !== undefined) state.seconds.set(finding, container.start)
}

/** A loop, since every container of every document comes through here. */
const isBlank = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 9 && code !== 13) return false
  }
  return true
}

const below = (place: string, name: string): string => place === "/" ? `/${name}` : `${place}/${name}`

const pathOf = (path: string, member: Member): string =>
  member.key === undefined ? path : path === "" ? member.key : `${path}.${member.key}`

/** A leaf's text. Elements inside a leaf would be read differently by different readers, so they are refused. */
const leafText = (element: Element, name: string, pathOf: () => string, state: State): string | undefined => {
  if (!element.children.some(isElement)) return textOf(element)
  const path = pathOf()
  state.unread.add(path)
  state.findings.push({
    code: "element-in-text",
    severity: "error",
    path,
    message: `<${name}> holds elements`,
    allowed: "text alone",
    fix: `Write the value of <${name}> as text`,
    source: "page 30625",
  })
  return undefined
}

const readWord = (text: string, kind: Exclude<Member["kind"], "text">): string | number | boolean | undefined => {
  if (kind === "flag") {
    // Sent in any case and returned in lower case (Go live test, costesting/ci_test.go:278)
    const lower = text.toLowerCase()
    return lower === "true" ? true : lower === "false" ? false : undefined
  }
  if (kind === "word") return text
  // Fifteen digits are exact in a double; adding zero makes 0 of -0
  return /^-?\d{1,15}$/u.test(text) ? Number(text) + 0 : undefined
}

const expectations = {
  flag: ["is not true or false", "true or false", "Write true or false"],
  integer: ["is not a whole number", "a whole number", "Write digits alone"],
  time: ["is not a time in epoch seconds", "epoch seconds such as 1568688761", "Write the time in whole epoch seconds"],
} as const

const unreadable = (text: string, kind: keyof typeof expectations, path: string): Finding => {
  const [problem, allowed, fix] = expectations[kind]
  return {
    code: `not-${kind}`,
    severity: "error",
    path,
    message: `The value ${problem}`,
    found: shown(text),
    allowed,
    fix,
    source: "page 30625",
  }
}

const repeated = (name: string, path: string, element: Element, state: State): void => {
  const finding: Finding = {
    code: "repeated-element",
    severity: "error",
    path,
    message: `<${name}> stands more than once`,
    ...(element.children.some(isElement) ? {} : { found: shown(textOf(element)) }),
    allowed: "one",
    fix: `Keep one <${name}>: two readers could see two different rules`,
    source: "page 30625",
  }
  state.findings.push(finding)
  if (element.start !== undefined) state.seconds.set(finding, element.start)
}
