/** The command `lint`: what it prints, where it points, and what it ends with. */
import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { paragraph } from "../cli/output/problem.ts"
import { version } from "../cli/version.ts"
import { InvalidInput } from "../core/errors.ts"
import { codes } from "../core/advice/mod.ts"
import { type Finding } from "../core/lint/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { type Invocation, invoke, type Outcome } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { good as completeRule, sample } from "./generated.ts"
import { golden } from "./golden.ts"

const head = ["buckets: [examplebucket-1250000000@ap-guangzhou]"]
const defaults =
  "defaults: { destination: { bucket: inventorybucket-1250000000, prefix: inventory, format: CSV }, optionalFields: [Size] }"
const good = [...head, defaults, "rules:", "  - { id: daily, schedule: { frequency: Daily } }"]
const text = (lines: ReadonlyArray<string>) => `${lines.join("\n")}\n`

const faulty = text([
  ...head,
  "defaults:",
  "  destination: { bucket: inventorybucket-1250000000, prefix: inventory/, format: CSV }",
  "  optionalFields: [Size]",
  "rules:",
  "  - id: daily",
  "    schedule: { frequency: daily }",
  "  - id: weekly",
  "    schedule: { frequency: Weekly }",
  "    isEnabled: false",
])

/** Runs lint over files of a folder, whose name is taken out of what it says. */
const lintOf = (
  files: Readonly<Record<string, string>>,
  args: ReadonlyArray<string> = [],
  invocation: Invocation = {},
): Promise<Outcome> =>
  withFiles(files, async (at) => {
    const folder = at()
    const outcome = await invoke(["lint", folder, ...args], invocation)
    const plain = (said: string) =>
      said.replaceAll(`file://${folder}/`, "").replaceAll(`${folder}/`, "").replaceAll(folder, "rules")
    return { ...outcome, out: plain(outcome.out), err: plain(outcome.err) }
  })

test("`lint` prints a block with its place for each finding, and how many there are, when files are faulty", async () => {
  const other = text(good).replace("id: daily", "id: other").replace("prefix: inventory", "prefix: other")
  const { code, out, err } = await lintOf({ "a.yaml": faulty, "b.yaml": other })
  assert.equal(code, 5)
  assert.equal(err, "")
  golden("lint.txt", `${out}\n`)
  // In the defaults for what stands there, in the rule for what is its own
  assert.match(out, /^warning: a\.yaml:3:54 destination\.prefix: /mu)
  assert.match(out, /^error: a\.yaml:7:17 schedule\.frequency: /mu)
  assert.match(out, /\n1 error, 1 warning, 2 notes in 2 files$/u)
})

test("`lint -o sarif` prints a log with relative places and rules that explain themselves when a file is faulty", async () => {
  const { code, out, err } = await lintOf({ "a b/ü.yaml": faulty }, ["-o", "sarif"])
  assert.equal(code, 5)
  assert.equal(err, "")
  golden("lint.sarif", `${out.replaceAll(`"${version}"`, '"<version>"')}\n`)
  const log = JSON.parse(out)
  assert.equal(log.version, "2.1.0")
  const [{ tool, results }] = log.runs
  for (const result of results) {
    assert.equal(tool.driver.rules[result.ruleIndex].id, result.ruleId)
    assert.match(result.level, /^(?:error|warning|note)$/u)
    const [{ physicalLocation: { artifactLocation, region } }] = result.locations
    assert.equal(artifactLocation.uri, "a%20b/%C3%BC.yaml")
    assert.equal(region.startLine > 0 && region.startColumn > 0, true)
  }
  for (const { helpUri } of tool.driver.rules) {
    assert.equal(helpUri === undefined || new URL(helpUri).protocol === "https:", true)
  }
})

test("`lint -o sarif` has a run without results when nothing is found", async () => {
  const { code, out } = await lintOf({ "a.yaml": text(good) }, ["-o", "sarif", "--ignore", "report-expiry"])
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(out).runs[0].results, [])
})

