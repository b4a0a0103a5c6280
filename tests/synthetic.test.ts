import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { hashes as noble } from "../adapters/hashes/noble.ts"
import { hashes } from "../adapters/hashes/node.ts"
import {
  isComputed,
  maxSynthetic,
  type Synthetic,
  synthetic,
  syntheticBody,
  syntheticSize,
  type Version,
  versionIdAt,
} from "../adapters/store/mod.ts"
import { crc64 } from "../core/crc64.ts"
import { bytesOfKey, encodeKey, textOfKey } from "../core/key.ts"
import { golden } from "./golden.ts"
import { prop } from "./harness.ts"

const keyAt = (objects: Synthetic, index: number): string => objects.at(index)[0]!.key

const all = function* (objects: Synthetic): Iterable<ReadonlyArray<Version>> {
  for (let index = 0; index < objects.length; index++) yield objects.at(index)
}

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Seed = between(0, 2 ** 32 - 1)

prop(
  "`synthetic` gives keys that rise in byte order, whatever the count and the seed",
  Schema.Struct({ count: between(0, 800), seed: Seed }),
  ({ count, seed }) => {
    const objects = synthetic(count, seed, hashes)
    for (let index = 1; index < count; index++) {
      if (Buffer.compare(bytesOfKey(keyAt(objects, index - 1)), bytesOfKey(keyAt(objects, index))) >= 0) return false
    }
    return objects.length === count
  },
  { runs: 10 },
)

prop(
  "`synthetic` gives keys that rise at every scale, up to the greatest count",
  Schema.Struct({ count: between(2, maxSynthetic), seed: Seed, place: between(0, maxSynthetic) }),
  ({ count, seed, place }) => {
    const objects = synthetic(count, seed, hashes)
    const start = place % (count - 1)
    const end = Math.min(count, start + 20)
    for (let index = start + 1; index < end; index++) {
      if (keyAt(objects, index - 1) >= keyAt(objects, index)) return false
    }
    return true
  },
  { runs: 60 },
)

prop(
  "`from` finds each key, the gap before it and the gap after it",
  Schema.Struct({ count: between(1, maxSynthetic), seed: Seed, place: between(0, maxSynthetic) }),
  ({ count, seed, place }) => {
    const objects = synthetic(count, seed, hashes)
    const index = place % count
    const key = keyAt(objects, index)
    return objects.from(key) === index && objects.from(`${key}\0`) === index + 1 &&
      objects.from(key.slice(0, -1)) <= index
  },
)

test("`from` begins at the first key for the empty one, and after the last for one above all", () => {
  const objects = synthetic(1000, 3, hashes)
  assert.equal(objects.from(""), 0)
  assert.equal(objects.from("\xff".repeat(10)), 1000)
  assert.equal(synthetic(0, 3, hashes).from("a"), 0)
})

test("`at` has nothing before the first and beyond the last", () => {
  const objects = synthetic(10, 3, hashes)
  assert.deepEqual([objects.at(-1), objects.at(10), synthetic(0, 1, hashes).at(0)], [[], [], []])
})

test("`synthetic` is the same every time, and another for another seed", () => {
  const [one, same, other] = [synthetic(500, 5, hashes), synthetic(500, 5, noble), synthetic(500, 6, hashes)]
  assert.deepEqual([...all(one)], [...all(same)])
  const differ = [...all(one)].filter((versions, index) => versions[0]!.etag !== other.at(index)[0]!.etag)
  assert.ok(differ.length > 400)
})

test("`synthetic` does not depend on what was asked before", () => {
  const forward = synthetic(300, 9, hashes)
  const backward = synthetic(300, 9, hashes)
  const seen = new Map<number, ReadonlyArray<Version>>()
  for (let index = 299; index >= 0; index--) seen.set(index, backward.at(index))
  for (let index = 0; index < 300; index++) assert.deepEqual(forward.at(index), seen.get(index))
})

test("the first keys of a seed stay what they are", () => {
  const objects = synthetic(2000, 42, hashes)
  const lines = [...Array(20).keys(), ...Array(90).keys().map((nth) => 20 + nth * 22)].flatMap((index) =>
    objects.at(index).map((version) =>
      [
        encodeKey(version.key),
        version.versionId,
        version.sequence,
        new Date(version.lastModified).toISOString(),
        version.isDeleteMarker ? "marker" : `${version.etag} ${version.size} ${version.crc64} ${version.storageClass}`,
        JSON.stringify([version.headers, version.tags, version.encryption, version.replicationStatus]),
      ].join(" ")
    )
  )
  golden("synthetic.txt", `${lines.join("\n")}\n`)
})

const digests = new Map<string, { readonly md5: Buffer; readonly bytes: Uint8Array }>()
const digestOf = (ref: string) => {
  const found = digests.get(ref)
  if (found !== undefined) return found
  const bytes = syntheticBody(ref)
  const made = { md5: createHash("md5").update(bytes).digest(), bytes }
  digests.set(ref, made)
  return made
}

test("size, ETag and CRC-64 of a synthetic object are those of its bytes", () => {
  const objects = synthetic(3000, 11, hashes)
  const checked = new Set<string>()
  let large = 0
  for (const version of [...all(objects)].flat()) {
    if (version.isDeleteMarker || checked.has(version.etag)) continue
    checked.add(version.etag)
    const parts = version.segments.map(({ ref }) => digestOf(ref))
    assert.equal(version.size, parts.reduce((sum, { bytes }) => sum + bytes.length, 0))
    for (const { ref, size } of version.segments) {
      assert.deepEqual([size, syntheticSize(ref)], Array(2).fill(digestOf(ref).bytes.length))
    }
    const etag = version.isMultipart
      ? `${createHash("md5").update(Buffer.concat(parts.map(({ md5 }) => md5))).digest("hex")}-${parts.length}`
      : createHash("md5").update(parts[0]?.bytes ?? "").digest("hex")
    assert.equal(version.etag, etag)
    assert.equal(version.isMultipart, version.etag.includes("-"))
    // Reading a gibibyte takes seconds, so the greatest are left to the law of concatenation
    if (version.size > 8 * 1024 * 1024) {
      large++
      continue
    }
    const crc = crc64()
    for (const { bytes } of parts) crc.update(bytes)
    assert.equal(version.crc64, crc.digest())
  }
  assert.ok(checked.size > 200 && large > 10, `${checked.size} bodies, ${large} large`)
})

