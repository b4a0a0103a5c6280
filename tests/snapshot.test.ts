import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { hashes } from "../adapters/hashes/node.ts"
import { readSnapshot, reset, restore, takeSnapshot } from "../adapters/memory/snapshot/mod.ts"
import { makeTree, type Store } from "../adapters/store/mod.ts"
import type { Body } from "../core/ports.ts"
import { effect } from "./harness.ts"

const rule = {
  id: "daily",
  isEnabled: true,
  includedObjectVersions: "All",
  optionalFields: ["Size", "ETag"],
  schedule: { frequency: "Daily" },
  destination: { bucket: "cos://reports-1250000000/here", format: "CSV" },
}

/** All that a person may write, in one document. */
const full = {
  version: 1,
  clock: "2025-03-04T05:06:07.089Z",
  buckets: [
    {
      name: "one-1250000000",
      region: "ap-beijing",
      owner: "100000000009",
      versioning: "Enabled",
      strictSignature: true,
      denied: ["PutObject"],
      cors: [{ origins: ["*"], methods: ["GET"], maxAgeSeconds: 60 }],
      rules: [rule, { rule: { ...rule, id: "later" }, since: "2024-01-01T00:00:00Z", sequence: 900 }],
      jobs: [{ id: "once", started: "2025-03-04T00:00:00Z" }],
      objects: [
        {
          key: "a.txt",
          body: "caf\u00e9 \u{1f600}\n",
          contentType: "text/plain",
          meta: { Team: "x" },
          tags: { age: "18" },
        },
        { keyEncoded: "%FF%00raw", bodyBase64: "AP/+", headers: { "Cache-Control": "no-cache" }, encryption: "AES256" },
        { key: "folder/" },
        {
          key: "many",
          versions: [
            { deleteMarker: true },
            { body: "second", versionId: "MTg0NDUx", lastModified: "2025-02-01T00:00:00.5Z", storageClass: "ARCHIVE" },
            { body: "first", lastModified: "2025-01-01T00:00:00Z" },
          ],
        },
        { key: "parts", bodyComputed: ["=7/256*3", "=7/9"], multipart: true, replicationStatus: "PENDING" },
        { key: "its own etag", body: "x", etag: "0123-2", multipart: true },
      ],
    },
    { name: "reports-1250000000" },
    { name: "much-1250000000", versioning: "Enabled", synthetic: { count: 120, seed: 7 } },
  ],
  runs: [{
    id: 1000,
    bucket: "one-1250000000",
    rule: "daily",
    xml: "<x/>",
    due: "2025-03-04T00:00:00Z",
    state: "failed",
    took: 1.5,
    wrote: ["a", "b"],
    why: "The destination is missing",
  }],
}

const snapshotOf = (value: unknown) => Result.getOrThrow(readSnapshot(value))

const whole = (body: Body): Effect.Effect<string, unknown> =>
  body instanceof Uint8Array
    ? Effect.succeed(Buffer.from(body).toString("base64"))
    : Effect.map(Stream.runCollect(body.stream), (chunks) => Buffer.concat(chunks).toString("base64"))

/** All that a Reader shows, with bytes in place of the refs that differ from store to store. */
const seen = (store: Store) =>
  Effect.gen(function* () {
    const buckets = []
    for (const bucket of store.buckets()) {
      const versions = []
      for (const { segments, ...version } of [...store.entries(bucket.name, "")].flat()) {
        const isLarge = version.size > 4 * 1024 * 1024
        versions.push({
          ...version,
          body: isLarge ? segments : yield* whole(store.bodies.read(segments, 0, version.size)),
        })
      }
      buckets.push({ ...bucket, rules: [...bucket.rules], jobs: [...bucket.jobs], versions })
    }
    return { buckets, runs: store.runs(), meta: store.meta() }
  })

const restored = (value: unknown) =>
  Effect.gen(function* () {
    const store = makeTree({ hashes })
    yield* restore(store, snapshotOf(value), hashes)
    return store
  })

/** Through JSON text, as it is sent. */
const written = (store: Store) =>
  Effect.map(takeSnapshot(store, hashes), (snapshot) => JSON.parse(JSON.stringify(snapshot)) as unknown)

effect(
  "`restore` of `takeSnapshot` brings back all that a Reader shows",
  Effect.gen(function* () {
    const store = yield* restored(full)
    const snapshot = yield* written(store)
    const copy = yield* restored(snapshot)
    assert.deepEqual(yield* seen(copy), yield* seen(store))
    assert.deepEqual(yield* written(copy), snapshot)
  }),
)

