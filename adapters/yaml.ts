/**
 * YAML and JSON text as values whose parts know their line. Loaded only by commands that read or write such a file.
 *
 * JSON is read by the same library, since its own parser forgets places and repeated keys; that it *is* JSON is checked
 * first, so that a slip is not read as YAML that means something else.
 */
import * as Result from "effect/Result"
import {
  Document,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from "yaml"
import { type Finding, type Position, shown } from "../core/lint/mod.ts"
import type { Path, Source } from "../core/wire/json.ts"
import { escapeSteering, holdsSteering } from "../core/redact.ts"
import { positionAt } from "../core/wire/xml/mod.ts"
import { jsonFault } from "./json-fault.ts"
import { faultText } from "./yaml-fault.ts"

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
  const fault = form === "json" ? jsonFault(text) : undefined
  if (fault !== undefined) {
    return Result.fail([
      syntax("json", `The document is not JSON: ${fault.problem}`, fault.fix, positionAt(text, fault.offset)),
    ])
  }
  const lines = new LineCounter()
  const documents = parsed(text, lines)
  if (documents === "too deep") return refused(...tooDeep)
  const full = documents.filter((document) => !isEmpty(document))
  if (full.length === 0) return refused("document-empty", "The document is empty", "a rule", "Give a rule")
  const findings = full.flatMap((document) => faultsOf(document, form, lines))
  return findings.length > 0 ? Result.fail(findings) : collect(full.map((document) => sourceOf(document, lines)))
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

/** Nothing but comments, as behind a `---` at the end; a null that is written is a value. */
const isEmpty = ({ contents, errors }: Document): boolean =>
  errors.length === 0 &&
  (contents === null || (isScalar(contents) && contents.value === null && contents.source === ""))

/** Up to the first slip of the syntax: what is found behind it, repeated keys too, is often only its consequence. */
const faultsOf = (document: Document, form: "json" | "yaml", lines: LineCounter): ReadonlyArray<Finding> => {
  const faults = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])
  const first = faults.findIndex(({ code }) => code !== repeated)
  return faults.slice(0, first < 0 ? undefined : first + 1).map(({ code, message, pos }) => {
    const position = placeAt(lines, pos[0])
    return code === repeated
      ? repeatedKey(form, position)
      : syntax(form, faultText(code, message), "Correct the syntax there", position)
  })
}

const repeated = "DUPLICATE_KEY"

const sourceOf = (document: Document, lines: LineCounter): Result.Result<Source, ReadonlyArray<Finding>> => {
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases })
    return Result.succeed({
      value,
      position: (path) => positionOf(document, lines, path),
      written: (path) => writtenAt(document, path),
    })
  } catch (error) {
    // The library refuses aliases with a ReferenceError; what else it throws is the end of its stack
    if (!(error instanceof ReferenceError)) return refused(...tooDeep)
    const unknown = unknownAliases(document, lines)
    if (unknown.length > 0) return Result.fail(unknown)
    return refused(
      "document-aliases",
      "The document's aliases unfold without end",
      `at most ${maxAliases} uses`,
      "Write the values out",
    )
  }
}

/** Every alias whose anchor does not stand before it: often text that begins with a star. */
const unknownAliases = (document: Document, lines: LineCounter): ReadonlyArray<Finding> => {
  const anchors = new Set<string>()
  const found: Array<Finding> = []
  const look = (node: Node): void => {
    if (!isAlias(node)) {
      if ("anchor" in node && typeof node.anchor === "string") anchors.add(node.anchor)
    } else if (!anchors.has(node.source)) {
      const name = `*${node.source}`
      found.push({
        code: "alias-unknown",
        severity: "error",
        path: "",
        message: "An alias names nothing",
        found: shown(name),
        allowed: "the name of an anchor before it",
        fix: shown(`Put quotes around it if it is text: "${name}"`),
        source: "YAML 1.2",
        position: placeAt(lines, node.range?.[0] ?? 0),
      })
    }
  }
  visit(document, { Node: (_, node) => look(node) })
  return found
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

/** The text of a scalar that no quotes are around, such as the `007` whose value is 7. */
const writtenAt = (document: Document, path: Path): string | undefined => {
  const node = document.getIn(path, true)
  return isScalar(node) && node.type === "PLAIN" ? node.source : undefined
}

const placeAt = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

const syntax = (form: "json" | "yaml", message: string, fix: string, position: Position): Finding => ({
  code: `${form}-syntax`,
  severity: "error",
  path: "",
  message,
  allowed: `well-formed ${names[form]}`,
  fix,
  source: standards[form],
  position,
})

const repeatedKey = (form: "json" | "yaml", position: Position): Finding => ({
  code: "repeated-key",
  severity: "error",
  path: "",
  message: "A key stands twice",
  allowed: "each key once",
  fix: "Remove one of them",
  source: standards[form],
  position,
})

const names = { json: "JSON", yaml: "YAML" } as const
const standards = { json: "RFC 8259", yaml: "YAML 1.2" } as const

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

/** A value as YAML, keys in their order, nothing folded, and nothing in it that could steer a terminal. */
export const writeYaml = (value: unknown): string => {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && holdsSteering(node.value)) node.type = "QUOTE_DOUBLE"
    },
  })
  return escapeSteering(document.toString({ lineWidth: 0 }))
}
