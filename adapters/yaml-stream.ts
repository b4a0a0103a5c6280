/** A YAML text as documents whose comments stand with what they stand above. */
import { Composer, type CST, type Document, Parser } from "yaml"

/** The text must be one that was read without fault. */
export const streamOf = (text: string): ReadonlyArray<Document> => {
  const tokens = [...new Parser().parse(text)]
  for (const token of tokens) if (token.type === "document") settleDocument(token)
  const composer = new Composer({ merge: true, uniqueKeys: false, prettyErrors: false })
  return [...composer.compose(tokens, true, text.length)]
}

/**
 * The parser gives the comments behind a list or a mapping to it, as soon as one of them is as far in as it is: also
 * those that stand further out, above the next key. Here each goes as far out as it stands.
 */
const settleDocument = (document: CST.Document): void => {
  if (document.value === undefined) return
  const left = settled(document.value)
  if (left.length > 0) document.end = [...left, ...document.end ?? []]
}

/** What stands behind the last item, further out than the collection. */
const settled = (token: CST.Token): Array<CST.SourceToken> => {
  if (token.type !== "block-map" && token.type !== "block-seq") return []
  const { items } = token
  for (let i = 0; i < items.length; i++) {
    const value = items[i]!.value
    const left = value === undefined || value === null ? [] : settled(value)
    if (left.length === 0) continue
    const next = items[i + 1]
    if (next === undefined) items.push({ start: left })
    else next.start = [...left, ...next.start]
  }
  const last = items[items.length - 1]
  if (last === undefined || last.sep !== undefined || last.value !== undefined || items.length === 1) return []
  const at = last.start.findIndex((part) => part.type === "comment" && part.indent < token.indent)
  if (at < 0 || last.start.some(({ type }) => type === "seq-item-ind" || type === "explicit-key-ind")) return []
  const left = last.start.splice(at)
  if (last.start.every(({ type }) => type === "space" || type === "newline")) {
    left.unshift(...last.start)
    items.pop()
  }
  return left
}
