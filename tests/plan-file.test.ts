/** The plan file: read back as it was written, and refused with places when it is anything else. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readJsonText } from "../adapters/json/mod.ts"
import { readPlanFile } from "../adapters/plan-file.ts"
import { readYaml, writeYaml } from "../adapters/yaml/mod.ts"
import type { Finding } from "../core/lint/mod.ts"
import { type BucketPlan, type Plan, plan, readPlan, writePlan } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { documentVersion } from "../core/wire/document.ts"
import { withFiles } from "./folder.ts"
import { dice, Generated, goodRule, ruleOf, settled } from "./generated.ts"
import { prop } from "./harness.ts"

/** As `plan -o json` prints it. */
const documentOf = (made: Plan) => ({ version: documentVersion, ...writePlan(made) })
const textOf = (made: Plan): string => JSON.stringify(documentOf(made), null, 2)

const region = "ap-guangzhou"
const bucketPlan = (
  bucket: string,
  rules: ReadonlyArray<InventoryConfiguration>,
  actual: ReadonlyArray<InventoryConfiguration>,
): BucketPlan =>
  plan({ bucket, region, rules, protected: new Set(["safe"]), manages: ["daily-*", "safe"] }, actual, { prune: true })

/** A step of every kind, in two buckets, one of which is over its limit. */
const sample: Plan = {
  prune: true,
  buckets: [
    bucketPlan("first-1250000000", [
      goodRule("daily-new", "a"),
      goodRule("daily-kept", "b"),
      goodRule("daily-changed", "new"),
    ], [
      goodRule("daily-kept", "b"),
      goodRule("daily-changed", "old"),
      goodRule("daily-gone", "c"),
      goodRule("own", "d"),
      goodRule("safe", "e"),
    ]),
    { ...bucketPlan("second-1250000000", [goodRule("daily-new", "a")], []), over: 3 },
  ],
}

const Plans = Schema.Struct({
  rules: Schema.Array(Schema.Struct({ before: Generated, after: Generated })),
  seed: Schema.Int,
})

prop("`readPlan` gives the plan again when `writePlan` wrote it", Plans, ({ rules, seed }) => {
  const roll = dice(seed)
  const rule = (generated: typeof Generated.Type, i: number) => settled({ ...ruleOf(generated), id: `daily-${i}` })
  const actual = rules.flatMap(({ before }, i) => roll(3) === 0 ? [] : [rule(before, i)])
  const wanted = rules.flatMap(({ before, after }, i) => roll(3) === 0 ? [] : [rule(roll(3) === 0 ? before : after, i)])
  const one = bucketPlan("first-1250000000", wanted, actual)
  const made: Plan = {
    prune: true,
    buckets: [roll(4) === 0 ? { ...one, over: 1 + roll(9) } : one, bucketPlan("second-1250000000", actual, wanted)],
    ...(roll(2) === 0 ? {} : { endpoint: `http://127.0.0.1:${1 + roll(9)}` }),
    ...(roll(2) === 0 ? {} : { demo: true }),
  }
  const { plan: read, findings } = readPlan({ value: JSON.parse(textOf(made)) })
  assert.deepEqual(read, made, JSON.stringify(findings))
  return true
})

test("`readPlan` of a plan in JSON or in YAML text is the plan again when it holds a step of every kind", () => {
  const actions = sample.buckets.flatMap(({ steps }) => steps.map(({ action }) => action))
  assert.deepEqual([...new Set(actions)].sort(), ["create", "delete", "keep", "unmanaged", "update"])
  const inJson = Result.getOrThrow(readJsonText(textOf(sample)))
  const [inYaml] = Result.getOrThrow(readYaml(writeYaml(documentOf(sample))))
  for (const source of [inJson, inYaml!]) assert.deepEqual(readPlan(source), { plan: sample, findings: [] })
})

/** What is found in the sample's document after a change of it. */
// deno-lint-ignore no-explicit-any -- a document that is broken in every way
type Broken = any
const findingsIn = (change: (document: Broken) => unknown): ReadonlyArray<Finding> => {
  const value = JSON.parse(textOf(sample))
  const text = JSON.stringify(change(value) ?? value, null, 2)
  const { plan: read, findings } = readPlan(Result.getOrThrow(readJsonText(text)))
  assert.equal(read, undefined)
  for (const { position, path } of findings) assert.ok(position !== undefined, path)
  return findings
}
const stepOf = (document: Broken, action: string) =>
  document.plan.buckets[0].steps.find((step: { readonly action: string }) => step.action === action)

const wrong: ReadonlyArray<
  readonly [what: string, change: (document: Broken) => unknown, ...found: ReadonlyArray<readonly [string, string]>]
