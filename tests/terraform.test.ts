/** The bridge to Terraform and back, against a reader of HCL and a model of the provider that know nothing of it. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { isSame } from "../core/canonical.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import {
  fileComment,
  isSayable,
  makeNames,
  providerOf,
  readState,
  resourceText,
  resourceType,
  stringText,
  unsayable,
} from "../core/terraform/mod.ts"
import { Generated, good, ruleOf, settled } from "./generated.ts"
import { golden } from "./golden.ts"
import { prop } from "./harness.ts"
import { type Block, readHcl, stringOf } from "./hcl.ts"

const { filter: _, ...unfiltered } = good
/** All that the resource can say. */
const sayable: InventoryConfiguration = {
  ...unfiltered,
  filter: { prefix: "logs/", period: { startTime: 1568688761, endTime: 1568688762 } },
  schedule: { frequency: "Daily" },
}

const bucket = "logs-1250000000"

prop(
  "`stringText` is a string that says the same when it is read by the rules of HCL, whatever the text",
  Schema.Array(
    Schema.Union([
      Schema.String,
      Schema.Literals([
        "${",
        "%{",
        "$",
        "%",
        "{",
        "}",
        '"',
        "\\",
        "\\u0041",
        "\n",
        "\r",
        "\t",
        "\u0000",
        "\u202e",
        "😀",
      ]),
    ]),
  ),
  (parts) => {
    const text = parts.join("")
    if (!isSayable(text)) return text.normalize("NFC") !== text || /\p{Surrogate}/u.test(text)
    const written = stringText(text)
    return stringOf(written) === text && !/[^\\](?:\\\\)*[$%]$/u.test(written.slice(0, -1)) && !/\p{C}/u.test(written)
  },
  { runs: 2000 },
)

for (
  const [text, written] of [
    ["${a}", '"$${a}"'],
    ["%{if}", '"%%{if}"'],
    ["$${a}", '"\\u0024$${a}"'],
    ["$%{", '"\\u0024%%{"'],
    ["cost$", '"cost\\u0024"'],
    ["5% {", '"5% {"'],
    ["a\\${", '"a\\\\$${"'],
  ] as const
) {
  test(`\`stringText\` writes ${written} when the text is ${text}`, () => assert.equal(stringText(text), written))
}

/** The attributes that the provider would have of a resource block: lists of blocks, and texts. */
const attributesOf = ({ attributes, blocks }: Block): Record<string, unknown> => {
  const out: Record<string, unknown> = { ...attributes }
  for (const block of blocks) {
    assert.equal(Object.hasOwn(out, block.type), false, "MaxItems is 1")
    out[block.type] = [attributesOf(block)]
  }
  return out
}

const stateOf = (values: unknown) => ({
  format_version: "1.0",
  values: { root_module: { resources: [{ address: "a.b", mode: "managed", type: resourceType, name: "b", values }] } },
})

const Case = Schema.Struct({
  generated: Generated,
  id: Schema.Literals(["list1", "a.b-c_d", "007"]),
  frequency: Schema.Literals(["Daily", "Weekly"]),
  prefix: Schema.Literals(["", "${a}", '"', "日志/😀", "a\u202eb", "\\"]),
})

prop(
  "A resource says the whole rule when nothing of it is unsayable, and comes back from a state as it was",
  Case,
  ({ generated, id, frequency, prefix }) => {
    const { extra: _, ...whole } = settled(ruleOf(generated))
    const { period } = whole.filter ?? {}
    const rule = settled({
      ...whole,
      id,
      filter: { prefix: prefix + (whole.filter?.prefix ?? ""), ...(period === undefined ? {} : { period }) },
      schedule: { frequency },
    })
    if (unsayable(rule, "").length > 0) return !JSON.stringify(rule).isWellFormed() || !isPlain(rule)
    const [taken, resource, ...more] = readHcl(resourceText(bucket, rule, "x"))
    assert.deepEqual(more, [])
    assert.deepEqual(taken!.attributes, { to: { reference: `${resourceType}.x` }, id: `${bucket}#${id}` })
    assert.deepEqual(resource!.labels, [resourceType, "x"])
    const { buckets, findings } = readState(stateOf(attributesOf(resource!)))
    return findings.every(({ severity }) => severity === "warning") && buckets[0]?.ref.bucket === bucket &&
      isSame(buckets[0].rules[0]!, rule)
  },
)

