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
  replaceInventory,
} from "./client.ts"
import type { BucketAt } from "./endpoint.ts"
import { type Answer, type BucketPlan, changedSince, phasesOf, standingOf, type Write } from "./plan/mod.ts"
import type { Hashing, Transport } from "./ports.ts"
import type { InventoryConfiguration } from "./rule.ts"
import { untilShown } from "./shown.ts"

/** What has become of a plan so far. It is true at every moment, also when the work is interrupted. */
export interface Ledger {
  /** By id; a write that is not in it was not started. */
  readonly answers: Map<string, Answer>
  /** By id: why a write failed or is in doubt, or why what was taken could not be read back. */
  readonly errors: Map<string, CallError>
  /** Why nothing at all was done. */
  refused?: Refused
  /** The time in which COS shows what it took is over, and it does not show all of it. */
  isLate?: boolean
}

export type Refused =
  /** The bucket is not as the plan saw it. */
  | { readonly reason: "changed"; readonly ids: ReadonlyArray<string>; readonly others: boolean }
  /** The plan would give it so many rules too many. */
  | { readonly reason: "over"; readonly over: number }
  /** It could not be read. */
  | { readonly reason: "unread"; readonly error: CallError }

export const makeLedger = (): Ledger => ({ answers: new Map(), errors: new Map() })

export interface ApplyOptions {
  /** How many writes of a phase are under way at once; one unless told. */
  readonly parallel?: number
  /** Told of every answer, as it comes; a write that COS takes is `not shown` first, then `done`. */
  readonly onAnswer?: (write: Write, answer: Answer) => Effect.Effect<void>
}

/**
 * Makes the writes of the plan, phase by phase, and reads back until COS shows them. It never fails: what became of
 * each write stands in the ledger.
 *
 * **Details**
 *
 * Nothing is done where the bucket has changed since it was planned, but for writes of the plan that are done already:
 * a plan that was stopped half-way is completed by carrying it out again. After the first failure no further write is
 * started.
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
  { parallel = 1, onAnswer = () => Effect.void }: ApplyOptions = {},
): Effect.Effect<void, never, Transport | Hashing> =>
  Effect.gen(function* () {
    const phases = phasesOf(plan)
    if (phases.length === 0) return
    const refused = yield* refusalOf(at, plan)
    if (refused !== undefined) {
      ledger.refused = refused
      return
    }
    const answer = (write: Write, answer: Answer) => {
      ledger.answers.set(write.id, answer)
      return onAnswer(write, answer)
    }
    let isStopped = false
    const failed = (write: Write, error: CallError, result: Answer) => {
      isStopped = true
      ledger.errors.set(write.id, error)
      return answer(write, result)
    }
    const carryOut = (write: Write) =>
      Effect.gen(function* () {
        const current = yield* Effect.result(currentOf(at, write.id))
        if (current._tag === "Failure") return yield* failed(write, current.failure, "failed")
        const standing = standingOf(write, current.success)
        if (standing === "done") return yield* answer(write, "done earlier")
        if (standing === "changed") {
          isStopped = true
          return yield* answer(write, "changed")
        }
        // Another may have failed while this one was read
        if (isStopped) return
        ledger.answers.set(write.id, "interrupted")
        const written = yield* Effect.result(writing(at, write, plan.asIs === true))
        return yield* written._tag === "Failure"
          ? failed(write, written.failure, mayHaveArrived(written.failure) ? "in doubt" : "failed")
          : answer(write, "not shown")
      })
    for (const phase of phases) {
      yield* Effect.forEach(phase, (write) => Effect.suspend(() => isStopped ? Effect.void : carryOut(write)), {
        concurrency: parallel,
        discard: true,
      })
      if (isStopped) break
    }
    yield* readBack(at, phases.flat(), ledger, answer)
  })

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

/** A rule that COS holds may be odd, so of an update only what it brings in is refused; `asIs` leaves it all to COS. */
const writing = (at: BucketAt, write: Write, asIs: boolean): Effect.Effect<void, CallError, Transport | Hashing> => {
  switch (write.action) {
    case "create":
      return asIs ? replaceInventory(at, write.after, write.after) : putInventory(at, write.after)
    case "update":
      return replaceInventory(at, write.after, asIs ? write.after : write.before)
    case "delete":
      return Effect.asVoid(deleteInventory(at, write.id))
  }
}

/** A refusal was decided before anything was done; a 5xx may come from half-way, and a page of somebody else too. */
const mayHaveArrived = (error: CallError): boolean => {
  switch (error._tag) {
    case "TransportError":
      return error.sent === "maybe"
    case "UnexpectedAnswer":
    case "CosError":
      return error.status < 400 || error.status >= 500
    case "InvalidInput":
    case "ConfigError":
      return false
  }
}

const readBack = (
  at: BucketAt,
  writes: ReadonlyArray<Write>,
  ledger: Ledger,
  answer: (write: Write, answer: Answer) => Effect.Effect<void>,
): Effect.Effect<void, never, Transport | Hashing> => {
  const waiting = () => writes.filter(({ id }) => ledger.answers.get(id) === "not shown")
  if (waiting().length === 0) return Effect.void
  const look = Effect.gen(function* () {
    const present = new Map((yield* allInventories(at)).map((rule) => [rule.id, rule]))
    for (const write of waiting()) {
      if (standingOf(write, present.get(write.id)) === "done") yield* answer(write, "done")
    }
    return waiting().length === 0
  })
  return Effect.match(untilShown(look), {
    onSuccess: (isShown) => {
      ledger.isLate = !isShown
    },
    onFailure: (error: CallError) => {
      for (const { id } of waiting()) ledger.errors.set(id, error)
    },
  })
}
