/** Single values of a YAML or JSON text changed in place: all else stays as it is, to the byte. */
import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, type Node, parse, type Scalar } from "yaml"
import { escapeSteering } from "../core/redact.ts"
import type { Path } from "../core/wire/json.ts"
import type { Aliases } from "./yaml-aliases.ts"
import { commentsIn } from "./yaml-comments.ts"

/** What comes in the place of a part of a text. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A document, and the text that it was parsed of. */
export interface Sheet {
  readonly document: Document
  /** What its aliases stand for. */
  readonly targets: Aliases["targets"]
  readonly text: string
  readonly form: "json" | "yaml"
}

/**
 * The splices that put a value at a path, or, without one, take away what stands there. Undefined where that is not
 * certain to leave the rest as it is.
 */
export const splicesFor = (
  sheet: Sheet,
  path: Path,
  change: { readonly value?: unknown },
): ReadonlyArray<Splice> | undefined => {
  const { at, rest } = descended(sheet, path)
  if (at === undefined) return undefined
  const [key, ...inner] = rest
  if (!("value" in change)) return key === undefined ? removed(sheet, at) : undefined
  if (key === undefined) return replaced(sheet, at, change.value)
  return added(sheet, at, key, nested(inner, change.value))
}

/** Whether something is written at a path, or at the list that it is to be an item of. */
export const standsAt = (sheet: Sheet, path: Path): boolean => {
  const { at, rest } = descended(sheet, path)
  return rest.length === 0 || (rest.length === 1 && typeof rest[0] === "number" && isSeq(at?.node))
}

/** The scalar at a path, aliases followed. */
export const scalarAt = (sheet: Sheet, path: Path): unknown => {
  const { at, rest } = descended(sheet, path)
  return rest.length === 0 && isScalar(at?.node) ? at.node.value : undefined
}

/** Applies splices that do not overlap. */
export const spliced = (text: string, splices: ReadonlyArray<Splice>): string => {
  let out = ""
  let from = 0
  for (const { end, start, text: put } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    out += text.slice(from, start) + put
    from = end
  }
  return out + text.slice(from)
}

/** Whether they concern each other. Deletions may meet; where something is inserted, nothing else happens. */
export const clash = (a: Splice, b: Splice): boolean =>
  a.text === "" && b.text === "" ? a.start < b.end && b.start < a.end : a.start <= b.end && b.start <= a.end

interface Place {
  readonly node: Node
  /** The collection it is in, and which of its items it is. */
  readonly parent?: Place
  readonly index: number
  readonly inFlow: boolean
}

const descended = (
  { document, targets }: Sheet,
  path: Path,
): { readonly at: Place | undefined; readonly rest: Path } => {
  const followed = (node: unknown): Node | undefined =>
    isAlias(node) ? targets.get(node) : isScalar(node) || isCollection(node) ? node : undefined
  const root = followed(document.contents)
  let at: Place | undefined = root && { node: root, index: 0, inFlow: false }
  for (const [i, part] of path.entries()) {
    if (at === undefined) break
    const { node }: Place = at
    const index = isMap(node)
      ? node.items.findIndex(({ key }) => String(key) === String(part))
      : isSeq(node) && typeof part === "number"
      ? part
      : -1
    const item = isCollection(node) ? node.items[index] : undefined
    if (item === undefined) return { at, rest: path.slice(i) }
    const inner = followed(isMap(node) ? (item as { readonly value: unknown }).value : item)
    at = inner && { node: inner, parent: at, index, inFlow: at.inFlow || (isCollection(node) && node.flow === true) }
  }
  return { at, rest: [] }
}

/** `x` behind the path `["period", "startTime"]` is `{ period: { startTime: x } }`. */
const nested = (path: Path, value: unknown): unknown =>
  path.reduceRight<unknown>((inner, part) => typeof part === "number" ? [inner] : { [part]: inner }, value)

const replaced = (sheet: Sheet, at: Place, value: unknown): ReadonlyArray<Splice> | undefined => {
  const { node } = at
  if (isSeq(node) && Array.isArray(value)) return replacedList(sheet, at, value)
  const range = node.range
  if (!range || range[0] === range[1] || (isCollection(node) && node.flow !== true)) return undefined
  const [start, end] = range
  const old = sheet.text.slice(start, end)
  if (isCollection(node) && commentsIn(old).length > 0) return undefined
  const breaks = /(?:\r?\n)*$/u.exec(old)?.[0] ?? ""
  return [{ start, end: end - breaks.length, text: written(value, sheet, isScalar(node) ? node : undefined) }]
}

