/** Showing plans, asking, carrying them out, and saying what became of them: what `apply` and `copy` share. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { applyPlan, makeLedger } from "../core/apply.ts"
import type { CallError } from "../core/client.ts"
import type { ConfigError } from "../core/errors.ts"
import { type BucketPlan, countsOf, isPending, isWrite } from "../core/plan/mod.ts"
import { hasColours } from "./colours.ts"
import { confirmed } from "./confirming.ts"
import type { Wired } from "./connection.ts"
import { type Failed, failedBucket } from "./failures.ts"
import { type Failure, note, type Refusal, say } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import { type Form, printDocument } from "./output/form.ts"
import type { BucketFailure, Planned } from "./planning.ts"
import { concluded } from "./verdict.ts"
import type { World } from "./world.ts"
import { doubtful } from "./writing.ts"

export interface Applying {
  readonly planned: Planned
  readonly fleet: Pick<Fleet, "at">
  readonly form: Exclude<Form, "xml">
  /** Nobody is asked. */
  readonly yes: boolean
  /** Requests at once. */
  readonly parallel: number
}

/**
 * Buckets are worked on side by side, and what fails in one does not stop the others. What became of every write is said
 * at the end, also when the work is interrupted.
 */
export const applying = (
  { planned: { plans, failures }, fleet, form, yes, parallel }: Applying,
): Effect.Effect<void, Failure | Refusal | ConfigError, Wired | World> =>
  Effect.gen(function* () {
    const { failuresOf, interruption, resultFields, resultTable, tooMany } = yield* Effect.promise(() =>
      import("./output/result.ts")
    )
    const pending = plans.filter(isPending)
    const isAsked = pending.length > 0 && !yes
    if (plans.length + failures.length === 0) yield* note("no bucket is chosen, so there is nothing to do", form)
    if (form === "table") yield* show(plans, failures, Console.log)
    const over = pending.filter((plan) => plan.over !== undefined)
    if (over.length > 0) return yield* tooMany(over)
    // The documents of -o json and -o yaml come at the end; whoever is asked looks at standard error
    const shown = form === "table" ? Effect.void : show(plans, failures, Console.error)
    if (isAsked) yield* confirmed(question(pending), shown)

    const works = plans.map((plan) => ({ plan, ledger: makeLedger() }))
    const printed = Effect.suspend(() => {
      if (form !== "table") return printDocument(form, resultFields(works, failures))
      return pending.length === 0 ? Effect.void : Effect.flatMap(resultTable(works, failures), Console.log)
    })
    yield* carriedOut(works.filter(({ plan }) => isPending(plan)), fleet, form, parallel).pipe(
      Effect.onInterrupt(() => printed),
      doubtful(() => interruption(works), form),
    )
    yield* printed
    yield* ended([
      ...works.map(failuresOf),
      ...failures.map((failure) => [failedBucket("plan", failure)]),
    ], form)
  })

type Work = { readonly plan: BucketPlan; readonly ledger: ReturnType<typeof makeLedger> }

/** As many writes at once as may be, over all buckets, so that no more are in doubt when it is interrupted. */
const carriedOut = (
  works: ReadonlyArray<Work>,
  fleet: Pick<Fleet, "at">,
  form: Form,
  parallel: number,
): Effect.Effect<void, never, Wired | World> =>
  Effect.gen(function* () {
    if (works.length === 0) return
    const { progressOf } = yield* Effect.promise(() => import("./output/progress.ts"))
    const progress = yield* progressOf(works.flatMap(({ plan }) => plan.steps.filter(isWrite)).length, form)
    const most = Math.max(1, parallel)
    const parallelInOne = Math.max(1, Math.floor(most / works.length))
    const one = ({ plan, ledger }: Work) =>
      fleet.at(plan).pipe(
        Effect.flatMap((at) =>
          applyPlan(at, plan, ledger, {
            parallel: parallelInOne,
            onAnswer: (write, answer) => progress.heard(plan, write, answer),
          })
        ),
        Effect.catch((error: CallError) =>
          Effect.sync(() => {
            ledger.refused = { reason: "unread", error }
          })
        ),
      )
    yield* progress.during(Effect.forEach(works, one, { concurrency: most, discard: true }))
  })

const show = (
  plans: ReadonlyArray<BucketPlan>,
  failures: ReadonlyArray<BucketFailure>,
  print: (text: string) => Effect.Effect<void>,
): Effect.Effect<void, never, World> =>
  Effect.gen(function* () {
    const { planText, summaryText } = yield* Effect.promise(() => import("./output/plan.ts"))
    const colours = yield* hasColours
    for (const one of plans.filter(isPending)) yield* print(`${planText(one, { colours })}\n`)
    yield* print(summaryText(plans, failures))
  })

const question = (pending: ReadonlyArray<BucketPlan>): string => {
  const { create, update, delete: gone } = countsOf(pending)
  const where = pending.length === 1 ? pending[0]!.bucket : `${pending.length} buckets`
  return `Create ${create}, update ${update} and delete ${gone} rules in ${where}?`
}

/** All failures are said; the first of each bucket decides how it ends. */
const ended = (byBucket: ReadonlyArray<ReadonlyArray<Failed>>, form: Form): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    if (form !== "json") { for (const { action, error } of byBucket.flat()) yield* say(action, error, form) }
    const failures = byBucket.flatMap((failed) => failed.slice(0, 1))
    const total = byBucket.length
    const many = total === 1 ? "" : `${failures.length} of ${total} buckets failed; `
    yield* concluded({ failures, total, form, message: `${many}running it again completes what is left` })
  })
