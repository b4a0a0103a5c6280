/** One object at a time: put, read, copied, tagged, deleted. */
import { strict as assert } from "node:assert"
import { createReadStream, readFileSync, writeFileSync } from "node:fs"
import { Readable, Writable } from "node:stream"
import { bytes, contentMd5, crc64, etag, refused } from "./world.mjs"

const bodies = {
  "a string": () => ({ body: "Grüße, 世界 🎉", sent: Buffer.from("Grüße, 世界 🎉") }),
  "an empty string": () => ({ body: "", sent: Buffer.alloc(0) }),
  "a buffer": () => ({ body: bytes(100_000), sent: bytes(100_000) }),
  "a file's stream": ({ file }) => {
    writeFileSync(file("stream.bin"), bytes(300_000))
    return { body: createReadStream(file("stream.bin")), sent: bytes(300_000), rest: { ContentLength: 300_000 } }
  },
  // Without a length the SDK sends it in chunks
  "a stream of unknown length": () => {
    const sent = bytes(200_000, 7)
    return { body: Readable.from([sent.subarray(0, 1), sent.subarray(1, 70_000), sent.subarray(70_000)]), sent }
  },
}

/** A stream that keeps what is written to it. */
const collector = () => {
  const chunks = []
  const Output = new Writable({ write: (chunk, _, done) => (chunks.push(chunk), done()) })
  return { Output, written: () => Buffer.concat(chunks) }
}

