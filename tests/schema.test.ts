/** The JSON Schema of rules files: what is read fits it, what it refuses is not read, and it is what is shipped. */
import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import * as Result from "effect/Result"
import { readYaml } from "../adapters/yaml/mod.ts"
import { type Finding, isError, lint } from "../core/lint/mod.ts"
import { readRuleSet, targetsOf } from "../core/ruleset/mod.ts"
import { rulesSchema } from "../core/schema.ts"
import { writeJson } from "../core/wire/json.ts"
import { invoke } from "./cli.ts"
import { Generated, good, jobOf, ruleOf, ruleSamples, sample, settled, settledJob } from "./generated.ts"
import { prop } from "./harness.ts"
import { readXmlRules } from "../core/wire/document.ts"

type Json = Readonly<Record<string, unknown>>

const root: Json = JSON.parse(JSON.stringify(rulesSchema()))
const definitions = root["$defs"] as Readonly<Record<string, Json>>

/** Of the keywords in use; any other fails the tests. */
const fits = (value: unknown, schema: Json = root): boolean =>
  Object.entries(schema).every(([keyword, told]) => keywordOf(keyword)(told, value, schema))

type Keyword = (told: unknown, value: unknown, schema: Json) => boolean

const keywordOf = (name: string): Keyword => {
  const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined
  if (keyword === undefined) throw new Error(`The schema uses the keyword ${name}, which this test does not know`)
  return keyword
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
const kindOf = (value: unknown): string => typeof value
const silent: Keyword = () => true

const keywords: Readonly<Record<string, Keyword>> = {
  $schema: silent,
  $defs: silent,
  title: silent,
  description: silent,
  $ref: (told, value) => fits(value, definitions[String(told).replace("#/$defs/", "")]!),
  anyOf: (told, value) => (told as ReadonlyArray<Json>).some((one) => fits(value, one)),
  enum: (told, value) => (told as ReadonlyArray<unknown>).includes(value),
  type: (told, value) =>
    told === "object"
      ? isObject(value)
      : told === "array"
      ? Array.isArray(value)
      : told === "integer"
      ? Number.isInteger(value)
      : told === kindOf(value),
  pattern: (told, value) => typeof value !== "string" || new RegExp(String(told), "u").test(value),
  minimum: (told, value) => typeof value !== "number" || value >= Number(told),
  maximum: (told, value) => typeof value !== "number" || value <= Number(told),
  items: (told, value) => !Array.isArray(value) || value.every((item) => fits(item, told as Json)),
  minItems: (told, value) => !Array.isArray(value) || value.length >= Number(told),
  required: (told, value) =>
    !isObject(value) || (told as ReadonlyArray<string>).every((key) => Object.hasOwn(value, key)),
  properties: (told, value) =>
    !isObject(value) ||
    Object.entries(told as Readonly<Record<string, Json>>).every(([key, one]) =>
      !Object.hasOwn(value, key) || fits(value[key], one)
    ),
  patternProperties: (told, value) =>
    !isObject(value) ||
    Object.entries(told as Readonly<Record<string, Json>>).every(([pattern, one]) =>
      Object.keys(value).every((key) => !new RegExp(pattern, "u").test(key) || fits(value[key], one))
    ),
  additionalProperties: (told, value, schema) =>
    !isObject(value) || told !== false ||
    Object.keys(value).every((key) =>
      Object.hasOwn((schema["properties"] ?? {}) as Json, key) ||
      Object.keys((schema["patternProperties"] ?? {}) as Json).some((pattern) => new RegExp(pattern, "u").test(key))
    ),
}

const at = { bucket: "logs-1250000000", region: "ap-guangzhou" }

/** What plan would refuse the document for. */
const errorsIn = (value: unknown): ReadonlyArray<Finding> => {
  const set = readRuleSet({ value })
  const [target] = targetsOf([{ set, buckets: [at] }])
  return [
    ...set.findings,
    ...target!.findings,
    ...target!.wanted.flatMap(({ reading, kind }) => lint(reading, { kind, region: at.region })),
  ].filter(isError)
}

const document = {
  version: 1,
  buckets: ["logs-1250000000@ap-guangzhou", "b-1250000000", { match: "logs-*", region: "ap-guangzhou" }, {
    match: "*",
  }],
  manages: ["daily-*", "${name}-?"],
  defaults: { destination: { bucket: "reports-${appid}", format: "CSV" }, optionalFields: ["Tag"], protect: false },
  rules: [
    { id: "daily-${name}", schedule: { frequency: "Daily" }, protect: true },
    {
      id: "m",
      isEnabled: false,
      includedObjectVersions: "All",
      filter: {
        prefix: "a/",
        tags: [{ key: "k", value: "" }],
        storageClass: "STANDARD",
        period: { startTime: "2024-01-01T00:00:00Z", endTime: 1735689600 },
      },
      optionalFields: ["Size", "Tag", "x-cos-meta-team"],
      schedule: { frequency: "Monthly", monthlyDate: 28 },
      destination: { accountId: "100000000001", prefix: "p", encryption: "SSE-COS" },
    },
  ],
}

test("rulesSchema accepts a document that uses every key", () => {
  assert.deepEqual(errorsIn(document), [])
  assert.ok(fits(document))
})

test("rulesSchema describes every key of a rule and of a document, and offers the known words", () => {
  for (const name of ["RulesDocument", "Rule", "Defaults", "DestinationPart", "SchedulePart", "Filter", "Period"]) {
    for (const [key, value] of Object.entries(definitions[name]!["properties"] as Readonly<Record<string, Json>>)) {
      if (key !== "version") assert.match(String(value["description"]), /^[A-Zf].{10,}$/u, `${name}.${key}`)
    }
  }
  const offered = JSON.stringify(root)
  for (const word of ["Daily", "Weekly", "Monthly", "All", "Current", "CSV", "ETag", "SSE-COS"]) {
    assert.ok(offered.includes(`"${word}"`), word)
  }
  const rule = (schedule: Json) => ({ rules: [{ id: "a", schedule }] })
  assert.ok(fits(rule({ frequency: "Hourly" })))
  assert.ok(!fits(rule({ frequency: 5 })))
})

test("rulesSchema accepts no rules in a document alone, and any hint for editors, as the reader does", async () => {
  for (
    const value of [{ rules: [] }, { $schema: 5, rules: [] }, { configurations: [] }, { version: 1, job: [] }, []]
  ) {
    const { code } = await invoke(["lint", "-"], { stdin: JSON.stringify(value) })
    assert.equal(fits(value), code === 0, JSON.stringify(value))
  }
})

prop(
  "rulesSchema accepts every rule that can be read, in a document, bare, in a list and in an envelope",
  Generated,
  (generated) => {
    const rule = ruleOf(generated)
    // Ids and buckets have a form, which these words from anywhere seldom have
    const named = { ...rule, id: "a", destination: { ...rule.destination, bucket: "reports-1250000000" } }
    const { monthlyDate: _, ...schedule } = named.schedule
    const written = writeJson(settled({ ...named, schedule }))
    const job = writeJson(settledJob(jobOf(named)))
    const whole = [written, job].every((value) =>
      fits(value) && fits([value]) && fits({ version: 1, bucket: "b", region: "r", configurations: [value] })
    )
    return whole && fits({ rules: [written] }) && fits({ version: 1, job })
  },
)

test("rulesSchema accepts the rules that SDKs send, in either shape", () => {
  for (const name of ruleSamples) {
    const [reading] = Result.getOrThrow(readXmlRules(sample(name)))
    const written = writeJson(settled({ ...reading!.draft, id: reading!.draft.id ?? "a" }))
    assert.ok(fits({ rules: [written] }), name)
  }
  const api = { Id: "a", IsEnabled: "true", Destination: { COSBucketDestination: { Bucket: "b", Format: "CSV" } } }
  for (const rule of [api, { ID: "a" }, { InventoryConfiguration: api }]) {
    assert.ok(fits(rule) && fits([rule]) && fits({ rules: [rule] }))
    assert.ok(!fits({ ...rule, id: "a" }) && !fits({ rules: [{ ...rule, Later: 1 }] }))
  }
  assert.ok(fits({ defaults: { Destination: api.Destination }, rules: [{ id: "a" }] }))
})

// Mutations of the document, at any place

const places = (
  value: unknown,
  path: ReadonlyArray<string | number> = [],
): ReadonlyArray<ReadonlyArray<string | number>> =>
  isObject(value)
    ? [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))]
    : Array.isArray(value)
    ? [path, ...value.flatMap((inner: unknown, i) => places(inner, [...path, i]))]
    : [path]

