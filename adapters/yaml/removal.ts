/** Items and keys taken out of a YAML or JSON text; the comments around them stay. */
import { isCollection, isMap, isScalar, isSeq, type Node } from "yaml"
import { commentsIn } from "./comments.ts"
import { type Extent, extentOf, lineBreak, lineEnd } from "./extent.ts"
import type { Place, Sheet } from "./sheet.ts"
import type { Splice } from "./splice.ts"

/** Without the item or the key at a place; undefined where that is not certain to leave the rest as it is. */
export const removed = ({ text }: Sheet, { index, parent }: Place): ReadonlyArray<Splice> | undefined => {
  if (parent === undefined || !isCollection(parent.node)) return undefined
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
