/** What is let in before anybody knows who asks. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { admission, type Asked, Late, maxBodyBytes, maxCallerBytes, maxRequests } from "../adapters/proxy/admission.ts"
import { Refused } from "../adapters/policy/call.ts"
import { Underway } from "../adapters/policy/underway.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { effect, prop } from "./harness.ts"
import { policyOf } from "./limit-world.ts"

const policy = policyOf(["ann"], {}, 10)
const asked = (headers: Asked["headers"] = []): Asked => ({
  method: "PUT",
  origin: "http://proxy.test",
  target: "/",
  headers,
})
/** Reads a body of so many bytes, and then goes on. */
const reading = <A, E>(bytes: number, then: Effect.Effect<A, E>) =>
  Effect.andThen(Effect.flatMap(Underway, (underway) => underway!.makeRoom!(bytes)), then)
const admitting = () => {
  const { admit, underWay } = admission(() => policy)
  return {
    underWay,
    admit: <A, E>(asked: Asked, answering: Effect.Effect<A, E>, isFree: boolean, name = "reader") =>
      admit({ asked, answering, isFree, caller: () => name }),
  }
}

const begun = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(effect, { startImmediately: true })

effect(
  "`admission` lets so many requests in, and beyond them only what is free",
  Effect.gen(function* () {
    const { admit, underWay } = admitting()
    for (let i = 0; i < maxRequests; i++) yield* begun(admit(asked(), Effect.never, false))
    const error = yield* Effect.flip(admit(asked(), Effect.die("nobody gets here"), false))
    assert.ok(error instanceof Refused)
    assert.deepEqual([error.outcome, error.refusal.code, error.retryAfterSeconds], ["limited", "SlowDown", 1])
    assert.equal(yield* admit(asked(), Effect.succeed("alive"), true), "alive")
    assert.deepEqual(underWay(), { requests: maxRequests, bytes: 0 })
    yield* TestClock.adjust("10 seconds")
    assert.deepEqual(underWay(), { requests: 0, bytes: 0 })
  }),
)

effect(
  "`admission` keeps no room for what was dropped without a word, once its time is over",
  Effect.gen(function* () {
    const { admit, underWay } = admitting()
    const dropped = Effect.uninterruptible(Effect.never)
    const most = maxBodyBytes / maxDocumentBytes
    for (let i = 0; i < most; i++) {
      yield* Effect.forkDetach(admit(asked(), reading(maxDocumentBytes, dropped), false, String(i)), {
        startImmediately: true,
      })
    }
    yield* TestClock.adjust("11 seconds")
    assert.ok((yield* Effect.flip(admit(asked(), reading(1, Effect.void), false))) instanceof Refused)
    assert.equal(underWay().requests, most)
    yield* TestClock.adjust("1 millis")
    yield* admit(asked(), reading(1, Effect.void), false)
    assert.equal(underWay().bytes, 0)
    for (let i = most; i < maxRequests; i++) yield* begun(admit(asked(), Effect.never, false))
    yield* admit(asked(), Effect.void, false)
    assert.equal(underWay().requests, maxRequests - most)
  }),
)

effect(
  "`admission` keeps room for a body from when it is read until the request ends, whatever was announced",
  Effect.gen(function* () {
    const { admit, underWay } = admitting()
    const announced = asked([["Content-Length", String(maxDocumentBytes)]])
    const waiting = yield* begun(admit(announced, Effect.never, false))
    assert.deepEqual(underWay(), { requests: 1, bytes: 0 })
    const fiber = yield* begun(admit(announced, reading(5, Effect.never), false))
    assert.deepEqual(underWay(), { requests: 2, bytes: 5 })
    yield* Fiber.interrupt(fiber)
    yield* Fiber.interrupt(waiting)
    assert.deepEqual(underWay(), { requests: 0, bytes: 0 })
  }),
)

effect(
  "`admission` lets bodies that have to tell who sends them take no room of those that are known",
  Effect.gen(function* () {
    const { admit, underWay } = admitting()
    const signed = "q-sign-algorithm=sha1&q-ak=a&q-sign-time=1;2&q-key-time=1;2&q-header-list=Content-Length;host" +
      "&q-url-param-list=&q-signature=0"
    const strange = asked([["Authorization", signed]])
    for (let i = 0; i < 4; i++) yield* begun(admit(strange, Effect.never, false))
    assert.deepEqual(underWay(), { requests: 4, bytes: 4 * maxDocumentBytes })
    const error = yield* Effect.flip(admit(strange, Effect.die("nobody gets here"), false))
    assert.ok(error instanceof Refused && error.refusal.code === "SlowDown")
    for (let i = 0; i < maxBodyBytes / maxDocumentBytes; i++) {
      yield* begun(admit(asked(), reading(maxDocumentBytes, Effect.never), false, String(i)))
    }
    assert.equal(underWay().bytes, 4 * maxDocumentBytes + maxBodyBytes)
    yield* TestClock.adjust("10 seconds")
    assert.deepEqual(underWay(), { requests: 0, bytes: 0 })
  }),
)

