/** A caller whose body took its time: what was true of it before may not be true any more. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { HttpRequest } from "../../core/http.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Body } from "../../core/ports.ts"
import type { Authenticate } from "../policy/authenticate.ts"
import { type Call, type Performing, Refused } from "../policy/call.ts"
import { refusalOf } from "../refusals.ts"

export interface Confirming {
  readonly request: HttpRequest<Body>
  /** When it was asked first, in epoch milliseconds. */
  readonly since: number
  /** The one that holds by now. */
  readonly policy: () => Policy
  readonly authenticate: Authenticate["authenticate"]
}

/**
 * Asks once more who asks, under the policy of now, where that is another one, or where the body took so long that what
 * its sender showed may have expired. What the policy says of the call itself is for whoever comes after this.
 */
export const confirming = (
  { perform }: Performing,
  { request, since, policy, authenticate }: Confirming,
): Performing => ({
  perform: (call) =>
    Effect.flatMap(Clock.currentTimeMillis, (millis) => {
      const now = policy()
      if (now === call.policy && millis - since <= promptMillis) return perform(call)
      return Effect.flatMap(
        authenticate(now, request),
        ({ principal }) =>
          principal.name === call.principal.name && isAt(now, call)
            ? perform({ ...call, policy: now, principal })
            : Effect.fail(changed()),
      )
    }),
})

const promptMillis = 1_000

const isAt = ({ buckets, endpoint }: Policy, { at }: Call): boolean =>
  buckets.get(at.bucket) === at.region && endpoint === at.endpoint

/** Whoever asks again is answered by what holds then. */
const changed = (): Refused =>
  new Refused({
    outcome: "limited",
    refusal: refusalOf("SlowDown"),
    why: "the policy changed while the body came in",
    retryAfterSeconds: 1,
  })
