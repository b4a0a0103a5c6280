/** A rule in XML: round trips, and what is accepted on purpose. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { lint } from "../core/lint/mod.ts"
import { type Extra, InventoryConfiguration, InventoryJob } from "../core/rule.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { Generated, good, jobOf, ruleOf, ruleSamples, sample, settled, settledJob } from "./generated.ts"
import { prop } from "./harness.ts"

const read = (xml: string) => Result.getOrThrow(readConfiguration(xml))
const wrap = (inside: string) => `<InventoryConfiguration>${inside}</InventoryConfiguration>`

prop("configuration reads back what it writes when any rule is generated", Generated, (generated) => {
  const rule = ruleOf(generated)
  const reading = read(writeConfiguration(rule))
  assert.deepEqual(reading.findings, [])
  assert.deepEqual(settled(reading.draft), settled(rule))
  return true
})

prop("configuration reads back what it writes when any job is generated", Generated, (generated) => {
  const job = jobOf(ruleOf(generated))
  const written = job.extra?.filter((e) => e.in !== "/Schedule") ?? []
  const reading = read(writeConfiguration(job))
  assert.equal(reading.draft.schedule, undefined)
  assert.equal(reading.draft.isEnabled, undefined)
  const { extra: _, ...rest } = job
  const expected = written.length === 0 ? rest : { ...rest, extra: written as [Extra, ...Array<Extra>] }
  assert.deepEqual(settledJob(reading.draft), settledJob(expected))
  return true
})

prop("configuration is of the Schema when it was read without findings", Generated, (generated) => {
  const reading = read(writeConfiguration(ruleOf(generated)))
  return reading.findings.length === 0 && Schema.is(InventoryConfiguration)(settled(reading.draft)) &&
    Schema.is(InventoryJob)(settledJob(reading.draft))
})

prop("configuration writes the same text again when it was read back", Generated, (generated) => {
  const once = writeConfiguration(settled(ruleOf(generated)))
  return writeConfiguration(settled(read(once).draft)) === once
})

for (const name of ruleSamples) {
  test(`configuration reads the sample ${name} whole and of the Schema`, () => {
    const reading = read(sample(name))
    assert.deepEqual(reading.findings, [])
    const rule = settled(reading.draft)
    assert.equal(Schema.is(InventoryConfiguration)(rule), true)
    assert.equal(rule.extra, undefined)
    assert.deepEqual(settled(read(writeConfiguration(rule)).draft), rule)
  })
}

test("configuration reads the sample post.xml as a job of the Schema", () => {
  const reading = read(sample("post.xml"))
  assert.deepEqual(reading.findings, [])
  const job = settledJob(reading.draft)
  assert.equal(Schema.is(InventoryJob)(job), true)
  assert.deepEqual(lint(reading, { kind: "job", region: "ap-guangzhou" }), [])
})

test("configuration reads a draft from the page's tree of nodes, whose placeholders lint reports", () => {
  const reading = read(sample("put-nodes.xml"))
  assert.equal(reading.draft.id, "list1")
  const codes = lint(reading, { kind: "configuration" }).map((f) => f.code)
  assert.deepEqual(codes, ["frequency-known"])
})

test("configuration is clean under lint when it is an example of the PUT page", () => {
  for (const name of ["put-1.xml", "put-2.xml", "put-3.xml"]) {
    assert.deepEqual(lint(read(sample(name)), { kind: "configuration", region: "ap-guangzhou" }), [], name)
  }
})

test("configuration of coscli's help has its reversed period reported, with its place", () => {
  const findings = lint(read(sample("coscli-help.xml")), { kind: "configuration", region: "ap-nanjing" })
  assert.deepEqual(findings.map((f) => [f.code, f.path]), [["period-order", "filter.period.startTime"]])
  const { line, column } = findings[0]!.position!
  assert.equal(sample("coscli-help.xml").split("\n")[line - 1]!.slice(column - 1).startsWith("<StartTime>"), true)
})

test("configuration means the same when a prefix stands in Filter or in And", () => {
  const bare = read(wrap("<Filter><Prefix>a</Prefix></Filter>")).draft
  assert.deepEqual(bare, read(wrap("<Filter><And><Prefix>a</Prefix></And></Filter>")).draft)
  assert.deepEqual(bare, { filter: { prefix: "a" } })
})

test("configuration keeps prefix, tags, storage class and period through a get and a put", () => {
  assert.deepEqual(settled(read(writeConfiguration(good)).draft), good)
  const many = { ...good, filter: { tags: [{ key: "a", value: "" }, { key: "b", value: "2" }] as const } }
  assert.deepEqual(settled(read(writeConfiguration(many)).draft), many)
})

test("configuration has encryption when SSE-COS is there in any form", () => {
  const forms = ["<SSE-COS/>", "<SSE-COS></SSE-COS>", "<SSE-COS> </SSE-COS>", "<SSE-COS>111</SSE-COS>", "<x:SSE-COS/>"]
  for (const form of forms) {
    for (const inside of [`<Encryption>${form}</Encryption>`, form]) {
      const { draft } = read(wrap(`<Destination><COSBucketDestination>${inside}</COSBucketDestination></Destination>`))
      assert.equal(draft.destination?.encryption, "SSE-COS", inside)
    }
  }
  const none = read(wrap("<Destination><COSBucketDestination><Encryption/></COSBucketDestination></Destination>"))
  assert.equal(none.draft.destination?.encryption, undefined)
})

test("configuration reads true and false in any case and nothing else as a flag", () => {
  for (const word of ["true", "True", "TRUE", " true\n"]) {
    assert.equal(read(wrap(`<IsEnabled>${word}</IsEnabled>`)).draft.isEnabled, true)
  }
  assert.equal(read(wrap("<IsEnabled>False</IsEnabled>")).draft.isEnabled, false)
  for (const word of ["", "1", "yes", "truee", "true false", "tRuE<!---->x"]) {
    const reading = read(wrap(`<IsEnabled>${word}</IsEnabled>`))
    assert.deepEqual([reading.draft.isEnabled, reading.findings[0]?.code], [undefined, "not-flag"], word)
  }
})

test("configuration reads whole numbers only in plain digits", () => {
  const date = (text: string) => read(wrap(`<Schedule><MonthlyDate>${text}</MonthlyDate></Schedule>`))
  for (
    const [text, number] of [["1", 1], ["01", 1], ["-1", -1], [" 28 ", 28], ["-0", 0], [
      "999999999999999",
      999999999999999,
    ]] as const
  ) {
    assert.equal(Object.is(date(text).draft.schedule?.monthlyDate, number), true, text)
  }
  assert.deepEqual([date(" ").draft.schedule, date(" ").findings], [{}, []], "an empty one is none")
  for (const text of ["1e3", "+1", "1.0", "0x1", "１", "9007199254740993", "1 2", "NaN", "Infinity"]) {
    const reading = date(text)
    assert.deepEqual([reading.draft.schedule, reading.findings[0]?.code], [{}, "not-integer"], text)
    assert.equal(reading.unread.has("schedule.monthlyDate"), true)
  }
})

test("configuration keeps the white space of prefixes and tags and trims words", () => {
  const rule = { ...good, filter: { ...good.filter, prefix: " a\r\n\t", tags: [{ key: " k ", value: "\n" }] as const } }
  assert.deepEqual(settled(read(writeConfiguration(rule)).draft), rule)
  assert.equal(read(wrap("<Id>\n list1\t</Id>")).draft.id, "list1")
})

test("configuration refuses nothing and keeps all when elements are unknown, prefixed or named like prototypes", () => {
  const unknown =
    "<Later a='1'>x<y/></Later><__proto__>1</__proto__><constructor/><toString>2</toString><n:hasOwnProperty/>"
  const reading = read(wrap(`<Id>a</Id>${unknown}<Filter><valueOf/></Filter>`))
  assert.deepEqual(reading.findings, [])
  assert.deepEqual(reading.draft.extra?.map((e) => [e.in, e.xml]), [
    ["/", "<Later a='1'>x<y/></Later>"],
    ["/", "<__proto__>1</__proto__>"],
    ["/", "<constructor/>"],
    ["/", "<toString>2</toString>"],
    ["/", "<n:hasOwnProperty/>"],
    ["/Filter", "<valueOf/>"],
  ])
  assert.equal(Object.getPrototypeOf(reading.draft), Object.prototype)
})

test("configuration keeps words named like prototypes as the words they are", () => {
  const words = ["constructor", "toString", "__proto__", "hasOwnProperty"]
  const fields = words.map((word) => `<Field>${word}</Field>`).join("")
  assert.deepEqual(read(wrap(`<OptionalFields>${fields}</OptionalFields>`)).draft.optionalFields, words)
})
