/** How many requests are under way at once, by what COS says to them. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { layer, make } from "../adapters/adaptive.ts"
import { layer as retryLayer } from "../adapters/retry.ts"
import { TransportError } from "../core/errors.ts"
import { type HttpRequest, type HttpResponse, noBody } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { dice } from "./generated.ts"
import { effect, prop } from "./harness.ts"

const request: HttpRequest = { method: "GET", origin: "https://a.test", target: "/", headers: [], body: noBody }
const answer = (status: number, body = ""): HttpResponse => ({
  status,
  headers: [],
  body: new TextEncoder().encode(body),
})
const ok = answer(200)
const busy = answer(503)
const lost = new TransportError({ kind: "reset", sent: "maybe", host: "a.test", detail: "Oh" })

/** A COS that takes a second for each request, and says by how many are under way what it says. */
const world = (says: (underWay: number, nth: number) => HttpResponse | TransportError) => {
  let underWay = 0
  let nth = 0
  const seen: Array<number> = []
  const inner: Send = {
    send: () =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          seen.push(++underWay)
          return says(underWay, nth++)
        }),
        (said) => Effect.delay(said instanceof TransportError ? Effect.fail(said) : Effect.succeed(said), "1 second"),
        () => Effect.sync(() => void underWay--),
      ),
  }
  return { inner, seen, underWay: () => underWay }
}

const send = (transport: Send, count: number) =>
  Effect.forEach(Array.from({ length: count }), () => Effect.result(transport.send(request)), {
    concurrency: "unbounded",
    discard: true,
  })

/** How many are under way in each second, when as many as anybody could want are sent at once. */
const rounds = (
  most: number,
  seconds: number,
  says: (second: number, place: number) => HttpResponse | TransportError,
) =>
  Effect.gen(function* () {
    const inSecond: Array<number> = []
    let second = 0
    const { inner } = world((place) => {
      inSecond[second] = (inSecond[second] ?? 0) + 1
      return says(second, place)
    })
    const fiber = yield* Effect.forkChild(send(yield* make(inner, { most }), 10_000))
    yield* TestClock.adjust(0)
    for (second = 1; second < seconds; second++) yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
    return inSecond
  })

effect(
  "adaptive keeps as many requests under way as it may, and no more, when all goes well",
  Effect.map(rounds(4, 5, () => ok), (counts) => assert.deepEqual(counts, [4, 4, 4, 4, 4])),
)

effect(
  "adaptive halves once when all parallel answers of a round ask to slow down, and grows by one with every good round",
  Effect.map(
    rounds(16, 12, (second) => second === 0 || second === 1 ? busy : ok),
    (counts) => assert.deepEqual(counts, [16, 8, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
  ),
)

effect(
  "adaptive never goes below one request when COS never has time",
  Effect.map(rounds(5, 6, () => busy), (counts) => assert.deepEqual(counts, [5, 2, 1, 1, 1, 1])),
)

effect(
  "adaptive is back at its most, and stays there, when COS has time again",
  Effect.map(
    rounds(4, 9, (second) => second === 0 ? busy : ok),
    (counts) => assert.deepEqual(counts, [4, 2, 3, 4, 4, 4, 4, 4, 4]),
  ),
)

effect(
  "adaptive converges to what COS takes when it refuses everything beyond",
  Effect.map(
    rounds(64, 200, (_, place) => place > 10 ? busy : ok),
    (counts) => {
      const later = counts.slice(20)
      assert.ok(Math.max(...later) <= 11, String(later))
      assert.ok(Math.min(...later) >= 5, String(later))
      assert.ok(later.reduce((sum, count) => sum + count) / later.length > 7, String(later))
    },
  ),
)

for (
  const [name, said, isHeeded] of [
    ["503", answer(503), true],
    ["503 in HTML", answer(503, "<html>busy</html>"), true],
    ["429", answer(429), true],
    ["SlowDown under a 4xx", answer(400, "<Error><Code>SlowDown</Code></Error>"), true],
    ["200 with SlowDown in it", answer(200, "<Error><Code>SlowDown</Code></Error>"), false],
    ["500", answer(500), false],
    ["404", answer(404), false],
    ["AccessDenied", answer(403, "<Error><Code>AccessDenied</Code></Error>"), false],
    ["a broken connection", lost, false],
  ] as const
) {
  effect(
    `adaptive ${isHeeded ? "halves" : "does not halve"} when the answer is ${name}`,
    Effect.map(
      rounds(8, 2, (second) => second === 0 ? said : ok),
      (counts) => assert.deepEqual(counts, isHeeded ? [8, 4] : [8, 8]),
    ),
  )
}

prop(
  "adaptive never has more under way than its most, answers all, and comes to rest, whatever is answered or interrupted",
  Schema.Struct({
    most: Schema.Int.check(Schema.isBetween({ minimum: -1, maximum: 9 })),
    seed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })),
  }),
  ({ most, seed }) =>
    Effect.gen(function* () {
      const below = dice(seed)
      const fates = [ok, ok, ok, busy, answer(500), lost]
      const { inner, seen, underWay } = world(() => fates[below(fates.length)]!)
      const transport = yield* make(inner, { most })
      const fibers = yield* Effect.forEach(
        Array.from({ length: 40 }),
        () => Effect.forkChild(Effect.result(Effect.delay(transport.send(request), below(5000)))),
      )
      for (let second = 0; second < 20; second++) {
        yield* TestClock.adjust(below(900) + 1)
        yield* Fiber.interrupt(fibers[below(fibers.length)]!)
      }
      yield* TestClock.adjust("1 hour")
      const exits = yield* Effect.forEach(fibers, Fiber.await)
      const answered = exits.filter(Exit.isSuccess).length
      return Math.max(...seen) <= Math.max(1, most) && underWay() === 0 && answered >= 20 && seen.length >= answered
    }).pipe(Effect.provide(TestClock.layer())),
  { runs: 60 },
)

