/** From what documents say of a bucket to what is wanted of it. */
import * as Result from "effect/Result"
import { type Finding, isError, lint } from "../lint/mod.ts"
import type { Draft, InventoryConfiguration } from "../rule.ts"
import type { Target } from "../ruleset/mod.ts"
import { completeConfiguration } from "../wire/reading.ts"
import type { Desired } from "./plan.ts"

/** A one-time job is in no bucket to be held against: it is told what it lacks of a periodic rule. */
export const asPeriodic = (target: Target): Target =>
  target.wanted.every(({ kind }) => kind === "configuration")
    ? target
    : { ...target, wanted: target.wanted.map((wanted) => ({ ...wanted, kind: "configuration" })) }

/** Whether every rule has all that a periodic one cannot be without. */
export const isComplete = ({ wanted }: Target): boolean =>
  wanted.every(({ reading }) => Result.isSuccess(completeConfiguration(reading.draft)))

/** By id, what is said against each rule. */
export const errorsIn = ({ region, wanted }: Target): ReadonlyMap<string, ReadonlyArray<Finding>> =>
  new Map(wanted.map(({ reading, kind }) => [
    reading.draft.id ?? "",
    lint(reading, { kind, ...(region === undefined ? {} : { region }) }).filter(isError),
  ]))

/**
 * Of a target that {@link isComplete}. Buckets with the same rule share it in `completed`: a document of three rules may
 * be for ten thousand of them.
 */
export const desiredIn = (
  { bucket, region, wanted, manages }: Target,
  completed: Map<Draft, InventoryConfiguration> = new Map(),
): Desired => {
  const rules = wanted.map(({ reading: { draft } }) => {
    const rule = completed.get(draft) ?? Result.getOrThrow(completeConfiguration(draft))
    completed.set(draft, rule)
    return rule
  })
  const ids = wanted.filter(({ protect }) => protect).map(({ reading }) => reading.draft.id ?? "")
  return {
    bucket,
    region: region ?? "",
    rules,
    protected: ids.length === 0 ? none : new Set(ids),
    manages: manages.map(({ glob }) => glob),
  }
}

const none: ReadonlySet<string> = new Set()
