/** Identical reads at one time are one request to COS, and nobody gets what another asked for. */
import { strict as assert } from "node:assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import type { Call, Performing } from "../adapters/policy/call.ts"
import * as SingleFlight from "../adapters/policy/single-flight.ts"
import { Underway } from "../adapters/policy/underway.ts"
import { TransportError } from "../core/errors.ts"
import { effect, prop } from "./harness.ts"
import { answer, at, callOf, get, performing, policyOf, run } from "./limit-world.ts"

const policy = policyOf(["ann", "ben"])
const text = ({ body }: { readonly body: Uint8Array }) => new TextDecoder().decode(body)

/** Answers after a while with the number of the request. */
const slow = (millis: number) => {
  let ended = 0
  let interrupted = 0
  const numbered = performing(() => {
    const number = numbered.calls()
    return Effect.sleep(millis).pipe(
      Effect.as(answer(200, String(number))),
      Effect.onInterrupt(() => Effect.sync(() => void interrupted++)),
      Effect.tap(() => Effect.sync(() => void ended++)),
    )
  })
  return { ...numbered, ended: () => ended, interrupted: () => interrupted }
}

const began = (performed: ReturnType<Performing["perform"]>) => Effect.forkChild(performed, { startImmediately: true })

effect(
  "`SingleFlight` asks once for those who ask the same at one time",
  Effect.gen(function* () {
    const inner = slow(100)
    const { perform } = SingleFlight.make(inner)
    const first = yield* began(perform(callOf(policy)))
    yield* TestClock.adjust("99 millis")
    const others = yield* Effect.forEach(Array.from({ length: 50 }), () => began(perform(callOf(policy))))
    yield* TestClock.adjust("1 millis")
    for (const fiber of [first, ...others]) assert.equal(text(yield* Fiber.join(fiber)), "1")
    assert.equal(inner.calls(), 1)
  }),
)

effect(
  "`SingleFlight` keeps nothing of an answer that was given",
  Effect.gen(function* () {
    const inner = performing()
    const { perform } = SingleFlight.make(inner)
    for (let i = 0; i < 3; i++) yield* perform(callOf(policy))
    assert.equal(inner.calls(), 3)
  }),
)

const variants: Readonly<Record<string, Call>> = {
  "the rule": callOf(policy, get("list2")),
  "the operation": callOf(policy, { _tag: "ListBucketInventory" }),
  "the page": callOf(policy, { _tag: "ListBucketInventory", continuationToken: "list1" }),
  "the bucket": callOf(policy, get("list1"), { at: { ...at, bucket: "other-1250000000" } }),
  "the region": callOf(policy, get("list1"), { at: { ...at, region: "ap-beijing" } }),
  "the endpoint": callOf(policy, get("list1"), { at: { ...at, endpoint: "http://127.0.0.1" } }),
  "the principal": callOf(policy, get("list1"), { principal: policy.principals[1]! }),
  "the policy": callOf(policyOf(["ann", "ben"])),
}
for (const [what, other] of Object.entries(variants)) {
  effect(
    `\`SingleFlight\` asks twice where ${what} differs`,
    Effect.gen(function* () {
      const inner = slow(100)
      const { perform } = SingleFlight.make(inner)
      const fibers = [yield* began(perform(callOf(policy))), yield* began(perform(other))]
      yield* TestClock.adjust("100 millis")
      assert.deepEqual([text(yield* Fiber.join(fibers[0]!)), text(yield* Fiber.join(fibers[1]!))], ["1", "2"])
    }),
  )
}

effect(
  "`SingleFlight` sends every write",
  Effect.gen(function* () {
    const inner = slow(100)
    const { perform } = SingleFlight.make(inner)
    for (
      const operation of [run, run, { _tag: "DeleteBucketInventory", id: "a" }, {
        _tag: "DeleteBucketInventory",
        id: "a",
      }] as const
    ) {
      yield* began(perform(callOf(policy, operation)))
    }
    assert.equal(inner.calls(), 4)
    yield* TestClock.adjust("100 millis")
  }),
)

effect(
  "`SingleFlight` shares a failure and a defect as they are, and asks anew after them",
  Effect.gen(function* () {
    const failure = new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" })
    for (const end of [Effect.fail(failure), Effect.die("a fault")]) {
      const inner = performing(() => Effect.andThen(Effect.sleep("1 second"), end))
      const { perform } = SingleFlight.make(inner)
      const fibers = yield* Effect.forEach([1, 2, 3], () => began(perform(callOf(policy))))
      yield* TestClock.adjust("1 second")
      const exits = yield* Effect.forEach(fibers, Fiber.await)
      assert.deepEqual(exits, [1, 2, 3].map(() => exits[0]))
      assert.ok(exits.every(Exit.isFailure))
      yield* began(perform(callOf(policy)))
      assert.equal(inner.calls(), 2)
    }
  }),
)

effect(
  "`SingleFlight` ends the request to COS with its last caller, and only then",
  Effect.gen(function* () {
    const inner = slow(1000)
    const { perform } = SingleFlight.make(inner)
    const fibers = yield* Effect.forEach([1, 2, 3], () => began(perform(callOf(policy))))
    yield* Fiber.interrupt(fibers[0]!)
    yield* Fiber.interrupt(fibers[2]!)
    assert.equal(inner.interrupted(), 0)
    yield* Fiber.interrupt(fibers[1]!)
    assert.equal(inner.interrupted(), 1)
    const next = yield* began(perform(callOf(policy)))
    yield* TestClock.adjust("1 second")
    assert.equal(text(yield* Fiber.join(next)), "2")
  }),
)