/** Nothing that Terraform would rewrite, and no time that the provider would drop. */
const isPlain = (rule: InventoryConfiguration): boolean => {
  const { startTime, endTime } = rule.filter?.period ?? {}
  const text = JSON.stringify(rule)
  return text === text.normalize("NFC") && startTime !== 0 && endTime !== 0
}

test("`providerOf` is an address that Terraform takes, whatever a server says of the region", () => {
  assert.equal(providerOf("ap-guangzhou"), "tencentcloud.ap_guangzhou")
  assert.equal(providerOf('x"\n}${a}'), "tencentcloud.x_____a_")
})

test("A resource is as the golden file when the rule has every field that it can say", () => {
  golden(
    "export.tf.txt",
    [
      fileComment(bucket, "ap-guangzhou", 2),
      resourceText(bucket, sayable, "logs_1250000000_list1"),
      resourceText(
        bucket,
        { ...unfiltered, id: "bare", filter: { prefix: "${a}/" }, schedule: { frequency: "Weekly" } },
        "logs_1250000000_bare",
        "tencentcloud.ap_guangzhou",
      ),
    ].join("\n"),
  )
})

const { destination } = sayable
const losses: ReadonlyArray<readonly [path: string, rule: InventoryConfiguration]> = [
  ["id", { ...sayable, id: "a#b" }],
  ["id", { ...sayable, id: "a&prefix=b" }],
  ["filter.tags", { ...sayable, filter: { tags: [{ key: "a", value: "" }] } }],
  ["filter.storageClass", { ...sayable, filter: { storageClass: "STANDARD" } }],
  ["filter.period.startTime", { ...sayable, filter: { period: { startTime: 0 } } }],
  ["filter.period.endTime", { ...sayable, filter: { period: { endTime: 0 } } }],
  ["schedule.frequency", { ...sayable, schedule: { frequency: "Monthly", monthlyDate: 1 } }],
  ["extra[0]", { ...sayable, extra: [{ in: "/", xml: "<Later/>" }] }],
  ["filter.prefix", { ...sayable, filter: { prefix: "e\u0301/" } }],
  ["destination.prefix", { ...sayable, destination: { ...destination, prefix: "e\u0301/" } }],
  ["optionalFields[0]", { ...sayable, optionalFields: ["x-cos-meta-\u212b"] }],
]
for (const [path, rule] of losses) {
  const shown = JSON.stringify(path === "id" ? rule.id : Object.values(rule).at(-1)).slice(0, 40)
  test(`\`unsayable\` names ${path} when Terraform cannot keep it: ${shown}`, () => {
    assert.deepEqual(unsayable(rule, "f").map((f) => [f.path, f.severity, f.file]), [[path, "error", "f"]])
  })
}

test("`unsayable` has nothing against a rule when the resource can say all of it", () => {
  assert.deepEqual(unsayable(sayable, ""), [])
  assert.deepEqual(unsayable({ ...sayable, schedule: { frequency: "Weekly", monthlyDate: 3 } }, ""), [])
})

prop(
  "`makeNames` gives names that Terraform takes, no two resources share, and no order changes, whatever the ids",
  Schema.Array(Schema.Union([Schema.String, Schema.Literals(["a.b", "a-b", "a_b", "a_b_2", "", "1"])])),
  (ids) => {
    const names = makeNames()
    const given = ["1a-1", "a-1"].map((bucket) => names.of(bucket, ids))
    const turned = makeNames()
    const again = ["a-1", "1a-1"].map((bucket) => turned.of(bucket, ids.toReversed())).toReversed()
    const all = given.flatMap((some) => [...some.values()])
    assert.deepEqual(
      given.map((some) => new Map([...some].toSorted())),
      again.map((some) => new Map([...some].toSorted())),
    )
    return new Set(all).size === new Set(ids).size * 2 && all.every((name) => /^[A-Za-z_][A-Za-z0-9_-]*$/u.test(name))
  },
)

test("`makeNames` gives a rule the same name when the bucket of another one, before or behind it, is written alike", () => {
  const [names, turned] = [makeNames(), makeNames()]
  const one = [names.of("a-1", ["b"]).get("b"), names.of("a.1", ["b"]).get("b")]
  const other = [turned.of("a.1", ["b"]).get("b"), turned.of("a-1", ["b"]).get("b")]
  assert.deepEqual(other.toReversed(), one)
  assert.equal(one[0], "a_1_b")
})

