/** What is said of one rule of a rules file, advice included. */
import { type AdviceContext, type Finding, lintBy } from "../lint/mod.ts"
import type { Reading } from "../wire/reading.ts"
import { adviceRows } from "./rule/mod.ts"

/** Every finding of one rule by itself: the errors that `put` judges by, and advice, for which nothing is refused. */
export const advise = (reading: Reading, context: AdviceContext): ReadonlyArray<Finding> =>
  lintBy(adviceRows, reading, knowing(reading, context)).map(knowingRules)

const knowing = ({ short }: Reading, context: AdviceContext): AdviceContext =>
  short === undefined ? context : { ...context, short }

/** Who asks for advice has rules files, in which some of what is missing need not be written. */
const knowingRules = (finding: Finding): Finding => {
  const otherwise = finding.code === "required" ? unlessTold[finding.path] : undefined
  return otherwise === undefined
    ? finding
    : { ...finding, fix: `${finding.fix}; or put the rule under rules:, where it is ${otherwise} unless told` }
}

const unlessTold: Readonly<Record<string, string>> = { isEnabled: "true", includedObjectVersions: "Current" }