effect(
  "adaptive gives the place to the next when a request under way, or one that waits, is interrupted",
  Effect.gen(function* () {
    const { inner, seen } = world(() => ok)
    const transport = yield* make(inner, { most: 1 })
    const [first, second, third] = yield* Effect.forEach(
      [1, 2, 3],
      () => Effect.forkChild(transport.send(request), { startImmediately: true }),
    )
    yield* TestClock.adjust(0)
    assert.equal(seen.length, 1)
    yield* Fiber.interrupt(second!)
    yield* Fiber.interrupt(first!)
    yield* TestClock.adjust("1 second")
    assert.equal((yield* Fiber.join(third!)).status, 200)
    assert.equal(seen.length, 2)
  }),
)

effect(
  "adaptive below the retries gives its place away while a request waits to be tried again",
  Effect.gen(function* () {
    const { inner, seen } = world((_, nth) => nth === 0 ? busy : ok)
    const transport = retryLayer({ base: "30 minutes", budget: "2 hours" }).pipe(
      Layer.provide(layer({ most: 1 })),
      Layer.provide(Layer.succeed(Transport, inner)),
    )
    const ended: Array<number> = []
    const both = Effect.forEach(
      [1, 2],
      () =>
        Effect.andThen(
          Transport.use((it) => it.send(request)),
          Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sync(() => ended.push(now))),
        ),
      { concurrency: 2 },
    )
    const fiber = yield* Effect.forkChild(Effect.provide(both, transport))
    yield* TestClock.adjust("4 hours")
    yield* Fiber.join(fiber)
    assert.equal(seen.length, 3)
    assert.deepEqual([Math.max(...seen), ended[0]], [1, 2000])
  }),
)

const told = (status: number, seconds: string): HttpResponse => ({
  ...answer(status),
  headers: [["Retry-After", seconds]],
})

/** When each of so many requests is sent, one after another as they are let through; an answer takes a second. */
const sentAt = (most: number, count: number, says: (nth: number) => HttpResponse | TransportError) =>
  Effect.gen(function* () {
    const times: Array<number> = []
    const inner: Send = {
      send: () =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const said = says(times.push(now) - 1)
          return Effect.delay(said instanceof TransportError ? Effect.fail(said) : Effect.succeed(said), "1 second")
        }),
    }
    const fiber = yield* Effect.forkChild(send(yield* make(inner, { most }), count))
    yield* TestClock.adjust("1 hour")
    yield* Fiber.join(fiber)
    return times
  })

const fromNow = (times: Effect.Effect<ReadonlyArray<number>>) =>
  Effect.map(times, (all) => all.map((time) => time - all[0]!))

effect(
  "adaptive sends nothing at all until the time that one answer names",
  Effect.gen(function* () {
    assert.deepEqual(yield* sentAt(2, 4, (nth) => nth === 0 ? told(503, "7") : ok), [0, 0, 8000, 9000])
    assert.deepEqual(yield* sentAt(1, 3, (nth) => nth === 0 ? told(429, "2") : ok).pipe(fromNow), [0, 3000, 4000])
  }),
)

effect(
  "adaptive waits for nothing when it is told of a quota, by an answer that asks for nothing, or of no time",
  Effect.gen(function* () {
    for (
      const said of [told(503, "31"), told(503, "80000"), told(200, "7"), told(404, "7"), told(500, "7"), busy, lost]
    ) {
      assert.deepEqual(yield* sentAt(1, 2, (nth) => nth === 0 ? said : ok).pipe(fromNow), [0, 1000])
    }
  }),
)
