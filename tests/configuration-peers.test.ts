/** Bugs that other tools for COS and S3 inventory have had, one regression each. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { hashes } from "../adapters/hashes/node.ts"
import { bucketAddress } from "../core/endpoint.ts"
import { lint } from "../core/lint/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { writeTime } from "../core/time.ts"
import { readListAnswer, readRuleAnswer } from "../core/wire/answers.ts"
import { readApiJson } from "../core/wire/api-json.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { writeJson } from "../core/wire/json.ts"
import { writeList } from "../core/wire/list.ts"
import { writeRequest } from "../core/wire/operations.ts"
import { readingOf } from "../core/wire/reading.ts"
import { good, settled } from "./generated.ts"

const answer = (xml: string) => ({ status: 200, headers: [], body: new TextEncoder().encode(xml) })
const { filter: _, optionalFields: __, ...bare } = good
const least: InventoryConfiguration = {
  ...bare,
  schedule: { frequency: "Daily" },
  destination: { bucket: good.destination.bucket, format: "CSV" },
}
const again = (rule: InventoryConfiguration) =>
  settled(Result.getOrThrow(readConfiguration(writeConfiguration(rule))).draft)

test("peer bug 1: neither a bare Prefix nor And, Tag, StorageClass or Period is lost between a get and a put", () => {
  for (
    const filter of [{ prefix: "a" }, { tags: [{ key: "k", value: "v" }] }, { storageClass: "ARCHIVE" }, {
      period: { startTime: 1 },
    }, good.filter!] as const
  ) {
    assert.deepEqual(again({ ...good, filter }), { ...good, filter })
  }
  assert.doesNotMatch(writeConfiguration({ ...good, filter: {} }), /Filter/u)
  assert.deepEqual(lint(readingOf({ ...good, filter: {} }), { kind: "configuration" }).map((f) => f.code), [
    "filter-empty",
  ])
})

test("peer bug 2: encryption is there when its element is, empty or not, and by the SDKs' SSECOS in JSON", () => {
  assert.match(writeConfiguration(good), /<Encryption><SSE-COS><\/SSE-COS><\/Encryption>/u)
  assert.doesNotMatch(writeConfiguration(least), /Encryption/u)
  for (
    const Encryption of [{ SSECOS: "" }, { "SSE-COS": "" }, { "SSE-COS": "111" }, { "SSE-COS": {} }]
  ) {
    assert.equal(
      readApiJson({ value: { Destination: { Bucket: "b", Encryption } } }).draft.destination?.encryption,
      "SSE-COS",
    )
  }
})

test("peer bug 3: nothing depends on how many there are, nor on any optional element being there", () => {
  assert.deepEqual(again(least), least)
  for (const count of [0, 1, 2]) {
    const rules = Array.from({ length: count }, () => least)
    assert.deepEqual(
      Result.getOrThrow(readListAnswer(answer(writeList({ rules, isTruncated: false })))).configurations,
      rules,
    )
  }
  for (
    const inside of [
      "",
      "<Filter/>",
      "<OptionalFields/>",
      "<Schedule/>",
      "<Destination/>",
      "<Destination><COSBucketDestination/></Destination>",
    ]
  ) {
    const reading = Result.getOrThrow(readConfiguration(`<InventoryConfiguration>${inside}</InventoryConfiguration>`))
    assert.equal(lint(reading, { kind: "configuration" }).some((f) => f.code === "id-empty"), true)
  }
})

test("peer bug 4: an empty rule under status 200 is no rule", () => {
  const result = readRuleAnswer(answer("<InventoryConfiguration/>"), "list1")
  assert.equal(Result.isFailure(result) && result.failure._tag, "UnexpectedAnswer")
})

test("peer bug 5: an id cannot add to the query it stands in", () => {
  const address = Result.getOrThrow(bucketAddress({ bucket: "a-1", region: "ap-x" }))
  const { target } = Result.getOrThrow(writeRequest({ _tag: "GetBucketInventory", id: "a&acl#?/ é" }, address, hashes))
  assert.equal(target, "/?inventory&id=a%26acl%23%3F%2F%20%C3%A9")
})

test("peer bug 6: a token is sent back as it came, whatever characters it has", () => {
  const continuationToken = "1ueSDFASDF1Tr/XDAFdadEADadf2J/wm36Hy4vbOwM="
  const address = Result.getOrThrow(bucketAddress({ bucket: "a-1", region: "ap-x" }))
  const { target } = Result.getOrThrow(
    writeRequest({ _tag: "ListBucketInventory", continuationToken }, address, hashes),
  )
  assert.equal(decodeURIComponent(target.split("continuation-token=")[1]!), continuationToken)
})

test("peer bug 9: a word that COS adds later is read, kept and sent back", () => {
  const later: InventoryConfiguration = {
    ...least,
    includedObjectVersions: "Latest",
    optionalFields: ["Owner"],
    schedule: { frequency: "Hourly" },
    destination: { ...least.destination, format: "Parquet" },
    extra: [{ in: "/Destination/COSBucketDestination/Encryption", xml: "<SSE-KMS><KeyId>1</KeyId></SSE-KMS>" }],
  }
  assert.deepEqual(Result.getOrThrow(readRuleAnswer(answer(writeConfiguration(later)), "list1")).configuration, later)
  assert.match(writeConfiguration(later), /<Encryption><SSE-KMS><KeyId>1<\/KeyId><\/SSE-KMS><\/Encryption>/u)
})

test("peer bug 12: a time is shown whole and in UTC, one that is unset is absent, and none is 1970 by accident", () => {
  assert.equal(writeTime(1568688761), "2019-09-17T02:52:41Z")
  assert.equal(
    JSON.stringify(writeJson({ ...good, filter: { period: { endTime: 1568688762 } } }).filter),
    '{"period":{"endTime":"2019-09-17T02:52:42Z"}}',
  )
  assert.equal(writeJson(least)["filter"], undefined)
})

test("peer bug 13: IsEnabled is read in any case and written in lower case", () => {
  const xml = writeConfiguration(good).replace("<IsEnabled>true", "<IsEnabled>TRUE")
  assert.equal(Result.getOrThrow(readRuleAnswer(answer(xml), "list1")).configuration.isEnabled, true)
  assert.match(writeConfiguration({ ...good, isEnabled: false }), /<IsEnabled>false<\/IsEnabled>/u)
})