effect(
  "`restore` brings a store back from whatever became of it",
  Effect.gen(function* () {
    const store = yield* restored(full)
    const before = yield* seen(store)
    const snapshot = yield* written(store)
    store.commit([{ _tag: "BucketDeleted", bucket: "one-1250000000" }, { _tag: "RunsCleared" }])
    yield* restore(store, snapshotOf({ version: 1, buckets: [{ name: "other-1250000000" }] }), hashes)
    assert.deepEqual(store.buckets().map(({ name }) => name), ["other-1250000000"])
    yield* restore(store, snapshotOf(snapshot), hashes)
    assert.deepEqual(yield* seen(store), before)
    const used = store.bodies.used()
    yield* restore(store, snapshotOf(snapshot), hashes)
    assert.equal(store.bodies.used(), used, "the bodies that were replaced are let go")
  }),
)

effect(
  "what a person leaves out is filled in as COS would",
  Effect.gen(function* () {
    const store = yield* restored(full)
    const at = Date.parse("2025-03-04T05:06:07.089Z")
    const [text] = store.versions("one-1250000000", "a.txt")
    assert.equal(text!.lastModified, at)
    assert.match(text!.versionId, /^MTg0[A-Za-z0-9+/]+$/)
    assert.deepEqual([text!.storageClass, text!.size, text!.etag.length], ["STANDARD", 11, 32])
    assert.deepEqual(text!.headers, [["Content-Type", "text/plain"], ["x-cos-meta-team", "x"]])
    assert.deepEqual(text!.tags, [{ key: "age", value: "18" }])
    const [raw] = store.versions("one-1250000000", "\xff\0raw")
    assert.deepEqual(raw!.headers, [["Content-Type", "application/octet-stream"], ["Cache-Control", "no-cache"]])
    assert.equal(
      store.versions("one-1250000000", "many").map(({ isDeleteMarker }) => isDeleteMarker).join(),
      "true,false,false",
    )
    const [parts] = store.versions("one-1250000000", "parts")
    assert.match(parts!.etag, /^[0-9a-f]{32}-4$/)
    assert.ok(parts!.size > 3 * 1024 * 1024 && parts!.segments.length === 4)
    const { rules, created, region, jobs } = store.bucket("one-1250000000")!
    assert.match(
      rules.get("daily")!.xml,
      /<Bucket>qcs::cos:ap-beijing::reports-1250000000<\/Bucket><Prefix>here<\/Prefix>/,
    )
    assert.deepEqual([rules.get("daily")!.since, created, region, jobs.size], [at, at, "ap-beijing", 1])
    assert.deepEqual([rules.get("later")!.since, rules.get("later")!.sequence], [Date.UTC(2024, 0, 1), 900])
    assert.ok(store.nextSequence() > 1000)
    assert.equal(store.bucket("reports-1250000000")!.region, "ap-guangzhou")
    assert.equal([...store.entries("much-1250000000", "")].length, 120)
    assert.deepEqual(store.meta(), { clock: { _tag: "Still", at }, looked: at })
  }),
)

effect(
  "a synthetic bucket is written as its count and seed, until it is changed",
  Effect.gen(function* () {
    const store = yield* restored({ version: 1, buckets: [full.buckets[2]] })
    const bucketOf = (snapshot: unknown) => (snapshot as typeof full).buckets[0]!
    assert.deepEqual(bucketOf(yield* written(store)).synthetic, { count: 120, seed: 7 })
    const [gone] = [...store.entries("much-1250000000", "")][100]!
    store.commit([{ _tag: "VersionDeleted", bucket: "much-1250000000", key: gone!.key, versionId: gone!.versionId }])
    const changed = yield* written(store)
    assert.equal(bucketOf(changed).synthetic, undefined)
    assert.deepEqual(yield* seen(yield* restored(changed)), yield* seen(store))
  }),
)

/** A store that must not be asked for the keys of a bucket. */
const unread = (store: Store): Store => ({
  ...store,
  entries: (bucket) => assert.fail(`the keys of ${bucket} are read`),
})

