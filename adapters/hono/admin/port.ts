/** What the admin paths look at and change, as whatever stands behind them offers it. */
import type * as Effect from "effect/Effect"
import type { InvalidInput } from "../../../core/errors.ts"
import type { Recorded, Run } from "../../memory/mod.ts"

/** What can be asked of a local COS. Times are epoch milliseconds of its own clock. */
export interface Admin {
  /** At once, whatever else goes on. */
  readonly health: () => object
  readonly state: Effect.Effect<AdminState>
  readonly reset: Effect.Effect<void, InvalidInput>
  /** Takes `{ seed: "demo" }`, `{ seed: "synthetic:<count>:<seed>" }` or a snapshot. */
  readonly seed: (document: unknown) => Effect.Effect<void, InvalidInput>
  readonly snapshot: Effect.Effect<unknown, InvalidInput>
  readonly restore: (document: unknown) => Effect.Effect<void, InvalidInput>
  readonly clock: Effect.Effect<AdminClock>
  /** Done when all that fell due has run. */
  readonly advance: (to: number) => Effect.Effect<ReadonlyArray<Run>>
  readonly runs: Effect.Effect<ReadonlyArray<Run>>
  readonly faults: {
    readonly list: () => ReadonlyArray<AdminFault>
    /** One, or a list of them. */
    readonly add: (document: unknown) => Effect.Effect<AdminFault | ReadonlyArray<AdminFault>, InvalidInput>
    /** Whether there was one. */
    readonly remove: (id: string) => boolean
    readonly clear: () => void
  }
  readonly requests: {
    /** Oldest first. */
    readonly list: () => ReadonlyArray<Recorded>
    readonly clear: () => void
  }
  /** Changes a bucket's `strictSignature` and `denied`; undefined where there is no such bucket. */
  readonly bucket: (name: string, patch: unknown) => Effect.Effect<AdminBucket | undefined, InvalidInput>
}

export interface AdminClock {
  readonly now: number
  /** It stands until it is moved. */
  readonly still: boolean
}

export interface AdminBucket {
  readonly name: string
}

export interface AdminState {
  /** Each with its rules. */
  readonly buckets: ReadonlyArray<AdminBucket>
  readonly clock: AdminClock
  /** Bytes of all bodies. */
  readonly bodies: number
}

export interface AdminFault {
  readonly id: string
}
