/** A month of virtual time over a bucket that changes, and every report of it read back. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"
import { hashes } from "../adapters/hashes/node.ts"
import { type LocalCos, makeLocalCos } from "../adapters/local.ts"
import { synthetic } from "../adapters/store/mod.ts"
import {
  type Asked,
  dayOf,
  duesOf,
  expectedOf,
  type Listed,
  type Objects,
  objectsOf,
  xmlOf,
} from "./report-month-model.ts"
import { readRows } from "./report-csv.ts"

const source = "source-1250000000"
const reports = "reports-1250000000"
/** Half past five in the afternoon of a Thursday where the reports are made. */
const begun = Date.UTC(2026, 1, 26, 9, 30)
const filling = { count: 300, seed: 11 }

/** In the order of their age. */
const rules: ReadonlyArray<Asked> = [
  {
    id: "daily",
    frequency: "Daily",
    versions: "Current",
    fields: ["Size", "ETag", "StorageClass", "LastModifiedDate"],
    prefix: "out",
    to: reports,
  },
  {
    id: "weekly",
    frequency: "Weekly",
    versions: "All",
    fields: ["LastModifiedDate", "Tag", "IsMultipartUploaded", "Size"],
    prefix: "out/all",
    to: reports,
    isEncrypted: true,
  },
  { id: "first", frequency: "Monthly", date: 1, versions: "All", fields: ["ETag"], prefix: "out", to: reports },
  {
    id: "last",
    frequency: "Monthly",
    date: 28,
    versions: "Current",
    fields: ["Size"],
    prefix: "out",
    to: reports,
    filter: { prefix: "mine/", storageClass: "STANDARD_IA" },
  },
  {
    id: "tagged",
    frequency: "Daily",
    versions: "All",
    fields: ["Size", "Tag"],
    prefix: "out",
    to: reports,
    filter: { prefix: "mine/", tag: ["age", "18"] },
  },
  { id: "never", frequency: "Daily", isEnabled: false, versions: "All", fields: ["Size"], prefix: "out", to: reports },
  // It lists what it delivered the days before
  { id: "home", frequency: "Weekly", versions: "Current", fields: ["Size", "ETag"], prefix: "home", to: source },
]

interface Run {
  readonly id: number
  readonly rule: string
  readonly job?: string
  readonly due: string
  readonly state: string
  readonly why?: string
  readonly wrote: ReadonlyArray<string>
  readonly objects?: number
  readonly destination?: string
}

const admin = async (cos: LocalCos, path: string, document?: unknown) => {
  const response = await cos.fetch(
    `http://127.0.0.1/_local/${path}`,
    document === undefined ? {} : { method: "POST", body: JSON.stringify(document) },
  )
  const value = await response.json()
  assert.equal(response.status, 200, JSON.stringify(value))
  return value
}

const ask = async (cos: LocalCos, bucket: string, target: string, init: RequestInit = {}): Promise<Response> => {
  const response = await cos.fetch(`http://${bucket}.cos.ap-guangzhou.myqcloud.com${target}`, init)
  if (!response.ok) assert.fail(`${init.method ?? "GET"} ${target}: ${await response.text()}`)
  return response
}

const open = async (): Promise<LocalCos> => {
  const buckets = [
    { name: source, versioning: "Enabled", synthetic: filling },
    { name: reports, versioning: "Enabled" },
  ]
  const cos = await makeLocalCos({
    seed: { version: 1, buckets },
    defaultBucket: source,
    clock: begun,
    verifySignatures: false,
  })
  for (const rule of rules) {
    await ask(cos, source, `/?inventory&id=${rule.id}`, { method: "PUT", body: xmlOf(rule) })
  }
  return cos
}

const md5 = (bytes: Uint8Array | string): string => createHash("md5").update(bytes).digest("hex")

interface World {
  readonly cos: LocalCos
  readonly objects: Objects
  now: number
}

interface Put {
  readonly body: string
  readonly storageClass?: string
  readonly tags?: ReadonlyArray<readonly [key: string, value: string]>
}

const put = async ({ cos, now, objects }: World, key: string, { body, storageClass = "STANDARD", tags = [] }: Put) => {
  const { headers } = await ask(cos, source, `/${encodeURIComponent(key).replaceAll("%2F", "/")}`, {
    method: "PUT",
    body,
    headers: {
      "x-cos-storage-class": storageClass,
      ...(tags.length === 0 ? {} : { "x-cos-tagging": tags.map((pair) => pair.join("=")).join("&") }),
    },
  })
  const bytes = Buffer.from(body)
  const version: Listed = {
    ...{ key: Buffer.from(key).toString("latin1"), versionId: headers.get("x-cos-version-id")!, isDeleteMarker: false },
    ...{ lastModified: now, etag: md5(bytes), size: bytes.length, storageClass, tags, isMultipart: false },
  }
  objects.set(version.key, [version, ...(objects.get(version.key) ?? [])])
}

