/**
 * Carrying out the plan of one bucket.
 *
 * COS has no conditional write, so every rule is read right before it is written, and a change made by somebody else
 * between the two is lost.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { allInventories, type CallError, deleteInventory, getInventory, isMissingRule, putInventory } from "./client.ts"
import type { BucketAt } from "./endpoint.ts"
import { type Answer, type BucketPlan, changedSince, phasesOf, standingOf, type Write } from "./plan/mod.ts"
import type { Hashing, Transport } from "./ports.ts"
import type { InventoryConfiguration } from "./rule.ts"

/** What has become of a plan so far. It is true at every moment, also when the work is interrupted. */
export interface Ledger {
  /** By id; a write that is not in it was not started. */
  readonly answers: Map<string, Answer>
  /** Why a write failed, by id. */
  readonly errors: Map<string, CallError>
  /** Why nothing at all was done. */
  refused?: Refused
}

export type Refused =
  /** The bucket is not as the plan saw it. */
  | { readonly reason: "changed"; readonly ids: ReadonlyArray<string>; readonly others: boolean }
  /** It could not be read. */
  | { readonly reason: "unread"; readonly error: CallError }

export const makeLedger = (): Ledger => ({ answers: new Map(), errors: new Map() })

export interface ApplyOptions {
  /** How many writes of a phase are under way at once; one unless told. */
  readonly parallel?: number
  /** Told of every answer, as it comes. */
  readonly onAnswer?: (write: Write, answer: Answer) => Effect.Effect<void>
}

/** How long COS may take to show what was written (observed: 4 s, python ut/test.py:1800). */
export const shownWithinSeconds = 60

/**
 * Makes the writes of the plan, phase by phase, and reads back until COS shows them. It never fails: what became of
 * each write stands in the ledger.
 *
 * Nothing is done where the bucket has changed since it was planned, but for writes of the plan that are done already.
 * After the first failure no further write is started.
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
    const listed = yield* Effect.result(allInventories(at))
    if (listed._tag === "Failure") {
      ledger.refused = { reason: "unread", error: listed.failure }
      return
    }
    const { ids, others } = changedSince(plan, listed.success)
    if (ids.length > 0 || others) {
      ledger.refused = { reason: "changed", ids, others }
      return
    }
    const answer = (write: Write, answer: Answer) => {
      ledger.answers.set(write.id, answer)
      return onAnswer(write, answer)
    }
    let isStopped = false
    const carryOut = (write: Write) =>
      Effect.gen(function* () {
        const current = yield* currentOf(at, write.id)
        const standing = standingOf(write, current)
        if (standing === "done") return yield* answer(write, "done earlier")
        if (standing === "changed") {
          isStopped = true
          return yield* answer(write, "changed")
        }
        ledger.answers.set(write.id, "interrupted")
        yield* write.action === "delete" ? deleteInventory(at, write.id) : putInventory(at, write.after)
        yield* answer(write, "not shown")
      }).pipe(
        Effect.catch((error: CallError) => {
          isStopped = true
          ledger.errors.set(write.id, error)
          return answer(write, "failed")
        }),
      )
    for (const phase of phases) {
      yield* Effect.forEach(phase, (write) => Effect.suspend(() => isStopped ? Effect.void : carryOut(write)), {
        concurrency: parallel,
        discard: true,
      })
      if (isStopped) break
    }
    yield* readBack(at, phases.flat(), ledger, answer)
  })

const currentOf = (at: BucketAt, id: string) =>
  getInventory(at, id).pipe(
    Effect.map(({ configuration }): InventoryConfiguration | undefined => configuration),
    Effect.catchIf(isMissingRule, () => Effect.succeed(undefined)),
  )

/** COS's configurations are eventually consistent (observed: python ut/test.py:1800 waits 4 s). */
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
  return look.pipe(
    Effect.repeat({ schedule: Schedule.spaced("1 second"), until: (isShown) => isShown }),
    Effect.timeoutOption(`${shownWithinSeconds} seconds`),
    Effect.catch((error: CallError) => {
      for (const { id } of waiting()) ledger.errors.set(id, error)
      return Effect.succeed(Option.none())
    }),
    Effect.asVoid,
  )
}
