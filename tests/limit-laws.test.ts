/** What holds of every limiter, in this process or in a Durable Object. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { type Bucket, giveBackRun, type Runs, takeRequest, takeRun } from "../adapters/policy/allowance.ts"
import type { Limiter } from "../adapters/policy/limiter.ts"
import { localLimiter } from "../adapters/policy/local-limiter.ts"
import { limiterOfBinding, limiterOfObject } from "../adapters/workers/mod.ts"
import { laws, prop } from "./harness.ts"
import { policyOf } from "./limit-world.ts"
import { objects, windows } from "./limit-workers.ts"

class Counting extends Context.Service<Counting, Limiter>()("cos-inventory/tests/Counting") {}

const day = 86_400_000
const policy = policyOf(["ann", "ben"], { requestsPerSecond: 2, burst: 3, runsPerDay: 2 })
const [ann, ben] = policy.principals.map((principal) => ({ policy, principal })) as [
  { policy: typeof policy; principal: (typeof policy.principals)[number] },
  { policy: typeof policy; principal: (typeof policy.principals)[number] },
]

const rate = {
  "lets a burst through at once and no more": Effect.gen(function* () {
    const { takeRequest } = yield* Counting
    for (let i = 0; i < 3; i++) assert.deepEqual(yield* takeRequest(ann), { isTaken: true })
    assert.deepEqual(yield* takeRequest(ann), { isTaken: false, retryAfterSeconds: 1 })
  }),
  "lets through what comes after the time it named": Effect.gen(function* () {
    const { takeRequest } = yield* Counting
    for (let round = 0; round < 5; round++) {
      for (;;) {
        const taken = yield* takeRequest(ann)
        if (taken.isTaken) continue
        assert.ok(taken.retryAfterSeconds >= 1)
        yield* TestClock.adjust(`${taken.retryAfterSeconds} seconds`)
        break
      }
      assert.deepEqual(yield* takeRequest(ann), { isTaken: true })
    }
  }),
  "lets the rate through, second after second": Effect.gen(function* () {
    const { takeRequest } = yield* Counting
    let taken = 0
    for (let tenth = 0; tenth < 100; tenth++) {
      if ((yield* takeRequest(ann)).isTaken) taken++
      yield* TestClock.adjust("100 millis")
    }
    // The burst, and two a second of the 9.9 seconds between the first and the last
    assert.equal(taken, 3 + 19)
  }),
  "keeps no more than a burst for whoever asks for nothing": Effect.gen(function* () {
    const { takeRequest } = yield* Counting
    yield* takeRequest(ann)
    yield* TestClock.adjust("1 day")
    for (let i = 0; i < 3; i++) assert.ok((yield* takeRequest(ann)).isTaken)
    assert.ok(!(yield* takeRequest(ann)).isTaken)
  }),
  "counts each principal alone": Effect.gen(function* () {
    const { takeRequest } = yield* Counting
    for (let i = 0; i < 4; i++) yield* takeRequest(ann)
    assert.deepEqual(yield* takeRequest(ben), { isTaken: true })
  }),
}

const runs = {
  "lets as many runs through as a day has, and says how long it lasts": Effect.gen(function* () {
    const { takeRun } = yield* Counting
    yield* TestClock.setTime(3 * day + 1000)
    for (let i = 0; i < 2; i++) assert.deepEqual(yield* takeRun(ann), { isTaken: true, day: 3 })
    const refused = yield* takeRun(ann)
    assert.deepEqual(refused, { isTaken: false, retryAfterSeconds: 86_399 })
    yield* TestClock.adjust("86398 seconds")
    assert.deepEqual(yield* takeRun(ann), { isTaken: false, retryAfterSeconds: 1 })
    yield* TestClock.adjust("1 second")
    assert.deepEqual(yield* takeRun(ann), { isTaken: true, day: 4 })
  }),
  "lets a run that came to nothing be taken again": Effect.gen(function* () {
    const { takeRun, giveBackRun } = yield* Counting
    yield* takeRun(ann)
    yield* takeRun(ann)
    yield* giveBackRun(ann, 0)
    assert.deepEqual(yield* takeRun(ann), { isTaken: true, day: 0 })
    assert.ok(!(yield* takeRun(ann)).isTaken)
  }),
  "gives back nothing that was taken another day, and never more than was taken": Effect.gen(function* () {
    const { takeRun, giveBackRun } = yield* Counting
    yield* takeRun(ann)
    yield* TestClock.setTime(day)
    yield* takeRun(ann)
    yield* giveBackRun(ann, 0)
    assert.ok((yield* takeRun(ann)).isTaken)
    assert.ok(!(yield* takeRun(ann)).isTaken)
    for (let i = 0; i < 5; i++) yield* giveBackRun(ann, 1)
    for (let i = 0; i < 2; i++) assert.ok((yield* takeRun(ann)).isTaken)
    assert.ok(!(yield* takeRun(ann)).isTaken)
  }),
  "counts the runs of each principal alone": Effect.gen(function* () {
    const { takeRun, giveBackRun } = yield* Counting
    yield* giveBackRun(ben, 0)
    for (let i = 0; i < 2; i++) yield* takeRun(ann)
    yield* giveBackRun(ben, 0)
    assert.ok(!(yield* takeRun(ann)).isTaken)
    assert.ok((yield* takeRun(ben)).isTaken)
  }),
  "lets through no more than a day has when all ask at once": Effect.gen(function* () {
    const { takeRun } = yield* Counting
    const taken = yield* Effect.all(Array.from({ length: 20 }, () => takeRun(ann)), { concurrency: "unbounded" })
    assert.equal(taken.filter(({ isTaken }) => isTaken).length, 2)
  }),
}

laws("localLimiter", Layer.sync(Counting, () => localLimiter()), { ...rate, ...runs })

laws(
  "limiterOfObject",
  Layer.effect(Counting, Clock.clockWith((clock) => Effect.sync(() => limiterOfObject(objects(clock).namespace)))),
  { ...rate, ...runs },
)

laws(
  "limiterOfBinding",
  Layer.effect(Counting, Clock.clockWith((clock) => Effect.sync(() => limiterOfBinding(windows(clock, 3, 10), 10)))),
  {
    ...runs,
    "counts each principal alone": rate["counts each principal alone"],
    "lets through what comes after the time it named": rate["lets through what comes after the time it named"],
  },
)

const Asked = Schema.Struct({
  requestsPerSecond: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })),
  burst: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })),
  waits: Schema.Array(Schema.Literals([0, 0, 0, 1, 7, 20, 333, 1000, 5000])),
})

prop("`takeRequest` lets through what the generic cell rate algorithm does", Asked, ({ waits, ...limits }) => {
  const { requestsPerSecond, burst } = limits
  let bucket: Bucket | undefined
  // In the time that one request takes, times a thousand
  let arrival = 0
  let now = 1_700_000_000_000
  return waits.every((wait) => {
    now += wait
    const scaled = now * requestsPerSecond
    const conforms = arrival - scaled <= (burst - 1) * 1000
    if (conforms) arrival = Math.max(scaled, arrival) + 1000
    const [next, taken] = takeRequest(bucket, limits, now)
    bucket = next
    if (taken.isTaken) return conforms
    const { retryAfterSeconds: seconds } = taken
    return !conforms && seconds >= 1 && takeRequest(next, limits, now + seconds * 1000)[1].isTaken
  })
})

prop("`takeRequest` lets nothing more through for a clock that goes back", Asked, ({ waits, ...limits }) => {
  let bucket: Bucket | undefined
  let taken = 0
  let now = 1_700_000_000_000
  for (const wait of waits) {
    now -= wait
    const [next, { isTaken }] = takeRequest(bucket, limits, now)
    bucket = next
    if (isTaken) taken++
  }
  return taken === Math.min(waits.length, limits.burst)
})

test("`takeRequest` gives nothing twice for a clock that steps back and forth, and holds up no longer than it takes to fill", () => {
  const limits = { requestsPerSecond: 2, burst: 4 }
  const start = 1_700_000_000_000
  const drained = (now: number, bucket?: Bucket): readonly [Bucket, number] => {
    for (let taken = 0;; taken++) {
      const [next, { isTaken }] = takeRequest(bucket, limits, now)
      bucket = next
      if (!isTaken) return [next, taken]
    }
  }
  const [empty] = drained(start)
  const [, again] = drained(start, drained(start - 1000, empty)[0])
  assert.equal(again, 0)
  const far = start - 86_400_000
  const [back, none] = drained(far, empty)
  assert.equal(none, 0)
  assert.equal(drained(far + 2 * 2000, back)[1], limits.burst)
})

test("`takeRun` counts on when the clock steps back over midnight", () => {
  const limits = { runsPerDay: 1 }
  const midnight = 20_000 * day
  const [runs, first] = takeRun(undefined, limits, midnight + 1000)
  assert.deepEqual(first, { isTaken: true, day: 20_000 })
  const [back, second] = takeRun(runs, limits, midnight - 1000)
  assert.deepEqual(second, { isTaken: false, retryAfterSeconds: day / 1000 + 1 })
  assert.ok(!takeRun(back, limits, midnight + 2000)[1].isTaken)
  assert.ok(takeRun(giveBackRun(back, 20_000), limits, midnight - 500)[1].isTaken)
})

const Days = Schema.Struct({
  runsPerDay: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 })),
  steps: Schema.Array(Schema.Struct({
    hours: Schema.Literals([0, 0, 1, 9, 24, 50]),
    isBack: Schema.Boolean,
  })),
})

prop("`takeRun` never lets more stand on a day than it has", Days, ({ runsPerDay, steps }) => {
  let state: Runs | undefined
  let now = 0
  const standing = new Map<number, number>()
  return steps.every(({ hours, isBack }) => {
    now += hours * 3_600_000
    const today = Math.floor(now / day)
    const count = standing.get(today) ?? 0
    if (isBack) {
      if (count > 0) standing.set(today, count - 1)
      state = giveBackRun(state, today)
      return true
    }
    const [next, run] = takeRun(state, { runsPerDay }, now)
    state = next
    if (run.isTaken) {
      standing.set(run.day, count + 1)
      return run.day === today && count < runsPerDay
    }
    return count === runsPerDay && run.retryAfterSeconds >= 1 &&
      Math.floor((now + run.retryAfterSeconds * 1000) / day) === today + 1
  })
})
