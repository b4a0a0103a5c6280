/** Rows about text that would not arrive as it is: it is escaped when it is written, but XML has no escape for these. */
import { isXmlText } from "../xml-text.ts"
import type { Row } from "./context.ts"

export const textRows: ReadonlyArray<Row> = [
  {
    code: "text-characters",
    severity: "error",
    message: "The text holds a character that XML cannot carry",
    why: "XML cannot carry the character, however it is escaped",
    source: "XML 1.0, production Char",
    *check(draft) {
      if (!holds(draft, suspicious)) return
      const { extra: _, ...texts } = draft
      for (const [path, text] of textsIn(texts, "")) {
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
    why: "A word with white space in it is none that COS knows",
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
    why: "The line break would become part of the prefix or the tag, which then matches nothing",
    source: "assumed: an indented element is meant, not such a name",
    *check({ filter, destination }) {
      if (!holds(filter, lineBreak) && !holds(destination, lineBreak)) return
      const free = {
        filter: { prefix: filter?.prefix, tags: filter?.tags },
        destination: { prefix: destination?.prefix },
      }
      for (const [path, text] of textsIn(free, "")) {
        if (!lineBreak.test(text)) continue
        yield { path, found: JSON.stringify(text), allowed: "text on one line", fix: "Write it on one line" }
      }
    },
  },
]

/** Looked for first, without places, since nearly every rule is free of it. */
const holds = (value: unknown, wanted: RegExp): boolean => {
  if (typeof value === "string") return wanted.test(value)
  if (typeof value !== "object" || value === null) return false
  if (Array.isArray(value)) return value.some((item) => holds(item, wanted))
  for (const key in value) if (holds((value as Record<string, unknown>)[key], wanted)) return true
  return false
}

/** Halves of characters count here also where they are whole; then the closer look decides. */
const suspicious =
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/
const lineBreak = /[\t\n\r]/

const textsIn = function* (value: unknown, path: string): Iterable<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value]
  else if (Array.isArray(value)) { for (const [i, item] of value.entries()) yield* textsIn(item, `${path}[${i}]`) }
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* textsIn(inner, path === "" ? key : `${path}.${key}`)
  }
}
