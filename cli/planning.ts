/** Plans of many buckets at once, and what could not be read of them. */
import * as Effect from "effect/Effect"
import { allInventories } from "../core/client.ts"
import { type BucketPlan, type Desired, plan, type PlanOptions } from "../core/plan/mod.ts"
import type { Wired } from "./connection.ts"
import type { Failing } from "./failure.ts"
import type { Fleet } from "./fleet.ts"

export interface Planned {
  readonly plans: ReadonlyArray<BucketPlan>
  readonly failures: ReadonlyArray<BucketFailure>
}

/** Why nothing can be said of one bucket; the others go on. */
export interface BucketFailure {
  readonly bucket: string
  readonly region: string
  readonly error: Failing
}

export const planned = (
  desired: ReadonlyArray<Desired>,
  fleet: Pick<Fleet, "at">,
  options: PlanOptions & { readonly parallel: number },
): Effect.Effect<Planned, never, Wired> =>
  Effect.map(
    Effect.forEach(
      desired,
      (wanted) =>
        Effect.flatMap(fleet.at(wanted), allInventories).pipe(
          Effect.map((actual) => plan(wanted, actual, options)),
          Effect.catch((error: Failing) =>
            Effect.succeed({ bucket: wanted.bucket, region: wanted.region, error } satisfies BucketFailure)
          ),
        ),
      { concurrency: options.parallel },
    ),
    (all) => ({
      plans: all.filter((one): one is BucketPlan => "steps" in one),
      failures: all.filter((one): one is BucketFailure => "error" in one),
    }),
  )
