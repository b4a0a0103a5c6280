/** What could not be done of many things: one exit code, one object and one list of a document for all. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { redactText } from "../core/redact.ts"
import { documentVersion } from "../core/wire/document.ts"
import { exitOf, exits } from "./exit.ts"
import type { Failing } from "./failure.ts"
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
  failures.length === 0 ? Effect.succeed({}) : Effect.map(
    Effect.promise(() => import("./output/problem.ts")),
    ({ problemOf }) => ({
      failures: failures.map((failure) => {
        const { action, error } = failedBucket(verb, failure)
        return { bucket: failure.bucket, region: failure.region, error: redacted(problemOf(action, error)) }
      }),
    }),
  )

export const failedBucket = (verb: string, { bucket, region, error }: BucketFailure): Failed => ({
  action: `${verb} ${bucket} (${region})`,
  error,
})

/** Every text in a value without secrets. */
export const redacted = (value: unknown): unknown => {
  if (typeof value === "string") return redactText(value)
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value)
    ? value.map(redacted)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redacted(inner)]))
}

/** All in the one object that standard error holds under `-o json`. */
export const sayTogether = (failures: ReadonlyArray<Failed>, total: number, exitCode: number): Effect.Effect<void> =>
  Effect.flatMap(Effect.promise(() => import("./output/problem.ts")), ({ problemOf }) => {
    const message = `${failures.length} of ${total} failed`
    const error = { type: "Failures", message, failures: failures.map((f) => problemOf(f.action, f.error)), exitCode }
    return Console.error(JSON.stringify(redacted({ version: documentVersion, error })))
  })
