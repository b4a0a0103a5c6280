/** Rules documents: how they are read, what defaults and variables do, and what is said of slips. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readJsonText } from "../adapters/json/mod.ts"
import { readYaml } from "../adapters/yaml/mod.ts"
import { type Finding, lint } from "../core/lint/mod.ts"
import type { BucketRef } from "../core/bucket.ts"
import { escaped, readRuleSet, type RuleSet, type Target, targetsOf, variableNames } from "../core/ruleset/mod.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import { writeJson } from "../core/wire/json.ts"
import { Generated, good, ruleOf, settled } from "./generated.ts"
import { prop } from "./harness.ts"

const here: BucketRef = { bucket: "logs-1250000000", region: "ap-guangzhou" }
const destination = { bucket: "reports-1250000000", format: "CSV" }
const daily = { id: "daily", schedule: { frequency: "Daily" }, destination }

const read = (value: unknown): RuleSet => readRuleSet({ value })
const readText = (text: string): RuleSet => readRuleSet(Result.getOrThrow(readYaml(text))[0]!)
const targetOf = (set: RuleSet, at: BucketRef = here): Target => targetsOf([{ set, buckets: [at] }])[0]!
/** Everything there is to say, as it reaches a person. */
const said = (set: RuleSet, at: BucketRef = here): ReadonlyArray<Finding> => {
  const { wanted, findings } = targetOf(set, at)
  const context = at.region === undefined ? {} : { region: at.region }
  return [...set.findings, ...findings, ...wanted.flatMap(({ reading, kind }) => lint(reading, { kind, ...context }))]
}
const rulesOf = (set: RuleSet, at?: BucketRef) =>
  targetOf(set, at).wanted.map(({ reading }) => Result.getOrThrow(completeConfiguration(reading.draft)))
const brief = ({ code, position, path }: Finding) => `${code} ${position?.line}:${position?.column} ${path}`.trim()

// Defaults

test("readRuleSet merges defaults by key however deep, and replaces lists, when a rule says a part", () => {
  const set = read({
    defaults: {
      filter: { prefix: "a/", tags: [{ key: "k", value: "v" }], period: { startTime: 1, endTime: 9 } },
      optionalFields: ["Size", "Tag"],
      destination: { ...destination, prefix: "p" },
      schedule: { frequency: "Weekly" },
    },
    rules: [
      {
        id: "a",
        filter: { tags: [{ key: "x", value: "y" }], period: { endTime: 5 } },
        optionalFields: ["Tag"],
        destination: { prefix: "q" },
      },
      { id: "b", isEnabled: false, includedObjectVersions: "All" },
    ],
  })
  assert.deepEqual(said(set), [])
  const bucket = "qcs::cos:ap-guangzhou::reports-1250000000"
  assert.deepEqual(rulesOf(set), [
    {
      id: "a",
      isEnabled: true,
      includedObjectVersions: "Current",
      filter: { prefix: "a/", tags: [{ key: "x", value: "y" }], period: { startTime: 1, endTime: 5 } },
      optionalFields: ["Tag"],
      schedule: { frequency: "Weekly" },
      destination: { bucket, prefix: "q", format: "CSV" },
    },
    {
      id: "b",
      isEnabled: false,
      includedObjectVersions: "All",
      filter: { prefix: "a/", tags: [{ key: "k", value: "v" }], period: { startTime: 1, endTime: 9 } },
      optionalFields: ["Size", "Tag"],
      schedule: { frequency: "Weekly" },
      destination: { bucket, prefix: "p", format: "CSV" },
    },
  ])
})

