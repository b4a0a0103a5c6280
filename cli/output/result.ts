/** What became of plans, for people and for programs. */
import * as Effect from "effect/Effect"
import { type BucketResult, type Write, type WriteResult } from "../../core/plan/mod.ts"
import { oneLine } from "../../core/redact.ts"
import { type Failed, failedBucket } from "../failures.ts"
import type { BucketFailure } from "../planning.ts"
import { handful } from "./plan.ts"
import { problemOf } from "./problem.ts"
import { reasonText } from "./reason.ts"
import { failuresOf, listed, remedy, standing, wholeFailures, type Work, writeFailures } from "./shortfall.ts"
import { table } from "./table.ts"

/** One row a bucket, and below them what was done in all. */
export const resultTable = (
  works: ReadonlyArray<Work>,
  failures: ReadonlyArray<BucketFailure>,
): Effect.Effect<string> =>
  Effect.map(bucketTable(works, failures), (buckets) => `${buckets}\n\n${totalText(works.map(standing))}`)

/** Of buckets in which there was nothing to do only the number, where they are many. */
const bucketTable = (
  works: ReadonlyArray<Work>,
  failures: ReadonlyArray<BucketFailure>,
): Effect.Effect<string> => {
  const results = works.map((work) => ({ work, result: standing(work) }))
  const unchanged = results.filter(({ result }) => result.state === "unchanged")
  const hidden = unchanged.length > handful ? unchanged.length : 0
  const shown = hidden === 0 ? results : results.filter(({ result }) => result.state !== "unchanged")
  return table(["BUCKET", "REGION", "CREATED", "UPDATED", "DELETED", "KEPT", "STATE"], [
    ...shown.map(({ work, result }) => [
      result.bucket,
      result.region,
      ...actions.map((action) => String(takenOf(result.writes, action))),
      String(result.kept),
      stateText(work, result),
    ]),
    ...failures.map(({ bucket, region, error }) => [
      bucket,
      region,
      ...["-", "-", "-", "-"],
      `failed: ${reasonText(error)}`,
    ]),
    ...(hidden === 0 ? [] : [[`and ${hidden} unchanged`]]),
  ])
}

const actions: ReadonlyArray<Write["action"]> = ["create", "update", "delete"]

const takenOf = (writes: ReadonlyArray<WriteResult>, action: Write["action"]): number =>
  writes.filter((write) => write.action === action && isTaken(write)).length

const isTaken = ({ result }: WriteResult): boolean =>
  result === "done" || result === "done earlier" || result === "not shown"

/** Such as `failed: AccessDenied (status 403), 3 not started`. */
const stateText = (work: Work, { state, writes }: BucketResult): string => {
  const [first] = failuresOf(work)
  const why = state === "failed" && first !== undefined ? [reasonText(first.error)] : []
  const more = [...why, ...(state === "not started" ? [] : countsOf(writes, ["in doubt", "not started"]))]
  return more.length === 0 ? state : `${state}: ${more.join(", ")}`
}

/** Such as `22 created, 0 updated, 0 deleted in 11 buckets; 1 failed, 3 not started`. */
const totalText = (results: ReadonlyArray<BucketResult>): string => {
  const writes = results.flatMap((result) => result.writes)
  const [created, updated, deleted] = actions.map((action) => takenOf(writes, action))
  const buckets = results.filter((result) => result.writes.some(isTaken)).length
  const where = buckets === 1 ? "1 bucket" : `${buckets} buckets`
  return [
    `${created} created, ${updated} updated, ${deleted} deleted in ${where}`,
    ...[countsOf(writes, ["failed", "changed", "in doubt", "not started"]).join(", ")].filter((text) => text !== ""),
  ].join("; ")
}

/** Such as `1 in doubt`, for each of the words that is true of any. */
const countsOf = (
  writes: ReadonlyArray<WriteResult>,
  words: ReadonlyArray<WriteResult["result"]>,
): ReadonlyArray<string> =>
  words.flatMap((word) => {
    const count = writes.filter(({ result }) => (result === "interrupted" ? "in doubt" : result) === word).length
    return count === 0 ? [] : [`${count} ${word}`]
  })

/** The same for programs: `results` of a document. */
export const resultFields = (
  works: ReadonlyArray<Work>,
  failures: ReadonlyArray<BucketFailure>,
): Record<string, unknown> => ({
  results: [
    ...works.map((work) => {
      const { bucket, region, state, writes, kept, unmanaged } = standing(work)
      const failed = new Map(writeFailures(work).map(({ id, ...failure }) => [id, failure]))
      return {
        bucket,
        region,
        state,
        writes: writes.map((write) => ({ ...write, ...errorField(failed.get(write.id)) })),
        kept,
        unmanaged,
        ...errorField(wholeFailures(work)[0]),
      }
    }),
    ...failures.map((failure) => ({
      bucket: failure.bucket,
      region: failure.region,
      state: "failed",
      writes: [],
      ...errorField(failedBucket("plan", failure)),
    })),
  ],
})

const errorField = (failed: Failed | undefined): Record<string, unknown> =>
  failed === undefined ? {} : { error: problemOf(failed.action, failed.error) }

/** What an interruption leaves, in one sentence. */
export const interruption = (works: ReadonlyArray<Work>): string => {
  const writes = works.flatMap((work) => standing(work).writes.map((write) => ({ ...write, bucket: work.plan.bucket })))
  const doubts = writes.filter(({ result }) => result === "interrupted" || result === "in doubt")
  const named = doubts.map(({ action, id, bucket }) => `${action} "${oneLine(id)}" in ${bucket}`)
  const [idle = "0 not started"] = countsOf(writes, ["not started"])
  return [
    `${writes.filter(isTaken).length} of ${writes.length} writes are done`,
    ...countsOf(writes, ["failed", "changed"]),
    doubts.length === 0 ? "none is in doubt" : `${doubts.length} in doubt (${listed(named)})`,
    `${idle}; ${remedy(works, [], "it")}`,
  ].join(", ")
}
