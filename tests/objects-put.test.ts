/** PUT Object: what is kept, what is answered, what is refused. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import type { Headers } from "../core/http.ts"
import { bucket, ownedBytes, pieces, refused, world } from "./objects-world.ts"

const md5OfHello = "5d41402abc4b2a76b9719d911017c592"

test("PutObject answers with the quoted MD5 and the decimal CRC when the body is stored", async () => {
  const { ask } = world()
  const reply = await ask("PUT", "/hello.txt", [["Content-Type", "text/plain"]], "hello")
  assert.equal(reply.status, 200)
  assert.equal(reply.text, "")
  assert.equal(reply.header("etag"), `"${md5OfHello}"`)
  assert.equal(reply.header("x-cos-hash-crc64ecma"), "11177612005948864433")
  assert.equal(reply.header("x-cos-version-id"), undefined)
  assert.equal(reply.header("x-cos-storage-class"), undefined)
})

test("PutObject and GetObject agree about the CRC that the documentation of CRC-64 prints", async () => {
  const { ask } = world()
  const put = await ask("PUT", "/check", [], "123456789")
  assert.equal(put.header("x-cos-hash-crc64ecma"), "11051210869376104954")
  assert.equal((await ask("HEAD", "/check")).header("x-cos-hash-crc64ecma"), "11051210869376104954")
})

test("GetObject gives back the headers that PutObject was given, custom names in lower case", async () => {
  const { ask } = world()
  const given: Headers = [
    ["Cache-Control", "no-cache"],
    ["Content-Disposition", 'attachment; filename="a.txt"'],
    ["Content-Encoding", "gzip"],
    ["content-language", "de"],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Expires", "Wed, 29 May 2030 04:10:12 GMT"],
    ["X-Cos-Meta-Some-Name", "Value %E5"],
    ["x-cos-meta-empty", ""],
  ]
  await ask("PUT", "/kept", [...given, ["User-Agent", "somebody"], ["x-cos-sdk-retry", "true"]], "kept")
  for (const method of ["GET", "HEAD"]) {
    const reply = await ask(method, "/kept")
    for (const [name, value] of given) assert.equal(reply.header(name), value, name)
    assert.ok(reply.headers.some(([name]) => name === "x-cos-meta-some-name"))
    assert.equal(reply.header("user-agent"), undefined)
    assert.equal(reply.header("x-cos-sdk-retry"), undefined)
    assert.equal(reply.header("content-length"), "4")
    assert.equal(reply.header("accept-ranges"), "bytes")
    assert.equal(reply.header("last-modified"), "Fri, 21 Nov 2025 04:40:00 GMT")
    assert.equal(reply.headers.filter(([name]) => name.toLowerCase() === "content-type").length, 1)
  }
})

test("PutObject keeps no header that is empty, and gives a type to what has none", async () => {
  const { ask } = world()
  await ask("PUT", "/plain", [["Cache-Control", ""], ["Content-Type", ""]], "x")
  const reply = await ask("GET", "/plain")
  assert.equal(reply.header("cache-control"), undefined)
  assert.equal(reply.header("content-type"), "application/octet-stream")
})

test("PutObject replaces bytes, headers, class, tags and encryption together", async () => {
  const { ask, store } = world()
  const first: Headers = [
    ["x-cos-meta-a", "1"],
    ["x-cos-storage-class", "STANDARD_IA"],
    ["x-cos-server-side-encryption", "AES256"],
    ["x-cos-tagging", "a=1"],
  ]
  const reply = await ask("PUT", "/one", first, "the first body")
  assert.equal(reply.header("x-cos-server-side-encryption"), "AES256")
  const before = await ask("HEAD", "/one")
  assert.equal(before.header("x-cos-storage-class"), "STANDARD_IA")
  assert.equal(before.header("x-cos-server-side-encryption"), "AES256")
  await ask("PUT", "/one", [], "second")
  const after = await ask("GET", "/one")
  assert.equal(after.text, "second")
  for (const name of ["x-cos-meta-a", "x-cos-storage-class", "x-cos-server-side-encryption"]) {
    assert.equal(after.header(name), undefined, name)
  }
  assert.deepEqual((await ask("GET", "/one?tagging")).elements("Key"), [])
  assert.equal(store.bodies.used(), ownedBytes(store))
})

test("PutObject takes a storage class in any case, and shows every one but STANDARD", async () => {
  const { ask } = world()
  await ask("PUT", "/a", [["x-cos-storage-class", "Standard"]], "a")
  await ask("PUT", "/b", [["x-cos-storage-class", "intelligent_tiering"]], "b")
  assert.equal((await ask("HEAD", "/a")).header("x-cos-storage-class"), undefined)
  assert.equal((await ask("HEAD", "/b")).header("x-cos-storage-class"), "INTELLIGENT_TIERING")
})

test("PutObject stores a body that comes in pieces, of a known length or not, and an empty one", async () => {
  const { ask, store } = world()
  for (const [key, length] of [["/known", 5], ["/unknown", undefined]] as const) {
    const reply = await ask("PUT", key, [], pieces(["he", "", "llo"], length))
    assert.equal(reply.header("etag"), `"${md5OfHello}"`)
    assert.equal((await ask("GET", key)).text, "hello")
  }
  const empty = await ask("PUT", "/empty", [], pieces([]))
  assert.equal(empty.header("etag"), '"d41d8cd98f00b204e9800998ecf8427e"')
  assert.equal(empty.header("x-cos-hash-crc64ecma"), "0")
  const got = await ask("GET", "/empty")
  assert.deepEqual([got.status, got.text, got.header("content-length")], [200, "", "0"])
  assert.equal(store.bodies.used(), 10)
})

test("PutObject stores nothing when Content-MD5 is of another body, or is none", async () => {
  const { ask, store } = world()
  const md5 = (text: string) => hashes.md5Base64(new TextEncoder().encode(text))
  await ask("PUT", "/a", [], "before")
  refused(await ask("PUT", "/a", [["Content-MD5", md5("other")]], "hello"), "BadDigest")
  refused(await ask("PUT", "/a", [["Content-MD5", "AAq9nzrpsz5LJ4UEe1f6Q=="]], "hello"), "InvalidDigest")
  refused(await ask("PUT", "/a", [["Content-MD5", md5OfHello]], "hello"), "InvalidDigest")
  assert.equal((await ask("GET", "/a")).text, "before")
  assert.equal(store.bodies.used(), ownedBytes(store))
  assert.equal((await ask("PUT", "/a", [["content-md5", md5("hello")]], "hello")).status, 200)
})

test("PutObject refuses a body larger than a single upload may be, before it is taken in", async () => {
  const { ask, store } = world()
  const most = 5 * 1024 ** 3
  refused(await ask("PUT", "/large", [], pieces(["never read"], most + 1)), "EntityTooLarge")
  assert.equal(store.bodies.used(), 0)
})

test("PutObject refuses a body for which memory has no room, and keeps what was there", async () => {
  const { ask, store } = world({ cap: 10 })
  await ask("PUT", "/a", [], "12345678")
  refused(await ask("PUT", "/a", [], "123"), "EntityTooLarge")
  assert.equal((await ask("GET", "/a")).text, "12345678")
  assert.equal(store.bodies.used(), 8)
})

const refusals: ReadonlyArray<readonly [what: string, headers: Headers, code: string]> = [
  ["a class that is none", [["x-cos-storage-class", "GLACIER"]], "NotSupportedStorageClass"],
  ["an algorithm that is none", [["x-cos-server-side-encryption", "ROT13"]], "InvalidArgument"],
  ["KMS", [["x-cos-server-side-encryption", "cos/kms"]], "NotImplemented"],
  ["a key of the client's", [["x-cos-server-side-encryption-customer-algorithm", "AES256"]], "NotImplemented"],
  ["an access control list", [["x-cos-acl", "public-read"]], "NotImplemented"],
  ["a grant", [["x-cos-grant-read", 'id="100000000001"']], "NotImplemented"],
  ["a callback", [["x-cos-callback", "e30="]], "NotImplemented"],
  ["picture operations", [["Pic-Operations", "{}"]], "NotImplemented"],
  ["a condition", [["If-None-Match", "*"]], "NotImplemented"],
  ["an x-cos header of tomorrow", [["x-cos-next-year", "1"]], "NotImplemented"],
  ["too much metadata", [["x-cos-meta-a", "x".repeat(2048)]], "InvalidArgument"],
  ["an underscore in a name", [["x-cos-meta-a_b", "x"]], "InvalidArgument"],
  ["a speed too low", [["x-cos-traffic-limit", "819199"]], "InvalidArgument"],
  ["a speed too high", [["x-cos-traffic-limit", "838860801"]], "InvalidArgument"],
  ["a speed that is none", [["x-cos-traffic-limit", "fast"]], "InvalidArgument"],
  ["a flag that is none", [["x-cos-forbid-overwrite", "yes"]], "InvalidArgument"],
  ["a tag without a key", [["x-cos-tagging", "=1"]], "InvalidTag"],
]
for (const [what, headers, code] of refusals) {
  test(`PutObject refuses ${what} with ${code}, and stores nothing`, async () => {
    const { ask, store } = world()
    const reply = await ask("PUT", "/refused", headers, "body")
    refused(reply, code)
    assert.equal((await ask("HEAD", "/refused")).status, 404)
    assert.equal(store.bodies.used(), 0)
    if (code === "NotImplemented") assert.match(reply.text, new RegExp(headers[0]![0], "iu"))
  })
}

test("PutObject takes what asks for nothing that is not there", async () => {
  const { ask } = world()
  const headers: Headers = [
    ["x-cos-acl", "private"],
    ["x-cos-forbid-overwrite", "false"],
    ["x-cos-meta-a", "x".repeat(2047)],
    ["x-cos-traffic-limit", "819200"],
    ["x-cos-security-token", "token"],
  ]
  assert.equal((await ask("PUT", "/taken?x-cos-traffic-limit=838860800", headers, "x")).status, 200)
})

test("PutObject overwrites nothing when that is forbidden", async () => {
  const { ask, store } = world()
  const forbid: Headers = [["x-cos-forbid-overwrite", "true"]]
  assert.equal((await ask("PUT", "/a", forbid, "first")).status, 200)
  refused(await ask("PUT", "/a", forbid, "second"), "FileAlreadyExists")
  assert.equal((await ask("GET", "/a")).text, "first")
  await ask("DELETE", "/a")
  assert.equal((await ask("PUT", "/a", forbid, "third")).status, 200)
  assert.equal(store.bodies.used(), 5)
})

test("PutObject passes the ban on overwriting over once the bucket has had versioning", async () => {
  for (const versioning of ["Enabled", "Suspended"] as const) {
    const { ask } = world({ buckets: [{ ...bucket, versioning }] })
    await ask("PUT", "/a", [], "first")
    assert.equal((await ask("PUT", "/a", [["x-cos-forbid-overwrite", "true"]], "second")).status, 200)
  }
})

test("the object operations refuse sub-resources that are not there by name, whatever the method", async () => {
  const { ask } = world()
  await ask("PUT", "/a", [], "a")
  for (const method of ["GET", "PUT", "POST", "DELETE", "HEAD"]) {
    for (const name of ["acl", "restore", "retention", "legal-hold", "torrent", "append", "imageInfo"]) {
      const reply = await ask(method, `/a?${name}`)
      assert.equal(reply.status, 501, `${method} ${name}`)
      if (method !== "HEAD") assert.match(reply.text, new RegExp(name, "u"))
    }
  }
  assert.equal((await ask("GET", "/a")).text, "a")
})

test("POST Object, which has no sub-resource, is not implemented", async () => {
  refused(await world().ask("POST", "/a", [], "body"), "NotImplemented")
})
