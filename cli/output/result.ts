/** What became of plans, for people and for programs. */
import type * as Effect from "effect/Effect"
import type { Ledger } from "../../core/apply.ts"
import { type BucketPlan, type BucketResult, resultOf, type Write, type WriteResult } from "../../core/plan/mod.ts"
import { oneLine } from "../../core/redact.ts"
import { shownWithinSeconds } from "../../core/shown.ts"
import { exitOf, exits } from "../exit.ts"
import { type Failed, failedBucket, redacted } from "../failures.ts"
import { Refusal } from "../failure.ts"
import type { BucketFailure } from "../planning.ts"
import { handful } from "./plan.ts"
import { problemOf } from "./problem.ts"
import { reasonText } from "./reason.ts"
import { table } from "./table.ts"

/** The plan of a bucket, and what has become of it so far. */
export interface Work {
  readonly plan: BucketPlan
  readonly ledger: Ledger
}

/** One row a bucket; of those in which there was nothing to do only the number, where there are many. */
export const resultTable = (
  works: ReadonlyArray<Work>,
  failures: ReadonlyArray<BucketFailure>,
): Effect.Effect<string> => {
  const results = works.map((work) => ({ work, result: standing(work) }))
  const unchanged = results.filter(({ result }) => result.state === "unchanged")
  const hidden = unchanged.length > handful ? unchanged.length : 0
  const shown = hidden === 0 ? results : results.filter(({ result }) => result.state !== "unchanged")
  return table(["BUCKET", "REGION", "CREATED", "UPDATED", "DELETED", "KEPT", "STATE"], [
    ...shown.map(({ work, result }) => {
      const made = (action: Write["action"]) =>
        String(result.writes.filter((write) => write.action === action && taken.includes(write.result)).length)
      const counts = [made("create"), made("update"), made("delete"), String(result.kept)]
      return [result.bucket, result.region, ...counts, stateText(work, result)]
    }),
    ...failures.map(({ bucket, region, error }) => [
      bucket,
      region,
      ...["-", "-", "-", "-"],
      `failed: ${reasonText(error)}`,
    ]),
    ...(hidden === 0 ? [] : [[`and ${hidden} unchanged`]]),
  ])
}

const taken: ReadonlyArray<WriteResult["result"]> = ["done", "done earlier", "not shown"]

/** Such as `failed: AccessDenied (status 403), 3 not started`. */
const stateText = (work: Work, { state, writes }: BucketResult): string => {
  const [first] = failuresOf(work)
  const why = state === "failed" && first !== undefined ? [reasonText(first.error)] : []
  const left = (["in doubt", "interrupted", "not started"] as const).flatMap((result) => {
    const count = writes.filter((write) => write.result === result).length
    return count === 0 || state === "not started" ? [] : [`${count} ${result === "interrupted" ? "in doubt" : result}`]
  })
  const more = [...why, ...left]
  return more.length === 0 ? state : `${state}: ${more.join(", ")}`
}

