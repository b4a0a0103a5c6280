/** What is left of the local COS, as a program with its folder, when it is killed in the middle of anything. */
import { strict as assert } from "node:assert"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import { hashes } from "../adapters/hashes/node.ts"
import { openSqlite } from "../adapters/sqlite/mod.ts"
import type { Run } from "../adapters/store/mod.ts"
import {
  adopted,
  assertStatus,
  byFirst,
  element,
  elements,
  md5,
  nothing,
  room,
  roomOf,
  ruleXml,
  type Step,
  stepOf,
  type Told,
  toldOf,
  type Writer,
} from "./kill-local-model.ts"
import { names, region, type Server, start } from "./kill-local-server.ts"
import { bun, run } from "./process.ts"
import { readRows } from "./report-csv.ts"
import { generator } from "./store-laws.ts"

const day = 24 * 60 * 60 * 1000
/** A Thursday, eight in the morning where reports are made. */
const begun = Date.UTC(2026, 0, 1)
const objects = 4000

interface World {
  readonly data: string
  readonly writers: ReadonlyArray<Writer>
  readonly random: (limit: number) => number
  /** What the clock was last known to show, and what it was last told to. */
  clock: { readonly known: number; readonly told: number }
  /** Sizes of the files of reports, by run. */
  readonly reports: Map<number, ReadonlyArray<number>>
  /** The rows of every report of one rule are the same. */
  readonly rows: Map<string, string>
  /** Requests that were under way, and reports that were being made, when it was killed. */
  readonly counted: { underWay: number; hit: number }
}

const makeWorld = (data: string, seed: number): World => ({
  data,
  random: generator(seed),
  writers: ["a", "b", "c", "d"].map((name, nth): Writer => ({
    name,
    bucket: nth < 2 ? names.versioned : names.plain,
    isVersioned: nth < 2,
    state: nothing,
    under: undefined,
    random: generator(seed * 10 + nth),
    turn: 0,
  })),
  clock: { known: begun, told: begun },
  reports: new Map(),
  rows: new Map(),
  counted: { underWay: 0, hit: 0 },
})

const argumentsOf = ({ data }: World): ReadonlyArray<string> => [
  ...["--data", data, "--port", "0", "--default-bucket", names.source, "--region", region, "--log", "off", "--loose"],
  ...["--seed", `synthetic:${objects}:7`, "--clock", new Date(begun).toISOString()],
]

const rules = [
  { id: "daily", frequency: "Daily", versions: "Current", prefix: "daily" },
  { id: "weekly", frequency: "Weekly", versions: "All", prefix: "weekly" },
  { id: "astray", frequency: "Weekly", prefix: "astray", to: "missing-1250000000" },
] as const

const prepare = async ({ ask }: Server): Promise<void> => {
  for (const bucket of [names.reports, names.versioned, names.plain]) {
    assertStatus(await ask("PUT", "/", { bucket }), 200)
  }
  // In a versioned bucket a report that is delivered twice shows
  for (const bucket of [names.reports, names.versioned]) {
    const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assertStatus(await ask("PUT", "/?versioning", { bucket, body }), 200)
  }
  for (const rule of rules) {
    const body = ruleXml({ ...rule, isEnabled: true })
    assertStatus(await ask("PUT", `/?inventory&id=${rule.id}`, { bucket: names.source, body }), 200)
  }
}

