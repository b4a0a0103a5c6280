/** Temporary keys while time passes. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { credential, layerRefreshing, makeRefreshing, type Temporary } from "../adapters/credentials/mod.ts"
import { ConfigError } from "../core/errors.ts"
import { Credentials } from "../core/ports.ts"
import { effect, prop } from "./harness.ts"

const quiet = Logger.layer([])
const failed = new ConfigError({ source: "test", problem: "No login", fix: "Log in" })

/** A source of numbered keys that last so many seconds from when they are asked for; it counts how often it was. */
const source = (lifetime: number | undefined, fails: () => boolean = () => false) => {
  const state = { asked: 0 }
  const effect: Effect.Effect<Temporary, ConfigError> = Effect.gen(function* () {
    state.asked++
    if (fails()) return yield* failed
    const expiresAt = lifetime === undefined ? {} : { expiresAt: (yield* Clock.currentTimeMillis) / 1000 + lifetime }
    return { credential: credential(`id${state.asked}`, "key"), ...expiresAt }
  })
  return { state, effect }
}
const seconds = (n: number) => TestClock.adjust(n * 1000)

effect(
  "refreshing asks for nothing until a credential is wanted, and then once while it lasts",
  Effect.gen(function* () {
    const { state, effect } = source(3600)
    const get = yield* makeRefreshing(effect)
    assert.equal(state.asked, 0)
    assert.equal((yield* get).secretId, "id1")
    yield* seconds(3600 - 300 - 1)
    assert.equal((yield* get).secretId, "id1")
    assert.equal(state.asked, 1)
  }),
)

effect(
  "refreshing asks anew 5 minutes before the keys expire",
  Effect.gen(function* () {
    const { effect } = source(3600)
    const get = yield* makeRefreshing(effect)
    yield* get
    yield* seconds(3299.999)
    assert.equal((yield* get).secretId, "id1")
    yield* seconds(0.001)
    assert.equal((yield* get).secretId, "id2")
    yield* seconds(3299)
    assert.equal((yield* get).secretId, "id2")
    yield* seconds(1)
    assert.equal((yield* get).secretId, "id3")
  }),
)

effect(
  "refreshing asks once for ever when the keys do not expire",
  Effect.gen(function* () {
    const { effect, state } = source(undefined)
    const get = yield* makeRefreshing(effect)
    yield* get
    yield* seconds(1e9)
    assert.equal((yield* get).secretId, "id1")
    assert.equal(state.asked, 1)
  }),
)

effect(
  "refreshing asks half-way, not at every call, when the keys last less than 10 minutes",
  Effect.gen(function* () {
    const { effect, state } = source(240)
    const get = yield* makeRefreshing(effect)
    for (let i = 0; i < 5; i++) yield* get
    yield* seconds(119)
    yield* get
    assert.equal(state.asked, 1)
    yield* seconds(1)
    assert.equal((yield* get).secretId, "id2")
  }),
)

effect(
  "refreshing asks once when many want a credential at the same time",
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const { effect, state } = source(3600)
    const get = yield* makeRefreshing(Effect.andThen(Deferred.await(gate), effect))
    const fibers = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.forkChild(get))
    yield* Effect.yieldNow
    yield* Deferred.succeed(gate, undefined)
    for (const fiber of fibers) assert.equal((yield* Fiber.join(fiber)).secretId, "id1")
    assert.equal(state.asked, 1)
  }),
)

effect(
  "refreshing lets the next in line ask when the one who asked is interrupted",
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    let started = 0
    const { effect } = source(3600)
    const get = yield* makeRefreshing(
      Effect.andThen(Effect.suspend(() => ++started === 1 ? Effect.never : Deferred.await(gate)), effect),
    )
    const first = yield* Effect.forkChild(get)
    const second = yield* Effect.forkChild(get)
    yield* Effect.yieldNow
    assert.equal(started, 1)
    yield* Fiber.interrupt(first)
    yield* Deferred.succeed(gate, undefined)
    assert.equal((yield* Fiber.join(second)).secretId, "id1")
    assert.equal(started, 2)
  }),
)

for (const lifetime of [0, -1, -3600]) {
  effect(
    `refreshing refuses keys that come ${lifetime} seconds before they expire`,
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-20T08:00:00Z"))
      const get = yield* makeRefreshing(source(lifetime).effect)
      const error = yield* Effect.flip(get)
      assert.equal(error._tag, "ConfigError")
      assert.match(error.message, /expired at 2026-11-20T0[78]:/u)
    }),
  )
}

effect(
  "refreshing asks again at the next call when the first one failed",
  Effect.gen(function* () {
    let down = true
    const { effect, state } = source(3600, () => down)
    const get = yield* makeRefreshing(effect)
    assert.equal(yield* Effect.flip(get), failed)
    assert.equal(yield* Effect.flip(get), failed)
    down = false
    assert.equal((yield* get).secretId, "id3")
    assert.equal(state.asked, 3)
  }),
)

effect(
  "refreshing uses the old keys while they last when new ones cannot be had, and asks every 30 seconds",
  Effect.gen(function* () {
    let down = false
    const { effect, state } = source(3600, () => down)
    const get = yield* makeRefreshing(effect)
    yield* get
    down = true
    yield* seconds(3300)
    for (let i = 0; i < 3; i++) assert.equal((yield* get).secretId, "id1")
    assert.equal(state.asked, 2)
    yield* seconds(30)
    assert.equal((yield* get).secretId, "id1")
    assert.equal(state.asked, 3)
    yield* seconds(269)
    assert.equal((yield* get).secretId, "id1")
    yield* seconds(1)
    assert.equal(yield* Effect.flip(get), failed)
    down = false
    assert.match((yield* get).secretId, /^id/u)
  }).pipe(Effect.provide(quiet)),
)

effect(
  "refreshing takes keys that replace the old ones, though those have not expired",
  Effect.gen(function* () {
    const { effect } = source(3600)
    const service = layerRefreshing(effect)
    const ids = yield* Effect.gen(function* () {
      const get = yield* Credentials
      const first = (yield* get).secretId
      yield* seconds(3301)
      return [first, (yield* get).secretId]
    }).pipe(Effect.provide(service))
    assert.deepEqual(ids, ["id1", "id2"])
  }),
)

prop(
  "refreshing never gives a key that has expired, whatever its lifetime and the time between calls",
  Schema.Struct({
    lifetime: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2000 })),
    pauses: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))),
    fails: Schema.Array(Schema.Boolean),
  }),
  ({ lifetime, pauses, fails }) =>
    Effect.gen(function* () {
      const expiry = new Map<string, number>()
      const { effect, state } = source(lifetime, () => fails[state.asked] ?? false)
      const get = yield* makeRefreshing(
        Effect.tap(effect, (given) => Effect.sync(() => expiry.set(given.credential.secretId, given.expiresAt!))),
      )
      for (const pause of [0, ...pauses]) {
        yield* seconds(pause)
        const result = yield* Effect.result(get)
        if (result._tag === "Failure") continue
        if (expiry.get(result.success.secretId)! <= (yield* Clock.currentTimeMillis) / 1000) return false
      }
      return true
    }).pipe(Effect.provide(TestClock.layer()), Effect.provide(quiet)),
)
