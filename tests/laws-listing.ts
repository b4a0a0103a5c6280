/** Laws of LIST and GET Service: everything once, in order, in pages. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { deleteInventory, listBuckets, listPages, putInventory } from "../core/client.ts"
import { idsIn, type Law, names, preloaded, refusalOf, region, rule, ruleNumbers } from "./laws-world.ts"

export const listing: Readonly<Record<string, Law>> = {
  "list follows creation when rules were replaced and deleted": ({ as, at }) =>
    Effect.gen(function* () {
      for (const id of ["c", "a", "b", "d"]) yield* putInventory(at, rule(id))
      yield* putInventory(at, rule("a", { isEnabled: false }))
      yield* deleteInventory(at, "c")
      yield* putInventory(at, rule("c"))
      assert.deepEqual(yield* idsIn(at), ["a", "b", "d", "c"])
    }).pipe(as()),
  "list is empty when the bucket has no rule": ({ as, at }) =>
    Effect.gen(function* () {
      const pages = [...yield* Stream.runCollect(listPages(at))]
      assert.deepEqual(pages.map(({ configurations, isTruncated }) => [configurations.length, isTruncated]), [[
        0,
        false,
      ]])
    }).pipe(as()),
  "list comes in pages of 100 when the bucket has 250 rules": ({ as, at }) =>
    Effect.gen(function* () {
      const many = { ...at, bucket: "many-1250000000" }
      const pages = [...yield* Stream.runCollect(listPages(many))]
      assert.deepEqual(pages.map(({ configurations }) => configurations.length), [100, 100, 50])
      assert.deepEqual(pages.map(({ isTruncated }) => isTruncated), [true, true, false])
      assert.deepEqual(pages.flatMap(({ configurations }) => configurations), ruleNumbers(preloaded))
    }).pipe(as()),
  "list gives every rule once when one was replaced": ({ as, at }) =>
    Effect.gen(function* () {
      const many = { ...at, bucket: "many-1250000000" }
      yield* putInventory(many, rule("rule-50", { isEnabled: false }))
      assert.deepEqual(yield* idsIn(many), ruleNumbers(preloaded).map(({ id }) => id))
    }).pipe(as()),
  "list skips no rule when some are deleted between two pages": ({ as, at }) =>
    Effect.gen(function* () {
      const many = { ...at, bucket: "many-1250000000" }
      let isFirst = true
      const ids: Array<string> = []
      yield* Stream.runForEach(listPages(many), ({ configurations }) => {
        ids.push(...configurations.map(({ id }) => id))
        if (!isFirst) return Effect.void
        isFirst = false
        return Effect.forEach(["rule-0", "rule-99"], (id) => deleteInventory(many, id), { discard: true })
      })
      assert.deepEqual(ids, ruleNumbers(preloaded).map(({ id }) => id))
    }).pipe(as()),
  "put is refused as full when the bucket has 1000 rules": ({ as, at }) =>
    Effect.gen(function* () {
      const almost = { ...at, bucket: "almost-1250000000" }
      yield* putInventory(almost, rule("the-last")).pipe(as())
      const error = yield* refusalOf(putInventory(almost, rule("too-many")).pipe(as()))
      assert.deepEqual([error.code, error.reason], ["InventoryFull", "full"])
      yield* putInventory(almost, rule("rule-5", { isEnabled: false })).pipe(as())
      yield* deleteInventory(almost, "rule-0").pipe(as())
      yield* putInventory(almost, rule("too-many")).pipe(as())
    }),
  "buckets are listed when the account is asked": ({ as, cos }) =>
    Effect.gen(function* () {
      const buckets = yield* Stream.runCollect(
        listBuckets(cos.endpoint === undefined ? {} : { endpoint: cos.endpoint }),
      ).pipe(as())
      const found = [...buckets].map(({ name, location }) => [name, location])
      assert.deepEqual(
        found,
        ["almost-1250000000", names.bucket, "many-1250000000", names.other].map((name) => [name, region]),
      )
    }),
}
