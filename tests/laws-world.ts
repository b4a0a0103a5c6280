/** What a law may use: a COS with a few buckets, its keys, and a client that signs. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import type { Key, Options } from "../adapters/memory/mod.ts"
import { layer as layerSigned } from "../adapters/signed.ts"
import { type CallError, listInventories } from "../core/client.ts"
import { bucketAddress, type BucketAt } from "../core/endpoint.ts"
import { CosError } from "../core/errors.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import { maxRulesPerBucket } from "../core/limits.ts"
import { Credentials, type Hashing, type Send, Transport } from "../core/ports.ts"
import type { InventoryConfiguration, InventoryJob } from "../core/rule.ts"
import { keyTimeAt, sign } from "../core/signing/mod.ts"
import { type Operation, writeRequest } from "../core/wire/operations.ts"

/** A COS to be held to the laws: what takes signed requests, and where its buckets are, if not where COS has them. */
export interface Cos {
  readonly transport: Send
  readonly endpoint?: string
}

/** Opens a COS with these buckets, rules and keys. */
export type Open = (options: Options) => Effect.Effect<Cos, unknown, Scope.Scope>

export type Law = (world: World) => Effect.Effect<void, unknown>

export interface World {
  readonly cos: Cos
  readonly at: BucketAt
  readonly other: BucketAt
  /** Runs a call of the client with this key, else the first one. */
  readonly as: (key?: Key) => <A>(call: Effect.Effect<A, CallError, Transport | Hashing>) => Effect.Effect<A, CallError>
  /** A request exactly as it is. */
  readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, unknown>
  readonly sign: (operation: Operation, key?: Key) => Effect.Effect<HttpRequest>
}

export const names = { bucket: "examplebucket-1250000000", other: "otherbucket-1250000000" }
export const region = "ap-guangzhou"
export const key: Key = { secretId: "AKIDlaws", secretKey: "the-laws-key" }
export const temporary: Key = {
  secretId: "AKIDtemporary",
  secretKey: "another-key",
  sessionToken: "a/token+with=signs",
}

export const preloaded = 250
export const ruleNumbers = (count: number) => Array.from({ length: count }, (_, i) => rule(`rule-${i}`))

export const opened = (open: Open): Effect.Effect<World, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    // At the epoch, where the test clock starts, no key time can begin
    yield* TestClock.setTime(1_763_700_000_000)
    const cos = yield* open({
      buckets: [
        { name: names.bucket, region },
        { name: names.other, region },
        { name: "many-1250000000", region, rules: ruleNumbers(preloaded) },
        { name: "almost-1250000000", region, rules: ruleNumbers(maxRulesPerBucket - 1) },
      ],
      keys: [key, temporary],
    })
    const place = (bucket: string): BucketAt => ({
      bucket,
      region,
      ...(cos.endpoint === undefined ? {} : { endpoint: cos.endpoint }),
    })
    return {
      cos,
      at: place(names.bucket),
      other: place(names.other),
      as: (by = key) => (call) => Effect.provide(call, clientLayer(cos, by)),
      send: cos.transport.send,
      sign: (operation, by = key) =>
        Effect.gen(function* () {
          const request = unsigned(operation, place(names.bucket))
          const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
          const authorization = sign(request, { ...by, keyTime: keyTimeAt(now), hashes })
          return { ...request, headers: [...request.headers, ["authorization", authorization] as const] }
        }),
    }
  })

const clientLayer = (cos: Cos, { secretId, secretKey, sessionToken }: Key): Layer.Layer<Transport | Hashing> => {
  const credential = {
    secretId,
    secretKey: Redacted.make(secretKey),
    ...(sessionToken === undefined ? {} : { sessionToken: Redacted.make(sessionToken) }),
  }
  return layerSigned.pipe(
    Layer.provide(Layer.succeed(Transport, cos.transport)),
    Layer.provide(Layer.succeed(Credentials, Effect.succeed(credential))),
    Layer.provideMerge(layerHashes),
  )
}

export const unsigned = (operation: Operation, at: BucketAt): HttpRequest =>
  Result.getOrThrow(Result.flatMap(bucketAddress(at), (address) => writeRequest(operation, address, hashes)))

export const rule = (id: string, rest: Partial<InventoryConfiguration> = {}): InventoryConfiguration => ({
  id,
  isEnabled: true,
  includedObjectVersions: "All",
  schedule: { frequency: "Daily" },
  destination: { bucket: `qcs::cos:${region}::${names.bucket}`, format: "CSV" },
  ...rest,
})

export const job = (id: string): InventoryJob => {
  const { isEnabled: _, schedule: __, ...rest } = rule(id)
  return rest
}

/** The CosError that a call must end with. */
export const refusalOf = <A>(call: Effect.Effect<A, CallError>): Effect.Effect<CosError> =>
  Effect.map(Effect.result(call), (result) => {
    assert.ok(Result.isFailure(result), "the call was not refused")
    assert.ok(result.failure instanceof CosError, `not an error of COS: ${result.failure}`)
    assert.match(result.failure.requestId ?? "", /^[A-Za-z0-9+/]+=*$/)
    return result.failure
  })

export const idsIn = (at: BucketAt) =>
  Effect.map(Stream.runCollect(listInventories(at)), (rules) => [...rules].map(({ id }) => id))