/** The same for programs: `results` of a document. */
export const resultFields = (
  works: ReadonlyArray<Work>,
  failures: ReadonlyArray<BucketFailure>,
): Record<string, unknown> => ({
  results: [
    ...works.map((work) => {
      const { isComplete: _, writes, ...result } = standing(work)
      const failed = new Map(writeFailures(work).map(({ id, ...failure }) => [id, failure]))
      const { bucket, region, state, kept, unmanaged } = result
      return {
        bucket,
        region,
        state,
        writes: writes.map((write) => ({ ...write, ...errorField(failed.get(write.id)) })),
        kept,
        unmanaged,
        ...errorField(wholeFailure(work)),
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
  failed === undefined ? {} : { error: redacted(problemOf(failed.action, failed.error)) }

/** Everything that failed in a bucket: as a whole, or in the order of its writes, and then what COS does not show. */
export const failuresOf = (work: Work): ReadonlyArray<Failed> => {
  const whole = wholeFailure(work)
  return [...writeFailures(work), ...(whole === undefined ? [] : [whole])]
}

/** A bucket that was refused has no answers. */
const standing = ({ plan, ledger: { answers, refused } }: Work): BucketResult => {
  const result = resultOf(plan, answers)
  return refused === undefined ? result : { ...result, state: refused.reason === "changed" ? "changed" : "failed" }
}

/** What is no matter of a single write. */
const wholeFailure = ({ plan, ledger }: Work): Failed | undefined => {
  const { refused } = ledger
  const place = placeOf(plan)
  if (refused === undefined) return unseen(ledger, place)
  switch (refused.reason) {
    case "unread":
      return { action: `read ${place}`, error: refused.error }
    case "over":
      return { action: `apply the plan of ${place}`, error: tooMany([plan]) }
    case "changed":
      return { action: `apply the plan of ${place}`, error: changed(whatChanged(refused.ids, refused.others)) }
  }
}

const writeFailures = ({ plan, ledger }: Work): ReadonlyArray<Failed & { readonly id: string }> =>
  resultOf(plan, ledger.answers).writes.flatMap(({ id, action, result }) => {
    const error = ledger.errors.get(id)
    const failing = result === "changed"
      ? changed("somebody else changed the rule")
      : result === "failed" || result === "in doubt"
      ? error
      : undefined
    return failing === undefined ? [] : [{ id, action: `${action} "${id}" in ${placeOf(plan)}`, error: failing }]
  })

const placeOf = ({ bucket, region }: BucketPlan): string => `${bucket} (${region})`

const whatChanged = (ids: ReadonlyArray<string>, others: boolean): string =>
  [
    "the bucket has changed since it was planned",
    ids.length === 0 ? "" : `: ${listed(ids.map((id) => `"${id}"`))}`,
    others ? `${ids.length === 0 ? ": " : ", and "}rules that the plan does not touch` : "",
  ].join("")

const changed = (problem: string): Refusal =>
  new Refusal({ exit: exits.conflict, problem, fix: "Plan again, and look at what is different" })

/** Plans that cannot be carried out, whatever else they hold. */
export const tooMany = (plans: ReadonlyArray<BucketPlan>): Refusal => {
  const named = plans.map((plan) => `${placeOf(plan)} would have ${plan.over === 1 ? "1 rule" : `${plan.over} rules`}`)
  return new Refusal({
    exit: exits.conflict,
    problem: `${listed(named)} more than COS takes; nothing was written`,
    fix: "Want fewer rules, or delete some; --prune does, where the files have manages",
  })
}

/** What COS took and does not show; before its time is over, that is no failure. */
const unseen = ({ answers, errors, isLate }: Ledger, place: string): Failed | undefined => {
  const ids = [...answers].filter(([, answer]) => answer === "not shown").map(([id]) => id)
  const error = ids.map((id) => errors.get(id)).find((one) => one !== undefined)
  if (ids.length === 0 || (error === undefined && isLate !== true)) return undefined
  return {
    action: `read back ${ids.length === 1 ? `"${ids[0]}"` : `${ids.length} rules`} of ${place}`,
    error: new Refusal({
      exit: error === undefined ? exits.unavailable : exitOf(error),
      problem: error === undefined
        ? `COS took what was written, but does not show it after ${shownWithinSeconds} s`
        : `COS took what was written, but could not be asked for it: ${error.message}`,
      fix: "Run it again: it looks, and writes only what is not there",
    }),
  }
}

/** What an interruption leaves, in one sentence. */
export const interruption = (works: ReadonlyArray<Work>): string => {
  const writes = works.flatMap(({ plan, ledger }) =>
    resultOf(plan, ledger.answers).writes.map((write) => ({ ...write, bucket: plan.bucket }))
  )
  const done = writes.filter(({ result }) => taken.includes(result)).length
  const doubts = writes.filter(({ result }) => result === "interrupted" || result === "in doubt")
  const idle = writes.filter(({ result }) => result === "not started").length
  const named = doubts.map(({ action, id, bucket }) => `${action} "${oneLine(id)}" in ${bucket}`)
  return [
    `${done} of ${writes.length} writes are done`,
    doubts.length === 0 ? "none is in doubt" : `${doubts.length} in doubt (${listed(named)})`,
    `${idle} not started; running it again completes it`,
  ].join(", ")
}

/** Names of a few; of more, how many there are. */
const listed = (names: ReadonlyArray<string>): string =>
  names.length <= mostNamed
    ? names.join(", ")
    : `${names.slice(0, mostNamed).join(", ")} and ${names.length - mostNamed} more`
const mostNamed = 10