test("every body can be computed from its ref, and nothing else is taken for one", () => {
  for (let number = 0; number < 272; number++) {
    assert.equal(syntheticSize(`=7/${number}`), syntheticBody(`=7/${number}`).length)
  }
  for (const ref of ["", "=", "=7", "=7/", "=7/272", "=7/01", "=-1/1", "7/1", "=7/1/1", "=7/1\n", "=4294967296/1"]) {
    assert.equal(syntheticSize(ref), undefined, ref)
    assert.throws(() => syntheticBody(ref), RangeError)
  }
  assert.equal(isComputed("=7/1"), true)
})

test("the versions of a synthetic key are consistent: times, sequences and version ids fall from the newest on", () => {
  const objects = synthetic(5000, 17, hashes)
  let highest = 0
  for (const versions of all(objects)) {
    assert.ok(versions.length > 0)
    assert.equal(new Set(versions.map(({ key }) => key)).size, 1)
    assert.equal(new Set(versions.map(({ versionId }) => versionId)).size, versions.length)
    assert.ok(versions.every(({ sequence }) => sequence > highest && sequence <= objects.sequences))
    for (let nth = 1; nth < versions.length; nth++) {
      assert.ok(versions[nth - 1]!.sequence > versions[nth]!.sequence)
      assert.ok(versions[nth - 1]!.lastModified > versions[nth]!.lastModified)
      assert.notEqual(versions[nth - 1]!.versionId, "null", "only the oldest can be from before versioning")
    }
    highest = versions[0]!.sequence
    for (const version of versions) {
      assert.ok(version.lastModified >= Date.UTC(2023, 0, 1) && version.lastModified < Date.UTC(2026, 0, 1))
      if (version.isDeleteMarker) {
        assert.deepEqual([version.etag, version.size, version.crc64, version.segments.length], ["", 0, "", 0])
        assert.notEqual(version.versionId, "null")
      }
    }
  }
})

test("a synthetic bucket has all that breaks tools", () => {
  const versions = [...all(synthetic(20_000, 1, hashes))]
  const keys = versions.map(([newest]) => newest!.key)
  const has = (what: string, found: boolean) => assert.ok(found, what)
  for (const part of [" ", "+", "%", '"', "'", ",", "//", "\n", "&", "?", "#", "\\"]) {
    has(JSON.stringify(part), keys.some((key) => key.includes(part)))
  }
  has("Chinese", keys.some((key) => textOfKey(key)?.includes("\u4e2d\u6587") === true))
  has("emoji", keys.some((key) => textOfKey(key)?.includes("\u{1f600}") === true))
  has("what is no UTF-8", keys.some((key) => textOfKey(key) === undefined))
  has("folders", keys.some((key) => key.endsWith("/")))
  has("a long key", keys.some((key) => key.length > 840))
  // Page 13324 allows 850 bytes
  assert.ok(Math.max(...keys.map((key) => key.length)) <= 850)

  const flat = versions.flat()
  has("a current delete marker", versions.some(([newest]) => newest!.isDeleteMarker))
  has("a lone delete marker", versions.some(([newest, next]) => newest!.isDeleteMarker && next === undefined))
  has("a delete marker below", versions.some(([_, ...older]) => older.some(({ isDeleteMarker }) => isDeleteMarker)))
  has("the null version", flat.some(({ versionId }) => versionId === "null"))
  has("six versions", versions.some(({ length }) => length === 6))
  has("tags", flat.some(({ tags }) => tags.length > 1))
  has("custom headers", flat.some(({ headers }) => headers.some(([name]) => name.startsWith("x-cos-meta-"))))
  has("SSE-COS", flat.some(({ encryption }) => encryption === "AES256"))
  has("more than 256 MiB", flat.some(({ size }) => size > 256 * 1024 * 1024))
  assert.deepEqual(
    [...new Set(flat.filter(({ isDeleteMarker }) => !isDeleteMarker).map(({ storageClass }) => storageClass))].sort(),
    [
      "ARCHIVE",
      "COLD",
      "DEEP_ARCHIVE",
      "INTELLIGENT_TIERING",
      "MAZ_COLD",
      "MAZ_INTELLIGENT_TIERING",
      "MAZ_STANDARD",
      "MAZ_STANDARD_IA",
      "STANDARD",
      "STANDARD_IA",
    ],
  )
  const powers = new Set(flat.map(({ size }) => Math.floor(Math.log10(Math.max(1, size)))))
  assert.ok(powers.size >= 9, "sizes of nine orders of magnitude")
  for (const [name, value] of flat.flatMap(({ headers }) => headers)) {
    assert.match(name, /^[A-Za-z0-9-]+$/)
    assert.match(value, /^[\x20-\x7e]*$/)
  }
})

test("`versionIdAt` makes the version id that COS made at that moment", () => {
  // Page 7743: the answer is dated Wed, 14 Aug 2019 12:00:21 GMT
  assert.equal(versionIdAt(Date.UTC(2019, 7, 14, 12, 0, 21, 985), 141), "MTg0NDUxNzgyODk2ODc1NjY0NzQ")
})