> = [
  ["is no object", () => [], ["wrong-type", ""]],
  ["has no version", (d) => void delete d.version, ["required", "version"]],
  ["has another version", (d) => void (d.version = 2), ["document-version", "version"]],
  ["has a stranger beside it", (d) => void (d.rules = []), ["unknown-key", "rules"]],
  ["is null", (d) => void (d.plan = null), ["wrong-type", "plan"]],
  ["lacks its parts", (d) => void (d.plan = {}), ["required", "plan.prune"], ["required", "plan.counts"], [
    "required",
    "plan.buckets",
  ]],
  ["has a word for prune", (d) => void (d.plan.prune = "no"), ["wrong-type", "plan.prune"]],
  ["has no list of buckets", (d) => void (d.plan.buckets = {}), ["wrong-type", "plan.buckets"]],
  ["has other counts", (d) => void d.plan.counts.delete++, ["counts-differ", "plan.counts"]],
  ["holds no bucket but a word", (d) => void (d.plan.buckets[1] = "b"), ["wrong-type", "plan.buckets[1]"]],
  [
    "names no bucket",
    (d) => void (d.plan.buckets[1].bucket = "UPPER"),
    ["bucket-form", "plan.buckets[1].bucket"],
  ],
  [
    "names a bucket twice",
    (d) => void (d.plan.buckets[1].bucket = d.plan.buckets[0].bucket),
    ["bucket-repeated", "plan.buckets[1].bucket"],
  ],
  ["names no region", (d) => void (d.plan.buckets[0].region = "-"), ["region-form", "plan.buckets[0].region"]],
  ["lacks a fingerprint", (d) => void delete d.plan.buckets[0].untouched, ["required", "plan.buckets[0].untouched"]],
  ["is over by nothing", (d) => void (d.plan.buckets[0].over = 0), ["wrong-type", "plan.buckets[0].over"]],
  ["has an unknown action", (d) => void (stepOf(d, "create").action = "put"), [
    "action-unknown",
    "plan.buckets[0].steps[0].action",
  ]],
  ["has no action", (d) => void delete stepOf(d, "create").action, ["action-unknown", "plan.buckets[0].steps[0]"]],
  ["has another id than its rule", (d) => void (stepOf(d, "create").id = "x"), [
    "id-differs",
    "plan.buckets[0].steps[0].after.id",
  ]],
  ["has an id twice", (d) => void (stepOf(d, "keep").id = "daily-new"), [
    "id-repeated",
    "plan.buckets[0].steps[1].id",
  ]],
  ["creates nothing", (d) => void delete stepOf(d, "create").after, ["required", "plan.buckets[0].steps[0].after"]],
  ["creates over something", (d) => void (stepOf(d, "create").before = {}), [
    "unknown-key",
    "plan.buckets[0].steps[0].before",
  ]],
  ["has a rule that is none", (d) => void (stepOf(d, "create").after = 7), [
    "wrong-type",
    "plan.buckets[0].steps[0].after",
  ]],
  ["has a rule that lacks a part", (d) => void delete stepOf(d, "create").after.schedule, [
    "required",
    "plan.buckets[0].steps[0].after.schedule.frequency",
  ]],
  ["has an unknown field in a rule", (d) => void (stepOf(d, "delete").before.extras = 1), [
    "unknown-key",
    "plan.buckets[0].steps[3].before.extras",
  ]],
  ["says other changes than it makes", (d) => void (stepOf(d, "update").changes[0].after = "other"), [
    "changes-differ",
    "plan.buckets[0].steps[2].changes",
  ]],
  ["makes other changes than it says", (d) => void (stepOf(d, "update").after.isEnabled = false), [
    "changes-differ",
    "plan.buckets[0].steps[2].changes",
  ]],
  ["deletes first in a word", (d) => void (stepOf(d, "delete").first = "yes"), [
    "wrong-type",
    "plan.buckets[0].steps[3].first",
  ]],
  ["does not say what is prunable", (d) => void delete stepOf(d, "unmanaged").prunable, [
    "required",
    "plan.buckets[0].steps[4].prunable",
  ]],
]
for (const [what, change, ...expected] of wrong) {
  test(`\`readPlan\` finds it, with its place, when a plan ${what}`, () => {
    assert.deepEqual(findingsIn(change).map(({ code, path }) => [code, path]), expected)
  })
}

test("`readPlan` finds everything at once when much is wrong", () => {
  const found = findingsIn((d) => {
    d.plan.prune = 1
    stepOf(d, "create").after.isEnabled = "yes"
    stepOf(d, "delete").action = "remove"
    d.plan.buckets[1].region = ""
  })
  assert.deepEqual(found.map(({ code }) => code).sort(), [
    "action-unknown",
    "wrong-type",
    "wrong-type",
    "wrong-type",
  ])
})

test("`readPlan` judges of a rule only what is brought in when it is updated, and all when it is created", () => {
  const odd = (id: string): InventoryConfiguration => ({ ...goodRule(id, "a"), optionalFields: ["Nonsense"] })
  const made: Plan = {
    prune: false,
    buckets: [bucketPlan("first-1250000000", [odd("daily-new"), { ...odd("daily-odd"), isEnabled: false }], [
      odd("daily-odd"),
    ])],
  }
  const { plan: read, findings } = readPlan({ value: JSON.parse(textOf(made)) })
  assert.deepEqual(read, made)
  assert.deepEqual(findings.map(({ path, severity }) => [path, severity]), [
    ["plan.buckets[0].steps[0].after.optionalFields[0]", "error"],
  ])
})