effect(
  "a synthetic bucket that nobody changed is written without looking at its objects, however many",
  Effect.gen(function* () {
    const much = { ...full.buckets[2], synthetic: { count: 1000000, seed: 7 } }
    const store = yield* restored({ version: 1, buckets: [much] })
    const snapshot = yield* takeSnapshot(unread(store), hashes)
    assert.deepEqual(snapshot.buckets[0]!.synthetic, much.synthetic)
    assert.equal(snapshot.buckets[0]!.objects, undefined)
  }),
)

effect(
  "a synthetic bucket of too many objects is refused in words once it was changed",
  Effect.gen(function* () {
    const much = { ...full.buckets[2], synthetic: { count: 100001, seed: 7 } }
    const store = yield* restored({ version: 1, buckets: [much] })
    const [[first] = []] = store.entries("much-1250000000", "")
    store.commit([{ _tag: "VersionDeleted", bucket: "much-1250000000", key: first!.key, versionId: first!.versionId }])
    const refused = yield* Effect.flip(takeSnapshot(store, hashes))
    assert.ok(refused._tag === "InvalidInput")
    assert.equal(refused.findings[0]!.code, "snapshot-too-large")
    assert.match(refused.message, /much-1250000000.*100000 versions.*copy the folder of --data/s)
  }),
)

effect(
  "`restore` that does not fit changes nothing, and keeps no body",
  Effect.gen(function* () {
    const store = makeTree({ hashes, cap: 100 })
    const objects = (size: number) => [{ key: "kept", body: "k".repeat(10) }, { key: "big", body: "b".repeat(size) }]
    const bucket = (size: number) => ({ version: 1, buckets: [{ name: "one-1250000000", objects: objects(size) }] })
    yield* restore(store, snapshotOf(bucket(20)), hashes)
    const [before, used] = [yield* seen(store), store.bodies.used()]
    const refused = yield* Effect.flip(restore(store, snapshotOf(bucket(80)), hashes))
    assert.ok(refused._tag === "InvalidInput" && refused.findings[0]!.code === "no-room")
    assert.deepEqual(yield* seen(store), before)
    assert.equal(store.bodies.used(), used)
  }),
)

effect(
  "`restore` whose commit fails changes nothing, and keeps no body",
  Effect.gen(function* () {
    const tree = makeTree({ hashes })
    const store: Store = {
      ...tree,
      commit: () => {
        throw new Error("The disk is full")
      },
    }
    const exit = yield* Effect.exit(restore(store, snapshotOf(full), hashes))
    assert.equal(exit._tag, "Failure")
    assert.deepEqual([tree.buckets().length, tree.bodies.used()], [0, 0])
  }),
)

effect(
  "`reset` leaves nothing, and lets every body go",
  Effect.gen(function* () {
    const store = yield* restored(full)
    yield* reset(store)
    assert.deepEqual([store.buckets(), store.runs(), store.bodies.used()], [[], [], 0])
    assert.deepEqual(store.meta()!.clock, { _tag: "Moved", offset: 0 })
  }),
)

effect(
  "a store that is too large for a snapshot is refused in words",
  Effect.gen(function* () {
    const store = makeTree({ hashes })
    const objects = [{ key: "z", body: "" }]
    yield* restore(store, snapshotOf({ version: 1, buckets: [{ name: "one-1250000000", objects }] }), hashes)
    const [version] = store.versions("one-1250000000", "z")
    store.commit([{
      _tag: "VersionPut",
      bucket: "one-1250000000",
      version: { ...version!, size: 65 * 1024 * 1024 },
    }])
    const refused = yield* Effect.flip(takeSnapshot(store, hashes))
    assert.ok(refused._tag === "InvalidInput")
    assert.match(refused.message, /too large for a snapshot/)
  }),
)

const bucket = (members: object) => ({ version: 1, buckets: [{ name: "one-1250000000", ...members }] })
const object = (members: object) => bucket({ versioning: "Enabled", objects: [{ key: "a", ...members }] })

