/** What could not be done of many things: one exit code, one object and one list of a document for all. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Finding } from "../core/lint/mod.ts"
import { redactFields } from "../core/redact.ts"
import { documentVersion } from "../core/wire/document.ts"
import { exitOf, exits } from "./exit.ts"
import { adviceHere, type Failing } from "./failure.ts"
import type { BucketFailure } from "./planning.ts"

export interface Failed {
  /** Such as `plan examplebucket-1250000000 (ap-guangzhou)`. */
  readonly action: string
  readonly error: Failing
}

/** Their own code when everything failed alike, else that of a part. */
export const exitOfMany = (failures: ReadonlyArray<Failed>, total: number): number => {
  const codes = new Set(failures.map(({ error }) => exitOf(error)))
  const [first] = codes
  return failures.length >= total && codes.size === 1 && first !== undefined ? first : exits.partial
}

/** `failures` of a document, or nothing where there are none; each error as it would stand on standard error. */
export const failureFields = (
  verb: string,
  failures: ReadonlyArray<BucketFailure>,
): Effect.Effect<Record<string, unknown>> =>
  failures.length === 0 ? Effect.succeed({}) : Effect.gen(function* () {
    const { problemOf } = yield* Effect.promise(() => import("./output/problem.ts"))
    const advice = yield* adviceHere
    return {
      failures: failures.map((failure) => {
        const { action, error } = failedBucket(verb, failure)
        return { bucket: failure.bucket, region: failure.region, error: problemOf(action, error, advice(error)) }
      }),
    }
  })

/** `warnings` of a document, or nothing where there are none. */
export const warningFields = (warnings: ReadonlyArray<Finding> = []): Effect.Effect<Record<string, unknown>> =>
  warnings.length === 0 ? Effect.succeed({}) : Effect.map(
    Effect.promise(() => import("./output/findings.ts")),
    ({ findingFields }) => ({ warnings: warnings.map((finding) => redactFields(findingFields(finding))) }),
  )

export const failedBucket = (verb: string, { bucket, region, error }: BucketFailure): Failed => ({
  action: `${verb} ${bucket} (${region})`,
  error,
})

/** All in the one object that standard error holds under `-o json`. */
export const sayTogether = (failures: ReadonlyArray<Failed>, total: number, exitCode: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { problemOf, spokenDocument } = yield* Effect.promise(() => import("./output/problem.ts"))
    const advice = yield* adviceHere
    const message = `${failures.length} of ${total} failed`
    const told = failures.map(({ action, error }) => problemOf(action, error, advice(error)))
    const error = { type: "Failures", message, failures: told, exitCode }
    yield* Console.error(spokenDocument({ version: documentVersion, error }))
  })
