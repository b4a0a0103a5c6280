/** LIST documents, and the lists' sloppiness. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readXmlRules } from "../core/wire/document.ts"
import { readList, sliceList, writeList } from "../core/wire/list.ts"
import { type BucketPage, readService, writeService } from "../core/wire/service.ts"
import { Generated, good, ruleOf, sample, settled } from "./generated.ts"
import { prop } from "./harness.ts"

const read = (xml: string) => Result.getOrThrow(readList(xml))
const wrap = (inside: string) => `<ListInventoryConfigurationResult>${inside}</ListInventoryConfigurationResult>`
const rule = (inside: string) => `<InventoryConfiguration>${inside}</InventoryConfiguration>`

const Token = Schema.Literals(["a", "1ueSDFASDF1Tr/XDAFdadEADadf2J/wm36Hy4vbOwM=", "<&>\"'", "腾讯 😀"])
const Page = Schema.Struct({
  rules: Schema.Array(Generated),
  isTruncated: Schema.Boolean,
  continuationToken: Schema.optionalKey(Token),
  nextContinuationToken: Schema.optionalKey(Token),
})
prop("a list reads back what it writes when any page is generated", Page, ({ rules, ...page }) => {
  const written = rules.map(ruleOf)
  const { rules: readings, ...rest } = read(writeList({ ...page, rules: written }))
  assert.deepEqual(rest, { ...page })
  assert.deepEqual(readings.flatMap((r) => r.findings), [])
  assert.deepEqual(readings.map((r) => settled(r.draft)), written.map(settled))
  return true
}, { runs: 60 })

test("a list reads the broken sample of the LIST page, and the last of its two IsTruncated", () => {
  const { rules, isTruncated, continuationToken, nextContinuationToken } = read(sample("list.xml"))
  assert.deepEqual([isTruncated, continuationToken, nextContinuationToken], [
    true,
    "...",
    "1ueSDFASDF1Tr/XDAFdadEADadf2J/wm36Hy4vbOwM=",
  ])
  assert.equal(rules.length, 1)
  assert.deepEqual(rules[0]!.findings, [])
  const { id, isEnabled, destination, optionalFields } = settled(rules[0]!.draft)
  assert.deepEqual([id, isEnabled, destination.encryption], ["list1", true, "SSE-COS"])
  assert.equal(optionalFields?.includes("IsMultipartUploaded"), true)
  const [placed] = Result.getOrThrow(readXmlRules(sample("list.xml")))
  assert.deepEqual(placed!.position("destination.format"), { line: 7, column: 17 })
})

test("a list of none, one and many rules is a list", () => {
  assert.deepEqual(read(wrap("")), { rules: [], isTruncated: false })
  assert.deepEqual(read("<ListInventoryConfigurationResult/>").rules, [])
  assert.equal(read(wrap(rule("<Id>a</Id>"))).rules.length, 1)
  assert.deepEqual(
    read(wrap(rule("<Id>b</Id>") + "stray" + rule("<Id>a</Id>") + "<Later/>")).rules.map((r) => r.draft.id),
    ["b", "a"],
  )
})

test("a list reads its flags and tokens leniently", () => {
  assert.equal(read(wrap("<IsTruncated> True </IsTruncated>")).isTruncated, true)
  assert.equal(read(wrap("<IsTruncated>FALSE</IsTruncated>")).isTruncated, false)
  assert.equal(read(wrap("<NextContinuationToken/>")).nextContinuationToken, undefined)
  const token = "<IsTruncated>true</IsTruncated><NextContinuationToken> a </NextContinuationToken>"
  assert.equal(read(wrap(token)).nextContinuationToken, "a")
})

test("a list keeps each rule's unknown elements, findings and places apart", () => {
  const { rules } = read(wrap(`${rule("<Id>a</Id>")}\n${rule("<Later/>")}\n${rule("<Id>b</Id><Id>c</Id>")}`))
  assert.deepEqual(rules.map((r) => r.draft.extra), [undefined, [{ in: "/", xml: "<Later/>" }], undefined])
  assert.deepEqual(rules.map((r) => r.findings.map((f) => [f.code, f.position])), [[], [], [["repeated-element", {
    line: 3,
    column: 35,
  }]]])
})

test("a list gives each rule as it was sent", () => {
  const first = rule("<Id>a</Id><!-- kept -->")
  const second = rule(" <x:Id a='1'>b</x:Id> ")
  assert.deepEqual(Result.getOrThrow(sliceList(wrap(`\n${first} ${second}`))), [first, second])
})

test("a file of a list or of a rule is read as rules, and of anything else is refused", () => {
  const ids = (xml: string) => Result.getOrThrow(readXmlRules(xml)).map((r) => r.draft.id)
  assert.deepEqual(ids(writeList({ rules: [good, { ...good, id: "b" }], isTruncated: false })), ["list1", "b"])
  assert.deepEqual(ids(sample("put-1.xml")), ["list1"])
  for (const name of ["post-result.xml", "error-nodes.xml"]) {
    const result = readXmlRules(sample(name))
    assert.equal(Result.isFailure(result) && result.failure.code, "xml-root")
  }
})

const Buckets = Schema.Array(
  Schema.Struct({
    name: Schema.Literals(["a-1", "b-2"]),
    location: Schema.Literals(["ap-x"]),
    creationDate: Schema.Literals(["", "2019-05-24T11:49:50Z"]),
  }),
)
prop("a list of buckets reads back what it writes", Buckets, (buckets) => {
  const page: BucketPage = {
    buckets,
    isTruncated: buckets.length > 1,
    ...(buckets.length > 1 ? { nextMarker: "b&2" } : {}),
  }
  assert.deepEqual(Result.getOrThrow(readService(writeService("100000000001", page))), structuredClone(page))
  return true
})