test("readRuleSet merges by meaning when the rule or the defaults are in the API's own names", () => {
  const api = { Id: "a", Filter: { And: { Tag: [{ Key: "x", Value: "y" }] } }, Schedule: { Frequency: "Daily" } }
  const plain = { id: "a", filter: { tags: [{ key: "x", value: "y" }] }, schedule: { frequency: "Daily" } }
  const defaults = { destination, optionalFields: ["Tag"], filter: { tags: [{ key: "k", value: "v" }] } }
  const apiDefaults = {
    Destination: { COSBucketDestination: { Bucket: destination.bucket, Format: "CSV" } },
    OptionalFields: { Field: ["Tag"] },
    Filter: { And: { Tag: { Key: "k", Value: "v" } } },
  }
  const wanted = rulesOf(read({ defaults, rules: [plain] }))
  assert.deepEqual(wanted[0]!.filter, { tags: [{ key: "x", value: "y" }] })
  for (const rule of [plain, { ...api, protect: true }]) {
    for (const below of [defaults, apiDefaults]) {
      const set = read({ defaults: below, rules: [rule] })
      assert.deepEqual(said(set), [])
      assert.deepEqual(rulesOf(set), wanted)
      assert.equal(targetOf(set).wanted[0]!.protect, "protect" in rule)
    }
  }
})

prop(
  "readRuleSet gives the rule back when the same keys are divided between defaults and rule in any way",
  Schema.Struct({ generated: Generated, inDefaults: Schema.Array(Schema.Boolean) }),
  ({ generated, inDefaults }) => {
    const rule = ruleOf(generated)
    const texts = [rule.id, rule.filter?.prefix, ...Object.values(rule.destination)]
    if (texts.some((text) => text?.includes("$"))) return true
    const whole = settled(rule)
    const { id, ...rest } = writeJson(whole)
    const below: Record<string, unknown> = {}
    const above: Record<string, unknown> = { id }
    Object.entries(rest).forEach(([key, value], i) =>
      (inDefaults[i % (inDefaults.length || 1)] ? below : above)[key] = value
    )
    const set = read({ defaults: below, rules: [above] })
    const [got] = targetOf(set, { bucket: here.bucket }).wanted
    assert.deepEqual(settled(got!.reading.draft), whole)
    return set.findings.length === 0 && got!.reading.findings.length === 0
  },
)

test("readRuleSet says what is wrong with the defaults once when many rules have them", () => {
  const rules = Array.from({ length: 20 }, (_, i) => `  - { id: r${i}, schedule: { frequency: Daily } }`).join("\n")
  const slips: ReadonlyArray<readonly [defaults: string, expected: ReadonlyArray<string>]> = [
    ["[]", ["wrong-type 1:1 defaults"]],
    ["none", ["wrong-type 1:1 defaults"]],
    ["null", ["wrong-type 1:1 defaults"]],
    ["{ destination: x }", ["wrong-type 1:13 defaults.destination"]],
    [
      "{ destination: { bucket: 5, format: [] }, isEnabled: yes, includedObjectVersions: null }",
      [
        "wrong-type 1:28 defaults.destination.bucket",
        "wrong-type 1:39 defaults.destination.format",
        "wrong-type 1:53 defaults.isEnabled",
        "wrong-type 1:69 defaults.includedObjectVersions",
      ],
    ],
    ["{ destination: { bucket: reports-1250000000, format: CSV }, protect: 1 }", ["wrong-type 1:71 defaults.protect"]],
    ["{ destination: { bucket: reports-1250000000, format: CSV }, id: x }", ["default-id 1:71 defaults.id"]],
    ["{ destination: { bucket: reports-1250000000, format: CSV, o: 1 } }", ["unknown-key 1:69 defaults.destination.o"]],
  ]
  for (const [defaults, expected] of slips) {
    assert.deepEqual(said(readText(`defaults: ${defaults}\nrules:\n${rules}\n`)).map(brief), expected)
  }
})

test("readRuleSet still judges what a rule says itself when the defaults have no form", () => {
  const set = readText("defaults: []\nrules:\n  - id: a\n    destination: { bucket: BAD, format: CSV }\n")
  assert.deepEqual(said(set).map(brief), ["wrong-type 1:1 defaults", "destination-bucket 4:20 destination.bucket"])
})

// Slips, each at its place