prop(
  "`readPlan` answers when anything stands in the place of a part",
  Schema.Struct({ seed: Schema.Int, value: Schema.Json }),
  ({ seed, value }) => {
    const roll = dice(seed)
    const document = JSON.parse(textOf(sample))
    let at = document
    for (;;) {
      const keys = Object.keys(at)
      const key = keys[roll(keys.length)]!
      if (typeof at[key] !== "object" || at[key] === null || Object.keys(at[key]).length === 0 || roll(4) === 0) {
        at[key] = value
        break
      }
      at = at[key]
    }
    const { plan: read, findings } = readPlan({ value: document })
    // What was read can be written, and is then read alike
    if (read !== undefined) assert.deepEqual(readPlan({ value: JSON.parse(textOf(read)) }).plan, read)
    else assert.ok(findings.length > 0)
    return true
  },
)

const fileFindings = (text: string, name = "plan.json") =>
  withFiles({ [name]: text }, async (at) => {
    const read = await Effect.runPromise(Effect.result(readPlanFile(at(name))))
    if (Result.isSuccess(read)) return read.success._tag
    assert.equal(read.failure._tag, "InvalidInput")
    return read.failure._tag === "InvalidInput"
      ? read.failure.findings.map(({ code, position }) => [code, position?.line, position?.column])
      : []
  })

test("`readPlanFile` takes a document for a plan when it has its key, and leaves the rest alone", async () => {
  assert.equal(await fileFindings(textOf(sample)), "plan")
  assert.equal(await fileFindings(`\ufeff${JSON.stringify(documentOf(sample))}`), "plan")
  assert.equal(await fileFindings(writeYaml(documentOf(sample)), "plan.yaml"), "plan")
  assert.equal(await fileFindings(textOf(sample), "rules.yaml"), "plan")
  for (
    const other of ["", "{", "[]", "{}", '{"rules": []}', "rules: []", "<Rule/>", '"plan"', "a: 1\nplan: 2", "\u0000"]
  ) {
    assert.equal(await fileFindings(other), "other", other)
  }
  for (const path of ["/", "/there/is/nothing"]) {
    assert.deepEqual(await Effect.runPromise(readPlanFile(path)), { _tag: "other" })
  }
})

test("`readPlanFile` refuses a YAML file of more than one document", async () => {
  const text = writeYaml(documentOf(sample))
  assert.equal(await fileFindings(`---\n${text}`.slice(4), "plan.yaml"), "plan")
  assert.deepEqual(await fileFindings(`${text}---\n${text}`, "plan.yaml"), [["plan-documents", 1, 1]])
  assert.deepEqual(await fileFindings(`${text}---\nrules: []\n`, "plan.yaml"), [["plan-documents", 1, 1]])
})

test("`readPlanFile` names the place when a plan is cut off, no JSON, or says a thing twice", async () => {
  const text = textOf(sample)
  const lines = text.split("\n")
  assert.deepEqual(await fileFindings(text.slice(0, -2)), [["json-syntax", lines.length - 1, lines.at(-2)!.length + 1]])
  assert.deepEqual(await fileFindings(text.replace('"prune": true', '"prune": yes')), [["json-syntax", 4, 14]])
  assert.deepEqual(await fileFindings(text.replace('"prune": true', '"prune": true,\n"prune": false')), [
    ["repeated-key", 5, 1],
  ])
  assert.deepEqual(await fileFindings(text.replace('"prune": true', '"prune": true,\n"pr\\u0075ne": false')), [
    ["repeated-key", 5, 1],
  ])
  assert.deepEqual(await fileFindings(text.replace('"prune": true', '"prune": 1')), [["wrong-type", 4, 5]])
  const deep = `{"version":1,"plan":${"[".repeat(100)}${"]".repeat(100)}}`
  assert.deepEqual(await fileFindings(deep), [["document-depth", 1, 84]])
})

test("`readJsonText` gives the place of the closest thing around when a part is not there", () => {
  const text = '\n{ "a": [1, {"b": null}],\n  "c\\n": "}{][,:\\"" , "d": {} }'
  const { value, position } = Result.getOrThrow(readJsonText(text))
  assert.deepEqual(value, JSON.parse(text))
  const places = [[], ["a"], ["a", 0], ["a", 1], ["a", 1, "b"], ["c\n"], ["d"], ["d", "x"], ["z"], ["a", 7]]
  assert.deepEqual(
    places.map((path) => {
      const { line, column } = position!(path)!
      return [line, column]
    }),
    [[2, 1], [2, 3], [2, 9], [2, 12], [2, 13], [3, 3], [3, 23], [3, 23], [2, 1], [2, 3]],
  )
})

prop("`readJsonText` gives the value again when JSON.stringify wrote it", Schema.Json, (value) => {
  const text = JSON.stringify(value, null, 1)
  const read = readJsonText(text)
  assert.deepEqual(Result.getOrThrow(read).value, JSON.parse(text))
  return true
})
