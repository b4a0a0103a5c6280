/** How many rules a bucket takes. */
import { manyRulesPerBucket, maxRulesPerBucket } from "../../limits.ts"
import type { Target, Wanted } from "../../ruleset/mod.ts"
import type { TargetRow } from "./row.ts"

const source = `page 30625: at most ${maxRulesPerBucket} rules a bucket`

export const countRows: ReadonlyArray<TargetRow> = [
  {
    code: "rules-full",
    severity: "error",
    message: "The bucket has more rules than COS takes",
    why: "COS refuses the rule that is one too many",
    source,
    *check(target) {
      const rules = periodic(target)
      const first = rules[maxRulesPerBucket]
      if (first === undefined) return
      yield {
        at: first.reading,
        path: "id",
        message: `The bucket has ${rules.length} rules, more than COS takes; this is the first too many`,
        allowed: `at most ${maxRulesPerBucket} rules a bucket`,
        fix: "Remove rules, or let one rule list what several do",
      }
    },
  },
  {
    code: "rules-many",
    severity: "warning",
    message: "The bucket is nearly full of rules",
    why: "When it is full, COS refuses every new rule, also those of other tools",
    source,
    *check(target) {
      const rules = periodic(target)
      const last = rules.at(-1)
      if (last === undefined || rules.length < manyRulesPerBucket || rules.length > maxRulesPerBucket) return
      yield {
        at: last.reading,
        path: "id",
        message: `The bucket has ${rules.length} rules, and ${maxRulesPerBucket - rules.length} more are taken`,
        allowed: `at most ${maxRulesPerBucket} rules a bucket`,
        fix: "Remove rules that nobody reads, disabled ones too",
      }
    },
  },
]

/** Jobs are no configurations, and end by themselves. */
const periodic = ({ wanted }: Target): ReadonlyArray<Wanted> => wanted.filter(({ kind }) => kind !== "job")
