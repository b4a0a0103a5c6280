/** Showing plans, asking, carrying them out, and saying what became of them: what `apply` and `copy` share. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { applyPlan, type Ledger, makeLedger } from "../core/apply.ts"
import type { BucketAt } from "../core/endpoint.ts"
import type { ConfigError } from "../core/errors.ts"
import { type BucketPlan, countsOf, isPending, isWrite } from "../core/plan/mod.ts"
import { hasColours } from "./colours.ts"
import { confirmed } from "./confirming.ts"
import type { Wired } from "./connection.ts"
import { type Failed, failedBucket, warningFields } from "./failures.ts"
import { type Failure, note, type Refusal, say } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import { type Form, printDocument } from "./output/form.ts"
import type { BucketFailure, Planned } from "./planning.ts"
import { concluded } from "./verdict.ts"
import type { World } from "./world.ts"
import { type Course, doubtful } from "./writing.ts"

export interface Applying {
  readonly planned: Planned
  readonly fleet: Pick<Fleet, "at" | "isDemo">
  readonly form: Exclude<Form, "xml">
  /** Nobody is asked. */
  readonly yes: boolean
  /** Requests at once. */
  readonly parallel: number
  /** Told how far it has come. */
  readonly course: Course
}

/**
 * Buckets are worked on side by side, and what fails in one does not stop the others. What became of every write is said
 * at the end, also when the work is interrupted.
 */
export const applying = (
  { planned: { plans, failures, warnings }, fleet, form, yes, parallel, course }: Applying,
): Effect.Effect<void, Failure | Refusal | ConfigError, Wired | World> =>
  Effect.gen(function* () {
    const [{ interruption, resultFields, resultTable }, { closing, failuresOf }] = yield* Effect.promise(() =>
      Promise.all([import("./output/result.ts"), import("./output/shortfall.ts")])
    )
    const pending = plans.filter(isPending)
    const doable = pending.filter(({ over }) => over === undefined)
    if (plans.length + failures.length === 0) yield* note("no bucket is chosen, so there is nothing to do", form)
    if (form === "table") yield* show(plans, failures, fleet.isDemo, Console.log)
    const works = yield* Effect.forEach(plans, (plan) =>
      Effect.map(fleet.at(plan), (at): Work => ({ plan, at, ledger: makeLedger() })))
    // The documents of -o json and -o yaml come at the end; whoever is asked looks at standard error
    const shown = form === "table" ? Effect.void : show(plans, failures, fleet.isDemo, Console.error)
    const beside = yield* warningFields(warnings)
    course.at = "asking"
    if (doable.length > 0 && !yes) {
      yield* confirmed(question(doable), shown)
    }

    course.at = "writing"
    const printed = Effect.suspend(() => {
      if (form !== "table") {
        return printDocument(form, {
          ...(fleet.isDemo ? { demo: true } : {}),
          ...resultFields(works, failures),
          ...beside,
        })
      }
      return pending.length === 0 ? Effect.void : Effect.flatMap(resultTable(works, failures), Console.log)
    })
    yield* carriedOut(
      works.filter(({ plan }) =>
        isPending(plan)
      ),
      form,
      parallel,
    ).pipe(
      Effect.onInterrupt(() => printed),
      doubtful(() => interruption(works), form),
    )
    yield* printed
    const byBucket = [...works.map(failuresOf), ...failures.map((one) => [failedBucket("plan", one)])]
    yield* ended(byBucket, closing(works, failures), form)
  })

interface Work {
  readonly plan: BucketPlan
  readonly at: BucketAt
  readonly ledger: Ledger
}

/** As many writes at once as may be, over all buckets, so that no more are in doubt when it is interrupted. */
const carriedOut = (
  works: ReadonlyArray<Work>,
  form: Form,
  parallel: number,
): Effect.Effect<void, never, Wired | World> =>
  Effect.gen(function* () {
    const { progressOf } = yield* Effect.promise(() => import("./output/progress.ts"))
    const total = works.flatMap(({ plan }) => plan.over === undefined ? plan.steps.filter(isWrite) : []).length
    const progress = yield* progressOf(total, form)
    const most = Math.max(1, parallel)
    const places = yield* Semaphore.make(most)
    const one = ({ plan, at, ledger }: Work) =>
      applyPlan(at, plan, ledger, {
        parallel: most,
        gate: places.withPermit,
        onAnswer: (write, answer) => progress.heard(plan, write, answer),
      })
    yield* progress.during(Effect.forEach(works, one, { concurrency: most, discard: true }))
  })

const show = (
  plans: ReadonlyArray<BucketPlan>,
  failures: ReadonlyArray<BucketFailure>,
  isDemo: boolean,
  print: (text: string) => Effect.Effect<void>,
): Effect.Effect<void, never, World> =>
  Effect.gen(function* () {
    const { planText, summaryText } = yield* Effect.promise(() => import("./output/plan.ts"))
    const colours = yield* hasColours
    for (const one of plans.filter(isPending)) yield* print(`${planText(one, { colours })}\n`)
    yield* print(summaryText(plans, failures, isDemo))
  })

const question = (pending: ReadonlyArray<BucketPlan>): string => {
  const { create, update, delete: gone } = countsOf(pending)
  const where = pending.length === 1 ? pending[0]!.bucket : `${pending.length} buckets`
  return `Create ${create}, update ${update} and delete ${gone} rules in ${where}?`
}

/** All failures are said; the first of each bucket decides how it ends. */
const ended = (
  byBucket: ReadonlyArray<ReadonlyArray<Failed>>,
  closing: string,
  form: Form,
): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    if (form !== "json") { for (const { action, error } of byBucket.flat()) yield* say(action, error, form) }
    const failures = byBucket.flatMap((failed) => failed.slice(0, 1))
    const total = byBucket.length
    const many = total === 1 ? "" : `${failures.length} of ${total} buckets failed; `
    yield* concluded({ failures, total, form, message: `${many}${closing}` })
  })
