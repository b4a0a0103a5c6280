/** From where to where the items of a collection reach in a text. */
import { isAlias, isCollection, isMap, isScalar, isSeq, type Node } from "yaml"

export interface Extent {
  readonly start: number
  readonly end: number
}

/** From the dash, the key or the value to its end; undefined where anchors or explicit keys make that another place. */
export const extentOf = (node: Node, index: number, text: string): Extent | undefined => {
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

/** Where an item begins: its key, where it has one. */
export const startOf = (node: Node, index: number): number | undefined => {
  const item = isMap(node) ? node.items[index]?.key : isSeq(node) ? node.items[index] : undefined
  return isPart(item) ? item.range?.[0] : undefined
}

/** Without the line breaks behind it. */
const endOf = (node: Node, text: string): number | undefined => {
  if (isCollection(node) && node.flow !== true) {
    const inner: unknown = isMap(node) ? node.items.at(-1)?.value : node.items.at(-1)
    return isPart(inner) ? endOf(inner, text) : undefined
  }
  const end = node.range?.[1]
  return end === undefined ? undefined : end - (/\s*$/u.exec(text.slice(node.range![0], end))?.[0].length ?? 0)
}

/** Before the line break, or at the end of the text. */
export const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf("\n", from)
  return at < 0 ? text.length : text[at - 1] === "\r" ? at - 1 : at
}

/** As the text has them. */
export const lineBreak = (text: string): string => /\r?\n/u.exec(text)?.[0] ?? "\n"
