/**
 * What is wrong with a YAML text, in plain words.
 *
 * The library's own sentences speak its grammar's language, and quote what they found, which may be a secret.
 */

/** The sentence for an error of the library; of its message only the kind is read. */
export const faultText = (code: string, message: string): string =>
  byMessage.find(([pattern]) => pattern.test(message))?.[1] ?? byCode[code] ?? "This is not YAML"

const neither = "This line is neither `key: value` nor part of a list"

/** Where one code stands for several slips. */
const byMessage: ReadonlyArray<readonly [RegExp, string]> = [
  [/^Missing closing .quote/u, "A quotation mark is not closed"],
  [/^Flow (?:map|sequence)/u, "A bracket is not closed, or what stands in it is not indented"],
  [/^(?:Implicit map keys need|Sequence item without)/u, neither],
  [/^Unexpected block-seq-ind/u, "A list begins on the line of its key: begin it on the next line"],
]

const byCode: Readonly<Record<string, string>> = {
  ALIAS_PROPS: "An alias has no anchor or tag of its own",
  BAD_ALIAS: "This alias or anchor has no name: put a value that begins with * or & in quotes",
  BAD_DIRECTIVE: "No line may begin with % here",
  BAD_DQ_ESCAPE: "Between double quotation marks a backslash is written twice",
  BAD_INDENT: "This line is indented otherwise than those around it",
  BAD_SCALAR_START: "No value begins with this character: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "A `key: value` stands where a value belongs: put a value with a colon in quotes",
  BLOCK_IN_FLOW: "Between brackets everything is written with brackets",
  DUPLICATE_KEY: "This key stands here twice",
  KEY_OVER_1024_CHARS: "This key has more than 1024 characters",
  MISSING_CHAR: "Something is not closed here, such as a quotation mark or a bracket",
  MULTILINE_IMPLICIT_KEY: neither,
  MULTIPLE_ANCHORS: "This has two anchors",
  MULTIPLE_DOCS: "The file holds more than one document",
  MULTIPLE_TAGS: "This has two tags",
  NON_STRING_KEY: "This key is not text: put it in quotes",
  TAB_AS_INDENT: "This line is indented with a tab",
  TAG_RESOLVE_FAILED: "This tag is not known here",
  UNEXPECTED_TOKEN: "This does not belong here",
}
