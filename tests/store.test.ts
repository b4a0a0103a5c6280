import { strict as assert } from "node:assert"
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import { type Change, makeTree } from "../adapters/store/mod.ts"
import { openSqlite } from "../adapters/sqlite/mod.ts"
import { prop } from "./harness.ts"
import { perform, Step } from "./store-changes.ts"
import { openIn, sqlite, temporary, tree } from "./store-drivers.ts"
import { storeLaws } from "./store-laws.ts"
import {
  bucketPut,
  bytesOf,
  everything,
  partOf,
  put,
  streamOf,
  uploadOf,
  using,
  versionOf,
  versionPut,
  write,
} from "./store-world.ts"

storeLaws(tree)
storeLaws(sqlite)

const Steps = Schema.Array(Step).check(Schema.isMinLength(20), Schema.isMaxLength(60))

/** Both buckets are there at first, so that most steps have somewhere to go. */
const begun: ReadonlyArray<Change> = [bucketPut("a-1"), bucketPut("b-1"), {
  _tag: "UploadPut",
  upload: uploadOf("a-1", "", "k"),
}]

prop(
  "the drivers of the store tell the same when the same changes are made",
  Steps,
  (steps) =>
    Effect.promise(async () => {
      const memory = await tree.open()
      const durable = await sqlite.open()
      try {
        for (const { store } of [memory, durable]) store.commit(begun)
        assert.deepEqual(await perform(durable.store, steps), await perform(memory.store, steps))
        const told = await everything(memory.store)
        assert.deepEqual(await everything(durable.store), told)
        const files = durable.files()
        const again = await durable.reopened()
        try {
          assert.deepEqual(await everything(again.store), told)
          assert.deepEqual(again.files(), files, "every file had an owner")
        } finally {
          again.dispose()
        }
        return true
      } finally {
        durable.dispose()
      }
    }),
  { runs: 80 },
)

test("memory store refuses a body and keeps nothing of it when the cap that all share is reached", async () => {
  const store = makeTree({ hashes, cap: 1000 })
  store.commit([bucketPut("a-1")])
  await put(store, "a-1", "k", bytesOf(600, 1))
  for (const body of [bytesOf(401, 1), streamOf([bytesOf(300, 1), bytesOf(101, 2)])]) {
    const refused = await Effect.runPromise(Effect.flip(store.bodies.write(body)))
    assert.equal(refused._tag, "NoRoom")
    assert.equal(refused._tag === "NoRoom" && refused.cap, 1000)
    assert.equal(store.bodies.used(), 600)
  }
  const fitting = await write(store, streamOf([bytesOf(300, 1), bytesOf(100, 2)]))
  assert.equal(store.bodies.used(), 1000)
  store.bodies.discard(fitting.segments)
  store.commit([versionPut("a-1", versionOf("k", 2))])
  await put(store, "a-1", "k", bytesOf(1000, 1))
  assert.equal(store.bodies.used(), 1000)
})

