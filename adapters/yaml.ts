/**
 * YAML and JSON text as values whose parts know their line. Loaded only by commands that read or write such a file.
 *
 * JSON is read by the same library, since its own parser forgets places and repeated keys; that it *is* JSON is checked
 * first, so that a slip is not read as YAML that means something else.
 */
import * as Result from "effect/Result"
import { type Document, isCollection, isNode, LineCounter, parseAllDocuments, stringify } from "yaml"
import type { Finding, Position } from "../core/lint/mod.ts"
import type { Path, Source } from "../core/wire/json.ts"
import { positionAt } from "../core/wire/xml/mod.ts"

/** A list of 1000 rules with every field is about 1 MiB. */
const maxLength = 4 * 1024 * 1024
/** Deeper than any rule; beyond it recursive readers run out of stack. */
const maxDepth = 64
/** A rules file may repeat a tag list or two; a bomb repeats without end. */
const maxAliases = 100

/** Every document of a YAML stream, or the one value of a JSON text. */
export const readYaml = (
  text: string,
  form: "json" | "yaml",
): Result.Result<ReadonlyArray<Source>, ReadonlyArray<Finding>> => {
  if (text.length > maxLength) {
    return refused(
      "document-too-large",
      "The document is too large",
      `at most ${maxLength} characters`,
      "Give fewer rules a file",
    )
  }
  const deep = depthOf(text)
  if (deep !== undefined) return refused(...tooDeep, deep)
  const jsonProblem = form === "json" ? notJson(text) : undefined
  const lines = new LineCounter()
  const documents = parsed(text, lines)
  if (documents === "too deep") return refused(...tooDeep)
  if (!Array.isArray(documents)) return refused("document-empty", "The document is empty", "a rule", "Give a rule")
  const findings = documents.flatMap((document) =>
    [...document.errors, ...document.warnings].map((e) => syntax(form, e.code, e.message, placeAt(lines, e.pos[0])))
  )
  if (findings.length > 0) return Result.fail(findings)
  if (jsonProblem !== undefined) return Result.fail([jsonProblem])
  return collect(documents.map((document) => sourceOf(document, lines)))
}

const tooDeep = [
  "document-depth",
  "The document is nested too deep",
  `${maxDepth} levels`,
  "Remove the nesting",
] as const

/** Nesting by indentation alone can still run the library out of stack; it then throws, or says so in an error. */
const parsed = (text: string, lines: LineCounter): ReturnType<typeof parseAllDocuments> | "too deep" => {
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
    const isDeep = Array.isArray(documents) &&
      documents.some((d) => d.errors.some((e) => /call stack/iu.test(e.message)))
    return isDeep ? "too deep" : documents
  } catch {
    return "too deep"
  }
}

const sourceOf = (document: Document, lines: LineCounter): Result.Result<Source, ReadonlyArray<Finding>> => {
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases })
    return Result.succeed({ value, position: (path) => positionOf(document, lines, path) })
  } catch {
    return refused(
      "document-aliases",
      "The document's aliases unfold without end",
      `at most ${maxAliases} uses`,
      "Write the values out",
    )
  }
}

const collect = <A, E>(results: ReadonlyArray<Result.Result<A, E>>): Result.Result<ReadonlyArray<A>, E> => {
  const out: Array<A> = []
  for (const result of results) {
    if (Result.isFailure(result)) return Result.fail(result.failure)
    out.push(result.success)
  }
  return Result.succeed(out)
}

/** The place of a path, or of the closest thing around it. */
const positionOf = (document: Document, lines: LineCounter, path: Path): Position | undefined => {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length)
    const parent = part.length === 0 ? document.contents : document.getIn(part.slice(0, -1), true)
    const key = part[part.length - 1]
    const pair = isCollection(parent) && typeof key === "string"
      ? parent.items.find((item) =>
        typeof item === "object" && item !== null && "key" in item && String(item.key) === key
      )
      : undefined
    const node = pair !== undefined
      ? (pair as { readonly key: unknown }).key
      : part.length === 0
      ? parent
      : document.getIn(part, true)
    if (isNode(node) && node.range) return placeAt(lines, node.range[0])
  }
  return undefined
}

const placeAt = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

const notJson = (text: string): Finding | undefined => {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    return syntax("json", "NOT_JSON", "It would be read as YAML, but not as JSON", { line: 1, column: 1 })
  }
}

const syntax = (form: "json" | "yaml", code: string, message: string, position: Position): Finding => {
  const isRepeated = code === "DUPLICATE_KEY"
  const name = form === "json" ? "JSON" : "YAML"
  return {
    code: isRepeated ? "repeated-key" : `${form}-syntax`,
    severity: "error",
    path: "",
    message: isRepeated ? "A key stands twice" : `The document is not ${name}: ${firstLine(message)}`,
    allowed: isRepeated ? "each key once" : `well-formed ${name}`,
    fix: isRepeated
      ? "Remove one of them"
      : code === "NOT_JSON"
      ? "Remove trailing commas and comments, or name the file .yaml"
      : "Correct the syntax there",
    source: name === "JSON" ? "RFC 8259" : "YAML 1.2",
    position,
  }
}

const firstLine = (message: string): string => message.split("\n")[0]!.replace(/[.:]$/u, "")

const refused = (
  code: string,
  message: string,
  allowed: string,
  fix: string,
  position: Position = { line: 1, column: 1 },
) =>
  Result.fail(
    [{ code, severity: "error", path: "", message, allowed, fix, source: "limits of this project", position }] as const,
  )

/** Where brackets, or dashes in a row, go deeper than any rule. Brackets inside quotes count too, which only errs early. */
const depthOf = (text: string): Position | undefined => {
  const dashes = rowOfDashes.exec(text)
  let open = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 91 || c === 123) open++
    else if ((c === 93 || c === 125) && open > 0) open--
    if (open > maxDepth || i === dashes?.index) return positionAt(text, i)
  }
  return undefined
}

/** `- - - -` and `? ? ? ?` nest without brackets. */
const rowOfDashes = new RegExp(`(?:[-?] ){${maxDepth}}`, "u")

/** A value as YAML, keys in their order, nothing folded. */
export const writeYaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
