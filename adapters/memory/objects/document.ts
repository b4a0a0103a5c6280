/** A request's document: its root, or why it is none. */
import * as Result from "effect/Result"
import { maxDocumentBytes } from "../../../core/limits.ts"
import { readText } from "../../../core/wire/text.ts"
import { childrenNamed, type Element, localName, readXml, textOf } from "../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import * as Assumed from "./assumptions.ts"
import { refuseDocumentDigest } from "./digest.ts"

export const rootOf = (facts: Facts, name: string): Element | RefusalWithText => {
  if (facts.document.byteLength === 0) return Assumed.missingBody
  const refusal = refuseDocumentDigest(facts)
  if (refusal !== undefined) return refusal
  const read = Result.flatMap(readText(facts.document, maxDocumentBytes), readXml)
  return Result.isSuccess(read) && localName(read.success.root.tagName) === name
    ? read.success.root
    : Assumed.malformedXml
}

/** The text of the only child of a name; undefined where there is none, or more than one. */
export const textIn = (element: Element, name: string): string | undefined => {
  const found = childrenNamed(element, name)
  return found.length === 1 ? textOf(found[0]!) : undefined
}
