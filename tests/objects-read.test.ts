/** GET and HEAD Object: ranges, conditions, headers that a request sets. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { spanOf } from "../adapters/memory/objects/range.ts"
import type { Headers } from "../core/http.ts"
import { prop } from "./harness.ts"
import { refused, world } from "./objects-world.ts"

const digits = "0123456789"
const etag = '"781e5e245d69b566979b86e28d23f2c7"'
const withDigits = async () => {
  const made = world()
  await made.ask("PUT", "/digits", [["Content-Type", "text/plain"], ["Cache-Control", "private"]], digits)
  return made
}

const ranges: ReadonlyArray<readonly [range: string, text: string, contentRange: string]> = [
  ["bytes=0-0", "0", "bytes 0-0/10"],
  ["bytes=2-4", "234", "bytes 2-4/10"],
  ["bytes=5-", "56789", "bytes 5-9/10"],
  ["bytes=9-9", "9", "bytes 9-9/10"],
  ["bytes=8-1000", "89", "bytes 8-9/10"],
  ["bytes=-3", "789", "bytes 7-9/10"],
  ["bytes=-1000", digits, "bytes 0-9/10"],
  ["bytes=0-9", digits, "bytes 0-9/10"],
]
for (const [range, text, contentRange] of ranges) {
  test(`GetObject gives ${contentRange} when asked for "${range}"`, async () => {
    const { ask } = await withDigits()
    const reply = await ask("GET", "/digits", [["Range", range]])
    assert.deepEqual([reply.status, reply.text, reply.header("content-range")], [206, text, contentRange])
    assert.equal(reply.header("content-length"), String(text.length))
    assert.equal(reply.header("etag"), etag)
    // Of the whole object, whatever the range
    assert.equal(reply.header("x-cos-hash-crc64ecma"), (await ask("HEAD", "/digits")).header("x-cos-hash-crc64ecma"))
  })
}

for (const range of ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=9007199254740991-"]) {
  test(`GetObject refuses "${range}" of ten bytes with the size it has`, async () => {
    const { ask } = await withDigits()
    const reply = await ask("GET", "/digits", [["Range", range]])
    refused(reply, "InvalidRange")
    assert.equal(reply.header("content-range"), "bytes */10")
  })
}

