/** Every row of lint: what it lets pass, what it reports, and that one run reports everything. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { type Context, type Finding, lint } from "../core/lint/mod.ts"
import { rows } from "../core/lint/rows.ts"
import type { Draft } from "../core/rule.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readXmlRules } from "../core/wire/document.ts"
import { readingOf } from "../core/wire/reading.ts"
import { good, jobOf } from "./generated.ts"

const context: Context = { kind: "configuration", region: "ap-guangzhou" }
const judge = (change: object, at: Context = context): ReadonlyArray<Finding> =>
  lint(readingOf({ ...good, ...change } as Draft), at)
const brief = (findings: ReadonlyArray<Finding>) => findings.map((f) => `${f.code} ${f.path}`)
const filter = (change: object) => ({ filter: { ...good.filter, ...change } })
const only = (value: object) => ({ filter: value })
const to = (bucket: string) => ({ destination: { ...good.destination, bucket } })
const xml = (inside: string) =>
  Result.getOrThrow(readConfiguration(`<InventoryConfiguration>${inside}</InventoryConfiguration>`))

test("lint has nothing against a whole rule and a whole job", () => {
  assert.deepEqual(judge({}), [])
  assert.deepEqual(lint(readingOf(jobOf(good)), { kind: "job", region: "ap-guangzhou" }), [])
  for (const monthlyDate of [1, 28]) assert.deepEqual(judge({ schedule: { frequency: "Monthly", monthlyDate } }), [])
  for (const frequency of ["Daily", "Weekly"]) assert.deepEqual(judge({ schedule: { frequency } }), [])
  assert.deepEqual(
    judge({
      optionalFields: [
        "Size",
        "LastModifiedDate",
        "StorageClass",
        "ETag",
        "IsMultipartUploaded",
        "ReplicationStatus",
        "Tag",
        "Crc64",
        "x-cos-meta-*",
        "x-cos-meta-a",
      ],
    }),
    [],
  )
  assert.deepEqual(judge({ optionalFields: ["Tag", "x-cos-meta-!#$%&'*+-.^_`|~aZ0"] }), [])
  assert.deepEqual(judge({ destination: { ...good.destination, accountId: "1250000000" } }), [])
  assert.deepEqual(
    judge(filter({ prefix: " logs/ ", tags: [{ key: " a ", value: " " }, { key: "A", value: "" }] })),
    [],
  )
  assert.deepEqual(judge(only({ period: { startTime: 0 } })), [])
  assert.deepEqual(judge(filter({ period: { startTime: 0, endTime: 99_999_999_999 } })), [])
})

/** One change of a good rule, and all that is reported of it. */
const cases: ReadonlyArray<readonly [change: object, ...expected: ReadonlyArray<string>]> = [
  [{ id: "" }, "id-empty id"],
  [{ id: "a b" }, "id-characters id"],
  [{ id: "a/b" }, "id-characters id"],
  [{ id: "ｉｄ" }, "id-characters id"],
  [{ id: "a\n" }, "id-characters id"],
  [{ includedObjectVersions: "all" }, "versions-known includedObjectVersions"],
  [{ includedObjectVersions: "constructor" }, "versions-known includedObjectVersions"],
  [{ schedule: { frequency: "Hourly" } }, "frequency-known schedule.frequency"],
  [{ schedule: {} }, "required schedule.frequency"],
  [{ schedule: { frequency: "Monthly" } }, "monthly-date schedule.monthlyDate"],
  [{ schedule: { frequency: "Monthly", monthlyDate: 0 } }, "monthly-date schedule.monthlyDate"],
  [{ schedule: { frequency: "Monthly", monthlyDate: 29 } }, "monthly-date schedule.monthlyDate"],
  [{ schedule: { frequency: "Daily", monthlyDate: 1 } }, "monthly-date schedule.monthlyDate"],
  [{ schedule: { frequency: "Weekly", monthlyDate: 0 } }, "monthly-date schedule.monthlyDate"],
  [only({}), "filter-empty filter"],
  [only({ prefix: "" }), "filter-empty filter.prefix"],
  [only({ tags: [] }), "filter-empty filter"],
  [only({ period: {} }), "filter-empty filter"],
  [only({ storageClass: "" }), "filter-empty filter"],
  [filter({ period: {} }), "filter-empty filter.period"],
  [filter({ prefix: "" }), "filter-empty filter.prefix"],
  [filter({ storageClass: "" }), "filter-empty filter.storageClass"],
  [filter({ storageClass: "A B" }), "word-form filter.storageClass"],
  [
    filter({ tags: [{ key: "", value: "1" }, { key: "a" }] }),
    "tag-key filter.tags[0].key",
    "tag-key filter.tags[1].value",
  ],
  [{ optionalFields: ["Size"] }, "tag-needs-field optionalFields"],
  [{ optionalFields: undefined }, "tag-needs-field optionalFields"],
  [
    { optionalFields: ["Tag", "Sizee", "x-cos-meta-", "toString", ""] },
    ...[1, 2, 3, 4].map((i) => `field-known optionalFields[${i}]`),
  ],
  [
    { optionalFields: ["Tag", "Size", "Size", "Tag"] },
    "field-repeated optionalFields[2]",
    "field-repeated optionalFields[3]",
  ],
  [
    { optionalFields: ["Tag", "x-cos-meta-a", "X-Cos-Meta-A", "size", "Size"] },
    // One that is misspelled is told as that alone
    "field-known optionalFields[3]",
    "field-repeated optionalFields[2]",
  ],
  [
    { optionalFields: ["Tag", "x-cos-meta-a b", "x-cos-meta-a/b", "x-cos-meta-é", "x-coſ-meta-a", "x-cos-meta-a\n"] },
    ...[1, 2, 3, 4, 5].map((i) => `field-known optionalFields[${i}]`),
  ],
  [filter({ period: { startTime: 1568688761000 } }), "time-range filter.period.startTime"],
  [filter({ period: { endTime: -1 } }), "time-range filter.period.endTime"],
  [filter({ period: { endTime: 1568688761000000 } }), "time-range filter.period.endTime"],
  [filter({ period: { startTime: 2, endTime: 1 } }), "period-order filter.period.startTime"],
  [filter({ period: { startTime: 2, endTime: 2 } }), "period-order filter.period.startTime"],
  [to("examplebucket-1250000000"), "destination-bucket destination.bucket"],
  [to("qcs::cos:ap-guangzhou::examplebucket"), "destination-bucket destination.bucket"],
  [to("qcs::cos::: examplebucket-1250000000"), "destination-bucket destination.bucket"],
  [to("qcs::cos:ap-guangzhou:uid/1:examplebucket-1250000000"), "destination-bucket destination.bucket"],
  [to("qcs::cos:ap-guangzhou::examplebucket-1250000000/a"), "destination-bucket destination.bucket"],
  [to("arn:aws:s3:::bucket"), "destination-bucket destination.bucket"],
  [to("qcs::cos:ap-beijing::examplebucket-1250000000"), "destination-region destination.bucket"],
  [{ destination: { ...good.destination, format: "ORC" } }, "format-known destination.format"],
  [{ destination: { ...good.destination, accountId: "1 2" } }, "account-id destination.accountId"],
  [{ destination: { ...good.destination, accountId: "qcs::cam::uin/1" } }, "account-id destination.accountId"],
  [{ destination: { ...good.destination, accountId: "１" } }, "account-id destination.accountId"],
  [{ destination: { ...good.destination, prefix: "\tlogs" } }, "text-lines destination.prefix"],
  [filter({ prefix: "\n  logs/\n" }), "text-lines filter.prefix"],
  [
    filter({ tags: [{ key: "a\r", value: "b\nc" }] }),
    "text-lines filter.tags[0].key",
    "text-lines filter.tags[0].value",
  ],
  [
    filter({ tags: [{ key: "a", value: "1" }, { key: "b", value: "1" }, { key: "a", value: "2" }] }),
    "tag-repeated filter.tags[2].key",
  ],
  [{ destination: {} }, "required destination.bucket", "required destination.format"],
  [filter({ prefix: "a\u0000b" }), "text-characters filter.prefix"],
  [filter({ prefix: "\ud800" }), "text-characters filter.prefix"],
  [
    filter({ tags: [{ key: "\uffff", value: "\u001b" }] }),
    "text-characters filter.tags[0].key",
    "text-characters filter.tags[0].value",
  ],
  [{ extra: [{ in: "/", xml: "<Later>1</Later>" }] }, "unknown-element-kept extra[0]"],
  [{ extra: [{ in: "/", xml: "<Filtr/>" }] }, "unknown-element extra[0]"],
  [{ extra: [{ in: "/Filter", xml: "<x:Prefix>a</x:Prefix>" }] }, "unknown-element extra[0]"],
  [{ extra: [{ in: "/Nowhere", xml: "<Later/>" }] }, "unknown-element-kept extra[0]", "extra-form extra[0].in"],
  [
    { extra: [{ in: "/Filter/And/Tag[2]", xml: "<Later/>" }] },
    "unknown-element-kept extra[0]",
    "extra-form extra[0].in",
  ],
  [
    { extra: [{ in: "/Filter/And/Tag[0]", xml: "<Later/>" }] },
    "unknown-element-kept extra[0]",
    "extra-form extra[0].in",
  ],
  ...[
    "",
    "x",
    "<a>",
    "<a/><b/>",
    " <a/>",
    "<a/> ",
    "<!-- --><a/>",
    "\ufeff<a/>",
    "<?xml version='1.0'?><a/>",
    "</Filter><Id>",
  ].map((
    bad,
  ) => [{ extra: [{ in: "/", xml: bad }] }, "extra-form extra[0].xml"] as const),
]
test("lint reports just the rows that a change breaks, each with its path", () => {
  for (const [change, ...expected] of cases) assert.deepEqual(brief(judge(change)), expected, JSON.stringify(change))
})

