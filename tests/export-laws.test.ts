/** What is exported reads back as it was, whatever the rule. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readJsonText } from "../adapters/json/mod.ts"
import { readYaml, writeYaml } from "../adapters/yaml/mod.ts"
import { isSame } from "../core/canonical.ts"
import { exportedBucket } from "../core/export.ts"
import { plan } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import type { BucketRef } from "../core/bucket.ts"
import { headerOf } from "../cli/header.ts"
import { readRuleSet, targetsOf, writeRuleSet } from "../core/ruleset/mod.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import { Generated, good, ruleOf, settled } from "./generated.ts"
import { golden } from "./golden.ts"
import { prop } from "./harness.ts"

const at = { bucket: "logs-1250000000", region: "ap-guangzhou" } as const

/** The way of a file: its text, read as `plan` reads it, for the bucket that it names. */
const readBack = (
  text: string,
  form: "json" | "yaml",
  place: BucketRef = at,
): ReadonlyArray<InventoryConfiguration> => {
  const [source, ...more] = Result.getOrThrow(
    form === "json" ? Result.map(readJsonText(text), (only) => [only]) : readYaml(text),
  )
  assert.equal(more.length, 0)
  const set = readRuleSet(source!)
  assert.deepEqual(set.findings, [])
  assert.deepEqual(set.selectors.map(({ bucket, region }) => ({ bucket, region })), [place])
  const [target] = targetsOf([{ set, buckets: [place] }])
  return target!.wanted.map(({ reading, protect }) => {
    assert.deepEqual(reading.findings, [])
    assert.equal(protect, false)
    return Result.getOrThrow(completeConfiguration(reading.draft))
  })
}

const textsOf = (rules: ReadonlyArray<InventoryConfiguration>) => {
  const document = writeRuleSet(at, rules)
  return { yaml: headerOf(at, "as a test has them") + writeYaml(document), json: JSON.stringify(document) }
}

/** Text that YAML, variables, or a terminal would take for something else. */
const Odd = Schema.Literals([
  "${bucket}",
  "$${name}",
  "${",
  "$$${x}$",
  "${nobody}",
  "{region}",
  "- item",
  "# comment",
  "key: value",
  " leading",
  "trailing ",
  "null",
  "~",
  "yes",
  "0x1F",
  "007",
  "1e3",
  "2019-09-17",
  "---",
  "...",
  "%YAML",
  "@at",
  "`tick`",
  "*alias",
  "&anchor",
  "!tag",
  "|",
  ">",
  "'",
  '"',
  "\\u0041",
  "a\nb",
  "a\r\nb",
  "\ttab",
  "\u0085\u2028",
  "\u202eabc",
  "日志/😀",
  "e\u0301",
])

const Case = Schema.Struct({
  generated: Generated,
  prefix: Odd,
  reports: Odd,
  tag: Odd,
  field: Odd,
  id: Schema.Literals(["list1", "${bucket}", "007", "null", "a$${b}"]),
})

const oddRule = ({ generated, prefix, reports, tag, field, id }: typeof Case.Type): InventoryConfiguration => {
  const rule = ruleOf(generated)
  return settled({
    ...rule,
    id,
    filter: { ...rule.filter, prefix, tags: [{ key: tag, value: tag }] },
    optionalFields: [...(rule.optionalFields ?? []), field.trim()],
    destination: { ...rule.destination, prefix: reports },
  })
}

for (const form of ["yaml", "json"] as const) {
  prop(
    `An exported document is a rule in which plan finds no change when it is read as ${form}, whatever the rule`,
    Case,
    (drawn) => {
      const rule = oddRule(drawn)
      const read = readBack(textsOf([rule])[form], form)
      const desired = { ...at, rules: read, protected: new Set<string>(), manages: [] }
      const { steps } = plan(desired, [rule], { prune: true })
      return read.length === 1 && isSame(read[0]!, rule) && steps.every(({ action }) => action === "keep")
    },
  )
}

prop("An exported document is the same bytes when the bucket gives its rules in another order", Case, (drawn) => {
  const rules = ["b", "a", "B", "a-1"].map((id) => ({ ...oddRule(drawn), id }))
  const { yaml } = textsOf(rules)
  return yaml === textsOf(rules.toReversed()).yaml && yaml === textsOf(readBack(yaml, "yaml")).yaml
})

test("An exported document is as the golden file when the rule has every field", () => {
  const { yaml } = textsOf([good, {
    ...good,
    id: "a",
    filter: { prefix: "${bucket}/\u202e" },
    extra: [{ in: "/", xml: "<Later>1</Later>" }],
  }])
  golden("export.yaml.txt", yaml)
})

test("`exportedBucket` has nothing to say when COS accepts the rules", () => {
  assert.deepEqual(exportedBucket(at, [good, { ...good, id: "list2" }]).findings, [])
  assert.deepEqual(exportedBucket(at, []).document["rules"], [])
})

test("`exportedBucket` exports a rule whole and says what plan refuses when a value is odd", () => {
  const odd = { ...good, destination: { ...good.destination, format: "ORC" } }
  const { document, findings } = exportedBucket(at, [good, { ...odd, id: "odd" }])
  assert.deepEqual(findings.map(({ code, file, path }) => ({ code, file, path })), [
    { code: "format-known", file: 'logs-1250000000, rule "odd"', path: "destination.format" },
  ])
  assert.match(JSON.stringify(document), /"format":"ORC"/u)
})

test("`exportedBucket` says so when a document cannot hold the rule as it is", () => {
  const short = { ...good, destination: { ...good.destination, bucket: "logs-1250000000" } }
  const { findings } = exportedBucket(at, [short])
  assert.deepEqual(findings.map(({ code, path, found }) => ({ code, path, found })), [
    { code: "export-changed", path: "destination.bucket", found: "logs-1250000000" },
  ])
})
