/** A small, strict COS in memory, as a Transport: for tests, for `--demo`, and behind a socket as the local COS. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Hashing, type Send, Transport } from "../../core/ports.ts"
import { TransportError } from "../../core/errors.ts"
import { hostOf } from "../../core/http.ts"
import { maxListBytes } from "../../core/limits.ts"
import { gathered } from "../gathered.ts"
import { type Cos, makeCos } from "./cos.ts"
import { createBucket, type Options, settingsOf } from "./options.ts"
import { makeTree } from "../store/mod.ts"

export { adminOf } from "./admin.ts"
export { type Cos, makeCos } from "./cos.ts"
export { demoBucket, demoDocuments, demoKey, demoOptions } from "./demo.ts"
export type { Recorded } from "./journal.ts"
export { type BucketOptions, createBucket, type Key, type Options, settingsOf } from "./options.ts"
export { readSeed, seedSnapshot } from "./seed.ts"
export { readSnapshot, restore, type Snapshot } from "./snapshot/mod.ts"
export { realTime } from "./clock.ts"
export type { ClockState, Run, Store } from "../store/mod.ts"
export { makeTree } from "../store/mod.ts"

/** One COS for each build of the layer. Its time is that of the fiber that sends. */
export const layer = (options: Options): Layer.Layer<Transport, never, Hashing> =>
  Layer.effect(Transport, make(options))

export const make = (options: Options): Effect.Effect<Send, never, Hashing> => Effect.map(open(options), transportOf)

/** A local COS as a Transport, which brings whole bodies alone, as `fetch` does. */
export const transportOf = (cos: Cos): Send => ({
  send: (request) =>
    Effect.flatMap(
      cos.answer(request),
      ({ status, headers, body }) =>
        Effect.flatMap(gathered(body, maxListBytes), (whole) =>
          whole === undefined
            ? Effect.fail(
              new TransportError({
                kind: "too-large",
                sent: "maybe",
                host: hostOf(request),
                detail: `The answer has more than ${maxListBytes} bytes`,
              }),
            )
            : Effect.succeed({ status, headers, body: whole })),
    ),
})

/** The same with its clock, its reports and its journal. */
export const open = (options: Options): Effect.Effect<Cos, never, Hashing> =>
  Effect.gen(function* () {
    const hashes = yield* Hashing
    const store = makeTree({ hashes })
    const cos = yield* makeCos({ store, settings: settingsOf(options, hashes) })
    const now = yield* cos.now
    for (const bucket of options.buckets) createBucket(store, bucket, now)
    return cos
  })
