/** Lint of documents that meet in a bucket which only one of them names, or none. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { invoke } from "./cli.ts"
import { withFiles } from "./folder.ts"

interface Told {
  readonly code: string
  readonly message: string
  readonly found?: string
  readonly bucket?: string
  readonly buckets?: number
}

const rule = (id: string, destination = "inventory-1250000000") =>
  `{ id: ${id}, schedule: { frequency: Daily }, optionalFields: [Size], destination: { bucket: "${destination}", prefix: "${id}", format: CSV } }`
const document = (buckets: string, id: string, destination?: string) =>
  `buckets: [${buckets}]\nmanages: [${id}]\nrules:\n  - ${rule(id, destination)}\n`
const job = (id: string) =>
  `id: ${id}\nincludedObjectVersions: Current\noptionalFields: [Size]\ndestination: { bucket: "qcs::cos:ap-guangzhou::inventory-1250000000", prefix: jobs, format: CSV }\n`

const told = async (
  documents: ReadonlyArray<string>,
  args: ReadonlyArray<string> = [],
): Promise<ReadonlyArray<Told>> => {
  const { out } = await invoke(["lint", "-", "-o", "json", "--ignore", "report-expiry", ...args], {
    stdin: documents.join("---\n"),
  })
  assert.doesNotMatch(out, /stand-in|(?<![0-9])0{10}(?![0-9])/u)
  return JSON.parse(out).findings
}
const codesIn = async (...documents: ReadonlyArray<string>) =>
  (await told(documents)).map(({ code }) => code).toSorted()

const twice = ["id-repeated", "manages-overlap"]

/** What two documents that want the same id choose, and whether a bucket may be of both. */
const pairs: ReadonlyArray<readonly [a: string, b: string, meets: boolean]> = [
  ['{ match: "logs-*" }', "logs-a-1250000000", true],
  ['{ match: "logs-*", region: ap-guangzhou }', "logs-a-1250000000@ap-guangzhou", true],
  ['{ match: "logs-*", region: ap-guangzhou }', "logs-a-1250000000", true],
  ['{ match: "logs-*", region: ap-beijing }', "logs-a-1250000000@ap-guangzhou", false],
  ['{ match: "logs-*" }', "data-a-1250000000", false],
  ['{ match: "logs-*" }', '{ match: "*" }', true],
  ['{ match: "logs-*" }', '{ match: "logs-*", region: ap-beijing }', true],
  ['{ match: "logs-*" }', '{ match: "*-prod-1250000000" }', true],
  ['{ match: "logs-*" }', '{ match: "data-*" }', false],
  ['{ match: "*", region: ap-guangzhou }', '{ match: "*", region: ap-beijing }', false],
]
for (const [a, b, meets] of pairs) {
  test(`\`lint\` ${meets ? "finds" : "finds nothing of"} one id in two documents when they choose ${a} and ${b}`, async () => {
    const expected = meets ? twice : []
    // A star matches the destination as well
    const apart = (codes: ReadonlyArray<string>) => codes.filter((code) => code !== "report-lists-itself")
    assert.deepEqual(apart(await codesIn(document(a, "d"), document(b, "d"))), expected)
    assert.deepEqual(apart(await codesIn(document(b, "d"), document(a, "d"))), expected)
    assert.deepEqual((await codesIn(document(a, "d"), document(b, "e"))).filter((code) => code === "id-repeated"), [])
  })
}

test("`lint` does not take two documents to meet when a third matches the buckets of both", async () => {
  const all = await codesIn(
    document('{ match: "*" }', "e"),
    document('{ match: "logs-*" }', "d"),
    document('{ match: "data-*" }', "d"),
  )
  assert.deepEqual(all.filter((code) => twice.includes(code)), [])
})

test("`lint` holds a glob against the buckets that --bucket names", async () => {
  const bare = `- { id: d, isEnabled: true, includedObjectVersions: Current, ${rule("d").slice(9)}\n`
  const findings = await told([document('{ match: "logs-*" }', "d"), bare], ["--bucket", "logs-a-1250000000"])
  assert.deepEqual(findings.map(({ code }) => code).filter((code) => code === "id-repeated"), ["id-repeated"])
})

