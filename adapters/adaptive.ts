/** Requests at once, as many as COS takes: half as many when it asks to slow down, one more with every good round. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import type { HttpResponse } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { retryAfter } from "./retry-after.ts"
import { readError } from "../core/wire/error-document.ts"

export interface Options {
  /** The most requests under way at once, and how many it begins with; at least 1. */
  readonly most: number
}

/** To stand below the retries, so that what waits to be tried again takes no place. */
export const layer = (options: Options): Layer.Layer<Transport, never, Transport> =>
  Layer.effect(Transport, Effect.flatMap(Transport, (inner) => make(inner, options)))

/**
 * Additive increase, multiplicative decrease.
 *
 * **Details**
 *
 * The first answer that asks to slow down halves the limit. Answers to what was sent before that are old news, good or
 * bad, so that many of them at once halve it once. As many good answers as the limit allows at once raise it by one.
 * Failures without an answer say nothing of how much COS takes.
 *
 * Where such an answer says for how long, nothing at all is sent until then: one that was refused learnt it for all.
 */
export const make = (inner: Send, options: Options): Effect.Effect<Send> => {
  const most = Math.max(1, options.most)
  return Effect.map(Semaphore.make(most), (places): Send => {
    let limit = most
    let halvings = 0
    let good = 0
    let pausedUntil = 0
    const allow = (next: number) => {
      good = 0
      limit = next
      return places.resize(next)
    }
    const pause = (response: HttpResponse, now: number) => {
      const millis = isSlowDown(response) ? retryAfter(response, now) : 0
      if (millis <= longestPause) pausedUntil = Math.max(pausedUntil, now + millis)
    }
    /** Others may have been refused meanwhile. */
    const afterPause: Effect.Effect<void> = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) =>
        now >= pausedUntil ? Effect.void : Effect.andThen(Effect.sleep(Duration.millis(pausedUntil - now)), afterPause),
    )
    const heed = (sentAfter: number, response: HttpResponse): Effect.Effect<void> => {
      if (sentAfter !== halvings) return Effect.void
      if (isSlowDown(response)) {
        halvings++
        return allow(Math.max(1, Math.floor(limit / 2)))
      }
      return ++good < limit ? Effect.void : allow(Math.min(most, limit + 1))
    }
    return {
      send: (request) =>
        places.withPermit(Effect.flatMap(afterPause, () => {
          const sentAfter = halvings
          return inner.send(request).pipe(
            Effect.tap((response) => Effect.map(Clock.currentTimeMillis, (now) => pause(response, now))),
            Effect.tap((response) => heed(sentAfter, response)),
          )
        })),
    }
  })
}

/** In milliseconds. Who asks for more speaks of a quota that the one request has used up, and not of a rate. */
const longestPause = 30_000

/** Whatever stands before COS may ask for it as well, by the status alone. */
const isSlowDown = (response: HttpResponse): boolean => {
  const { status } = response
  if (status === 503 || status === 429) return true
  if (status < 400) return false
  const error = readError(response)
  return error._tag === "CosError" && error.reason === "throttled"
}
