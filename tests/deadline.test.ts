/** What takes too long is ended, and what does not is left alone. */
import { strict as assert } from "node:assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { within } from "../adapters/deadline.ts"
import { effect } from "./harness.ts"

const began = <A, E>(self: Effect.Effect<A, E>) => Effect.forkChild(self, { startImmediately: true })

const ends: Readonly<Record<string, Effect.Effect<string, string>>> = {
  "a value": Effect.succeed("value"),
  "a failure": Effect.fail("failure"),
  "a defect": Effect.die("defect"),
  "an interruption": Effect.interrupt,
}
for (const [what, end] of Object.entries(ends)) {
  effect(
    `\`within\` ends with ${what} as it would end without it, at once or in time`,
    Effect.gen(function* () {
      const bare = yield* Effect.exit(end)
      const exits = [
        yield* Effect.exit(within(end, 1000, () => Effect.succeed("late"))),
        yield* Effect.gen(function* () {
          const slow = yield* began(within(Effect.andThen(Effect.sleep(999), end), 1000, () => Effect.succeed("late")))
          yield* TestClock.adjust(999)
          return yield* Fiber.await(slow)
        }),
      ]
      for (const exit of exits) {
        assert.equal(exit._tag, bare._tag)
        if (Exit.isSuccess(bare)) assert.deepEqual(exit, bare)
        else if (Exit.isFailure(exit)) {
          assert.deepEqual(exit.cause.reasons.map(({ _tag }) => _tag), bare.cause.reasons.map(({ _tag }) => _tag))
        }
      }
    }),
  )
}

effect(
  "`within` is late when the time is over, and not before what it ended has ended",
  Effect.gen(function* () {
    const steps: Array<string> = []
    const closed = yield* Deferred.make<void>()
    const held = Effect.onInterrupt(
      Effect.never,
      () => Effect.andThen(Deferred.await(closed), Effect.sync(() => steps.push("ended"))),
    )
    const fiber = yield* began(within(held, 1000, () => Effect.sync(() => steps.push("late"))))
    yield* TestClock.adjust(999)
    assert.equal(fiber.pollUnsafe(), undefined)
    yield* TestClock.adjust(1)
    assert.deepEqual(steps, [])
    yield* Deferred.succeed(closed, undefined)
    yield* Fiber.join(fiber)
    assert.deepEqual(steps, ["ended", "late"])
  }),
)

effect(
  "`within` ends what it is around when it is interrupted, and waits for that",
  Effect.gen(function* () {
    const steps: Array<string> = []
    const held = Effect.onInterrupt(Effect.never, () => Effect.sync(() => steps.push("ended")))
    const fiber = yield* began(within(held, 1000, () => Effect.sync(() => steps.push("late"))))
    yield* Fiber.interrupt(fiber)
    assert.deepEqual(steps, ["ended"])
    yield* TestClock.adjust(2000)
    assert.deepEqual(steps, ["ended"])
  }),
)
