/**
 * The tokenizer that runs before txml. txml is fast and takes almost anything; this refuses whatever is not one whole,
 * well-formed, bounded document, so that nothing is ever half-read. What it accepts, txml reads the same: a law in the
 * tests holds the two together.
 *
 * Accepted on purpose, because COS documentation and clients send it: a declaration without `?>` (all API pages), any
 * `xmlns`, prefixed names, stray text between elements (LIST page 30627), CDATA, a byte order mark.
 */
import * as Result from "effect/Result"
import { maxXmlDepth } from "../../limits.ts"
import type { XmlProblem } from "./problem.ts"
import { Refusal, refuse } from "./refusal.ts"

/** Where the root element stands; `text` has its line ends normalised as XML demands. */
export interface Guarded {
  readonly text: string
  readonly root: string
  readonly start: number
  readonly end: number
}

/** Told of every token in order, for readers that need offsets. */
export interface Sink {
  readonly open: (name: string, start: number) => void
  readonly text: (start: number, end: number, isCdata: boolean) => void
  readonly close: (end: number) => void
}

export const guard = (input: string, sink?: Sink): Result.Result<Guarded, XmlProblem> => {
  const text = normalise(input)
  try {
    return Result.succeed(scan(text, sink))
  } catch (error) {
    if (error instanceof Refusal) return Result.fail(error.problem(text))
    throw error
  }
}

const normalise = (input: string): string => {
  const text = input.charCodeAt(0) === 0xfeff ? input.slice(1) : input
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text
}

const badCharacter =
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const scan = (text: string, sink: Sink | undefined): Guarded => {
  const bad = text.search(badCharacter)
  if (bad >= 0) throw refuse.character(bad, text)
  const hasReferences = text.includes("&")
  const hasSectionEnd = text.includes("]]>")

  const start = skipOutside(text, skipDeclaration(text))
  if (start >= text.length) throw refuse.empty(text.length)
  const open: Array<string> = []
  let root = ""
  let at = start
  do {
    // `at` is on a "<"
    const next = text.charCodeAt(at + 1)
    if (next === SLASH) {
      const end = text.indexOf(">", at)
      if (end < 0) throw refuse.cut(at, open)
      const name = text.slice(at + 2, end)
      const expected = open.pop()
      if (expected === undefined || !closes(name, expected)) throw refuse.mismatch(at, name, expected)
      at = end + 1
      sink?.close(at)
    } else if (next === BANG) {
      if (open.length === 0) throw refuse.outside(at, text)
      at = skipMarked(text, at, sink)
    } else {
      const tag = readTag(text, at, open)
      if (root === "") root = tag.name
      sink?.open(tag.name, at)
      at = tag.end
      if (tag.empty) sink?.close(at)
      else {
        open.push(tag.name)
        if (open.length > maxXmlDepth) throw refuse.depth(at)
      }
    }
    if (open.length > 0) {
      const tagStart = text.indexOf("<", at)
      if (tagStart < 0) throw refuse.cut(at, open)
      if (tagStart > at) {
        if (hasReferences) checkReferences(text, at, tagStart)
        if (hasSectionEnd) checkSectionEnd(text, at, tagStart)
        sink?.text(at, tagStart, false)
      }
      at = tagStart
    }
  } while (open.length > 0)

  const rest = skipOutside(text, at)
  if (rest < text.length) throw refuse.afterRoot(rest, text)
  return { text, root, start, end: at }
}

/** White space of XML alone may follow the name, which is less than what JavaScript trims. */
const closes = (name: string, expected: string): boolean =>
  name === expected || (name.startsWith(expected) && /^[ \t\n]+$/u.test(name.slice(expected.length)))

const BANG = 33
const SLASH = 47
const GREATER = 62

/** Steps over `<?xml … ?>`, also without its `?`, as every COS page prints it. */
const skipDeclaration = (text: string): number => {
  const begin = /^[ \t\n]*<\?xml[ \t\n]/u.exec(text)
  if (begin === null) return 0
  const end = text.indexOf(">", begin[0].length)
  if (end < 0) throw refuse.cut(begin[0].length, [])
  const inside = text.slice(begin[0].length, end)
  if (inside.includes("<")) throw refuse.cut(begin[0].length, [])
  const encoding = /encoding[ \t\n]*=[ \t\n]*["']([^"']*)["']/u.exec(inside)?.[1]
  if (encoding !== undefined && !/^(utf-?8|us-ascii)$/iu.test(encoding)) {
    throw refuse.encoding(begin[0].length, encoding)
  }
  return end + 1
}