export const objectSteps = [
  ...Object.entries(bodies).map(([kind, make]) => ({
    name: `puts ${kind} and reads the same bytes`,
    run: async (world) => {
      const { body, sent, rest } = make(world)
      const key = `bodies/${kind}`
      const put = await world.put(key, body, rest)
      assert.deepEqual([put.statusCode, put.ETag], [200, etag(sent)])
      assert.equal(put.headers["x-cos-hash-crc64ecma"], crc64(sent))
      assert.ok(put.RequestId)
      const got = await world.get(key)
      assert.deepEqual([got.statusCode, got.ETag, Buffer.compare(got.Body ?? Buffer.alloc(0), sent)], [
        200,
        etag(sent),
        0,
      ])
      assert.equal(got.headers["content-length"], String(sent.length))
      assert.equal(got.headers["x-cos-hash-crc64ecma"], crc64(sent))
      const head = await world.head(key)
      assert.deepEqual([head.statusCode, head.ETag], [200, etag(sent)])
      assert.equal(head.headers["content-length"], String(sent.length))
    },
  })),
  {
    name: "is given the headers that it put",
    run: async ({ put, get, head }) => {
      const before = Math.floor(Date.now() / 1000) * 1000
      await put("headers", "body", {
        ContentType: "text/markdown; charset=utf-8",
        CacheControl: "max-age=60",
        ContentDisposition: "attachment; filename=a.md",
        ContentEncoding: "identity",
        Expires: "Thu, 01 Jan 2037 00:00:00 GMT",
        StorageClass: "STANDARD_IA",
        "x-cos-meta-author": "li",
        "x-cos-meta-note": "two words",
      })
      for (const { headers } of [await get("headers"), await head("headers")]) {
        const { "content-type": type, "cache-control": cache, "content-disposition": disposition } = headers
        assert.deepEqual([type, cache, disposition], [
          "text/markdown; charset=utf-8",
          "max-age=60",
          "attachment; filename=a.md",
        ])
        assert.deepEqual([headers["content-encoding"], headers["expires"]], [
          "identity",
          "Thu, 01 Jan 2037 00:00:00 GMT",
        ])
        assert.deepEqual([headers["x-cos-meta-author"], headers["x-cos-meta-note"]], ["li", "two words"])
        assert.equal(headers["x-cos-storage-class"], "STANDARD_IA")
        const modified = Date.parse(headers["last-modified"])
        assert.ok(modified >= before && modified <= Date.now(), headers["last-modified"])
      }
    },
  },
  {
    // It sends `Cache-Control:` without a value when it is told none (sdk/base.js, `putObject`)
    name: "is given no Cache-Control that it did not put",
    run: async ({ put, head }) => {
      await put("uncached", "body")
      assert.equal((await head("uncached")).headers["cache-control"], undefined)
    },
  },
  {
    name: "replaces an object with another",
    run: async ({ put, get }) => {
      await put("twice", "first, and longer", { "x-cos-meta-a": "1" })
      await put("twice", "second")
      const { Body, headers } = await get("twice")
      assert.deepEqual([String(Body), headers["x-cos-meta-a"]], ["second", undefined])
    },
  },
  {
    name: "is refused a body that its Content-MD5 does not fit",
    run: async ({ put, get, client, at }) => {
      const careful = client({ UploadCheckContentMd5: true })
      assert.equal((await careful.putObject({ ...at, Key: "md5", Body: "right" })).statusCode, 200)
      assert.deepEqual(await refused(put("md5", "wrong", { ContentMD5: contentMd5("right") })), [400, "BadDigest"])
      assert.deepEqual(await refused(put("md5", "wrong", { ContentMD5: "no digest" })), [400, "InvalidDigest"])
      assert.equal(String((await get("md5")).Body), "right")
    },
  },
  {
    name: "reads a part of an object",
    run: async ({ put, get }) => {
      await put("range", "0123456789")
      const part = async (Range) => {
        const { Body, statusCode, headers } = await get("range", { Range })
        return [statusCode, String(Body), headers["content-range"]]
      }
      assert.deepEqual(await part("bytes=2-5"), [206, "2345", "bytes 2-5/10"])
      assert.deepEqual(await part("bytes=7-"), [206, "789", "bytes 7-9/10"])
      assert.deepEqual(await part("bytes=-3"), [206, "789", "bytes 7-9/10"])
      assert.deepEqual(await part("bytes=8-100"), [206, "89", "bytes 8-9/10"])
      assert.deepEqual(await refused(get("range", { Range: "bytes=10-" })), [416, "InvalidRange"])
    },
  },
  {
    name: "reads an object only when its condition holds",
    run: async ({ put, get, head }) => {
      const { ETag } = await put("condition", "body")
      const [past, future] = ["Mon, 01 Jan 2018 00:00:00 GMT", new Date(Date.now() + 3_600_000).toUTCString()]
      assert.equal((await get("condition", { IfMatch: ETag })).statusCode, 200)
      assert.deepEqual(await refused(get("condition", { IfMatch: '"other"' })), [412, "PreconditionFailed"])
      assert.deepEqual(await refused(get("condition", { IfUnmodifiedSince: past })), [412, "PreconditionFailed"])
      assert.equal((await get("condition", { IfModifiedSince: past })).statusCode, 200)
      assert.deepEqual(await head("condition", { IfModifiedSince: future }), { NotModified: true, statusCode: 304 })
      // It knows 304 as an answer to If-Modified-Since alone, and of any other makes an error
      assert.deepEqual(await refused(get("condition", { IfNoneMatch: ETag })), [304, "304"])
    },
  },
  {
    name: "reads an object with other headers when it asks for them",
    run: async ({ put, get }) => {
      await put("asked", "body", { ContentType: "text/plain" })
      const { headers } = await get("asked", {
        ResponseContentType: "image/png",
        ResponseCacheControl: "no-store",
        ResponseContentDisposition: 'attachment; filename="中.png"'.replace("中", "%E4%B8%AD"),
      })
      assert.deepEqual([headers["content-type"], headers["cache-control"]], ["image/png", "no-store"])
      assert.equal(headers["content-disposition"], 'attachment; filename="%E4%B8%AD.png"')
    },
  },
  {
    name: "reads an object into a file and into streams",
    run: async ({ at, cos, file, put, get }) => {
      const body = bytes(500_000, 3)
      await put("output", body)
      await get("output", { Output: file("output.bin") })
      assert.equal(Buffer.compare(readFileSync(file("output.bin")), body), 0)

      const { Output, written } = collector()
      const { statusCode, ETag } = await get("output", { Output })
      assert.deepEqual([statusCode, ETag, Buffer.compare(written(), body)], [200, etag(body), 0])

      const read = []
      for await (const chunk of cos.getObjectStream({ ...at, Key: "output" }, () => {})) read.push(chunk)
      assert.equal(Buffer.compare(Buffer.concat(read), body), 0)
    },
  },
  {
    // It pipes whatever comes, so that an error's document ends up where the object should (sdk/base.js, `_submitRequest`)
    name: "writes the error into its output when there is no such object",
    run: async ({ get }) => {
      const { Output, written } = collector()
      const error = await get("missing", { Output }).then(() => undefined, (error) => error)
      assert.deepEqual([error.statusCode, error.code], [404, "NoSuchKey"])
      assert.match(String(written()), /<Error>[^]*<Code>NoSuchKey<\/Code>/u)
    },
  },
  {
    name: "deletes an object, there or not",
    run: async ({ at, cos, put, get }) => {
      await put("deleted", "body")
      for (let times = 0; times < 2; times++) {
        assert.equal((await cos.deleteObject({ ...at, Key: "deleted" })).statusCode, 204)
      }
      assert.deepEqual(await refused(get("deleted")), [404, "NoSuchKey"])
    },
  },
  {
    name: "deletes many objects, and is told of each unless it asks for quiet",
    run: async ({ at, cos, put }) => {
      const keys = ["many/a", "many/b & <c>", "many/中"]
      for (const key of keys) await put(key, key)
      const Objects = [...keys, "many/missing"].map((Key) => ({ Key }))
      const { Deleted, Error: errors, statusCode } = await cos.deleteMultipleObject({ ...at, Objects })
      assert.deepEqual([statusCode, errors], [200, []])
      assert.deepEqual(Deleted.map(({ Key }) => Key), [...keys, "many/missing"])
      assert.deepEqual((await cos.getBucket({ ...at, Prefix: "many/" })).Contents, [])
      const quiet = await cos.deleteMultipleObject({ ...at, Objects, Quiet: true })
      assert.deepEqual([quiet.Deleted, quiet.Error], [[], []])
    },
  },
  {
    name: "copies an object with its metadata, or with another",
    run: async ({ at, bucket, cos, put, get, source }) => {
      const body = bytes(50_000, 5)
      const key = "copy/源 file+1.bin"
      await put(key, body, { ContentType: "image/gif", "x-cos-meta-a": "1" })
      const copied = await cos.putObjectCopy({ ...at, Key: "copy/same", CopySource: source(key) })
      assert.deepEqual([copied.statusCode, copied.ETag], [200, etag(body)])
      assert.equal(copied.headers["x-cos-hash-crc64ecma"], crc64(body))
      assert.ok(!Number.isNaN(Date.parse(copied.LastModified)), copied.LastModified)
      const same = await get("copy/same")
      assert.equal(Buffer.compare(same.Body, body), 0)
      assert.deepEqual([same.headers["content-type"], same.headers["x-cos-meta-a"]], ["image/gif", "1"])
      assert.equal(same.headers["x-cos-hash-crc64ecma"], crc64(body))

      const own = await bucket("sdk-copies")
      await cos.putObjectCopy({
        ...own,
        Key: "other",
        CopySource: source(key),
        MetadataDirective: "Replaced",
        ContentType: "image/png",
        StorageClass: "STANDARD_IA",
        "x-cos-meta-b": "2",
      })
      const other = await cos.getObject({ ...own, Key: "other" })
      assert.equal(Buffer.compare(other.Body, body), 0)
      const { "content-type": type, "x-cos-meta-a": a, "x-cos-meta-b": b, "x-cos-storage-class": storage } =
        other.headers
      assert.deepEqual([type, a, b, storage], ["image/png", undefined, "2", "STANDARD_IA"])
      const missing = cos.putObjectCopy({ ...at, Key: "copy/none", CopySource: source("copy/missing") })
      assert.equal((await refused(missing))[0], 404)
    },
  },
  {
    name: "puts, gets and deletes the tags of an object",
    run: async ({ at, cos, put }) => {
      const here = { ...at, Key: "tagged" }
      await put("tagged", "body", { "x-cos-tagging": "team=data&tier=%E9%87%91" })
      assert.deepEqual((await cos.getObjectTagging(here)).Tags, [
        { Key: "team", Value: "data" },
        { Key: "tier", Value: "金" },
      ])
      await cos.putObjectTagging({ ...here, Tags: [{ Key: "only", Value: "one" }] })
      assert.deepEqual((await cos.getObjectTagging(here)).Tags, [{ Key: "only", Value: "one" }])
      const eleven = Array.from({ length: 11 }, (_, at) => ({ Key: `k${at}`, Value: "v" }))
      assert.equal((await refused(cos.putObjectTagging({ ...here, Tags: eleven })))[0], 400)
      assert.equal((await cos.deleteObjectTagging(here)).statusCode, 204)
      assert.deepEqual((await cos.getObjectTagging(here)).Tags, [])
    },
  },
  {
    name: "is told when a bucket or an object is not there",
    run: async ({ at, cos, get, head }) => {
      const missing = { ...at, Bucket: "missing-1250000000" }
      assert.deepEqual(await refused(get("missing")), [404, "NoSuchKey"])
      assert.deepEqual(await refused(cos.getBucket(missing)), [404, "NoSuchBucket"])
      assert.deepEqual(await refused(cos.putObject({ ...missing, Key: "a", Body: "a" })), [404, "NoSuchBucket"])
      // The answer to HEAD has no body, so it knows the status alone
      assert.deepEqual(await refused(head("missing")), [404, "404"])
      assert.deepEqual(await refused(cos.headBucket(missing)), [404, "404"])
      // It takes this 404 for success
      assert.deepEqual(await cos.deleteObject({ ...missing, Key: "a" }), { BucketNotFound: true, statusCode: 404 })
    },
  },
]
