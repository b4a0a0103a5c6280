/** What a body wants, judged. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { advise, repeatedIds } from "../../../core/advice/mod.ts"
import { isMatch } from "../../../core/glob.ts"
import type { Finding } from "../../../core/lint/mod.ts"
import type { RuleSet, Target } from "../../../core/ruleset/mod.ts"

export const judged = ({ bucket, region, wanted, findings }: Target, now: number): ReadonlyArray<Finding> => {
  const context = { bucket, now, ...(region === undefined ? {} : { region }) }
  return [
    ...findings,
    ...wanted.flatMap(({ reading, kind }) => advise(reading, { kind, ...context })),
    ...repeatedIds(wanted.map(({ reading }) => reading)).values(),
  ]
}

export const nowSeconds = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

export const isFor = ({ selectors, isNowhere }: RuleSet, bucket: string, region: string): boolean =>
  selectors.length === 0
    ? isNowhere !== true
    : selectors.some((one) =>
      (one.bucket === bucket || (one.match !== undefined && isMatch(one.match, bucket))) &&
      (one.region === undefined || one.region === region)
    )

/** A document that only manages ids is not empty: it may be there to delete them. */
export const holdsNothing = ({ isDocument, entries, findings }: RuleSet): boolean =>
  !isDocument && entries.length === 0 && findings.length === 0

export const noRules: Finding = {
  code: "no-rules",
  severity: "error",
  path: "",
  message: "The document holds no rule",
  allowed: "one rule or more",
  fix: "Give a rule; where none are wanted any more, write { rules: [] }",
  source: "the JSON form in the README",
}
