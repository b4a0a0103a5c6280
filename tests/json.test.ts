/** The JSON form of a rule: round trips, the Schema's own codec beside ours, and every wrong form at once. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { lint } from "../core/lint/mod.ts"
import { InventoryConfiguration, InventoryJob } from "../core/rule.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readValueRules } from "../core/wire/document.ts"
import { type Path, readJson, writeJson } from "../core/wire/json.ts"
import { Generated, good, jobOf, ruleOf, settled, settledJob } from "./generated.ts"
import { prop } from "./harness.ts"

const read = (value: unknown) => readJson({ value })
const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const problems = (value: unknown) => read(value).findings.map((f) => [f.code, f.path])

prop("JSON form reads back what it writes when any rule is generated", Generated, (generated) => {
  const rule = ruleOf(generated)
  const reading = read(throughText(writeJson(rule)))
  assert.deepEqual(reading.findings, [])
  assert.deepEqual(reading.draft, rule)
  return true
})

prop("JSON form is what the Schema encodes and decodes", Generated, (generated) => {
  const rule = ruleOf(generated)
  const written = throughText(writeJson(rule))
  assert.deepEqual(written, throughText(Schema.encodeSync(InventoryConfiguration)(rule)))
  assert.deepEqual(Schema.decodeUnknownSync(InventoryConfiguration)(written), rule)
  const job = jobOf(rule)
  assert.deepEqual(throughText(writeJson(job)), throughText(Schema.encodeSync(InventoryJob)(job)))
  return true
})

/** Places in a rule at which any value is tried. */
const Tried = Schema.Struct({
  at: Schema.Literals([
    "id",
    "isEnabled",
    "filter",
    "filter.prefix",
    "filter.tags",
    "filter.tags.0.value",
    "filter.storageClass",
    "filter.period.startTime",
    "optionalFields.0",
    "schedule.monthlyDate",
    "destination.accountId",
    "destination.prefix",
    "extra",
    "strange",
  ]),
  value: Schema.Union([
    Schema.Json,
    Schema.String,
    Schema.Number,
    Schema.Literals(["", " ", "\0", "\ud800", 0, -0, 1e300]),
  ]),
})

prop("JSON form is of the Schema when lint has nothing against it, whatever stands where", Tried, ({ at, value }) => {
  const written = structuredClone(writeJson(good)) as Record<string, unknown>
  const keys = at.split(".")
  const parent = keys.slice(0, -1).reduce((inner, key) => inner[key] as Record<string, unknown>, written)
  parent[keys.at(-1)!] = value
  const reading = read(written)
  if (lint(reading, { kind: "configuration" }).some((f) => f.severity === "error")) return true
  const rule = settled(reading.draft)
  const again = Result.getOrThrow(readConfiguration(writeConfiguration(rule)))
  assert.deepEqual(settled(again.draft), rule)
  return Schema.is(InventoryConfiguration)(rule)
}, { runs: 1000 })

prop("JSON form never fails to be read, whatever the value is", Schema.Json, (value) => {
  for (const reading of readValueRules({ value })) lint(reading, { kind: "configuration", region: "ap-guangzhou" })
  return true
})

test("JSON form keeps its keys in one order, whatever order they came in", () => {
  const keys = (value: object): ReadonlyArray<string> =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === "object" && !Array.isArray(inner) ? [key, ...keys(inner)] : [key]
    )
  const backwards = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toReversed().map(([key, inner]) => [key, backwards(inner)]))
      : value
  const order = keys(writeJson(good))
  assert.deepEqual(keys(writeJson(backwards(good) as InventoryConfiguration)), order)
  assert.equal(
    order.join(" "),
    "id isEnabled includedObjectVersions filter prefix tags storageClass period startTime endTime optionalFields " +
      "schedule frequency monthlyDate destination bucket accountId prefix format encryption",
  )
})