const rest = "rules: [{ id: a, schedule: { frequency: Daily }, destination: { bucket: b-1250000000, format: CSV } }]\n"
const slips: ReadonlyArray<readonly [what: string, text: string, expected: ReadonlyArray<string>, fix: RegExp]> = [
  ["rules is an object", "rules: {}", ["wrong-type 1:1 rules"], /dash/u],
  ["rules is text", "rules: daily", ["wrong-type 1:1 rules"], /list/u],
  ["rules has no value", "manages: [a]\nrules:", ["wrong-type 2:1 rules"], /leave the key out/u],
  ["rules is absent", "defaults: { isEnabled: true }", ["rules-missing 1:1"], /rules: \[\]/u],
  ["a file was cut off", "buckets: [a-1250000000]\nmanages: ['*']\n", ["rules-missing 1:1"], /rules: \[\]/u],
  ["a rule is null", "rules: [null]", ["wrong-type 1:9"], /object/u],
  ["a rule is text", "rules:\n  - daily", ["wrong-type 2:5"], /object/u],
  ["a rule is a list", "rules:\n  - []", ["wrong-type 2:5"], /object/u],
  ["buckets is text", `buckets: x\n${rest}`, ["wrong-type 1:1 buckets"], /list/u],
  ["buckets has no value", `buckets:\n${rest}`, ["wrong-type 1:1 buckets"], /leave the key out/u],
  ["buckets is empty", `buckets: []\n${rest}`, ["buckets-empty 1:1 buckets"], /--bucket/u],
  ["a bucket is a number", `buckets: [5]\n${rest}`, ["bucket-form 1:11 buckets[0]"], /these forms/u],
  ["a bucket is null", `buckets: [null]\n${rest}`, ["bucket-form 1:11 buckets[0]"], /these forms/u],
  [
    "a bucket is a glob",
    `buckets: [logs-*@ap-x]\n${rest}`,
    ["bucket-form 1:11 buckets[0]"],
    /match: "logs-\*", region: ap-x/u,
  ],
  ["a bucket has no appid", `buckets: [logs]\n${rest}`, ["bucket-form 1:11 buckets[0]"], /logs-<appid>/u],
  ["a region is none", `buckets: [a-1250000000@X]\n${rest}`, ["region-form 1:11 buckets[0]"], /region/u],
  [
    "a bucket is split",
    `buckets: [{ bucket: a-1, region: ap-x }]\n${rest}`,
    ["bucket-form 1:11 buckets[0]"],
    /^Write a-1@ap-x/u,
  ],
  ["match is misspelt", `buckets: [{ mtach: a }]\n${rest}`, ["unknown-key 1:13 buckets[0].mtach"], /"match"/u],
  ["match can match nothing", `buckets: [{ match: Logs* }]\n${rest}`, ["match-form 1:13 buckets[0].match"], /Correct/u],
  ["a bucket stands twice", `buckets: [a-1, a-1]\n${rest}`, ["bucket-repeated 1:16 buckets[1]"], /Remove/u],
  ["manages is text", `manages: "*"\n${rest}`, ["wrong-type 1:1 manages"], /list/u],
  ["manages holds a space", `manages: ["a b"]\n${rest}`, ["manages-form 1:11 manages[0]"], /Correct/u],
  [
    "a variable of manages is none",
    "manages: ['${nam}-*']\nrules: []",
    ["variable-unknown 1:11 manages[0]"],
    /\$\{name\}/u,
  ],
  [
    "protect is text",
    rest.replace("id: a", 'id: a, protect: "yes"'),
    ["wrong-type 1:18 rules[0].protect"],
    /unquoted/u,
  ],
  ["protect is misspelt", rest.replace("id: a", "id: a, protct: true"), ["unknown-key 1:18 protct"], /"protect"/u],
  ["rules is misspelt", rest.replace("rules", "rule"), ["unknown-key 1:1 rule"], /"rules"/u],
  ["rules has another case", rest.replace("rules", "Rules"), ["unknown-key 1:1 Rules"], /"rules"/u],
  ["default is misspelt", `default: {}\n${rest}`, ["unknown-key 1:1 default"], /"defaults"/u],
  ["all is misspelt", "bucket: [x]\nrule: []", ["unknown-key 1:1 bucket", "unknown-key 2:1 rule"], /"buckets"/u],
  ["an envelope has rules", `configurations: []\n${rest}`, ["unknown-key 1:1 configurations"], /into rules/u],
  ["a rule's key is beside", `schedule: {}\n${rest}`, ["unknown-key 1:1 schedule"], /into a rule/u],
  ["the version is another", `version: 2\nbuckets: 5\n${rest}`, ["document-version 1:1 version"], /version/u],
  ["it is a plan", "version: 1\nplan: { prune: false, buckets: [] }", ["plan-file 2:1"], /apply/u],
  ["it is a package", "name: x\nversion: 1.0.0\nfiles: []\nscripts: {}", ["no-rules 1:1"], /folder/u],
  ["it is a profile file", "profiles: { a: { region: x } }", ["no-rules 1:1"], /folder/u],
  ["it is a report's manifest", "sourceBucket: x\nfileFormat: CSV\nfiles: []", ["no-rules 1:1"], /folder/u],
  ["it is a list of other things", "- { a: 1, b: 2 }\n- { a: 3 }", ["no-rules 1:1"], /folder/u],
  ["documents are in a list", "- { buckets: [], rules: [] }", ["documents-list 1:1"], /own/u],
  ["a key is __proto__", `__proto__: { rules: [] }\n${rest}`, ["unknown-key 1:1 __proto__"], /Remove/u],
]
for (const [what, text, expected, fix] of slips) {
  test(`readRuleSet says what is wrong, where, and what to do when ${what}`, () => {
    const found = said(readText(text))
    assert.deepEqual(found.map(brief), expected)
    assert.match(found[0]!.fix, fix)
    for (const finding of found) assert.ok(finding.allowed !== "" && /^[A-Z].*[^.]$/u.test(finding.message))
  })
}

