/** Plans as people read them. */
import * as Effect from "effect/Effect"
import { maxRulesPerBucket } from "../../core/limits.ts"
import { type BucketPlan, countsOf, isPending, phasesOf, type Step, type Write } from "../../core/plan/mod.ts"
import { oneLine } from "../../core/redact.ts"
import type { BucketFailure } from "../planning.ts"
import { changeLines } from "./changes.ts"
import { reasonText } from "./reason.ts"
import { briefText, signs, stayText, warningsOf } from "./step.ts"
import { table } from "./table.ts"

export interface Showing {
  /** Every rule and every bucket, however many there are. */
  readonly all?: boolean
  readonly colours?: boolean
}

/** As many lines of one kind as are shown one by one; of more, only their number. */
export const handful = 5

/**
 * Every step of a bucket, the writes first and in the order in which they are made; of one in which nothing changes,
 * one line.
 */
export const planText = (plan: BucketPlan, { all = false, colours = false }: Showing = {}): string => {
  const place = `${oneLine(plan.bucket)} (${oneLine(plan.region)})`
  if (!isPending(plan) && plan.over === undefined && !all) return `${place}: no changes, ${restText(plan)}`
  const rest = (action: "keep" | "unmanaged", prunable?: boolean) =>
    plan.steps.filter((step) =>
      step.action === action && (step.action !== "unmanaged" || prunable === undefined || step.prunable === prunable)
    )
  const some = (steps: ReadonlyArray<Step>, many: (count: number) => string): ReadonlyArray<string> =>
    all || steps.length <= handful ? steps.map(restLine) : [many(steps.length)]
  return [
    place,
    ...phasesOf(plan).flat().flatMap((write) => writeLines(write, colours)),
    ...some(rest("keep"), (count) => `  = ${count} kept`),
    ...some(rest("unmanaged", true), (count) => `  ? ${count} unmanaged: --prune would delete them`),
    ...some(rest("unmanaged", false), (count) => `  ? ${count} unmanaged: nothing manages them`),
    ...(plan.over === undefined ? [] : [`  ! ${overText(plan.over)}`]),
  ].join("\n")
}

/** Such as `3 kept, 1 unmanaged (--prune would delete it)`. */
export const restText = (plan: BucketPlan): string => {
  const { keep, unmanaged } = countsOf([plan])
  const prunable = plan.steps.filter((step) => step.action === "unmanaged" && step.prunable).length
  const note = prunable === 0
    ? ""
    : ` (--prune would delete ${prunable < unmanaged ? prunable : unmanaged === 1 ? "it" : "them"})`
  return `${keep} kept, ${unmanaged} unmanaged${note}`
}

export const overText = (over: number): string =>
  `cannot be applied: ${over === 1 ? "1 rule" : `${over} rules`} more than the ${maxRulesPerBucket} that a bucket holds`

const writeLines = (write: Write, colours: boolean): ReadonlyArray<string> => [
  painted(`  ${signs[write.action]} ${write.action.padEnd(9)} ${oneLine(write.id)}`, write.action, colours),
  ...(write.action === "create" ? [`      ${briefText(write.after)}`] : []),
  ...(write.action === "delete" ? [`      ${briefText(write.before)}`] : []),
  ...(write.action === "update" ? changeLines(write.changes).map((line) => `    ${line}`) : []),
  ...warningsOf(write).map((text) => painted(`      ! ${text}`, "update", colours)),
]

const restLine = (step: Step): string => {
  const line = `  ${signs[step.action]} ${step.action.padEnd(9)} ${oneLine(step.id)}`
  return step.action === "unmanaged" ? `${line}: ${stayText(step.prunable)}` : line
}

/** Green, yellow and red (ECMA-48), as everybody's diff has them. */
const paint: Readonly<Record<Write["action"], number>> = { create: 32, update: 33, delete: 31 }

const painted = (text: string, action: Write["action"], colours: boolean): string =>
  colours ? `\u001b[${paint[action]}m${text}\u001b[0m` : text

/** One row a bucket; of those in which nothing changes only the number, where there are many. Without any row, no head. */
export const bucketTable = (
  plans: ReadonlyArray<BucketPlan>,
  failures: ReadonlyArray<BucketFailure>,
  { all = false }: Showing = {},
): Effect.Effect<string> => {
  const { shown, hidden } = inTable(plans, all)
  if (shown.length + failures.length === 0) return Effect.succeed(`${bucketsText(hidden)} without changes`)
  const rows = [
    ...shown.map((plan) => {
      const { create, update, delete: gone, keep, unmanaged } = countsOf([plan])
      const counts = [create, update, gone, keep, unmanaged].map(String)
      return [plan.bucket, plan.region, ...counts, plan.over === undefined ? "" : overText(plan.over)]
    }),
    ...failures.map(({ bucket, region, error }) => [
      bucket,
      region,
      ...["-", "-", "-", "-", "-"],
      `failed: ${reasonText(error)}`,
    ]),
    ...(hidden === 0 ? [] : [[`and ${hidden} without changes`]]),
  ]
  return table(["BUCKET", "REGION", "CREATE", "UPDATE", "DELETE", "KEEP", "UNMANAGED", ""], rows)
}

export const bucketsText = (count: number): string => count === 1 ? "1 bucket" : `${count} buckets`

/** Which buckets a table lists: all that have something to say, the others unless they are too many. */
export const inTable = (
  plans: ReadonlyArray<BucketPlan>,
  all: boolean,
): { readonly shown: ReadonlyArray<BucketPlan>; readonly hidden: number } => {
  const eventful = plans.filter((plan) => isPending(plan) || plan.over !== undefined)
  return all || plans.length - eventful.length <= handful
    ? { shown: plans, hidden: 0 }
    : { shown: eventful, hidden: plans.length - eventful.length }
}

/** Such as `Plan: 1 to create, 0 to update, 0 to delete; 3 kept, 1 unmanaged`. Whatever else is shown, it names the demo. */
export const summaryText = (
  plans: ReadonlyArray<BucketPlan>,
  failures: ReadonlyArray<BucketFailure> = [],
  isDemo = false,
): string => {
  const { create, update, delete: gone, keep, unmanaged } = countsOf(plans)
  const failed = failures.length === 0 ? "" : `; ${bucketsText(failures.length)} could not be read`
  const prunable = plans.flatMap(({ steps }) => steps).filter((step) => step.action === "unmanaged" && step.prunable)
  const note = prunable.length === 0 ? "" : ` (--prune would delete ${prunable.length})`
  const rest = `${keep} kept, ${unmanaged} unmanaged${note}${failed}`
  const where = isDemo ? " in the demo" : ""
  return plans.some(isPending)
    ? `Plan${where}: ${create} to create, ${update} to update, ${gone} to delete; ${rest}`
    : plans.length === 0 && failures.length > 0
    ? `No plan${where}${failed}`
    : `No changes${where}: ${rest}`
}