test("lint has a case for each of its rows", () => {
  const covered = new Set([...cases.flatMap(([, ...expected]) => expected.map((e) => e.split(" ")[0])), "job-members"])
  assert.deepEqual(rows.map((row) => row.code).filter((code) => !covered.has(code)), [])
})

test("lint says what is wrong, what is allowed, how to mend it and by which source, in every finding", () => {
  for (const [change] of cases) {
    for (const f of judge(change)) {
      for (const text of [f.message, f.allowed, f.fix, f.source]) assert.match(text, /\S/u, f.code)
      for (const text of [f.message, f.fix]) assert.match(text, /^[A-Z].*[^.]$/su, `${f.code}: ${text}`)
      assert.equal(f.found === undefined || f.found.length <= 161, true)
    }
  }
})

test("lint refuses what a job may not have, and extra that a job would lose", () => {
  const job = { kind: "job", region: "ap-guangzhou" } as const
  assert.deepEqual(brief(judge({}, job)), ["job-members isEnabled", "job-members schedule"])
  const inSchedule = { ...jobOf(good), extra: [{ in: "/Schedule", xml: "<Later/>" }] as const }
  assert.deepEqual(brief(lint(readingOf(inSchedule), job)), ["unknown-element-kept extra[0]", "extra-form extra[0].in"])
  assert.doesNotMatch(writeConfiguration(inSchedule), /Later/u)
  assert.deepEqual(brief(lint(readingOf({ ...good, ...inSchedule }), context)), ["unknown-element-kept extra[0]"])
})