effect(
  "`SingleFlight` waits for a request to COS to have ended before its last caller has left",
  Effect.gen(function* () {
    const steps: Array<string> = []
    const closed = yield* Deferred.make<void>()
    const inner = performing(() =>
      Effect.onInterrupt(
        Effect.never,
        () => Effect.andThen(Deferred.await(closed), Effect.sync(() => steps.push("ended"))),
      )
    )
    const { perform } = SingleFlight.make(inner)
    const caller = yield* began(perform(callOf(policy)))
    const leaving = yield* Effect.forkChild(
      Effect.tap(Fiber.interrupt(caller), () => Effect.sync(() => steps.push("left"))),
      { startImmediately: true },
    )
    assert.deepEqual(steps, [])
    // Nobody joins what is ending, nor does its end touch what stands in its place
    yield* began(perform(callOf(policy)))
    assert.equal(inner.calls(), 2)
    yield* Deferred.succeed(closed, undefined)
    yield* Fiber.join(leaving)
    assert.deepEqual(steps, ["ended", "left"])
    yield* began(perform(callOf(policy)))
    assert.equal(inner.calls(), 2)
  }),
)

effect(
  "`SingleFlight` asks anew for whoever has its answer while others are still to be told",
  Effect.gen(function* () {
    const inner = slow(100)
    const { perform } = SingleFlight.make(inner)
    const ask = perform(callOf(policy))
    const twice = yield* began(Effect.andThen(ask, ask))
    const once = yield* Effect.forEach([1, 2, 3], () => began(ask))
    yield* TestClock.adjust("200 millis")
    assert.equal(text(yield* Fiber.join(twice)), "2")
    for (const fiber of once) assert.equal(text(yield* Fiber.join(fiber)), "1")
  }),
)

effect(
  "`SingleFlight` lets nobody join a request that is past its first caller's time",
  Effect.gen(function* () {
    const inner = slow(1000)
    const { perform } = SingleFlight.make(inner)
    const until = (millis: number) => Effect.provideService(Underway, { until: millis, isHere: true })
    const first = yield* began(perform(callOf(policy)).pipe(until(500)))
    yield* TestClock.adjust("499 millis")
    const second = yield* began(perform(callOf(policy)).pipe(until(2000)))
    yield* TestClock.adjust("1 millis")
    const third = yield* began(perform(callOf(policy)).pipe(until(2500)))
    const fourth = yield* began(perform(callOf(policy)).pipe(until(2500)))
    yield* TestClock.adjust("1 second")
    const answers = yield* Effect.forEach([first, second, third, fourth], Fiber.join)
    assert.deepEqual(answers.map(text), ["1", "1", "2", "2"])
  }),
)

const Visits = Schema.Array(Schema.Struct({
  arrives: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
  stays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 14 })),
  asks: Schema.Literals([0, 1, 2]),
})).check(Schema.isMaxLength(20))
type Visit = (typeof Visits.Type)[number]

/** Hundreds of milliseconds apart; the number of the visit, and what it is, keep any two moments from being one. */
const arrivalOf = ({ arrives }: Visit, number: number) => arrives * 100 + number
const stayOf = ({ stays }: Visit) => stays * 100 + 50
const flightMillis = 725

/** Which request answers each visit; undefined where it left before. */
const modelOf = (visits: ReadonlyArray<Visit>) => {
  const sorted = visits.map((visit, number) => ({ visit, number, from: arrivalOf(visit, number) }))
    .toSorted((a, b) => a.from - b.from)
  const flights: Array<{ asks: number; from: number; until: number }> = []
  const answers = new Map<number, string | undefined>()
  for (const { visit, number, from } of sorted) {
    const mine = flights.findLastIndex(({ asks, until }) => asks === visit.asks && from < until)
    const at = mine < 0 ? flights.push({ asks: visit.asks, from, until: -1 }) - 1 : mine
    const flight = flights[at]!
    const end = flight.from + flightMillis
    const leaves = from + stayOf(visit)
    // It flies for as long as somebody waits, and no longer than it takes
    flight.until = Math.min(end, Math.max(flight.until, leaves))
    answers.set(number, leaves < end ? undefined : `${visit.asks} ${at + 1}`)
  }
  return { answers: visits.map((_, number) => answers.get(number)), flights }
}

prop(
  "`SingleFlight` sends what a model of it sends, and each caller gets its own answer",
  Visits,
  (visits) =>
    Effect.gen(function* () {
      let interrupted = 0
      const inner: ReturnType<typeof performing> = performing(({ operation }) => {
        const number = inner.calls()
        const asked = operation._tag === "GetBucketInventory" ? operation.id : "none"
        return Effect.sleep(flightMillis).pipe(
          Effect.as(answer(200, `${asked} ${number}`)),
          Effect.onInterrupt(() => Effect.sync(() => void interrupted++)),
        )
      })
      const { perform } = SingleFlight.make(inner)
      const fibers = yield* Effect.forEach(visits, (visit, number) =>
        Effect.forkChild(
          Effect.andThen(
            Effect.sleep(arrivalOf(visit, number)),
            Effect.timeoutOption(perform(callOf(policy, get(String(visit.asks)))), stayOf(visit)),
          ),
        ))
      yield* TestClock.adjust("10 seconds")
      const answers = yield* Effect.forEach(fibers, Fiber.join)
      const { answers: expected, flights } = modelOf(visits)
      return inner.calls() === flights.length &&
        interrupted === flights.filter(({ from, until }) => until < from + flightMillis).length &&
        answers.every((found, at) => (Option.isSome(found) ? text(found.value) : undefined) === expected[at])
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer())),
  { runs: 300 },
)
