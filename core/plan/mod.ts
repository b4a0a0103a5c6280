/** Plans: from what is wanted and what is there to what has to be done, and to what became of it. */
export { changedSince, type Standing, standingOf } from "./check.ts"
export { asPeriodic, desiredIn, errorsIn, isComplete } from "./desired.ts"
export { type Plan, writePlan } from "./document.ts"
export {
  type BucketPlan,
  type Counts,
  countsOf,
  type Desired,
  errorsOf,
  isPending,
  isWrite,
  phasesOf,
  plan,
  type PlanOptions,
  replacedAtOnce,
  type Step,
  type Write,
} from "./plan.ts"
export { isPlan, type PlanReading, readPlan, type UnreadBucket } from "./reading.ts"
export { type Answer, type BucketResult, type BucketState, resultOf, type WriteResult } from "./result.ts"
export { withUnknown } from "./unknown.ts"
