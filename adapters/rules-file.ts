/** Rules out of files: XML, JSON or YAML by name or by their first character, each rule with its places. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/mod.ts"
import { bareRuleSet, readRuleSet, type RuleSet } from "../core/ruleset/mod.ts"
import { readXmlRules } from "../core/wire/document.ts"
import { xmlFinding } from "../core/wire/xml/mod.ts"
import type { Options } from "./files.ts"
import { readTextFile } from "./text-file.ts"

export type Form = "xml" | "json" | "yaml"

export interface RulesFile {
  readonly file: string
  readonly form: Form
  /** Without the byte order mark. */
  readonly text: string
  readonly hasMark: boolean
  /** One for each document of it. */
  readonly sets: ReadonlyArray<RuleSet>
}

/** Reads a file, or `-` for the standard input. Problems of the document as a whole fail; those of a rule stay with it. */
export const readRulesFile = (
  path: string,
  options: Options = {},
): Effect.Effect<RulesFile, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const { file, hasMark, text } = yield* readTextFile(path, options)
    const fail = (findings: ReadonlyArray<Finding>) =>
      new InvalidInput({ findings: findings.map((finding) => ({ ...finding, file })) })
    const form = formOf(path, text)
    const sets = yield* Effect.mapError(setsIn(text, form), fail)
    if (sets.every(isEmpty)) return yield* fail([noRules])
    return { file, form, text, hasMark, sets: sets.map((set) => inFile(set, file)) }
  })

/** The library of YAML is loaded for YAML alone. */
const setsIn = (text: string, form: Form): Effect.Effect<ReadonlyArray<RuleSet>, ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    if (form === "xml") {
      const rules = Result.mapError(readXmlRules(text), (problem) => [xmlFinding(problem)])
      return [bareRuleSet(yield* Effect.fromResult(rules))]
    }
    if (form === "json") {
      const { readJsonText } = yield* Effect.promise(() => import("./json/mod.ts"))
      return [readRuleSet(yield* Effect.fromResult(readJsonText(text)))]
    }
    const { readYaml } = yield* Effect.promise(() => import("./yaml/mod.ts"))
    return (yield* Effect.fromResult(readYaml(text))).map(readRuleSet)
  })

/** A document that only manages ids is not empty: it may be there to delete them. */
const isEmpty = ({ isDocument, entries, findings }: RuleSet): boolean =>
  !isDocument && entries.length === 0 && findings.length === 0

const inFile = (set: RuleSet, file: string): RuleSet => ({
  ...set,
  file,
  entries: set.entries.map((entry) => ({ ...entry, reading: { ...entry.reading, file } })),
  findings: set.findings.map((finding) => ({ ...finding, file })),
})

/** The ending decides between JSON and YAML; XML shows itself. */
const formOf = (path: string, text: string): Form => {
  const first = text.trimStart()[0]
  if (first === "<" || /\.xml$/iu.test(path)) return "xml"
  if (/\.ya?ml$/iu.test(path)) return "yaml"
  return first === "{" || first === "[" || /\.json$/iu.test(path) ? "json" : "yaml"
}

const noRules: Finding = {
  code: "no-rules",
  severity: "error",
  path: "",
  message: "The document holds no rule",
  allowed: "one rule or more",
  fix: "Give a rule; `new` prints one to begin with",
  source: "the JSON form in the README",
}
