import { strict as assert } from "node:assert"
import { test } from "node:test"
import { createHmac } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { keyCache } from "../adapters/hashes/keys.ts"
import * as Noble from "../adapters/hashes/noble.ts"
import * as Node from "../adapters/hashes/node.ts"
import { type Hashes, Hashing } from "../core/ports.ts"
import { laws, prop } from "./harness.ts"

const { hashes: node } = Node
const { hashes: noble } = Noble

const known: Readonly<Record<string, Effect.Effect<void, unknown, Hashing>>> = {
  "sha1Hex gives the digests of FIPS 180 and of UTF-8 text": Hashing.use((hashes) =>
    Effect.sync(() => {
      assert.equal(hashes.sha1Hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709")
      assert.equal(hashes.sha1Hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d")
      assert.equal(hashes.sha1Hex("腾讯云"), hashes.sha1Hex("\u817e\u8baf\u4e91"))
    })
  ),
  "hmacSha1Hex gives the digests of RFC 2202": Hashing.use((hashes) =>
    Effect.sync(() => {
      assert.equal(
        hashes.hmacSha1Hex("Jefe", "what do ya want for nothing?"),
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
      )
      assert.equal(hashes.hmacSha1Hex("\x0b".repeat(20), "Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00")
    })
  ),
  "md5Base64 gives the digests of RFC 1321 and of the known body": Hashing.use((hashes) =>
    Effect.sync(() => {
      const md5 = (text: string) => hashes.md5Base64(new TextEncoder().encode(text))
      assert.equal(md5(""), "1B2M2Y8AsgTpgAmY7PhCfg==")
      assert.equal(
        md5("<InventoryConfiguration><Id>list1</Id></InventoryConfiguration>"),
        "EiKOcD/zn+DHRElc+h3r0w==",
      )
    })
  ),
}
laws("hashes of node:crypto", Node.layer, known)
laws("hashes of @noble/hashes", Noble.layer, known)

const Texts = Schema.Struct({ key: Schema.String, text: Schema.String, bytes: Schema.Uint8Array })

prop(
  "both hashes agree on any key, text and bytes",
  Texts,
  ({ key, text, bytes }) =>
    node.sha1Hex(text) === noble.sha1Hex(text) && node.hmacSha1Hex(key, text) === noble.hmacSha1Hex(key, text) &&
    node.md5Base64(bytes) === noble.md5Base64(bytes),
  { runs: 500 },
)

prop("hmacSha1Hex with a signing key is the HMAC of node:crypto", Texts, ({ key, text }) => {
  const signKey = node.sha1Hex(key)
  const reference = createHmac("sha1", signKey).update(text).digest("hex")
  return [1, 2].every(() => node.hmacSha1Hex(signKey, text) === reference) &&
    noble.hmacSha1Hex(signKey, text) === reference
}, { runs: 500 })

test("hashes agree on keys around the length of a block and on long texts", () => {
  for (const length of [39, 40, 41, 63, 64, 65, 200]) {
    const key = "a".repeat(length)
    assert.equal(node.hmacSha1Hex(key, "é".repeat(5000)), noble.hmacSha1Hex(key, "é".repeat(5000)), String(length))
  }
})

test("hmacSha1Hex stays right when more keys alternate than it keeps", () => {
  const keys = Array.from({ length: 40 }, (_, i) => node.sha1Hex(String(i)))
  for (let round = 0; round < 3; round++) {
    for (const key of keys) assert.equal(node.hmacSha1Hex(key, "text"), noble.hmacSha1Hex(key, "text"))
  }
})

const counting = () => {
  const calls: Array<string> = []
  const hashes: Hashes = {
    ...node,
    hmacSha1Hex: (key, text) => {
      calls.push(text)
      return node.hmacSha1Hex(key, text)
    },
  }
  return { calls, hashes }
}

test("keyCache derives a signing key once for each key id and key time", () => {
  const { calls, hashes } = counting()
  const keys = keyCache(hashes)
  assert.equal(keys("id", "secret", "1;2"), node.hmacSha1Hex("secret", "1;2"))
  keys("id", "secret", "1;2")
  keys("id", "secret", "1;3")
  keys("other", "secret", "1;2")
  assert.deepEqual(calls, ["1;2", "1;3", "1;2"])
})

test("keyCache derives anew when the secret key of an id changes", () => {
  const keys = keyCache(node)
  const before = keys("id", "secret", "1;2")
  assert.equal(keys("id", "rotated", "1;2"), node.hmacSha1Hex("rotated", "1;2"))
  assert.equal(keys("id", "secret", "1;2"), before)
})

test("keyCache forgets the oldest when it is full", () => {
  const { calls, hashes } = counting()
  const keys = keyCache(hashes, 2)
  for (const time of ["1;2", "2;3", "3;4", "3;4", "2;3", "1;2"]) keys("id", "secret", time)
  assert.deepEqual(calls, ["1;2", "2;3", "3;4", "1;2"])
})
