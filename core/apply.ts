/**
 * Carrying out the plan of one bucket.
 *
 * COS has no conditional write, so every rule is read right before it is written, and a change made by somebody else
 * between the two is lost.
 */
import * as Effect from "effect/Effect"
import {
  allInventories,
  type CallError,
  deleteInventory,
  getInventory,
  isMissingRule,
  putInventory,
  putInventoryAsIs,
  replaceInventory,
} from "./client.ts"
import type { BucketAt } from "./endpoint.ts"
import { type Entries, entries, type Ledger, type Refused } from "./ledger.ts"
import { type Answer, type BucketPlan, changedSince, phasesOf, standingOf, type Write } from "./plan/mod.ts"
import type { Hashing, Transport } from "./ports.ts"
import type { InventoryConfiguration } from "./rule.ts"
import { untilShown } from "./shown.ts"

export { type Ledger, makeLedger, type Refused } from "./ledger.ts"

export interface ApplyOptions {
  /** How many writes of a phase are under way at once; one unless told. */
  readonly parallel?: number
  /** Around each write and the look before it: a limit over several buckets, such as a semaphore's `withPermit`. */
  readonly gate?: Gate
  /**
   * Told of every answer, as it comes; a write that COS takes is `not shown` first, then `done`, and one `in doubt` is
   * `done` where it is found to stand.
   */
  readonly onAnswer?: (write: Write, answer: Answer) => Effect.Effect<void>
}