/** A list that goes on, or of which single items change. */
const replacedList = (sheet: Sheet, at: Place, value: ReadonlyArray<unknown>): ReadonlyArray<Splice> | undefined => {
  const { node } = at
  if (!isSeq(node) || value.length < node.items.length || value.length > node.items.length + 1) return undefined
  const splices: Array<Splice> = []
  for (const [i, item] of node.items.entries()) {
    if (isScalar(item) && item.value === value[i]) continue
    const one = isScalar(item)
      ? replaced(sheet, { node: item, parent: at, index: i, inFlow: at.inFlow }, value[i])
      : undefined
    if (one === undefined) return undefined
    splices.push(...one)
  }
  if (value.length === node.items.length) return splices
  const last = added(sheet, at, node.items.length, value[node.items.length])
  return last && [...splices, ...last]
}

const added = (
  sheet: Sheet,
  { node }: Place,
  key: string | number,
  value: unknown,
): ReadonlyArray<Splice> | undefined => {
  const isFitting = isMap(node) ? typeof key === "string" : isSeq(node) && key === node.items.length
  if (!isFitting || !isCollection(node) || !node.range) return undefined
  const { form, text } = sheet
  const body = written(value, sheet)
  const entry = isMap(node) ? `${form === "json" ? JSON.stringify(key) : key}: ${body}` : body
  const count = node.items.length
  if (count === 0) {
    const pad = isMap(node) && form === "yaml" ? " " : ""
    return node.flow === true
      ? [{ start: node.range[0], end: node.range[1], text: around(node, pad + entry + pad) }]
      : undefined
  }
  const last = extentOf(node, count - 1, text)
  if (last === undefined) return undefined
  if (node.flow === true) {
    const from = count > 1 ? extentOf(node, count - 2, text)?.end : node.range[0] + 1
    const gap = from === undefined ? " " : /^,?(\s*)$/u.exec(text.slice(from, startOf(node, count - 1)))?.[1] ?? " "
    // The gap behind a bracket may be none
    const space = count > 1 || gap.includes("\n") ? gap : " "
    return [{ start: last.end, end: last.end, text: `,${space}${entry}` }]
  }
  const first = extentOf(node, 0, text)
  if (first === undefined) return undefined
  const column = " ".repeat(first.start - (text.lastIndexOf("\n", first.start - 1) + 1))
  const at = lineEnd(text, last.end)
  return [{ start: at, end: at, text: `${lineBreak(text)}${column}${isSeq(node) ? "- " : ""}${entry}` }]
}

const around = (node: Node, inner: string): string => isMap(node) ? `{${inner}}` : `[${inner}]`

const removed = (sheet: Sheet, { index, parent }: Place): ReadonlyArray<Splice> | undefined => {
  if (parent === undefined || !isCollection(parent.node)) return undefined
  const { text } = sheet
  const extent = extentOf(parent.node, index, text)
  if (extent === undefined) return undefined
  return parent.node.flow === true
    ? removedInBrackets(parent.node, index, extent, text)
    : removedLines(parent, index, extent, text)
}

const removedInBrackets = (node: Node, index: number, extent: Extent, text: string): ReadonlyArray<Splice> => {
  const before = index > 0 ? extentOf(node, index - 1, text) : undefined
  const next = extentOf(node, index + 1, text)
  const whole: Extent = before !== undefined
    ? { start: before.end, end: extent.end }
    : { start: extent.start, end: next?.start ?? extent.end + /^\s*,?/u.exec(text.slice(extent.end))![0].length }
  if (!text.slice(whole.start, whole.end).includes("#")) return [{ ...whole, text: "" }]
  // The comments between stay, and so does a comma before a bracket, which YAML allows
  const comma = /^\s*,[ \t]*/u.exec(text.slice(extent.end))?.[0] ?? ""
  return [{ start: extent.start, end: extent.end + comma.length, text: "" }]
}

/** Whole lines, of which the comments stay. */
const removedLines = (
  parent: Place,
  index: number,
  { end, start }: Extent,
  text: string,
): ReadonlyArray<Splice> | undefined => {
  const { node } = parent
  if (!isCollection(node)) return undefined
  if (node.items.length === 1) return emptied(parent, end, text)
  const lineStart = text.lastIndexOf("\n", start - 1) + 1
  const indent = " ".repeat(start - lineStart)
  const rest = lineEnd(text, end)
  const said = commentsIn(text.slice(start, rest))
  if (text.slice(lineStart, start).trim() !== "") {
    // The first key of a list item, on the line of its dash
    const next = extentOf(node, index + 1, text)
    if (next === undefined) return undefined
    const kept = commentsIn(text.slice(start, next.start)).map((comment) => `${comment}${lineBreak(text)}${indent}`)
    return [{ start, end: next.start, text: kept.join("") }]
  }
  if (said.length > 0) return [{ start, end: rest, text: said.join(lineBreak(text) + indent) }]
  const after = /^\r?\n/u.exec(text.slice(rest))?.[0].length ?? 0
  return [{ start: lineStart, end: rest + after, text: "" }]
}

