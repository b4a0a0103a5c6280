/** What a bucket has as a rules document, and what `plan` would make of it. */
import { isSame } from "./canonical.ts"
import { changeText, diff } from "./diff.ts"
import { type Finding, isError, lint } from "./lint/mod.ts"
import type { InventoryConfiguration } from "./rule.ts"
import type { BucketRef } from "./bucket.ts"
import { readRuleSet, type Target, targetsOf, writeRuleSet } from "./ruleset/mod.ts"
import { completeConfiguration, type Reading } from "./wire/reading.ts"
import * as Result from "effect/Result"

export interface ExportedBucket {
  /** The rules document, as a value. */
  readonly document: Record<string, unknown>
  /** Why a rule of the document would not be written anew without `asIs`, or read back as another. */
  readonly findings: ReadonlyArray<Finding>
}

/** Every rule stands in the document, whatever there is to say of it. */
export const exportedBucket = (at: BucketRef, rules: ReadonlyArray<InventoryConfiguration>): ExportedBucket => {
  const document = writeRuleSet(at, rules)
  const set = readRuleSet({ value: document })
  const [target] = targetsOf([{ set, buckets: [at] }])
  return {
    document,
    findings: [...set.findings, ...(target === undefined ? [] : [...target.findings, ...rulesOf(target, rules)])],
  }
}

const rulesOf = (target: Target, rules: ReadonlyArray<InventoryConfiguration>): ReadonlyArray<Finding> => {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const { bucket, region } = target
  return target.wanted.flatMap(({ reading, kind }) => {
    const file = ruleName(bucket, reading.draft.id ?? "")
    const wrong = lint({ ...reading, file }, { kind, ...(region === undefined ? {} : { region }) }).filter(isError)
    return wrong.length > 0 ? wrong : changeOf(reading, byId.get(reading.draft.id ?? ""), file)
  })
}

/** How a rule of a bucket is called where a finding names its file. */
export const ruleName = (bucket: string, id: string): string => `${bucket}, rule "${id}"`

/** A document is read with some kindness, by which it cannot say everything: `name-appid` becomes a resource name. */
const changeOf = (
  { draft }: Reading,
  actual: InventoryConfiguration | undefined,
  file: string,
): ReadonlyArray<Finding> => {
  const read = completeConfiguration(draft)
  if (actual !== undefined && Result.isSuccess(read) && isSame(actual, read.success)) return []
  const changes = actual === undefined || Result.isFailure(read) ? [] : diff(actual, read.success)
  return [{
    code: "export-changed",
    severity: "error",
    path: changes[0]?.path ?? "",
    message: "A rules document cannot hold the rule as COS has it",
    ...(changes[0]?.before === undefined ? {} : { found: changeText(changes[0].before) }),
    allowed: "what reads back as it was",
    fix: "Look at what plan shows of it before it is applied",
    source: "the rules file in the README",
    file,
  }]
}