test("`lint` says of a glob's own rules once what is wrong with them, and counts no bucket that the glob reaches", async () => {
  const wrong = document('{ match: "logs-*" }', "d").replace("Daily", "Dayly")
  const named = document("logs-a-1250000000", "e")
  for (const [a, b] of [[wrong, named], [named, wrong]] as const) {
    const { out } = await withFiles(
      { "a.yaml": a, "b.yaml": b },
      (at) => invoke(["lint", at(), "-o", "json", "--ignore", "report-expiry"]),
    )
    assert.deepEqual(JSON.parse(out).findings.map(({ code, bucket, buckets }: Told) => [code, bucket, buckets]), [
      ["frequency-known", undefined, undefined],
    ])
  }
})

test("`lint` says that reports list themselves when a glob matches where they go, and nothing else of that bucket", async () => {
  const [itself, ...others] = await told([document('{ match: "logs-*" }', "d", "logs-inventory-1250000000")])
  assert.deepEqual([itself?.code, itself?.bucket, others], ["report-lists-itself", "logs-inventory-1250000000", []])
  assert.deepEqual(
    await codesIn(
      document('{ match: "logs-*" }', "d", "data-inventory-1250000000"),
      document('{ match: "data-*" }', "d", "logs-inventory-1250000000"),
    ),
    [],
  )
  const far = document(
    '{ match: "logs-*", region: ap-beijing }',
    "d",
    "qcs::cos:ap-guangzhou::logs-inventory-1250000000",
  )
  assert.deepEqual((await codesIn(far)).includes("report-lists-itself"), false)
})

test("`lint` shows no name for a region that nobody says", async () => {
  const findings = await told([document("logs-a-1250000000", "d").replace('prefix: "d"', 'prefix: "${region}/"')])
  assert.deepEqual(findings.map(({ code, found }) => [code, found]), [["destination-prefix-slash", "<region>/"]])
})

test("`lint` warns of a job without a bucket when a periodic rule anywhere has its id", async () => {
  const [warning, ...others] = await told([document("logs-a-1250000000", "d"), job("d")])
  assert.deepEqual([warning?.code, others], ["job-id-elsewhere", []])
  assert.match(warning!.message, /"d" \(standard input:4:7\)/u)
  assert.deepEqual(await codesIn(document("logs-a-1250000000", "d"), job("e")), [])
  assert.deepEqual(
    (await told([document("logs-a-1250000000@ap-guangzhou", "d"), job("d")], ["--bucket", "other-1250000000"])).length,
    0,
  )
  const inIt = await told([document("logs-a-1250000000", "d"), job("d")], ["--bucket", "logs-a-1250000000"])
  assert.deepEqual(inIt.map(({ code }) => code), ["job-id-periodic"])
})

test("`lint` names the first bucket, and counts them, when a document meets a glob in several", async () => {
  const names = ["logs-a-1250000000", "logs-b-1250000000", "logs-c-1250000000"].join(", ")
  const { out } = await withFiles(
    { "a.yaml": document('{ match: "logs-*" }', "d"), "b.yaml": document(names, "d") },
    (at) => invoke(["lint", at(), "-o", "json"]),
  )
  const repeated = JSON.parse(out).findings.find(({ code }: Told) => code === "id-repeated")
  assert.deepEqual([repeated.bucket, repeated.buckets], ["logs-a-1250000000", 3])
})

test("`lint` says where reports pile up once for a bucket, and in how many folders", async () => {
  const documents = ["a", "b", "c"].map((id) => document("logs-a-1250000000", id))
  const { out } = await invoke(["lint", "-", "-o", "json"], { stdin: documents.join("---\n") })
  const expiry = JSON.parse(out).findings.filter(({ code }: Told) => code === "report-expiry")
  assert.deepEqual(expiry.map(({ found }: Told) => found), [
    "reports in a/ of inventory-1250000000, and in 2 more folders",
  ])
})

test("`lint` reads a document when keys that begin with x- hold its anchors, and refuses every other unknown key", async () => {
  const anchored =
    `x-when: &when { frequency: Daily }\nx-to: &to { bucket: inventory-1250000000, prefix: i, format: CSV }\n` +
    `buckets: [logs-a-1250000000]\nrules:\n  - { id: d, schedule: *when, destination: *to, optionalFields: [Size] }\n`
  assert.deepEqual(await codesIn(anchored), [])
  assert.deepEqual(await codesIn(anchored.replaceAll("x-", "y-")), ["unknown-key", "unknown-key"])
})
