/** Plans against a model: which rules are written, which never, in what order, and what they cost. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { fingerprint, isSame } from "../core/canonical.ts"
import { maxRulesPerBucket } from "../core/limits.ts"
import { type BucketPlan, changedSince, countsOf, isPending, isWrite, phasesOf, plan } from "../core/plan/mod.ts"
import type { InventoryConfiguration, Tag } from "../core/rule.ts"
import { variantOf } from "./canonical-variants.ts"
import { dice, good } from "./generated.ts"
import { prop } from "./harness.ts"
import { afterAll, at, carriedOut, type Pair, somePair, someRule, unfinished, violation } from "./plan-world.ts"

const paired = (seed: number) => {
  const roll = dice(seed)
  const pair = somePair(roll)
  return { roll, pair, made: plan(pair.desired, pair.actual, pair) }
}
const Seeds = Schema.Int
const many = { runs: 400 }

prop(
  "`plan` writes what differs and deletes what it may, and nothing else, when any rules are held against any",
  Seeds,
  (seed) => {
    const { pair: { desired, actual, prune }, made } = paired(seed)
    const present = new Map(actual.map((rule) => [rule.id, rule]))
    const wanted = new Set(desired.rules.map(({ id }) => id))
    const expected = [
      ...desired.rules.map((rule) => {
        const before = present.get(rule.id)
        if (before === undefined) return `create ${rule.id}`
        // What the document does not speak of is taken from the bucket
        const whole = {
          ...rule,
          ...(rule.extra === undefined && before.extra?.[0] !== undefined ? { extra: before.extra } : {}),
          ...(desired.protected.has(rule.id) && before.isEnabled ? { isEnabled: true } : {}),
        }
        return `${isSame(before, whole) ? "keep" : "update"} ${rule.id}`
      }),
      ...actual.filter(({ id }) => !wanted.has(id)).map(({ id }) => {
        const isManaged = desired.manages.some((glob) => glob === "*" || id.startsWith(glob.slice(0, -1)))
        return `${prune && isManaged && !desired.protected.has(id) ? "delete" : "unmanaged"} ${id}`
      }),
    ]
    assert.deepEqual(made.steps.map(({ action, id }) => `${action} ${id}`), expected)
    return true
  },
  many,
)

prop(
  "`plan` ends as wanted and hurts nothing on the way when its phases are carried out in any order",
  Seeds,
  (seed) => {
    const { roll, pair, made } = paired(seed)
    for (const bucket of carriedOut(made, pair.actual, roll)) assert.equal(violation(pair, bucket), undefined)
    const after = new Map(afterAll(made, pair.actual, roll).map((rule) => [rule.id, rule]))
    assert.equal(unfinished(pair, after), undefined)
    return true
  },
  many,
)

prop("`plan` has nothing left to write when a bucket is as another plan left it", Seeds, (seed) => {
  const { roll, pair, made } = paired(seed)
  const after = afterAll(made, pair.actual, roll).map((rule) => variantOf(rule, roll))
  const again = plan(pair.desired, after, pair)
  assert.deepEqual(again.steps.filter(isWrite), [])
  return !isPending(again) && countsOf([again]).keep === pair.desired.rules.length
}, many)

prop("`plan` completes what is left and repeats no write when the one before was stopped anywhere", Seeds, (seed) => {
  const { roll, pair, made } = paired(seed)
  const total = made.steps.filter(isWrite).length
  const stop = roll(total + 1)
  let reached: ReadonlyArray<InventoryConfiguration> = pair.actual
  let writes = -1
  for (const bucket of carriedOut(made, pair.actual, roll)) {
    if (++writes === stop) reached = [...bucket.values()]
  }
  const next = plan(pair.desired, reached, pair)
  assert.equal(next.steps.filter(isWrite).length, total - stop)
  const after = new Map(afterAll(next, reached, roll).map((rule) => [rule.id, rule]))
  assert.equal(unfinished(pair, after), undefined)
  return true
}, many)

prop("`plan` stays the same when what is there comes in another order and writing", Seeds, (seed) => {
  const { roll, pair, made } = paired(seed)
  const other = plan(pair.desired, pair.actual.map((rule) => variantOf(rule, roll)).toReversed(), pair)
  const sorted = ({ steps }: BucketPlan) => steps.map(({ action, id }) => `${action} ${id}`).toSorted()
  assert.deepEqual(sorted(other), sorted(made))
  return other.untouched === made.untouched
}, many)

prop("`plan` keeps the fingerprint of what it does not touch when it is made", Seeds, (seed) => {
  const { pair, made } = paired(seed)
  const touched = new Set(made.steps.filter(isWrite).map(({ id }) => id))
  return made.untouched === fingerprint(pair.actual.filter(({ id }) => !touched.has(id)))
})

prop(
  "`plan` says what changes when a step is an update",
  Seeds,
  (seed) => paired(seed).made.steps.every((step) => step.action !== "update" || step.changes.length > 0),
)

/** Numbers of rules about the limit: how many are there, how many of them may go, how many are to come. */
const Crowd = Schema.Struct({ seed: Schema.Int })

