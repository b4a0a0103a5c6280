/** YAML text as values whose parts know their line. */
import * as Result from "effect/Result"
import { type Document, LineCounter, type Node, parseAllDocuments, visit } from "yaml"
import type { Finding, Position } from "../../core/lint/mod.ts"
import { maxListBytes } from "../../core/limits.ts"
import type { Source } from "../../core/wire/json.ts"
import { positionAt } from "../../core/wire/xml/mod.ts"
import { limits, maxDepth, repeatedKey, syntaxFault, tooDeep, tooLarge } from "../document-fault.ts"
import { keyForm, maxAliases, mergeForm, tooManyAliases, unknownAlias } from "./alias-fault.ts"
import { aliasesOf, repeatedKeys } from "./aliases.ts"
import { faultText } from "./fault.ts"
import { placeAt, placeOfNode, placesOf } from "./place.ts"
import { isEmptyDocument } from "./stream.ts"

/** Also of what aliases unfold to. 10 000 rules with every field are about 5 MiB, a file is no longer anyway. */
const maxLength = maxListBytes

/** Every document of a stream. */
export const readYaml = (text: string): Result.Result<ReadonlyArray<Source>, ReadonlyArray<Finding>> => {
  if (text.length > maxLength) return Result.fail([tooLarge(maxLength)])
  const deep = depthOf(text)
  if (deep !== undefined) return Result.fail([tooDeep(deep)])
  const lines = new LineCounter()
  const documents = parsed(text, lines)
  if (documents === "too deep") return Result.fail([tooDeep()])
  const full = documents.filter((document) => !isEmptyDocument(document))
  if (full.length === 0) return Result.fail([empty])
  const findings = full.flatMap((document) => faultsOf(document, lines))
  return findings.length > 0 ? Result.fail(findings) : Result.all(full.map((document) => sourceOf(document, lines)))
}

const empty: Finding = {
  code: "document-empty",
  severity: "error",
  path: "",
  message: "The document is empty",
  allowed: "a rule",
  fix: "Give a rule",
  source: limits,
  position: { line: 1, column: 1 },
}

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

/** Nesting by indentation alone can still run the library out of stack; it then throws, or says so in an error. */
const parsed = (text: string, lines: LineCounter): ReturnType<typeof parseAllDocuments> | "too deep" => {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: true,
      uniqueKeys: false,
    })
    const isDeep = Array.isArray(documents) &&
      documents.some((d) => d.errors.some((e) => /call stack/iu.test(e.message)))
    return isDeep ? "too deep" : documents
  } catch {
    return "too deep"
  }
}

/** Up to the first slip of the syntax: what is found behind it, repeated keys too, is often only its consequence. */
const faultsOf = (document: Document, lines: LineCounter): ReadonlyArray<Finding> => {
  const slips = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])
  const [slip] = slips
  const repeated: Array<Node> = []
  visit(document, { Map: (_, map) => void repeated.push(...repeatedKeys(map)) })
  const before = repeated
    .map((key) => key.range?.[0] ?? 0)
    .filter((offset) => slip === undefined || offset < slip.pos[0])
    .sort((a, b) => a - b)
  const found = before.map((offset) => repeatedKey("yaml", placeAt(lines, offset)))
  if (slip === undefined) return found
  const message = faultText(slip.code, slip.message)
  return [...found, syntaxFault("yaml", message, "Correct the syntax there", placeAt(lines, slip.pos[0]))]
}

const sourceOf = (document: Document, lines: LineCounter): Result.Result<Source, ReadonlyArray<Finding>> => {
  try {
    const { targets, unknown, circular, unmergeable, collectionKeys, unfolded } = aliasesOf(document)
    const slips = [
      ...unknown.map((alias) => unknownAlias(alias, placeOfNode(lines, alias))),
      ...unmergeable.map((node) => mergeForm(node, placeOfNode(lines, node))),
      ...collectionKeys.map((node) => keyForm(placeOfNode(lines, node))),
    ]
    if (slips.length > 0) return Result.fail(slips)
    const [endless] = circular
    if (endless !== undefined) return Result.fail([tooManyAliases(maxLength, placeOfNode(lines, endless))])
    if (targets.size > maxAliases || unfolded > maxLength) return Result.fail([tooManyAliases(maxLength)])
    const value: unknown = document.toJS({ maxAliasCount: -1 })
    return Result.succeed({ value, ...placesOf(document, lines, targets) })
  } catch {
    // All that is left to throw is the end of the stack
    return Result.fail([tooDeep()])
  }
}
