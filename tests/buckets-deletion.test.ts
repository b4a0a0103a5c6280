/** DELETE Multiple Objects. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import { keyOfText } from "../core/key.ts"
import { elementsIn } from "./buckets-world.ts"
import { bucket, ownedBytes, refused, versioned, type World, world } from "./objects-world.ts"

const deletion = (...objects: ReadonlyArray<string>): string =>
  `<Delete>${objects.map((inside) => `<Object>${inside}</Object>`).join("")}</Delete>`

const ask = (cos: World, body: string) =>
  cos.ask("POST", "/?delete", [["Content-MD5", hashes.md5Base64(new TextEncoder().encode(body))]], body)

const keysLeft = (cos: World): ReadonlyArray<string> =>
  [...cos.store.entries(bucket.name, "")].map(([newest]) => newest!.key)

test("DeleteMultipleObjects deletes what is there and tells of each key, there or not", async () => {
  const cos = world()
  for (const key of ["aa", "aaa", "b%26c"]) await cos.ask("PUT", `/${key}`, [], "body")
  const reply = await ask(cos, deletion("<Key>aa</Key>", "<Key>none</Key>", "<Key>b&amp;c</Key>"))
  assert.equal(reply.status, 200)
  assert.equal(
    reply.text.slice(reply.text.indexOf("?>") + 2),
    "<DeleteResult><Deleted><Key>aa</Key></Deleted><Deleted><Key>none</Key></Deleted>" +
      "<Deleted><Key>b&amp;c</Key></Deleted></DeleteResult>",
  )
  assert.deepEqual(keysLeft(cos), ["aaa"])
  assert.equal(cos.store.bodies.used(), ownedBytes(cos.store))
})

test("DeleteMultipleObjects tells nothing when it is quiet and all went well", async () => {
  const cos = world()
  await cos.ask("PUT", "/aa", [], "body")
  const reply = await ask(cos, "<Delete><Quiet>true</Quiet><Object><Key>aa</Key></Object></Delete>")
  assert.equal(reply.text.slice(reply.text.indexOf("?>") + 2), "<DeleteResult/>")
  assert.deepEqual(keysLeft(cos), [])
})

test("DeleteMultipleObjects makes delete markers in a versioned bucket, and deletes versions by their ids", async () => {
  const cos = versioned()
  const first = (await cos.ask("PUT", "/a", [], "1")).header("x-cos-version-id")!
  await cos.ask("PUT", "/a", [], "22")
  const made = await ask(cos, deletion("<Key>a</Key>"))
  const marker = made.element("DeleteMarkerVersionId")
  assert.deepEqual([made.element("DeleteMarker"), made.elements("VersionId")], ["true", []])
  assert.deepEqual(cos.store.versions(bucket.name, "a")[0]!.versionId, marker)
  const both = await ask(
    cos,
    deletion(`<Key>a</Key><VersionId>${first}</VersionId>`, `<Key>a</Key><VersionId>${marker}</VersionId>`),
  )
  assert.deepEqual(elementsIn(both.text, "Deleted").map(({ xml }) => xml), [
    `<Key>a</Key><VersionId>${first}</VersionId>`,
    `<Key>a</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>${marker}</DeleteMarkerVersionId>` +
    `<VersionId>${marker}</VersionId>`,
  ])
  assert.equal((await cos.ask("GET", "/a")).text, "22")
  assert.equal(cos.store.bodies.used(), 2)
})

test("DeleteMultipleObjects takes a key named twice, in each state of versioning, and loses no count of bodies", async () => {
  for (const versioning of [undefined, "Enabled", "Suspended"] as const) {
    const cos = world({ buckets: [{ ...bucket, ...(versioning === undefined ? {} : { versioning }) }] })
    await cos.ask("PUT", "/a", [], "body")
    const reply = await ask(cos, deletion("<Key>a</Key>", "<Key>a</Key>", "<Key>a</Key><VersionId>null</VersionId>"))
    assert.equal(reply.elements("Key").length, 3)
    const ids = cos.store.versions(bucket.name, "a").map(({ versionId }) => versionId)
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(cos.store.bodies.used(), ownedBytes(cos.store, [bucket.name]))
    assert.equal((await cos.ask("GET", "/a")).status, 404)
  }
})

test("DeleteMultipleObjects deletes nothing for an empty key, and makes no marker of it", async () => {
  const cos = versioned()
  const reply = await ask(cos, deletion("<Key></Key>"))
  assert.deepEqual([reply.status, reply.elements("Code")], [200, []])
  assert.deepEqual(keysLeft(cos), [])
})

test("DeleteMultipleObjects names each key that it may not delete, quiet or not", async () => {
  for (const quiet of ["true", "false"]) {
    const cos = world({ buckets: [{ ...bucket, denied: ["DeleteObject"] }] })
    await cos.ask("PUT", "/a", [], "body")
    const reply = await ask(cos, `<Delete><Quiet>${quiet}</Quiet><Object><Key>a</Key></Object></Delete>`)
    assert.equal(reply.status, 200)
    assert.deepEqual([reply.element("Key"), reply.element("Code")], ["a", "AccessDenied"])
    assert.deepEqual(elementsIn(reply.text, "Deleted"), [])
    assert.deepEqual(keysLeft(cos), ["a"])
  }
})

test("DeleteMultipleObjects takes white space in keys for what it is, and text for UTF-8", async () => {
  const cos = world()
  for (const key of ["%20a%20", "a", "%E8%85%BE%E8%AE%AF"]) await cos.ask("PUT", `/${key}`, [], "body")
  await ask(cos, deletion("<Key> a </Key>", "<Key>腾讯</Key>"))
  assert.deepEqual(keysLeft(cos), ["a"])
  assert.equal(keyOfText("腾讯").length, 6)
})

test("DeleteMultipleObjects takes 1000 keys and refuses one more", async () => {
  const cos = world()
  const keys = Array.from({ length: 1000 }, (_, at) => `<Key>k${at}</Key>`)
  assert.equal((await ask(cos, deletion(...keys))).elements("Key").length, 1000)
  await cos.ask("PUT", "/k0", [], "body")
  const more = await ask(cos, deletion(...keys, "<Key>more</Key>"))
  refused(more, "MalformedXML")
  assert.equal(more.element("Message"), "delete key size is greater than 1000")
  assert.deepEqual(keysLeft(cos), ["k0"])
})

const wrong: Readonly<Record<string, readonly [body: string, code: string]>> = {
  "no body": ["", "MissingRequestBodyError"],
  "no object": ["<Delete/>", "MalformedXML"],
  "an object without a key": [deletion("<Key>a</Key>", "<VersionId>null</VersionId>"), "MalformedXML"],
  "an object of two keys": [deletion("<Key>a</Key><Key>b</Key>"), "MalformedXML"],
  "another document": ["<Tagging/>", "MalformedXML"],
  "a document that was cut": ["<Delete><Object><Key>a</Key></Object>", "MalformedXML"],
}
for (const [what, [body, code]] of Object.entries(wrong)) {
  test(`DeleteMultipleObjects refuses ${what} and deletes nothing`, async () => {
    const cos = world()
    await cos.ask("PUT", "/a", [], "body")
    refused(await ask(cos, body), code)
    assert.deepEqual(keysLeft(cos), ["a"])
  })
}

test("DeleteMultipleObjects wants the digest of its body", async () => {
  const cos = world()
  await cos.ask("PUT", "/a", [], "body")
  const body = deletion("<Key>a</Key>")
  const missing = await cos.ask("POST", "/?delete", [], body)
  refused(missing, "InvalidRequest")
  assert.equal(missing.element("Message"), "Missing required header for this request: Content-MD5")
  refused(await cos.ask("POST", "/?delete", [["Content-MD5", "ZzD3iDJdrMAAb00lgLLeig=="]], body), "BadDigest")
  refused(await cos.ask("POST", "/?delete", [["Content-MD5", "deadbeef"]], body), "InvalidDigest")
  assert.deepEqual(keysLeft(cos), ["a"])
})