const inDirectory = async (body: (directory: string) => Promise<void>): Promise<void> => {
  const directory = temporary()
  try {
    await body(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const refusal = (directory: string) => Effect.runPromise(Effect.flip(openSqlite(directory, { hashes })))

test("sqlite store refuses a directory that another one has open", () =>
  inDirectory(async (directory) => {
    const { store } = await openIn(directory)
    const refused = await refusal(directory)
    assert.equal(refused.problem, `Cannot open the data in "${directory}": another process uses it`)
    assert.match(refused.fix, /end that process/)
    await put(store, (store.commit([bucketPut("a-1")]), "a-1"), "k", bytesOf(70000, 1))
    store.close()
    const again = await openIn(directory)
    assert.equal(again.files().length, 1)
    again.store.close()
  }))

test("sqlite store takes over a directory of the first schema, and fills buckets there as in a new one", () =>
  inDirectory(async (directory) => {
    const { DatabaseSync } = await import("node:sqlite")
    const { store } = await openIn(directory)
    store.commit([bucketPut("a-1"), bucketPut("b-1"), versionPut("a-1", versionOf("k", 1))])
    const told = await everything(store)
    store.close()
    const older = new DatabaseSync(join(directory, "store.sqlite"))
    older.exec("DROP TABLE fillings; PRAGMA user_version = 1")
    older.close()
    const taken = await openIn(directory)
    assert.deepEqual(await everything(taken.store), told)
    taken.store.commit([{ _tag: "SyntheticPut", bucket: "b-1", count: 5, seed: 1 }])
    const again = await taken.reopened()
    assert.deepEqual(again.store.synthetic("b-1"), { count: 5, seed: 1, isUntouched: true })
    again.store.close()
  }))

test("sqlite store refuses data that it cannot read, and leaves it as it is", () =>
  inDirectory(async (directory) => {
    const { DatabaseSync } = await import("node:sqlite")
    const cases: ReadonlyArray<readonly [what: string, sql: string, says: RegExp]> = [
      ["newer", "PRAGMA user_version = 99", /its schema has version 99, and this program knows version 2 at most/],
      ["other", "CREATE TABLE theirs (a)", /it is a database of another program/],
    ]
    for (const [what, sql, says] of cases) {
      const place = join(directory, what)
      mkdirSync(join(place, "bodies"), { recursive: true })
      writeFileSync(join(place, "bodies", "1"), "theirs")
      const theirs = new DatabaseSync(join(place, "store.sqlite"))
      theirs.exec(sql)
      theirs.close()
      const refused = await refusal(place)
      assert.match(refused.problem, says)
      assert.equal(refused.source, place)
      assert.deepEqual(readdirSync(join(place, "bodies")), ["1"])
    }
    const text = join(directory, "text")
    mkdirSync(text)
    writeFileSync(join(text, "store.sqlite"), "no database at all, but long enough to be looked at ".repeat(100))
    assert.match((await refusal(text)).problem, /its store is damaged, or another program.s/)
    writeFileSync(join(directory, "file"), "")
    assert.match((await refusal(join(directory, "file"))).problem, /^Cannot open the data in ".*file": it is a file/)
  }))

test("sqlite store removes what has no owner when it is opened", () =>
  inDirectory(async (directory) => {
    const { files, store } = await openIn(directory)
    store.commit([bucketPut("a-1")])
    await put(store, "a-1", "k", bytesOf(70000, 1))
    const kept = files()
    await write(store, bytesOf(80000, 2))
    await write(store, bytesOf(80, 3))
    // Sixty thousand bytes each, so that they are rows; a reader that never reads keeps them when they lose their owner
    const parts = []
    for (let at = 0; at < 20; at++) parts.push(partOf(at + 1, await write(store, bytesOf(60000, at))))
    const segments = parts.flatMap(({ segments }) => segments)
    store.commit([versionPut("a-1", versionOf("parts", 5, undefined, { segments }))])
    const unread = store.bodies.read(segments, 0, 1200000)
    store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "parts", versionId: "null" }])
    assert.equal(store.bodies.used(), 70000 + 80000 + 80)
    assert.equal(unread.length, 1200000)
    store.close()
    for (const name of ["77", "78.part", "notes.txt"]) writeFileSync(join(directory, "bodies", name), "left behind")
    const again = await openIn(directory)
    assert.deepEqual(again.files(), kept)
    assert.equal(again.store.bodies.used(), 70000)
    again.store.close()
    const { DatabaseSync } = await import("node:sqlite")
    const database = new DatabaseSync(join(directory, "store.sqlite"))
    assert.deepEqual(database.prepare("SELECT size FROM bodies").all().map((row) => row["size"]), [70000])
    database.close()
  }))

test("sqlite store goes on above every number that it gave to a change when it is opened again", () =>
  using(sqlite, async ({ reopened, store }) => {
    store.commit([bucketPut("a-1")])
    let highest = 0
    for (let at = 0; at < 2500; at++) {
      highest = store.nextSequence()
      if (at % 7 === 0) store.commit([versionPut("a-1", versionOf("k", highest))])
    }
    store.commit([versionPut("a-1", versionOf("k", highest))])
    const again = await reopened()
    assert.ok(again.store.nextSequence() > highest)
    again.dispose()
  }))

test("the memory store forgets what a bucket was when its rules were put again", async () => {
  const store = makeTree({ hashes })
  store.commit([bucketPut("a-1")])
  const seen: Array<WeakRef<object>> = []
  for (let put = 0; put < 5; put++) {
    const rule = { id: "r", sequence: store.nextSequence(), xml: `<Id>${put}</Id>`, since: 0 }
    store.commit([{ _tag: "RulePut", bucket: "a-1", rule }])
    seen.push(new WeakRef(store.bucket("a-1")!.rules))
  }
  // No runtime collects on demand, but each does sooner or later; to look at a reference keeps what it is of for a turn
  const isKept = () => seen.slice(0, -1).some((map) => map.deref() !== undefined)
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0))
  for (let round = 0; round < 40 && isKept(); round++) {
    for (let at = 0; at < 10; at++) {
      await turn()
      new Uint8Array(8 * 1024 * 1024).fill(at)
      Array.from({ length: 100_000 }, (_, i) => ({ i }))
    }
    await turn()
  }
  assert.equal(isKept(), false)
  assert.equal(store.bucket("a-1")!.rules.size, 1)
})