/** A list without items is written in brackets; what a mapping without keys would mean, nobody has said. */
const emptied = ({ index, node, parent }: Place, end: number, text: string): ReadonlyArray<Splice> | undefined => {
  const key = isMap(parent?.node) ? parent.node.items[index]?.key : undefined
  if (!isSeq(node) || node.anchor !== undefined || !isScalar(key) || !key.range) return undefined
  const rest = lineEnd(text, end)
  const column = key.range[0] - (text.lastIndexOf("\n", key.range[0] - 1) + 1)
  const said = commentsIn(text.slice(key.range[1], rest)).join(`${lineBreak(text)}${" ".repeat(column + 2)}`)
  return [{ start: key.range[1], end: rest, text: `: []${said === "" ? "" : ` ${said}`}` }]
}

interface Extent {
  readonly start: number
  readonly end: number
}

/** From the dash, the key or the value to its end; undefined where anchors or explicit keys make that another place. */
const extentOf = (node: Node, index: number, text: string): Extent | undefined => {
  if (!isCollection(node)) return undefined
  const item = node.items[index]
  const inner = isMap(node) ? node.items[index]?.value : item
  if (item === undefined || !isPart(inner) || (isSeq(node) && holdsProps(inner))) return undefined
  const end = endOf(inner, text)
  const start = startOf(node, index)
  if (start === undefined || end === undefined) return undefined
  if (isMap(node) || node.flow === true) return { start, end }
  const dash = dashOf(node, index, start, text)
  return dash === undefined ? undefined : { start: dash, end }
}

/** Between a dash and its item comments may stand, and between an item and the next dash. */
const dashOf = (list: Node, index: number, start: number, text: string): number | undefined => {
  if (index === 0) return list.range?.[0]
  const before: unknown = isSeq(list) ? list.items[index - 1] : undefined
  const end = isPart(before) ? endOf(before, text) : undefined
  if (end === undefined) return undefined
  const from = lineEnd(text, end)
  const dash = /^[ \t]*-(?=\s)/mu.exec(text.slice(from, start))
  return dash === null ? undefined : from + dash.index + dash[0].length - 1
}

const isPart = (node: unknown): node is Node => isScalar(node) || isCollection(node) || isAlias(node)

const holdsProps = (node: Node): boolean =>
  ("anchor" in node && node.anchor !== undefined) || (!isAlias(node) && node.tag !== undefined)

const startOf = (node: Node, index: number): number | undefined => {
  const item = isMap(node) ? node.items[index]?.key : isSeq(node) ? node.items[index] : undefined
  return isPart(item) ? item.range?.[0] : undefined
}

/** Without the line breaks behind it. */
const endOf = (node: Node, text: string): number | undefined => {
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items[node.items.length - 1]
    const inner = isMap(node) ? (last as { readonly value?: unknown } | undefined)?.value : last
    return isPart(inner) ? endOf(inner, text) : undefined
  }
  const end = node.range?.[1]
  return end === undefined ? undefined : end - (/\s*$/u.exec(text.slice(node.range![0], end))?.[0].length ?? 0)
}

const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf("\n", from)
  return at < 0 ? text.length : text[at - 1] === "\r" ? at - 1 : at
}

const lineBreak = (text: string): string => /\r?\n/u.exec(text)?.[0] ?? "\n"

/** A value on one line, quoted as the one before it was, as far as that can hold it. */
const written = (value: unknown, sheet: Sheet, old?: Scalar): string => {
  if (sheet.form === "json" || typeof value !== "string") return sheet.form === "json" ? jsonOf(value) : flowOf(value)
  if (old?.type === "QUOTE_DOUBLE") return jsonOf(value)
  if (old?.type === "QUOTE_SINGLE" && /^[\P{C}]*$/u.test(value)) return `'${value.replaceAll("'", "''")}'`
  return flowOf(value)
}

const jsonOf = (value: unknown): string => escapeSteering(JSON.stringify(value))

const flowOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(flowOf).join(", ")}]`
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([key, inner]) => `${key}: ${flowOf(inner)}`).join(", ")} }`
  }
  return typeof value === "string" && isPlain(value) ? value : jsonOf(value)
}

/** Text that means itself without quotes, wherever it stands. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z][\w./$-]*$/u.test(text) && [parse(text), parse(text, { version: "1.1" })].every((read) => read === text)