/** Everybody writes until the process is dead. */
const work = async (world: World, server: Server, isReport: boolean): Promise<void> => {
  const { random, writers } = world
  let isDead = false
  const kill = () => {
    isDead = true
    server.kill()
  }
  /** False once nobody answers any more. */
  const unlessDead = async (ask: () => Promise<void>): Promise<boolean> => {
    try {
      await ask()
      return true
    } catch (cause) {
      // A wrong answer is a failure whenever it comes
      if (!isDead || cause instanceof assert.AssertionError) throw cause
      return false
    }
  }
  const writing = writers.map(async (writer) => {
    do writer.under = stepOf(writer)
    while (await unlessDead(() => done(writer, writer.under!, server)))
  })
  const moving = async () => {
    do world.clock = { ...world.clock, told: world.clock.told + (1 + random(3)) * day / 2 }
    while (
      await unlessDead(async () => {
        await moved(world, server)
      })
    )
  }
  const killing = async () => {
    if (!isReport) return void setTimeout(kill, 20 + random(600))
    // In the middle of a report
    for (let isRunning = false; !isRunning;) {
      isRunning = (await runsOf(server)).some(({ state }) => state === "running")
    }
    world.counted.hit++
    setTimeout(kill, random(80))
  }
  // Reports leave little time for anything else
  await Promise.all([...writing, ...(isReport ? [moving()] : []), killing()])
  assert.equal(await server.ended, "")
  world.counted.underWay += writers.length
}

const done = async (writer: Writer, step: Step, server: Server): Promise<void> => {
  const answer = assertStatus(await step.send(server), step.status)
  writer.state = step.after(answer)
  writer.under = undefined
}

const moved = async (world: World, { ask }: Server): Promise<void> => {
  const set = new Date(world.clock.told).toISOString()
  const answer = assertStatus(await ask("POST", "/_local/clock", { body: JSON.stringify({ set }) }), 200)
  assert.equal(JSON.parse(answer.text).now, set)
  world.clock = { ...world.clock, known: world.clock.told }
}

interface Shown extends Omit<Run, "due"> {
  readonly due: string
}
const runsOf = async ({ ask }: Server): Promise<ReadonlyArray<Shown>> =>
  JSON.parse(assertStatus(await ask("GET", "/_local/runs"), 200).text).runs

/** After a restart: nothing is lost, nothing is there by halves, and what was begun is finished. */
const verify = async (world: World, server: Server): Promise<void> => {
  const { clock, data, writers } = world
  const now = Date.parse(JSON.parse(assertStatus(await server.ask("GET", "/_local/clock"), 200).text).now)
  assert.ok(now >= clock.known && now <= clock.told, `the clock was at ${clock.known} and shows ${now}`)
  await moved(world, server)
  const runs = await runsOf(server)
  for (const writer of writers) {
    const told = await toldBy(server, writer, runs)
    const { under } = writer
    writer.under = undefined
    const after = under === undefined ? writer.state : adopted(under.after(undefined), told)
    if (!isSame(told, toldOf(writer.state)) && isSame(told, toldOf(after))) {
      writer.state = after
    }
    assert.deepEqual(told, toldOf(writer.state))
  }
  await verifyRuns(world, server, runs)
  const reports = roomOf([...world.reports.values()].flat())
  const rooms = [reports, ...writers.map(({ state }) => room(state))]
  const files = readdirSync(join(data, "bodies"))
  assert.equal(files.length, rooms.reduce((sum, { files }) => sum + files, 0), files.join())
  const state = JSON.parse(assertStatus(await server.ask("GET", "/_local/state"), 200).text)
  assert.equal(state.bodies, rooms.reduce((sum, { bytes }) => sum + bytes, 0))
}

