/** What is said of aliases, merges and keys that the values of a rules file cannot have. */
import { type Alias, isScalar, type Node } from "yaml"
import { type Finding, type Position, shown } from "../../core/lint/finding.ts"
import { limits } from "../document-fault.ts"

/** Every rule of a file may have a few; the library looks for each among all. */
export const maxAliases = 20_000

export const tooManyAliases = (maxLength: number, position: Position = { line: 1, column: 1 }): Finding => ({
  code: "document-aliases",
  severity: "error",
  path: "",
  message: "The document's aliases unfold without end",
  allowed: `at most ${maxAliases} of them, and ${maxLength} characters with all written out`,
  fix: "Write the values out",
  source: limits,
  position,
})

/** Often text that begins with a star. */
export const unknownAlias = ({ source }: Alias, position: Position): Finding => {
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

export const keyForm = (position: Position): Finding => ({
  code: "key-form",
  severity: "error",
  path: "",
  message: "A key is a list or an object",
  allowed: "text",
  fix: "Put quotes around it if it is text",
  source: "RFC 8259, whose values these are",
  position,
})

export const mergeForm = (node: Node, position: Position): Finding => ({
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
