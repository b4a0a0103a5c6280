/** A COS that adds to the rules that it takes something that nobody here knows: what was written still counts as done. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import { open, transportOf } from "../adapters/memory/mod.ts"
import { applyPlan, makeLedger } from "../core/apply.ts"
import { Hashing, type Send, Transport } from "../core/ports.ts"
import { changedSince, isPending, isWrite, plan, resultOf, standingOf } from "../core/plan/mod.ts"
import { allInventories } from "../core/client.ts"
import type { Extra, InventoryConfiguration } from "../core/rule.ts"
import { dice, goodRule } from "./generated.ts"
import { effect, prop } from "./harness.ts"
import { afterAll, at, somePair } from "./plan-world.ts"

const owner: Extra = { in: "/Destination/COSBucketDestination", xml: "<Owner>x</Owner>" }
const later: Extra = { in: "/", xml: "<Later>1</Later>" }
const withAdded = (rule: InventoryConfiguration): InventoryConfiguration =>
  rule.extra === undefined ? { ...rule, extra: [owner, later] } : rule

prop("`standingOf` takes every write as done when COS added elements to rules that had none", Schema.Int, (seed) => {
  const roll = dice(seed)
  const pair = somePair(roll)
  const made = plan(pair.desired, pair.actual, pair)
  const before = new Map(pair.actual.map((rule) => [rule.id, rule]))
  const touched = new Set(made.steps.filter(isWrite).map(({ id }) => id))
  const after = afterAll(made, pair.actual, roll).map((rule) => touched.has(rule.id) ? withAdded(rule) : rule)
  const held = new Map(after.map((rule) => [rule.id, rule]))
  for (const write of made.steps.filter(isWrite)) {
    assert.equal(standingOf(write, before.get(write.id)), "ready", write.id)
    assert.equal(standingOf(write, held.get(write.id)), "done", write.id)
  }
  assert.deepEqual(changedSince(made, after), { ids: [], others: false })
  // As the next plan has it
  return !isPending(plan(pair.desired, after, pair))
}, { runs: 300 })

test("`standingOf` takes a rule as changed when it differs in more than what COS added", () => {
  const [wanted, other] = [goodRule("a", "new/"), goodRule("a", "else/")]
  const create = { action: "create", id: "a", after: wanted } as const
  assert.equal(standingOf(create, withAdded(wanted)), "done")
  assert.equal(standingOf(create, withAdded(other)), "changed")
  assert.equal(standingOf(create, undefined), "ready")
  const explicit = { ...create, after: { ...wanted, extra: [later] as const } }
  assert.equal(standingOf(explicit, withAdded(wanted)), "changed")
  assert.equal(standingOf(explicit, { ...wanted, extra: [later] }), "done")
})

effect(
  "applyPlan is done, and done again, when COS shows an element that nobody sent",
  Effect.gen(function* () {
    const cos = yield* open({
      buckets: [{ name: at.bucket, region: at.region, rules: [goodRule("changed", "old/"), goodRule("gone", "a/")] }],
      keys: [],
      verifySignatures: false,
    }).pipe(Effect.provideService(Hashing, hashes))
    const inner = transportOf(cos)
    const adding: Send = {
      send: (request) =>
        Effect.map(inner.send(request), (response) => {
          if (request.method !== "GET" || !(response.body instanceof Uint8Array)) return response
          const xml = new TextDecoder().decode(response.body)
            .replaceAll("<Owner>x</Owner>", "").replaceAll("<Format>", "<Owner>x</Owner><Format>")
          return { ...response, body: new TextEncoder().encode(xml) }
        }),
    }
    const run = <A, E>(call: Effect.Effect<A, E, Transport | Hashing>) =>
      call.pipe(Effect.provideService(Transport, adding), Effect.provideService(Hashing, hashes))
    const desired = {
      ...at,
      rules: [goodRule("new", "a/"), goodRule("changed", "new/")],
      protected: new Set<string>(),
      manages: ["*"],
    }
    const made = plan(desired, yield* run(allInventories(at)), { prune: true })
    for (const expected of ["done", "done earlier"]) {
      const ledger = makeLedger()
      yield* run(applyPlan(at, made, ledger))
      const { state, writes } = resultOf(made, ledger.answers)
      assert.equal(state, "done")
      assert.deepEqual(writes.map(({ action, result }) => `${action} ${result}`).toSorted(), [
        `create ${expected}`,
        `delete ${expected}`,
        `update ${expected}`,
      ])
    }
  }),
)