test("readRuleSet wants nothing without a word when rules is an empty list and ids are managed", () => {
  const set = read({ buckets: ["a-1250000000"], manages: ["daily-*"], rules: [] })
  assert.deepEqual([set.findings, set.entries, set.manages], [[], [], [{ glob: "daily-*" }]])
})

test("readRuleSet leaves the choice of buckets to nobody when they are named but none can be read", () => {
  for (const buckets of [[], null, "x", ["BAD"], [{ match: "" }]]) {
    assert.equal(read({ buckets, rules: [] }).isNowhere, true)
  }
  for (const value of [{ rules: [] }, { buckets: ["a-1250000000"], rules: [] }]) {
    assert.equal(read(value).isNowhere ?? false, false)
  }
})

test("readRuleSet passes over $schema, by which an editor knows the file", () => {
  assert.deepEqual(said(read({ $schema: "./rules.schema.json", rules: [daily] })), [])
})

test("readRuleSet says where protect may stand when a rule without a document has it", () => {
  const found = said(read({ ...writeJson(good), protect: true }))
  assert.deepEqual(found.map(({ code, path }) => [code, path]), [["unknown-key", "protect"]])
  assert.match(found[0]!.fix, /under `rules`/u)
})

prop(
  "readRuleSet never throws and gives every finding a place, whatever stands under its keys",
  Schema.Struct({
    key: Schema.Literals(["buckets", "manages", "defaults", "rules", "version", "plan", "configurations", "rule", "x"]),
    value: Schema.Literals([
      "null",
      "5",
      "true",
      "text",
      "[]",
      "{}",
      "[null]",
      "[5, {}]",
      "[[]]",
      "{ a: { b: [] } }",
      '""',
    ]),
    inner: Schema.Literals(["rules", "defaults", "buckets", "__proto__", "id", "protect", "match", "constructor"]),
    isNested: Schema.Boolean,
    isListed: Schema.Boolean,
    withRules: Schema.Boolean,
  }),
  ({ key, value, inner, isNested, isListed, withRules }) => {
    const within = isNested ? `{ ${inner}: ${value} }` : value
    const text = `${key}: ${isListed ? `[${within}]` : within}\n${withRules && key !== "rules" ? rest : ""}`
    const set = readText(text)
    const found = said(set)
    // Only what is legal is passed over in silence
    return found.every(({ position }) => position !== undefined) && (found.length > 0 || set.isDocument)
  },
)

// Variables