export type Gate = <A, E, R>(write: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Makes the writes of the plan, phase by phase, and reads back until COS shows them. It never fails: what became of
 * each write stands in the ledger.
 *
 * **Details**
 *
 * Nothing is done where the bucket has changed since it was planned, but for writes of the plan that are done already:
 * a plan that was stopped half-way is completed by carrying it out again.
 *
 * A rule that COS refuses for what it is keeps no other rule from being written, but nothing is deleted after it. After
 * any other failure, a doubt and a change by somebody else no further write is started.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 * import { applyPlan, type Desired, listInventories, makeLedger, plan, resultOf } from "cos-inventory"
 *
 * const bringAbout = (desired: Desired) =>
 *   Effect.gen(function* () {
 *     const actual = yield* Stream.runCollect(listInventories(desired))
 *     const todo = plan(desired, actual, { prune: false })
 *     const ledger = makeLedger()
 *     yield* applyPlan(desired, todo, ledger)
 *     return resultOf(todo, ledger.answers)
 *   })
 * ```
 */
export const applyPlan = (
  at: BucketAt,
  plan: BucketPlan,
  ledger: Ledger,
  options: ApplyOptions = {},
): Effect.Effect<void, never, Transport | Hashing> =>
  Effect.gen(function* () {
    const phases = phasesOf(plan)
    if (phases.length === 0) return
    const written = ledger[entries]
    const refused = yield* refusalOf(at, plan)
    if (refused !== undefined) {
      written.refused = refused
      return
    }
    const work = workOf(at, plan, written, options)
    yield* inPhases(work, phases, options)
    yield* readBack(work, phases.flat())
  })

/** A plan that is being carried out. */
interface Work {
  readonly at: BucketAt
  readonly asIs: boolean
  readonly written: Entries
  /** Writes it down, and tells of it. */
  readonly answer: (write: Write, answer: Answer) => Effect.Effect<void>
  /** A write failed, so that nothing may be deleted that others were to take the place of. */
  isIncomplete: boolean
  /** Nothing more is started. */
  isStopped: boolean
}

const workOf = (
  at: BucketAt,
  { asIs }: BucketPlan,
  written: Entries,
  { onAnswer = () => Effect.void }: ApplyOptions,
): Work => ({
  at,
  asIs: asIs === true,
  written,
  answer: (write, answer) => {
    written.answers.set(write.id, answer)
    return onAnswer(write, answer)
  },
  isIncomplete: false,
  isStopped: false,
})

const inPhases = (
  work: Work,
  phases: ReadonlyArray<ReadonlyArray<Write>>,
  { parallel = 1, gate = (write) => write }: ApplyOptions,
): Effect.Effect<void, never, Transport | Hashing> =>
  Effect.gen(function* () {
    for (const phase of phases) {
      if (work.isStopped || (work.isIncomplete && phase.some(({ action }) => action === "delete"))) return
      yield* Effect.forEach(phase, (write) => gate(Effect.suspend(() => carryOut(work, write))), {
        concurrency: parallel,
        discard: true,
      })
    }
  })

const carryOut = (work: Work, write: Write): Effect.Effect<void, never, Transport | Hashing> =>
  Effect.gen(function* () {
    const { at, asIs, written, answer } = work
    if (work.isStopped) return
    const current = yield* Effect.result(currentOf(at, write.id))
    if (current._tag === "Failure") return yield* failed(work, write, current.failure, "failed")
    const standing = standingOf(write, current.success)
    if (standing === "done") return yield* answer(write, "done earlier")
    if (standing === "changed") {
      work.isStopped = true
      return yield* answer(write, "changed")
    }
    // Another may have failed while this one was read
    if (work.isStopped) return
    written.answers.set(write.id, "interrupted")
    const result = yield* Effect.result(writing(at, write, asIs))
    return yield* result._tag === "Failure"
      ? failed(work, write, result.failure, mayHaveArrived(result.failure) ? "in doubt" : "failed")
      : answer(write, "not shown")
  })

const failed = (work: Work, write: Write, error: CallError, answer: "failed" | "in doubt"): Effect.Effect<void> => {
  const { written } = work
  work.isIncomplete = true
  if (answer === "in doubt" || !isOfOneRule(error)) {
    work.isStopped = true
    written.stopped ??= error
  }
  written.errors.set(write.id, error)
  return work.answer(write, answer)
}

/** Whether it is what the rule is that was refused, so that others may be taken. */
const isOfOneRule = (error: CallError): boolean =>
  error._tag === "InvalidInput" ||
  (error._tag === "CosError" && (error.reason === "invalid" || error.reason === "conflict"))

const refusalOf = (at: BucketAt, plan: BucketPlan): Effect.Effect<Refused | undefined, never, Transport | Hashing> =>
  plan.over !== undefined ? Effect.succeed({ reason: "over", over: plan.over }) : allInventories(at).pipe(
    Effect.map((actual): Refused | undefined => {
      const { ids, others } = changedSince(plan, actual)
      return ids.length > 0 || others ? { reason: "changed", ids, others } : undefined
    }),
    Effect.catch((error: CallError) => Effect.succeed<Refused>({ reason: "unread", error })),
  )

const currentOf = (at: BucketAt, id: string) =>
  getInventory(at, id).pipe(
    Effect.map(({ configuration }): InventoryConfiguration | undefined => configuration),
    Effect.catchIf(isMissingRule, () => Effect.succeed(undefined)),
  )

/** A rule that COS holds may be odd, so of an update only what it brings in is refused; `asIs` leaves to COS what a rule means. */
const writing = (at: BucketAt, write: Write, asIs: boolean): Effect.Effect<void, CallError, Transport | Hashing> => {
  switch (write.action) {
    case "create":
      return asIs ? putInventoryAsIs(at, write.after) : putInventory(at, write.after)
    case "update":
      return (asIs ? putInventoryAsIs : replaceInventory)(at, write.after, write.before)
    case "delete":
      return Effect.asVoid(deleteInventory(at, write.id))
  }
}

/**
 * A refusal was decided before anything was done; a 5xx may come from half-way, and a page of somebody else too. What was
 * asked to slow down was not begun, unless an attempt before it was.
 */
const mayHaveArrived = (error: CallError): boolean => {
  switch (error._tag) {
    case "TransportError":
      return error.sent === "maybe"
    case "CosError":
      if (error.reason === "throttled") return error.repeated === true
      return error.status < 400 || error.status >= 500
    case "UnexpectedAnswer":
      return error.status < 400 || error.status >= 500
    case "InvalidInput":
    case "ConfigError":
      return false
  }
}

/** Looks until COS shows what it took. What is in doubt is looked for as well, and not waited for. */
const readBack = (
  { at, written, answer }: Work,
  writes: ReadonlyArray<Write>,
): Effect.Effect<void, never, Transport | Hashing> => {
  const those = (wanted: Answer) => writes.filter(({ id }) => written.answers.get(id) === wanted)
  const unsettled = () => [...those("not shown"), ...those("in doubt")]
  if (unsettled().length === 0) return Effect.void
  const look = Effect.gen(function* () {
    const present = new Map((yield* allInventories(at)).map((rule) => [rule.id, rule]))
    for (const write of unsettled()) {
      if (standingOf(write, present.get(write.id)) !== "done") continue
      written.errors.delete(write.id)
      yield* answer(write, "done")
    }
    return those("not shown").length === 0
  })
  return Effect.match(untilShown(look), {
    onSuccess: (isShown) => {
      written.isLate = !isShown
    },
    onFailure: (error: CallError) => {
      for (const { id } of those("not shown")) written.errors.set(id, error)
    },
  })
}
