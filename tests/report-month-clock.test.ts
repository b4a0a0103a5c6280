/** The clock of the local COS where several move it, and where the program was started again. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { hashes } from "../adapters/hashes/node.ts"
import { makeCos } from "../adapters/memory/cos.ts"
import { settingsOf } from "../adapters/memory/options.ts"
import { beginRun } from "../adapters/memory/reports/mod.ts"
import { type ClockState, makeTree, type Store } from "../adapters/store/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { effect } from "./harness.ts"
import { day, makeWorld, putRule, ruleOf, source, start } from "./report-world.ts"

const opened = (store: Store, clock?: ClockState) =>
  makeCos({
    store,
    settings: settingsOf({ buckets: [], keys: [], verifySignatures: false }, hashes),
    ...(clock === undefined ? {} : { clock }),
  })
const still = (at: number): ClockState => ({ _tag: "Still", at })

/** Until something is so, while others go on. */
const until = (isSo: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() =>
    isSo() ? Effect.void : Effect.andThen(Effect.promise(() => new Promise(setImmediate)), until(isSo))
  )

effect(
  "a look at the schedules while the clock is being moved makes no report again",
  Effect.gen(function* () {
    const store = makeWorld()
    putRule(store, ruleOf(), start)
    const cos = yield* opened(store, still(start))
    yield* Effect.forkScoped(cos.keepTime)
    const moving = yield* Effect.forkScoped(cos.advance(start + 20 * day))
    yield* until(() => store.runs().length === 5)
    // The look that comes now has to wait
    yield* TestClock.adjust("10 seconds")
    const runs = yield* Fiber.join(moving)
    yield* TestClock.adjust("1 minute")
    yield* cos.settled
    assert.deepEqual(store.meta(), { clock: still(start + 20 * day), looked: start + 20 * day })
    assert.deepEqual(store.runs(), runs)
    assert.deepEqual(runs.map(({ due }) => due), Array.from({ length: 20 }, (_, at) => start + (at + 1) * day))
  }),
)

effect(
  "a clock that stands still goes on from where it was moved to when the store is opened with it again",
  Effect.gen(function* () {
    const cases: ReadonlyArray<readonly [kept: ClockState | undefined, given: ClockState | undefined, is: ClockState]> =
      [
        [undefined, still(5), still(5)],
        [still(9), still(5), still(9)],
        [still(5), still(9), still(9)],
        [still(9), undefined, still(9)],
        [{ _tag: "Moved", offset: 1000 }, still(5), still(5)],
        [{ _tag: "Moved", offset: 1000 }, undefined, { _tag: "Moved", offset: 1000 }],
        [undefined, undefined, { _tag: "Moved", offset: 0 }],
      ]
    for (const [kept, given, is] of cases) {
      const store = makeTree({ hashes })
      if (kept !== undefined) store.commit([{ _tag: "MetaPut", meta: { clock: kept, looked: 0 } }])
      yield* opened(store, given)
      assert.deepEqual(store.meta()!.clock, is, JSON.stringify([kept, given]))
    }
  }),
)

effect(
  "a report that was asked for is not made when the store was emptied before its turn came",
  Effect.gen(function* () {
    const store = makeWorld()
    putRule(store, ruleOf(), start)
    const cos = yield* opened(store, still(start))
    const moving = yield* Effect.forkScoped(cos.advance(start + 3 * day))
    yield* until(() => store.runs().length === 1)
    const xml = writeConfiguration(ruleOf({ id: "once" }))
    const posted = yield* cos.answer({
      method: "POST",
      origin: `http://${source}.cos.ap-guangzhou.myqcloud.com`,
      target: "/?inventory&id=once",
      headers: [["Host", `${source}.cos.ap-guangzhou.myqcloud.com`]],
      body: new TextEncoder().encode(xml.replace(/<IsEnabled>.*<\/IsEnabled>|<Schedule>.*<\/Schedule>/gsu, "")),
    })
    assert.equal(posted.status, 200, new TextDecoder().decode(posted.body as Uint8Array))
    assert.equal(store.runs().at(-1)!.rule, "once")
    store.commit([{ _tag: "RunsCleared" }])
    yield* Fiber.join(moving)
    yield* cos.settled
    assert.equal(store.runs().some(({ rule }) => rule === "once"), false)
  }),
)

effect(
  "a report that a restart finds begun is made once, though its clock is moved at once",
  Effect.gen(function* () {
    const store = makeWorld()
    putRule(store, ruleOf(), start)
    const left = beginRun(store, { bucket: source, rule: "list1", xml: writeConfiguration(ruleOf()) }, start)
    store.commit([{ _tag: "RunPut", run: left }])
    const cos = yield* opened(store, still(start))
    yield* Effect.forkScoped(cos.keepTime)
    yield* Effect.forkScoped(cos.advance(start + day)).pipe(Effect.flatMap(Fiber.join))
    yield* until(() => store.runs().every(({ state }) => state !== "running"))
    assert.deepEqual(store.runs().map(({ due, state }) => [due, state]), [[start, "done"], [start + day, "done"]])
  }),
)
