/** Plans of many buckets at once, and what could not be read of them. */
import * as Effect from "effect/Effect"
import { listing } from "../core/client.ts"
import { InvalidInput } from "../core/errors.ts"
import { distinct, type Finding } from "../core/lint/mod.ts"
import { type BucketPlan, type Desired, errorsOf, plan, type PlanOptions } from "../core/plan/mod.ts"
import type { Wired } from "./connection.ts"
import { type Failing, note } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import { refuseUnknown } from "./listed.ts"
import type { Form } from "./output/form.ts"

export interface Planned {
  readonly plans: ReadonlyArray<BucketPlan>
  readonly failures: ReadonlyArray<BucketFailure>
  /** What is to be said of the files, beside what is wrong with them. */
  readonly warnings?: ReadonlyArray<Finding>
}

/** Why nothing can be said of one bucket; the others go on. */
export interface BucketFailure {
  readonly bucket: string
  readonly region: string
  readonly error: Failing
}

/** Says so where `--prune` was asked for and comes to nothing. */
export const sayIdlePrune = (
  desired: ReadonlyArray<Desired>,
  { prune }: PlanOptions,
  form: Form,
): Effect.Effect<void> =>
  prune && desired.length > 0 && desired.every(({ manages }) => manages.length === 0)
    ? note("--prune deletes nothing: no file has manages, which says whose rules they are", form)
    : Effect.void

/** Fails with what is said against rules that would have to be written, before any is. */
export const planned = (
  desired: ReadonlyArray<Desired>,
  fleet: Pick<Fleet, "at">,
  options: PlanOptions & { readonly parallel: number },
): Effect.Effect<Planned, InvalidInput, Wired> =>
  Effect.gen(function* () {
    const errors: Array<Finding> = []
    const all = yield* Effect.forEach(
      desired,
      (wanted) =>
        Effect.flatMap(fleet.at(wanted), listing).pipe(
          Effect.tap((shown) => refuseUnknown(wanted.rules.map(({ id }) => id), shown)),
          Effect.map(({ rules: actual }) => {
            const made = plan(wanted, actual, options)
            errors.push(...errorsOf(made, wanted))
            return made
          }),
          Effect.catch((error: Failing) =>
            Effect.succeed({ bucket: wanted.bucket, region: wanted.region, error } satisfies BucketFailure)
          ),
        ),
      { concurrency: options.parallel },
    )
    if (errors.length > 0) return yield* new InvalidInput({ findings: distinct(errors) })
    return {
      plans: all.filter((one): one is BucketPlan => "steps" in one),
      failures: all.filter((one): one is BucketFailure => "error" in one),
    }
  })
