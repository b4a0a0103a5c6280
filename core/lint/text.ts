/** Rows about text that would not arrive as it is: it is escaped when it is written, but XML has no escape for these. */
import { isXmlText } from "../rule.ts"
import type { Row } from "./context.ts"

export const textRows: ReadonlyArray<Row> = [
  {
    code: "text-characters",
    severity: "error",
    message: "The text holds a character that XML cannot carry",
    source: "XML 1.0, production Char",
    *check({ extra: _, ...draft }) {
      if (!holdsBadText(draft)) return
      for (const [path, text] of textsIn(draft, "")) {
        if (text === "" || isXmlText(text)) continue
        yield {
          path,
          found: JSON.stringify(text),
          allowed: "no control characters, no halves of a character",
          fix: "Remove it",
        }
      }
    },
  },
  {
    code: "word-form",
    severity: "error",
    message: "The word has white space in it",
    source: "page 30625",
    *check({ filter }) {
      const word = filter?.storageClass
      if (word !== undefined && /\s/u.test(word)) {
        yield { path: "filter.storageClass", found: word, allowed: "one word", fix: "Remove the white space" }
      }
    },
  },
  {
    code: "text-lines",
    severity: "error",
    message: "The text has a line break or a tab in it, which would be a part of it",
    source: "assumed: an indented element is meant, not such a name",
    *check({ filter, destination }) {
      const free = {
        filter: { prefix: filter?.prefix, tags: filter?.tags },
        destination: { prefix: destination?.prefix },
      }
      for (const [path, text] of textsIn(free, "")) {
        if (!/[\t\n\r]/u.test(text)) continue
        yield { path, found: JSON.stringify(text), allowed: "text on one line", fix: "Write it on one line" }
      }
    },
  },
]

/** Looked for first, without places, since nearly every rule is free of it. */
const holdsBadText = (value: unknown): boolean => {
  if (typeof value === "string") return value !== "" && !isXmlText(value)
  if (typeof value !== "object" || value === null) return false
  for (const key in value) if (holdsBadText((value as Record<string, unknown>)[key])) return true
  return false
}

const textsIn = function* (value: unknown, path: string): Iterable<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value]
  else if (Array.isArray(value)) { for (const [i, item] of value.entries()) yield* textsIn(item, `${path}[${i}]`) }
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* textsIn(inner, path === "" ? key : `${path}.${key}`)
  }
}
