/** What has become of a plan: written while it is carried out, and read by everybody else. */
import type { CallError } from "./client.ts"
import type { Answer } from "./plan/mod.ts"

/** Where a ledger is written. Who holds one can but read it. */
export const entries: unique symbol = Symbol("entries")

export interface Entries {
  readonly answers: Map<string, Answer>
  readonly errors: Map<string, CallError>
  refused?: Refused
  stopped?: CallError
  isLate: boolean
}

/** What has become of a plan so far. It is true at every moment, also when the work is interrupted. */
export interface Ledger {
  /** By id; a write that is not in it was not started. */
  readonly answers: ReadonlyMap<string, Answer>
  /** By id: why a write failed or is in doubt, or why what was taken could not be read back. */
  readonly errors: ReadonlyMap<string, CallError>
  /** Why nothing at all was done. */
  readonly refused: Refused | undefined
  /** Why nothing more was started: what failed was no matter of one rule. */
  readonly stopped: CallError | undefined
  /** The time in which COS shows what it took is over, and it does not show all of it. */
  readonly isLate: boolean
  /** Written by `applyPlan` alone. */
  readonly [entries]: Entries
}

export type Refused =
  /** The bucket is not as the plan saw it. */
  | { readonly reason: "changed"; readonly ids: ReadonlyArray<string>; readonly others: boolean }
  /** The plan would give it so many rules too many. */
  | { readonly reason: "over"; readonly over: number }
  /** It could not be read. */
  | { readonly reason: "unread"; readonly error: CallError }

export const makeLedger = (): Ledger => {
  const written: Entries = { answers: new Map(), errors: new Map(), isLate: false }
  return {
    [entries]: written,
    answers: written.answers,
    errors: written.errors,
    get refused() {
      return written.refused
    },
    get stopped() {
      return written.stopped
    },
    get isLate() {
      return written.isLate
    },
  }
}
