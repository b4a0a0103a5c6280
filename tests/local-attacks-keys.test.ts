/** Object keys that look like paths, buckets, markup or nothing at all, through the socket, in memory and in a folder. */
import { strict as assert } from "node:assert"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { encodeKey, type Key, keyOfRaw } from "../core/key.ts"
import { bucket, hostOfBucket, local, localHost, refused, utf8, type World } from "./local-attacks-world.ts"

const above = mkdtempSync(join(tmpdir(), "cos-inventory-keys-"))
const folder = join(above, "inside", "data")

const worlds: Readonly<Record<string, () => Promise<World>>> = {
  "in memory": local(),
  "in a folder": local({ data: folder }),
}

after(() => rmSync(above, { recursive: true }))

/** Each as it stands in the request line, and is taken for exactly these bytes. */
const paths: Readonly<Record<string, Key>> = {
  "..": "..",
  ".": ".",
  "../../outside": "../../outside",
  "../../../../../../../../tmp/outside": "../../../../../../../../tmp/outside",
  "a/../b": "a/../b",
  "a/./b": "a/./b",
  "a//b": "a//b",
  "a/": "a/",
  "%2e%2e": "..",
  "%2e%2e%2foutside": "../outside",
  "a%2Fb": "a/b",
  "a%252Fb": "a%2Fb",
  "%2500": "%00",
  "%00": "\0",
  "a%00.txt": "a\0.txt",
  "a%0d%0aX-Injected:%20yes": "a\r\nX-Injected: yes",
  "%01%02%1f%7f": "\x01\x02\x1f\x7f",
  "x": "x",
  "%F0%9F%98%80": utf8("😀"),
  "%e8%85%be%E8%AE%AF": utf8("腾讯"),
  "%ff%fe": "\xff\xfe",
  "a%c3": "a\xc3",
  "%ED%A0%80": "\xed\xa0\x80",
  "%EF%BF%BF": utf8("\uffff"),
  "%": "%",
  "%zz%2": "%zz%2",
  "a+b": "a+b",
  "a%20b": "a b",
  "a;b=c,d@e!$'()*": "a;b=c,d@e!$'()*",
  "%3Fversions": "?versions",
  "%23fragment": "#fragment",
  "%3CKey%3E%26amp;%22%27": `<Key>&amp;"'`,
  "%5D%5D%3E": "]]>",
  "%5Cserver%5Cshare": "\\server\\share",
  "C:%5Cboot.ini": "C:\\boot.ini",
  "CON": "CON",
  "_local/state": "_local/state",
  "otherbucket-1250000000/a": "otherbucket-1250000000/a",
  "store.sqlite": "store.sqlite",
  "__proto__": "__proto__",
  "constructor": "constructor",
  "%F4%8F%BF%BDa": utf8("\u{10fffd}a"),
  [`${"k".repeat(850)}`]: "k".repeat(850),
  [`${"%ff".repeat(849)}b`]: `${"\xff".repeat(849)}b`,
}

/** Page 13324 forbids these, so that nothing can be put there. */
const forbidden: ReadonlyArray<string> = ["/a", "//", "%2Fa", "%2f..%2f..%2fetc%2fpasswd", "%5Ca", "a%18", "%1b"]

const isForbidden = (key: Key): boolean => key.startsWith("\\")