const isSame = (one: Told, other: Told): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Every body is read. */
const toldBy = async (
  { ask }: Server,
  { bucket, isVersioned, name }: Writer,
  runs: ReadonlyArray<Shown>,
): Promise<Told> => {
  const got = async (path: string, of = bucket) => assertStatus(await ask("GET", path, { bucket: of }), 200)
  const listed = (await got(`/?versions&prefix=${name}/&max-keys=1000`)).text
  const versions: Array<Told["versions"][number]> = []
  for (const [, kind, inside] of listed.matchAll(/<(Version|DeleteMarker)>([^]*?)<\/\1>/gu)) {
    const [key, id] = [element(inside!, "Key"), element(inside!, "VersionId")]
    if (kind === "DeleteMarker") versions.push([key, id, "marker"])
    else {
      const { bytes, headers } = await got(`/${key}${isVersioned ? `?versionId=${encodeURIComponent(id)}` : ""}`)
      assert.equal(String(bytes.length), element(inside!, "Size"))
      assert.equal(String(bytes.length), headers["content-length"])
      versions.push([key, id, md5(bytes)])
    }
  }
  const uploads: Array<Told["uploads"][number]> = []
  for (const upload of elements((await got(`/?uploads&prefix=${name}/&max-uploads=1000`)).text, "Upload")) {
    const [key, id] = [element(upload, "Key"), element(upload, "UploadId")]
    const parts = elements((await got(`/${key}?uploadId=${id}`)).text, "Part")
    const each = parts.map((part) =>
      `${element(part, "PartNumber")} ${element(part, "ETag").replaceAll(/"|&quot;/gu, "")}`
    )
    uploads.push([id, key, each.join()])
  }
  const rules = elements((await got("/?inventory", names.plain)).text, "InventoryConfiguration")
  return {
    versions,
    uploads,
    rules: rules.map((rule) => [element(rule, "Id"), element(rule, "Prefix")] as const)
      .filter(([id]) => id.startsWith(`${name}-`)).toSorted(byFirst),
    jobs: runs.filter(({ rule }) => rule.startsWith(`${name}-job-`)).map(({ rule }) => rule).toSorted(),
  }
}

/** Each report once, whole, and nothing beside them. */
const verifyRuns = async (world: World, server: Server, runs: ReadonlyArray<Shown>): Promise<void> => {
  for (const { frequency, id } of rules) {
    const made = runs.filter(({ rule }) => rule === id)
    assert.deepEqual(made.map(({ due }) => Date.parse(due)), dues(frequency, world.clock.known), id)
    for (const { state, why } of made) {
      assert.equal(state, id === "astray" ? "failed" : "done", `${id}: ${why}`)
      assert.equal(why?.includes('"missing-1250000000" does not exist'), id === "astray" ? true : undefined)
    }
  }
  for (const run of runs.filter(({ rule }) => rule.includes("-job-"))) {
    assert.equal(run.state, "done", `${run.rule}: ${run.why}`)
  }
  const listed = assertStatus(await server.ask("GET", "/?versions&max-keys=1000", { bucket: names.reports }), 200).text
  assert.equal(element(listed, "IsTruncated"), "false")
  assert.deepEqual(elements(listed, "Key").toSorted(), runs.flatMap(({ wrote }) => wrote).toSorted())
  for (const run of runs) {
    if (run.state === "done" && !world.reports.has(run.id)) {
      world.reports.set(run.id, await reportOf(world, server, run))
    }
  }
}

/** Midnight in UTC+8, of every day or of Mondays. */
const dues = (frequency: "Daily" | "Weekly", now: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let due = begun + 16 * 60 * 60 * 1000; due <= now; due += day) {
    if (frequency === "Daily" || new Date(due).getUTCDay() === 0) found.push(due)
  }
  return found
}