const changed = (
  value: unknown,
  path: ReadonlyArray<string | number>,
  change: (inner: unknown) => unknown,
): unknown => {
  const [step, ...rest] = path
  if (step === undefined) return change(value)
  if (Array.isArray(value)) return value.map((inner: unknown, i) => i === step ? changed(inner, rest, change) : inner)
  return { ...value as Json, [step]: changed((value as Json)[step], rest, change) }
}

const everywhere = places(document).filter((path) => path.length > 0)

test("rulesSchema accepts what is read without an error when any value of a document is another", () => {
  const others = [
    null,
    5,
    -1,
    true,
    "",
    "x",
    " x ",
    "a/b",
    "${name}",
    "${nam}",
    "2024-02-30T00:00:00Z",
    [],
    {},
    [null],
    "CSV",
  ]
  let accepted = 0
  for (const path of everywhere) {
    for (const other of others) {
      const mutant = changed(document, path, () => other)
      if (errorsIn(mutant).length > 0) continue
      accepted++
      assert.ok(fits(mutant), `${path.join(".")} = ${JSON.stringify(other)}`)
    }
  }
  assert.ok(accepted > 40, `${accepted} were read`)
})

test("rulesSchema accepts what is read without an error when any key of a document is left out", () => {
  let accepted = 0
  for (const path of everywhere.filter((one) => typeof one.at(-1) === "string")) {
    const mutant = changed(
      document,
      path.slice(0, -1),
      (inner) => Object.fromEntries(Object.entries(inner as Json).filter(([key]) => key !== path.at(-1))),
    )
    if (errorsIn(mutant).length > 0) continue
    accepted++
    assert.ok(fits(mutant), path.join("."))
  }
  assert.ok(accepted > 20, `${accepted} were read`)
})