/** What the provider keeps after it read a rule: every block, empty ones too. */
const attributes = (name: string, more: Record<string, unknown> = {}) => ({
  id: `${bucket}#${name}`,
  bucket,
  name,
  is_enabled: "true",
  included_object_versions: "Current",
  filter: [{ prefix: "logs/", period: [] }],
  optional_fields: [{ fields: ["ETag", "Size"] }],
  schedule: [{ frequency: "Daily" }],
  destination: [{
    bucket: "qcs::cos:ap-guangzhou::reports-1250000000",
    account_id: "",
    prefix: "",
    format: "CSV",
    encryption: [],
  }],
  ...more,
})

const shownState = {
  format_version: "1.0",
  terraform_version: "1.9.0",
  values: {
    outputs: {},
    root_module: {
      resources: [
        { address: `${resourceType}.one`, mode: "managed", type: resourceType, name: "one", values: attributes("one") },
        { address: "data.x.y", mode: "data", type: resourceType, name: "y", values: attributes("data") },
        { address: "tencentcloud_cos_bucket.z", mode: "managed", type: "tencentcloud_cos_bucket", values: {} },
        { address: "old", mode: "managed", type: resourceType, deposed_key: "00000001", values: attributes("old") },
      ],
      child_modules: [{
        address: "module.a",
        child_modules: [{
          address: "module.a.module.b",
          resources: ["x", "y"].map((key) => ({
            address: `module.a.module.b.${resourceType}.each["${key}"]`,
            mode: "managed",
            type: resourceType,
            name: "each",
            index: key,
            values: attributes(key),
          })),
        }],
      }],
    },
  },
}

const rawState = {
  version: 4,
  terraform_version: "1.9.0",
  serial: 7,
  lineage: "l",
  outputs: { secret: { value: "hunter2", type: "string" } },
  resources: [
    {
      mode: "managed",
      type: resourceType,
      name: "one",
      instances: [{ schema_version: 0, attributes: attributes("one") }],
    },
    { mode: "data", type: resourceType, name: "y", instances: [{ attributes: attributes("data") }] },
    { mode: "managed", type: "tencentcloud_cos_bucket", name: "z", instances: [{ attributes: {} }] },
    {
      mode: "managed",
      type: resourceType,
      name: "old",
      instances: [{ deposed: "00000001", attributes: attributes("old") }],
    },
    {
      module: "module.a.module.b",
      mode: "managed",
      type: resourceType,
      name: "each",
      instances: ["x", "y"].map((key) => ({ index_key: key, attributes: attributes(key) })),
    },
  ],
}

test("`readState` reads managed resources of every module and instance when the state is shown or raw", () => {
  for (const state of [shownState, rawState]) {
    const { buckets, findings } = readState(state)
    assert.deepEqual(buckets.map(({ ref }) => ref), [{ bucket, region: "ap-guangzhou" }])
    assert.deepEqual(buckets[0]!.rules.map(({ id }) => id), ["one", "x", "y"])
    assert.deepEqual(buckets[0]!.rules[0], {
      id: "one",
      isEnabled: true,
      includedObjectVersions: "Current",
      filter: { prefix: "logs/" },
      optionalFields: ["ETag", "Size"],
      schedule: { frequency: "Daily" },
      destination: { bucket: "qcs::cos:ap-guangzhou::reports-1250000000", format: "CSV" },
    })
    assert.deepEqual(findings.map(({ code }) => code), ["terraform-deposed"])
  }
})

/** One resource of a state, and what `readState` makes of it. */
const readOne = (more: Record<string, unknown>) => {
  const { buckets, findings } = readState(stateOf(attributes("one", more)))
  return { rule: buckets[0]?.rules[0], codes: findings.map(({ code, path }) => `${code} ${path}`), findings }
}

test("`readState` warns that the prefix may be lost when the state has none", () => {
  for (const filter of [[], [{}], [null], [{ prefix: "", period: [] }], null, undefined]) {
    const { rule, codes, findings } = readOne({ filter })
    assert.deepEqual(codes, ["terraform-prefix filter.prefix"])
    assert.match(findings[0]!.fix, /Run plan/u)
    assert.equal(rule?.filter, undefined)
  }
})

test("`readState` takes encryption by the presence of its block", () => {
  for (const encryption of [[{ sse_cos: "" }], [{ sse_cos: "111" }], [{}], [null]]) {
    assert.equal(
      readOne({ destination: [{ ...attributes("x").destination[0], encryption }] }).rule?.destination.encryption,
      "SSE-COS",
    )
  }
  for (const encryption of [[], null]) {
    assert.equal(
      readOne({ destination: [{ ...attributes("x").destination[0], encryption }] }).rule?.destination.encryption,
      undefined,
    )
  }
})

