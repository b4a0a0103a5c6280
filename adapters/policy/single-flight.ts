/** Identical reads of one principal at one time are one request to COS. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
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
      return key === undefined ? inner.perform(call) : Effect.flatMap(
        Effect.all([Clock.currentTimeMillis, Underway]),
        ([now, underway]) => {
          const ofPolicy = flights.get(call.policy) ?? new Map<string, Flight>()
          flights.set(call.policy, ofPolicy)
          return joined(ofPolicy, key, now, underway?.until ?? Infinity, inner.perform(call))
        },
      )
    },
  }
}

type Perform = Effect.Effect<HttpResponse, Refused | TransportError | ConfigError>

interface Flight {
  readonly answer: Deferred.Deferred<HttpResponse, Refused | TransportError | ConfigError>
  readonly until: number
  waiting: number
  fiber?: Fiber.Fiber<unknown, unknown>
}

const joined = (flights: Map<string, Flight>, key: string, now: number, until: number, perform: Perform): Perform =>
  Effect.uninterruptibleMask((restore) =>
    Effect.suspend(() => {
      const found = flights.get(key)
      const flight = found !== undefined && now < found.until ? found : undefined
      const waited = (flight: Flight): Perform =>
        Effect.ensuring(restore(Deferred.await(flight.answer)), left(flight, forget(flights, key)))
      if (flight !== undefined) {
        flight.waiting++
        return waited(flight)
      }
      const begun: Flight = { answer: Deferred.makeUnsafe(), until, waiting: 1 }
      flights.set(key, begun)
      return perform.pipe(
        Effect.onExit((exit) => {
          forget(flights, key)(begun)
          return Deferred.done(begun.answer, exit)
        }),
        Effect.forkDetach({ startImmediately: true }),
        Effect.flatMap((fiber) => {
          begun.fiber = fiber
          return waited(begun)
        }),
      )
    })
  )

/** Another one may stand in its place by now. */
const forget = (flights: Map<string, Flight>, key: string) => (flight: Flight): void => {
  if (flights.get(key) === flight) flights.delete(key)
}

/** Waits until the request to COS has really ended: until then it counts as under way. */
const left = (flight: Flight, forget: (flight: Flight) => void): Effect.Effect<void> =>
  Effect.suspend(() => {
    flight.waiting--
    if (flight.waiting > 0 || flight.fiber === undefined) return Effect.void
    forget(flight)
    return Fiber.interrupt(flight.fiber)
  })

/** The policy is the map's key; undefined for what is no read. */
const keyOf = ({ principal, at, operation }: Call): string | undefined =>
  operation._tag === "GetBucketInventory" || operation._tag === "ListBucketInventory"
    ? JSON.stringify([principal.name, at, operation])
    : undefined
