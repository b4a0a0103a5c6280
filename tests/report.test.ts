/** Reports as values: columns, rows, what is selected, and the manifest in the form that the documentation prints. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import { bytesOfKey, type Key, keyOfBytes, keyOfText } from "../core/key.ts"
import { metaField, optionalFields } from "../core/limits.ts"
import { checksumKey, dataFileKey, manifestKey, reportLocation } from "../core/location.ts"
import {
  columnsOf,
  headerRow,
  identityColumns,
  type ListedObject,
  readFileSchema,
  readKey,
  readPairs,
  rowWriter,
  selectionOf,
  tallying,
  versionColumns,
  writeChecksum,
  writeFileSchema,
  writeManifest,
} from "../core/report/mod.ts"
import { dice, good } from "./generated.ts"
import { golden } from "./golden.ts"
import { prop } from "./harness.ts"
import { readCsv, readRows } from "./report-csv.ts"

const source = { name: "examplebucket", appid: "1250000000" }

const object = (some: Partial<ListedObject> = {}): ListedObject => ({
  key: "a.txt",
  versionId: "null",
  isDeleteMarker: false,
  lastModified: Date.UTC(2022, 10, 20, 1, 2, 3, 999),
  etag: "9a4802d5c99dafe1c04da0a8e7e166bf",
  size: 11,
  crc64: "16749565679157681890",
  storageClass: "STANDARD",
  headers: [],
  tags: [],
  isMultipart: false,
  ...some,
})
const marker = object({ isDeleteMarker: true, size: 0, etag: "", crc64: "", storageClass: "", versionId: "v2" })

const everything = { includedObjectVersions: "All", optionalFields: [...optionalFields, "x-cos-meta-team"] } as const

/** The one row of an object, by column. */
const rowOf = (rule: Parameters<typeof columnsOf>[0], some: ListedObject, isLatest = true) => {
  const columns = columnsOf(rule)
  const rows = readRows(rowWriter(source, columns)(some, isLatest), columns)
  assert.equal(rows.length, 1)
  return rows[0]!
}

test("`columnsOf` gives the columns of the documentation's example, in its order", () => {
  const optionalFields = [
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
  ] as const
  assert.equal(
    writeFileSchema(columnsOf({ includedObjectVersions: "Current", optionalFields })),
    "Appid, Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus",
  )
})

test("`columnsOf` adds the three columns of versions for All alone", () => {
  assert.deepEqual(columnsOf({ includedObjectVersions: "Current" }), ["Appid", "Bucket", "Key"])
  assert.deepEqual(columnsOf({ includedObjectVersions: "All", optionalFields: ["Size"] }), [
    ...identityColumns,
    "VersionId",
    "IsLatest",
    "IsDeleteMarker",
    "Size",
  ])
})

test("`columnsOf` keeps the rule's order of fields", () => {
  const optionalFields = ["x-cos-meta-b", "Tag", "Size", "x-cos-meta-*", "ETag"] as const
  assert.deepEqual(columnsOf({ includedObjectVersions: "Current", optionalFields }).slice(3), optionalFields)
})

test("`columnsOf` names each field once and as it is documented, whatever the case", () => {
  const optionalFields = [
    "SIZE",
    "size",
    "Etag",
    "X-COS-META-*",
    "X-Cos-Meta-Team",
    "x-cos-meta-team",
    "ATime",
  ] as const
  assert.deepEqual(columnsOf({ includedObjectVersions: "Current", optionalFields }).slice(3), [
    "Size",
    "ETag",
    "x-cos-meta-*",
    "x-cos-meta-team",
    "ATime",
  ])
})

test("every documented field has a column that tells something of an object", () => {
  const full = rowOf(
    everything,
    object({
      replicationStatus: "COMPLETED",
      tags: [{ key: "age", value: "18" }],
      headers: [["x-cos-meta-team", "blue"]],
    }),
  )
  for (const [column, cell] of Object.entries(full)) assert.notEqual(cell, "", column)
  assert.deepEqual(Object.keys(full), [
    ...identityColumns,
    ...versionColumns,
    ...optionalFields,
    "x-cos-meta-team",
  ])
})

