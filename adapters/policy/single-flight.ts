/** Identical reads of one principal at one time are one request to COS. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { ConfigError, TransportError } from "../../core/errors.ts"
import type { HttpResponse } from "../../core/http.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Call, Performing, Refused } from "./call.ts"
import { Underway } from "./underway.ts"

/**
 * Whoever asks while an answer is on its way gets that answer, or that failure. Nothing is kept of it afterwards.
 *
 * A caller that leaves ends its own wait; with the last one the request to COS ends. The log knows the request by the
 * first caller's `requestId`. One that is past its first caller's time is joined by nobody.
 */
export const make = (inner: Performing): Performing => {
  const flights = new WeakMap<Policy, Map<string, Flight>>()
  return {
    perform: (call) => {
      const key = keyOf(call)
      if (key === undefined) return inner.perform(call)
      return Effect.flatMap(Underway, (underway) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const ofPolicy = flights.get(call.policy) ?? new Map<string, Flight>()
          flights.set(call.policy, ofPolicy)
          return joined(ofPolicy, key, now, underway?.until ?? Infinity, inner.perform(call))
        }))
    },
  }
}

type Perform = Effect.Effect<HttpResponse, Refused | TransportError | ConfigError>

interface Flight {
  readonly fiber: Fiber.Fiber<HttpResponse, Refused | TransportError | ConfigError>
  readonly until: number
  waiting: number
}

const joined = (flights: Map<string, Flight>, key: string, now: number, until: number, perform: Perform): Perform => {
  /** Another one may stand in its place by now. */
  const forget = (flight: Flight): void => {
    if (flights.get(key) === flight) flights.delete(key)
  }
  return Effect.uninterruptibleMask((restore) => {
    const waited = (flight: Flight): Perform => {
      flight.waiting++
      return Effect.onInterrupt(restore(Fiber.join(flight.fiber)), () => left(flight, forget))
    }
    const found = flights.get(key)
    if (found !== undefined && now < found.until) return waited(found)
    return Effect.flatMap(Effect.forkDetach(perform, { startImmediately: true }), (fiber) => {
      const begun: Flight = { fiber, until, waiting: 0 }
      flights.set(key, begun)
      fiber.addObserver(() => forget(begun))
      return waited(begun)
    })
  })
}

/** Waits until the request to COS has really ended: until then it counts as under way. */
const left = (flight: Flight, forget: (flight: Flight) => void): Effect.Effect<void> =>
  Effect.suspend(() => {
    flight.waiting--
    if (flight.waiting > 0) return Effect.void
    forget(flight)
    return Fiber.interrupt(flight.fiber)
  })

/** The policy is the map's key; undefined for what is no read. */
const keyOf = ({ principal, at, operation }: Call): string | undefined =>
  operation._tag === "GetBucketInventory" || operation._tag === "ListBucketInventory"
    ? JSON.stringify([principal.name, at, operation])
    : undefined
