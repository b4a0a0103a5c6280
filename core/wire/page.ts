/** Whether a page of a listing says that more follow: said plainly, or the page is not taken for the whole. */
import * as Result from "effect/Result"
import { type Document, type Element, isElement, localName, positionAt, textOf, type XmlProblem } from "./xml/mod.ts"

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
  const flag = document.root.children.filter(isElement).findLast((child) => localName(child.tagName) === "IsTruncated")
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
