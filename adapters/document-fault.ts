/** What is said of a document as a whole, alike of JSON and of YAML. */
import type { Finding, Position } from "../core/lint/mod.ts"

/** Deeper than any document; beyond it recursive readers run out of stack. */
export const maxDepth = 64

export const tooDeep = (position: Position = start): Finding => ({
  code: "document-depth",
  severity: "error",
  path: "",
  message: "The document is nested too deep",
  allowed: `${maxDepth} levels`,
  fix: "Remove the nesting",
  source: limits,
  position,
})

export const tooLarge = (maxLength: number): Finding => ({
  code: "document-too-large",
  severity: "error",
  path: "",
  message: "The document is too large",
  allowed: `at most ${maxLength} characters`,
  fix: "Give fewer rules a file",
  source: limits,
  position: start,
})

export const repeatedKey = (form: "json" | "yaml", position: Position): Finding => ({
  code: "repeated-key",
  severity: "error",
  path: "",
  message: "A key stands twice",
  allowed: "each key once",
  fix: "Remove one of them",
  source: standards[form],
  position,
})

export const syntaxFault = (form: "json" | "yaml", message: string, fix: string, position: Position): Finding => ({
  code: `${form}-syntax`,
  severity: "error",
  path: "",
  message,
  allowed: `well-formed ${names[form]}`,
  fix,
  source: standards[form],
  position,
})

/** The source of findings about what no standard forbids. */
export const limits = "limits of this project"

const names = { json: "JSON", yaml: "YAML" } as const
const standards = { json: "RFC 8259", yaml: "YAML 1.2" } as const
const start = { line: 1, column: 1 }