for (const [where, world] of Object.entries(worlds)) {
  test(`every odd key has an object of its own ${where}, which is put, read, listed and deleted`, async () => {
    const { ask } = await world()
    const expected = new Map<Key, string>()
    for (const [path, key] of Object.entries(paths)) {
      assert.equal(keyOfRaw(path), key)
      const put = await ask({ method: "PUT", target: `/${path}`, body: `the body of ${path}` })
      if (isForbidden(key)) refused(put, "InvalidObjectName")
      else assert.equal(put.status, 200, put.text)
      if (put.status === 200) expected.set(key, `the body of ${path}`)
    }
    for (const [key, body] of expected) {
      const target = `/${encodeKey(key)}`
      assert.equal((await ask({ target })).body, body)
      assert.equal((await ask({ method: "HEAD", target })).header("content-length"), String(body.length))
    }
    const encoded = await ask({ target: "/?encoding-type=url&prefix=" })
    const inOrder = [...expected.keys()].sort((a, b) => a < b ? -1 : 1)
    assert.deepEqual(encoded.elements("Key").map(keyOfRaw), inOrder)
    const plain = await ask({ target: "/?prefix=" })
    assert.equal(plain.elements("Key").length, inOrder.length)
    for (const key of expected.keys()) {
      assert.equal((await ask({ method: "DELETE", target: `/${encodeKey(key)}` })).status, 204)
      refused(await ask({ target: `/${encodeKey(key)}` }), "NoSuchKey")
    }
    assert.deepEqual((await ask({ target: "/?prefix=" })).elements("Key"), [])
  })

  test(`pages of one key go through every odd key ${where}, whether keys are encoded or not`, async () => {
    const { ask } = await world()
    const keys = Object.values(paths).filter((key) => !isForbidden(key))
    for (const key of keys) await ask({ method: "PUT", target: `/${encodeKey(key)}`, body: "" })
    for (const encoding of ["", "&encoding-type=url"]) {
      const seen: Array<string> = []
      let marker = ""
      do {
        const page = await ask({ target: `/?max-keys=1${encoding}&marker=${marker}` })
        assert.equal(page.status, 200, page.text)
        seen.push(...page.elements("Key"))
        assert.ok(seen.length <= keys.length, "the pages do not end")
        marker = encoding === "" ? encodeURIComponent(page.element("NextMarker")) : page.element("NextMarker")
      } while (marker !== "")
      // Without an encoding, a NUL and its escape are listed alike
      assert.equal(encoding === "" ? seen.length : new Set(seen).size, new Set(keys).size)
    }
    for (const key of keys) await ask({ method: "DELETE", target: `/${encodeKey(key)}` })
  })

  test(`a forbidden key is refused when it is put ${where}, and is nothing when it is read`, async () => {
    const { ask } = await world()
    for (const path of forbidden) {
      refused(await ask({ method: "PUT", target: `/${path}`, body: "x" }), "InvalidObjectName")
      refused(await ask({ method: "POST", target: `/${path}?uploads` }), "InvalidObjectName")
      refused(await ask({ target: `/${path}` }), "NoSuchKey")
      assert.equal((await ask({ method: "DELETE", target: `/${path}` })).status, 204)
    }
  })

  test(`a key of more than 850 bytes is refused ${where}, however it is escaped and whatever is asked`, async () => {
    const { ask } = await world()
    for (const path of ["k".repeat(851), "k".repeat(1024), "%ff".repeat(851), `${"%F0%9F%98%80".repeat(212)}abc`]) {
      for (const method of ["PUT", "GET", "DELETE"]) refused(await ask({ method, target: `/${path}` }), "KeyTooLong")
      assert.equal((await ask({ method: "HEAD", target: `/${path}` })).status, 400)
      refused(await ask({ method: "POST", target: `/${path}?uploads` }), "KeyTooLong")
      refused(await ask({ target: `/${path}?tagging` }), "KeyTooLong")
    }
    assert.equal((await ask({ method: "PUT", target: `/${"%F0%9F%98%80".repeat(212)}ab`, body: "" })).status, 200)
  })

  test(`a key begins where the bucket in the path ends ${where}, and the path decides nothing else`, async () => {
    const { ask } = await world()
    const put = (target: string, host = localHost) => ask({ method: "PUT", target, host, body: target })
    for (const path of [`/${bucket}/a`, `/${bucket}//b`, `/${bucket}/${bucket}/c`, `/%65xamplebucket-1250000000/d`]) {
      const reply = await put(path)
      if (path.includes("//")) refused(reply, "InvalidObjectName")
      else assert.equal(reply.status, 200, reply.text)
    }
    for (const key of ["a", `${bucket}/c`, "d"]) assert.equal((await ask({ target: `/${key}` })).status, 200, key)
    refused(await put("/unknownbucket-1250000000/e"), "NoSuchBucket")
    assert.equal((await put("/unknownbucket-1250000000/e", hostOfBucket)).status, 200)
  })
}

test("raw bytes beyond ASCII, backslashes and spaces in a request line are no HTTP, and make no key", async () => {
  const { ask } = await worlds["in memory"]!()
  for (const target of [utf8("/腾讯"), "/\xff", "/a b", "/\\a"]) {
    refused(await ask({ method: "PUT", target, body: "x" }), "InvalidRequest")
  }
})

test("the local COS writes nothing outside its folder, and no name there comes from a key", async () => {
  const { ask } = await worlds["in a folder"]!()
  const large = "x".repeat(100_000)
  for (const path of Object.keys(paths)) await ask({ method: "PUT", target: `/${path}`, body: large })
  assert.deepEqual(readdirSync(above), ["inside"])
  assert.deepEqual(readdirSync(join(above, "inside")), ["data"])
  assert.deepEqual(readdirSync(folder).filter((name) => !/^(?:bodies|store\.sqlite(?:-wal|-shm)?)$/u.test(name)), [])
  const files = readdirSync(join(folder, "bodies"), { recursive: true, encoding: "utf8" })
  assert.ok(files.length > 0)
  assert.deepEqual(files.filter((name) => !/^[0-9a-z./-]+$/u.test(name) || name.includes("..")), [])
  assert.ok(files.some((name) => readFileSync(join(folder, "bodies", name), "latin1") === large))
})
