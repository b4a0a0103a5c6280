/** Which of many buckets failed, and in a few words why. */
import type * as Effect from "effect/Effect"
import type { BucketRef } from "../../core/bucket.ts"
import type { Failing } from "../failure.ts"
import { reasonText } from "./reason.ts"
import { table } from "./table.ts"

export interface BucketError extends BucketRef {
  readonly error: Failing
}

/** One row a bucket, in the words that tables of all buckets have for those that failed; `others` are said in the last. */
export const failureTable = (failures: ReadonlyArray<BucketError>, others?: string): Effect.Effect<string> =>
  resultTable(failures.map(({ error, ...ref }) => ({ ...ref, result: failedText(error) })), others)

export const failedText = (error: Failing): string => `failed: ${reasonText(error)}`

export const resultTable = (
  rows: ReadonlyArray<BucketRef & { readonly result: string }>,
  others?: string,
): Effect.Effect<string> =>
  table(["BUCKET", "REGION", "RESULT"], [
    ...rows.map(({ bucket, region, result }) => [bucket, region ?? "-", result]),
    ...(others === undefined ? [] : [[others]]),
  ])
