/** The port that counts what principals ask for: in this process, or in one place for many. */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { Policy, Principal } from "../../core/policy/mod.ts"
import type { Run, Taken } from "./allowance.ts"

/** Who asks, and the policy that limits it. */
export interface Asking {
  readonly policy: Policy
  readonly principal: Principal
}

export interface Limiter {
  /** One request of the principal's rate. */
  readonly takeRequest: (asking: Asking) => Effect.Effect<Taken, LimiterError>
  /** One of its one-time inventories of this day. */
  readonly takeRun: (asking: Asking) => Effect.Effect<Run, LimiterError>
  /** One that came to nothing, of the day it was taken. */
  readonly giveBackRun: (asking: Asking, day: number) => Effect.Effect<void, LimiterError>
}

/** The place that counts could not be asked. */
export class LimiterError extends Data.TaggedError("LimiterError")<{ readonly problem: string }> {
  override get message(): string {
    return `Cannot count requests: ${this.problem}`
  }
}
