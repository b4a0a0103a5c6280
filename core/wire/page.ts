/** Whether a page of a listing says that more follow: said plainly, or the page is not taken for the whole. */
import * as Result from "effect/Result"
import {
  childrenNamed,
  type Document,
  type Element,
  isElement,
  positionAt,
  textOf,
  type XmlProblem,
} from "./xml/mod.ts"

/**
 * Reads `IsTruncated`: true or false in any case, or absent where no token says that more follow. A token beside
 * `false` is passed over: the flag is what COS documents as the end of a listing.
 *
 * The sample of page 30627 prints the flag twice; its last one is right (Go unit test).
 */
export const isTruncatedPage = (
  document: Document,
  token: { readonly name: string; readonly value: string | undefined },
): Result.Result<boolean, XmlProblem> => {
  const flag = childrenNamed(document.root, "IsTruncated").at(-1)
  if (flag === undefined) {
    return token.value === undefined
      ? Result.succeed(false)
      : Result.fail(problem(document, document.root, `The page has a ${token.name} and no IsTruncated`))
  }
  const text = textOf(flag).trim()
  const word = text.toLowerCase()
  return word === "true" || word === "false"
    ? Result.succeed(word === "true")
    : Result.fail(problem(document, flag, "The page's IsTruncated is neither true nor false", text))
}

/** A token of a page. Two that differ are refused: whichever were taken, rules could be passed over. */
export const tokenOf = (document: Document, name: string): Result.Result<string | undefined, XmlProblem> => {
  const elements = childrenNamed(document.root, name)
  const odd = elements.find((element) => element.children.some(isElement))
  if (odd !== undefined) return Result.fail(problem(document, odd, `The page's ${name} holds elements`))
  const values = new Set(elements.map((element) => textOf(element).trim()).filter((text) => text !== ""))
  return values.size > 1
    ? Result.fail(problem(document, elements.at(-1)!, `The page has ${name} more than once, and they differ`))
    : Result.succeed(values.values().next().value)
}

const problem = (document: Document, { start }: Element, message: string, found?: string): XmlProblem => {
  const at = start ?? document.root.start ?? 0
  return {
    code: "list-truncated",
    at,
    position: positionAt(document.text, at),
    message,
    ...(found === undefined ? {} : { found }),
    allowed: "<IsTruncated>true</IsTruncated> or <IsTruncated>false</IsTruncated>",
    fix: "Get the whole list again",
  }
}
