/** A small, strict COS in memory, as a Transport: for tests, for `--demo`, and behind a socket as the local COS. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { HttpRequest, HttpResponse } from "../../core/http.ts"
import { noBody } from "../../core/http.ts"
import { Hashing, type Send, Transport } from "../../core/ports.ts"
import { answer, refusalAnswer, stampOf } from "../answer.ts"
import { keyCache } from "../hashes/keys.ts"
import { firstRefusal } from "./checks.ts"
import { factsOf, type Settings } from "./facts.ts"
import { perform } from "./perform.ts"
import { type BucketOptions, initialState, type State } from "./state.ts"

export type { BucketOptions } from "./state.ts"
export { demoBucket, demoDocuments, demoKey, demoOptions } from "./demo.ts"

export interface Options {
  readonly buckets: ReadonlyArray<BucketOptions>
  readonly keys: ReadonlyArray<Key>
  /** True unless told: then a request without a right signature is refused. */
  readonly verifySignatures?: boolean
  /** The bucket of requests that name none. */
  readonly defaultBucket?: string
}

export interface Key {
  readonly secretId: string
  readonly secretKey: string
  readonly sessionToken?: string
}

/** One COS for each build of the layer. Its time is that of the fiber that sends. */
export const layer = (options: Options): Layer.Layer<Transport, never, Hashing> =>
  Layer.effect(Transport, make(options))

export const make = (options: Options): Effect.Effect<Send, never, Hashing> =>
  Effect.gen(function* () {
    const hashes = yield* Hashing
    const settings: Settings = {
      keys: new Map(options.keys.map((key) => [key.secretId, key])),
      verifySignatures: options.verifySignatures ?? true,
      defaultBucket: options.defaultBucket,
      hashes,
      signKeyOf: keyCache(hashes),
    }
    const state = yield* Ref.make(initialState(options.buckets, yield* Clock.currentTimeMillis))
    return {
      send: Effect.fn("Memory.send")(function* (request) {
        const now = yield* Clock.currentTimeMillis
        return yield* Ref.modify(state, (before) => step(settings, before, request, now))
      }),
    }
  })

/** One request, whole: pure, so that a `Ref` alone makes it atomic. */
const step = (
  settings: Settings,
  before: State,
  request: HttpRequest,
  now: number,
): readonly [HttpResponse, State] => {
  const state: State = { ...before, answered: before.answered + 1 }
  const facts = factsOf(settings, state, request, now)
  const stamp = stampOf(now, memoryDoor, state.answered)
  const refusal = firstRefusal(facts)
  if (refusal !== undefined) {
    return [toMethod(request, refusalAnswer(stamp, { ...refusal, resource: facts.resource() })), state]
  }
  const { status, xml, bucket } = perform(facts)
  const after = bucket === undefined ? state : { ...state, buckets: new Map(state.buckets).set(bucket.name, bucket) }
  return [answer(stamp, status, xml), after]
}

const memoryDoor = 0x1a54

/** The answer to HEAD has the headers alone. */
const toMethod = ({ method }: HttpRequest, response: HttpResponse): HttpResponse =>
  method === "HEAD" ? { ...response, body: noBody } : response