test("a row tells what is true of an object", () => {
  const told = rowOf(
    everything,
    object({
      key: keyOfText("dir/a b+c.txt"),
      versionId: "MTg0NDUxNzgyODk2ODc1NjY0NzQ",
      isMultipart: true,
      replicationStatus: "PENDING",
      tags: [{ key: "age", value: "18" }, { key: "a=b&", value: "" }],
      headers: [["Content-Type", "text/plain"], ["x-cos-meta-team", 'blue, "sky"'], ["x-cos-meta-b", "1 2"]],
    }),
    false,
  )
  assert.deepEqual({ ...told }, {
    Appid: "1250000000",
    Bucket: "examplebucket",
    Key: "dir%2Fa%20b%2Bc.txt",
    VersionId: "MTg0NDUxNzgyODk2ODc1NjY0NzQ",
    IsLatest: "False",
    IsDeleteMarker: "False",
    Size: "11",
    LastModifiedDate: "2022-11-20T01:02:03.000Z",
    StorageClass: "STANDARD",
    ETag: "9a4802d5c99dafe1c04da0a8e7e166bf",
    IsMultipartUploaded: "True",
    ReplicationStatus: "PENDING",
    Tag: "age=18&a%3Db%26=",
    Crc64: "16749565679157681890",
    "x-cos-meta-*": "x-cos-meta-team=blue%2C%20%22sky%22&x-cos-meta-b=1%202",
    "x-cos-meta-team": 'blue, "sky"',
  })
})

test("a row of a delete marker has its identity and its date, and empty fields", () => {
  const told = rowOf(everything, { ...marker, headers: [["x-cos-meta-team", "blue"]] })
  const filled = Object.entries(told).filter(([, cell]) => cell !== "").map(([column]) => column)
  assert.deepEqual(filled, [...identityColumns, ...versionColumns, "LastModifiedDate"])
  assert.equal(told["IsDeleteMarker"], "True")
})

test("metadata that an object lacks, and a field that nobody knows, are empty cells", () => {
  const optionalFields = [
    "x-cos-meta-testheader",
    "x-cos-meta-*",
    "Tag",
    "ReplicationStatus",
    "ATime",
    "toString",
  ] as const
  const told = rowOf({ includedObjectVersions: "Current", optionalFields }, object({ headers: [["Expires", "0"]] }))
  for (const field of optionalFields) assert.equal(told[field], "", field)
})

test("a column of one header is read without case", () => {
  const rule = { includedObjectVersions: "Current", optionalFields: ["X-COS-META-Team"] } as const
  assert.equal(rowOf(rule, object({ headers: [["x-cos-meta-team", "blue"]] }))["x-cos-meta-team"], "blue")
})

test("every byte of a key comes back from its cell", () => {
  const write = rowWriter(source, identityColumns)
  for (let byte = 0; byte < 256; byte++) {
    for (
      const key of [String.fromCharCode(byte), `a${String.fromCharCode(byte)}%41"z`, String.fromCharCode(byte, byte)]
    ) {
      const [cells, ...more] = readCsv(write(object({ key }), true))
      assert.equal(more.length, 0)
      assert.equal(readKey(cells![2]!), key)
      assert.match(cells![2]!, /^(?:[A-Za-z0-9\-_.~]|%[0-9A-F]{2})*$/)
    }
  }
})

test("a key that is text is what `decodeURIComponent` makes of its cell", () => {
  for (
    const text of ["\"q\", 's'", "a,b\nc\r\nd\te", "中文/报告.xlsx", "😀/🇨🇳", "100% +plus ~*()!", "%2F", " ", "\0"]
  ) {
    assert.equal(decodeURIComponent(rowOf(everything, object({ key: keyOfText(text) }))["Key"]!), text)
  }
})

const Drawn = Schema.Struct({ seed: Schema.Int, rows: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 })) })

prop("rows of any objects are read back cell by cell", Drawn, ({ seed, rows }) => {
  const roll = dice(seed)
  const columns = columnsOf(everything)
  const write = rowWriter(source, columns)
  const objects = Array.from({ length: rows }, () => drawnObject(roll))
  const read = readRows(objects.map((each, i) => write(each, i % 2 === 0)).join(""), columns)
  return read.length === rows && read.every((row, i) => {
    const { key, tags, headers, etag, size, lastModified } = objects[i]!
    const metas = headers.filter(([name]) => name.startsWith("x-cos-meta-"))
    return readKey(row["Key"]!) === key && row["Size"] === String(size) && row["ETag"] === etag &&
      Date.parse(row["LastModifiedDate"]!) === Math.floor(lastModified / 1000) * 1000 &&
      row["IsLatest"] === (i % 2 === 0 ? "True" : "False") &&
      JSON.stringify(readPairs(row["Tag"]!)) === JSON.stringify(tags.map((tag) => [tag.key, tag.value])) &&
      JSON.stringify(readPairs(row["x-cos-meta-*"]!)) === JSON.stringify(metas) &&
      row["x-cos-meta-team"] === (metas.find(([name]) => name === "x-cos-meta-team")?.[1] ?? "")
  })
})

