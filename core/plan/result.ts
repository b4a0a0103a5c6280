/** What became of a plan. */
import { type BucketPlan, isWrite, phasesOf, type Write } from "./plan.ts"

/** What became of one write. A failure carries its reason elsewhere, by id. */
export type Answer =
  /** COS took it, and shows it. */
  | "done"
  /** It stood there already, from an earlier run. */
  | "done earlier"
  /** COS took it, and has not shown it so far. */
  | "not shown"
  /** The rule is not as the plan found it, and was left alone. */
  | "changed"
  /** It was not made. */
  | "failed"
  /** It may have been made: its answer was lost, or came from half-way. */
  | "in doubt"
  /** It may have been made: nobody waited for its answer. */
  | "interrupted"

export interface WriteResult {
  readonly id: string
  readonly action: Write["action"]
  readonly result: Answer | "not started"
}

/** Where the whole bucket stands. */
export type BucketState =
  /** Every write is made and shown. */
  | "done"
  /** There was nothing to write. */
  | "unchanged"
  /** A write failed, or may have. */
  | "failed"
  /** Somebody else changed the bucket. */
  | "changed"
  /** Every write was taken, and COS does not show all of them. */
  | "not shown"
  /** Stopped before its end. */
  | "interrupted"
  | "not started"

export interface BucketResult {
  readonly bucket: string
  readonly region: string
  readonly state: BucketState
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
    state: stateOf(writes),
    writes,
    kept: rest.filter(({ action }) => action === "keep").length,
    unmanaged: rest.filter(({ action }) => action === "unmanaged").length,
    isComplete: writes.every(isMade),
  }
}

const stateOf = (writes: ReadonlyArray<WriteResult>): BucketState => {
  const has = (...results: ReadonlyArray<WriteResult["result"]>) => writes.some((w) => results.includes(w.result))
  if (writes.length === 0) return "unchanged"
  if (writes.every(isMade)) return "done"
  if (has("failed", "in doubt")) return "failed"
  if (has("changed")) return "changed"
  if (writes.every(({ result }) => result === "not started")) return "not started"
  return has("interrupted", "not started") ? "interrupted" : "not shown"
}

const isMade = ({ result }: WriteResult): boolean => result === "done" || result === "done earlier"
