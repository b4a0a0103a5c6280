/** The one law suite, over memory itself and over memory behind a real socket. */
import * as Effect from "effect/Effect"
import { make as makeFetch } from "../adapters/fetch.ts"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { make as makeMemory, open as openMemory } from "../adapters/memory/mod.ts"
import { listen } from "../http/listen.ts"
import { cosLaws } from "./laws.ts"

cosLaws(
  "memory:",
  (options) => makeMemory(options).pipe(Effect.map((transport) => ({ transport })), Effect.provide(layerHashes)),
)

cosLaws("memory behind a socket:", (options) =>
  Effect.gen(function* () {
    const app = yield* wire(yield* Effect.provide(openMemory(options), layerHashes))
    const { origin } = yield* listen({ app })
    return { transport: makeFetch(), endpoint: origin }
  }))
