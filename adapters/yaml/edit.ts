/** Single values of a YAML or JSON text changed in place: all else stays as it is, to the byte. */
import { isCollection, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml"
import type { Path } from "../../core/wire/json.ts"
import { commentsIn } from "./comments.ts"
import { extentOf, lineBreak, lineEnd, startOf } from "./extent.ts"
import { inlineOf } from "./inline.ts"
import { removed } from "./removal.ts"
import { descended, type Place, type Sheet } from "./sheet.ts"
import type { Splice } from "./splice.ts"

/**
 * The splices that put a value at a path, or, without one, take away what stands there. Undefined where that is not
 * certain to leave the rest as it is. A mapping gets a key of its `"own"`, or the one that it merges is changed.
 */
export const splicesFor = (
  sheet: Sheet,
  path: Path,
  change: { readonly value?: unknown },
  reach: "merged" | "own" = "merged",
): ReadonlyArray<Splice> | undefined => {
  const { at, rest } = descended(sheet, path, reach)
  if (at === undefined) return undefined
  const [key, ...inner] = rest
  if (!("value" in change)) return key === undefined ? removed(sheet, at) : undefined
  if (key === undefined) return replaced(sheet, at, change.value)
  return added(sheet, at, key, nested(inner, change.value))
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
  return [{ start, end: end - breaks.length, text: inlineOf(value, sheet.form, isScalar(node) ? node : undefined) }]
}

/** A list that goes on, or of which single items change. */
const replacedList = (sheet: Sheet, at: Place, value: ReadonlyArray<unknown>): ReadonlyArray<Splice> | undefined => {
  const { node } = at
  if (!isSeq(node) || value.length < node.items.length || value.length > node.items.length + 1) return undefined
  const splices: Array<Splice> = []
  for (const [i, item] of node.items.entries()) {
    if (isScalar(item) && item.value === value[i]) continue
    const one = isScalar(item) ? replaced(sheet, { node: item, parent: at, index: i }, value[i]) : undefined
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
  if (!isFitting || !isCollection(node)) return undefined
  const body = inlineOf(value, sheet.form)
  const entry = isMap(node) ? `${sheet.form === "json" ? JSON.stringify(key) : key}: ${body}` : body
  if (node.flow !== true) return addedInLines(sheet, node, entry)
  return node.items.length === 0 ? filled(sheet, node, entry) : addedInBrackets(sheet, node, entry)
}

/** The first item of empty brackets. */
const filled = ({ form }: Sheet, node: Collection, entry: string): ReadonlyArray<Splice> | undefined => {
  if (!node.range) return undefined
  const [start, end] = node.range
  const pad = form === "yaml" ? " " : ""
  return [{ start, end, text: isMap(node) ? `{${pad}${entry}${pad}}` : `[${entry}]` }]
}

/** Behind the last item, as far from it as that is from the one before. */
const addedInBrackets = ({ text }: Sheet, node: Collection, entry: string): ReadonlyArray<Splice> | undefined => {
  const count = node.items.length
  const last = extentOf(node, count - 1, text)
  if (!node.range || last === undefined) return undefined
  const from = count > 1 ? extentOf(node, count - 2, text)?.end : node.range[0] + 1
  const gap = from === undefined ? " " : /^,?(\s*)$/u.exec(text.slice(from, startOf(node, count - 1)))?.[1] ?? " "
  // The gap behind a bracket may be none
  const space = count > 1 || gap.includes("\n") ? gap : " "
  return [{ start: last.end, end: last.end, text: `,${space}${entry}` }]
}

/** On a line of its own, below the last item, as far in as the first. */
const addedInLines = ({ text }: Sheet, node: Collection, entry: string): ReadonlyArray<Splice> | undefined => {
  const first = extentOf(node, 0, text)
  const last = extentOf(node, node.items.length - 1, text)
  if (first === undefined || last === undefined) return undefined
  const column = " ".repeat(first.start - (text.lastIndexOf("\n", first.start - 1) + 1))
  const at = lineEnd(text, last.end)
  return [{ start: at, end: at, text: `${lineBreak(text)}${column}${isSeq(node) ? "- " : ""}${entry}` }]
}

type Collection = YAMLMap | YAMLSeq