test("`readState` reads times of a period and switches in any case", () => {
  const { rule, codes } = readOne({
    is_enabled: "False",
    filter: [{ prefix: "a", period: [{ start_time: "1687276800", end_time: "" }] }],
  })
  assert.deepEqual(codes, [])
  assert.equal(rule?.isEnabled, false)
  assert.deepEqual(rule?.filter, { prefix: "a", period: { startTime: 1687276800 } })
})

const odd: ReadonlyArray<readonly [code: string, more: Record<string, unknown>]> = [
  ["terraform-attribute is_enabled", { is_enabled: "yes" }],
  ["terraform-attribute filter", { filter: [{ prefix: "a" }, { prefix: "b" }] }],
  ["terraform-attribute filter", { filter: { prefix: "a" } }],
  ["terraform-attribute filter.prefix", { filter: [{ prefix: 1 }] }],
  ["terraform-attribute filter.period.start_time", { filter: [{ prefix: "a", period: [{ start_time: "soon" }] }] }],
  ["terraform-attribute optional_fields.fields", { optional_fields: [{ fields: [1] }] }],
  ["terraform-incomplete schedule.frequency", { schedule: [] }],
  ["terraform-incomplete bucket", { bucket: "../../etc" }],
  ["terraform-incomplete id", { name: "" }],
]
for (const [code, more] of odd) {
  test(`\`readState\` leaves a rule out and says ${code} when it is ${JSON.stringify(more)}`, () => {
    const { rule, codes, findings } = readOne(more)
    assert.equal(rule, undefined)
    assert.equal(codes.includes(code), true, codes.join(", "))
    assert.equal(findings.some(({ severity }) => severity === "error"), true)
  })
}

test("`readState` names an unknown attribute, and never its value", () => {
  const { rule, codes, findings } = readOne({
    secret_thing: "hunter2",
    empty: "",
    filter: [{ prefix: "a", tag: "hunter2" }],
  })
  assert.notEqual(rule, undefined)
  assert.deepEqual(codes, ["terraform-odd secret_thing", "terraform-odd filter.tag"])
  assert.doesNotMatch(JSON.stringify(findings), /hunter2/u)
})

test("`readState` takes the first when two resources are one rule, and says so", () => {
  const [first] = shownState.values.root_module.resources
  const { buckets, findings } = readState({
    format_version: "1.0",
    values: { root_module: { resources: [first, { ...first, address: "twin" }] } },
  })
  assert.equal(buckets[0]?.rules.length, 1)
  assert.deepEqual(findings.map(({ code, file }) => [code, file]), [["terraform-twice", "twin"]])
})

test("`readState` says no region, and warns, when the destinations are in several", () => {
  const far = [{ ...attributes("x").destination[0], bucket: "qcs::cos:ap-beijing::reports-1250000000" }]
  const { buckets, findings } = readState({
    version: 4,
    resources: [{
      mode: "managed",
      type: resourceType,
      name: "a",
      instances: [{ attributes: attributes("a") }, { index_key: 1, attributes: attributes("b", { destination: far }) }],
    }],
  })
  assert.deepEqual(buckets[0]?.ref, { bucket })
  assert.deepEqual(findings.map(({ code }) => code).filter((code) => code === "terraform-regions"), [
    "terraform-regions",
  ])
})

for (
  const [what, state] of [
    ["null", null],
    ["a list", []],
    ["text", "state"],
    ["an object of something else", { version: 4 }],
    ["of version 3", { version: 3, resources: [] }],
    ["shown in format 2", { format_version: "2.0", values: {} }],
    ["a plan", { format_version: "1.2", planned_values: {}, prior_state: shownState }],
    ["encrypted", { encrypted_data: "x", encryption_version: "v0" }],
  ] as const
) {
  test(`\`readState\` refuses what is no state: ${what}`, () => {
    const { buckets, findings } = readState(state)
    assert.deepEqual(buckets, [])
    assert.deepEqual(findings.map(({ code, severity }) => [code, severity]), [["terraform-state", "error"]])
  })
}

test("`readState` says so when a state has no rule", () => {
  for (const state of [{ format_version: "1.0" }, { version: 4, resources: [] }]) {
    assert.deepEqual(readState(state).findings.map(({ code }) => code), ["terraform-none"])
  }
})

test("`readState` walks modules that are nested a hundred thousand deep", () => {
  let module: unknown = { resources: shownState.values.root_module.resources }
  for (let i = 0; i < 100_000; i++) module = { child_modules: [module] }
  assert.equal(readState({ format_version: "1.0", values: { root_module: module } }).buckets[0]?.rules.length, 1)
})
