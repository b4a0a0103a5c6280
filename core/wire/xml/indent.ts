import * as Result from "effect/Result"
import { type Element, isElement, readXmlWithOffsets } from "./tree.ts"
import { declaration } from "./write.ts"

/** The same document with a line for each element. What white space could change stays on one line, as it is. */
export const indentXml = (xml: string): string =>
  Result.match(readXmlWithOffsets(xml), {
    onFailure: () => xml,
    onSuccess: ({ root, text }) => [declaration, ...linesOf(root, text, "")].join("\n"),
  })

const linesOf = (element: Element, text: string, indent: string): ReadonlyArray<string> => {
  const { tagName, children, start, end } = element
  const inside = children.filter(isElement)
  const raw = text.slice(start, end)
  const isMixed = children.some((child) => !isElement(child) && child.trim() !== "")
  if (inside.length === 0 || isMixed || !raw.startsWith(`<${tagName}>`)) return [`${indent}${raw}`]
  return [
    `${indent}<${tagName}>`,
    ...inside.flatMap((child) => linesOf(child, text, `${indent}  `)),
    `${indent}</${tagName}>`,
  ]
}
