/**
 * Where and why a text is not JSON, alike on every runtime: their own messages differ, and some name no place.
 *
 * The grammar of RFC 8259 is walked to the first character that cannot stand where it does. The text must not be nested
 * deeper than a stack is.
 */

export interface JsonFault {
  /** Beginning in lower case, after "it is not JSON: ". */
  readonly problem: string
  readonly fix: string
  readonly offset: number
}

/** The first fault of the text, undefined when it is one JSON value. */
export const jsonFault = (text: string): JsonFault | undefined => {
  try {
    const end = skip(space, text, value(text, skip(space, text, 0)))
    return end === text.length ? undefined : { ...slips.more, offset: end }
  } catch (cause) {
    if (cause instanceof Stop) return cause.fault
    throw cause
  }
}

/** Thrown and caught here alone. */
class Stop extends Error {
  readonly fault: JsonFault
  constructor(slip: Slip, offset: number) {
    super(slip.problem)
    this.fault = { ...slip, offset }
  }
}

type Slip = Omit<JsonFault, "offset">

/** Each of these takes where it begins and gives where it ends. */
type Part = (text: string, at: number) => number

const value: Part = (text, at) => {
  if (text[at] === "{") return bracketed(text, at, "}", member)
  if (text[at] === "[") return bracketed(text, at, "]", value)
  if (text[at] === '"') return string(text, at)
  const end = skip(scalar, text, at)
  if (end === at) throw new Stop(noValue(text[at]), at)
  return end
}

const bracketed = (text: string, open: number, close: string, item: Part): number => {
  let at = skip(space, text, open + 1)
  if (text[at] === close) return at + 1
  for (;;) {
    at = skip(space, text, item(text, at))
    if (text[at] === close) return at + 1
    if (text[at] !== ",") throw new Stop(instead(text[at], slips.comma), at)
    at = skip(space, text, at + 1)
    if (text[at] === close) throw new Stop(slips.trailing, at)
  }
}

const member: Part = (text, at) => {
  if (text[at] !== '"') throw new Stop(instead(text[at], slips.name), at)
  const colon = skip(space, text, string(text, at))
  if (text[colon] !== ":") throw new Stop(instead(text[colon], slips.colon), colon)
  return value(text, skip(space, text, colon + 1))
}

const string: Part = (text, at) => {
  let end = skip(plain, text, at + 1)
  while (text[end] === "\\") {
    const escaped = skip(escape, text, end)
    if (escaped === end) throw new Stop(slips.escape, end)
    end = skip(plain, text, escaped)
  }
  if (text[end] === '"') return end + 1
  throw new Stop(instead(text[end], slips.control), end)
}

const space = /[ \t\n\r]*/uy
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/uy
// deno-lint-ignore no-control-regex -- JSON does not allow them
const plain = /[^"\\\u0000-\u001f]*/uy
const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/uy

const skip = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return at + (pattern.exec(text)?.[0].length ?? 0)
}

const noValue = (here: string | undefined): Slip => {
  if (here === undefined || here === "/" || here === "#") return instead(here, slips.value)
  if (/[\d.+-]/u.test(here)) return slips.number
  return /[\p{L}_$'`]/u.test(here) ? slips.word : slips.value
}

/** What stands there says more than what is missing. */
const instead = (here: string | undefined, missing: Slip): Slip =>
  here === undefined ? slips.cut : here === "/" || here === "#" ? slips.comment : missing

const slips = {
  cut: { problem: "it ends too early", fix: "Close what is open, or give the whole document" },
  more: { problem: "something stands behind its end", fix: "Give one value; several rules are a list in [ ]" },
  comment: { problem: "it has a comment", fix: "Remove the comment, or name the file .yaml" },
  trailing: { problem: "a comma stands before a closing bracket", fix: "Remove the comma, or name the file .yaml" },
  comma: { problem: "a comma or a closing bracket is missing here", fix: "Write it there" },
  colon: { problem: "a colon is missing here", fix: "Write it between the key and its value" },
  name: { problem: "no key in double quotation marks stands here", fix: 'Write it as "key", or name the file .yaml' },
  value: { problem: "no value stands here", fix: "Write a value, or remove what stands there too much" },
  number: {
    problem: "this is no number of its own",
    fix: "Write it such as 1, -1 or 1.5, or put text in quotation marks",
  },
  word: {
    problem: "this word is none of its own",
    fix: "Write true, false, null, or text in double quotation marks, or name the file .yaml",
  },
  escape: { problem: "no character is written with this backslash", fix: "Write a backslash itself as \\\\" },
  control: {
    problem: "a line break or another control character stands between quotation marks",
    fix: "Close the quotation marks, or write a line break as \\n",
  },
} as const satisfies Readonly<Record<string, Slip>>