test("`lint -o json` and `-o yaml` hold the findings and their numbers when a file is faulty", async () => {
  const { code, out, err } = await lintOf({ "a.yaml": faulty }, ["-o", "json"])
  assert.equal(code, 5)
  assert.equal(err, "")
  const { version, valid, counts, findings } = JSON.parse(out)
  assert.deepEqual({ version, valid, counts }, {
    version: 1,
    valid: false,
    counts: { errors: 1, warnings: 1, notes: 2, files: 1 },
  })
  assert.deepEqual(
    findings.map((f: { code: string; file: string; position: object }) => [f.code, f.file, f.position]),
    [
      ["destination-prefix-slash", "a.yaml", { line: 3, column: 54 }],
      ["report-expiry", "a.yaml", { line: 3, column: 54 }],
      ["frequency-known", "a.yaml", { line: 7, column: 17 }],
      ["rule-disabled", "a.yaml", { line: 10, column: 5 }],
    ],
  )
  assert.match(
    (await lintOf({ "a.yaml": faulty }, ["-o", "yaml"])).out,
    /^version: 1\nvalid: false\ncounts:\n {2}errors: 1\n/u,
  )
})

test("`lint` ends with 0 when there are warnings alone, with 5 under --strict, and leaves out what --ignore names", async () => {
  const warned = text(good.map((line) => line.replace("prefix: inventory", "prefix: inventory/")))
  assert.equal((await lintOf({ "a.yaml": warned })).code, 0)
  assert.equal((await lintOf({ "a.yaml": warned }, ["--strict"])).code, 5)
  assert.equal((await lintOf({ "a.yaml": text(good) }, ["--strict"])).code, 0)
  const ignoring = await lintOf({ "a.yaml": warned }, [
    "--strict",
    "--ignore",
    "destination-prefix-slash",
    "--ignore",
    "report-expiry",
  ])
  assert.deepEqual([ignoring.code, ignoring.out], [0, "Nothing found in 1 file"])
  assert.equal((await lintOf({ "a.yaml": faulty }, ["--ignore", "frequency-known"])).code, 0)
})

test("`lint --ignore` refuses a code and says which is near when no finding has it", async () => {
  const { code, out, err } = await lintOf({ "a.yaml": text(good) }, ["--ignore", "report-expiri"])
  assert.equal(code, 64)
  assert.equal(out, "")
  assert.match(
    err,
    /Expected: the code of a finding, which lint prints in brackets \(did you mean "report-expiry"\?\)/u,
  )
  const all = await lintOf({ "a.yaml": faulty }, codes.flatMap(({ code: each }) => ["--ignore", each]))
  assert.deepEqual([all.code, all.out], [0, "Nothing found in 1 file"])
})

test("`lint` has a finding of its own beside those of the others when a file cannot be read", async () => {
  const { code, out, err } = await lintOf({ "a.yaml": text(good), "bad.json": "{" }, ["no-such-folder/x.yaml"])
  assert.equal(code, 5)
  assert.equal(err, "")
  assert.match(out, /^error: no-such-folder\/x\.yaml: .*\[file-unreadable\]$/mu)
  assert.match(out, /^error: bad\.json:\d+:\d+: .*\[json-syntax\]$/mu)
  assert.match(out, /^2 errors, 1 note in 3 files$/mu)
  const alone = await invoke(["lint", "no-such-file.yaml"])
  assert.equal(alone.code, 5)
  assert.match(alone.out, /\[file-unreadable\]/u)
  const nothing = await lintOf({ "notes.txt": "" })
  assert.equal(nothing.code, 5)
  assert.match(nothing.out, /\[file-unreadable\]/u)
})

