/** The API's own names in JSON, as coscli and the SDKs write them: the same rule as its XML, and no slip passed over. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { lint } from "../core/lint/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { isApiShape, readApiJson } from "../core/wire/api-json.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readValueRules } from "../core/wire/document.ts"
import { type Path } from "../core/wire/json.ts"
import { Generated, ruleOf, ruleSamples, sample, settled } from "./generated.ts"
import { type Element, isElement, readXml, textOf } from "../core/wire/xml/mod.ts"
import { prop } from "./harness.ts"

const read = (value: unknown) => readApiJson({ value })
const problems = (value: unknown) => read(value).findings.map((f) => [f.code, f.path])

/** An element as SDKs give it: a text, or an object in which repeated children are a list. */
const objectOf = (element: Element): unknown => {
  const children = element.children.filter(isElement)
  if (children.length === 0) return textOf(element)
  const out: Record<string, unknown> = {}
  for (const child of children) {
    const before = out[child.tagName]
    const value = objectOf(child)
    out[child.tagName] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return out
}

const rootOf = (xml: string): Element => Result.getOrThrow(readXml(xml)).root

prop("API-shaped JSON is read as the XML that it stands for", Generated, (generated) => {
  const { extra: _, ...rule } = ruleOf(generated)
  const xml = writeConfiguration(rule as InventoryConfiguration)
  const reading = read(objectOf(rootOf(xml)))
  assert.deepEqual(reading.findings, [])
  assert.deepEqual(settled(reading.draft), settled(Result.getOrThrow(readConfiguration(xml)).draft))
  return true
})

for (const name of ruleSamples) {
  test(`API-shaped JSON is read as the XML that it stands for when it is the sample ${name}`, () => {
    const value = objectOf(rootOf(sample(name)))
    const expected = Result.getOrThrow(readConfiguration(sample(name))).draft
    assert.deepEqual(read(value).draft, expected)
    assert.deepEqual(read({ InventoryConfiguration: value }).draft, expected)
    assert.deepEqual(readValueRules({ value }).map((r) => r.draft), [expected])
  })
}

test("API-shaped JSON reads the Node SDK's object, its SSECOS and its bare list of fields", () => {
  const [reading] = readValueRules({ value: JSON.parse(sample("node-object.json")) })
  assert.deepEqual(reading!.findings, [])
  assert.deepEqual(settled(reading!.draft), {
    id: "inventory_test",
    isEnabled: true,
    includedObjectVersions: "All",
    filter: { prefix: "myPrefix" },
    optionalFields: ["Size"],
    schedule: { frequency: "Daily" },
    destination: {
      bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
      accountId: "100000000001",
      prefix: "inventory_prefix_1",
      format: "CSV",
      encryption: "SSE-COS",
    },
  })
  assert.deepEqual(lint(reading!, { kind: "configuration" }), [])
})

test("API-shaped JSON reads one tag, many tags, none, Go's ID and a bare destination", () => {
  const tags = (Tag: unknown) => read({ Id: "a", Filter: { And: { Tag } } }).draft.filter
  assert.deepEqual(tags({ Key: "a", Value: "" }), { tags: [{ key: "a", value: "" }] })
  assert.deepEqual(tags([{ Key: "a", Value: "1" }, { Key: "b", Value: "2" }])?.tags?.length, 2)
  assert.deepEqual(tags([]), {})
  assert.equal(read({ ID: "a" }).draft.id, "a")
  assert.deepEqual(read({ Destination: { Bucket: "b", Format: "CSV" } }).draft.destination, {
    bucket: "b",
    format: "CSV",
  })
})

test("API-shaped JSON takes numbers where the API has numbers and asks for quotes elsewhere", () => {
  const good = { Schedule: { MonthlyDate: 5 }, Filter: { Period: { StartTime: 1568688761 } }, IsEnabled: true }
  assert.deepEqual(read(good).findings, [])
  assert.deepEqual(
    problems({
      Id: 7,
      Filter: { Prefix: true },
      OptionalFields: [5],
      Destination: { Bucket: 1, AccountId: 100000000001 },
    }),
    [
      ["wrong-type", "Id"],
      ["wrong-type", "Prefix"],
      ["wrong-type", "Field"],
      ["wrong-type", "Bucket"],
      ["wrong-type", "AccountId"],
    ],
  )
  assert.deepEqual(problems({ Schedule: { MonthlyDate: 1e21 } }), [["not-integer", "schedule.monthlyDate"]])
})

test("API-shaped JSON refuses text where an object belongs, which would widen the rule", () => {
  assert.deepEqual(problems({ Filter: "myPrefix" }), [["wrong-type", "Filter"]])
  assert.deepEqual(problems({ Filter: { And: 5, Period: true } }), [["wrong-type", "And"], ["wrong-type", "Period"]])
  assert.deepEqual(problems({ OptionalFields: "Size" }), [["wrong-type", "OptionalFields"]])
  assert.deepEqual(problems({ Destination: { Bucket: "b", Encryption: "SSE-COS" } }), [["wrong-type", "Encryption"]])
  assert.deepEqual(problems({ Filter: { And: { Tag: "age" } } }), [["wrong-type", "Tag"]])
  assert.deepEqual(problems({ Id: { a: 1 } }), [["element-in-text", "id"]])
  assert.deepEqual(problems({ Id: ["a", "b"] }), [["repeated-element", "id"]])
})

test("API-shaped JSON reports unknown keys with the one that was meant, prototypes' names among them", () => {
  const value = JSON.parse(
    '{"Id":"a","Filtre":{},"constructor":1,"toString":{"a":1},"__proto__":{"Id":"b"},"Filter":{"Prefx":"x","valueOf":1}}',
  )
  const findings = read(value).findings
  assert.deepEqual(findings.map((f) => [f.code, f.path, f.fix]), [
    ["unknown-key", "Filtre", 'Did you mean "Filter"?'],
    ["unknown-key", "constructor", "Remove it"],
    ["unknown-key", "toString", "Remove it"],
    ["unknown-key", "__proto__", "Remove it"],
    ["unknown-key", "Filter/Prefx", 'Did you mean "Prefix"?'],
    ["unknown-key", "Filter/valueOf", "Remove it"],
  ])
  assert.equal(read(value).draft.id, "a")
})

test("API-shaped JSON is not looked into where it is unknown, however deep it is", () => {
  let deep: unknown = "x"
  for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { a: deep }
  const codes = ["Later", "Id", "Filter", "SSE-COS", "OptionalFields"].map((key) =>
    problems({ Id: "a", [key]: deep })[0]?.[0]
  )
  assert.deepEqual(codes, ["unknown-key", "element-in-text", "unknown-key", "unknown-key", "unknown-key"])
})

test("API-shaped JSON finds the place of each problem", () => {
  const asked = new Set<string>()
  const position = (path: Path) => {
    asked.add(path.join("/"))
    return { line: 1, column: 1 }
  }
  const value = {
    InventoryConfiguration: {
      Id: 5,
      OptionalFields: ["Size", { x: 1 }],
      Filter: { Odd: 1, Period: { StartTime: "x" } },
    },
  }
  const reading = readApiJson({ value, position }, ["rules", 2])
  assert.equal(reading.findings.every((f) => f.position !== undefined), true)
  assert.deepEqual([...asked].toSorted(), [
    "rules/2/InventoryConfiguration/Filter/Odd",
    "rules/2/InventoryConfiguration/Filter/Period/StartTime",
    "rules/2/InventoryConfiguration/Id",
    "rules/2/InventoryConfiguration/OptionalFields/1",
  ])
})

prop(
  "API-shaped JSON never fails to be read, whatever it holds",
  Schema.Record(
    Schema.Literals(["Id", "Filter", "OptionalFields", "Destination", "Schedule", "IsEnabled", "And"]),
    Schema.Json,
  ),
  (value) => {
    if (!isApiShape(value)) return true
    const reading = read(value)
    lint(reading, { kind: "configuration", region: "ap-guangzhou" })
    return reading.position("filter.prefix") === undefined
  },
)
