/** Requests at once, as many as COS takes: fewer when it asks to slow down, and one more with every round that goes well. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import { type Send, Transport } from "../core/ports.ts"

export interface Options {
  /** The most requests under way at once. */
  readonly most: number
}

/** To stand below the retries, so that what waits to be tried again takes no place. */
export const layer = (options: Options): Layer.Layer<Transport, never, Transport> =>
  Layer.effect(Transport, Effect.flatMap(Transport, (inner) => make(inner, options)))

export const make = (inner: Send, { most }: Options): Effect.Effect<Send> =>
  Effect.map(Semaphore.make(most), (places) => ({
    send: (request) => Semaphore.withPermits(places, 1)(inner.send(request)),
  }))