test("JSON form writes times in UTC and reads them in any accepted form", () => {
  const period = (startTime: unknown) => read({ filter: { period: { startTime } } }).draft.filter?.period
  assert.deepEqual((writeJson(good)["filter"] as { period: unknown }).period, {
    startTime: "2019-09-17T02:52:41Z",
    endTime: "2019-09-17T02:52:42Z",
  })
  for (
    const form of [
      "2019-09-17T02:52:41Z",
      "2019-09-17T02:52:41.000Z",
      "2019-09-17T02:52:41+00:00",
      1568688761,
      "1568688761",
    ]
  ) {
    assert.deepEqual(period(form), { startTime: 1568688761 }, String(form))
  }
  for (
    const form of [
      "2019-09-17",
      "2019-02-30T00:00:00Z",
      "2019-09-17T24:00:00Z",
      "2019-09-17T02:52:41+08:00",
      "2019-09-17T02:52:41.5Z",
      "",
      " 1",
      "1e3",
      1.5,
      true,
      null,
      {},
      -0.5,
      2 ** 53,
    ]
  ) {
    assert.deepEqual(
      problems({ filter: { period: { startTime: form } } }),
      [["wrong-type", "filter.period.startTime"]],
      String(form),
    )
  }
})

test("JSON form refuses milliseconds with the seconds they mean", () => {
  for (const time of [1568688761000, "1568688761000"]) {
    const found = lint(read({ ...writeJson(good), filter: { period: { startTime: time } } }), { kind: "configuration" })
    assert.deepEqual(found.map((f) => f.code), ["time-range"])
    assert.match(found[0]!.fix, /milliseconds: write 1568688761 \(2019-09-17T02:52:41Z\)/u)
  }
})

test("JSON form asks for quotes when a number or a flag stands where text belongs", () => {
  const findings =
    read({ id: 7, filter: { prefix: true, tags: [{ key: "a", value: 18 }] }, optionalFields: [1] }).findings
  assert.deepEqual(findings.map((f) => [f.path, f.fix]), [
    ["id", 'Put quotes around it: "7"'],
    ["filter.prefix", 'Put quotes around it: "true"'],
    ["filter.tags[0].value", 'Put quotes around it: "18"'],
    ["optionalFields[0]", 'Put quotes around it: "1"'],
  ])
})

test("JSON form reports every wrong form of a document in one run, and no missing value for what is there", () => {
  const value = {
    id: null,
    isEnabled: "true",
    includedObjectVersions: [],
    filter: "myPrefix",
    optionalFields: "Size",
    schedule: { frequency: {}, monthlyDate: "28" },
    destination: { bucket: 1, format: " CSV", encryption: true, kmsKey: "x" },
    extra: [{ in: "/" }, "x"],
  }
  const reading = read(value)
  assert.deepEqual(reading.findings.map((f) => [f.code, f.path]), [
    ["wrong-type", "id"],
    ["wrong-type", "isEnabled"],
    ["wrong-type", "includedObjectVersions"],
    ["wrong-type", "filter"],
    ["wrong-type", "optionalFields"],
    ["wrong-type", "schedule.frequency"],
    ["wrong-type", "schedule.monthlyDate"],
    ["wrong-type", "destination.bucket"],
    ["wrong-type", "destination.format"],
    ["wrong-type", "destination.encryption"],
    ["unknown-key", "destination.kmsKey"],
    ["wrong-type", "extra[0]"],
    ["wrong-type", "extra[1]"],
  ])
  assert.deepEqual(lint(reading, { kind: "configuration" }).length, reading.findings.length)
})

test("JSON form still reports its neighbours, each under its own number, when one item cannot be read", () => {
  const reading = read({ ...writeJson(good), optionalFields: [5, "Sizee", "Tag", {}, "Tag"] })
  assert.deepEqual(lint(reading, { kind: "configuration" }).map((f) => [f.code, f.path]), [
    ["wrong-type", "optionalFields[0]"],
    ["wrong-type", "optionalFields[3]"],
    ["field-known", "optionalFields[1]"],
    ["field-repeated", "optionalFields[4]"],
  ])
})