test("targetsOf replaces variables in ids, prefixes, destinations and managed ids, bucket by bucket", () => {
  const set = read({
    manages: ["${name}-*"],
    rules: [{
      ...daily,
      id: "${name}-${region}",
      filter: { prefix: "$${x}/${appid}/" },
      destination: { bucket: "cos://reports-${appid}/in/${bucket}", format: "CSV" },
    }],
  })
  const other = { bucket: "a-b-1300000000", region: "eu-frankfurt" }
  const seen = [here, other].map((at) => {
    const { manages } = targetOf(set, at)
    const [rule] = rulesOf(set, at)
    return [rule!.id, rule!.filter?.prefix, rule!.destination.bucket, rule!.destination.prefix, manages[0]!.glob]
  })
  assert.deepEqual(seen, [
    [
      "logs-ap-guangzhou",
      "${x}/1250000000/",
      "qcs::cos:ap-guangzhou::reports-1250000000",
      "in/logs-1250000000",
      "logs-*",
    ],
    ["a-b-eu-frankfurt", "${x}/1300000000/", "qcs::cos:eu-frankfurt::reports-1300000000", "in/a-b-1300000000", "a-b-*"],
  ])
})

prop(
  "targetsOf gives text back as it was when it was escaped, whatever it is",
  Schema.Struct({ parts: Schema.Array(Schema.Literals(["$", "{", "}", "name", "x", "$${", "${bucket}", "/"])) }),
  ({ parts }) => {
    const prefix = `p${parts.join("")}`
    const set = read({ rules: [{ ...daily, filter: { prefix: escaped(prefix) } }] })
    return said(set).length === 0 && rulesOf(set)[0]!.filter?.prefix === prefix
  },
)

const badVariables: ReadonlyArray<readonly [text: string, code: string, fix: RegExp]> = [
  ["${bukket}", "variable-unknown", /Did you mean "\$\{bucket\}"/u],
  ["${}", "variable-unknown", /write \$\$\{\}/u],
  ["${BUCKET", "variable-unknown", /Close it/u],
  ["${bucket", "variable-unknown", /Close it/u],
  ["${toString}", "variable-unknown", /Correct it/u],
  ["${region}", "variable-empty", /@<region>/u],
]
for (const [text, code, fix] of badVariables) {
  test(`targetsOf says once and alike for every bucket what is wrong with ${text}, and nothing else of that text`, () => {
    const value = {
      rules: [{ ...daily, id: `a-${text}`, destination: { ...destination, bucket: "qcs::cos:ap-guangzhou::a-1" } }],
    }
    const per = ["a-1250000000", "b-1250000000"].map((bucket) => said(read(value), { bucket }))
    assert.deepEqual(per[0], per[1])
    assert.deepEqual(per[0]!.map((finding) => [finding.code, finding.path]), [[code, "id"]])
    assert.match(per[0]![0]!.fix, fix)
    assert.ok(variableNames.every((name) => per[0]![0]!.allowed.includes(`\${${name}}`)))
  })
}

test("targetsOf says where a managed id has a variable without a value, and where a bucket has two regions", () => {
  const set = readText("manages:\n  - ${region}-*\nrules: []\n")
  assert.deepEqual(targetOf(set, { bucket: "a-1250000000" }).findings.map(brief), ["variable-empty 2:5 manages"])
  const twice = readText("buckets:\n  - a-1250000000@ap-guangzhou\n  - a-1250000000@ap-beijing\nrules: []\n")
  const refs = twice.selectors.map(({ bucket, region }) => ({ bucket: bucket!, region: region! }))
  assert.deepEqual(targetsOf([{ set: twice, buckets: refs }])[0]!.findings.map(brief), ["bucket-regions 3:5 buckets"])
})

// YAML

test("readYaml merges << as YAML 1.1 does, and readRuleSet finds places through it", () => {
  const text = [
    "defaults:",
    "  destination: &to { bucket: reports-1250000000, format: CSV }",
    "rules:",
    "  - &first",
    "    id: a",
    "    schedule: { frequency: Dayly }",
    "  - <<: *first",
    "    id: b",
    "    destination: { <<: *to, prefix: x }",
    "  - { <<: [{ id: c }, *first], schedule: { frequency: Daily } }",
  ].join("\n")
  const set = readText(text)
  assert.deepEqual(
    set.entries.map(({ reading: { draft } }) => [draft.id, draft.schedule?.frequency, draft.destination?.prefix]),
    [
      ["a", "Dayly", undefined],
      ["b", "Dayly", "x"],
      ["c", "Daily", undefined],
    ],
  )
  assert.deepEqual(said(set).map(brief), [
    "frequency-known 6:17 schedule.frequency",
    "frequency-known 6:17 schedule.frequency",
  ])
})