/** Every bad document, with the codes and places that must be found in it. */
const bad: ReadonlyArray<readonly [value: unknown, ...found: ReadonlyArray<string>]> = [
  [null, "wrong-type "],
  ["text", "wrong-type "],
  [{}, "required buckets"],
  [{ version: 2, buckets: [] }, "wrong-type version"],
  [{ version: 1, bucket: [] }, "unknown-key bucket", "required buckets"],
  [{ version: 1, buckets: {} }, "wrong-type buckets"],
  [{ version: 1, buckets: [{ region: 1 }] }, "required buckets[0].name", "wrong-type buckets[0].region"],
  [bucket({ object: [] }), "unknown-key buckets[0].object"],
  [bucket({ created: "yesterday" }), "wrong-type buckets[0].created"],
  [bucket({ created: "2025-02-30T00:00:00Z" }), "wrong-type buckets[0].created"],
  [bucket({ versioning: "On" }), "wrong-type buckets[0].versioning"],
  [
    bucket({ synthetic: { count: -1, seed: 1.5 } }),
    "wrong-type buckets[0].synthetic.count",
    "wrong-type buckets[0].synthetic.seed",
  ],
  [bucket({ synthetic: { count: 1, seed: 1 } }), "needs-versioning buckets[0].versioning"],
  [
    bucket({ versioning: "Enabled", objects: [], synthetic: { count: 1, seed: 1 } }),
    "synthetic-and-objects buckets[0].objects",
  ],
  [bucket({ name: "plain", region: "x" }), "bucket-form buckets[0].name", "region-form buckets[0].region"],
  [{ version: 1, buckets: [{ name: "a-1250000000" }, { name: "a-1250000000" }] }, "repeated buckets[1].name"],
  [{ version: 1, buckets: [], clock: "now" }, "wrong-type clock"],
  [{ version: 1, buckets: [], runs: [{ id: 0 }] }, "wrong-type runs[0].id", "required runs[0].bucket"],
  [object({ key: 5, body: 1 }), "wrong-type buckets[0].objects[0].key", "wrong-type buckets[0].objects[0].body"],
  [object({ keyEncoded: "a" }), "key-once buckets[0].objects[0].key"],
  [bucket({ objects: [{ body: "" }] }), "key-once buckets[0].objects[0].key"],
  [object({ key: "" }), "key-empty buckets[0].objects[0].key"],
  [object({ key: "\ud800" }), "not-text buckets[0].objects[0].key"],
  [bucket({ objects: [{ keyEncoded: "a%2" }] }), "key-encoding buckets[0].objects[0].keyEncoded"],
  [bucket({ objects: [{ key: "a/b" }, { keyEncoded: "a%2Fb" }] }), "repeated buckets[0].objects[1].key"],
  [object({ body: "a", bodyBase64: "YQ==" }), "body-repeated buckets[0].objects[0].bodyBase64"],
  [object({ body: "\udc00" }), "not-text buckets[0].objects[0].body"],
  [object({ bodyBase64: "YQ" }), "not-base64 buckets[0].objects[0].bodyBase64"],
  [object({ bodyComputed: ["=1/999"] }), "not-computed buckets[0].objects[0].bodyComputed"],
  [object({ bodyComputed: ["=1/9*99999"] }), "not-computed buckets[0].objects[0].bodyComputed"],
  [object({ headers: { "a b": "c" } }), "header-form buckets[0].objects[0].headers"],
  [object({ headers: [["a", "b\r\nc: d"]] }), "header-form buckets[0].objects[0].headers"],
  [object({ headers: { "x-cos-meta-a": "1" }, meta: { A: "2" } }), "header-repeated buckets[0].objects[0].headers"],
  [object({ storageClass: "ARCHIV" }), "storage-class buckets[0].objects[0].storageClass"],
  [object({ storageClass: "archive" }), "storage-class buckets[0].objects[0].storageClass"],
  [object({ tags: { "": "v" } }), "tags-refused buckets[0].objects[0].tags"],
  [object({ tags: { a: "v".repeat(257) } }), "tags-refused buckets[0].objects[0].tags"],
  [object({ tags: Array(2).fill({ key: "a", value: "v" }) }), "tags-refused buckets[0].objects[0].tags"],
  [
    object({ versions: [{}, { tags: Object.fromEntries(Array.from({ length: 11 }, (_, nth) => [`${nth}`, ""])) }] }),
    "tags-refused buckets[0].objects[0].versions[1].tags",
  ],
  [object({ meta: { my_name: "x" } }), "meta-refused buckets[0].objects[0].meta"],
  [object({ headers: { "x-cos-meta-a": "x".repeat(2048) } }), "meta-refused buckets[0].objects[0].headers"],
  [object({ deleteMarker: true, body: "" }), "delete-marker buckets[0].objects[0].body"],
  [object({ versions: [] }), "required buckets[0].objects[0].versions[0]"],
  [object({ versions: [{}], body: "" }), "member-of-version buckets[0].objects[0].body"],
  [
    object({ versions: [{ versionId: "a" }, { versionId: "a" }] }),
    "repeated buckets[0].objects[0].versions[1].versionId",
  ],
  [
    object({ versions: [{ sequence: 1 }, { sequence: 2 }] }),
    "sequence-order buckets[0].objects[0].versions[1].sequence",
  ],
  [object({ versions: [{ sequence: 3 }, {}] }), "sequence-missing buckets[0].objects[0].versions[1].sequence"],
  [
    bucket({ objects: [{ key: "a", sequence: 4 }, { key: "b", sequence: 4 }] }),
    "repeated buckets[0].objects[1].sequence",
  ],
  [bucket({ objects: [{ key: "a", versions: [{}, {}] }] }), "needs-versioning buckets[0].objects[0].versions[1]"],
  [bucket({ objects: [{ key: "a", deleteMarker: true }] }), "needs-versioning buckets[0].objects[0]"],
  [bucket({ rules: [{}] }), "id-empty buckets[0].rules[0].id"],
  [
    bucket({ rules: [{ ...rule, schedule: { frequency: "Hourly" } }] }),
    "frequency-known buckets[0].rules[0].schedule.frequency",
  ],
  [bucket({ rules: [{ ...rule, ids: 1 }] }), "unknown-key buckets[0].rules[0].ids"],
  [bucket({ rules: ["<x/>"] }), "xml-root buckets[0].rules[0]"],
  [bucket({ rules: [null] }), "wrong-type buckets[0].rules[0]"],
  [bucket({ rules: [rule, rule] }), "repeated buckets[0].rules[1].id"],
  [bucket({ rules: [{ rule, since: "x" }] }), "wrong-type buckets[0].rules[0].since"],
  [bucket({ rules: [{ rule: { ...rule, id: 1 } }] }), "wrong-type buckets[0].rules[0].rule.id"],
]

