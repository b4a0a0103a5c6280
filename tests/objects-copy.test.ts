/** PUT Object - Copy. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import type { Headers } from "../core/http.ts"
import {
  bucket,
  hostOfBucket,
  otherBucket,
  ownedBytes,
  pieces,
  refused,
  start,
  versioned,
  world,
} from "./objects-world.ts"

const from = (path: string, host = hostOfBucket(bucket)): Headers => [["x-cos-copy-source", `${host}${path}`]]
const toOther: Headers = [["Host", hostOfBucket(otherBucket)]]
const withSource = async (headers: Headers = []) => {
  const made = world()
  await made.ask("PUT", "/source", [
    ["Content-Type", "text/plain"],
    ["x-cos-meta-a", "1"],
    ["x-cos-tagging", "t=1"],
    ...headers,
  ], "the bytes")
  return made
}

test("PutObjectCopy copies bytes, headers and tags, and answers with what it made", async () => {
  const { ask, setTime, store } = await withSource()
  setTime(start + 60_000)
  const reply = await ask("PUT", "/copy", from("/source"))
  const source = await ask("GET", "/source")
  const copy = await ask("GET", "/copy")
  assert.equal(reply.status, 200)
  assert.equal(reply.element("ETag"), source.header("etag"))
  assert.equal(reply.element("CRC64"), source.header("x-cos-hash-crc64ecma"))
  assert.equal(reply.element("LastModified"), "2025-11-21T04:41:00Z")
  assert.equal(reply.element("VersionId"), "")
  assert.equal(copy.text, "the bytes")
  for (const name of ["content-type", "x-cos-meta-a", "etag"]) assert.equal(copy.header(name), source.header(name))
  assert.equal(copy.header("last-modified"), "Fri, 21 Nov 2025 04:41:00 GMT")
  assert.equal((await ask("GET", "/copy?tagging")).element("Key"), "t")
  assert.equal(store.bodies.used(), ownedBytes(store))
})

test("PutObjectCopy leaves the class and the encryption of its source behind, unless it names its own", async () => {
  const { ask } = await withSource([["x-cos-storage-class", "STANDARD_IA"], ["x-cos-server-side-encryption", "AES256"]])
  await ask("PUT", "/plain", from("/source"))
  const plain = await ask("HEAD", "/plain")
  assert.equal(plain.header("x-cos-storage-class"), undefined)
  assert.equal(plain.header("x-cos-server-side-encryption"), undefined)
  const own: Headers = [["x-cos-storage-class", "COLD"], ["x-cos-server-side-encryption", "AES256"]]
  const reply = await ask("PUT", "/own", [...from("/source"), ...own])
  assert.equal(reply.header("x-cos-server-side-encryption"), "AES256")
  const head = await ask("HEAD", "/own")
  for (const [name, value] of own) assert.equal(head.header(name), value)
})

test("PutObjectCopy takes headers and tags of its own when the directive is Replaced", async () => {
  const { ask } = await withSource()
  const own: Headers = [["x-cos-metadata-directive", "Replaced"], ["x-cos-meta-b", "2"], ["Content-Type", "image/png"]]
  await ask("PUT", "/copy", [...from("/source"), ...own])
  const copy = await ask("GET", "/copy")
  assert.equal(copy.text, "the bytes")
  assert.equal(copy.header("x-cos-meta-a"), undefined)
  assert.equal(copy.header("x-cos-meta-b"), "2")
  assert.equal(copy.header("content-type"), "image/png")
  assert.deepEqual((await ask("GET", "/copy?tagging")).elements("Key"), [])
})

test("PutObjectCopy passes its own headers over when the directive is Copy", async () => {
  const { ask } = await withSource()
  const own: Headers = [["x-cos-metadata-directive", "Copy"], ["x-cos-meta-b", "2"], ["Content-Type", "image/png"]]
  await ask("PUT", "/copy", [...from("/source"), ...own, ["x-cos-tagging", "u=2"]])
  const copy = await ask("GET", "/copy")
  assert.equal(copy.header("x-cos-meta-b"), undefined)
  assert.equal(copy.header("content-type"), "text/plain")
  assert.deepEqual((await ask("GET", "/copy?tagging")).elements("Key"), ["u"])
})

test("PutObjectCopy copies onto itself only what changes something", async () => {
  const { ask, store } = await withSource()
  refused(await ask("PUT", "/source", from("/source")), "InvalidRequest")
  const replaced: Headers = [["x-cos-metadata-directive", "Replaced"], ["x-cos-meta-b", "2"]]
  assert.equal((await ask("PUT", "/source", [...from("/source"), ...replaced])).status, 200)
  assert.equal((await ask("GET", "/source")).header("x-cos-meta-b"), "2")
  const cooler: Headers = [["x-cos-storage-class", "STANDARD_IA"]]
  assert.equal((await ask("PUT", "/source", [...from("/source"), ...cooler])).status, 200)
  const head = await ask("GET", "/source")
  assert.deepEqual([head.header("x-cos-meta-b"), head.header("x-cos-storage-class")], ["2", "STANDARD_IA"])
  assert.equal(head.text, "the bytes")
  assert.equal(store.bodies.used(), ownedBytes(store))
})

test("PutObjectCopy finds its source in every form that clients write", async () => {
  const { ask } = world()
  await ask("PUT", "/%E6%96%87%3Fb%20c%2Bd", [], "found")
  const raw = "/%E6%96%87%3Fb%20c%2Bd"
  const hosts = [
    hostOfBucket(bucket),
    `https://${hostOfBucket(bucket)}`,
    `${bucket.name}.cos.ap-guangzhou.tencentcos.cn`,
    `${hostOfBucket(bucket)}:9000`,
    `${bucket.name}.localhost:9000`,
    `127.0.0.1:9000/${bucket.name}`,
    `/${bucket.name}`,
  ]
  for (const host of hosts) {
    // The last is a path on this request's own host, which here names no bucket
    const reply = await ask("PUT", `/${bucket.name}/copy`, [...from(raw, host), ["Host", "127.0.0.1:9000"]])
    assert.equal(reply.status, 200, `${host}: ${reply.text}`)
  }
  assert.equal((await ask("PUT", "/copy", from("/文?b%20c%2Bd"))).status, 200)
  assert.equal((await ask("GET", "/copy")).text, "found")
})

test("PutObjectCopy copies from another bucket, and neither follows the other afterwards", async () => {
  const { ask, store } = await withSource()
  await ask("PUT", "/copy", [...from("/source"), ...toOther])
  await ask("PUT", "/source", [], "changed")
  assert.equal((await ask("GET", "/copy", toOther)).text, "the bytes")
  await ask("DELETE", "/source")
  assert.equal((await ask("GET", "/copy", toOther)).text, "the bytes")
  await ask("DELETE", "/copy", toOther)
  assert.equal(store.bodies.used(), 0)
})

test("PutObjectCopy copies the version that it names, and names both versions", async () => {
  const { ask } = versioned()
  const first = (await ask("PUT", "/a", [], "first")).header("x-cos-version-id")!
  const second = (await ask("PUT", "/a", [], "second")).header("x-cos-version-id")!
  const newest = await ask("PUT", "/b", from("/a"))
  assert.equal(newest.header("x-cos-copy-source-version-id"), second)
  assert.equal(newest.element("VersionId"), newest.header("x-cos-version-id"))
  assert.equal((await ask("GET", "/b")).text, "second")
  const restored = await ask("PUT", "/a", from(`/a?versionId=${first}`))
  assert.equal(restored.header("x-cos-copy-source-version-id"), first)
  assert.equal((await ask("GET", "/a")).text, "first")
})

test("PutObjectCopy refuses a delete marker: as missing when it is the newest, as a source when it is named", async () => {
  const { ask } = versioned()
  await ask("PUT", "/a", [], "a")
  const marker = (await ask("DELETE", "/a")).header("x-cos-version-id")!
  refused(await ask("PUT", "/b", from("/a")), "NoSuchCopySource")
  refused(await ask("PUT", "/b", from(`/a?versionId=${marker}`)), "InvalidCopySource")
  refused(await ask("PUT", "/b", from("/a?versionId=MTg0")), "NoSuchVersion")
  refused(await ask("PUT", "/b", from("/a?versionId=")), "InvalidCopySource")
})

const sources: ReadonlyArray<readonly [source: string, code: string]> = [
  ["", "InvalidCopySource"],
  ["source", "InvalidCopySource"],
  [hostOfBucket(bucket), "InvalidCopySource"],
  [`${hostOfBucket(bucket)}/`, "InvalidCopySource"],
  ["localhost/", "InvalidCopySource"],
  ["localhost/source", "InvalidCopySource"],
  [`${hostOfBucket(bucket)}/missing`, "NoSuchCopySource"],
  ["nosuch-1250000000.cos.ap-guangzhou.myqcloud.com/source", "NoSuchCopySource"],
  [`${bucket.name}.cos.ap-nanjing.myqcloud.com/source`, "NoSuchCopySource"],
]
for (const [source, code] of sources) {
  test(`PutObjectCopy refuses the source "${source}" with ${code}`, async () => {
    const { ask } = await withSource()
    refused(await ask("PUT", "/copy", [["x-cos-copy-source", source]]), code)
    assert.equal((await ask("HEAD", "/copy")).status, 404)
  })
}

const etag = '"a3d5bb7e64c20f9f91a4dc77d2ed4a3a"'
const [before, after] = ["Fri, 21 Nov 2025 04:39:59 GMT", "Fri, 21 Nov 2025 04:40:01 GMT"]
const conditions: ReadonlyArray<readonly [conditions: ReadonlyArray<readonly [string, string]>, answer: string]> = [
  [[["if-match", "ETAG"]], "200"],
  [[["if-match", etag]], "PreconditionFailed"],
  [[["if-none-match", etag]], "200"],
  [[["if-none-match", "ETAG"]], "PreconditionFailed"],
  [[["if-modified-since", before]], "200"],
  [[["if-modified-since", after]], "PreconditionFailed"],
  [[["if-unmodified-since", after]], "200"],
  [[["if-unmodified-since", before]], "PreconditionFailed"],
  [[["if-match", "ETAG"], ["if-unmodified-since", after]], "200"],
  [[["if-match", "ETAG"], ["if-unmodified-since", before]], "PreconditionFailed"],
  [[["if-none-match", etag], ["if-modified-since", before]], "200"],
  [[["if-none-match", etag], ["if-modified-since", after]], "PreconditionFailed"],
  [[["if-match", "ETAG"], ["if-none-match", etag]], "InvalidArgument"],
  [[["if-match", "ETAG"], ["if-modified-since", before]], "InvalidArgument"],
  [[["if-modified-since", before], ["if-unmodified-since", after]], "InvalidArgument"],
]
for (const [given, answer] of conditions) {
  test(`PutObjectCopy answers ${answer} to a source with ${given.map((pair) => pair.join(": ")).join(" and ")}`, async () => {
    const { ask } = await withSource()
    const own = (await ask("HEAD", "/source")).header("etag")!
    const headers = given.map(([name, value]) => [`x-cos-copy-source-${name}`, value === "ETAG" ? own : value] as const)
    const reply = await ask("PUT", "/copy", [...from("/source"), ...headers])
    assert.equal(reply.code === "" ? String(reply.status) : reply.code, answer)
    assert.equal((await ask("HEAD", "/copy")).status, answer === "200" ? 200 : 404)
  })
}

test("PutObjectCopy needs the source's bucket to let it read", async () => {
  const { ask } = world({ buckets: [bucket, { ...otherBucket, denied: ["GetObject"] }] })
  await ask("PUT", "/a", toOther, "secret")
  refused(await ask("PUT", "/copy", from("/a", hostOfBucket(otherBucket))), "AccessDenied")
})

test("PutObjectCopy refuses a directive that is none, what is archived, and what must not be overwritten", async () => {
  const { ask } = await withSource()
  refused(await ask("PUT", "/copy", [...from("/source"), ["x-cos-metadata-directive", "Move"]]), "InvalidArgument")
  await ask("PUT", "/cold", [["x-cos-storage-class", "DEEP_ARCHIVE"]], "cold")
  refused(await ask("PUT", "/copy", from("/cold")), "InvalidObjectState")
  refused(await ask("PUT", "/cold", [...from("/source"), ["x-cos-forbid-overwrite", "true"]]), "FileAlreadyExists")
  refused(await ask("PUT", "/copy", [...from("/source"), ["x-cos-tagging-directive", "Copy"]]), "NotImplemented")
})

test("PutObjectCopy refuses a source larger than a single copy may be", async () => {
  const { ask, store } = world()
  const size = 5 * 1024 ** 3 + 1
  const { versions } = store
  await ask("PUT", "/source", [], "small")
  const version = { ...versions(bucket.name, "source")[0]!, size, segments: [{ ref: "=0/1", size }] }
  store.commit([{ _tag: "VersionPut", bucket: bucket.name, version }])
  refused(await ask("PUT", "/copy", from("/source")), "EntityTooLarge")
})

test("PutObjectCopy says that its source changed when it did so while its bytes were copied", async () => {
  const { ask, store } = world()
  const big = "x".repeat(3 * 1024 * 1024)
  await ask("PUT", "/source", [], pieces([big]))
  // The copy reads the source as a stream, and between its chunks another request is answered
  const { read } = store.bodies
  const racing = world({
    store: {
      ...store,
      bodies: {
        ...store.bodies,
        read: (...asked) => {
          const body = read(...asked)
          store.commit([{
            _tag: "VersionPut",
            bucket: bucket.name,
            version: { ...store.versions(bucket.name, "source")[0]!, crc64: "1" },
          }])
          return body
        },
      },
    },
  })
  refused(await racing.ask("PUT", "/copy", from("/source")), "ServiceUnavailable")
  refused(await racing.ask("GET", "/copy"), "NoSuchKey")
  assert.equal(store.bodies.used(), big.length)
})
