/**
 * Elements cut out of a document. A prefix that is declared around an element would be undeclared where the element is
 * sent back, so its declaration goes with it. The default namespace does not: COS's elements are written without one.
 */
import { maxDocumentBytes } from "../../limits.ts"
import { attributesAt } from "./guard.ts"
import { type Document, type Element, isElement } from "./tree.ts"

/**
 * Cuts elements out of a document with offsets. Declarations may be long and elements many: when the copies together
 * are longer than a document may be, the answer is undefined.
 */
export const cutterOf = ({ root, text }: Document): (element: Element) => string | undefined => {
  let parents: ReadonlyMap<Element, Element> | undefined
  const scopes = new Map<Element, ReadonlyMap<string, string>>()
  let left = maxDocumentBytes
  const declarationOf = (prefix: string, element: Element): string => {
    parents ??= parentsIn(root)
    for (let at = parents.get(element); at !== undefined; at = parents.get(at)) {
      if (!scopes.has(at)) scopes.set(at, declarationsOf(at, text))
      const name = scopes.get(at)?.get(prefix)
      if (name !== undefined) return ` xmlns:${prefix}=${name}`
    }
    return ""
  }
  return (element) => {
    const slice = text.slice(element.start, element.end)
    if (!slice.includes(":")) return slice
    const borrowed = new Set<string>()
    borrow(element, text, new Set(["xml"]), borrowed)
    let declarations = ""
    for (const prefix of borrowed) {
      const declaration = declarationOf(prefix, element)
      left -= declaration.length
      if (left < 0) return undefined
      declarations += declaration
    }
    const name = 1 + element.tagName.length
    return declarations === "" ? slice : slice.slice(0, name) + declarations + slice.slice(name)
  }
}

const parentsIn = (element: Element, into = new Map<Element, Element>()): ReadonlyMap<Element, Element> => {
  for (const child of element.children) {
    if (!isElement(child)) continue
    into.set(child, element)
    parentsIn(child, into)
  }
  return into
}

const attributesOf = ({ start = 0, tagName }: Element, text: string) => attributesAt(text, start + 1 + tagName.length)

const xmlns = "xmlns:"

/** Prefixes that an element declares, with their namespace names as they are quoted there. */
const declarationsOf = (element: Element, text: string): ReadonlyMap<string, string> =>
  new Map(
    attributesOf(element, text).flatMap(([name, value]) =>
      name.startsWith(xmlns) ? [[name.slice(xmlns.length), value] as const] : []
    ),
  )

/** Collects the prefixes that are used in an element and not declared in it. */
const borrow = (element: Element, text: string, bound: ReadonlySet<string>, into: Set<string>): void => {
  const attributes = attributesOf(element, text).map(([name]) => name)
  const declared = attributes.filter((name) => name.startsWith(xmlns)).map((name) => name.slice(xmlns.length))
  const here = declared.length === 0 ? bound : new Set([...bound, ...declared])
  for (const name of [element.tagName, ...attributes]) {
    const colon = name.indexOf(":")
    if (colon < 0 || name.startsWith(xmlns)) continue
    const prefix = name.slice(0, colon)
    if (!here.has(prefix)) into.add(prefix)
  }
  for (const child of element.children) if (isElement(child)) borrow(child, text, here, into)
}
