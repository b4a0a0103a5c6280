/** What every driver of the store holds to. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { type Change, type Store, synthetic, type Version } from "../adapters/store/mod.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { crc64 } from "../core/crc64.ts"
import { TransportError } from "../core/errors.ts"
import {
  bucketPut,
  bytesOf,
  contentOf,
  type Driver,
  everything,
  gathered,
  type Opened,
  partOf,
  put,
  ruleOf,
  runOf,
  streamOf,
  uploadOf,
  using,
  versionOf,
  versionPut,
  write,
} from "./store-world.ts"

/** Small, at the limit of a row and above it, at the limit of what is read whole and above it. */
const sizes = [0, 1, 1024, 65536, 65537, 1048576, 1048577, 3000000]

export const storeLaws = (driver: Driver): void => {
  const law = (title: string, body: (store: Store, opened: Opened) => Promise<void> | void): void => {
    test(`${driver.name} store ${title}`, () =>
      using(driver, (opened) => {
        opened.store.commit([bucketPut("a-1")])
        return body(opened.store, opened)
      }))
  }

  law("gives the versions of a key newest first when they come in any order", (store) => {
    const version = (versionId: string, sequence: number) => versionOf("k", sequence, undefined, { versionId })
    for (const [id, sequence] of [["b", 20], ["a", 10], ["c", 30], ["d", 15]] as const) {
      store.commit([versionPut("a-1", version(id, sequence))])
    }
    assert.deepEqual(store.versions("a-1", "k").map(({ versionId }) => versionId), ["c", "b", "d", "a"])
    store.commit([versionPut("a-1", version("a", 40))])
    assert.deepEqual(store.versions("a-1", "k").map(({ versionId }) => versionId), ["a", "c", "b", "d"])
    store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "c" }])
    assert.deepEqual(store.versions("a-1", "k").map(({ sequence }) => sequence), [40, 20, 15])
  })

  law("keeps keys in byte order when they hold every byte", (store) => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    const keys = [...bytes, ...bytes.map((byte) => `a${byte}`), ...bytes.map((byte) => `${byte}\0`), "a".repeat(1024)]
    const distinct = [...new Set(keys)]
    store.commit(distinct.toReversed().map((key) => versionPut("a-1", versionOf(key, store.nextSequence()))))
    const ordered = distinct.sort((a, b) => Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1")))
    assert.deepEqual(keysFrom(store, ""), ordered)
    for (const from of ["\0", "\x7f", "\x80", "a", "a\0", "a\xff", "\xff", "\xff\xff"]) {
      assert.deepEqual(keysFrom(store, from), ordered.filter((key) => key >= from), JSON.stringify(from))
      assert.equal(store.versions("a-1", from).length, ordered.includes(from) ? 1 : 0)
    }
  })

  law("comes to every key once when there are many, and one has very many versions", (store) => {
    const changes: Array<Change> = []
    for (let at = 0; at < 1500; at++) {
      const versions = at === 700 ? 1100 : at % 3
      for (let nth = 0; nth <= versions; nth++) {
        changes.push(versionPut("a-1", versionOf(number(at), changes.length + 1, undefined, { versionId: `${nth}` })))
      }
    }
    store.commit(changes)
    const entries = [...store.entries("a-1", "")]
    assert.deepEqual(entries.map(([newest]) => newest!.key), Array.from({ length: 1500 }, (_, at) => number(at)))
    assert.equal(entries.flat().length, changes.length)
    for (const versions of entries) {
      assert.deepEqual(versions, versions.toSorted((a, b) => b.sequence - a.sequence))
      assert.equal(new Set(versions.map(({ key }) => key)).size, 1)
    }
  })
  const number = (at: number): string => String(at).padStart(6, "0")

  law("shows each key as it is when it is come to, though everything changes meanwhile", (store) => {
    for (const isFilled of [false, true]) {
      const name = isFilled ? "synthetic-1" : "a-1"
      const random = generator(isFilled ? 7 : 3)
      const known: Array<string> = []
      if (isFilled) {
        store.commit([bucketPut(name), { _tag: "SyntheticPut", bucket: name, count: 300, seed: 1 }])
        for (const [newest] of store.entries(name, "")) known.push(newest!.key)
      } else {
        for (let at = 0; at < 300; at++) known.push(`k${String(random(10000)).padStart(4, "0")}`)
        store.commit([...new Set(known)].map((key) => versionPut(name, versionOf(key, store.nextSequence()))))
      }
      let last: string | undefined
      let seen = 0
      const change = () => {
        const key = known[random(known.length)]!
        const kind = random(4)
        if (kind === 0) store.commit([versionPut(name, versionOf(`${key}!`, store.nextSequence()))])
        if (kind === 1) store.commit(store.versions(name, key).map((version) => deleted(name, version)))
        if (kind === 2) {
          const more = { versionId: `v${random(3)}` }
          store.commit([versionPut(name, versionOf(key, store.nextSequence(), undefined, more))])
        }
      }
      const keys = store.entries(name, "")[Symbol.iterator]()
      for (;;) {
        const expected = first(store.entries(name, last === undefined ? "" : `${last}\0`))
        const { done, value } = keys.next()
        assert.deepEqual(done === true ? undefined : value, expected)
        if (done === true) break
        last = value[0]!.key
        seen++
        for (let times = random(3); times > 0; times--) change()
      }
      assert.ok(seen > 100)
    }
  })

  law("ends its keys when the bucket is deleted, and goes on when it is created again", (store) => {
    store.commit(["a", "b", "c", "d"].map((key) => versionPut("a-1", versionOf(key, store.nextSequence()))))
    const keys = store.entries("a-1", "")[Symbol.iterator]()
    assert.equal(keys.next().value![0]!.key, "a")
    store.commit([{ _tag: "BucketDeleted", bucket: "a-1" }, bucketPut("a-1"), versionPut("a-1", versionOf("c", 99))])
    assert.deepEqual(keys.next().value!.map(({ sequence }: Version) => sequence), [99])
    store.commit([{ _tag: "BucketDeleted", bucket: "a-1" }])
    assert.equal(keys.next().done, true)
    assert.deepEqual([store.bucket("a-1"), [...store.entries("a-1", "")], store.versions("a-1", "c")], [
      undefined,
      [],
      [],
    ])
  })

  law("keeps the order of rules when one is replaced", async (store, { reopened }) => {
    const rules = (store: Store): ReadonlyArray<readonly [string, number]> =>
      [...store.bucket("a-1")!.rules].map(([id, { sequence }]) => [id, sequence])
    for (const [at, id] of ["b", "", "a\0", "\u{1f600}"].entries()) {
      store.commit([{ _tag: "RulePut", bucket: "a-1", rule: ruleOf(id, at + 1) }])
    }
    store.commit([{ _tag: "RulePut", bucket: "a-1", rule: ruleOf("", 5) }])
    assert.deepEqual(rules(store), [["b", 1], ["", 5], ["a\0", 3], ["\u{1f600}", 4]])
    store.commit([{ _tag: "RuleDeleted", bucket: "a-1", id: "b" }, { _tag: "RuleDeleted", bucket: "a-1", id: "none" }])
    store.commit([{ _tag: "RulePut", bucket: "a-1", rule: ruleOf("b", 6) }])
    assert.deepEqual(rules(store), [["", 5], ["a\0", 3], ["\u{1f600}", 4], ["b", 6]])
    store.commit([bucketPut("a-1", { versioning: "Enabled" })])
    const kept = rules(store)
    assert.equal(kept.length, 4, "attributes alone are replaced")
    const again = await reopened()
    assert.deepEqual(rules(again.store), kept)
    again.dispose()
  })

  law("changes nothing when a commit fails at its end", async (store, { files }) => {
    const version = await put(store, "a-1", "k", bytesOf(70000, 1))
    await fillABit(store)
    const before = await everything(store)
    const kept = files()
    const more = await write(store, bytesOf(80000, 2))
    const all: ReadonlyArray<Change> = [
      bucketPut("a-1", { versioning: "Enabled" }),
      bucketPut("new-1"),
      { _tag: "RulePut", bucket: "a-1", rule: ruleOf("r", 77) },
      { _tag: "RuleDeleted", bucket: "a-1", id: "other" },
      { _tag: "JobPut", bucket: "a-1", id: "j", started: 99 },
      { _tag: "JobDeleted", bucket: "a-1", id: "other" },
      versionPut("a-1", { ...version, ...more, segments: more.segments }),
      versionPut("a-1", versionOf("zzz", 999)),
      { _tag: "VersionDeleted", bucket: "a-1", key: "other", versionId: "null" },
      { _tag: "UploadPut", upload: uploadOf("a-1", "u2", "k") },
      { _tag: "UploadDeleted", bucket: "a-1", id: "u" },
      { _tag: "RunPut", run: runOf(1, { state: "failed" }) },
      { _tag: "RunsCleared" },
      { _tag: "MetaPut", meta: { clock: { _tag: "Still", at: 5 }, looked: 5 } },
      { _tag: "SyntheticPut", bucket: "new-1", count: 5, seed: 1 },
      { _tag: "BucketDeleted", bucket: "a-1" },
    ]
    const failing: ReadonlyArray<Change> = [
      { _tag: "RulePut", bucket: "none-1", rule: ruleOf("r", 1) },
      { _tag: "JobPut", bucket: "none-1", id: "j", started: 1 },
      versionPut("none-1", versionOf("k", 1)),
      { _tag: "UploadPut", upload: uploadOf("none-1", "u", "k") },
      {
        _tag: "PartPut",
        bucket: "b-1",
        upload: "none",
        part: partOf(1, { segments: [], size: 0, md5: "", crc64: "" }),
      },
      { _tag: "SyntheticPut", bucket: "none-1", count: 1, seed: 1 },
      { _tag: "SyntheticPut", bucket: "b-1", count: 1, seed: 1 },
      versionPut("b-1", versionOf("k", 1, undefined, { segments: [{ ref: "99999", size: 5 }] })),
    ]
    for (const last of failing) {
      for (let length = 0; length <= all.length; length++) {
        assert.throws(() => store.commit([...all.slice(0, length), last]), /^RangeError: Cannot /u)
      }
      assert.throws(() => store.commit([...all.toReversed(), last]), /^RangeError: Cannot /u)
    }
    store.bodies.discard(more.segments)
    assert.deepEqual(await everything(store), before)
    assert.deepEqual(files(), kept)
    store.commit([versionPut("a-1", { ...version, tags: [{ key: "t", value: "" }] })])
    assert.deepEqual(await contentOf(store, store.versions("a-1", "k")[0]!.segments), bytesOf(70000, 1))
  })

  law("gives back any range of a body when it is read", async (store) => {
    for (const size of sizes) {
      const bytes = bytesOf(size, size)
      const stored = await write(store, size % 2 === 0 ? bytes : streamOf(cut(bytes, 50000)))
      assert.equal(stored.size, size)
      assert.equal(stored.md5, createHash("md5").update(bytes).digest("hex"))
      const crc = crc64()
      crc.update(bytes)
      assert.equal(stored.crc64, crc.digest())
      assert.equal(stored.segments.length, size === 0 ? 0 : 1)
      const ranges = [[0, size], [0, 1], [size - 1, size], [size >> 1, size], [1, size - 1], [size, size]] as const
      const check = async () => {
        for (const [start, end] of ranges) {
          if (start < 0 || start > end || end > size) continue
          const body = store.bodies.read(stored.segments, start, end)
          assert.equal(body instanceof Uint8Array, end - start <= 1048576)
          assert.equal(body.length, end - start)
          assert.ok(Buffer.from(bytes.subarray(start, end)).equals(await gathered(body)), `${start}-${end} of ${size}`)
        }
      }
      await check()
      store.commit([versionPut("a-1", versionOf(`${size}`, store.nextSequence(), stored))])
      await check()
    }
    assert.equal(store.bodies.used(), sizes.reduce((sum, size) => sum + size, 0))
  })

  law("joins segments when a range goes across them", async (store) => {
    const parts = [70000, 1, 65536, 900000, 300000].map((size, at) => bytesOf(size, at))
    const segments = []
    for (const part of parts) segments.push(...(await write(store, part)).segments)
    const computed = synthetic(50, 1, hashes)
    const odd = Array.from({ length: 50 }, (_, at) => computed.at(at)).flat()
      .find(({ segments, size }) => segments.length === 1 && size > 100)!.segments[0]!
    segments.splice(2, 0, odd)
    const whole = await contentOf(store, segments)
    assert.equal(whole.length, segments.reduce((sum, { size }) => sum + size, 0))
    assert.ok(Buffer.from(parts[0]!).equals(whole.subarray(0, 70000)))
    const random = generator(11)
    for (let turn = 0; turn < 40; turn++) {
      const [start, end] = [random(whole.length), random(whole.length + 1)].sort((a, b) => a - b) as [number, number]
      const read = await gathered(store.bodies.read(segments, start, end))
      assert.ok(Buffer.from(whole.subarray(start, end)).equals(read), `${start}-${end}`)
    }
  })

  law("keeps nothing when a stream fails, stops or is interrupted", async (store, { files }) => {
    const broken = new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" })
    for (const size of [10, 100000]) {
      const started = Stream.fromIterable(cut(bytesOf(size, 1), 30000))
      const failed = store.bodies.write({ stream: Stream.concat(started, Stream.fail(broken)) })
      assert.deepEqual(await Effect.runPromise(Effect.flip(failed)), broken)
      const died = store.bodies.write({ stream: Stream.concat(started, Stream.die("bug")) })
      assert.ok(Exit.isFailure(await Effect.runPromiseExit(died)))
      await Effect.runPromise(Effect.gen(function* () {
        let arrived = () => {}
        const reached = new Promise<void>((resolve) => arrived = resolve)
        const stalled = Stream.fromEffect(Effect.andThen(Effect.sync(() => arrived()), Effect.never))
        const fiber = yield* Effect.forkChild(store.bodies.write({ stream: Stream.concat(started, stalled) }))
        yield* Effect.promise(() => reached)
        assert.equal(store.bodies.used(), size)
        yield* Fiber.interrupt(fiber)
      }))
      assert.deepEqual([store.bodies.used(), files()], [0, []])
    }
  })

  law("lets bodies go when they lose their owner, whichever way", async (store, { files }) => {
    const held = () => [store.bodies.used(), files().length]
    const isFiles = driver.isDurable ? 1 : 0
    const large = 100000
    const stored = (size = large) => write(store, bytesOf(size, 1))
    const part = async (number: number, size = large): Promise<Change> => ({
      _tag: "PartPut",
      bucket: "a-1",
      upload: "u",
      part: partOf(number, await stored(size)),
    })
    const ends: Readonly<Record<string, (size: number) => Promise<void> | void>> = {
      overwritten: async (size) => {
        store.commit([versionPut("a-1", versionOf("k", 2, await stored(size)))])
        assert.deepEqual(held(), [size, size === large ? isFiles : 0])
        store.commit([versionPut("a-1", versionOf("k", 3))])
      },
      deleted: () => store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "null" }]),
      "deleted with its bucket": () => store.commit([{ _tag: "BucketDeleted", bucket: "a-1" }]),
      "put and deleted at once": async (size) => {
        const version = versionOf("k", 2, await stored(size))
        store.commit([versionPut("a-1", version), deleted("a-1", version)])
      },
      "put twice at once": async (size) => {
        const [one, other] = [await stored(size), await stored(size)]
        store.commit([one, other].map((each) => versionPut("a-1", versionOf("k", 2, each))))
        assert.deepEqual(held(), [size, size === large ? isFiles : 0])
        store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "null" }])
      },
      discarded: async (size) => {
        const { segments } = await stored(size)
        store.bodies.discard(segments)
        store.bodies.discard(segments)
        store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "null" }])
      },
      "aborted": async (size) => {
        store.commit([
          { _tag: "UploadPut", upload: uploadOf("a-1", "u", "k") },
          await part(1, size),
          await part(2, size),
        ])
        store.commit([await part(2, size)])
        assert.deepEqual(held(), [3 * size, size === large ? 3 * isFiles : 0])
        store.commit([{ _tag: "UploadDeleted", bucket: "a-1", id: "u" }])
        store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "null" }])
      },
      "an upload of a deleted bucket": async (size) => {
        store.commit([{ _tag: "UploadPut", upload: uploadOf("a-1", "u", "k") }, await part(1, size)])
        store.commit([{ _tag: "BucketDeleted", bucket: "a-1" }])
        store.commit([bucketPut("a-1")])
        assert.deepEqual(store.uploads("a-1"), [])
      },
    }
    for (const [what, end] of Object.entries(ends)) {
      for (const size of [10, large]) {
        store.commit([bucketPut("a-1"), versionPut("a-1", versionOf("k", 1, await stored(size)))])
        assert.deepEqual(held(), [size, size === large ? isFiles : 0], what)
        await end(size)
        assert.deepEqual(held(), [0, 0], what)
      }
    }
  })

  for (const [order, at] of [["before", 0], ["after", 1]] as const) {
    law(`keeps the bodies of parts when an object takes them ${order} their upload is deleted`, async (store) => {
      const bytes = [bytesOf(70000, 1), bytesOf(100, 2), bytesOf(90000, 3)]
      const parts = await Promise.all(bytes.map(async (each, n) => partOf(n + 1, await write(store, each))))
      store.commit([{ _tag: "UploadPut", upload: uploadOf("a-1", "u", "k") }])
      store.commit(parts.map((part) => ({ _tag: "PartPut", bucket: "a-1", upload: "u", part })))
      // The second part is left out, as a client may
      const segments = [...parts[0]!.segments, ...parts[2]!.segments]
      const completed: Array<Change> = [{ _tag: "UploadDeleted", bucket: "a-1", id: "u" }]
      completed.splice(at === 0 ? 0 : 1, 0, versionPut("a-1", versionOf("k", 9, undefined, { segments })))
      store.commit(completed)
      const whole = await contentOf(store, store.versions("a-1", "k")[0]!.segments)
      assert.ok(Buffer.concat([bytes[0]!, bytes[2]!]).equals(whole))
      assert.equal(store.bodies.used(), 160000)
      store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "null" }])
      assert.equal(store.bodies.used(), 0)
    })
  }

  law("reads a body to its end when it loses its owner meanwhile", async (store, { files }) => {
    const cases = [[2000000], Array.from({ length: 40 }, () => 60000), [60000, 1500000, 60000]]
    for (const parts of cases) {
      const bytes = parts.map((size, at) => bytesOf(size, at))
      const segments = []
      for (const each of bytes) segments.push(...(await write(store, each)).segments)
      store.commit([versionPut("a-1", versionOf("k", 1, undefined, { segments }))])
      const size = parts.reduce((sum, part) => sum + part, 0)
      const [early, late] = [store.bodies.read(segments, 0, size), store.bodies.read(segments, 5, size)]
      assert.ok(!(early instanceof Uint8Array))
      const before = await Effect.runPromise(Stream.runCollect(Stream.take(early.stream, 1)))
      assert.ok(before[0]!.length > 0)
      const again = store.bodies.read(segments, 0, size)
      store.commit([{ _tag: "VersionDeleted", bucket: "a-1", key: "k", versionId: "null" }])
      assert.equal(store.bodies.used(), 0)
      assert.ok(Buffer.concat(bytes).equals(await gathered(again)))
      assert.ok(Buffer.concat(bytes).subarray(5).equals(await gathered(late)))
      assert.deepEqual(files(), [])
    }
  })

  law("does not let go of a body that has an owner when it is told to discard it", async (store) => {
    const { segments } = await put(store, "a-1", "k", bytesOf(100, 1))
    store.bodies.discard(segments)
    assert.deepEqual(await contentOf(store, segments), bytesOf(100, 1))
  })

  law("gives numbers that rise above all that it was given", (store) => {
    const highest = [
      () => versionPut("a-1", versionOf("k", 5000)),
      () => ({ _tag: "RulePut", bucket: "a-1", rule: ruleOf("r", 70000) }),
      () => ({ _tag: "RunPut", run: runOf(2 ** 40) }),
    ] satisfies ReadonlyArray<() => Change>
    let last = 0
    for (const [at, change] of highest.entries()) {
      store.commit([change()])
      const next = store.nextSequence()
      assert.ok(next > [5000, 70000, 2 ** 40][at]! && next > last)
      assert.ok(store.nextSequence() > next)
      last = next
    }
    store.commit([bucketPut("s-1"), { _tag: "SyntheticPut", bucket: "s-1", count: 100, seed: 1 }])
    assert.ok(store.nextSequence() > last)
  })

  law("holds the objects of a synthetic bucket as if they had been put, under what is changed", async (store) => {
    const objects = synthetic(400, 9, hashes)
    store.commit([bucketPut("s-1"), { _tag: "SyntheticPut", bucket: "s-1", count: 400, seed: 9 }])
    const model = new Map<string, ReadonlyArray<Version>>()
    for (let at = 0; at < 400; at++) model.set(objects.at(at)[0]!.key, objects.at(at))
    const keys = [...model.keys()]
    const random = generator(5)
    const same = () => {
      const expected = [...model.keys()].sort().filter((key) => model.get(key)!.length > 0)
      assert.deepEqual([...store.entries("s-1", "")], expected.map((key) => model.get(key)))
      const from = keys[random(400)]!
      assert.deepEqual(
        first(store.entries("s-1", from)),
        model.get(expected.find((key) => key >= from) ?? "") ?? undefined,
      )
    }
    same()
    for (let turn = 0; turn < 300; turn++) {
      const key = random(3) === 0 ? `${keys[random(400)]}x` : keys[random(400)]!
      const versions = model.get(key) ?? []
      if (random(2) === 0 && versions.length > 0) {
        const gone = versions[random(versions.length)]!
        store.commit([deleted("s-1", gone)])
        model.set(key, versions.filter((version) => version !== gone))
      } else {
        const versionId = random(3) === 0 ? versions[0]?.versionId ?? "null" : `v${random(2)}`
        const version = versionOf(key, store.nextSequence(), undefined, { versionId })
        store.commit([versionPut("s-1", version)])
        model.set(key, [version, ...versions.filter((other) => other.versionId !== versionId)])
      }
      assert.deepEqual(store.versions("s-1", key), model.get(key))
      if (turn % 100 === 0) same()
    }
    same()
    assert.equal(store.bodies.used(), 0, "computed bodies take no room")
    const readable = objects.at(3).find(({ size }) => size > 0 && size < 1000000)
    if (readable !== undefined) {
      assert.equal(createHash("md5").update(await contentOf(store, readable.segments)).digest("hex"), readable.etag)
    }
  })

  law("tells what a bucket was filled with, and whether anything in it was changed since", async (store, opened) => {
    const fill = (bucket: string, count: number): Change => ({ _tag: "SyntheticPut", bucket, count, seed: 9 })
    const filled = (count: number, isUntouched: boolean) => ({ count, seed: 9, isUntouched })
    assert.equal(store.synthetic("a-1"), undefined)
    assert.equal(store.synthetic("none-1"), undefined)
    assert.throws(() => store.commit([fill("none-1", 5)]), /there is no bucket "none-1"/)
    const names = ["put-1", "deleted-1", "marked-1", "kept-1"]
    store.commit(names.flatMap((name) => [bucketPut(name), fill(name, 30)]))
    for (const name of names) assert.deepEqual(store.synthetic(name), filled(30, true))

    const [[newest] = []] = [...store.entries("kept-1", "")]
    store.commit([
      ...names.map((name) => bucketPut(name, { region: "ap-beijing" })),
      { _tag: "RulePut", bucket: "kept-1", rule: ruleOf("r", 1) },
      { _tag: "UploadPut", upload: uploadOf("kept-1", "u", newest!.key) },
      { _tag: "PartPut", bucket: "kept-1", upload: "u", part: partOf(1, await write(store, bytesOf(3, 1))) },
      { _tag: "UploadDeleted", bucket: "kept-1", id: "u" },
      { _tag: "VersionDeleted", bucket: "kept-1", key: newest!.key, versionId: "there is none" },
      { _tag: "VersionDeleted", bucket: "kept-1", key: "nor this", versionId: "null" },
      versionPut("a-1", versionOf("k", 1000)),
    ])
    for (const changes of [[versionPut("kept-1", newest!)], [deleted("kept-1", newest!)], [fill("a-1", 3)]]) {
      assert.throws(() => store.commit([...changes, { _tag: "RulePut", bucket: "none-1", rule: ruleOf("r", 1) }]))
    }
    assert.throws(() => store.commit([fill("kept-1", 3)]), /holds objects already/)
    for (const name of names) assert.deepEqual(store.synthetic(name), filled(30, true), name)
    assert.equal(store.synthetic("a-1"), undefined)

    // A marker has no body, so that nothing is let go with it
    const marker = versionOf(newest!.key, 9000, undefined, { versionId: "m", isDeleteMarker: true })
    store.commit([versionPut("put-1", newest!), deleted("deleted-1", newest!), versionPut("marked-1", marker)])
    store.commit([deleted("marked-1", marker)])
    const told = (store: Store) => names.map((name) => store.synthetic(name)?.isUntouched)
    assert.deepEqual(told(store), [false, false, false, true])
    const again = await opened.reopened()
    assert.deepEqual(told(again.store), [false, false, false, true])
    assert.deepEqual(again.store.synthetic("kept-1"), filled(30, true))

    again.store.commit([{ _tag: "BucketDeleted", bucket: "kept-1" }, bucketPut("kept-1")])
    assert.equal(again.store.synthetic("kept-1"), undefined)
    again.dispose()
  })

  law("notices that the only thing changed in a filled bucket is a delete marker of its own", (store) => {
    store.commit([bucketPut("s-1"), { _tag: "SyntheticPut", bucket: "s-1", count: 400, seed: 9 }])
    const markers = [...store.entries("s-1", "")].flat().filter(({ isDeleteMarker }) => isDeleteMarker)
    assert.ok(markers.length > 0)
    store.commit([deleted("s-1", markers[0]!)])
    assert.equal(store.synthetic("s-1")!.isUntouched, false)
  })

  law("shows every object of a bucket that was filled, emptied and filled again", (store) => {
    const filling: Change = { _tag: "SyntheticPut", bucket: "s-1", count: 50, seed: 9 }
    store.commit([bucketPut("s-1"), filling])
    const before = [...store.entries("s-1", "")]
    store.commit(before.flat().map((version) => deleted("s-1", version)))
    assert.deepEqual([...store.entries("s-1", "")], [])
    assert.throws(() => store.commit([filling, { _tag: "JobPut", bucket: "none-1", id: "j", started: 1 }]))
    assert.deepEqual([...store.entries("s-1", "")], [])
    assert.equal(store.synthetic("s-1")!.isUntouched, false)
    store.commit([filling])
    assert.deepEqual([...store.entries("s-1", "")], before)
    assert.deepEqual(store.synthetic("s-1"), { count: 50, seed: 9, isUntouched: true })
  })

  law(
    "leaves a bucket that was read as it was, however many rules and jobs one commit changes",
    async (store, opened) => {
      const many = 5000
      const job = (id: string, started: number): Change => ({ _tag: "JobPut", bucket: "a-1", id, started })
      const rule = (id: string, sequence: number): Change => ({
        _tag: "RulePut",
        bucket: "a-1",
        rule: ruleOf(id, sequence),
      })
      store.commit([rule("kept", 1), rule("gone", 2), job("kept", 1), job("gone", 2)])
      const read = store.bucket("a-1")!
      const list = store.buckets()
      const told = () => [...read.rules.keys(), ...read.jobs.keys()].join()
      const changes = [
        ...Array.from({ length: many }, (_, at) => [rule(`r${at}`, at + 3), job(`j${at}`, at)]).flat(),
        { _tag: "RuleDeleted", bucket: "a-1", id: "gone" },
        { _tag: "JobDeleted", bucket: "a-1", id: "gone" },
        { _tag: "RuleDeleted", bucket: "a-1", id: "r7" },
        rule("kept", 90000),
        rule("r7", 90001),
      ] satisfies ReadonlyArray<Change>
      assert.throws(() => store.commit([...changes, rule("again", 1), { ...rule("r", 1), bucket: "none-1" } as Change]))
      assert.equal(store.bucket("a-1"), read)
      assert.equal(told(), "kept,gone,kept,gone")
      store.commit(changes)
      assert.equal(told(), "kept,gone,kept,gone")
      assert.equal(list[0], read)
      const check = (store: Store) => {
        const { rules, jobs } = store.bucket("a-1")!
        const ids = Array.from({ length: many }, (_, at) => at)
        assert.deepEqual([...rules.keys()], ["kept", ...ids.filter((at) => at !== 7).map((at) => `r${at}`), "r7"])
        assert.deepEqual([...jobs.keys()], ["kept", ...ids.map((at) => `j${at}`)])
        assert.equal(rules.get("kept")!.sequence, 90000)
      }
      check(store)
      const between = store.bucket("a-1")!
      store.commit([{ _tag: "RuleDeleted", bucket: "a-1", id: "kept" }])
      assert.equal(between.rules.has("kept"), true)
      store.commit([rule("first again", 1)])
      const again = await opened.reopened()
      assert.equal(again.store.bucket("a-1")!.rules.size, many + 1)
      again.dispose()
    },
  )

  law("keeps every value that the contract lets in", async (store, { reopened }) => {
    await fillABit(store)
    const odd = "\0 \u{1f600} \u20ac \x7f \\ \" ' \r\n"
    const version: Version = {
      ...versionOf("\0\xff\x80/../%2e", 2 ** 50),
      versionId: odd,
      etag: "",
      size: 2 ** 45 + 1,
      crc64: "18446744073709551615",
      storageClass: "",
      segments: [{ ref: "=1/3", size: 2 ** 40 }, { ref: "=1/3", size: 2 ** 40 }, { ref: "=1/4", size: 0 }],
      headers: [["x-cos-meta-nul", odd], ["x-cos-meta-nul", ""], ["", odd]],
      tags: [{ key: "", value: odd }],
      lastModified: 2 ** 52,
      encryption: "AES256",
      replicationStatus: odd,
    }
    const upload = uploadOf("a-1", odd, "\0", { headers: [[odd, odd]], encryption: "AES256" })
    const run = runOf(2 ** 51, { job: odd, wrote: [odd, ""], why: odd, took: 0.25, objects: 2 ** 40, destination: "" })
    const part = { ...partOf(10000, { segments: [], size: 0, md5: odd, crc64: "" }), size: 2 ** 42 }
    const bucket = { strictSignature: true, denied: [odd, ""], versioning: "Suspended" as const, created: 2 ** 52 }
    store.commit([
      bucketPut(odd, {
        ...bucket,
        cors: [{ origins: [odd], methods: [], headers: [""], exposed: [], maxAgeSeconds: 0 }],
      }),
      { _tag: "RulePut", bucket: odd, rule: { id: odd, sequence: 2 ** 51, xml: odd, since: 0 } },
      { _tag: "JobPut", bucket: odd, id: odd, started: 2 ** 52 },
      versionPut("a-1", version),
      { _tag: "UploadPut", upload },
      { _tag: "PartPut", bucket: "a-1", upload: odd, part },
      { _tag: "RunPut", run },
      { _tag: "MetaPut", meta: { clock: { _tag: "Moved", offset: -0.5 }, looked: 2 ** 52 } },
    ])
    const check = (store: Store) => {
      assert.deepEqual(store.versions("a-1", version.key), [version])
      assert.deepEqual(store.upload("a-1", odd), upload)
      assert.deepEqual(store.parts("a-1", odd), [part])
      assert.deepEqual(store.runs().at(-1), run)
      assert.deepEqual(store.bucket(odd)!.jobs, new Map([[odd, 2 ** 52]]))
      assert.equal(store.bucket(odd)!.rules.get(odd)!.xml, odd)
      assert.deepEqual(store.bucket(odd)!.denied, [odd, ""])
      assert.deepEqual(store.meta(), { clock: { _tag: "Moved", offset: -0.5 }, looked: 2 ** 52 })
    }
    check(store)
    const again = await reopened()
    check(again.store)
    again.dispose()
  })
}