test("JSON form suggests the key that was meant", () => {
  const findings =
    read({ ID: "a", isEnable: true, filters: {}, optional_fields: [], constructor: 1, toString: 2, wholly: 3 }).findings
  assert.deepEqual(findings.map((f) => [f.path, f.fix]), [
    ["ID", 'Did you mean "id"?'],
    ["isEnable", 'Did you mean "isEnabled"?'],
    ["filters", 'Did you mean "filter"?'],
    ["optional_fields", 'Did you mean "optionalFields"?'],
    ["constructor", "Remove it"],
    ["toString", "Remove it"],
    ["wholly", "Remove it"],
  ])
})

test("JSON form reports a __proto__ key and is not changed by it", () => {
  const reading = read(JSON.parse('{"__proto__":{"id":"evil"},"filter":{"__proto__":{"prefix":"x"}},"id":"a"}'))
  assert.deepEqual(reading.findings.map((f) => f.path), ["__proto__", "filter.__proto__"])
  assert.equal(reading.draft.id, "a")
  assert.equal(reading.draft.filter?.prefix, undefined)
})

test("JSON form finds the place of each value and of keys with dots and brackets in them", () => {
  const asked: Array<Path> = []
  const position = (path: Path) => {
    asked.push(path)
    return { line: path.length, column: 1 }
  }
  const reading = readJson({ value: { "a.b[0]": 1, filter: { "x.y": 1, tags: [{ key: 1 }] } }, position }, ["rules", 0])
  assert.deepEqual(asked, [["rules", 0, "a.b[0]"], ["rules", 0, "filter", "x.y"], [
    "rules",
    0,
    "filter",
    "tags",
    0,
    "key",
  ]])
  assert.deepEqual(reading.findings.map((f) => f.position?.line), [3, 4, 6])
})

test("JSON form says what a value is when JSON cannot", () => {
  const circle: Record<string, unknown> = {}
  circle["a"] = circle
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  const findings =
    read({ id: circle, isEnabled: deep, includedObjectVersions: 7n, filter: { prefix: Symbol("s") } }).findings
  // How deep JSON.stringify goes is the runtime's
  assert.match(findings[1]!.found!, /^(?:a list|\[{80}…)$/u)
  assert.deepEqual(findings.map((f) => f.found).toSpliced(1, 1), ["an object", "7", "Symbol(s)"])
})

test("a document of another version is refused, whatever its version is", () => {
  const codes = (version: unknown) =>
    readValueRules({ value: { version, configuration: writeJson(good) } }).flatMap((r) => r.findings.map((f) => f.code))
  assert.deepEqual(codes(1), [])
  for (const version of [2, "1", null, { toString: 1, valueOf: 1 }, []]) {
    assert.deepEqual(codes(version), ["document-version"])
  }
})

test("a document's envelopes and lists are read rule by rule", () => {
  const rule = writeJson(good)
  const { isEnabled: _, schedule: __, ...job } = rule
  const drafts = (value: unknown) => readValueRules({ value }).map((r) => r.draft)
  assert.deepEqual(drafts(rule), [good])
  assert.deepEqual(drafts([rule, rule]), [good, good])
  assert.deepEqual(drafts({ version: 1, configuration: rule }), [good])
  assert.deepEqual(drafts({ version: 1, configurations: [rule, rule] }), [good, good])
  assert.deepEqual(drafts({ version: 1, job }).map((draft) => settledJob(draft)), [jobOf(good)])
  assert.deepEqual(drafts([]), [])
  for (const value of [null, 1, "x", [null], { configuration: null }]) {
    assert.deepEqual(readValueRules({ value }).flatMap((r) => r.findings.map((f) => f.code)), ["wrong-type"])
  }
})
