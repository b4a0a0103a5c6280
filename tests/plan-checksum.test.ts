/** Plan files that were cut off or edited: none is carried out as another plan than the one that was made. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readJsonText } from "../adapters/json/mod.ts"
import { readYaml, writeYaml } from "../adapters/yaml/mod.ts"
import { isError } from "../core/lint/mod.ts"
import { isPlan, type Plan, plan, readPlan, writePlan } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { dice, Generated, goodRule, ruleOf, settled } from "./generated.ts"
import { prop } from "./harness.ts"

const forms = {
  json: {
    write: (document: unknown) => JSON.stringify(document, null, 2),
    read: (text: string) => Result.map(readJsonText(text), (source) => [source]),
  },
  yaml: {
    write: (document: unknown) => writeYaml(document).trimEnd(),
    read: (text: string) => readYaml(text),
  },
}
type Form = keyof typeof forms

/** The plan that a text would be carried out as, if it would. */
const carriedOut = (text: string, form: Form): Plan | undefined => {
  const read = forms[form].read(text)
  if (Result.isFailure(read) || read.success.length > 1 || !isPlan(read.success[0]!.value)) return undefined
  const { plan, findings } = readPlan(read.success[0]!)
  return findings.some(isError) ? undefined : plan
}

const made = (
  wanted: ReadonlyArray<InventoryConfiguration>,
  actual: ReadonlyArray<InventoryConfiguration>,
  asIs = true,
): Plan => ({
  prune: true,
  buckets: ["first-1250000000", "second-1250000000"].map((bucket, i) =>
    plan(
      {
        bucket,
        region: "ap-guangzhou",
        rules: i === 0 ? wanted : wanted.slice(1),
        protected: new Set(),
        manages: ["*-2"],
      },
      actual,
      { prune: true, asIs },
    )
  ),
})

const Case = Schema.Struct({
  rules: Schema.Array(Schema.Struct({ before: Generated, after: Generated })),
  seed: Schema.Int,
  form: Schema.Literals(["json", "yaml"]),
})

prop(
  "a plan file in which a line is missing or a character is another is refused, or reads as the same plan",
  Case,
  ({ rules, seed, form }) => {
    const roll = dice(seed)
    const rule = (one: typeof Generated.Type, i: number) => settled({ ...ruleOf(one), id: `rule-${i}` })
    const some = rules.slice(0, 2)
    const todo = made(some.map(({ after }, i) => rule(after, i)), some.slice(1).map(({ before }, i) => rule(before, i)))
    const failures = [{ bucket: "third-1250000000", region: "ap-guangzhou", error: { message: "No" } }]
    const text = forms[form].write(writePlan(todo, roll(2) === 0 ? {} : { failures }))
    assert.deepEqual(carriedOut(text, form), todo)
    const lines = text.split("\n")
    const without = (i: number) => lines.toSpliced(i, 1).join("\n")
    const other = (i: number) => {
      const signs = ["0", "1", "a", " ", '"', "-", ":", "\n", "#", "", text[i + 1] ?? ""]
      return text.slice(0, i) + signs[roll(signs.length)]! + text.slice(i + 1)
    }
    const changed = [
      ...Array.from({ length: 10 }, () => without(roll(lines.length))),
      ...Array.from({ length: 30 }, () => other(roll(text.length))),
      ...Array.from({ length: 5 }, () => text.slice(0, roll(text.length))),
      lines.slice(0, roll(lines.length)).join("\n"),
      without(lines.length - 1),
    ]
    for (const one of changed) {
      const found = carriedOut(one, form)
      if (found !== undefined) assert.deepEqual(found, todo, one)
    }
    return true
  },
  { runs: 8 },
)

const sample = made([goodRule("daily-1", "logs/")], [goodRule("daily-2", "old/")], false)
// deno-lint-ignore no-explicit-any -- a document that is edited in every way
const codesOf = (edit: (document: any) => unknown): ReadonlyArray<string> => {
  const document = structuredClone(writePlan(sample))
  edit(document)
  return readPlan({ value: document }).findings.filter(isError).map(({ code, path }) => `${code} ${path}`)
}

test("`writePlan` ends with its checksum, over what stands beside the plan too", () => {
  for (const beside of [{}, { failures: [{}] }]) assert.equal(Object.keys(writePlan(sample, beside)).at(-1), "checksum")
  assert.notEqual(writePlan(sample)["checksum"], writePlan(sample, { failures: [{}] })["checksum"])
})

test("`readPlan` takes a plan whose keys stand in another order, and no other change of it", () => {
  const turned = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(turned)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).toReversed().map(([key, inner]) => [key, turned(inner)]))
      : value
  assert.deepEqual(readPlan({ value: turned(writePlan(sample)) }), { plan: sample, findings: [] })
  assert.deepEqual(codesOf(() => {}), [])
  const differs = ["checksum-differs checksum"]
  assert.deepEqual(codesOf((d) => delete d.plan.buckets[0].steps[0].after.filter), differs)
  assert.deepEqual(codesOf((d) => d.plan.buckets[0].steps[0].after.filter.prefix = "log"), differs)
  assert.deepEqual(codesOf((d) => d.plan.buckets[0].untouched = "1"), differs)
  assert.deepEqual(codesOf((d) => d.plan.buckets.reverse()), differs)
  assert.deepEqual(codesOf((d) => d.failures = [{ bucket: "a-1", region: "ap-guangzhou", error: {} }]), differs)
  assert.deepEqual(codesOf((d) => d.checksum = "0"), differs)
  assert.deepEqual(codesOf((d) => d.checksum = 0), ["wrong-type checksum"])
  assert.deepEqual(codesOf((d) => delete d.checksum), ["required checksum"])
})

test("`readPlan` refuses deletes in a plan that does not prune, a plan without counts, and failures that are no list", () => {
  assert.deepEqual(codesOf((d) => d.plan.prune = false), [
    "delete-unasked plan.buckets[0].steps[1]",
    "delete-unasked plan.buckets[1].steps[0]",
  ])
  assert.deepEqual(codesOf((d) => delete d.plan.counts), ["required plan.counts"])
  for (const failures of [{}, [], null, 1, "none"]) {
    assert.deepEqual(codesOf((d) => d.failures = failures), ["wrong-type failures"], JSON.stringify(failures))
  }
})

test("`readPlan` takes a plan of no bucket at all", () => {
  const none: Plan = { prune: false, buckets: [] }
  assert.deepEqual(readPlan({ value: writePlan(none) }), { plan: none, findings: [] })
})
