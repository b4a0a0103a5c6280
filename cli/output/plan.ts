/** Plans as people read them. */
import { type BucketPlan, countsOf, isPending, type Step } from "../../core/plan/mod.ts"
import { oneLine } from "../../core/redact.ts"
import { changeLines } from "./changes.ts"

const signs: Readonly<Record<Step["action"], string>> = {
  create: "+",
  update: "~",
  delete: "-",
  keep: "=",
  unmanaged: "?",
}

/** Every step of a bucket; of one in which nothing changes, only where it is. */
export const planText = (plan: BucketPlan): string =>
  [
    `${plan.bucket} (${plan.region})`,
    ...plan.steps.flatMap((step) => [
      `  ${signs[step.action]} ${step.action.padEnd(9)} ${oneLine(step.id)}`,
      ...(step.action === "update" ? changeLines(step.changes).map((line) => `    ${line}`) : []),
    ]),
  ].join("\n")

/** Such as `Plan: 1 to create, 0 to update, 0 to delete; 3 kept, 1 unmanaged`. */
export const summaryText = (plans: ReadonlyArray<BucketPlan>): string => {
  const { create, update, delete: gone, keep, unmanaged } = countsOf(plans)
  const rest = `${keep} kept, ${unmanaged} unmanaged`
  return plans.some(isPending)
    ? `Plan: ${create} to create, ${update} to update, ${gone} to delete; ${rest}`
    : `No changes: ${rest}`
}
