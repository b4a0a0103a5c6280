/** The document that a request brings. */
import * as Result from "effect/Result"
import { checkContentMd5 } from "../../core/wire/operations.ts"
import { readText } from "../../core/wire/text.ts"
import { childrenNamed, type Element, isElement, localName, readXml, textOf } from "../../core/wire/xml/mod.ts"
import { malformed, refusalOf } from "./assumptions.ts"
import type { RefusalWithText } from "./checks.ts"
import type { Facts } from "./facts.ts"
import { documentLimit } from "./operation.ts"

/** Its root, of the name that the operation has; refused like the documents of inventory. */
export const readDocument = (facts: Facts, root: string): Element | RefusalWithText => {
  const md5 = checkContentMd5({ ...facts.request, body: facts.document }, facts.settings.hashes)
  if (md5 === "malformed") return refusalOf("InvalidDigest")
  if (md5 === "wrong") return refusalOf("BadDigest")
  if (facts.document.byteLength === 0) return refusalOf("MissingRequestBodyError")
  const read = Result.flatMap(readText(facts.document, documentLimit(facts.operation())), readXml)
  if (Result.isFailure(read)) return refusalOf("MalformedXML")
  const element = read.success.root
  return localName(element.tagName) === root ? element : malformed(`the root must be ${root}`)
}

/** The text of the only child of a name; undefined where there is none, or more than one. */
export const textIn = (element: Element, name: string): string | undefined => {
  const found = childrenNamed(element, name)
  return found.length === 1 ? textOf(found[0]!) : undefined
}

/** The texts of the child elements of a name. */
export const textsIn = (element: Element, name: string): ReadonlyArray<string> =>
  childrenNamed(element, name).map((child) => textOf(child).trim())

/** The first child element of another name than these. */
export const strangerIn = (element: Element, names: ReadonlySet<string>): string | undefined => {
  const stranger = element.children.find((child) => isElement(child) && !names.has(localName(child.tagName)))
  return stranger === undefined || !isElement(stranger) ? undefined : localName(stranger.tagName)
}
