/** Which rule a document is, for whoever passes it on as it came. */
import * as Result from "effect/Result"
import { rootElement } from "./configuration.ts"
import { guard, isElement, localName, readXml, textOf, wrongRoot, type XmlProblem } from "./xml/mod.ts"

/**
 * The id of the rule, as `readConfiguration` has it; undefined where the document does not say it once and plainly. The
 * rest of the rule is not read, which takes a quarter of the time.
 */
export const readRuleId = (text: string): Result.Result<string | undefined, XmlProblem> => {
  const ids: Array<{ readonly start: number; end: number }> = []
  let depth = 0
  let isInside = false
  const guarded = guard(text, {
    open: (name, start) => {
      depth++
      if (depth !== 2 || localName(name) !== "Id") return
      isInside = true
      ids.push({ start, end: start })
    },
    text: () => {},
    close: (end) => {
      depth--
      if (depth !== 1 || !isInside) return
      isInside = false
      ids.at(-1)!.end = end
    },
  })
  return Result.flatMap(guarded, ({ text, root, start }) => {
    if (localName(root) !== rootElement) {
      return Result.fail(wrongRoot({ text, root: { tagName: root, children: [], start } }, rootElement))
    }
    const [id, second] = ids
    return id === undefined || second !== undefined
      ? Result.succeed(undefined)
      : Result.map(readXml(text.slice(id.start, id.end)), ({ root }) =>
        root.children.some(isElement) ? undefined : textOf(root).trim())
  })
}
