/** Objects in parts: by hand, by the SDK's own upload, copy and download of files. */
import { strict as assert } from "node:assert"
import { createReadStream, readFileSync, writeFileSync } from "node:fs"
import { bytes, crc64, etag, md5, refused } from "./world.mjs"

const MiB = 1024 * 1024

/** As page 7742 shows it: the digest of the parts' digests, and how many there are. */
const etagOf = (body, partSize) => {
  const digests = []
  for (let at = 0; at < body.length; at += partSize) digests.push(md5(body.subarray(at, at + partSize)))
  return `${etag(Buffer.concat(digests)).slice(0, -1)}-${digests.length}"`
}

const uploadsOf = async ({ at, cos }, Prefix) => (await cos.multipartList({ ...at, Prefix })).Upload

export const multipartSteps = [
  {
    name: "uploads an object in parts, lists them, and completes it",
    run: async (world) => {
      const { at, cos, get, head } = world
      const here = { ...at, Key: "parts/by hand 中.bin" }
      const body = bytes(2 * MiB + 10, 11)
      const parts = [body.subarray(0, MiB), body.subarray(MiB, 2 * MiB), body.subarray(2 * MiB)]
      const begun = await cos.multipartInit({
        ...here,
        ContentType: "image/tiff",
        StorageClass: "STANDARD_IA",
        "x-cos-meta-a": "1",
      })
      const { UploadId } = begun
      assert.deepEqual([begun.Bucket, begun.Key], [at.Bucket, here.Key])
      const [upload, ...others] = await uploadsOf(world, here.Key)
      assert.deepEqual(others, [])
      assert.deepEqual([upload.Key, upload.UploadId, upload.StorageClass], [here.Key, UploadId, "STANDARD_IA"])
      assert.ok(!Number.isNaN(Date.parse(upload.Initiated)), upload.Initiated)

      const sent = []
      // Out of order, and the second one twice
      for (const number of [3, 2, 1, 2]) {
        const Body = parts[number - 1]
        const { ETag, headers } = await cos.multipartUpload({ ...here, UploadId, PartNumber: number, Body })
        assert.deepEqual([ETag, headers["x-cos-hash-crc64ecma"]], [etag(Body), crc64(Body)])
        sent[number - 1] = { PartNumber: number, ETag }
      }
      const listed = await cos.multipartListPart({ ...here, UploadId })
      assert.deepEqual(
        listed.Part.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag]),
        parts.map((part, at) => [String(at + 1), String(part.length), etag(part)]),
      )
      const first = await cos.multipartListPart({ ...here, UploadId, MaxParts: 2 })
      assert.deepEqual([first.Part.length, first.IsTruncated, first.NextPartNumberMarker], [2, "true", "2"])
      const rest = await cos.multipartListPart({ ...here, UploadId, PartNumberMarker: first.NextPartNumberMarker })
      assert.deepEqual([rest.Part.map(({ PartNumber }) => PartNumber), rest.IsTruncated], [["3"], "false"])

      const done = await cos.multipartComplete({ ...here, UploadId, Parts: sent })
      assert.deepEqual([done.Bucket, done.Key, done.ETag], [at.Bucket, here.Key, etagOf(body, MiB)])
      assert.equal(done.headers["x-cos-hash-crc64ecma"], crc64(body))
      const got = await get(here.Key)
      assert.deepEqual([got.ETag, Buffer.compare(got.Body, body)], [etagOf(body, MiB), 0])
      const { "content-type": type, "x-cos-storage-class": storage, "x-cos-meta-a": a } = got.headers
      assert.deepEqual([type, storage, a], ["image/tiff", "STANDARD_IA", "1"])
      assert.equal((await head(here.Key)).headers["x-cos-hash-crc64ecma"], crc64(body))
      assert.deepEqual(await uploadsOf(world, here.Key), [])
      assert.deepEqual(await refused(cos.multipartListPart({ ...here, UploadId })), [404, "NoSuchUpload"])
    },
  },
  {
    name: "uploads a part from a stream",
    run: async ({ at, cos, file, get }) => {
      const here = { ...at, Key: "parts/stream" }
      const body = bytes(MiB, 17)
      writeFileSync(file("part.bin"), body)
      const { UploadId } = await cos.multipartInit(here)
      const Body = createReadStream(file("part.bin"))
      const { ETag } = await cos.multipartUpload({ ...here, UploadId, PartNumber: 1, Body, ContentLength: MiB })
      await cos.multipartComplete({ ...here, UploadId, Parts: [{ PartNumber: 1, ETag }] })
      assert.equal(Buffer.compare((await get("parts/stream")).Body, body), 0)
    },
  },
  {
    name: "is refused when it completes with parts that are wrong",
    run: async ({ at, cos, get }) => {
      const here = { ...at, Key: "parts/wrong" }
      const { UploadId } = await cos.multipartInit(here)
      const Parts = []
      for (const PartNumber of [1, 2]) {
        const { ETag } = await cos.multipartUpload({ ...here, UploadId, PartNumber, Body: `part ${PartNumber}` })
        Parts.push({ PartNumber, ETag })
      }
      // It adds quotes to the very parts that it is given
      const complete = (parts) =>
        refused(cos.multipartComplete({ ...here, UploadId, Parts: parts.map((part) => ({ ...part })) }))
      assert.deepEqual(await complete(Parts.toReversed()), [400, "InvalidPartOrder"])
      assert.deepEqual(await complete([{ PartNumber: 1, ETag: etag("another") }]), [400, "InvalidPart"])
      assert.deepEqual(await complete([...Parts, { PartNumber: 3, ETag: etag("none") }]), [400, "InvalidPart"])
      assert.deepEqual(await complete(Parts), [400, "EntityTooSmall"])
      assert.deepEqual(await refused(get("parts/wrong")), [404, "NoSuchKey"])
      await cos.multipartAbort({ ...here, UploadId })
    },
  },
  {
    name: "gives an upload up",
    run: async (world) => {
      const { at, cos } = world
      const here = { ...at, Key: "parts/given up" }
      const { UploadId } = await cos.multipartInit(here)
      await cos.multipartUpload({ ...here, UploadId, PartNumber: 1, Body: "part" })
      assert.equal((await cos.multipartAbort({ ...here, UploadId })).statusCode, 204)
      assert.deepEqual(await uploadsOf(world, here.Key), [])
      const late = cos.multipartUpload({ ...here, UploadId, PartNumber: 2, Body: "late" })
      assert.deepEqual(await refused(late), [404, "NoSuchUpload"])
      assert.deepEqual(await refused(cos.multipartAbort({ ...here, UploadId })), [404, "NoSuchUpload"])
    },
  },
  {
    name: "lists uploads page by page",
    run: async ({ at, cos }) => {
      const begun = []
      for (const name of ["a", "b", "b", "c/d"]) {
        const { Key, UploadId } = await cos.multipartInit({ ...at, Key: `uploads/${name}` })
        begun.push({ Key, UploadId })
      }
      const seen = []
      let markers = {}
      for (let isMore = true; isMore;) {
        const page = await cos.multipartList({ ...at, Prefix: "uploads/", MaxUploads: 1, ...markers })
        seen.push(...page.Upload.map(({ Key, UploadId }) => ({ Key, UploadId })))
        isMore = page.IsTruncated === "true"
        markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      }
      const byId = (uploads) => new Map(uploads.map(({ Key, UploadId }) => [UploadId, Key]))
      assert.equal(seen.length, begun.length)
      assert.deepEqual(new Set(byId(seen)), new Set(byId(begun)))
      assert.deepEqual(seen.map(({ Key }) => Key), begun.map(({ Key }) => Key))
      const level = await cos.multipartList({ ...at, Prefix: "uploads/", Delimiter: "/" })
      assert.equal(level.Upload.length, 3)
      assert.deepEqual(level.CommonPrefixes, { Prefix: "uploads/c/" })
      for (const { Key, UploadId } of begun) await cos.multipartAbort({ ...at, Key, UploadId })
    },
  },
  {
    name: "uploads a small file whole and a large one in parts",
    run: async ({ at, cos, file, get }) => {
      const small = bytes(1000, 19)
      writeFileSync(file("small.txt"), small)
      const put = await cos.uploadFile({ ...at, Key: "files/small", FilePath: file("small.txt") })
      assert.equal(put.ETag, etag(small))
      assert.equal((await get("files/small")).headers["content-type"], "text/plain")

      const large = bytes(3 * MiB + 5, 23)
      writeFileSync(file("large.bin"), large)
      const progress = []
      const uploaded = await cos.uploadFile({
        ...at,
        Key: "files/large",
        FilePath: file("large.bin"),
        SliceSize: MiB,
        onProgress: ({ percent }) => progress.push(percent),
        "x-cos-meta-a": "1",
      })
      assert.equal(uploaded.ETag, etagOf(large, MiB))
      assert.equal(progress.at(-1), 1)
      const got = await get("files/large")
      assert.deepEqual([Buffer.compare(got.Body, large), got.headers["x-cos-meta-a"]], [0, "1"])
    },
  },
  {
    name: "goes on with the upload of a file that was broken off",
    run: async (world) => {
      const { at, cos, file, get } = world
      const here = { ...at, Key: "files/resumed" }
      const body = bytes(2 * MiB + 5, 29)
      writeFileSync(file("resumed.bin"), body)
      const { UploadId } = await cos.multipartInit(here)
      await cos.multipartUpload({ ...here, UploadId, PartNumber: 1, Body: body.subarray(0, MiB) })
      const { UploadId: used, ETag } = await cos.sliceUploadFile({ ...here, FilePath: file("resumed.bin") })
      assert.deepEqual([used, ETag], [UploadId, etagOf(body, MiB)])
      assert.equal(Buffer.compare((await get(here.Key)).Body, body), 0)
      assert.deepEqual(await uploadsOf(world, here.Key), [])
    },
  },
  {
    name: "copies ranges of an object as parts",
    run: async ({ at, cos, get, put, source }) => {
      const body = bytes(2 * MiB + 100, 31)
      const key = "parts/源 +.bin"
      await put(key, body)
      const here = { ...at, Key: "parts/copied" }
      const { UploadId } = await cos.multipartInit(here)
      const Parts = []
      for (const [PartNumber, CopySourceRange] of [[1, `bytes=100-${MiB + 99}`], [2, "bytes=0-99"]]) {
        const { ETag } = await cos.uploadPartCopy({
          ...here,
          UploadId,
          PartNumber,
          CopySource: source(key),
          CopySourceRange,
        })
        Parts.push({ PartNumber, ETag })
      }
      assert.equal(Parts[1].ETag, etag(body.subarray(0, 100)))
      await cos.multipartComplete({ ...here, UploadId, Parts })
      const expected = Buffer.concat([body.subarray(100, MiB + 100), body.subarray(0, 100)])
      const got = await get(here.Key)
      assert.equal(Buffer.compare(got.Body, expected), 0)
      assert.equal(got.headers["x-cos-hash-crc64ecma"], crc64(expected))
    },
  },
  {
    name: "copies a large object in parts, with what it has beside its bytes",
    run: async ({ at, cos, get, put, source }) => {
      const body = bytes(2 * MiB + 7, 37)
      await put("parts/large", body, { ContentType: "image/gif", "x-cos-meta-a": "1" })
      const copied = await cos.sliceCopyFile({
        ...at,
        Key: "parts/large copy",
        CopySource: source("parts/large"),
        CopySliceSize: MiB,
        CopyChunkSize: MiB,
      })
      assert.equal(copied.ETag, etagOf(body, MiB))
      const got = await get("parts/large copy")
      assert.equal(Buffer.compare(got.Body, body), 0)
      assert.deepEqual([got.headers["content-type"], got.headers["x-cos-meta-a"]], ["image/gif", "1"])
    },
  },
  {
    name: "downloads a large object in ranges",
    run: async ({ at, cos, file, put }) => {
      const body = bytes(3 * MiB + 3, 41)
      await put("files/down", body)
      await cos.downloadFile({
        ...at,
        Key: "files/down",
        FilePath: file("down.bin"),
        ChunkSize: MiB,
        onProgress: () => {},
      })
      assert.equal(Buffer.compare(readFileSync(file("down.bin")), body), 0)
    },
  },
]
