/** A guarded document as elements: through txml for speed, or by own tokens where places in the text are needed. */
import * as Result from "effect/Result"
import { parse, type TNode } from "txml/txml"
import { guard } from "./guard.ts"
import type { XmlProblem } from "./problem.ts"

/** An element; its children are elements and text, in order. */
export interface Element {
  readonly tagName: string
  readonly children: ReadonlyArray<Element | string>
  /** Offsets of the element in the text, where the reader kept them. */
  readonly start?: number
  readonly end?: number
}

export interface Document {
  readonly root: Element
  /** The text that offsets count in. */
  readonly text: string
}

/** Guards and reads a document. Entities are decoded, white space is kept, comments are left out; only the root knows its place. */
export const readXml = (input: string): Result.Result<Document, XmlProblem> =>
  Result.map(
    guard(input),
    ({ text, start, end }) => ({ text, root: { ...viaTxml(text.slice(start, end)), start, end } }),
  )

/** The same with offsets, by the guard's own tokens: for places, raw slices and unknown elements. */
export const readXmlWithOffsets = (input: string): Result.Result<Document, XmlProblem> => {
  const builder = makeBuilder()
  return Result.map(guard(input, builder.sink), ({ text }) => ({ text, root: builder.finish(text) }))
}

/** A name without its namespace prefix: documents differ in prefixes, and COS has one vocabulary. */
export const localName = (name: string): string => {
  const colon = name.lastIndexOf(":")
  return colon < 0 ? name : name.slice(colon + 1)
}

export const isElement = (node: Element | string): node is Element => typeof node !== "string"

/** The child elements of a name, whatever their prefixes, in order. */
export const childrenNamed = (element: Element, name: string): ReadonlyArray<Element> =>
  element.children.filter(isElement).filter((child) => localName(child.tagName) === name)

/** All text of an element; its child elements are not looked into. */
export const textOf = (element: Element): string => {
  const { children } = element
  const only = children[0]
  if (children.length === 1 && typeof only === "string") return only
  let text = ""
  for (const child of children) if (typeof child === "string") text += child
  return text
}

/** Most documents hold no reference, and looking for them in every text costs txml a quarter of its time. */
const viaTxml = (slice: string): Element =>
  parse(slice, { decodeEntities: slice.includes("&"), keepWhitespace: true, selfClosingTags: [] })[0] as TNode

interface Building {
  readonly tagName: string
  readonly children: Array<Building | { readonly from: number; readonly to: number; readonly raw: boolean }>
  readonly start: number
  end: number
}

const makeBuilder = () => {
  const stack: Array<Building> = []
  let root: Building | undefined
  return {
    sink: {
      open: (tagName: string, start: number) => {
        const element: Building = { tagName, children: [], start, end: start }
        stack[stack.length - 1]?.children.push(element)
        root ??= element
        stack.push(element)
      },
      text: (from: number, to: number, raw: boolean) => {
        stack[stack.length - 1]?.children.push({ from, to, raw })
      },
      close: (end: number) => {
        const element = stack.pop()
        if (element !== undefined) element.end = end
      },
    },
    finish: (text: string): Element => settle(root!, text),
  }
}

const settle = (building: Building, text: string): Element => ({
  tagName: building.tagName,
  start: building.start,
  end: building.end,
  children: building.children.map((child) =>
    "tagName" in child
      ? settle(child, text)
      : child.raw
      ? text.slice(child.from, child.to)
      : decodeReferences(text.slice(child.from, child.to))
  ),
})

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const decodeReferences = (text: string): string =>
  text.includes("&")
    ? text.replace(
      /&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/gu,
      (_, name, decimal, hex) =>
        name === undefined
          ? String.fromCodePoint(decimal === undefined ? parseInt(hex, 16) : Number(decimal))
          : named[name]!,
    )
    : text