test("rulesSchema refuses what the reader refuses when any key of a document is misspelt or one too many", () => {
  for (const path of everywhere.filter((one) => typeof one.at(-1) === "string")) {
    const key = String(path.at(-1))
    for (const slip of [`${key}x`, key.slice(1), `_${key}`, key.toUpperCase()]) {
      const mutant = changed(
        document,
        path.slice(0, -1),
        (inner) => Object.fromEntries(Object.entries(inner as Json).map(([k, v]) => [k === key ? slip : k, v])),
      )
      assert.ok(!fits(mutant), `${path.join(".")} as ${slip}`)
      assert.ok(errorsIn(mutant).length > 0, `${path.join(".")} as ${slip}`)
    }
  }
  for (const path of ["", ...everywhere].map((one) => one === "" ? [] : one as ReadonlyArray<string | number>)) {
    const mutant = changed(
      document,
      path,
      (inner) => isObject(inner) ? { ...inner, surplus: 1 } : [inner, { surplus: 1 }],
    )
    assert.ok(!fits(mutant), path.join("."))
    assert.ok(errorsIn(mutant).length > 0, path.join("."))
  }
})

test("rulesSchema refuses an id, a bucket, a region, a pattern of ids and a time that no rule could have", () => {
  const wrong: ReadonlyArray<readonly [path: ReadonlyArray<string | number>, value: string]> = [
    [["rules", 0, "id"], "a b"],
    [["rules", 0, "id"], "${nam}"],
    [["buckets", 0], "logs-1250000000@X"],
    [["buckets", 1], "logs"],
    [["buckets", 2, "match"], "Logs-*"],
    [["buckets", 2, "region"], "guangzhou"],
    [["manages", 0], "daily *"],
    [["rules", 1, "filter", "period", "startTime"], "2024-01-01"],
    [["rules", 1, "destination", "encryption"], "KMS"],
  ]
  for (const [path, value] of wrong) {
    const mutant = changed(document, path, () => value)
    assert.ok(!fits(mutant) && errorsIn(mutant).length > 0, `${path.join(".")} = ${value}`)
  }
  assert.ok(!fits(changed(document, ["rules", 1, "schedule", "monthlyDate"], () => 29)))
})

// The command line

test("schema prints the JSON Schema and nothing else, and its help has the line for editors", async () => {
  const { code, out, err } = await invoke(["schema"])
  assert.deepEqual([code, err, JSON.parse(out)], [0, "", root])
  assert.match((await invoke(["schema", "--help"])).out, /# yaml-language-server: \$schema=\S+\.json/u)
})

test("new rules prints a document that fits the schema and is planned without a word against it", async () => {
  const { code, out } = await invoke(["new", "rules", "--bucket", "logs-1250000000", "--region", "ap-beijing"])
  assert.equal(code, 0)
  assert.match(out, /^# yaml-language-server: \$schema=/u)
  const [source] = Result.getOrThrow(readYaml(out))
  assert.ok(fits(source!.value))
  assert.deepEqual(errorsIn(source!.value), [])
  const { selectors, manages, entries } = readRuleSet(source!)
  assert.deepEqual(selectors.map(({ bucket, region }) => [bucket, region]), [["logs-1250000000", "ap-beijing"]])
  assert.ok(manages.length > 0 && entries.some(({ protect }) => protect))
})

test("the package ships the schema under its own name", () => {
  const { exports, files, scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  const path = String(exports["./rules.schema.json"])
  assert.ok(files.includes(path.replace("./", "")))
  assert.match(scripts["build:schema"], new RegExp(`schema > ${path.replace("./", "")}$`, "u"))
  assert.ok(scripts.build.indexOf("build:schema") > scripts.build.indexOf("build:bundle"))
})

test("rulesSchema is a document of draft 2020-12 whose references all lead somewhere", () => {
  assert.equal(root["$schema"], "https://json-schema.org/draft/2020-12/schema")
  const references = [...JSON.stringify(root).matchAll(/"\$ref":"([^"]*)"/gu)].map(([, to]) => to!)
  assert.ok(references.length > 10)
  for (const to of references) assert.ok(Object.hasOwn(definitions, to.replace("#/$defs/", "")), to)
  for (const name of Object.keys(definitions)) assert.ok(references.includes(`#/$defs/${name}`), name)
  assert.ok(fits(writeJson(good)))
})
