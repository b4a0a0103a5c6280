/** Cloudflare's rate-limiting binding as a limiter. */
import * as Effect from "effect/Effect"
import type { Taken } from "../policy/allowance.ts"
import type { Limiter } from "../policy/limiter.ts"
import { localLimiter } from "../policy/local-limiter.ts"
import { asking } from "./asking.ts"

export interface RateLimitBinding {
  readonly limit: (options: { readonly key: string }) => Promise<{ readonly success: boolean }>
}

/**
 * The binding holds the rate, by what `wrangler.jsonc` says and not by the policy, in each of Cloudflare's locations.
 *
 * It knows of no days, so that one-time inventories are counted in the memory of each isolate: the quota holds for one
 * isolate, not for all of them. Where that matters, a Durable Object counts.
 */
export const limiterOfBinding = (
  binding: RateLimitBinding,
  /** As `wrangler.jsonc` has it: 10 or 60. The binding does not tell it, nor how much of it is left. */
  periodSeconds: 10 | 60 = 60,
): Limiter => {
  const { takeRun, giveBackRun } = localLimiter()
  return {
    takeRequest: ({ principal }) =>
      Effect.map(
        asking(() => binding.limit({ key: principal.name })),
        ({ success }): Taken => success ? { isTaken: true } : { isTaken: false, retryAfterSeconds: periodSeconds },
      ),
    takeRun,
    giveBackRun,
  }
}