const drawnObject = (roll: (below: number) => number): ListedObject =>
  object({
    key: drawnKey(roll),
    etag: drawnText(roll),
    size: roll(2 ** 31) * roll(2 ** 15),
    lastModified: roll(2 ** 31) * 1000 + roll(1000),
    tags: Array.from({ length: roll(4) }, () => ({ key: drawnText(roll), value: drawnText(roll) })),
    headers: ["Content-Type", "x-cos-meta-team", "x-cos-meta-b", "x-cos-meta-😀"].slice(roll(5)).map((name) =>
      [name, drawnText(roll)] as const
    ),
  })
const drawnKey = (roll: (below: number) => number): Key =>
  keyOfBytes(Uint8Array.from({ length: 1 + roll(20) }, () => roll(256)))
const drawnText = (roll: (below: number) => number): string =>
  Array.from(
    { length: roll(6) },
    () => ['"', ",", "\n", "\r", "=", "&", "%", "+", " ", "a", "\0", "中", "😀"][roll(13)],
  )
    .join("")

test("no row of column names stands before the rows", () => {
  assert.equal(headerRow(columnsOf(everything)), "")
})

test("a file schema reads back as the columns it was written of", () => {
  const columns = columnsOf(everything)
  assert.deepEqual(readFileSchema(writeFileSchema(columns)), columns)
  assert.equal(columns.every((column) => !column.includes(",")), true)
  assert.equal(metaField.test("x-cos-meta-a,b"), false)
})

const current = { includedObjectVersions: "Current" } as const
const all = { includedObjectVersions: "All" } as const

test("`selectionOf` lists of Current the newest versions that are no delete markers, and of All every one", () => {
  assert.equal(selectionOf(current).isListed(object(), true), true)
  assert.equal(selectionOf(current).isListed(object(), false), false)
  assert.equal(selectionOf(current).isListed(marker, true), false)
  for (const each of [object(), marker]) {
    for (const isLatest of [true, false]) assert.equal(selectionOf(all).isListed(each, isLatest), true)
  }
})

test("`selectionOf` takes the prefix as the bytes of its UTF-8", () => {
  const prefix = "中/"
  assert.deepEqual(bytesOfKey(selectionOf({ ...all, filter: { prefix } }).prefix), new TextEncoder().encode(prefix))
  assert.equal(selectionOf(all).prefix, "")
})

test("`selectionOf` matches objects that have every tag of the filter", () => {
  const tags = [{ key: "age", value: "18" }, { key: "team", value: "" }] as const
  const { isMatch } = selectionOf({ ...all, filter: { tags } })
  assert.equal(isMatch(object({ tags: [{ key: "x", value: "y" }, ...tags.toReversed()] })), true)
  assert.equal(isMatch(object({ tags: [tags[0]] })), false)
  assert.equal(isMatch(object({ tags: [tags[0], { key: "team", value: "x" }] })), false)
  assert.equal(isMatch(object({ tags: [tags[0], { key: "Team", value: "" }] })), false)
  assert.equal(isMatch(object()), false)
  assert.equal(isMatch(marker), false)
})

test("`selectionOf` matches the period with both ends, in whole seconds", () => {
  const { isMatch } = selectionOf({ ...all, filter: { period: { startTime: 100, endTime: 200 } } })
  const at = (lastModified: number) => isMatch(object({ lastModified }))
  assert.deepEqual([99_999, 100_000, 150_000, 200_000, 200_999, 201_000].map(at), [
    false,
    true,
    true,
    true,
    true,
    false,
  ])
  assert.equal(isMatch({ ...marker, lastModified: 150_000 }), true)
  const open = selectionOf({ ...all, filter: { period: { startTime: 100 } } })
  assert.deepEqual([99_999, 100_000, 1e15].map((lastModified) => open.isMatch(object({ lastModified }))), [
    false,
    true,
    true,
  ])
  const until = selectionOf({ ...all, filter: { period: { endTime: 0 } } })
  assert.deepEqual([0, 999, 1000].map((lastModified) => until.isMatch(object({ lastModified }))), [true, true, false])
})