const crowd = (seed: number) => {
  const roll = dice(seed)
  const there = maxRulesPerBucket - roll(4)
  const stale = roll(6)
  const created = roll(8)
  const foreign = roll(3)
  const named = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...good, id: `${name}-${i}` }))
  const kept = named("kept", there - stale - foreign)
  const pair: Pair = {
    desired: { ...at, rules: [...kept, ...named("new", created)], protected: new Set(), manages: ["stale-*"] },
    actual: [...kept, ...named("foreign", foreign), ...named("stale", stale)],
    prune: roll(4) > 0,
  }
  return { roll, there, created, deletable: pair.prune ? stale : 0, pair, made: plan(pair.desired, pair.actual, pair) }
}

prop(
  "`plan` deletes first just as many as must make room when a bucket would pass its limit",
  Crowd,
  ({ seed }) => {
    const { roll, there, created, deletable, pair, made } = crowd(seed)
    const needed = Math.max(0, there + created - maxRulesPerBucket)
    const firsts = made.steps.filter((step) => step.action === "delete" && step.first === true).length
    assert.equal(firsts, created === 0 ? 0 : Math.min(needed, deletable))
    assert.equal(made.over, created > 0 && needed > deletable ? needed - deletable : undefined)
    if (made.over !== undefined) return true
    for (const bucket of carriedOut(made, pair.actual, roll)) {
      if (bucket.size > maxRulesPerBucket) return false
    }
    return true
  },
  { runs: 60 },
)

test("`plan` is over by as much as a bucket would pass its limit when it creates, and by nothing when it does not", () => {
  const rules = (count: number) => Array.from({ length: count }, (_, i) => ({ ...good, id: `rule-${i}` }))
  const over = (wanted: number, there: number) =>
    plan({ ...at, rules: rules(wanted), protected: new Set(), manages: [] }, rules(there), { prune: false }).over
  assert.equal(over(1000, 1000), undefined)
  assert.equal(over(1000, 0), undefined)
  assert.equal(over(1001, 0), 1)
  assert.equal(over(1001, 1000), 1)
  assert.equal(over(1003, 500), 3)
  assert.equal(over(1, 1000), undefined)
  // A bucket that is over already can still be corrected
  assert.equal(over(1, 1005), undefined)
})

test("`phasesOf` updates, deletes what makes room, creates in the documents' order, then deletes the rest, when a bucket is nearly full", () => {
  const roll = dice(7)
  const stale = Array.from({ length: 3 }, (_, i) => ({ ...good, id: `stale-${i}` }))
  const full = Array.from({ length: 996 }, (_, i) => ({ ...good, id: `kept-${i}` }))
  const changed = { ...good, id: "changed" }
  const wanted = [{ ...good, id: "new-b" }, { ...changed, isEnabled: false }, { ...good, id: "new-a" }]
  const made = plan(
    { ...at, rules: [...wanted, ...full], protected: new Set(), manages: ["*"] },
    [...full, ...stale, changed],
    { prune: true },
  )
  assert.deepEqual(phasesOf(made).map((phase) => phase.map(({ action, id }) => `${action} ${id}`)), [
    ["update changed"],
    ["delete stale-0", "delete stale-1"],
    ["create new-b", "create new-a"],
    ["delete stale-2"],
  ])
  assert.equal(Math.max(...[...carriedOut(made, [...full, ...stale, changed], roll)].map(({ size }) => size)), 1000)
  assert.deepEqual(phasesOf({ steps: [] }), [])
})

test("`plan` enables a rule and never disables it when it is protected", () => {
  const off = { ...good, isEnabled: false }
  const of = (wanted: InventoryConfiguration, there: InventoryConfiguration) =>
    plan({ ...at, rules: [wanted], protected: new Set([good.id]), manages: [] }, [there], { prune: true }).steps
  assert.deepEqual(of(off, good), [{ action: "keep", id: good.id }])
  const [changed] = of({ ...off, includedObjectVersions: "Current" }, good)
  assert.ok(changed?.action === "update")
  assert.equal(changed.after.isEnabled, true)
  assert.deepEqual(changed.changes.map(({ path }) => path), ["includedObjectVersions"])
  assert.deepEqual(of(off, off), [{ action: "keep", id: good.id }])
  const [enabled] = of(good, off)
  assert.ok(enabled?.action === "update")
  assert.equal(enabled.after.isEnabled, true)
})

const unknown = (extra: ReadonlyArray<readonly [place: string, xml: string]>, some: object = {}) =>
  ({
    ...good,
    ...some,
    extra: extra.map(([place, xml]) => ({ in: place, xml })),
  }) as unknown as InventoryConfiguration

const stepOf = (wanted: InventoryConfiguration, there: InventoryConfiguration) => {
  const [step] = plan({ ...at, rules: [wanted], protected: new Set(), manages: [] }, [there], { prune: false }).steps
  assert.ok(step !== undefined)
  return step
}

