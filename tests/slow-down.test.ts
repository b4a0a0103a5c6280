/** A plan carried out under a small limit: every write is made, later. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as References from "effect/References"
import { TestClock } from "effect/testing"
import { layer as adaptive } from "../adapters/adaptive.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { open, transportOf } from "../adapters/memory/mod.ts"
import { type Bucket, takeRequest } from "../adapters/policy/allowance.ts"
import { layer as retrying } from "../adapters/retry.ts"
import { applyPlan, makeLedger } from "../core/apply.ts"
import { TransportError } from "../core/errors.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import { plan } from "../core/plan/mod.ts"
import { Hashing, type Send, Transport } from "../core/ports.ts"
import { goodRule } from "./generated.ts"
import { effect } from "./harness.ts"

const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }
const count = 50
const todo = plan(
  {
    ...at,
    rules: Array.from({ length: count }, (_, i) => goodRule(`ci-${i}`, "a")),
    protected: new Set(),
    manages: [],
  },
  [],
  { prune: false },
)

const refusal = (code: string, headers: HttpResponse["headers"] = []): HttpResponse => ({
  status: 503,
  headers,
  body: new TextEncoder().encode(`<Error><Code>${code}</Code><Message>No</Message></Error>`),
})
const slowDown = refusal("SlowDown", [["Retry-After", "1"]])

/** Carries the plan out as the command line does, before a COS whose answers take so long. */
const carriedOut = (around: (inner: Send) => Send, took: Duration.Input = "20 millis") =>
  Effect.gen(function* () {
    const cos = yield* open({
      buckets: [{ name: at.bucket, region: at.region, rules: [] }],
      keys: [],
      verifySignatures: false,
    }).pipe(Effect.provideService(Hashing, hashes))
    const slow: Send = { send: (request) => Effect.delay(transportOf(cos).send(request), took) }
    const transport = retrying({ patience: "2 minutes" }).pipe(
      Layer.provide(adaptive({ most: 8 })),
      Layer.provide(Layer.succeed(Transport, around(slow))),
    )
    const ledger = makeLedger()
    const fiber = yield* Effect.forkChild(
      applyPlan(at, todo, ledger, { parallel: 8 }).pipe(
        Effect.provide(transport),
        Effect.provideService(Hashing, hashes),
        Effect.provideService(References.MinimumLogLevel, "None"),
        Random.withSeed("slow"),
      ),
    )
    const started = yield* Clock.currentTimeMillis
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("100 millis")
    yield* Fiber.join(fiber)
    return {
      ledger,
      seconds: ((yield* Clock.currentTimeMillis) - started) / 1000,
      held: cos.store.bucket(at.bucket)!.rules.size,
    }
  })

const assertDone = ({ ledger, held }: Effect.Success<ReturnType<typeof carriedOut>>) => {
  const { done, inDoubt, failed, notStarted } = tally(ledger.answers)
  assert.deepEqual({ done, inDoubt, failed, notStarted }, { done: count, inDoubt: 0, failed: 0, notStarted: 0 })
  assert.equal(held, count)
  assert.deepEqual([ledger.stopped, ledger.refused, ledger.isLate], [undefined, undefined, false])
}

const tally = (answers: ReadonlyMap<string, string>) => {
  const of = (wanted: string) => [...answers.values()].filter((answer) => answer === wanted).length
  return { done: of("done"), inDoubt: of("in doubt"), failed: of("failed"), notStarted: count - answers.size }
}

effect(
  "apply makes fifty rules under two requests a second, and asks little more often than it may",
  Effect.gen(function* () {
    let bucket: Bucket | undefined
    let asked = 0
    let refused = 0
    const limited = (inner: Send): Send => ({
      send: (request) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          asked++
          const [next, taken] = takeRequest(bucket, { requestsPerSecond: 2, burst: 4 }, now)
          bucket = next
          if (taken.isTaken) return inner.send(request)
          refused++
          return Effect.succeed({ ...slowDown, headers: [["Retry-After", String(taken.retryAfterSeconds)]] })
        }),
    })
    const found = yield* carriedOut(limited)
    assertDone(found)
    assert.ok(refused > 10 && refused < asked / 2, `${refused} of ${asked} were refused`)
    // A list before and after, and two requests a rule
    assert.ok(found.seconds >= (2 * count + 2 - 4) / 2 && found.seconds < 90, String(found.seconds))
  }),
)

effect(
  "apply makes fifty rules where one request is taken at one time",
  Effect.gen(function* () {
    let underWay = 0
    const found = yield* carriedOut((inner) => ({
      send: (request) =>
        Effect.suspend(() => {
          if (underWay > 0) return Effect.succeed(slowDown)
          underWay++
          return Effect.ensuring(inner.send(request), Effect.sync(() => void underWay--))
        }),
    }), "1 second")
    assertDone(found)
    assert.ok(found.seconds < 200, String(found.seconds))
  }),
)

const isWrite = ({ method }: HttpRequest) => method === "PUT"

effect(
  "apply says failed, and not in doubt, of a write that was asked to slow down until the end",
  Effect.gen(function* () {
    const { ledger, held } = yield* carriedOut((inner) => ({
      send: (request) => isWrite(request) ? Effect.succeed(refusal("SlowDown")) : inner.send(request),
    }))
    const { inDoubt, failed } = tally(ledger.answers)
    assert.equal(inDoubt, 0)
    assert.ok(failed > 0)
    assert.equal(held, 0)
  }),
)

effect(
  "apply says in doubt of a write that was asked to slow down after an attempt whose answer was lost",
  Effect.gen(function* () {
    const seen = new Set<string>()
    const lost = new TransportError({ kind: "reset", sent: "maybe", host: "a.test", detail: "Oh" })
    const { ledger } = yield* carriedOut((inner) => ({
      send: (request) =>
        Effect.suspend((): ReturnType<Send["send"]> => {
          if (!isWrite(request)) return inner.send(request)
          if (seen.has(request.target)) return Effect.succeed(refusal("SlowDown"))
          seen.add(request.target)
          return Effect.fail(lost)
        }),
    }))
    const { inDoubt, failed } = tally(ledger.answers)
    assert.ok(inDoubt > 0)
    assert.equal(failed, 0)
  }),
)