test("`selectionOf` matches the storage class, which no delete marker has", () => {
  const { isMatch } = selectionOf({ ...all, filter: { storageClass: "ARCHIVE" } })
  assert.equal(isMatch(object({ storageClass: "ARCHIVE" })), true)
  assert.equal(isMatch(object()), false)
  assert.equal(isMatch({ ...marker, storageClass: "ARCHIVE" }), false)
})

test("`selectionOf` wants all conditions at once", () => {
  const { isMatch } = selectionOf({ ...all, filter: { ...good.filter!, prefix: "p" } })
  const right = { storageClass: "STANDARD", tags: [{ key: "age", value: "18" }], lastModified: 1568688761_000 }
  assert.equal(isMatch(object(right)), true)
  assert.equal(isMatch(object({ ...right, tags: [] })), false)
  assert.equal(isMatch(object({ ...right, storageClass: "ARCHIVE" })), false)
  assert.equal(isMatch(object({ ...right, lastModified: 1568688763_000 })), false)
})

prop(
  "`tallying` adds up exactly, whatever the sizes",
  Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 52 - 1 }))),
  (sizes) => {
    const tally = tallying()
    for (const size of sizes) for (let times = 0; times < 3; times++) tally.add(size)
    return tally.total().count === 3 * sizes.length &&
      tally.total().size === sizes.reduce((sum, size) => sum + 3n * BigInt(size), 0n)
  },
)

test("`writeManifest` writes the documentation's example, letter for letter", () => {
  golden(
    "report-manifest.json",
    writeManifest({
      source: { name: "example-source-bucket", appid: "1250000000" },
      destination: { name: "example-inventory-destination-bucket", appid: "1250000000" },
      format: "CSV",
      listed: { count: 13, size: 7212835n },
      filtered: { count: 13, size: 7212835n },
      columns: [
        ...identityColumns,
        "Size",
        "LastModifiedDate",
        "ETag",
        "StorageClass",
        "IsMultipartUploaded",
        "ReplicationStatus",
      ],
      files: [{
        key: "cos_bucket_inventory/1250000000/examplebucket/inventory01/04d73d9debc73d9f0bf85af461abde6c.csv.gz",
        size: 502,
        md5: "7d40288a09c25b302ad6cb5fced54f35",
      }],
    }),
  )
})

test("`writeManifest` writes totals beyond what a number holds", () => {
  const total = { count: 2, size: 2n ** 80n + 1n }
  const text = writeManifest({
    source,
    destination: source,
    format: "CSV",
    listed: total,
    filtered: total,
    columns: identityColumns,
    files: [],
  })
  assert.equal(JSON.parse(text).listStorageSize, "1208925819614629174706177")
  assert.deepEqual(JSON.parse(text).files, [])
})

test("`writeChecksum` is the MD5 of the manifest's bytes in lower-case hex, and nothing else", () => {
  assert.equal(writeChecksum(new TextEncoder().encode("hello world"), hashes), "5eb63bbbe01eeed093cb22bb8f5acdc3")
})

test("the files of a report lie where the documentation says", () => {
  const location = reportLocation("examplebucket-1250000000", {
    id: "disposable",
    destination: {
      bucket: "qcs::cos:ap-guangzhou::inventorybucket-1250000000",
      prefix: "cos_bucket_inventory",
    },
  })!
  const seconds = Date.UTC(2022, 10, 19, 16) / 1000
  const folder = "cos_bucket_inventory/1250000000/examplebucket/disposable"
  assert.equal(manifestKey(location, seconds), `${folder}/20221120/manifest.json`)
  assert.equal(checksumKey(location, seconds), `${folder}/20221120/manifest.checksum`)
  assert.equal(manifestKey(location, seconds - 1), `${folder}/20221119/manifest.json`)
  assert.equal(
    dataFileKey(location, "04d73d9debc73d9f0bf85af461abde6c"),
    `${folder}/04d73d9debc73d9f0bf85af461abde6c.csv.gz`,
  )
})