/** Some of everything, beside the bucket that is there. */
const fillABit = async (store: Store): Promise<void> => {
  store.commit([
    bucketPut("b-1"),
    versionPut("b-1", versionOf("there", 2)),
    { _tag: "RulePut", bucket: "a-1", rule: ruleOf("other", 1) },
    { _tag: "RulePut", bucket: "a-1", rule: ruleOf("r", 2) },
    { _tag: "JobPut", bucket: "a-1", id: "other", started: 1 },
    { _tag: "JobPut", bucket: "a-1", id: "j", started: 1 },
    { _tag: "UploadPut", upload: uploadOf("a-1", "u", "k") },
    { _tag: "PartPut", bucket: "a-1", upload: "u", part: partOf(1, await write(store, bytesOf(66000, 4))) },
    { _tag: "RunPut", run: runOf(1) },
    { _tag: "MetaPut", meta: { clock: { _tag: "Moved", offset: 3 }, looked: 4 } },
  ])
  await put(store, "a-1", "other", bytesOf(50, 5))
}

const keysFrom = (store: Store, from: string): ReadonlyArray<string> =>
  Array.from(store.entries("a-1", from), ([newest]) => newest!.key)

const deleted = (bucket: string, { key, versionId }: Version): Change => ({
  _tag: "VersionDeleted",
  bucket,
  key,
  versionId,
})

const first = <A>(values: Iterable<A>): A | undefined => {
  for (const value of values) return value
  return
}

const cut = (bytes: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size))

/** Whole numbers below a limit, the same every time. */
export const generator = (seed: number): (limit: number) => number => {
  let word = seed * 2654435761 | 1
  return (limit) => {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    return (word >>> 0) % limit
  }
}