for (const [value, ...wanted] of bad) {
  test(`\`readSnapshot\` finds ${wanted.join(", ")} in ${JSON.stringify(value).slice(0, 200)}`, () => {
    const read = readSnapshot(value)
    assert.ok(Result.isFailure(read))
    const found = read.failure.findings.map(({ code, path }) => `${code} ${path}`)
    for (const one of wanted) assert.ok(found.includes(one), `${one} is not among:\n${found.join("\n")}`)
    for (const finding of read.failure.findings) {
      assert.match(finding.message, /^[A-Z]/)
      assert.ok(finding.allowed !== "" && finding.fix !== "")
    }
  })
}

const foundIn = (value: unknown): ReadonlyArray<string> => {
  const read = readSnapshot(value)
  assert.ok(Result.isFailure(read))
  return read.failure.findings.map(({ code, path }) => `${code} ${path}`)
}

test("`readSnapshot` tells what is wrong in form and in meaning at once", () => {
  const found = foundIn({
    buckets: [
      {
        name: "Bad_Name",
        owner: 1,
        rules: [rule, { ...rule, id: "other", schedule: { frequency: "Hourly" }, filter: { prefx: "a" } }, rule],
        objects: [
          { key: "a", bodyBase64: "YQ", bodie: "a" },
          5,
          { keyEncoded: "a%2", body: 1 },
          { key: "a", versions: [{ storageClass: "ARCHIV" }, { etag: "" }] },
        ],
        jobs: [{ id: "x", started: 1 }, { id: "x", started: "2025-01-01T00:00:00Z" }],
      },
      { name: "one-1250000000", region: 5 },
      "a bucket",
      { name: "one-1250000000", versioning: "Enabled", synthetic: { count: 1, seed: 1 }, objects: "none" },
    ],
    runs: [{ id: 1 }, { id: 1 }],
  })
  const wanted = [
    "wrong-type buckets[0].owner",
    "unknown-key buckets[0].objects[0].bodie",
    "wrong-type buckets[0].objects[1]",
    "wrong-type buckets[0].objects[2].body",
    "wrong-type buckets[0].objects[3].versions[1].etag",
    "wrong-type buckets[0].jobs[0].started",
    "wrong-type buckets[1].region",
    "wrong-type buckets[2]",
    "wrong-type buckets[3].objects",
    "bucket-form buckets[0].name",
    "unknown-key buckets[0].rules[1].filter.prefx",
    "frequency-known buckets[0].rules[1].schedule.frequency",
    "repeated buckets[0].rules[2].id",
    "repeated buckets[0].jobs[1].id",
    "not-base64 buckets[0].objects[0].bodyBase64",
    "key-encoding buckets[0].objects[2].keyEncoded",
    "storage-class buckets[0].objects[3].versions[0].storageClass",
    "needs-versioning buckets[0].objects[3].versions[1]",
    "repeated buckets[0].objects[3].key",
    "repeated buckets[3].name",
    "repeated runs[1].id",
  ]
  for (const one of wanted) assert.ok(found.includes(one), `${one} is not among:\n${found.join("\n")}`)
})

