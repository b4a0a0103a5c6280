/**
 * YAML and JSON text as values whose parts know their line. Loaded only by commands that read or write such a file.
 *
 * JSON is read by the same library, since its own parser forgets places and repeated keys; that it *is* JSON is checked
 * first, so that a slip is not read as YAML that means something else.
 */
import * as Result from "effect/Result"
import { type Alias, Document, isScalar, LineCounter, type Node, parseAllDocuments, visit } from "yaml"
import { type Finding, type Position, shown } from "../core/lint/mod.ts"
import { maxListBytes } from "../core/limits.ts"
import type { Source } from "../core/wire/json.ts"
import { escapeSteering, holdsSteering } from "../core/redact.ts"
import { positionAt } from "../core/wire/xml/mod.ts"
import { jsonFault } from "./json-fault.ts"
import { aliasesOf, repeatedKeys } from "./yaml-aliases.ts"
import { faultText } from "./yaml-fault.ts"
import { placeAt, placeOfNode, placesOf } from "./yaml-place.ts"

/** Also of what aliases unfold to. 10 000 rules with every field are about 5 MiB, a file is no longer anyway. */
const maxLength = maxListBytes
/** Deeper than any rule; beyond it recursive readers run out of stack. */
const maxDepth = 64
/** Every rule of a file may have a few; the library looks for each among all. */
const maxAliases = 20_000

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
  const documents = parsed(text, form, lines)
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
const parsed = (
  text: string,
  form: "json" | "yaml",
  lines: LineCounter,
): ReturnType<typeof parseAllDocuments> | "too deep" => {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: form === "yaml",
      uniqueKeys: false,
    })
    const isDeep = Array.isArray(documents) &&
      documents.some((d) => d.errors.some((e) => /call stack/iu.test(e.message)))
    return isDeep ? "too deep" : documents
  } catch {
    return "too deep"
  }
}

/** Nothing but comments, as behind a `---` at the end; a null that is written is a value. */
export const isEmpty = ({ contents, errors }: Document): boolean =>
  errors.length === 0 &&
  (contents === null || (isScalar(contents) && contents.value === null && contents.source === ""))

/** Up to the first slip of the syntax: what is found behind it, repeated keys too, is often only its consequence. */
const faultsOf = (document: Document, form: "json" | "yaml", lines: LineCounter): ReadonlyArray<Finding> => {
  const slips = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])
  const [slip] = slips
  const repeated: Array<Node> = []
  visit(document, { Map: (_, map) => void repeated.push(...repeatedKeys(map)) })
  const before = repeated
    .map((key) => key.range?.[0] ?? 0)
    .filter((offset) => slip === undefined || offset < slip.pos[0])
    .sort((a, b) => a - b)
  return [
    ...before.map((offset) => repeatedKey(form, placeAt(lines, offset))),
    ...(slip === undefined
      ? []
      : [syntax(form, faultText(slip.code, slip.message), "Correct the syntax there", placeAt(lines, slip.pos[0]))]),
  ]
}

const sourceOf = (document: Document, lines: LineCounter): Result.Result<Source, ReadonlyArray<Finding>> => {
  try {
    const { targets, unknown, circular, unmergeable, collectionKeys, unfolded } = aliasesOf(document)
    const slips = [
      ...unknown.map((alias) => unknownAlias(alias, placeOfNode(lines, alias))),
      ...unmergeable.map((node) => mergeForm(node, placeOfNode(lines, node))),
      ...collectionKeys.map((node) => ({ ...keyForm, position: placeOfNode(lines, node) })),
    ]
    if (slips.length > 0) return Result.fail(slips)
    if (circular.length > 0) return tooManyAliases(placeOfNode(lines, circular[0]!))
    if (targets.size > maxAliases || unfolded > maxLength) return tooManyAliases()
    const value: unknown = document.toJS({ maxAliasCount: -1 })
    return Result.succeed({ value, ...placesOf(document, lines, targets) })
  } catch {
    // All that is left to throw is the end of the stack
    return refused(...tooDeep)
  }
}

const tooManyAliases = (position?: Position) =>
  refused(
    "document-aliases",
    "The document's aliases unfold without end",
    `at most ${maxAliases} of them, and ${maxLength} characters with all written out`,
    "Write the values out",
    position,
  )

/** Often text that begins with a star. */
const unknownAlias = ({ source }: Alias, position: Position): Finding => {
  const name = `*${source}`
  return {
    code: "alias-unknown",
    severity: "error",
    path: "",
    message: "An alias names nothing",
    found: shown(name),
    allowed: "the name of an anchor before it",
    fix: shown(`Put quotes around it if it is text: "${name}"`),
    source: "YAML 1.2",
    position,
  }
}

const keyForm: Finding = {
  code: "key-form",
  severity: "error",
  path: "",
  message: "A key is a list or an object",
  allowed: "text",
  fix: "Put quotes around it if it is text",
  source: "RFC 8259, whose values these are",
}

const mergeForm = (node: Node, position: Position): Finding => ({
  code: "merge-form",
  severity: "error",
  path: "",
  message: "This has no keys that << could merge",
  ...(isScalar(node) ? { found: shown(node.source ?? "") } : {}),
  allowed: "an alias of an object, or a list of them",
  fix: "Give << such an alias, such as <<: *base",
  source: "the merge key of YAML 1.1",
  position,
})

const collect = <A, E>(results: ReadonlyArray<Result.Result<A, E>>): Result.Result<ReadonlyArray<A>, E> => {
  const out: Array<A> = []
  for (const result of results) {
    if (Result.isFailure(result)) return Result.fail(result.failure)
    out.push(result.success)
  }
  return Result.succeed(out)
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
