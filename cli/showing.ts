/** Showing plans that nobody carries out yet, and how a command ends that did no more. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type BucketPlan, isPending, type PlanOptions, writePlan } from "../core/plan/mod.ts"
import { hasColours } from "./colours.ts"
import { exits } from "./exit.ts"
import { Failure, say } from "./failure.ts"
import { type Failed, failedBucket, failureFields, warningFields } from "./failures.ts"
import type { Fleet } from "./fleet.ts"
import { type Form, printDocument } from "./output/form.ts"
import { paragraphs } from "./output/paragraphs.ts"
import type { Planned } from "./planning.ts"
import { concluded } from "./verdict.ts"
import type { World } from "./world.ts"

export const planForms = ["table", "json", "yaml", "markdown"] as const

interface Given extends PlanOptions {
  readonly fleet: Pick<Fleet, "endpoint" | "isDemo">
  readonly all: boolean
  readonly form: (typeof planForms)[number]
}

export const show = (
  { plans, failures, warnings }: Planned,
  { prune, all, form, fleet: { endpoint, isDemo } }: Given,
): Effect.Effect<void, never, World> =>
  Effect.gen(function* () {
    if (form === "json" || form === "yaml") {
      const beside = { ...(yield* failureFields("plan", failures)), ...(yield* warningFields(warnings)) }
      const made = {
        prune,
        buckets: plans,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(isDemo ? { demo: true } as const : {}),
      }
      return yield* printDocument(form, writePlan(made, beside))
    }
    if (form === "markdown") {
      const { markdownOf } = yield* Effect.promise(() => import("./output/markdown.ts"))
      return yield* Console.log(markdownOf(plans, failures, { isDemo }))
    }
    const { bucketTable, inTable, planText, summaryText } = yield* Effect.promise(() => import("./output/plan.ts"))
    const showing = { all, colours: yield* hasColours }
    const isMany = plans.length + failures.length > 1
    const { shown } = inTable(plans, all)
    if (shown.length > 0) yield* Console.log(`${paragraphs(shown.map((one) => planText(one, showing)))}\n`)
    if (isMany) yield* Console.log(`${yield* bucketTable(plans, failures, showing)}\n`)
    yield* Console.log(summaryText(plans, failures, isDemo))
  })

/** A plan that cannot be applied is a conflict; buckets that could not be read are said last, and decide. */
export const ended = ({ plans, failures }: Planned, form: Form): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    const over = plans.filter((one) => one.over !== undefined)
    const all = [...failures.map((failure) => failedBucket("plan", failure)), ...(yield* refusals(over))]
    if (form !== "json") { for (const { action, error } of all) yield* say(action, error, form) }
    const total = failures.length === 0 ? over.length : plans.length + failures.length
    yield* concluded({ failures: all, total, form })
    if (plans.some(isPending)) return yield* new Failure({ code: exits.pending })
  })

const refusals = (over: ReadonlyArray<BucketPlan>): Effect.Effect<ReadonlyArray<Failed>> =>
  over.length === 0 ? Effect.succeed([]) : Effect.map(
    Effect.promise(() => import("./output/shortfall.ts")),
    ({ tooMany }) =>
      over.map((one) => ({ action: `apply the plan of ${one.bucket} (${one.region})`, error: tooMany(one) })),
  )