const versions = [{ deleteMarker: true }, {}]
const abroad = { ...rule, destination: { bucket: "qcs::cos:ap-tokyo::a-1250000000", format: "CSV" } }

/** One slip of the form each, which must not be told a second time as something that it lacks. */
const slips: ReadonlyArray<readonly [value: unknown, ...found: ReadonlyArray<string>]> = [
  [bucket({ objects: [{ key: 5 }] }), "wrong-type buckets[0].objects[0].key"],
  [bucket({ objects: [{ keyEncoded: 5 }] }), "wrong-type buckets[0].objects[0].keyEncoded"],
  [bucket({ objects: [{ kye: "a" }] }), "unknown-key buckets[0].objects[0].kye"],
  [bucket({ objects: [5, null, []] }), ...[0, 1, 2].map((nth) => `wrong-type buckets[0].objects[${nth}]`)],
  [bucket({ versioning: "On", objects: [{ key: "a", versions }] }), "wrong-type buckets[0].versioning"],
  [bucket({ versionning: "Enabled", objects: [{ key: "a", versions }] }), "unknown-key buckets[0].versionning"],
  [bucket({ versioning: 1, synthetic: { count: 1, seed: 1 } }), "wrong-type buckets[0].versioning"],
  [bucket({ region: 5, rules: [abroad] }), "wrong-type buckets[0].region"],
  [bucket({ regoin: "ap-tokyo", rules: [abroad] }), "unknown-key buckets[0].regoin"],
  [{ buckets: [{ name: 1 }, { name: 1 }] }, "wrong-type buckets[0].name", "wrong-type buckets[1].name"],
  [
    object({ versions: [{ sequence: 2 }, { sequence: "1" }] }),
    "wrong-type buckets[0].objects[0].versions[1].sequence",
  ],
]

for (const [value, ...wanted] of slips) {
  test(`\`readSnapshot\` finds only ${wanted.join(", ")} in ${JSON.stringify(value).slice(0, 200)}`, () => {
    assert.deepEqual(foundIn(value), wanted)
  })
}

test("`readSnapshot` takes a document without a version, and names the one there is where it is another", () => {
  assert.deepEqual(snapshotOf({ buckets: [] }), { buckets: [] })
  const read = readSnapshot({ version: 2, buckets: [] })
  assert.ok(Result.isFailure(read))
  assert.deepEqual(read.failure.findings.map(({ found, allowed }) => [found, allowed]), [["2", "1"]])
})

test("`readSnapshot` calls what it wants by words of the document, not of the program", () => {
  for (
    const [value, allowed] of [
      [[], "an object with buckets"],
      [{ buckets: [5] }, "an object with name"],
      [bucket({ objects: [5] }), "an object"],
      [bucket({ synthetic: 5 }), "an object with count, seed"],
    ] as const
  ) {
    const read = readSnapshot(value)
    assert.ok(Result.isFailure(read))
    assert.deepEqual(read.failure.findings.map((finding) => finding.allowed), [allowed])
  }
})

test("`readSnapshot` corrects the letters of a bucket's name before it asks for an APPID", () => {
  const fixOf = (name: string) => {
    const read = readSnapshot({ buckets: [{ name }] })
    assert.ok(Result.isFailure(read))
    return read.failure.findings[0]!.fix
  }
  assert.match(fixOf("plain"), /plain-<appid>/u)
  assert.doesNotMatch(fixOf("Bad_Name"), /appid/iu)
})

test("`readSnapshot` says which member was meant", () => {
  const read = readSnapshot(bucket({ objekts: [] }))
  assert.ok(Result.isFailure(read))
  assert.match(read.failure.message, /Did you mean "objects"\?/)
  const begun = readSnapshot(bucket({ strict: true }))
  assert.ok(Result.isFailure(begun))
  assert.match(begun.failure.message, /Did you mean "strictSignature"\?/)
})