test("`lint` never shows what stands for buckets when only COS could name them", async () => {
  const open = text([
    'buckets: [{ match: "logs-*" }, { match: "logs-*", region: ap-beijing }, { match: "*-1250000000", region: ap-guangzhou }]',
    'manages: ["${name}-*"]',
    "defaults:",
    '  destination: { bucket: "${bucket}", prefix: "${region}/${name}/${appid}/", accountId: "1250000000", format: CSV }',
    "  optionalFields: [Size]",
    "rules:",
    '  - { id: "${name}-daily", schedule: { frequency: Daily }, isEnabled: false }',
    '  - { id: "${name}-daily", schedule: { frequency: Weekly } }',
  ])
  for (const form of ["text", "json", "yaml", "sarif"]) {
    const { code, out } = await lintOf({ "a.yaml": open }, ["-o", form])
    assert.equal(code, 5)
    assert.doesNotMatch(out, /stand-in|(?<![0-9])0{10}(?![0-9])/u)
  }
  const { findings } = JSON.parse((await lintOf({ "a.yaml": open }, ["-o", "json"])).out)
  const errors = findings.filter((f: { severity: string }) => f.severity === "error")
  assert.deepEqual(errors.map((f: { code: string }) => f.code), ["id-repeated"])
  const itself = findings.find((f: { code: string }) => f.code === "report-lists-itself")
  assert.equal(itself.found, "reports in <region>/logs-*/<appid>/<appid>/logs-*/logs-*-daily/")
  assert.deepEqual([itself.bucket, itself.buckets], ["logs-*", 3])
  // Zeros of a UIN are no APPID
  const account = findings.find((f: { code: string }) => f.code === "account-id-appid")
  assert.equal(account.allowed, "a UIN, such as 100000000001")
})

test("`lint` judges rules in the buckets that settings name, or in none, when their document names none", async () => {
  const bare = text(good.slice(1)).replace("inventory,", '"${name}/",')
  const found = async (args: ReadonlyArray<string>, env: Record<string, string> = {}) => {
    const { out } = await lintOf({ "a.yaml": bare }, [...args, "-o", "json"], { env })
    return JSON.parse(out).findings.filter((f: { code: string }) => f.code === "destination-prefix-slash")
      .map((f: { found: string; bucket?: string; buckets?: number }) => [f.found, f.bucket, f.buckets])
  }
  assert.deepEqual(await found([]), [["<name>/", undefined, undefined]])
  assert.deepEqual(await found([], { COS_BUCKET: "one-1250000000" }), [["one/", undefined, undefined]])
  assert.deepEqual(await found(["--bucket", "one-1250000000", "--bucket", "two-1250000000@ap-beijing"]), [[
    "one/",
    "one-1250000000",
    2,
  ]])
})

test("`lint` compares regions when it knows them, and is silent when it does not", async () => {
  const far = (bucket: string) =>
    text(good).replace("examplebucket-1250000000@ap-guangzhou", bucket)
      .replace("bucket: inventorybucket-1250000000", 'bucket: "qcs::cos:ap-beijing::inventorybucket-1250000000"')
  assert.equal((await lintOf({ "a.yaml": far("examplebucket-1250000000") })).code, 0)
  assert.equal((await lintOf({ "a.yaml": far("examplebucket-1250000000@ap-guangzhou") })).code, 5)
  assert.equal((await lintOf({ "a.yaml": far("examplebucket-1250000000") }, ["--region", "ap-guangzhou"])).code, 5)
  // The region that one document names is that of the other's bucket
  const other = text([...good.slice(0, -1), "  - { id: other, schedule: { frequency: Weekly } }"])
  const both = await lintOf({ "a.yaml": far("examplebucket-1250000000"), "b.yaml": other })
  assert.match(both.out, /\[destination-region\]/u)
  assert.doesNotMatch(both.out, /\[bucket-regions\]/u)
})

test("`lint` judges rules of several files beside each other when they are XML", async () => {
  const { out } = await lintOf({
    "a.xml": sample("put-1.xml"),
    "b.xml": sample("post.xml"),
    "c.xml": sample("put-1.xml"),
  })
  assert.match(
    out,
    /^error: c\.xml:\d+:\d+ id: The id stands twice, first as "list1" \(a\.xml:\d+:\d+\) \[id-repeated\]$/mu,
  )
  assert.doesNotMatch(out, /^error: b\.xml/mu)
})

test("`lint` asks for neither keys nor an answer when it reads standard input", async () => {
  const { code, out, err, asked } = await invoke(["lint", "-"], { stdin: faulty })
  assert.equal(code, 5)
  assert.equal(err, "")
  assert.deepEqual(asked, [])
  assert.match(out, /^error: standard input:7:17 schedule\.frequency: /mu)
})

test("`lint` refuses --all-buckets when there is no COS to ask", async () => {
  const { code, out, err } = await lintOf({ "a.yaml": text(good) }, ["--all-buckets"])
  assert.deepEqual([code, out], [64, ""])
  assert.match(err, /offline/u)
})

