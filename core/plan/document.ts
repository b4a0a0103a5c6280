/** The plan file: what `plan -o json` prints and `apply` carries out. */
import { documentVersion } from "../wire/document.ts"
import { writeJson } from "../wire/json.ts"
import { type BucketPlan, countsOf, type Step } from "./plan.ts"

export interface Plan {
  readonly prune: boolean
  readonly buckets: ReadonlyArray<BucketPlan>
}

/** The document; its rules are in the JSON form. */
export const writePlan = ({ prune, buckets }: Plan): Record<string, unknown> => ({
  version: documentVersion,
  plan: {
    prune,
    counts: countsOf(buckets),
    buckets: buckets.map(({ steps, ...rest }) => ({ ...rest, steps: steps.map(writeStep) })),
  },
})

const writeStep = (step: Step): Record<string, unknown> => ({
  ...step,
  ...("before" in step ? { before: writeJson(step.before) } : {}),
  ...("after" in step ? { after: writeJson(step.after) } : {}),
})
