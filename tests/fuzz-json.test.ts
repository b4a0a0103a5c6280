/** Mutated JSON: either shape is read to drafts and findings, never to a crash. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { isError, lint } from "../core/lint/mod.ts"
import { InventoryConfiguration } from "../core/rule.ts"
import { readValueRules } from "../core/wire/document.ts"
import { writeJson } from "../core/wire/json.ts"
import { dice, good, sample, settled } from "./generated.ts"

const api = JSON.parse(sample("node-object.json")) as unknown
const starts = [writeJson(good), api, { version: 1, configurations: [writeJson(good), api] }, {
  InventoryConfiguration: api,
}]
const strange: ReadonlyArray<unknown> = [
  null,
  0,
  -1,
  1.5,
  1e21,
  true,
  "",
  " ",
  "x",
  "\0",
  "\ud800",
  [],
  [[]],
  {},
  { a: 1 },
  "2019-09-17T02:52:41Z",
  "1568688761000",
  { Key: "a" },
  ["Size"],
]
const keys = [
  "id",
  "Id",
  "ID",
  "__proto__",
  "constructor",
  "filter",
  "Filter",
  "And",
  "Tag",
  "tags",
  "prefix",
  "extra",
  "SSECOS",
  "Bucket",
  "Destination",
  "configuration",
  "version",
]

/** A copy with one thing in it replaced, removed, renamed or wrapped. */
const mutate = (value: unknown, roll: (below: number) => number): unknown => {
  if (typeof value !== "object" || value === null || roll(6) === 0) {
    return roll(3) === 0 ? [value, value] : strange[roll(strange.length)]
  }
  if (Array.isArray(value)) return value.map((item, i) => i === roll(value.length) ? mutate(item, roll) : item)
  const entries = Object.entries(value)
  const at = roll(entries.length + 1)
  const added = roll(5) === 0 ? [[keys[roll(keys.length)]!, strange[roll(strange.length)]] as const] : []
  const changed = entries.flatMap(([key, inner], i) =>
    i !== at
      ? [[key, inner] as const]
      : roll(8) === 0
      ? []
      : [[roll(8) === 0 ? keys[roll(keys.length)]! : key, mutate(inner, roll)] as const]
  )
  // `fromEntries` defines, so that a "__proto__" stays a key as it does in JSON.parse
  return Object.fromEntries([...changed, ...added])
}

test("a mutated value of either shape is read, and is of the Schema when nothing is found", () => {
  const roll = dice(5)
  let clean = 0
  for (let i = 0; i < 4000; i++) {
    let value = starts[roll(starts.length)]
    for (let times = 1 + roll(3); times > 0; times--) value = mutate(value, roll)
    for (const reading of readValueRules({ value })) {
      const findings = lint(reading, { kind: "configuration", region: "ap-guangzhou" })
      for (const f of findings) for (const said of [f.message, f.allowed, f.fix]) assert.equal(typeof said, "string")
      if (findings.some(isError)) continue
      clean++
      assert.equal(Schema.is(InventoryConfiguration)(settled(reading.draft)), true, JSON.stringify(value))
    }
  }
  assert.equal(clean > 100, true, `${clean} were clean`)
})
