/** What a principal gets when it asks for too much, and what is given back. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { Refused } from "../adapters/policy/call.ts"
import * as Limit from "../adapters/policy/limit.ts"
import { type Limiter, LimiterError } from "../adapters/policy/limiter.ts"
import { localLimiter } from "../adapters/policy/local-limiter.ts"
import { Underway } from "../adapters/policy/underway.ts"
import { answerMillis } from "../adapters/workers/asking.ts"
import { limiterOfBinding, limiterOfObject } from "../adapters/workers/mod.ts"
import { ConfigError, TransportError } from "../core/errors.ts"
import { effect, prop } from "./harness.ts"
import { answer, callOf, get, performing, policyOf, run } from "./limit-world.ts"
import { objects } from "./limit-workers.ts"

const refusal = <A, E>(asked: Effect.Effect<A, E>): Effect.Effect<Refused> =>
  Effect.map(Effect.result(asked), (result) => {
    assert.ok(Result.isFailure(result) && result.failure instanceof Refused, "nothing was refused")
    return result.failure
  })

const generous = { requestsPerSecond: 10_000, burst: 100_000, concurrency: 10_000, runsPerDay: 100_000 }

effect(
  "`Limit` refuses with SlowDown and a time when the rate is used up",
  Effect.gen(function* () {
    const { charge } = Limit.make(performing())
    const policy = policyOf(["ann", "ben"], { requestsPerSecond: 1, burst: 2, concurrency: 9 })
    for (let i = 0; i < 2; i++) yield* charge(callOf(policy))
    const { outcome, refusal: { code }, retryAfterSeconds } = yield* refusal(charge(callOf(policy)))
    assert.deepEqual({ outcome, code, retryAfterSeconds }, {
      outcome: "limited",
      code: "SlowDown",
      retryAfterSeconds: 1,
    })
    yield* charge(callOf(policy, get("list1"), { principal: policy.principals[1]! }))
    yield* TestClock.adjust("1 second")
    yield* charge(callOf(policy))
    yield* refusal(charge(callOf(policy)))
  }),
)

effect(
  "`Limit` takes nothing of the rate for what is performed, which a door charged for",
  Effect.gen(function* () {
    const inner = performing()
    const { charge, perform } = Limit.make(inner)
    const policy = policyOf(["ann"], { requestsPerSecond: 1, burst: 1 })
    for (let i = 0; i < 5; i++) yield* perform(callOf(policy))
    yield* charge(callOf(policy))
    yield* perform(callOf(policy))
    assert.equal(inner.calls(), 6)
  }),
)

effect(
  "`Limit` refuses at once what is over the concurrency, and lets nothing wait",
  Effect.gen(function* () {
    const inner = performing(() => Effect.as(Effect.sleep("10 seconds"), answer(200)))
    const { perform } = Limit.make(inner)
    const policy = policyOf(["ann"], { ...generous, concurrency: 2 })
    const first = yield* Effect.forkChild(perform(callOf(policy)), { startImmediately: true })
    const second = yield* Effect.forkChild(perform(callOf(policy)), { startImmediately: true })
    const refused = yield* refusal(perform(callOf(policy)))
    assert.equal(refused.refusal.code, "SlowDown")
    assert.equal(refused.retryAfterSeconds, 1)
    yield* Fiber.interrupt(first)
    const third = yield* Effect.forkChild(perform(callOf(policy)), { startImmediately: true })
    yield* refusal(perform(callOf(policy)))
    yield* TestClock.adjust("10 seconds")
    for (const fiber of [second, third]) assert.equal((yield* Fiber.join(fiber)).status, 200)
    assert.equal(inner.calls(), 3)
  }),
)

effect(
  "`Limit` takes the limits of each call's own policy when they change",
  Effect.gen(function* () {
    const { perform } = Limit.make(performing(() => Effect.as(Effect.sleep("1 minute"), answer(200))))
    const strict = policyOf(["ann"], { ...generous, concurrency: 1 })
    const loose = policyOf(["ann"], { ...generous, concurrency: 2 })
    yield* Effect.forkChild(perform(callOf(strict)), { startImmediately: true })
    yield* refusal(perform(callOf(strict)))
    yield* Effect.forkChild(perform(callOf(loose)), { startImmediately: true })
    yield* refusal(perform(callOf(loose)))
  }),
)

effect(
  "`Limit` holds no slot for what was dropped without a word, once its time is over, and for nothing else",
  Effect.gen(function* () {
    const inner = performing(() => Effect.uninterruptible(Effect.never))
    const { perform } = Limit.make(inner)
    const policy = policyOf(["ann"], { ...generous, concurrency: 2 })
    const ask = (until: number) =>
      Effect.forkDetach(perform(callOf(policy)).pipe(Effect.provideService(Underway, { until, isHere: true })), {
        startImmediately: true,
      })
    yield* ask(5_000)
    yield* ask(9_000)
    yield* TestClock.adjust("6 seconds")
    assert.equal((yield* refusal(perform(callOf(policy)))).refusal.code, "SlowDown")
    yield* TestClock.adjust("1 millis")
    yield* ask(50_000)
    assert.equal(inner.calls(), 3)
    yield* refusal(perform(callOf(policy)))
  }),
)

const outcomes = ["answer", "refusal", "no answer", "defect", "interruption", "at once"] as const
const Visits = Schema.Array(Schema.Struct({
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 })),
  takes: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })),
  who: Schema.Literals([0, 1]),
  outcome: Schema.Literals(outcomes),
  isRun: Schema.Boolean,
}))

prop("`Limit` counts what is under way exactly, whatever becomes of it", Visits, (visits) =>
  Effect.gen(function* () {
    const policy = policyOf(["ann", "ben"], { ...generous, concurrency: 2 })
    const underWay = [0, 0]
    let isRight = true
    let current = 0
    const inner = performing(({ principal }) => {
      const who = policy.principals.indexOf(principal)
      const { takes, outcome } = visits[current]!
      return Effect.acquireUseRelease(
        Effect.sync(() => {
          underWay[who]!++
          if (underWay[who]! > 2) isRight = false
        }),
        () =>
          outcome === "at once" ? Effect.succeed(answer(200)) : Effect.andThen(
            Effect.sleep(takes * 10),
            outcome === "answer" || outcome === "interruption"
              ? Effect.succeed(answer(200))
              : outcome === "refusal"
              ? Effect.succeed(answer(400))
              : outcome === "defect"
              ? Effect.die("a fault of the program")
              : Effect.fail(new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" })),
          ),
        () => Effect.sync(() => void underWay[who]!--),
      )
    })
    const { perform } = Limit.make(inner)
    const call = (at: number) => {
      const { who, isRun } = visits[at]!
      return callOf(policy, isRun ? run : get("list1"), { principal: policy.principals[who]! })
    }
    for (const [at, { at: when, takes, who, outcome }] of visits.entries()) {
      yield* Effect.forkChild(
        Effect.gen(function* () {
          yield* Effect.sleep(when * 10 + 1)
          current = at
          const isFull = underWay[who]! >= 2
          const before = inner.calls()
          const fiber = yield* Effect.forkChild(Effect.exit(perform(call(at))), { startImmediately: true })
          if ((inner.calls() === before) !== isFull) isRight = false
          if (outcome === "interruption") {
            yield* Effect.sleep(takes * 5)
            yield* Fiber.interrupt(fiber)
          }
        }),
      )
    }
    for (let i = 0; i < 60; i++) yield* TestClock.adjust("10 millis")
    if (underWay.some((count) => count !== 0)) return false
    // All slots are free again: two fit for each, and no third
    visits = [{ at: 0, takes: 20, who: 0, outcome: "answer", isRun: false }]
    current = 0
    for (const principal of policy.principals) {
      const ask = perform(callOf(policy, get("list1"), { principal }))
      const before = inner.calls()
      for (let i = 0; i < 3; i++) yield* Effect.forkChild(Effect.exit(ask), { startImmediately: true })
      if (inner.calls() !== before + 2) return false
    }
    return isRight
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer())), { runs: 100 })

const transport = (sent: "no" | "maybe") =>
  Effect.fail(new TransportError({ kind: "cut", sent, host: "h", detail: "d" }))

for (
  const [what, outcome, isBack] of [
    ["COS takes it", Effect.succeed(answer(200)), false],
    ["COS refuses it", Effect.succeed(answer(400)), true],
    ["COS refuses a repeat of what may have arrived", Effect.succeed(answer(400, "", { repeated: true })), false],
    ["COS fails", Effect.succeed(answer(503)), false],
    ["it could not be sent", transport("no"), true],
    ["it may have arrived", transport("maybe"), false],
    ["COS refuses the proxy's key", Effect.fail(new ConfigError({ source: "s", problem: "p", fix: "f" })), true],
    ["the program fails", Effect.die("a fault"), false],
    ["its caller leaves", Effect.interrupt, false],
  ] as const
) {
  effect(
    `\`Limit\` ${isBack ? "gives a one-time inventory back" : "keeps a one-time inventory counted"} when ${what}`,
    Effect.gen(function* () {
      const policy = policyOf(["ann"], { ...generous, runsPerDay: 1 })
      let next: Effect.Effect<ReturnType<typeof answer>, TransportError | ConfigError> = outcome
      const inner = performing(() => next)
      const { perform } = Limit.make(inner)
      yield* Effect.exit(perform(callOf(policy, run)))
      next = Effect.succeed(answer(200))
      const again = yield* Effect.result(perform(callOf(policy, run)))
      assert.equal(Result.isSuccess(again), isBack)
      assert.equal(inner.calls(), isBack ? 2 : 1)
    }),
  )
}

effect(
  "`Limit` refuses one-time inventories until midnight UTC when those of the day are used up",
  Effect.gen(function* () {
    yield* TestClock.setTime(86_400_000 * 20_000 + 3_600_000)
    const inner = performing()
    const { perform } = Limit.make(inner)
    const policy = policyOf(["ann"], { ...generous, runsPerDay: 1 })
    yield* perform(callOf(policy, run))
    const refused = yield* refusal(perform(callOf(policy, run)))
    assert.equal(refused.retryAfterSeconds, 23 * 3600)
    assert.deepEqual([refused.outcome, refused.refusal.code], ["limited", "SlowDown"])
    // Nothing else is held back by it
    yield* perform(callOf(policy))
    yield* TestClock.adjust("23 hours")
    yield* perform(callOf(policy, run))
    assert.equal(inner.calls(), 3)
  }),
)

effect(
  "`Limit` denies one-time inventories, without a time to come again, when there are none",
  Effect.gen(function* () {
    const inner = performing()
    const { perform } = Limit.make(inner)
    const { outcome, retryAfterSeconds } = yield* refusal(
      perform(callOf(policyOf(["ann"], { ...generous, runsPerDay: 0 }), run)),
    )
    assert.deepEqual([outcome, retryAfterSeconds], ["denied", undefined])
    assert.equal(inner.calls(), 0)
  }),
)

effect(
  "`Limit` lets requests through and begins no one-time inventory when nobody can count, and says so once",
  Effect.gen(function* () {
    const fails = Effect.fail(new LimiterError({ problem: "it is away" }))
    const { takeRequest, takeRun, giveBackRun } = localLimiter()
    let isAway = true
    const limiter: Limiter = {
      takeRequest: (asking) => Effect.suspend(() => isAway ? fails : takeRequest(asking)),
      takeRun: (asking) => Effect.suspend(() => isAway ? fails : takeRun(asking)),
      giveBackRun: (asking, day) => Effect.suspend(() => isAway ? fails : giveBackRun(asking, day)),
    }
    const lines: Array<string> = []
    const inner = performing()
    const { charge, perform } = Limit.make(inner, {
      limiter,
      notice: (line, level) => lines.push(`${level ?? "info"}: ${line}`),
    })
    const policy = policyOf(["ann"], generous)
    for (let i = 0; i < 5; i++) yield* Effect.andThen(charge(callOf(policy)), perform(callOf(policy)))
    assert.equal(inner.calls(), 5)
    const refused = yield* refusal(perform(callOf(policy, run)))
    assert.deepEqual([refused.outcome, refused.refusal.code], ["limited", "ServiceUnavailable"])
    assert.ok(!refused.refusal.message.includes("away"))
    assert.equal(inner.calls(), 5)
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /^warn: .*it is away/u)
    isAway = false
    yield* perform(callOf(policy, run))
    assert.deepEqual(lines.slice(1), ["info: Requests are counted again"])
  }),
)

effect(
  "`localLimiter` forgets principals that the policy has no more, and nobody else",
  Effect.gen(function* () {
    const limiter = localLimiter()
    const many = policyOf(Array.from({ length: 500 }, (_, at) => `p${at}`), { runsPerDay: 1 })
    for (const principal of many.principals) yield* limiter.takeRun({ policy: many, principal })
    assert.equal(limiter.size(), 500)
    const few = policyOf(["p7", "new"], { runsPerDay: 1 })
    const [p7] = few.principals
    assert.ok(!(yield* limiter.takeRun({ policy: few, principal: p7! })).isTaken)
    assert.equal(limiter.size(), 1)
  }),
)

effect(
  "`limiterOfObject` counts on when the object was put away meanwhile, and stores nothing of a day that is over",
  Effect.gen(function* () {
    const { namespace, evict, stores, alarms, objectOf } = yield* Clock.clockWith((clock) =>
      Effect.sync(() => objects(clock))
    )
    const { takeRun } = limiterOfObject(namespace)
    const policy = policyOf(["ann"], { runsPerDay: 2 })
    const asking = { policy, principal: policy.principals[0]! }
    for (let i = 0; i < 2; i++) {
      assert.ok((yield* takeRun(asking)).isTaken)
      evict()
    }
    assert.ok(!(yield* takeRun(asking)).isTaken)
    assert.deepEqual([...alarms], [["ann", 86_400_000]])
    // Late, when the next day has begun to count
    yield* TestClock.setTime(86_400_000 + 5)
    yield* takeRun(asking)
    evict()
    yield* Effect.promise(() => objectOf("ann").alarm())
    assert.ok((yield* takeRun(asking)).isTaken)
    assert.ok(!(yield* takeRun(asking)).isTaken)
    assert.deepEqual([...alarms], [["ann", 2 * 86_400_000]])
    yield* TestClock.setTime(2 * 86_400_000)
    yield* Effect.promise(() => objectOf("ann").alarm())
    assert.equal(stores.get("ann")!.size, 0)
  }),
)

effect(
  "`limiterOfObject` fails when the object does, and counts no run that was not stored",
  Effect.gen(function* () {
    const { namespace, failWith } = yield* Clock.clockWith((clock) => Effect.sync(() => objects(clock)))
    const { takeRun, takeRequest } = limiterOfObject(namespace)
    const policy = policyOf(["ann"], { runsPerDay: 2 })
    const asking = { policy, principal: policy.principals[0]! }
    failWith("the disk is full")
    assert.ok((yield* Effect.flip(takeRun(asking))) instanceof LimiterError)
    assert.ok((yield* takeRequest(asking)).isTaken)
    const refusing = limiterOfObject({
      idFromName: (name: string) => name,
      get: () => ({ fetch: () => Promise.resolve(new Response("<html>", { status: 502 })) }),
    })
    assert.match((yield* Effect.flip(refusing.takeRun(asking))).message, /status 502/u)
    const strange = limiterOfObject({
      idFromName: (name: string) => name,
      get: () => ({ fetch: () => Promise.resolve(Response.json({ isTaken: "yes" })) }),
    })
    assert.ok((yield* Effect.flip(strange.takeRequest(asking))) instanceof LimiterError)
  }),
)

effect(
  "`limiterOfBinding` fails when the binding gives no answer in its time",
  Effect.gen(function* () {
    const limiter = limiterOfBinding({ limit: () => new Promise(() => {}) })
    const policy = policyOf(["ann"])
    const asked = yield* Effect.forkChild(
      Effect.flip(limiter.takeRequest({ policy, principal: policy.principals[0]! })),
    )
    yield* TestClock.adjust(answerMillis)
    assert.ok((yield* Fiber.join(asked)) instanceof LimiterError)
  }),
)
