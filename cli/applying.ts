/** Showing plans, asking, carrying them out, and saying what became of them: what `apply` and `copy` share. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { applyPlan, makeLedger } from "../core/apply.ts"
import type { ConfigError } from "../core/errors.ts"
import { isPending, resultOf } from "../core/plan/mod.ts"
import { confirmed } from "./confirming.ts"
import type { Wired } from "./connection.ts"
import { exits } from "./exit.ts"
import { Failure, type Refusal } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import type { Form } from "./output/form.ts"
import type { Planned } from "./planning.ts"
import type { World } from "./world.ts"

export interface Applying {
  readonly planned: Planned
  readonly fleet: Fleet
  readonly form: Exclude<Form, "xml">
  /** Nobody is asked. */
  readonly yes: boolean
  /** Requests at once. */
  readonly parallel: number
}

export const applying = (
  { planned: { plans }, fleet, yes, parallel }: Applying,
): Effect.Effect<void, Failure | Refusal | ConfigError, Wired | World> =>
  Effect.gen(function* () {
    const { planText, summaryText } = yield* Effect.promise(() => import("./output/plan.ts"))
    for (const one of plans) yield* Console.log(`${planText(one)}\n`)
    yield* Console.log(summaryText(plans))
    const pending = plans.filter(isPending)
    if (pending.length === 0) return
    if (!yes) yield* confirmed("Apply this plan?")
    const results = yield* Effect.forEach(pending, (one) =>
      Effect.gen(function* () {
        const ledger = makeLedger()
        yield* applyPlan(yield* fleet.at(one), one, ledger, { parallel })
        return resultOf(one, ledger.answers)
      }), { concurrency: parallel })
    for (const { bucket, writes } of results) {
      for (const { id, action, result } of writes) yield* Console.log(`${bucket}: ${action} ${id}: ${result}`)
    }
    if (!results.every(({ isComplete }) => isComplete)) return yield* new Failure({ code: exits.partial })
  })