effect(
  "`admission` lets one caller's bodies take no more than a share, and the others' go on",
  Effect.gen(function* () {
    const { admit, underWay } = admitting()
    for (let i = 0; i < maxCallerBytes / maxDocumentBytes; i++) {
      yield* begun(admit(asked(), reading(maxDocumentBytes, Effect.never), false, "slow"))
    }
    const error = yield* Effect.flip(admit(asked(), reading(1, Effect.die("nobody gets here")), false, "slow"))
    assert.ok(error instanceof Refused && error.refusal.code === "SlowDown")
    assert.equal(yield* admit(asked(), reading(maxDocumentBytes, Effect.succeed("read")), false, "other"), "read")
    assert.equal(underWay().bytes, maxCallerBytes)
    yield* TestClock.adjust("10 seconds")
    assert.equal(yield* admit(asked(), reading(maxDocumentBytes, Effect.succeed("read")), false, "slow"), "read")
    assert.equal(underWay().bytes, 0)
  }),
)

effect(
  "`admission` says whose time it was that went by",
  Effect.gen(function* () {
    const { admit } = admitting()
    const body = yield* begun(Effect.flip(admit(asked(), Effect.never, false)))
    const here = Effect.flatMap(Underway, (underway) => {
      underway!.isHere = true
      assert.equal(underway!.until, 10_000)
      return Effect.never
    })
    const cos = yield* begun(Effect.flip(admit(asked(), here, false)))
    yield* TestClock.adjust("10 seconds")
    const [slow, late] = [yield* Fiber.join(body), yield* Fiber.join(cos)]
    assert.ok(slow instanceof Refused && slow.refusal.code === "RequestTimeout")
    assert.ok(late instanceof Late && late.failure.kind === "timeout")
  }),
)

const Visits = Schema.Array(Schema.Struct({
  bytes: Schema.Literals([0, 1, maxDocumentBytes, maxCallerBytes, maxCallerBytes]),
  name: Schema.Literals(["ann", "ben", "cai", "dan", "eve", "fay"]),
  end: Schema.Literals(["answer", "failure", "defect", "interruption", "never"]),
  takes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 })),
  waits: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
}))

prop(
  "`admission` keeps within its bounds and frees all of it again, however requests end",
  Visits,
  (visits) =>
    Effect.gen(function* () {
      const { admit, underWay } = admitting()
      const ends = {
        answer: Effect.succeed("a"),
        failure: Effect.fail("f"),
        defect: Effect.die("d"),
        interruption: Effect.never,
        never: Effect.never,
      }
      const visiting: Array<{ name: string; bytes: number; hasEnded: () => boolean }> = []
      for (const { bytes, name, end, takes, waits } of visits) {
        const before = underWay().bytes
        const own = visiting.filter((other) => other.name === name && !other.hasEnded())
          .reduce((sum, other) => sum + other.bytes, 0)
        const fiber = yield* begun(
          Effect.exit(
            admit(asked(), reading(bytes, Effect.andThen(Effect.sleep(takes * 1000), ends[end])), false, name),
          ),
        )
        visiting.push({ name, bytes, hasEnded: () => fiber.pollUnsafe() !== undefined })
        const found = fiber.pollUnsafe()
        // Refused at once, or let in
        const isRefused = found !== undefined && Exit.isSuccess(found) && Exit.isFailure(found.value) && takes > 0
        if (
          takes > 0 && isRefused !== (before + bytes > maxBodyBytes || own + bytes > maxCallerBytes)
        ) return false
        if (end === "interruption") {
          yield* begun(Effect.andThen(Effect.sleep(takes * 500), Fiber.interrupt(fiber)))
        }
        if (underWay().bytes > maxBodyBytes || underWay().bytes < 0) return false
        yield* TestClock.adjust(waits * 1000)
      }
      yield* TestClock.adjust("10 seconds")
      const { requests, bytes } = underWay()
      return requests === 0 && bytes === 0
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer())),
  { runs: 300 },
)
