/** Reports made over a store and read back, by code that knows nothing of how they were written. */
import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { hashes } from "../adapters/hashes/node.ts"
import { beginRun, runReport } from "../adapters/memory/reports/mod.ts"
import type { Store } from "../adapters/store/mod.ts"
import { keyOfBytes, keyOfText } from "../core/key.ts"
import { readKey } from "../core/report/mod.ts"
import type { Filter } from "../core/rule.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { dice } from "./generated.ts"
import {
  allKeys,
  bodyOf,
  bucketOf,
  day,
  destination,
  keysOf,
  makeWorld,
  md5,
  newest,
  put,
  putDeleteMarker,
  putRule,
  readReport,
  region,
  report,
  ruleOf,
  source,
  start,
} from "./report-world.ts"

const bodies = (count: number): ReadonlyArray<readonly [key: string, body: string]> =>
  Array.from(
    { length: count },
    (_, i) => [`dir-${i % 7}/${String(i).padStart(5, "0")}.txt`, "x".repeat(i % 97)] as const,
  )

const fill = async (store: Store, count: number) => {
  for (const [key, body] of bodies(count)) await put(store, keyOfText(key), body)
}

test("a report is read back: counts, sums, digests and CRCs are those of what was put", async () => {
  const store = makeWorld()
  await fill(store, 1234)
  const rule = ruleOf({ optionalFields: ["Size", "ETag", "Crc64", "StorageClass", "IsMultipartUploaded"] })
  const read = await readReport(store, await report(store, rule))
  const put = new Map(bodies(1234))
  assert.equal(read.rows.length, put.size)
  for (const row of read.rows) {
    const key = decodeURIComponent(row["Key"]!)
    const body = put.get(key)!
    assert.equal(row["Appid"], "1250000000")
    assert.equal(row["Bucket"], "examplebucket")
    assert.equal(row["Size"], String(body.length))
    assert.equal(row["ETag"], md5(body))
    assert.equal(row["Crc64"], newest(store, key, source).crc64)
    assert.equal(row["StorageClass"], "STANDARD")
    assert.equal(row["IsMultipartUploaded"], "False")
    put.delete(key)
  }
  assert.equal(put.size, 0)
  const total = String(bodies(1234).reduce((sum, [, body]) => sum + body.length, 0))
  const { listObjectCount, listStorageSize, filterObjectCount, filterStorageSize } = read.manifest
  assert.deepEqual([listObjectCount, listStorageSize, filterObjectCount, filterStorageSize], [
    "1234",
    total,
    "1234",
    total,
  ])
  assert.deepEqual(keysOf(read), keysOf(read).toSorted())
})