const remove = async ({ cos, now, objects }: World, key: string, versionId?: string) => {
  const path = key.replaceAll(
    /[^A-Za-z0-9\-_.~/]/gu,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  )
  const query = versionId === undefined ? "" : `?versionId=${encodeURIComponent(versionId)}`
  const { headers } = await ask(cos, source, `/${path}${query}`, { method: "DELETE" })
  const before = objects.get(key) ?? []
  const marker: Listed = {
    ...{ key, versionId: headers.get("x-cos-version-id")!, isDeleteMarker: true, lastModified: now },
    ...{ etag: "", size: 0, storageClass: "", tags: [], isMultipart: false },
  }
  const after = versionId === undefined ? [marker, ...before] : before.filter((other) => other.versionId !== versionId)
  if (after.length === 0) objects.delete(key)
  else objects.set(key, after)
}

/** What is done before each step of the clock, which is of this length. */
const steps: ReadonlyArray<readonly [step: string, change: (world: World) => Promise<void>]> = [
  ["PT1H", async (world) => {
    await put(world, "mine/one", { body: "one", tags: [["age", "18"]] })
    await put(world, 'mine/caf\u00e9, "two" %41', { body: "two", storageClass: "STANDARD_IA" })
  }],
  ["P1D", (world) => put(world, "mine/one", { body: "one again", tags: [["age", "18"], ["team", "x y"]] })],
  ["P1D", (world) => remove(world, "mine/one")],
  ["PT6H", async (world) => {
    // Of a synthetic object, the newest version and the whole key
    const [first, second] = [...world.objects.values()].filter((versions) => versions.length === 1)
    await remove(world, first![0]!.key)
    await remove(world, second![0]!.key, second![0]!.versionId)
  }],
  ["P10D", async (world) => {
    for (let at = 0; at < 40; at++) {
      await put(world, `mine/${at % 30}`, {
        body: "x".repeat(at),
        ...(at % 3 === 0 ? { storageClass: "STANDARD_IA" } : {}),
        ...(at % 4 === 0 ? { tags: [["age", "18"]] } : {}),
      })
    }
  }],
  ["PT30M", () => Promise.resolve()],
  ["P1W", async (world) => {
    for (let at = 0; at < 5; at++) await remove(world, `mine/${at}`)
    const [newest, older] = world.objects.get("mine/6")!
    await remove(world, "mine/6", older!.versionId)
    assert.equal(newest!.isDeleteMarker, false)
  }],
  ["PT14H30M", (world) => put(world, "mine/one", { body: "back" })],
  ["P9DT5H", (world) => put(world, "mine/last", { body: "last", storageClass: "STANDARD_IA" })],
  ["P3D", (world) => remove(world, "mine/last")],
]

test("a month of virtual time delivers every daily, weekly and monthly report once, and each says what there was", async () => {
  const cos = await open()
  const objects = objectsOf(synthetic(filling.count, filling.seed, hashes))
  const world: World = { cos, objects, now: begun }
  const seen: Array<Run> = []
  for (const [at, [advance, change]] of steps.entries()) {
    await change(world)
    if (at === 5) seen.push(await job(world))
    const before = world.now
    const { now, runs } = await admin(cos, "clock", { advance })
    world.now = Date.parse(now)
    assert.ok(world.now > before)
    assert.deepEqual(runs.map(({ due, rule }: Run) => [Date.parse(due), rule]), duesOf(rules, before, world.now))
    for (const run of runs) await check(world, run, rules.find(({ id }) => id === run.rule)!)
    seen.push(...runs)
  }
  assert.equal(new Date(world.now).toISOString().slice(0, 10), "2026-03-30")
  const count = (id: string) => seen.filter(({ rule }) => rule === id).length
  assert.deepEqual([...rules.map(({ id }) => count(id)), count("once")], [32, 5, 1, 2, 32, 0, 5, 1])

  assert.deepEqual((await admin(cos, "runs")).runs, seen)
  const there = await keysIn(cos)
  const wrote = seen.filter(({ destination }) => destination === reports).flatMap(({ wrote }) => wrote)
  assert.deepEqual(there.toSorted(), wrote.toSorted())
  assert.equal(new Set(there).size, there.length)
  await cos.close()
})

/** By page, each version. */
const keysIn = async (cos: LocalCos): Promise<ReadonlyArray<string>> => {
  const text = await (await ask(cos, reports, "/?versions&max-keys=1000")).text()
  assert.match(text, /<IsTruncated>false</u)
  return Array.from(text.matchAll(/<Version><Key>([^<]*)</gu), ([, key]) => key!)
}