/** Steps over white space and comments outside the root; stops at the root's `<`, or at the end. */
const skipOutside = (text: string, from: number): number => {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9 || code === 10) at++
    else if (text.startsWith("<!--", at)) at = skipComment(text, at)
    else if (/^<!doctype/iu.test(text.slice(at, at + 9))) throw refuse.doctype(at)
    else if (text.startsWith("<?", at)) throw refuse.instruction(at)
    else if (code !== 60) throw refuse.outside(at, text)
    else return at
  }
  return at
}

const skipMarked = (text: string, at: number, sink: Sink | undefined): number => {
  if (text.startsWith("<!--", at)) return skipComment(text, at)
  if (text.startsWith("<![CDATA[", at)) {
    const end = text.indexOf("]]>", at + 9)
    if (end < 0) throw refuse.cut(at, [])
    sink?.text(at + 9, end, true)
    return end + 3
  }
  throw refuse.doctype(at)
}

const skipComment = (text: string, at: number): number => {
  const dashes = text.indexOf("--", at + 4)
  if (dashes < 0) throw refuse.cut(at, [])
  // "<!-->" and "<!--->" end a comment for some readers and begin one for others
  if (text.charCodeAt(dashes + 2) !== GREATER || /^-?>/u.test(text.slice(at + 4, at + 6))) throw refuse.comment(at)
  return dashes + 3
}

interface TagToken {
  readonly name: string
  readonly end: number
  readonly empty: boolean
}

const readTag = (text: string, at: number, open: ReadonlyArray<string>): TagToken => {
  let end = at + 1
  while (isNameCode(text.charCodeAt(end))) end++
  const name = text.slice(at + 1, end)
  if (name === "" || !/^[A-Za-z_]/u.test(name)) {
    throw end >= text.length
      ? refuse.cut(at, open)
      : text.charCodeAt(at + 1) === 63
      ? refuse.instruction(at)
      : refuse.name(at, text)
  }
  if (name === "script" || name === "style") throw refuse.element(at, name)
  if (text.charCodeAt(end) !== GREATER) end = skipAttributes(text, end, at, open)
  const empty = text.charCodeAt(end) === SLASH
  return { name, end: end + (empty ? 2 : 1), empty }
}

const attribute = /[ \t\n]+([A-Za-z][A-Za-z0-9_.:-]*)[ \t\n]*=[ \t\n]*("[^<"]*"|'[^<']*')/y
const tagEnd = /[ \t\n]*(?=\/?>)/y

/** Returns the offset of the `>` or `/>` that ends the tag. */
const skipAttributes = (text: string, from: number, tag: number, open: ReadonlyArray<string>): number => {
  const seen = new Set<string>()
  let at = from
  for (;;) {
    attribute.lastIndex = at
    const match = attribute.exec(text)
    if (match === null) break
    if (seen.has(match[1]!)) throw refuse.attribute(at, match[1]!)
    seen.add(match[1]!)
    checkReferences(text, at, attribute.lastIndex)
    at = attribute.lastIndex
  }
  tagEnd.lastIndex = at
  if (!tagEnd.test(text)) throw text.indexOf(">", at) < 0 ? refuse.cut(tag, open) : refuse.tag(tag, text)
  return tagEnd.lastIndex
}

/** The attributes of a start tag in a guarded text, from the end of its name: each name, and its value with its quotes. */
export const attributesAt = (text: string, from: number): ReadonlyArray<readonly [name: string, value: string]> => {
  const found: Array<readonly [string, string]> = []
  attribute.lastIndex = from
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    found.push([match[1]!, match[2]!])
  }
  return found
}

const isNameCode = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 58) || c === 45 || c === 46 || c === 95

const reference = /&(?:(?:amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/y

/** Looks at its own part alone: a search that runs on to the document's end would cost the square of its size. */
const checkReferences = (text: string, from: number, to: number): void => {
  const part = text.slice(from, to)
  for (let at = part.indexOf("&"); at >= 0; at = part.indexOf("&", at + 1)) {
    reference.lastIndex = at
    const match = reference.exec(part)
    if (match === null) throw refuse.reference(from + at, text)
    const code = match[1] !== undefined ? Number(match[1]) : match[2] !== undefined ? parseInt(match[2], 16) : 65
    if (code > 0x10ffff || badCharacter.test(String.fromCodePoint(code))) throw refuse.reference(from + at, text)
  }
}

const checkSectionEnd = (text: string, from: number, to: number): void => {
  const at = text.slice(from, to).indexOf("]]>")
  if (at >= 0) throw refuse.sectionEnd(from + at)
}