test("a data file is what zcat reads: a line for each object, and no other", async () => {
  const store = makeWorld()
  await fill(store, 500)
  const run = await report(store, ruleOf())
  const folder = mkdtempSync(join(tmpdir(), "report-"))
  try {
    const file = join(folder, "data.csv.gz")
    writeFileSync(file, await bodyOf(store, newest(store, run.wrote[0]!)))
    const lines = execFileSync("zcat", [file], { encoding: "utf8" }).split("\n")
    assert.equal(lines.pop(), "")
    assert.equal(lines.length, 500)
    const sizes = lines.map((line) => Number(line.split(",")[3]!.replaceAll('"', "")))
    assert.equal(sizes.reduce((a, b) => a + b), bodies(500).reduce((sum, [, body]) => sum + body.length, 0))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("a report lies where the documentation says, dated at its due moment", async () => {
  const store = makeWorld()
  await fill(store, 3)
  const run = await report(store, ruleOf())
  const folder = "out/1250000000/examplebucket/list1"
  assert.match(run.wrote[0]!, new RegExp(`^${folder}/[0-9a-f]{32}\\.csv\\.gz$`))
  assert.deepEqual(run.wrote.slice(1), [`${folder}/20240228/manifest.json`, `${folder}/20240228/manifest.checksum`])
  assert.deepEqual(allKeys(store), run.wrote.toSorted())
  assert.deepEqual(run.wrote.map((key) => newest(store, key).lastModified), [start, start, start])
  assert.deepEqual(
    run.wrote.map((key) => newest(store, key).headers),
    [[["Content-Type", "application/gzip"]], [["Content-Type", "application/json"]], [["Content-Type", "text/plain"]]],
  )
  assert.deepEqual(run.wrote.map((key) => newest(store, key).encryption), [undefined, undefined, undefined])
  const names = JSON.parse(new TextDecoder().decode(await bodyOf(store, newest(store, run.wrote[1]!))))
  assert.deepEqual(
    [names.sourceAppid, names.sourceBucket, names.destinationAppid, names.destinationBucket, names.fileFormat],
    ["1250000000", "examplebucket", "1250000000", "reports", "CSV"],
  )
})

test("a report keeps every key of a bucket, whatever its bytes", async () => {
  const store = makeWorld()
  const roll = dice(7)
  const keys = new Set<string>()
  for (let byte = 0; byte < 256; byte++) keys.add(keyOfBytes(Uint8Array.of(byte)))
  for (
    const text of ['"', 'a"b,c', "a\nb", "\r\n", "中/文", "😀", "%2F", "a b+c", "..", "//", "\0", "x".repeat(1024)]
  ) {
    keys.add(keyOfText(text))
  }
  for (let i = 0; i < 200; i++) keys.add(keyOfBytes(Uint8Array.from({ length: 1 + roll(40) }, () => roll(256))))
  for (const key of keys) await put(store, key, key)
  const read = await readReport(store, await report(store, ruleOf()))
  assert.deepEqual(read.rows.map((row) => readKey(row["Key"]!)), [...keys].toSorted())
})

test("a report of all versions has each, and says which is the newest and which delete markers are", async () => {
  const store = makeWorld()
  const key = keyOfText("a.txt")
  await put(store, key, "one", { versionId: "v1" })
  await put(store, key, "three", { versionId: "v2" })
  putDeleteMarker(store, key, "v3")
  await put(store, keyOfText("b.txt"), "b", { versionId: "v4" })
  await put(store, keyOfText("b.txt"), "bb", { versionId: "v5" })
  const all = await readReport(store, await report(store, ruleOf({ id: "all", includedObjectVersions: "All" })))
  assert.deepEqual(
    all.rows.map((row) => [row["Key"], row["VersionId"], row["IsLatest"], row["IsDeleteMarker"], row["Size"]]),
    [
      ["a.txt", "v3", "True", "True", ""],
      ["a.txt", "v2", "False", "False", "5"],
      ["a.txt", "v1", "False", "False", "3"],
      ["b.txt", "v5", "True", "False", "2"],
      ["b.txt", "v4", "False", "False", "1"],
    ],
  )
  assert.equal(all.manifest.listStorageSize, "11")
  const current = await readReport(store, await report(store, ruleOf({ id: "current" })))
  assert.deepEqual(current.rows.map((row) => [row["Key"], row["Size"]]), [["b.txt", "2"]])
  assert.deepEqual([current.manifest.listObjectCount, current.manifest.listStorageSize], ["1", "2"])
})

test("a report lists what passes its filter, and counts what it looked at apart", async () => {
  const store = makeWorld()
  const team = [{ key: "team", value: "blue" }]
  await put(store, keyOfText("logs/1"), "1", { tags: team, storageClass: "ARCHIVE" })
  await put(store, keyOfText("logs/2"), "22", { tags: team, lastModified: start - day })
  await put(store, keyOfText("logs/3"), "333")
  await put(store, keyOfText("log"), "4444", { tags: team })
  await put(store, keyOfText("logs0"), "55555", { tags: team })
  const listed = async (filter: Filter) => {
    const read = await readReport(store, await report(store, ruleOf({ filter })))
    const { listObjectCount, listStorageSize, filterStorageSize } = read.manifest
    return [keysOf(read).join(" "), listObjectCount, listStorageSize, filterStorageSize]
  }
  assert.deepEqual(await listed({ prefix: "logs/" }), ["logs/1 logs/2 logs/3", "3", "6", "6"])
  assert.deepEqual(await listed({ prefix: "logs/", tags: [team[0]!] }), ["logs/1 logs/2", "3", "6", "3"])
  assert.deepEqual(await listed({ tags: [team[0]!] }), ["log logs/1 logs/2 logs0", "5", "15", "12"])
  assert.deepEqual(await listed({ storageClass: "ARCHIVE" }), ["logs/1", "5", "15", "1"])
  assert.deepEqual(await listed({ period: { endTime: start / 1000 - 1 } }), ["logs/2", "5", "15", "2"])
  assert.deepEqual(await listed({ prefix: "none" }), ["", "0", "0", "0"])
  assert.deepEqual(await listed({ prefix: "logs/", tags: [{ key: "team", value: "red" }] }), ["", "3", "6", "0"])
})

test("a report that lists nothing is a manifest that names no file", async () => {
  const store = makeWorld()
  const run = await report(store, ruleOf())
  const read = await readReport(store, run)
  assert.deepEqual([read.manifest.files, read.manifest.listObjectCount, run.objects], [[], "0", 0])
  assert.equal(allKeys(store).length, 2)
})

test("a report is split at a number of rows, and its files have each row once", async () => {
  const store = makeWorld()
  await fill(store, 1200)
  const whole = await readReport(store, await report(store, ruleOf()))
  for (const rowsPerFile of [1200, 1199, 700, 600, 500, 399]) {
    const split = await readReport(store, await report(store, ruleOf({ id: `by-${rowsPerFile}` }), { rowsPerFile }))
    const sizes = split.files.map((rows) => rows.length)
    const full = Math.floor(1200 / rowsPerFile)
    assert.deepEqual(sizes, [...Array(full).fill(rowsPerFile), ...(1200 % rowsPerFile > 0 ? [1200 % rowsPerFile] : [])])
    assert.deepEqual(keysOf(split), keysOf(whole))
  }
})

test("a report is split within the versions of one key", async () => {
  const store = makeWorld()
  for (let i = 0; i < 25; i++) await put(store, "a", String(i), { versionId: `v${i}` })
  const rule = ruleOf({ includedObjectVersions: "All" })
  const { files, rows } = await readReport(store, await report(store, rule, { rowsPerFile: 10 }))
  assert.deepEqual(files.map((rows) => rows.length), [10, 10, 5])
  assert.deepEqual(rows.map((row) => row["VersionId"]), Array.from({ length: 25 }, (_, i) => `v${24 - i}`))
  assert.deepEqual(rows.filter((row) => row["IsLatest"] === "True").length, 1)
})

test("a report with SSE-COS is marked so, every file of it", async () => {
  const store = makeWorld()
  await fill(store, 1)
  const rule = ruleOf()
  const run = await report(store, { ...rule, destination: { ...rule.destination, encryption: "SSE-COS" } })
  assert.deepEqual(run.wrote.map((key) => newest(store, key).encryption), ["AES256", "AES256", "AES256"])
})

test("a destination keeps the reports of a day as versions where it is versioned, else the last one", async () => {
  for (const versioning of ["Enabled", "Suspended", undefined] as const) {
    const store = makeWorld()
    store.commit([{ _tag: "BucketPut", bucket: bucketOf(destination, versioning === undefined ? {} : { versioning }) }])
    await fill(store, 1)
    const first = await report(store, ruleOf())
    await put(store, "b", "b")
    const second = await report(store, ruleOf())
    assert.notEqual(first.wrote[0], second.wrote[0])
    assert.equal(first.wrote[1], second.wrote[1])
    const versions = store.versions(destination, keyOfText(second.wrote[1]!))
    assert.equal(versions.length, versioning === "Enabled" ? 2 : 1)
    assert.equal(versions.every(({ versionId }) => (versionId === "null") === (versioning !== "Enabled")), true)
    assert.equal((await readReport(store, second)).rows.length, 2)
  }
})

test("a rule whose reports lie under its own prefix lists the earlier ones", async () => {
  const store = makeWorld()
  await put(store, keyOfText("out/a"), "a")
  const own = ruleOf({
    filter: { prefix: "out/" },
    destination: { bucket: `qcs::cos:${region}::${source}`, prefix: "out", format: "CSV" },
  })
  const first = await report(store, own)
  assert.deepEqual(keysOf(await readReport(store, first)), ["out/a"])
  const second = await report(store, own, {}, start + day)
  assert.deepEqual(keysOf(await readReport(store, second)), [...first.wrote, "out/a"].toSorted())
})

const fails = async (
  change: (store: Store) => void,
  why: RegExp,
  rule = ruleOf(),
  options: Parameters<typeof report>[2] = {},
) => {
  const store = makeWorld()
  await fill(store, 3)
  change(store)
  const [before, used] = [allKeys(store), store.bodies.used()]
  const run = await report(store, rule, options)
  assert.equal(run.state, "failed")
  assert.match(run.why!, why)
  assert.deepEqual(run.wrote, [])
  assert.equal(run.objects, undefined)
  assert.deepEqual(store.runs(), [run])
  assert.deepEqual(allKeys(store), before)
  assert.equal(store.bodies.used(), used)
}

test("a report fails, and says so, when its destination bucket is missing", () =>
  fails(
    (store) => store.commit([{ _tag: "BucketDeleted", bucket: destination }]),
    /"reports-1250000000" does not exist/,
  ))

test("a report fails, and says so, when its destination is in another region", () =>
  fails(
    (store) => store.commit([{ _tag: "BucketPut", bucket: bucketOf(destination, { region: "ap-beijing" }) }]),
    /is in ap-beijing and its source in ap-guangzhou/,
  ))

test("a report fails, and says so, when its rule names another region than its destination is in", () =>
  fails(
    () => {},
    /is in ap-beijing/,
    ruleOf({ destination: { bucket: `qcs::cos:ap-beijing::${destination}`, format: "CSV" } }),
  ))

test("a report fails, and says so, when its destination denies writing", () =>
  fails(
    (store) => store.commit([{ _tag: "BucketPut", bucket: bucketOf(destination, { denied: ["PutObject"] }) }]),
    /denied; allow PutObject there/,
  ))

test("a report fails, and says so, when the permission of delivery was lost", () =>
  fails(() => {}, /denied/, ruleOf(), { mayWrite: (bucket) => bucket !== destination }))

test("a report fails, and says so, when its destination is no bucket", () =>
  fails(
    () => {},
    /"qcs::cos:nowhere" names no bucket/,
    ruleOf({ destination: { bucket: "qcs::cos:nowhere", format: "CSV" } }),
  ))

test("a report fails, and says so, when its format is not written", () =>
  fails(
    () => {},
    /as "ORC"/,
    ruleOf({ destination: { bucket: `qcs::cos:${region}::${destination}`, format: "ORC" } }),
  ))

test("a report fails, and says so, when its source bucket is gone", async () => {
  const store = makeWorld()
  store.commit([{ _tag: "BucketDeleted", bucket: source }])
  const run = await report(store, ruleOf())
  assert.deepEqual([run.state, /source bucket "examplebucket-1250000000"/.test(run.why!)], ["failed", true])
})

test("a report fails, and says so, when its rule cannot be read", async () => {
  const store = makeWorld()
  const run = beginRun(store, { bucket: source, rule: "list1", xml: "<InventoryConfiguration>" }, start)
  const failed = await Effect.runPromise(runReport(store, hashes, run))
  assert.deepEqual([failed.state, /cannot be read/.test(failed.why!)], ["failed", true])
})

/** The same store, but for what it does when a body comes in or goes out. */
const withBodies = (store: Store, some: Partial<Store["bodies"]>): Store => ({
  ...store,
  bodies: { ...store.bodies, ...some },
})

test("a report for which there is no room fails, and leaves no body behind", async () => {
  const store = makeWorld()
  await fill(store, 900)
  const used = store.bodies.used()
  let room = 2
  const full = withBodies(store, {
    write: (body) => room-- > 0 ? store.bodies.write(body) : Effect.fail({ _tag: "NoRoom", cap: 10, used: 10 }),
  })
  const run = await report(full, ruleOf(), { rowsPerFile: 300 })
  assert.deepEqual([run.state, run.why!.startsWith("Cannot deliver the report: bodies may take 10 bytes")], [
    "failed",
    true,
  ])
  assert.equal(store.bodies.used(), used)
  assert.deepEqual(allKeys(store), [])
})

test("a report whose destination goes while it is made fails, and leaves nothing behind", async () => {
  for (
    const change of [
      { _tag: "BucketDeleted", bucket: destination },
      { _tag: "BucketPut", bucket: bucketOf(destination, { denied: ["PutObject"] }) },
      { _tag: "BucketDeleted", bucket: source },
    ] as const
  ) {
    const store = makeWorld()
    await fill(store, 900)
    let writes = 0
    const changing = withBodies(store, {
      write: (body) => {
        if (++writes === 2) store.commit([change])
        return store.bodies.write(body)
      },
    })
    const run = await report(changing, ruleOf(), { rowsPerFile: 500 })
    assert.equal(run.state, "failed")
    if (store.bucket(destination) !== undefined) assert.deepEqual(allKeys(store), [])
    if (store.bucket(source) !== undefined) await report(store, ruleOf())
    for (const name of [source, destination]) {
      if (store.bucket(name) !== undefined) store.commit([{ _tag: "BucketDeleted", bucket: name }])
    }
    assert.equal(store.bodies.used(), 0)
  }
})

test("a report that is interrupted leaves no body behind, and its run as running", async () => {
  const store = makeWorld()
  await fill(store, 900)
  const used = store.bodies.used()
  let writes = 0
  const hanging = withBodies(store, {
    write: (body) => ++writes < 3 ? store.bodies.write(body) : Effect.never,
  })
  const run = beginRun(store, { bucket: source, rule: "list1", xml: writeConfiguration(ruleOf()) }, start)
  const fiber = Effect.runFork(runReport(hanging, hashes, run, { rowsPerFile: 300 }))
  while (writes < 3) await new Promise((resolve) => setImmediate(resolve))
  await Effect.runPromise(Fiber.interrupt(fiber))
  assert.equal(store.bodies.used(), used)
  assert.deepEqual(store.runs(), [run])
  assert.deepEqual(allKeys(store), [])
})

test("a report that is interrupted within a data file stops there", async () => {
  const store = makeWorld()
  await fill(store, 3000)
  const used = store.bodies.used()
  let isBegun = false
  const watched = withBodies(store, {
    write: (body) => {
      isBegun = true
      return store.bodies.write(body)
    },
  })
  const run = beginRun(store, { bucket: source, rule: "list1", xml: writeConfiguration(ruleOf()) }, start)
  const fiber = Effect.runFork(runReport(watched, hashes, run))
  while (!isBegun) await new Promise((resolve) => setImmediate(resolve))
  await Effect.runPromise(Fiber.interrupt(fiber))
  assert.equal(store.bodies.used(), used)
  assert.equal(store.runs()[0]!.state, "running")
})

test("nothing of a report is visible until all of it is", async () => {
  const store = makeWorld()
  await fill(store, 900)
  const seen: Array<ReadonlyArray<string>> = []
  const watched = withBodies(store, {
    write: (body) => {
      seen.push(allKeys(store))
      return store.bodies.write(body)
    },
  })
  const run = await report(watched, ruleOf(), { rowsPerFile: 300 })
  assert.deepEqual(seen, [[], [], [], [], []])
  assert.equal(allKeys(store).length, run.wrote.length)
})

test("others have their turn while a bucket is read", async () => {
  const store = makeWorld()
  await fill(store, 4000)
  let turns = 0
  let isDone = false
  const others = (async () => {
    for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve))
  })()
  await report(store, ruleOf())
  isDone = true
  await others
  assert.equal(turns >= 4000 / 500, true, `${turns} turns`)
})

test("a report may be of a bucket that changes while it is read, and is whole all the same", async () => {
  const store = makeWorld()
  await fill(store, 3000)
  let isDone = false
  const others = (async () => {
    for (let i = 0; !isDone; i++) {
      await put(store, keyOfText(`dir-${i % 7}/new-${i}`), "new")
      const [key] = bodies(3000)[i]!
      store.commit([{ _tag: "VersionDeleted", bucket: source, key: keyOfText(key), versionId: "null" }])
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const run = await report(store, ruleOf(), { rowsPerFile: 1000 })
  isDone = true
  await others
  const keys = keysOf(await readReport(store, run))
  assert.deepEqual(keys, [...new Set(keys)].toSorted())
})

test("the same bucket gives the same report", async () => {
  const bytes = await Promise.all([1, 2].map(async () => {
    const store = makeWorld()
    await fill(store, 1000)
    const run = await report(store, ruleOf({ includedObjectVersions: "All" }), { rowsPerFile: 600 })
    return Promise.all(run.wrote.map(async (key) => [key, md5(await bodyOf(store, newest(store, key)))]))
  }))
  assert.deepEqual(bytes[0], bytes[1])
})

test("the run of a report says what it did", async () => {
  const store = makeWorld()
  await fill(store, 4)
  putRule(store, ruleOf(), start)
  const run = await report(store, ruleOf())
  const { took, ...rest } = run
  assert.equal(Number.isInteger(took) && took! >= 0, true)
  assert.deepEqual(rest, {
    id: run.id,
    bucket: source,
    rule: "list1",
    xml: writeConfiguration(ruleOf()),
    due: start,
    state: "done",
    wrote: run.wrote,
    destination,
    objects: 4,
  })
  assert.deepEqual(store.runs(), [run])
})
