/** The difference of two rules: nothing for the same meaning, something for any other. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { isSame } from "../core/canonical.ts"
import { changeText, diff } from "../core/diff.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { Generated, good, ruleOf, settled } from "./generated.ts"
import { prop } from "./harness.ts"

prop(
  "diff of a rule with itself is empty",
  Generated,
  (generated) => diff(ruleOf(generated), ruleOf(generated)).length === 0,
)

prop(
  "diff is empty for two rules just when they are the same",
  Schema.Struct({ a: Generated, b: Generated }),
  ({ a, b }) => {
    const before = settled(ruleOf(a))
    const after = settled({ ...ruleOf(b), id: before.id })
    return (diff(before, after).length === 0) === isSame(before, after)
  },
)

test("diff names each field that changes, in the words of the JSON form", () => {
  const after: InventoryConfiguration = {
    ...good,
    isEnabled: false,
    filter: { prefix: "b", tags: [{ key: "age", value: "19" }], period: { startTime: 1568688761 } },
    optionalFields: ["Tag", "x-cos-meta-team", "Size"],
    schedule: { frequency: "Daily" },
  }
  assert.deepEqual(diff(good, after), [
    { path: "isEnabled", before: true, after: false },
    { path: "filter.prefix", before: "myPrefix", after: "b" },
    { path: "filter.tags", before: [{ key: "age", value: "18" }], after: [{ key: "age", value: "19" }] },
    { path: "filter.storageClass", before: "STANDARD" },
    { path: "filter.period.endTime", before: "2019-09-17T02:52:42Z" },
    { path: "schedule.frequency", before: "Monthly", after: "Daily" },
    { path: "schedule.monthlyDate", before: 28 },
  ])
})

test("diff of nothing and a rule names every field", () => {
  assert.equal(diff(undefined, good).every((change) => change.before === undefined && change.after !== undefined), true)
  assert.equal(diff(undefined, good).length, 16)
})

test("diff tells lists apart that would read alike when joined", () => {
  const tags = (key: string, value: string) => ({ ...good, filter: { tags: [{ key, value }] as const } })
  assert.equal(diff(tags("a", "b=c"), tags("a=b", "c")).length, 1)
  const fields = (...names: readonly [string, ...Array<string>]) => ({ ...good, optionalFields: names })
  assert.equal(diff(fields("x-cos-meta-a, x-cos-meta-b"), fields("x-cos-meta-a", "x-cos-meta-b")).length, 1)
  assert.equal(diff(fields('"a"'), fields("a")).length, 1)
  assert.equal(diff(fields("b", "a"), fields("a", "b")).length, 0)
})

test("diff has lists as they are written, and changeText shows two of them in one order", () => {
  const fields = (...optionalFields: readonly [string, ...Array<string>]) => ({ ...good, optionalFields })
  const [change, ...others] = diff(fields("Tag", "Size"), fields("Size", "ETag", "Tag"))
  assert.deepEqual(others, [])
  assert.deepEqual(change, { path: "optionalFields", before: ["Tag", "Size"], after: ["Size", "ETag", "Tag"] })
  assert.deepEqual([change.before, change.after].map(changeText), ["Size, Tag", "ETag, Size, Tag"])
})
