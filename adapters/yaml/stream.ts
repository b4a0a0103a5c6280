/** A YAML text as documents, for their text to be changed: their comments stand with what they stand above. */
import { Composer, type CST, type Document, isCollection, isScalar, Parser, visit } from "yaml"

/** The text must be one that was read without fault. */
export const streamOf = (text: string): ReadonlyArray<Document> => {
  const tokens = [...new Parser().parse(text)]
  for (const [i, token] of tokens.entries()) {
    if (token.type !== "document") continue
    settleDocument(token)
    if (tokens[i + 1]?.type === "doc-end") keepAboveEnd(token)
  }
  const composer = new Composer({ merge: true, uniqueKeys: false, prettyErrors: false })
  const documents = [...composer.compose(tokens, true, text.length)]
  const behindKeys = new Map(
    tokens.flatMap((token) => token.type === "document" ? commentsBehindKeys(token.value) : []),
  )
  for (const document of documents) keepBehindKeys(document, behindKeys)
  return documents
}

/** Those of them that hold something. */
export const documentsOf = (text: string): ReadonlyArray<Document> =>
  streamOf(text).filter((document) => !isEmptyDocument(document))

/** Nothing but comments, as behind a `---` at the end; a null that is written is a value. */
export const isEmptyDocument = ({ contents, errors }: Document): boolean =>
  errors.length === 0 &&
  (contents === null || (isScalar(contents) && contents.value === null && contents.source === ""))

/** The library would write what stands above a `...` behind it. */
const keepAboveEnd = ({ end, value }: CST.Document): void => {
  if (value?.type !== "block-map" && value?.type !== "block-seq") return
  if (end?.some(({ type }) => type === "comment")) value.items.push({ start: end.splice(0) })
}

/**
 * The parser gives the comments behind a list or a mapping to it, as soon as one of them is as far in as it is: also
 * those that stand further out, above the next key. Here each goes as far out as it stands. It also makes one comment of
 * that behind a value and those on the lines below, if these are further in; here they stay on their lines.
 */
const settleDocument = (document: CST.Document): void => {
  if (document.value === undefined) return
  const left = settled(document.value)
  if (left.length > 0) document.end = [...left, ...document.end ?? []]
}

/** What stands behind the last item, further out than the collection. */
const settled = (token: CST.Token, isInMap = false): Array<CST.SourceToken> => {
  if (token.type !== "block-map" && token.type !== "block-seq") return linesBelow(token)
  const { items } = token
  for (let i = 0; i < items.length; i++) {
    const value = items[i]!.value
    const isBelowKey = token.type === "block-map" && value?.type === "block-seq" && value.indent === token.indent
    const left = value === undefined || value === null ? [] : settled(value, isBelowKey)
    if (left.length === 0) continue
    const next = items[i + 1]
    if (next === undefined) items.push({ start: left })
    else next.start = [...left, ...next.start]
  }
  const last = items[items.length - 1]
  if (last === undefined || last.sep !== undefined || last.value !== undefined || items.length === 1) return []
  // The dashes of a list may stand as far out as its key, and then a comment that does is about the next key
  const column = isInMap ? token.indent + 1 : token.indent
  const at = last.start.findIndex((part) => part.type === "comment" && part.indent < column)
  if (at < 0 || last.start.some(({ type }) => type === "seq-item-ind" || type === "explicit-key-ind")) return []
  const left = last.start.splice(at)
  if (last.start.every(({ type }) => type === "space" || type === "newline")) {
    left.unshift(...last.start)
    items.pop()
  }
  return left
}

/** The comments on the lines below a value. */
const linesBelow = (token: CST.Token): Array<CST.SourceToken> => {
  if (!("end" in token) || token.end === undefined) return []
  const at = token.end.findIndex(({ type }) => type === "newline")
  return at >= 0 && token.end.slice(at).some(({ type }) => type === "comment") ? token.end.splice(at + 1) : []
}

/** By the place of the key: comments on its line, with a mapping or a list on the lines below. */
const commentsBehindKeys = (
  token: CST.Token | null | undefined,
): ReadonlyArray<readonly [at: number, said: string]> => {
  if (token?.type !== "block-map" && token?.type !== "block-seq") return []
  return token.items.flatMap(({ key, sep, value }) => {
    const inner = commentsBehindKeys(value)
    const line = sep?.slice(0, Math.max(0, sep.findIndex(({ type }) => type === "newline")))
    const said = line?.find(({ type }) => type === "comment")
    const isBelow = value?.type === "block-map" || value?.type === "block-seq"
    return key && said && isBelow ? [[key.offset, said.source.slice(1)] as const, ...inner] : inner
  })
}

/** The library takes them for the first comment above what is on the lines below. */
const keepBehindKeys = (document: Document, behindKeys: ReadonlyMap<number, string>): void => {
  if (behindKeys.size === 0) return
  visit(document, {
    Pair: (_, { key, value }) => {
      const said = isScalar(key) ? behindKeys.get(key.range?.[0] ?? -1) : undefined
      if (said === undefined || !isScalar(key) || !isCollection(value)) return
      const all = value.commentBefore ?? ""
      if (all !== said && !all.startsWith(`${said}\n`)) return
      key.comment = said
      value.commentBefore = all === said ? null : all.slice(said.length + 1).replace(/^\n/u, "")
    },
  })
}
