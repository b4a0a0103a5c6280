/** YAML documents in their canonical form, with their comments. */
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml"
import { escapeSteering, holdsSteering } from "../../core/redact.ts"
import { inOrder, type Layout, layoutOf, plainRule, timeIn } from "../../core/ruleset/mod.ts"
import { isApiShape } from "../../core/wire/api-json.ts"
import { aliasesOf, isEmptyDocument, isMerge } from "../yaml/mod.ts"
import { type Comment, freeFirst, joined, liftFirst, squeeze } from "./key-comments.ts"

/** The text of a stream that was parsed of `text`. The documents are changed on the way. */
export const laidOutStream = (documents: ReadonlyArray<Document>, text: string): string =>
  withoutEmpty(documents).map((document, i) => {
    const { directives } = document
    if (i > 0 && directives) directives.docStart = true
    if (directives?.docStart === true && (i > 0 || !startsWithComment(text))) headerBelowStart(document)
    lay(document, text)
    return escaped(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity }))
  }).join("").replace(/(?<=\n *#[^\n]*\n)\n+$/u, "")

const startsWithComment = (text: string): boolean => /^\s*#/u.test(text)

/** What is said in an empty document is said at the end of the one before it, or at the start of the next. */
const withoutEmpty = (documents: ReadonlyArray<Document>): ReadonlyArray<Document> => {
  const full: Array<Document> = []
  let waiting: Comment
  for (const document of documents) {
    const last = full[full.length - 1]
    if (!isEmptyDocument(document)) {
      document.commentBefore = joined(waiting, document.commentBefore) ?? null
      waiting = undefined
      full.push(document)
      continue
    }
    const { contents } = document
    const said = [document.commentBefore, contents?.commentBefore, contents?.comment, document.comment]
      .reduce<Comment>(joined, undefined)
    if (last === undefined) waiting = joined(waiting, said)
    else last.comment = joined(last.comment, said) ?? null
  }
  return full
}

/** The library writes a document's first comment above its `---`, where it would belong to the document before. */
const headerBelowStart = (document: Document): void => {
  const { commentBefore, contents } = document
  if (!commentBefore || contents === null) return
  contents.commentBefore = contents.commentBefore ? `${commentBefore}\n\n${contents.commentBefore}` : commentBefore
  document.commentBefore = null
}

/** Text that says the same without steering a terminal; comments stay what they are. */
const escaped = (text: string): string => {
  if (!holdsSteering(text)) return text
  return [...new Lexer().lex(text)]
    .filter((token) => !lexerSigns.has(token))
    .map((token) => token.startsWith("#") ? token : escapeSteering(token))
    .join("")
}

/** What the lexer puts between the parts of a text; quoted, none of them can stand in it. */
const lexerSigns: ReadonlySet<string> = new Set(["\u0002", "\u0018", "\u001f"])

const lay = (document: Document, text: string): void => {
  const maps: Array<Laid> = []
  const isSpread = ({ range }: Node) => range ? text.slice(range[0], range[1]).includes("\n") : false
  const layout = layoutOf(outlineOf(document.contents))
  const contents = laid(document.contents, layout, { document, isSpread, maps })
  document.contents = contents
  // What stands above a list item is above its dash, and stays there
  const items = new Set<unknown>()
  visit(document, { Seq: (_, seq) => void seq.items.forEach((item) => items.add(item)) })
  const settle = maps.map(({ map }) => items.has(map) ? liftFirst(map) : freeFirst(map, map === contents))
  ordered(maps, document)
  for (const then of settle) then()
  visit(document, { Pair: (_, pair) => anchorBelowKey(pair) })
  visit(document, { Node: (_, node) => squeeze(node) })
  squeeze(document)
}

/** An anchor stands on the line of its key, and so what is said there is said below. */
const anchorBelowKey = ({ key, value }: { readonly key: unknown; readonly value: unknown }): void => {
  if (!isScalar(key) || !key.comment || !isCollection(value) || (!value.anchor && !value.tag)) return
  value.commentBefore = joined(key.comment, value.commentBefore) ?? null
  key.comment = null
}

/** A value with its keys alone, which tell what it is. */
const outlineOf = (node: unknown): unknown =>
  isMap(node) ? Object.fromEntries(node.items.map((pair) => [nameOf(pair), null])) : isSeq(node) ? [] : null

interface Laid {
  readonly map: YAMLMap
  readonly layout: Layout
}

interface Work {
  readonly document: Document
  /** Whether it takes several lines in the text. */
  readonly isSpread: (node: Node) => boolean
  /** All mappings, for their keys to be ordered at the end. */
  readonly maps: Array<Laid>
}

const laid = (given: Node | null, layout: Layout, work: Work): Node | null => {
  if (given === null) return null
  const node = layout.isRule === true ? asPlainRule(given, work) : given
  if (isScalar(node)) {
    if (layout.isTime === true && node.anchor === undefined) setValue(node, timeIn(node.value))
    else if (typeof node.value === "number" || typeof node.value === "boolean") setValue(node, node.value)
    else if (typeof node.value === "string" && needsEscapes(node.value)) node.type = "QUOTE_DOUBLE"
  }
  if (isCollection(node) && node.flow === true && work.isSpread(node)) node.flow = false
  if (isMap(node)) {
    work.maps.push({ map: node, layout })
    for (const pair of node.items) {
      if (isScalar(pair.key) && typeof pair.key.value === "string") pair.key.type = "PLAIN"
      if (isNode(pair.value)) pair.value = laid(pair.value, layout.members?.get(String(pair.key)) ?? {}, work)
    }
  }
  if (isSeq(node)) {
    node.items.forEach((item, i) => {
      if (isNode(item)) node.items[i] = laid(item, layout.items ?? {}, work)
    })
  }
  return node
}

/** Control characters and the like, but for the line breaks of block texts. */
const needsEscapes = (text: string): boolean => holdsSteering(text) || /[^\P{Cc}\n]/u.test(text)

/** One spelling: without quotes, in tens, true or false. */
const setValue = (node: Scalar, value: unknown): void => {
  node.value = value
  delete node.source
  delete node.format
  delete node.minFractionDigits
  if (typeof value === "string" && node.type !== "PLAIN") node.type = "PLAIN"
}

/** A rule in the API's own names becomes the JSON form, its comments above it; where it has anchors or aliases it stays. */
const asPlainRule = (node: Node, { document }: Work): Node => {
  if (!isMap(node) || !isApiShape(outlineOf(node))) return node
  const plain = plainRule(node.toJS(document, { maxAliasCount: -1 }))
  if (plain === undefined) return node
  let comments: Comment
  let isTied = false
  visit(node, {
    Alias: () => {
      isTied = true
    },
    Node: (_, part) => {
      if ("anchor" in part && part.anchor !== undefined) isTied = true
      comments = joined(joined(comments, part.commentBefore), part.comment)
    },
  })
  if (isTied) return node
  const made = document.createNode(plain, { aliasDuplicateObjects: false })
  if (!isNode(made)) return node
  if (comments !== undefined) made.commentBefore = comments
  if (node.spaceBefore === true) made.spaceBefore = true
  return made
}

/** Orders the keys of all mappings, save where an alias would come to stand before its anchor. */
const ordered = (maps: ReadonlyArray<Laid>, document: Document): void => {
  const { targets } = aliasesOf(document)
  const isSound = () => {
    if (targets.size === 0) return true
    const now = aliasesOf(document).targets
    return now.size === targets.size && [...now].every(([alias, target]) => targets.get(alias) === target)
  }
  const undo = maps.map(orderKeys)
  if (isSound()) return
  for (const back of undo) back()
  for (const laid of maps) {
    const back = orderKeys(laid)
    if (!isSound()) back()
  }
}

/** Gives what puts them back. */
const orderKeys = ({ map, layout }: Laid): () => void => {
  const before = map.items
  const names = inOrder(before.map(nameOf), layout)
  map.items = before.toSorted((a, b) => names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)))
  return () => {
    map.items = before
  }
}

type Pair = YAMLMap["items"][number]

const nameOf = (pair: Pair): string => isMerge(pair) ? "<<" : String(pair.key)