test("`lint` escapes what steers a terminal when an id holds it", async () => {
  const steering = text(good).replace("id: daily", 'id: "a\\e[31m\\u202eb"')
  for (const form of ["text", "json", "yaml", "sarif"]) {
    const { out } = await lintOf({ "a.yaml": steering }, ["-o", form])
    // deno-lint-ignore no-control-regex -- an escape would steer
    assert.doesNotMatch(out, /[\u001b\u202e]/u, form)
  }
})

test("`paragraph` tells errors and warnings, no notes, and the errors first when there are too many findings", () => {
  const finding = (severity: Finding["severity"], i: number): Finding => ({
    code: "id-characters",
    severity,
    path: `${severity}${i}`,
    message: "Wrong",
    allowed: "right",
    fix: "Mend it",
    source: "a test",
  })
  const refusal = (findings: ReadonlyArray<Finding>) => paragraph("plan a.yaml", new InvalidInput({ findings }))
  const few = refusal([finding("info", 0), finding("warning", 1), finding("error", 2)])
  assert.match(few, /^Cannot plan a\.yaml: 1 problem\n {2}warning: warning1: Wrong .*error2: Wrong/su)
  assert.doesNotMatch(few, /info0|more$/u)
  const many = refusal([...Array.from({ length: 100 }, (_, i) => finding("warning", i)), finding("error", 100)])
  assert.match(many, /^Cannot plan a\.yaml: 1 problem\n {2}error100: .*\n {2}and 1 more$/su)
})

test("`lint --fix` mends the file, keeps its comments and prints what is left when a mend is certain", async () => {
  const before = faulty.replace("  - id: weekly", "  # once a week\n  - id: weekly")
  await withFiles({ "a.yaml": before }, async (at) => {
    const first = await invoke(["lint", at(), "--fix"])
    assert.equal(first.code, 0, first.err)
    const lines = first.out.split("\n")
    assert.match(lines[0]!, /^mended: .*a\.yaml:3:54 destination\.prefix: .*\[destination-prefix-slash\]$/u)
    assert.match(lines[1]!, /^mended: .*a\.yaml:7:17 schedule\.frequency: .*\[frequency-known\]$/u)
    assert.match(first.out, /\n2 notes in 1 file; 2 mended$/u)
    const after = readFileSync(at("a.yaml"), "utf8")
    assert.equal(after, before.replace("inventory/", "inventory").replace("daily }", "Daily }"))
    const again = await invoke(["lint", at(), "--fix", "-o", "json"])
    assert.deepEqual(JSON.parse(again.out).fixed, [])
    assert.equal(readFileSync(at("a.yaml"), "utf8"), after)
  })
})

test("`lint --fix` leaves alone what --ignore names, and refuses when the file is standard input", async () => {
  await withFiles({ "a.yaml": faulty }, async (at) => {
    const { code, out } = await invoke(["lint", at(), "--fix", "--ignore", "destination-prefix-slash", "-o", "json"])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out).fixed.map((f: { code: string }) => f.code), ["frequency-known"])
    assert.match(readFileSync(at("a.yaml"), "utf8"), /inventory\//u)
  })
  const { code, err } = await invoke(["lint", "-", "--fix"], { stdin: faulty })
  assert.equal(code, 64)
  assert.match(err, /standard input/u)
})

test("`lint --fix` leaves XML as it is, and says on standard error what to do, but not beside JSON", async () => {
  const xml = writeConfiguration({
    ...completeRule,
    destination: { ...completeRule.destination, prefix: "inventory/" },
  })
  await withFiles({ "a.xml": xml }, async (at) => {
    const { code, err, out } = await invoke(["lint", at(), "--fix"])
    assert.equal(code, 0, err)
    assert.match(out, /; 0 mended$/u)
    assert.match(
      err,
      /^Note: not mended: .*a\.xml:1:\d+ destination\.prefix: .*; XML is not edited: turn it into YAML/u,
    )
    assert.equal(readFileSync(at("a.xml"), "utf8"), xml)
    const json = await invoke(["lint", at(), "--fix", "-o", "json"])
    assert.deepEqual([json.code, json.err], [0, ""])
  })
})
