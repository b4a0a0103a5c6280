/** Versions and delete markers. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { type BucketAttributes } from "../adapters/store/mod.ts"
import { bucket, ownedBytes, refused, start, versioned, type World, world } from "./objects-world.ts"

const setVersioning = (store: World["store"], versioning: "Enabled" | "Suspended") => {
  const { rules: _, jobs: __, ...attributes } = store.bucket(bucket.name)!
  const changed: BucketAttributes = { ...attributes, versioning }
  store.commit([{ _tag: "BucketPut", bucket: changed }])
}

const idOf = (reply: { readonly header: (name: string) => string | undefined }): string => {
  const id = reply.header("x-cos-version-id")
  assert.ok(id !== undefined)
  return id
}

test("PutObject gives each version an id of its own, which GetObject and HeadObject find", async () => {
  const { ask } = versioned()
  const ids: Array<string> = []
  for (const text of ["one", "two", "three"]) ids.push(idOf(await ask("PUT", "/a", [["x-cos-meta-n", text]], text)))
  assert.equal(new Set(ids).size, 3)
  for (const [at, text] of ["one", "two", "three"].entries()) {
    const reply = await ask("GET", `/a?versionId=${ids[at]}`)
    assert.deepEqual([reply.text, reply.header("x-cos-meta-n"), idOf(reply)], [text, text, ids[at]])
    assert.equal((await ask("HEAD", `/a?versionId=${ids[at]}`)).header("content-length"), String(text.length))
  }
  const newest = await ask("GET", "/a")
  assert.deepEqual([newest.text, idOf(newest)], ["three", ids[2]])
})

test("a version id looks like those of COS, and newer ones sort first", async () => {
  const { ask, setTime } = versioned()
  const first = idOf(await ask("PUT", "/a", [], "1"))
  setTime(start + 1)
  const second = idOf(await ask("PUT", "/a", [], "2"))
  for (const id of [first, second]) assert.match(id, /^MTg0[A-Za-z0-9]+$/u)
  assert.ok(BigInt(atob(second)) < BigInt(atob(first)))
})

test("a thousand versions within one millisecond are a thousand versions", async () => {
  const { ask, store } = versioned()
  const ids = new Set<string>()
  for (let at = 0; at < 1100; at++) ids.add(idOf(await ask("PUT", "/a", [], String(at))))
  assert.equal(ids.size, 1100)
  assert.equal(store.versions(bucket.name, "a").length, 1100)
})

test("DeleteObject makes a delete marker, which hides the key and is not read", async () => {
  const { ask } = versioned()
  const id = idOf(await ask("PUT", "/a", [], "body"))
  const reply = await ask("DELETE", "/a")
  assert.deepEqual([reply.status, reply.header("x-cos-delete-marker"), reply.text], [204, "true", ""])
  const marker = idOf(reply)
  assert.notEqual(marker, id)
  for (const target of ["/a", `/a?versionId=${marker}`, "/a?tagging", `/a?tagging&versionId=${marker}`]) {
    const hidden = await ask("GET", target)
    refused(hidden, "NoSuchKey")
    assert.equal(hidden.header("x-cos-delete-marker"), "true")
    assert.equal(hidden.header("x-cos-version-id"), marker)
  }
  const head = await ask("HEAD", "/a")
  assert.deepEqual([head.status, head.text, head.header("x-cos-delete-marker")], [404, "", "true"])
  assert.equal((await ask("GET", `/a?versionId=${id}`)).text, "body")
})

test("DeleteObject of a version brings back what lay below it", async () => {
  const { ask, store } = versioned()
  const first = idOf(await ask("PUT", "/a", [], "first"))
  const second = idOf(await ask("PUT", "/a", [], "second"))
  const marker = idOf(await ask("DELETE", "/a"))
  const gone = await ask("DELETE", `/a?versionId=${marker}`)
  assert.deepEqual([gone.status, gone.header("x-cos-delete-marker"), idOf(gone)], [204, "true", marker])
  assert.equal((await ask("GET", "/a")).text, "second")
  const version = await ask("DELETE", `/a?versionId=${second}`)
  assert.deepEqual([version.header("x-cos-delete-marker"), idOf(version)], [undefined, second])
  assert.equal((await ask("GET", "/a")).text, "first")
  await ask("DELETE", `/a?versionId=${first}`)
  refused(await ask("GET", "/a"), "NoSuchKey")
  assert.deepEqual([...store.entries(bucket.name, "")], [])
  assert.equal(store.bodies.used(), 0)
})

test("DeleteObject of what is not there is done, and marks it where there are versions", async () => {
  const plain = world()
  const reply = await plain.ask("DELETE", "/missing")
  assert.deepEqual([reply.status, reply.header("x-cos-delete-marker")], [204, undefined])
  assert.deepEqual([...plain.store.entries(bucket.name, "")], [])
  const { ask, store } = versioned()
  await ask("DELETE", "/missing")
  await ask("DELETE", "/missing")
  assert.deepEqual(store.versions(bucket.name, "missing").map(({ isDeleteMarker }) => isDeleteMarker), [true, true])
  const unknown = await ask("DELETE", "/missing?versionId=MTg0")
  assert.deepEqual([unknown.status, unknown.header("x-cos-delete-marker")], [204, undefined])
  assert.equal(store.versions(bucket.name, "missing").length, 2)
})

test("where versioning was never on, DeleteObject leaves nothing, and no answer names a version", async () => {
  const { ask, store } = world()
  for (const reply of [await ask("PUT", "/a", [], "a"), await ask("GET", "/a"), await ask("DELETE", "/a")]) {
    assert.equal(reply.header("x-cos-version-id"), undefined)
    assert.equal(reply.header("x-cos-delete-marker"), undefined)
  }
  assert.equal(store.bodies.used(), 0)
})

test("what was put before versioning is the null version, and stays below the new ones", async () => {
  const { ask, store } = world()
  await ask("PUT", "/a", [], "old")
  setVersioning(store, "Enabled")
  assert.equal(idOf(await ask("GET", "/a")), "null")
  await ask("PUT", "/a", [], "new")
  assert.equal((await ask("GET", "/a?versionId=null")).text, "old")
  assert.equal((await ask("GET", "/a")).text, "new")
  const reply = await ask("DELETE", "/a?versionId=null")
  assert.equal(idOf(reply), "null")
  refused(await ask("GET", "/a?versionId=null"), "NoSuchVersion")
  assert.equal((await ask("GET", "/a")).text, "new")
})

test("where versioning is suspended, PutObject and DeleteObject replace the null version alone", async () => {
  const { ask, store } = versioned()
  const kept = idOf(await ask("PUT", "/a", [], "kept"))
  setVersioning(store, "Suspended")
  for (const text of ["first", "second"]) {
    assert.equal((await ask("PUT", "/a", [], text)).header("x-cos-version-id"), undefined)
  }
  assert.deepEqual(store.versions(bucket.name, "a").map(({ versionId }) => versionId), ["null", kept])
  assert.equal((await ask("GET", "/a")).text, "second")
  const reply = await ask("DELETE", "/a")
  assert.deepEqual([reply.header("x-cos-delete-marker"), reply.header("x-cos-version-id")], ["true", undefined])
  assert.deepEqual(store.versions(bucket.name, "a").map(({ versionId }) => versionId), ["null", kept])
  refused(await ask("GET", "/a"), "NoSuchKey")
  await ask("DELETE", "/a?versionId=null")
  assert.equal((await ask("GET", "/a")).text, "kept")
  assert.equal(store.bodies.used(), ownedBytes(store))
})

test("a version that is not there, or whose id is empty, is refused by every reader", async () => {
  const { ask } = versioned()
  await ask("PUT", "/a", [], "a")
  for (const suffix of ["", "&tagging"]) {
    refused(await ask("GET", `/a?versionId=MTg0NDUxNTc1NjIzMTQ1MDAwODg${suffix}`), "NoSuchVersion")
    refused(await ask("GET", `/a?versionId=${suffix}`), "InvalidArgument")
  }
  refused(await ask("DELETE", "/a?versionId="), "InvalidArgument")
  refused(await ask("DELETE", "/a?tagging&versionId=null"), "NoSuchVersion")
  assert.equal((await ask("HEAD", "/a?versionId=null")).status, 404)
  assert.equal((await ask("GET", "/a")).text, "a")
})
