import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { hashes } from "../adapters/hashes/node.ts"
import { demoBucket, demoOptions } from "../adapters/memory/demo.ts"
import { readSeed, type Seed, seedSnapshot } from "../adapters/memory/seed.ts"
import { readSnapshot, restore } from "../adapters/memory/snapshot/mod.ts"
import { makeTree } from "../adapters/store/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { effect } from "./harness.ts"

const place = { defaultBucket: "default-1250000000", region: "ap-nanjing" }

const good: ReadonlyArray<readonly [text: string, seed: Seed]> = [
  ["demo", { _tag: "Demo" }],
  ["synthetic:0:0", { _tag: "Synthetic", count: 0, seed: 0 }],
  ["synthetic:1000000:42", { _tag: "Synthetic", count: 1_000_000, seed: 42 }],
  ["synthetic:16777216:4294967295", { _tag: "Synthetic", count: 16_777_216, seed: 4_294_967_295 }],
  ["seed.json", { _tag: "File", path: "seed.json" }],
  ["./demo", { _tag: "File", path: "./demo" }],
  ["fixtures", { _tag: "File", path: "fixtures" }],
  ["C:\\seeds\\a.yaml", { _tag: "File", path: "C:\\seeds\\a.yaml" }],
  ["synthetic.yaml", { _tag: "File", path: "synthetic.yaml" }],
  ["-", { _tag: "File", path: "-" }],
]

for (const [text, seed] of good) {
  test(`\`readSeed\` reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(Result.getOrThrow(readSeed(text)), seed)
  })
}

const bad: ReadonlyArray<readonly [text: string, said: RegExp]> = [
  ["", /write demo, a file, or synthetic/],
  ["  ", /write demo, a file, or synthetic/],
  ["dmeo", /did you mean "demo"\?.*"\.\/dmeo"/],
  ["Demo", /did you mean "demo"/],
  ["synthetic", /two whole numbers/],
  ["synthetic:", /two whole numbers/],
  ["synthetic:10", /two whole numbers/],
  ["synthetic:10:1:2", /two whole numbers/],
  ["synthetic:-1:1", /two whole numbers/],
  ["synthetic:1e6:1", /two whole numbers/],
  ["synthetic:1.5:1", /two whole numbers/],
  ["synthetic: 1:1", /two whole numbers/],
  ["synthetic:16777217:1", /more than 16777216 objects/],
  ["synthetic:1:4294967296", /seed above 4294967295/],
  ["syntetic:10:1", /did you mean "synthetic"/],
  ["random:10:1", /of no kind "random"/],
]

for (const [text, said] of bad) {
  test(`\`readSeed\` refuses ${JSON.stringify(text)} in words`, () => {
    const read = readSeed(text)
    assert.ok(Result.isFailure(read))
    assert.match(read.failure.message, said)
    assert.equal(read.failure._tag, "ConfigError")
  })
}

effect(
  "the synthetic seed fills the default bucket",
  Effect.gen(function* () {
    const store = makeTree({ hashes })
    yield* restore(store, seedSnapshot({ _tag: "Synthetic", count: 100, seed: 1 }, place), hashes)
    const { name, region, versioning } = store.bucket("default-1250000000")!
    assert.deepEqual([name, region, versioning], ["default-1250000000", "ap-nanjing", "Enabled"])
    assert.equal([...store.entries(name, "")].length, 100)
  }),
)

effect(
  "the demo seed has the documentation's rules, and objects for each of them to list",
  Effect.gen(function* () {
    const snapshot = seedSnapshot({ _tag: "Demo" }, place)
    assert.ok(Result.isSuccess(readSnapshot(snapshot)))
    const store = makeTree({ hashes })
    yield* restore(store, snapshot, hashes)
    const { rules } = store.bucket(demoBucket.name)!
    const printed = demoOptions().buckets[0]!.rules!
    assert.deepEqual([...rules.values()].map(({ xml }) => xml), printed.map(writeConfiguration))
    for (const { destination, filter = {} } of printed) {
      const [, bucket] = destination.bucket.split("::").slice(1)
      assert.notEqual(store.bucket(bucket!), undefined, `${bucket} is where reports go`)
      const listed = [...store.entries(demoBucket.name, filter.prefix ?? "")].flat().filter((version) =>
        version.key.startsWith(filter.prefix ?? "") &&
        (filter.tags ?? []).every(({ key, value }) => version.tags.some((t) => t.key === key && t.value === value)) &&
        version.lastModified / 1000 >= (filter.period?.startTime ?? 0) &&
        version.lastModified / 1000 <= (filter.period?.endTime ?? Infinity)
      )
      assert.ok(listed.length >= 3)
    }
  }),
)