test("lint takes a filter with unknown elements alone for one that says something", () => {
  assert.deepEqual(
    brief(lint(xml("<Id>a</Id><Filter><Later/></Filter>"), context)).filter((f) => f.startsWith("filter")),
    [],
  )
  const period = xml("<Filter><Prefix>a</Prefix><Period><Zone>8</Zone></Period></Filter>")
  assert.deepEqual(brief(lint(period, context)).filter((f) => f.startsWith("filter")), [])
})

test("lint compares regions only when the source's is known", () => {
  assert.deepEqual(judge(to("qcs::cos:ap-beijing::examplebucket-1250000000"), { kind: "configuration" }), [])
})

test("lint writes the destination out when it was given in short", () => {
  const fix = (bucket: string, at = context) => judge(to(bucket), at)[0]!.fix
  assert.equal(fix("examplebucket-1250000000"), "Write qcs::cos:ap-guangzhou::examplebucket-1250000000")
  assert.equal(
    fix("cos://examplebucket-1250000000/a"),
    "Write qcs::cos:ap-guangzhou::examplebucket-1250000000, and a as destination.prefix",
  )
  assert.match(fix("examplebucket-1250000000", { kind: "configuration" }), /or give the region$/u)
})

test("lint suggests the word that was meant", () => {
  const fixes = judge({
    schedule: { frequency: "daily" },
    includedObjectVersions: "Curent",
    optionalFields: ["Tag", "IsMultipartUpload", "etag"],
    destination: { ...good.destination, format: "csv" },
  })
  assert.deepEqual(
    fixes.map((f) => f.fix),
    ["Current", "Daily", "IsMultipartUploaded", "ETag", "CSV"].map((w) => `Did you mean "${w}"?`),
  )
})

test("lint reports every problem of a document in one run, in its order and at its places", () => {
  const text = `<InventoryConfiguration>
  <Id>a b</Id>
  <IsEnabled>maybe</IsEnabled>
  <Filter>\r
    <And>
      <Tag><Key>腾讯</Key><Value>1</Value></Tag>
    </And><Period><StartTime>20</StartTime><EndTime>10</EndTime></Period>
  </Filter>
  <Later/><OptionalField>Size</OptionalField>
  <Id>b</Id>
  <Schedule><Frequency>Daily</Frequency><MonthlyDate>2</MonthlyDate></Schedule>
  <OptionalFields><Field><b/></Field><Field>Sise</Field><Field>Size</Field><Field>Size</Field></OptionalFields>
  <Destination><COSBucketDestination><Format>csv</Format></COSBucketDestination></Destination>
</InventoryConfiguration>`
  const [reading] = Result.getOrThrow(readXmlRules(text))
  const findings = lint({ ...reading!, file: "rule.xml" }, context)
  assert.deepEqual(findings.map((f) => `${f.position?.line}:${f.position?.column} ${f.code} ${f.path}`), [
    "1:1 required includedObjectVersions",
    "2:3 id-characters id",
    "3:3 not-flag isEnabled",
    "7:19 period-order filter.period.startTime",
    "9:3 unknown-element-kept extra[0]",
    "9:11 unknown-element extra[1]",
    "10:3 repeated-element id",
    "11:41 monthly-date schedule.monthlyDate",
    "12:3 tag-needs-field optionalFields",
    "12:19 element-in-text optionalFields[0]",
    "12:38 field-known optionalFields[1]",
    "12:76 field-repeated optionalFields[3]",
    "13:16 required destination.bucket",
    "13:38 format-known destination.format",
  ])
  assert.equal(findings.every((f) => f.file === "rule.xml"), true)
})
