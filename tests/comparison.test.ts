/** Laws of comparing two sets of rules, and of what a rule reaches. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { asPlanned, compare } from "../core/comparison.ts"
import { keyOfText } from "../core/key.ts"
import { isPending, plan } from "../core/plan/mod.ts"
import { selectionOf } from "../core/report/selection.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { isWholeBucket, isWithin, scopeOf } from "../core/scope.ts"
import { dice, Generated, ruleOf } from "./generated.ts"
import { prop } from "./harness.ts"
import { rule } from "./plan-shown.ts"

const ids = ["a", "b", "c", "d", "__proto__"] as const
const Side = Schema.Array(Schema.Struct({ id: Schema.Literals(ids), generated: Generated }))
const Sides = Schema.Struct({ left: Side, right: Side, shared: Side })

const sideOf = (side: typeof Side.Type): ReadonlyArray<InventoryConfiguration> => [
  ...new Map(side.map(({ id, generated }) => [id, { ...ruleOf(generated), id }])).values(),
]
const sidesOf = ({ left, right, shared }: typeof Sides.Type) =>
  [sideOf([...left, ...shared]), sideOf([...right, ...shared])] as const

prop("`compare` finds nothing when a side is held against itself in any order", Side, (side) => {
  const rules = sideOf(side)
  const { differences, same } = compare(rules, rules.toReversed())
  return differences.length === 0 && same === rules.length
})

prop("`compare` counts every id once when any sides are compared", Sides, (sides) => {
  const [left, right] = sidesOf(sides)
  const { differences, same } = compare(left, right)
  return differences.length + same === new Set([...left, ...right].map(({ id }) => id)).size &&
    differences.every(({ changes }) => changes.length > 0)
})

prop("`compare` turns around when its sides do", Sides, (sides) => {
  const [left, right] = sidesOf(sides)
  const kinds = { added: "removed", removed: "added", changed: "changed" } as const
  const fields = (changes: ReturnType<typeof compare>["differences"][number]["changes"], isBack: boolean) =>
    changes.map(({ path, before, after }) => JSON.stringify(isBack ? [path, after, before] : [path, before, after]))
      .toSorted()
  assert.deepEqual(
    compare(left, right).differences.map(({ id, kind, changes }) => [id, kind, fields(changes, false)]),
    compare(right, left).differences.map(({ id, kind, changes }) => [id, kinds[kind], fields(changes, true)]),
  )
  return true
})

prop(
  "`compare` finds what the plan writes, and rules of no document, when a bucket is held against what is planned for it",
  Sides,
  (sides) => {
    const [wanted, actual] = sidesOf(sides)
    const desired = { bucket: "a-1", region: "r-1", rules: wanted, protected: new Set<string>(), manages: [] }
    const planned = plan(desired, actual, { prune: false })
    const { differences } = compare(actual, asPlanned(desired, actual))
    const counts = (kind: string) => differences.filter((one) => one.kind === kind).length
    const steps = (action: string) => planned.steps.filter((step) => step.action === action).length
    return counts("added") === steps("create") && counts("changed") === steps("update") &&
      counts("removed") === steps("unmanaged") && isPending(planned) === (counts("added") + counts("changed") > 0)
  },
)

const prefixes = ["", "a", "a/", "a/b", "b"]
const rolled = (seed: number): InventoryConfiguration => {
  const roll = dice(seed)
  const [prefix, start, end] = [prefixes[roll(5)]!, roll(4), 3 + roll(4)]
  const tags = [{ key: "k", value: "1" }, { key: "k", value: "2" }, { key: "l", value: "" }].filter(() => roll(3) === 0)
  const [tag, ...more] = tags
  return rule("a", {
    includedObjectVersions: roll(2) === 0 ? "All" : "Current",
    filter: {
      ...(prefix === "" ? {} : { prefix }),
      ...(tag === undefined ? {} : { tags: [tag, ...more] }),
      ...(roll(3) > 0 ? {} : { storageClass: roll(2) === 0 ? "STANDARD" : "ARCHIVE" }),
      ...(roll(2) === 0 ? {} : { period: { startTime: start, endTime: end } }),
    },
  })
}

test("`isWithin` is true only when every object that the one rule reaches is reached by the other", () => {
  const objects = ["", "a", "a/", "a/b/c", "b", "c"].flatMap((key) =>
    ["STANDARD", "ARCHIVE"].flatMap((storageClass) =>
      [0, 2, 5, 9].flatMap((seconds) =>
        [true, false].map((isLatest, i) => ({
          isLatest,
          text: key,
          object: {
            key: keyOfText(key),
            versionId: "null",
            isDeleteMarker: false,
            lastModified: seconds * 1000,
            etag: "",
            size: 0,
            crc64: "",
            storageClass,
            headers: [],
            tags: [{ key: "k", value: String(1 + seconds % 2) }, { key: "l", value: i === 0 ? "" : "x" }],
            isMultipart: false,
          },
        }))
      )
    )
  )
  const reached = (one: InventoryConfiguration) => {
    const { isListed, isMatch } = selectionOf(one)
    return objects.filter(({ object, isLatest, text }) =>
      text.startsWith(one.filter?.prefix ?? "") && isListed(object, isLatest) && isMatch(object)
    )
  }
  let within = 0
  for (let seed = 0; seed < 3000; seed++) {
    const [inner, outer] = [rolled(seed * 2), seed % 3 === 0 ? rolled(seed * 2) : rolled(seed * 2 + 1)]
    if (!isWithin(scopeOf(inner), scopeOf(outer))) continue
    within++
    const wide = new Set(reached(outer))
    assert.ok(reached(inner).every((one) => wide.has(one)), JSON.stringify([inner, outer]))
  }
  assert.ok(within > 1000, `${within} of 3000`)
})

prop(
  "`isWithin` is true when the other rule is the same, or of the whole bucket in all versions",
  Generated,
  (generated) => {
    const one = ruleOf(generated)
    const { filter: _, extra: __, ...rest } = one
    const all = { ...rest, includedObjectVersions: "All" }
    return isWithin(scopeOf(one), scopeOf(one)) && isWithin(scopeOf(one), scopeOf(all)) && isWholeBucket(all)
  },
)
