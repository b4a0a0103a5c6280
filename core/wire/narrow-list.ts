/** A LIST answer for eyes that may not see every rule. */
import * as Result from "effect/Result"
import { listElement, pageOf, rulesOf, writeListOf } from "./list.ts"
import {
  childrenNamed,
  cutterOf,
  type Document,
  type Element,
  isElement,
  localName,
  positionAt,
  readXmlWithOffsets,
  textOf,
  wrongRoot,
  type XmlProblem,
} from "./xml/mod.ts"

/**
 * The list with those rules alone that may be shown, each as it was sent.
 *
 * What stands beside the rules and the paging is left out, since nobody knows which rules it is about. A rule that does
 * not say plainly which one it is fails the whole: it can neither be shown nor be passed over.
 */
export const narrowList = (text: string, isShown: (id: string) => boolean): Result.Result<string, XmlProblem> =>
  Result.gen(function* () {
    const document = yield* readXmlWithOffsets(text)
    if (localName(document.root.tagName) !== listElement) return yield* Result.fail(wrongRoot(document, listElement))
    const page = yield* pageOf(document, [])
    const cut = cutterOf(document)
    const shown: Array<string> = []
    for (const rule of rulesOf(document.root)) {
      const [id, second] = childrenNamed(rule, "Id")
      const isPlain = id !== undefined && second === undefined && !id.children.some(isElement)
      const xml = isPlain && textOf(id).trim() !== "" ? cut(rule) : undefined
      if (xml === undefined) return yield* Result.fail(nameless(document, rule))
      if (isShown(textOf(id!).trim())) shown.push(xml)
    }
    return writeListOf(shown, page)
  })

const nameless = ({ text }: Document, { start = 0 }: Element): XmlProblem => ({
  code: "list-rule-nameless",
  at: start,
  position: positionAt(text, start),
  message: "A rule of the list does not say plainly which one it is",
  allowed: "one <Id> with text in it",
  fix: "Look at the rules of the bucket with its own keys",
})
