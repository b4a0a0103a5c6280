/** The order of a plan's writes in a full bucket: what is deleted first is few, and soon has something in its place. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { applyPlan, makeLedger } from "../core/apply.ts"
import { maxRulesPerBucket } from "../core/limits.ts"
import { isWrite, phasesOf, plan, replacedAtOnce } from "../core/plan/mod.ts"
import { dice, goodRule } from "./generated.ts"
import { effect, prop } from "./harness.ts"
import { at, bench, carriedOut, type Pair } from "./plan-world.ts"

const named = (name: string, count: number, prefix = "a") =>
  Array.from({ length: count }, (_, i) => goodRule(`${name}-${i}`, prefix))

/** About so many rules that stay, are changed, go and come, in a bucket that they fill or nearly fill. */
const crowd = (seed: number): Pair => {
  const roll = dice(seed)
  const [stale, created] = [roll(40), roll(40)]
  const there = maxRulesPerBucket + 3 - roll(roll(2) === 0 ? 6 : 40)
  const kept = named("kept", there - stale)
  const changed = new Set(kept.filter(() => roll(200) === 0))
  const rules = kept.map((rule) => changed.has(rule) ? { ...rule, isEnabled: !rule.isEnabled } : rule)
  return {
    desired: { ...at, rules: [...named("new", created), ...rules], protected: new Set(), manages: ["stale-*"] },
    actual: [...named("stale", stale), ...kept],
    prune: true,
  }
}

prop(
  "`phasesOf` never leaves a bucket short of more than a few rules until all are created, nor lets it pass its limit",
  Schema.Int,
  (seed) => {
    const pair = crowd(seed)
    const made = plan(pair.desired, pair.actual, pair)
    if (made.over !== undefined) return true
    const before = pair.actual.length
    const isKnown = new Set([...pair.actual, ...pair.desired.rules].map(({ id }) => id))
    for (const bucket of carriedOut(made, pair.actual, dice(seed + 1))) {
      assert.ok(bucket.size <= Math.max(before, maxRulesPerBucket), `${bucket.size} rules`)
      assert.ok([...bucket.keys()].every((id) => isKnown.has(id)))
      if (pair.desired.rules.every(({ id }) => bucket.has(id))) continue
      const least = Math.min(before, maxRulesPerBucket) - replacedAtOnce
      assert.ok(bucket.size >= least, `${bucket.size} of ${before} rules, while some are still to come`)
    }
    return true
  },
  { runs: 60 },
)

prop("`phasesOf` holds every write of a plan once, whatever is marked to go first", Schema.Int, (seed) => {
  const pair = crowd(seed)
  const { steps } = plan(pair.desired, pair.actual, pair)
  const roll = dice(seed)
  const marked = steps.map((step) =>
    step.action === "delete" && roll(4) === 0 ? { action: step.action, id: step.id, before: step.before } : step
  )
  for (const some of [steps, marked]) {
    const writes = phasesOf({ steps: some }).flat()
    assert.equal(new Set(writes).size, writes.length)
    assert.deepEqual(new Set(writes), new Set(some.filter(isWrite)))
  }
  return true
}, { runs: 60 })

test("`phasesOf` replaces a few rules at a time when a whole bucket is replaced", () => {
  const made = plan(
    { ...at, rules: named("new", 1000), protected: new Set(), manages: ["*"] },
    named("old", 1000),
    { prune: true },
  )
  const phases = phasesOf(made)
  assert.equal(phases.length, 2 * Math.ceil(1000 / replacedAtOnce))
  for (const [i, phase] of phases.entries()) {
    assert.ok(phase.length <= replacedAtOnce)
    assert.ok(phase.every(({ action }) => action === (i % 2 === 0 ? "delete" : "create")))
  }
})

effect(
  "applyPlan deletes no more than a few rules when COS refuses every rule that is to take the place of one",
  Effect.gen(function* () {
    const old = named("old", 1000)
    const made = plan({ ...at, rules: named("new", 1000), protected: new Set(), manages: ["*"] }, old, { prune: true })
    const { held, fault, run } = yield* bench(old)
    fault({ match: { operation: "PutBucketInventory" }, code: "AccessDenied", times: 10_000 })
    for (let i = 0; i < 3; i++) yield* run(applyPlan(at, made, makeLedger(), { parallel: 8 }))
    assert.equal(held().size, 1000 - replacedAtOnce)
  }),
)
