/** Laws of PUT, GET and DELETE: what is stored is what was sent. */
import { strict as assert } from "node:assert"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { deleteInventory, getInventory, putInventory } from "../core/client.ts"
import { type Filter, Text } from "../core/rule.ts"
import { idsIn, type Law, names, refusalOf, region, rule } from "./laws-world.ts"

export const storing: Readonly<Record<string, Law>> = {
  "get returns the rule when it was put": ({ as, at }) =>
    Effect.gen(function* () {
      const property = ({ id, ...rest }: typeof Rules.Type) =>
        Effect.gen(function* () {
          const sent = rule(id, rest)
          yield* putInventory(at, sent)
          // Generated objects have no prototype
          assert.deepEqual((yield* getInventory(at, id)).configuration, structuredClone(sent))
          return true
        }).pipe(as())
      const result = yield* Arbitrary.checkEffect(Arbitrary.schema(Rules), property, { runs: 60, seed: 1 })
      const failure = Arbitrary.formatCheckFailure(result)
      if (failure !== undefined) assert.fail(failure)
    }),
  "put replaces the rule when its id exists": ({ as, at }) =>
    Effect.gen(function* () {
      yield* putInventory(at, rule("a", { filter: { prefix: "before/" } }))
      yield* putInventory(at, rule("a", { isEnabled: false }))
      const { configuration } = yield* getInventory(at, "a")
      assert.deepEqual(configuration, rule("a", { isEnabled: false }))
      assert.deepEqual(yield* idsIn(at), ["a"])
    }).pipe(as()),
  "get and put again keeps unknown elements when COS has added some": ({ as, at }) =>
    Effect.gen(function* () {
      const extra = [
        { in: "/", xml: "<Colour><Shade>blue &amp; dark</Shade></Colour>" },
        { in: "/Filter/And", xml: "<Weather>fine</Weather>" },
        { in: "/Destination/COSBucketDestination/Encryption", xml: "<Umbrella/>" },
      ] as const
      yield* putInventory(at, rule("a", { extra: [...extra] }))
      const { configuration } = yield* getInventory(at, "a")
      yield* putInventory(at, { ...configuration, isEnabled: false })
      const after = yield* getInventory(at, "a")
      const byPlace = (a: { in: string }, b: { in: string }) => a.in < b.in ? -1 : 1
      assert.deepEqual([...after.configuration.extra ?? []].sort(byPlace), [...extra].sort(byPlace))
    }).pipe(as()),
  "get returns the same filter when it has any of the documented forms": ({ as, at }) =>
    Effect.gen(function* () {
      const tags = [{ key: "age", value: "18" }, { key: "empty", value: "" }] as const
      const filters: ReadonlyArray<Filter> = [
        { prefix: "a/b c&<>\"'" },
        { tags: [tags[0]] },
        { prefix: " with space ", tags: [...tags] },
        { period: { startTime: 1568688761 } },
        { prefix: "p", period: { startTime: 1568688761, endTime: 1568688762 } },
        { tags: [...tags], period: { endTime: 1568688762 } },
        { storageClass: "STANDARD" },
        { prefix: "腾讯云/", tags: [tags[0]], storageClass: "ARCHIVE", period: { endTime: 1 } },
      ]
      for (const [i, filter] of filters.entries()) {
        const sent = rule(`f${i}`, { filter, optionalFields: ["Tag"] })
        yield* putInventory(at, sent)
        assert.deepEqual((yield* getInventory(at, sent.id)).configuration, sent)
      }
    }).pipe(as()),
  "delete answers the same when the rule is gone already": ({ as, at }) =>
    Effect.gen(function* () {
      yield* putInventory(at, rule("a"))
      yield* deleteInventory(at, "a")
      assert.equal((yield* refusalOf(getInventory(at, "a").pipe(as()))).reason, "not-found")
      yield* deleteInventory(at, "a")
      assert.deepEqual(yield* idsIn(at), [])
    }).pipe(as()),
  "get is refused as not found when there is no such rule": ({ as, at }) =>
    Effect.gen(function* () {
      const error = yield* refusalOf(getInventory(at, "none").pipe(as()))
      assert.deepEqual([error.reason, error.status, error.code], [
        "not-found",
        404,
        "InventoryConfigurationNotFoundError",
      ])
    }),
  "put keeps every rule when many come at once": ({ as, at }) =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 40 }, (_, i) => `at-once-${i}`)
      yield* Effect.forEach(ids, (id) => putInventory(at, rule(id)), { concurrency: 10, discard: true })
      assert.deepEqual((yield* idsIn(at)).toSorted(), ids.toSorted())
    }).pipe(as()),
  "two buckets keep their rules apart": ({ as, at, other }) =>
    Effect.gen(function* () {
      yield* putInventory(at, rule("shared"))
      yield* putInventory(other, rule("shared", { isEnabled: false }))
      yield* deleteInventory(at, "shared")
      assert.equal((yield* getInventory(other, "shared")).configuration.isEnabled, false)
      assert.deepEqual(yield* idsIn(at), [])
    }).pipe(as()),
}

/** Rules that lint accepts, over what XML and percent-encoding could spoil. */
const Rules = Schema.Struct({
  id: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9._-]{1,20}$/u)),
  isEnabled: Schema.Boolean,
  includedObjectVersions: Schema.Literals(["All", "Current"]),
  schedule: Schema.Union([
    Schema.Struct({ frequency: Schema.Literals(["Daily", "Weekly"]) }),
    Schema.Struct({
      frequency: Schema.Literal("Monthly"),
      monthlyDate: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 28 })),
    }),
  ]),
  filter: Schema.optionalKey(Schema.Struct({ prefix: Text })),
  destination: Schema.Struct({
    bucket: Schema.Literal(`qcs::cos:${region}::${names.bucket}`),
    format: Schema.Literal("CSV"),
    prefix: Schema.optionalKey(Text),
    encryption: Schema.optionalKey(Schema.Literal("SSE-COS")),
  }),
})