const yamlSlips: ReadonlyArray<readonly [what: string, text: string, expected: string]> = [
  ["<< has no keys to merge", "a: { <<: 5 }", "merge-form 1:10"],
  ["<< merges a list of others", "a: { <<: [1] }", "merge-form 1:11"],
  ["<< merges what holds it", "a: &a { <<: *a }", "document-aliases 1:13"],
  ["<< names no anchor", "a: { <<: *b }", "alias-unknown 1:10"],
  ["an alias stands in what it names", "a: &a { b: [*a] }", "document-aliases 1:13"],
  ["a key is an object", "{ a: 1 }: b", "key-form 1:1"],
  ["a key is a list by an alias", "a: &a [1]\n*a : b", "key-form 2:1"],
  ["a template of another tool is not in quotes", "id: {{ name }}", "key-form 1:6"],
  ["keys are alike as text", '1: a\n"1": b', "repeated-key 2:1"],
]
for (const [what, text, expected] of yamlSlips) {
  test(`readYaml says what is wrong and where when ${what}`, () => {
    assert.deepEqual(Result.getOrThrow(Result.flip(readYaml(text))).map(brief), [expected])
  })
}

test("readJsonText takes << as a key like any other", () => {
  assert.deepEqual(Result.getOrThrow(readJsonText('{ "<<": { "a": 1 } }')).value, { "<<": { a: 1 } })
})

test("readYaml lets every rule of a great file share a part, and refuses what unfolds without end", () => {
  const rules = Array.from({ length: 2000 }, (_, i) => `  - { id: r${i}, destination: *to }`).join("\n")
  const set = readText(`defaults: { destination: &to { bucket: a-1, format: CSV } }\nrules:\n${rules}\n`)
  assert.equal(set.entries.at(-1)!.reading.draft.destination?.bucket, "a-1")
  const bomb = [
    "a: &a [x]",
    ..."bcdefgh".split("").map((c, i) => `${c}: &${c} [${Array(40).fill(`*${"abcdefg"[i]}`).join()}]`),
  ]
  const [finding] = Result.getOrThrow(Result.flip(readYaml(bomb.join("\n"))))
  assert.equal(finding!.code, "document-aliases")
})

test("readYaml reads 10 000 rules of one file, and finds the place of the last of them", () => {
  const rules = Array.from({ length: 10_000 }, (_, i) => `- { id: daily-${i}, schedule: { frequency: Dayly } }`).join(
    "\n",
  )
  const set = readText(`rules:\n${rules}\n`)
  const { reading } = set.entries.at(-1)!
  assert.equal(set.entries.length, 10_000)
  assert.deepEqual(reading.position("schedule.frequency"), { line: 10_001, column: 33 })
})

test("readYaml and readRuleSet never throw, and point into the text, when a document is cut or has one stray character", () => {
  const text = [
    "buckets: [a-1250000000@ap-guangzhou, { match: 'b-*' }]",
    'manages: ["${name}-*"]',
    "defaults: &d",
    '  destination: { bucket: "r-${appid}", format: CSV }',
    "rules:",
    '  - { <<: *d, id: "${name}-a", protect: true, schedule: { frequency: Daily } }',
    "",
  ].join("\n")
  const lines = text.split("\n").length + 1
  let refused = 0
  const look = (mutant: string) => {
    const read = readYaml(mutant)
    const found = Result.isFailure(read) ? read.failure : read.success.flatMap((source) => said(readRuleSet(source)))
    refused += found.length > 0 ? 1 : 0
    for (const { position } of found) {
      assert.ok(position !== undefined && position.line <= lines, JSON.stringify(mutant))
    }
  }
  assert.deepEqual(said(readText(text)), [])
  for (let i = 0; i < text.length; i++) {
    look(text.slice(0, i))
    for (const stray of ["", "{", "*", "&", ":", "\n", "$", "\u0000"]) {
      look(text.slice(0, i) + stray + text.slice(i + 1))
    }
  }
  assert.ok(refused > text.length)
})
