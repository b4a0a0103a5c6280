/** The guard's refusals: each says what is wrong, what is allowed and how to mend it. */
import { shown } from "../../lint/finding.ts"
import { maxXmlDepth } from "../../limits.ts"
import { positionAt, type XmlProblem } from "./problem.ts"

/** Thrown and caught inside the guard alone, so that its loop stays flat. */
export class Refusal extends Error {
  readonly detail: Omit<XmlProblem, "position">
  constructor(detail: Omit<XmlProblem, "position">) {
    super(detail.message)
    this.detail = detail
  }
  problem(text: string): XmlProblem {
    return { ...this.detail, position: positionAt(text, this.detail.at) }
  }
}

const refusal = (at: number, code: string, message: string, allowed: string, fix: string, found?: string): Refusal =>
  new Refusal({ at, code, message, allowed, fix, ...(found === undefined ? {} : { found }) })

const whole = "one whole XML document"
const references = "&amp; &lt; &gt; &quot; &apos; and references to characters of XML, such as &#x20;"

/** Every reason the guard refuses a document for. */
export const refuse = {
  empty: (at: number) =>
    refusal(
      at,
      "xml-empty",
      "The document is empty",
      whole,
      "Give a document with an InventoryConfiguration element",
    ),
  cut: (at: number, open: ReadonlyArray<string>) =>
    refusal(
      at,
      "xml-cut",
      open.length === 0
        ? "The document ends in the middle of markup"
        : `The document ends before <${shown(open[open.length - 1])}> is closed`,
      whole,
      "Get the whole document again: its end is missing",
    ),
  mismatch: (at: number, name: string, expected: string | undefined) =>
    expected === undefined
      ? refusal(at, "xml-mismatch", "A closing tag closes nothing", whole, "Remove it", `</${name}>`)
      : refusal(
        at,
        "xml-mismatch",
        `The closing tag does not match the open element <${shown(expected)}>`,
        `</${shown(expected)}>`,
        `Close <${shown(expected)}> first`,
        `</${name}>`,
      ),
  depth: (at: number) =>
    refusal(at, "xml-depth", "Elements are nested too deep", `${maxXmlDepth} levels`, "Remove the nesting"),
  doctype: (at: number) =>
    refusal(
      at,
      "xml-doctype",
      "The document declares a DOCTYPE or other markup declaration",
      "elements, text, comments and CDATA",
      "Remove the declaration and write entities out",
    ),
  instruction: (at: number) =>
    refusal(
      at,
      "xml-instruction",
      "The document holds a processing instruction",
      "the XML declaration at the very start",
      "Remove it",
    ),
  encoding: (at: number, encoding: string) =>
    refusal(at, "xml-encoding", "The document declares another encoding", "UTF-8", "Save it as UTF-8", encoding),
  comment: (at: number) =>
    refusal(at, "xml-comment", 'A comment holds "--" or begins with ">"', "<!-- text -->", "Rewrite or remove it"),
  name: (at: number, text: string) =>
    refusal(
      at,
      "xml-name",
      'A "<" begins no element',
      "names of A-Z a-z 0-9 _ - . : that begin with a letter or _",
      "Write a literal < as &lt;",
      text.slice(at, at + 12),
    ),
  element: (at: number, name: string) =>
    refusal(
      at,
      "xml-element",
      "The element does not belong in COS documents",
      "COS elements",
      "Remove it",
      `<${name}>`,
    ),
  tag: (at: number, text: string) =>
    refusal(
      at,
      "xml-tag",
      "The tag is not well-formed",
      '<Name attribute="value">',
      "Quote attribute values and leave nothing else in the tag",
      text.slice(at, at + 24),
    ),
  attribute: (at: number, name: string) =>
    refusal(at, "xml-attribute", "An attribute stands twice in one tag", "each attribute once", "Remove one", name),
  reference: (at: number, text: string) =>
    refusal(
      at,
      "xml-reference",
      'An "&" begins no known reference',
      references,
      "Write a literal & as &amp;",
      text.slice(at, at + 12),
    ),
  sectionEnd: (at: number) => refusal(at, "xml-section", 'Text holds "]]>"', "]]&gt;", "Write the > as &gt;", "]]>"),
  character: (at: number, text: string) =>
    refusal(
      at,
      "xml-character",
      "The document holds a character that XML does not allow",
      "tab, line feed and the characters from U+0020 on",
      "Remove it",
      `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
    ),
  outside: (at: number, text: string) =>
    refusal(at, "xml-outside", "Text stands outside the root element", whole, "Remove it", text.slice(at, at + 24)),
  afterRoot: (at: number, text: string) =>
    refusal(
      at,
      "xml-after-root",
      "The document goes on after its root element",
      "one root element",
      "Keep one root element a file",
      text.slice(at, at + 24),
    ),
}
