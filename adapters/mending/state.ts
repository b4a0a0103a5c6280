/** A rules file on its way to being mended: its rules, what is said of each, and the text that this is said of. */
import * as Result from "effect/Result"
import type { AdviceContext, Finding } from "../../core/lint/mod.ts"
import { type Entry, readRuleSet, type RuleSet } from "../../core/ruleset/mod.ts"
import type { Reading } from "../../core/wire/reading.ts"
import { readJsonText } from "../json/mod.ts"
import { aliasesOf, documentsOf, readYaml, type Sheet } from "../yaml/mod.ts"

/** What is said of one rule. */
export type Judge = (reading: Reading, context: AdviceContext) => ReadonlyArray<Finding>

export type JudgeEntry = (entry: Entry) => ReadonlyArray<Finding>

export interface State {
  readonly text: string
  readonly form: "json" | "yaml"
  readonly sets: ReadonlyArray<RuleSet>
  /** By document and rule. */
  readonly found: ReadonlyArray<ReadonlyArray<ReadonlyArray<Finding>>>
  readonly sheets: ReadonlyArray<Sheet>
}

/** Undefined where the text cannot be read any more. */
export const stateOf = (text: string, form: "json" | "yaml", judge: JudgeEntry): State | undefined => {
  const read = form === "json" ? Result.map(readJsonText(text), (source) => [source]) : readYaml(text)
  if (Result.isFailure(read)) return undefined
  const sets = read.success.map(readRuleSet)
  // JSON is edited by the nodes of the YAML library too: values alone do not know where they end
  const sheets = documentsOf(text).map((document) => ({ document, form, text, targets: aliasesOf(document).targets }))
  return { text, form, sets, sheets, found: sets.map(({ entries }) => entries.map(judge)) }
}

/** A finding that says itself how it goes away. */
export type WithEdit = Finding & { readonly edit: NonNullable<Finding["edit"]> }

export const hasEdit = (finding: Finding): finding is WithEdit => finding.edit !== undefined
