/** What canonical equality is for: equal rules make equal reports on the local COS, and rules that differ do not. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { isSame } from "../core/canonical.ts"
import { keyOfText } from "../core/key.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { variantOf } from "./canonical-variants.ts"
import { dice } from "./generated.ts"
import { makeWorld, put, readReport, report, ruleOf, start } from "./report-world.ts"

const rule: InventoryConfiguration = ruleOf({
  includedObjectVersions: "Current",
  filter: {
    prefix: "logs/",
    tags: [{ key: "age", value: "18" }, { key: "team", value: "a" }],
    storageClass: "STANDARD",
    period: { startTime: start / 1000 - 10, endTime: start / 1000 + 10 },
  },
  optionalFields: ["Size", "ETag", "Tag", "IsMultipartUploaded", "x-cos-meta-team"],
  destination: {
    bucket: "qcs::cos:ap-guangzhou::reports-1250000000",
    prefix: "out",
    format: "CSV",
    encryption: "SSE-COS",
  },
})

/** Objects of which each condition of the rule leaves one out, in a COS of their own. */
const world = async () => {
  const store = makeWorld()
  const tags = [{ key: "team", value: "a" }, { key: "age", value: "18" }]
  const usual = { tags, headers: [["x-cos-meta-team", "a"]] as const }
  await put(store, keyOfText("logs/a"), "a", usual)
  await put(store, keyOfText("logs/b"), "bb", { ...usual, isMultipart: true })
  await put(store, keyOfText("other/c"), "c", usual)
  await put(store, keyOfText("logs/one-tag"), "d", { ...usual, tags: tags.slice(1) })
  await put(store, keyOfText("logs/archive"), "e", { ...usual, storageClass: "ARCHIVE" })
  await put(store, keyOfText("logs/early"), "f", { ...usual, lastModified: start - 60_000 })
  await put(store, keyOfText("logs/late"), "g", { ...usual, lastModified: start + 60_000 })
  return store
}

/** All that a report is, but for the order of its columns, which is that of the rule's own fields. */
const reported = async (wanted: InventoryConfiguration) => {
  const store = await world()
  const run = await report(store, wanted)
  const { manifest: { fileSchema, files, ...manifest }, rows } = await readReport(store, run)
  return {
    manifest: { ...manifest, files: files.map(({ key }) => key) },
    columns: fileSchema.split(", ").toSorted(),
    rows,
    wrote: run.wrote,
  }
}

test("the local COS makes equal reports when rules are writings of one", async () => {
  const roll = dice(5)
  const usual = await reported(rule)
  assert.deepEqual(usual.rows.map((row) => decodeURIComponent(row["Key"]!)), ["logs/a", "logs/b"])
  for (let i = 0; i < 30; i++) {
    const variant = variantOf(rule, roll)
    assert.ok(isSame(rule, variant))
    assert.deepEqual(await reported(variant), usual)
  }
})

const { filter: _, ...unfiltered } = rule
const filtered = (some: InventoryConfiguration["filter"]): InventoryConfiguration => ({
  ...rule,
  filter: { ...rule.filter, ...some },
})
const delivered = (prefix: string): InventoryConfiguration => ({
  ...rule,
  destination: { ...rule.destination, prefix },
})
const others: Readonly<Record<string, InventoryConfiguration>> = {
  "the prefix": filtered({ prefix: "logs/a" }),
  "no filter": unfiltered,
  "one tag less": filtered({ tags: [{ key: "age", value: "18" }] }),
  "a tag's value": filtered({ tags: [{ key: "age", value: "19" }] }),
  "the storage class": filtered({ storageClass: "ARCHIVE" }),
  "the period": filtered({ period: { startTime: start / 1000 - 10 } }),
  "the versions": { ...rule, includedObjectVersions: "All" },
  "one field less": { ...rule, optionalFields: ["Size"] },
  "the id": { ...rule, id: "other" },
  "the destination's prefix": delivered("elsewhere"),
  "no destination prefix": delivered(""),
  "a slash as destination prefix": delivered("/"),
  "two slashes as destination prefix": delivered("//"),
  "a second separator": delivered("out//"),
}
for (const [name, other] of Object.entries(others)) {
  test(`the local COS makes other reports when rules differ: ${name}`, async () => {
    assert.ok(!isSame(rule, other))
    assert.notDeepEqual(await reported(other), await reported(rule))
  })
}

test("the local COS writes to other folders when destination prefixes are not the same", async () => {
  const prefixes = ["", "/", "//", "out", "out//", "/out", "out/out"]
  const folders = await Promise.all(prefixes.map(async (prefix) => (await reported(delivered(prefix))).wrote.join()))
  assert.equal(new Set(folders).size, prefixes.length)
  assert.deepEqual((await reported(delivered("out/"))).wrote.join(), folders[3])
})