for (const range of ["bytes=4-2", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=0x1-2", "bytes", ""]) {
  test(`GetObject gives the whole object when asked for "${range}"`, async () => {
    const { ask } = await withDigits()
    const reply = await ask("GET", "/digits", [["Range", range]])
    assert.deepEqual([reply.status, reply.text, reply.header("content-range")], [200, digits, undefined])
  })
}

test("GetObject refuses any range of an empty object", async () => {
  const { ask } = world()
  await ask("PUT", "/empty")
  for (const range of ["bytes=0-", "bytes=0-0", "bytes=-1"]) {
    refused(await ask("GET", "/empty", [["Range", range]]), "InvalidRange")
  }
})

prop(
  "a range gives exactly the bytes between its ends, wherever they are",
  Schema.Struct({
    size: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
    first: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
    last: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
  }),
  ({ size, first, last }) => {
    const bytes = Array.from({ length: size }, (_, at) => at)
    const span = spanOf(`bytes=${first}-${last}`, size)
    if (last < first) return span === undefined
    if (first >= size) return span === "beyond"
    if (span === undefined || span === "beyond") return false
    return String(bytes.slice(span.start, span.end)) === String(bytes.filter((at) => at >= first && at <= last))
  },
)

test("GetObject reads across the chunks and the parts of a body", async () => {
  const { ask } = world()
  const first = "a".repeat(1024 * 1024)
  const id = (await ask("POST", "/parts?uploads")).element("UploadId")
  const etags = [
    (await ask("PUT", `/parts?partNumber=1&uploadId=${id}`, [], first)).header("etag"),
    (await ask("PUT", `/parts?partNumber=2&uploadId=${id}`, [], digits)).header("etag"),
  ]
  const list = etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
  await ask("POST", `/parts?uploadId=${id}`, [], `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`)
  const at = first.length
  const reply = await ask("GET", "/parts", [["Range", `bytes=${at - 2}-${at + 2}`]])
  assert.deepEqual([reply.status, reply.text], [206, "aa012"])
  const whole = await ask("GET", "/parts")
  assert.equal(whole.bytes.length, at + 10)
  assert.equal(whole.text.endsWith("a0123456789"), true)
})

const before = "Fri, 21 Nov 2025 04:39:59 GMT"
const then = "Fri, 21 Nov 2025 04:40:00 GMT"
const after = "Fri, 21 Nov 2025 04:40:01 GMT"
const other = '"00000000000000000000000000000000"'
const conditions: ReadonlyArray<readonly [headers: Headers, status: number]> = [
  [[["If-Match", etag]], 200],
  [[["If-Match", etag.slice(1, -1)]], 200],
  [[["If-Match", "*"]], 200],
  [[["If-Match", `${other}, ${etag}`]], 200],
  [[["If-Match", other]], 412],
  [[["If-None-Match", other]], 200],
  [[["If-None-Match", etag]], 304],
  [[["If-None-Match", `W/${etag}`]], 304],
  [[["If-None-Match", "*"]], 304],
  [[["If-Modified-Since", before]], 200],
  [[["If-Modified-Since", then]], 304],
  [[["If-Modified-Since", after]], 304],
  [[["If-Modified-Since", "yesterday"]], 200],
  [[["If-Unmodified-Since", before]], 412],
  [[["If-Unmodified-Since", then]], 200],
  [[["If-Unmodified-Since", after]], 200],
  [[["If-Unmodified-Since", "1"]], 200],
  [[["If-Match", etag], ["If-Unmodified-Since", before]], 200],
  [[["If-None-Match", other], ["If-Modified-Since", after]], 200],
  [[["If-None-Match", etag], ["If-Modified-Since", before]], 304],
  [[["If-Match", other], ["If-None-Match", etag]], 412],
]
for (const [headers, status] of conditions) {
  const shown = headers.map(([name, value]) => `${name}: ${value}`).join(" and ")
  test(`GetObject and HeadObject answer ${status} to ${shown}`, async () => {
    const { ask, setTime } = world()
    setTime(1_763_700_000_789)
    await ask("PUT", "/digits", [], digits)
    for (const method of ["GET", "HEAD"]) {
      const reply = await ask(method, "/digits", headers)
      assert.equal(reply.status, status, method)
      if (status === 412 && method === "GET") refused(reply, "PreconditionFailed")
      else assert.equal(reply.text, status === 200 && method === "GET" ? digits : "")
      if (status === 304) {
        assert.equal(reply.header("etag"), etag)
        assert.equal(reply.header("last-modified"), then)
      }
    }
  })
}

test("GetObject looks at conditions before it looks at the range", async () => {
  const { ask } = await withDigits()
  assert.equal((await ask("GET", "/digits", [["If-None-Match", etag], ["Range", "bytes=99-"]])).status, 304)
})

test("GetObject gives the range of the version that If-Range names, and else the whole of another", async () => {
  const { ask } = await withDigits()
  const ask2 = (given: string) => ask("GET", "/digits", [["Range", "bytes=1-2"], ["If-Range", given]])
  assert.equal((await ask2(etag)).status, 206)
  assert.equal((await ask2(then)).status, 206)
  for (const given of [other, before, after, "nonsense"]) {
    const reply = await ask2(given)
    assert.deepEqual([reply.status, reply.text], [200, digits], given)
  }
})

test("GetObject lets a request set the headers of its answer, once each", async () => {
  const { ask } = await withDigits()
  const names = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
  ]
  const query = names.map((name) => `response-${name}=set%20${name}`).join("&")
  const reply = await ask("GET", `/digits?${query}`)
  assert.deepEqual([reply.status, reply.text], [200, digits])
  for (const name of names) {
    assert.deepEqual(reply.headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value), [
      `set ${name}`,
    ])
  }
  assert.equal((await ask("GET", "/digits")).header("content-type"), "text/plain")
})

test("GetObject writes text of a parameter as the bytes of UTF-8, and no line of its own", async () => {
  const { ask } = await withDigits()
  const reply = await ask("GET", `/digits?response-content-disposition=${encodeURIComponent("文.txt")}`)
  assert.equal(reply.header("content-disposition"), "\xe6\x96\x87.txt")
  refused(await ask("GET", "/digits?response-content-type=a%0d%0aSet-Cookie:%20b"), "InvalidArgument")
  refused(await ask("GET", "/digits?response-expires=%00"), "InvalidArgument")
})

test("GetObject refuses what is archived, which HeadObject shows", async () => {
  const { ask } = world()
  for (const storageClass of ["ARCHIVE", "DEEP_ARCHIVE"]) {
    await ask("PUT", "/cold", [["x-cos-storage-class", storageClass]], "cold")
    refused(await ask("GET", "/cold"), "InvalidObjectState")
    const head = await ask("HEAD", "/cold")
    assert.deepEqual([head.status, head.header("x-cos-storage-class")], [200, storageClass])
  }
})

test("GetObject and HeadObject refuse a key of the client's own and a speed out of range", async () => {
  const { ask } = await withDigits()
  const header = "x-cos-server-side-encryption-customer-key"
  refused(await ask("GET", "/digits", [[header, "a2V5"]]), "NotImplemented")
  assert.equal((await ask("HEAD", "/digits", [[header, "a2V5"]])).status, 501)
  refused(await ask("GET", "/digits?x-cos-traffic-limit=1"), "InvalidArgument")
  assert.equal((await ask("GET", "/digits?x-cos-traffic-limit=819200")).text, digits)
})

test("HeadObject and GetObject say 404 of a missing key, the one without a body", async () => {
  const { ask } = world()
  const reply = await ask("GET", "/missing")
  refused(reply, "NoSuchKey")
  assert.equal(reply.element("Message"), "The specified key does not exist.")
  const head = await ask("HEAD", "/missing")
  assert.deepEqual([head.status, head.text], [404, ""])
  refused(await ask("GET", "/missing", [["Host", "nosuch-1250000000.cos.ap-guangzhou.myqcloud.com"]]), "NoSuchBucket")
})
