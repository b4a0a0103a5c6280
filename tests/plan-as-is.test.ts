/** Rules that are written as they are: COS judges what they mean, and nothing is lost of them on the way. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { applyPlan, makeLedger } from "../core/apply.ts"
import { type CallError, putInventoryAsIs } from "../core/client.ts"
import { isError } from "../core/lint/mod.ts"
import { type BucketPlan, plan, readPlan, resultOf, writePlan } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { goodRule } from "./generated.ts"
import { effect } from "./harness.ts"
import { at, bench } from "./plan-world.ts"
import { reply, scripted } from "./scripted.ts"

const narrow = goodRule("a", "logs/")
const odd: InventoryConfiguration = { ...narrow, schedule: { frequency: "Hourly" } }
/** Written, it would look at the whole bucket: an empty prefix is none. */
const widened: InventoryConfiguration = { ...narrow, filter: { prefix: "" } }
const lost: InventoryConfiguration = { ...narrow, extra: [{ in: "/Nowhere", xml: "<Later/>" }] }

const asIs = (rules: ReadonlyArray<InventoryConfiguration>, actual: ReadonlyArray<InventoryConfiguration>) =>
  plan({ ...at, rules, protected: new Set(), manages: [] }, actual, { prune: false, asIs: true })

/** As somebody leaves it who changes a plan, its checksum and all. */
const edited = (made: BucketPlan, after: InventoryConfiguration): BucketPlan => ({
  ...made,
  steps: made.steps.map((step) => step.action === "create" ? { ...step, after } : step),
})

test("`readPlan` of a plan as it is judges what would be lost of a rule, and leaves the rest to COS", () => {
  const made = asIs([odd], [])
  const codes = (one: BucketPlan) =>
    readPlan({ value: JSON.parse(JSON.stringify(writePlan({ prune: false, buckets: [one] }))) }).findings
      .filter(isError).map(({ code, path }) => [code, path])
  assert.deepEqual(codes(made), [])
  assert.deepEqual(codes(edited(made, widened)), [["filter-empty", "plan.buckets[0].steps[0].after.filter.prefix"]])
  assert.deepEqual(codes(edited(made, lost)), [["extra-form", "plan.buckets[0].steps[0].after.extra[0].in"]])
  assert.deepEqual(codes(asIs([lost], [{ ...lost, isEnabled: false }])), [])
})

const codesOf = (error: CallError): ReadonlyArray<string> =>
  error._tag === "InvalidInput"
    ? error.findings.map(({ code }) => code)
    : [error._tag === "CosError" ? error.code : error._tag]

effect(
  "putInventoryAsIs sends nothing when something of the rule would be lost, unless the rule before it has that",
  Effect.gen(function* () {
    const server = scripted(reply(""), reply(""))
    yield* server.provide(putInventoryAsIs(at, odd))
    assert.equal(server.sent.length, 1)
    for (const [rule, code] of [[widened, "filter-empty"], [lost, "extra-form"]] as const) {
      for (const before of [undefined, narrow, odd]) {
        const failure = yield* Effect.flip(server.provide(putInventoryAsIs(at, rule, before)))
        assert.deepEqual(codesOf(failure), [code])
      }
    }
    const moved = yield* Effect.flip(server.provide(putInventoryAsIs(at, odd, { ...odd, id: "b" })))
    assert.deepEqual(codesOf(moved), ["id-changed"])
    assert.equal(server.sent.length, 1)
    yield* server.provide(putInventoryAsIs(at, { ...lost, isEnabled: false }, lost))
    assert.equal(server.sent.length, 2)
  }),
)

effect(
  "applyPlan of a plan as it is asks COS about odd rules, and never about one that would reach more than it says",
  Effect.gen(function* () {
    for (const [rule, error, asked] of [[odd, "InvalidArgument", 1], [widened, "filter-empty", 0]] as const) {
      for (const actual of [[], [{ ...narrow, isEnabled: false }]]) {
        const made = asIs([rule], actual)
        const { run, sent } = yield* bench(actual)
        const ledger = makeLedger()
        yield* run(applyPlan(at, made, ledger))
        assert.equal(resultOf(made, ledger.answers).state, "failed")
        assert.deepEqual(codesOf(ledger.errors.get("a")!), [error])
        assert.equal(sent.filter(({ method }) => method === "PUT").length, asked)
      }
    }
  }),
)