test("`plan` takes an unknown element for no drift and keeps it in updates when a document does not speak of any", () => {
  const there = unknown([["/Filter", "<Owner>me</Owner>"], ["/", "<Later/>"], ["/Schedule", "<At>3</At>"]])
  assert.deepEqual(stepOf(good, there), { action: "keep", id: good.id })
  for (const wanted of [{ ...good, isEnabled: false }, { ...good, filter: { prefix: "other" } }]) {
    const step = stepOf(wanted, there)
    assert.ok(step.action === "update")
    assert.deepEqual(step.after.extra, there.extra)
    assert.ok(step.changes.every(({ path }) => path !== "extra"))
  }
  const { filter: _, ...whole } = good
  const widened = stepOf(whole, there)
  assert.ok(widened.action === "update")
  assert.deepEqual(widened.after.extra, there.extra)
})

test("`plan` writes the unknown elements of a document, and those alone, when it names some", () => {
  const there = unknown([["/Filter", "<Owner>me</Owner>"], ["/", "<Later/>"]])
  const step = stepOf(unknown([["/", "<Later/>"]]), there)
  assert.ok(step.action === "update")
  assert.deepEqual(step.changes, [{
    path: "extra",
    before: [{ in: "/", xml: "<Later/>" }, { in: "/Filter", xml: "<Owner>me</Owner>" }],
    after: [{ in: "/", xml: "<Later/>" }],
  }])
  assert.equal(stepOf(there, there).action, "keep")
  assert.equal(stepOf(there, good).action, "update")
})

test("`plan` moves what a tag holds with it, or to the tag of that key, when tags are changed, and lets it go when it goes", () => {
  const [age, team] = [{ key: "age", value: "18" }, { key: "team", value: "a" }]
  const tagged = (...tags: ReadonlyArray<Tag>) => ({ filter: { tags } }) as unknown as Partial<InventoryConfiguration>
  const there = unknown([["/Filter/And/Tag[1]", "<X/>"], ["/Filter/And/Tag[2]", "<Y/>"]], tagged(age, team))
  assert.equal(stepOf({ ...good, ...tagged(team, age) }, there).action, "keep")
  const extraOf = (...tags: ReadonlyArray<Tag>) => {
    const step = stepOf({ ...good, ...tagged(...tags), isEnabled: false }, there)
    assert.ok(step.action === "update")
    return (step.after.extra ?? []).map(({ in: place, xml }) => `${place} ${xml}`)
  }
  assert.deepEqual(extraOf(team, age), ["/Filter/And/Tag[2] <X/>", "/Filter/And/Tag[1] <Y/>"])
  assert.deepEqual(extraOf({ ...age, value: "19" }), ["/Filter/And/Tag[1] <X/>"])
  assert.deepEqual(extraOf({ key: "other", value: "" }), [])
})

test("`plan` lets unknown elements go with the encryption when it is taken away", () => {
  const { encryption: _, ...plain } = good.destination
  const there = unknown([["/Destination/COSBucketDestination/Encryption/SSE-COS", "<KeyId>1</KeyId>"]])
  const step = stepOf({ ...good, destination: plain }, there)
  assert.ok(step.action === "update")
  assert.equal(step.after.extra, undefined)
  assert.deepEqual(step.changes.map(({ path }) => path), ["destination.encryption", "extra"])
  assert.equal(stepOf({ ...good, destination: plain }, step.after).action, "keep")
})

test("`plan` and `changedSince` take a rule as one when a list brought it twice", () => {
  const stale = { ...good, id: "stale" }
  const there = [good, stale, good, stale]
  const made = plan({ ...at, rules: [], protected: new Set(), manages: ["stale"] }, there, { prune: true })
  assert.deepEqual(made.steps.map(({ action, id }) => `${action} ${id}`), ["unmanaged list1", "delete stale"])
  for (const listed of [there, [good, stale], [stale, good, good]]) {
    assert.deepEqual(changedSince(made, listed), { ids: [], others: false })
  }
  assert.deepEqual(changedSince(made, [{ ...good, isEnabled: false }, stale]), { ids: [], others: true })
  assert.deepEqual(changedSince(made, [good, { ...stale, isEnabled: false }]), { ids: ["stale"], others: false })
})

/** How often anybody looks at the ids of so many rules. */
const looks = (count: number): number => {
  let seen = 0
  const counted = (rule: InventoryConfiguration): InventoryConfiguration =>
    Object.defineProperty({ ...rule }, "id", { enumerable: true, get: () => (seen++, rule.id) })
  const roll = dice(count)
  const rules = Array.from({ length: count }, (_, i) => someRule(`rule-${i}`, roll))
  const wanted = rules.map((rule, i) => counted(i % 3 === 0 ? { ...rule, includedObjectVersions: "x" } : rule))
  const there = rules.map((rule, i) => counted(i % 5 === 0 ? { ...rule, id: `stale-${i}` } : rule))
  plan({ ...at, rules: wanted, protected: new Set(), manages: ["stale-*"] }, there, { prune: true })
  return seen
}

test("`plan` looks at each rule no oftener when there are ten times as many", () => {
  const [few, lots] = [looks(100) / 100, looks(1000) / 1000]
  assert.ok(few > 1)
  assert.ok(lots < few * 1.2, `${few} looks at each of 100 rules, and ${lots} at each of 1000`)
})
