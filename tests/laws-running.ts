/** Laws of POST: an id runs once a day. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { putInventory, runInventory } from "../core/client.ts"
import { idsIn, job, type Law, refusalOf, rule } from "./laws-world.ts"

export const running: Readonly<Record<string, Law>> = {
  "run answers with a job id and stores no rule": ({ as, at }) =>
    Effect.gen(function* () {
      const run = yield* runInventory(at, job("once"))
      assert.match(run.jobId ?? "", /^[A-Za-z0-9+/]+=*$/)
      assert.equal(run.acceptedEarlier, false)
      assert.deepEqual(yield* idsIn(at), [])
    }).pipe(as()),
  "run is refused as a conflict when the id ran within a day": ({ as, at }) =>
    Effect.gen(function* () {
      yield* runInventory(at, job("once")).pipe(as())
      yield* TestClock.adjust("23 hours")
      const error = yield* refusalOf(runInventory(at, job("once")).pipe(as()))
      assert.deepEqual([error.code, error.reason], ["DuplicateInventoryId", "conflict"])
      yield* runInventory(at, job("another")).pipe(as())
    }),
  "run is accepted when a day has passed": ({ as, at }) =>
    Effect.gen(function* () {
      const first = yield* runInventory(at, job("once")).pipe(as())
      yield* TestClock.adjust("24 hours")
      const second = yield* runInventory(at, job("once")).pipe(as())
      assert.notEqual(second.jobId, first.jobId)
    }),
  "run is refused as a conflict when a periodic rule has the id": ({ as, at, other }) =>
    Effect.gen(function* () {
      yield* putInventory(at, rule("periodic")).pipe(as())
      const error = yield* refusalOf(runInventory(at, job("periodic")).pipe(as()))
      assert.equal(error.code, "DuplicateInventoryId")
      yield* runInventory(other, job("periodic")).pipe(as())
    }),
}
