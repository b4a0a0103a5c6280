/** What became of a plan. */
import { type BucketPlan, isWrite, phasesOf, type Write } from "./plan.ts"

/** What became of one write. A failure carries its reason elsewhere, by id. */
export type Answer =
  /** COS took it, and shows it. */
  | "done"
  /** It stood there already, from an earlier run. */
  | "done earlier"
  /** COS took it, and did not show it in time. */
  | "not shown"
  /** The rule is not as the plan found it. */
  | "changed"
  | "failed"
  /** It was sent, and nobody waited for the answer. */
  | "interrupted"

export interface WriteResult {
  readonly id: string
  readonly action: Write["action"]
  readonly result: Answer | "not started"
}

export interface BucketResult {
  readonly bucket: string
  readonly region: string
  /** In the order in which they are made. */
  readonly writes: ReadonlyArray<WriteResult>
  readonly kept: number
  readonly unmanaged: number
  /** Whether the bucket is now as the plan wants it. */
  readonly isComplete: boolean
}

/** Every write of the plan with its answer; one without an answer was not started. */
export const resultOf = (plan: BucketPlan, answers: ReadonlyMap<string, Answer>): BucketResult => {
  const writes = phasesOf(plan).flat().map(({ id, action }): WriteResult => ({
    id,
    action,
    result: answers.get(id) ?? "not started",
  }))
  const rest = plan.steps.filter((step) => !isWrite(step))
  return {
    bucket: plan.bucket,
    region: plan.region,
    writes,
    kept: rest.filter(({ action }) => action === "keep").length,
    unmanaged: rest.filter(({ action }) => action === "unmanaged").length,
    isComplete: writes.every(({ result }) => result === "done" || result === "done earlier"),
  }
}