/** The sizes of its files, which agree with one another. */
const reportOf = async ({ rows }: World, { ask }: Server, run: Shown): Promise<ReadonlyArray<number>> => {
  const read = async (key: string) => assertStatus(await ask("GET", `/${key}`, { bucket: names.reports }), 200).bytes
  const [manifestKey, checksumKey] = run.wrote.slice(-2) as [string, string]
  const local = new Date(Date.parse(run.due) + 8 * 60 * 60 * 1000).toISOString().slice(0, 10).replaceAll("-", "")
  assert.ok(manifestKey.endsWith(`/${run.rule}/${local}/manifest.json`), manifestKey)
  const [manifest, checksum] = [await read(manifestKey), await read(checksumKey)]
  assert.equal(checksum.toString(), md5(manifest))
  const { filterObjectCount, filterStorageSize, files, fileSchema } = JSON.parse(manifest.toString())
  assert.deepEqual(files.map(({ key }: { key: string }) => key), run.wrote.slice(0, -2))
  const sizes = [manifest.length, checksum.length]
  let text = ""
  for (const { key, md5Checksum, size } of files) {
    const bytes = await read(key)
    assert.deepEqual([md5(bytes), String(bytes.length)], [md5Checksum, size])
    sizes.push(bytes.length)
    text += gunzipSync(bytes).toString()
  }
  const kind = run.rule === "weekly" ? "All" : "Current"
  const known = rows.get(kind)
  if (known !== undefined) assert.equal(md5(Buffer.from(text)), known)
  else {
    const listed = readRows(text, fileSchema.split(", "))
    assert.equal(String(listed.length), filterObjectCount)
    assert.equal(String(listed.reduce((sum, row) => sum + Number(row["Size"]), 0)), filterStorageSize)
    assert.ok(listed.length > objects * 0.9)
    rows.set(kind, md5(Buffer.from(text)))
  }
  return sizes
}

/** What is on the disk has an owner, and every owner has what it needs. */
const verifyFolder = async ({ data }: World): Promise<void> => {
  const store = await Effect.runPromise(openSqlite(data, { hashes }))
  const refs = new Set<string>()
  for (const { name } of store.buckets()) {
    const owners = [
      ...[...store.entries(name, "")].flat(),
      ...store.uploads(name).flatMap(({ id }) => store.parts(name, id)),
    ]
    for (const { ref } of owners.flatMap(({ segments }) => segments)) if (!ref.startsWith("=")) refs.add(ref)
  }
  store.close()
  const { DatabaseSync } = await import("node:sqlite")
  const database = new DatabaseSync(join(data, "store.sqlite"))
  const rows = database.prepare("SELECT id, bytes IS NULL AS isFile FROM bodies").all()
  assert.deepEqual(database.prepare("SELECT id FROM leaving").all(), [])
  database.close()
  assert.deepEqual(rows.map(({ id }) => String(id)).toSorted(), [...refs].toSorted())
  const files = rows.filter(({ isFile }) => isFile === 1).map(({ id }) => String(id))
  assert.deepEqual(readdirSync(join(data, "bodies")).toSorted(), files.toSorted())
}

/** Kills it so many times in one folder. */
const killing = async (program: string, data: string, seed: number, times: number): Promise<World["counted"]> => {
  const world = makeWorld(data, seed)
  for (let turn = 0, isPrepared = false; turn <= times; turn++) {
    const starting = start(program, argumentsOf(world))
    if (turn % 5 === 4 && turn < times) {
      // While it opens what is there, or finishes what the last one left
      setTimeout(starting.kill, world.random(300))
      assert.equal(await starting.ended, "")
      continue
    }
    const server = await starting.ready
    if (server === undefined) assert.fail(`It ended before it was ready: ${await starting.ended}`)
    try {
      if (isPrepared) await verify(world, server)
      else await prepare(server)
      isPrepared = true
      if (turn < times) await work(world, server, turn % 5 === 1 || turn % 5 === 3)
    } finally {
      server.kill()
      await server.ended
    }
  }
  await verifyFolder(world)
  return world.counted
}

test("the local COS holds every acknowledged write, and each report once and whole, when it is killed again and again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-kill-"))
  try {
    const program = join(folder, "local.mjs")
    const bundled = await run(bun, ["build", "http/local.ts", "--target=node", `--outfile=${program}`])
    assert.equal(bundled.code, 0, bundled.stderr)
    // Each to its end, so that no process is left behind by the failure of another
    const ends = await Promise.allSettled([1, 2].map((seed) => killing(program, join(folder, `data${seed}`), seed, 12)))
    for (const end of ends) {
      if (end.status === "rejected") throw end.reason
      assert.ok(end.value.hit >= 4 && end.value.underWay >= 36)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
