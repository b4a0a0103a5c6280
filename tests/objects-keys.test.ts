/** Keys are bytes: which may be, and that none is ever another. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { encodeKey, keyOfBytes } from "../core/key.ts"
import { prop } from "./harness.ts"
import { bucket, otherBucket, refused, world } from "./objects-world.ts"

/** As a client may send them; no two are the same key. */
const odd = [
  "a",
  "A",
  "a/",
  "a//",
  "a/b",
  "a//b",
  ".",
  "..",
  "../a",
  "a/..",
  "a/../b",
  "a/./b",
  "%2e%2e%2Fa%2F",
  "%252e",
  "a%00b",
  "%00",
  "%01",
  "%0A",
  "%0D%0A",
  "%20",
  "+",
  "%25",
  "%FF",
  "%C3%28",
  "%ED%A0%80",
  "%F0%9F%98%80",
  "%E6%96%87.doc",
  "%EF%BB%BFa",
  "a%3Fb",
  "a%26b%3Dc",
  "%3Ftagging",
  "%E2%86%91",
  "a%5Cb",
  "%7F",
  "a".repeat(850),
]

test("every odd key is its own object, with its own bytes", async () => {
  const { ask, store } = world()
  const name = (raw: string) => `/${raw.replaceAll("//", "/%2F")}`
  for (const raw of odd) assert.equal((await ask("PUT", name(raw), [], `body of ${raw}`)).status, 200, raw)
  for (const raw of odd) assert.equal((await ask("GET", name(raw))).text, `body of ${raw}`, raw)
  assert.equal([...store.entries(bucket.name, "")].length, odd.length)
  for (const raw of odd) assert.equal((await ask("DELETE", name(raw))).status, 204)
  assert.deepEqual([...store.entries(bucket.name, "")], [])
  assert.equal(store.bodies.used(), 0)
})

test("a key is the same however it is escaped", async () => {
  const { ask } = world()
  await ask("PUT", "/%61%2f%2e%2e%2fb~%E6%96%87", [], "one")
  for (const raw of ["/a/../b~文", "/a%2F..%2Fb%7E%e6%96%87"]) assert.equal((await ask("GET", raw)).text, "one", raw)
})

test("a bucket in the path keeps every slash that follows it for the key", async () => {
  const { ask, store } = world()
  const host = [["Host", "127.0.0.1:9000"]] as const
  await ask("PUT", `/${otherBucket.name}/a//b`, host, "deep")
  assert.deepEqual([...store.entries(otherBucket.name, "")].map(([version]) => version!.key), ["a//b"])
  assert.equal(
    (await ask("GET", "/a//b", [["Host", `${otherBucket.name}.cos.ap-guangzhou.myqcloud.com`]])).text,
    "deep",
  )
})

for (const raw of ["/a", "%2Fa", "%5Ca", "a%18", "%19", "a%1Ab", "%1B"]) {
  test(`no object is made with the key "${raw}", and reading it finds nothing`, async () => {
    const { ask, store } = world()
    const source = [["x-cos-copy-source", `${bucket.name}.cos.ap-guangzhou.myqcloud.com/there`]] as const
    await ask("PUT", "/there", [], "x")
    refused(await ask("PUT", `/${raw}`, [], "x"), "InvalidObjectName")
    refused(await ask("PUT", `/${raw}`, source), "InvalidObjectName")
    refused(await ask("POST", `/${raw}?uploads`), "InvalidObjectName")
    refused(await ask("GET", `/${raw}`), "NoSuchKey")
    assert.equal((await ask("DELETE", `/${raw}`)).status, 204)
    assert.equal(store.bodies.used(), 1)
  })
}

test("a key of more bytes than COS has is refused by every operation, in bytes and not in characters", async () => {
  const { ask } = world()
  for (const raw of ["a".repeat(851), "a".repeat(1024), "%E6%96%87".repeat(284), "%FF".repeat(851)]) {
    refused(await ask("PUT", `/${raw}`, [], "x"), "KeyTooLong")
    refused(await ask("GET", `/${raw}`), "KeyTooLong")
    refused(await ask("DELETE", `/${raw}`), "KeyTooLong")
    refused(await ask("GET", `/${raw}?tagging`), "KeyTooLong")
    refused(await ask("POST", `/${raw}?uploads`), "KeyTooLong")
    assert.equal((await ask("HEAD", `/${raw}`)).status, 400)
  }
  assert.equal((await ask("PUT", `/${"%E6%96%87".repeat(283)}`, [], "x")).status, 200)
})

test("documents hold a key as text, and percent-encoded where XML cannot hold it", async () => {
  const { ask } = world()
  for (
    const [raw, shown] of [["%3Ca%3E%26%22", '<a>&"'], ["%0D", "\r"], ["%00a", "%00a"], ["%FF", "%FF"], ["文", "文"]]
  ) {
    const reply = await ask("POST", `/${raw}?uploads`)
    assert.equal(reply.element("Key"), shown)
  }
})

const Bytes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
  .check(Schema.isMinLength(1), Schema.isMaxLength(12))

prop(
  "two keys are one object exactly when their bytes are the same",
  Schema.Struct({ one: Bytes, two: Bytes }),
  (keys) =>
    Effect.promise(async () => {
      // A prefix keeps them from what no key begins with, and the control characters from what none holds
      const [one, two] = [keys.one, keys.two].map((bytes) =>
        `/k${encodeKey(keyOfBytes(Uint8Array.from(bytes.map((byte) => byte >= 0x18 && byte <= 0x1b ? 0x17 : byte))))}`
      )
      const { ask } = world()
      await ask("PUT", one!, [], "one")
      await ask("PUT", two!, [], "two")
      return (await ask("GET", one!)).text === (one === two ? "two" : "one") && (await ask("GET", two!)).text === "two"
    }),
)
