import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { hashes } from "../adapters/hashes/node.ts"
import { demoBucket, demoOptions } from "../adapters/memory/demo.ts"
import { readSeed, type Seed, seedSnapshot } from "../adapters/memory/seed.ts"
import { readSnapshot, restore } from "../adapters/memory/snapshot/mod.ts"
import { readSeedSnapshot } from "../adapters/seed-file.ts"
import { makeTree } from "../adapters/store/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { placeOf } from "../core/lint/finding.ts"
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

/** What a file is refused for: each place, without the folder, and the whole finding. */
const refusedFile = async (name: string, text: string) => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-seed-"))
  try {
    const path = join(folder, name)
    writeFileSync(path, text)
    const failure = await Effect.runPromise(Effect.flip(readSeedSnapshot(path)))
    assert.ok(failure._tag === "InvalidInput", failure.message)
    const { findings } = failure
    for (const { file } of findings) assert.equal(file, path)
    return { findings, places: findings.map((f) => `${f.code} ${placeOf({ ...f, file: name })}`) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const badYaml = `# Two buckets
buckets:
  - name: Bad_Name
    objects:
      - { key: a, bodyBase64: YQ }
      - { key: b, bodie: x, storageClass: ARCHIV }
    rules:
      - id: daily
        isEnabled: true
        includedObjectVersions: Curent
        filter: { prefx: logs/ }
        schedule: { frequency: Hourly }
        destination: { bucket: examplebucket-1250000000, format: CSV }
      - |
        <InventoryConfiguration>
          <Id>x</Wrong>
        </InventoryConfiguration>
  - region: ap-guangzhou
    objects:
      - { key: c, tags: { "": v } }
version: 2
`

test("`readSeedSnapshot` tells every mistake of a YAML file at once, with its line and column, in their order", async () => {
  const { places } = await refusedFile("bad.yaml", badYaml)
  assert.deepEqual(places, [
    "bucket-form bad.yaml:3:5 buckets[0].name",
    "not-base64 bad.yaml:5:19 buckets[0].objects[0].bodyBase64",
    "unknown-key bad.yaml:6:19 buckets[0].objects[1].bodie",
    "storage-class bad.yaml:6:29 buckets[0].objects[1].storageClass",
    "versions-known bad.yaml:10:9 buckets[0].rules[0].includedObjectVersions",
    "filter-empty bad.yaml:11:9 buckets[0].rules[0].filter",
    "unknown-key bad.yaml:11:19 buckets[0].rules[0].filter.prefx",
    "frequency-known bad.yaml:12:21 buckets[0].rules[0].schedule.frequency",
    "xml-mismatch bad.yaml:14:9 buckets[0].rules[1]",
    "required bad.yaml:18:5 buckets[1].name",
    "tags-refused bad.yaml:20:19 buckets[1].objects[0].tags",
    "wrong-type bad.yaml:21:1 version",
  ])
})

test("`readSeedSnapshot` knows the places in a JSON file as well", async () => {
  const text = `{
  "version": 1,
  "buckets": [
    { "objects": [{ "key": 5 }],
      "name": "plain" }
  ]
}`
  const wanted = ["wrong-type seed.json:4:21 buckets[0].objects[0].key", "bucket-form seed.json:5:7 buckets[0].name"]
  assert.deepEqual((await refusedFile("seed.json", text)).places, wanted)
  assert.deepEqual((await refusedFile("seed.json", `\ufeff${text}`)).places, wanted, "a byte order mark is no text")
})

test("`readSeedSnapshot` gives the places of names with dots or brackets as those of what is around them", async () => {
  const { places } = await refusedFile("a.yaml", 'buckets:\n  - name: a-1\n    "x.y[0]": 1\n    jobs: 5\n')
  assert.deepEqual(places, ["unknown-key a.yaml:2:5 buckets[0].x.y[0]", "wrong-type a.yaml:4:5 buckets[0].jobs"])
})

for (const text of ["", "\n# nothing\n", "---\n"]) {
  test(`\`readSeedSnapshot\` says that ${JSON.stringify(text)} holds nothing, and speaks of no rule`, async () => {
    const { findings, places } = await refusedFile("empty.yaml", text)
    assert.deepEqual(places, ["document-empty empty.yaml:1:1"])
    assert.equal(findings[0]!.message, "The file holds nothing")
    assert.doesNotMatch(JSON.stringify(findings), /rule/u)
  })
}

for (const [name, text] of [["a.json", "[1]"], ["a.yaml", "- 1\n"], ["a.yaml", "5"], ["a.yaml", "null"]] as const) {
  test(`\`readSeedSnapshot\` gives the place of ${JSON.stringify(text)}, which is no object`, async () => {
    const { findings, places } = await refusedFile(name, text)
    assert.deepEqual(places, [`wrong-type ${name}:1:1`])
    assert.equal(findings[0]!.allowed, "an object with buckets")
  })
}

test("`readSeedSnapshot` refuses a file of two documents, and says which and how many", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-seed-"))
  try {
    const path = join(folder, "two.yaml")
    writeFileSync(path, "buckets: []\n---\nbuckets: []\n")
    const error = await Effect.runPromise(Effect.flip(readSeedSnapshot(path)))
    assert.ok(error._tag === "ConfigError")
    assert.equal(error.problem, `Cannot read "${path}": it holds 2 documents`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("`readSeedSnapshot` takes YAML that begins with a bracket where the file is named so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-seed-"))
  try {
    const path = join(folder, "flow.yaml")
    writeFileSync(path, "{ buckets: [{ name: one-1250000000 }] } # flow\n")
    assert.deepEqual(await Effect.runPromise(readSeedSnapshot(path)), { buckets: [{ name: "one-1250000000" }] })
    writeFileSync(path, '{ "buckets": [] }')
    assert.deepEqual(await Effect.runPromise(readSeedSnapshot(path)), { buckets: [] })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