const once: Asked = {
  id: "once",
  versions: "All",
  fields: ["Size", "LastModifiedDate"],
  prefix: "jobs",
  to: reports,
  filter: { from: Date.UTC(2020, 0, 1) / 1000, until: begun / 1000 + 3600 },
}

const job = async (world: World): Promise<Run> => {
  const { cos, now } = world
  const posted = await ask(cos, source, "/?inventory&id=once", { method: "POST", body: xmlOf(once) })
  const id = /<JobId>([^<]+)</u.exec(await posted.text())?.[1]
  await cos.settled()
  const run: Run = (await admin(cos, "runs")).runs.at(-1)
  assert.deepEqual([run.rule, run.job, Date.parse(run.due)], ["once", id, now])
  await check(world, run, once)
  return run
}

/** Reads a report as its user would, and holds it against the objects there are. */
const check = async ({ cos, objects }: World, run: Run, asked: Asked): Promise<void> => {
  assert.equal(run.state, "done", run.why ?? "")
  assert.equal(run.destination, asked.to)
  const due = Date.parse(run.due)
  const folder = `${asked.prefix}/1250000000/source/${asked.id}`
  const [manifestKey, checksumKey] = run.wrote.slice(-2)
  assert.deepEqual([manifestKey, checksumKey], [
    `${folder}/${dayOf(due)}/manifest.json`,
    `${folder}/${dayOf(due)}/manifest.checksum`,
  ])
  const kept: Array<Listed> = []
  const read = async (key: string): Promise<Buffer> => {
    const response = await ask(cos, asked.to, `/${key}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    assert.equal(Date.parse(response.headers.get("last-modified")!), due)
    assert.equal(response.headers.get("x-cos-server-side-encryption"), asked.isEncrypted === true ? "AES256" : null)
    kept.push({
      ...{ key, versionId: response.headers.get("x-cos-version-id")!, isDeleteMarker: false, lastModified: due },
      ...{ etag: md5(bytes), size: bytes.length, storageClass: "STANDARD", tags: [], isMultipart: false },
    })
    return bytes
  }
  const manifestBytes = await read(manifestKey!)
  assert.equal((await read(checksumKey!)).toString(), md5(manifestBytes))
  const { files, ...manifest } = JSON.parse(manifestBytes.toString())
  const rows: Array<Readonly<Record<string, string>>> = []
  for (const { key, md5Checksum, size } of files) {
    assert.match(key.slice(folder.length), /^\/[0-9a-f]{32}\.csv\.gz$/u)
    const bytes = await read(key)
    assert.deepEqual([md5(bytes), String(bytes.length)], [md5Checksum, size])
    rows.push(...readRows(gunzipSync(bytes).toString(), manifest.fileSchema.split(", ")))
  }
  assert.deepEqual(files.map(({ key }: { key: string }) => key), run.wrote.slice(0, -2))
  const { listed, rows: wanted, size } = expectedOf(objects, asked)
  assert.deepEqual(rows, wanted, `${asked.id} of ${run.due}`)
  assert.equal(run.objects, wanted.length)
  const columns = wanted[0] === undefined ? manifest.fileSchema : Object.keys(wanted[0]).join(", ")
  assert.deepEqual(manifest, {
    ...{ sourceAppid: "1250000000", sourceBucket: "source", destinationAppid: "1250000000" },
    ...{ destinationBucket: asked.to.slice(0, asked.to.lastIndexOf("-")), fileFormat: "CSV", fileSchema: columns },
    ...{ listObjectCount: String(listed.count), listStorageSize: String(listed.size) },
    ...{ filterObjectCount: String(wanted.length), filterStorageSize: String(size) },
  })
  if (asked.to === source) { for (const each of kept) objects.set(each.key, [each, ...(objects.get(each.key) ?? [])]) }
}

test("a clock that several move at once goes forwards alone, and makes each report once", async () => {
  const cos = await open()
  const day = 24 * 60 * 60 * 1000
  const moves = await Promise.all([4, 2, 6, 1].map((days) => cos.advance(begun + days * day)))
  const { now } = await admin(cos, "clock")
  assert.equal(Date.parse(now), begun + 6 * day)
  assert.deepEqual(moves.flat().map(({ due, rule }) => [due, rule]), duesOf(rules, begun, begun + 6 * day))
  await assert.rejects(cos.advance(begun + 3 * day), /Cannot move the clock back/u)
  assert.deepEqual((await admin(cos, "clock")).now, now)
  assert.deepEqual(await cos.advance(begun + 6 * day), [])
  await cos.close()
})
