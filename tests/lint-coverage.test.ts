/** Which rules list what others list already: all that a look at every pair finds, for a look at few. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { coverage, type Scan, scanOf } from "../core/advice/beside/coverage.ts"
import { isWithin, type Scope } from "../core/scope.ts"
import type { Draft } from "../core/rule.ts"
import { readingOf } from "../core/wire/reading.ts"
import { dice, good } from "./generated.ts"

const scansOf = (rules: ReadonlyArray<Draft>): ReadonlyArray<Scan> =>
  rules.map((rule, order) =>
    scanOf({ reading: readingOf({ ...good, id: `r${order}`, ...rule }), kind: "configuration", protect: false }, order)
  )

/** Small worlds, in which scopes often lie within each other and ids often repeat. */
const smallRule = (roll: (below: number) => number): Draft => ({
  id: `r${roll(12)}`,
  includedObjectVersions: ["All", "Current"][roll(2)]!,
  filter: {
    prefix: ["", "a", "a/", "a/b", "b"][roll(5)]!,
    ...(roll(2) === 0 ? {} : { storageClass: ["STANDARD", "ARCHIVE"][roll(2)]! }),
    tags: ["x", "y", "z"].filter(() => roll(3) === 0).map((key) => ({ key, value: String(roll(2)) })),
    period: { startTime: 1_600_000_000 + roll(6), endTime: 1_700_000_000 + roll(6) },
  },
})

const idOf = ({ wanted }: Scan) => wanted.reading.draft.id

test("`coverage` finds each scan within another one, and one that it is within, as a look at every pair does", () => {
  let found = 0
  for (let seed = 0; seed < 400; seed++) {
    const roll = dice(Math.imul(seed, 0x9e3779b1))
    const all = scansOf(Array.from({ length: 2 + roll(30) }, () => smallRule(roll)))
    // One list held against itself, and against another one
    const [inner, outer] = roll(2) === 0 ? [all, all] : [all.slice(0, all.length / 2), all.slice(all.length / 2)]
    const comes = (a: Scan, b: Scan) => inner !== outer || a.order < b.order || !isWithin(a.scope, b.scope)
    const expected = inner.filter((scan) =>
      outer.some((o) => o !== scan && idOf(o) !== idOf(scan) && isWithin(scan.scope, o.scope) && comes(o, scan))
    )
    const pairs = [...coverage(inner, outer)]
    assert.deepEqual(
      pairs.map(([scan]) => scan.order).toSorted((a, b) => a - b),
      expected.map(({ order }) => order),
      `seed ${seed}`,
    )
    for (const [scan, other] of pairs) {
      assert.equal(outer.includes(other) && idOf(other) !== idOf(scan) && isWithin(scan.scope, other.scope), true)
    }
    found += pairs.length
  }
  assert.equal(found > 400, true)
})

const count = 2000
const sliding = (i: number) => ({ startTime: 1_500_000_000 + i, endTime: 1_600_000_000 + i })

/** Scopes of which none lies within another, although each is alike to all. */
const crowds: Readonly<Record<string, (i: number) => Draft>> = {
  "periods slide over one prefix": (i) => ({ filter: { period: sliding(i) } }),
  "storage classes differ": (i) => ({ filter: { storageClass: `CLASS_${i}` } }),
  "prefixes are nested and periods slide": (i) => ({ filter: { prefix: "a".repeat(i), period: sliding(i) } }),
  "prefixes are nested and tags differ": (i) => ({
    filter: { prefix: "a".repeat(i), tags: [{ key: "all", value: "" }, { key: `t${i}`, value: "" }] },
  }),
}

for (const [what, ruleAt] of Object.entries(crowds)) {
  test(`\`coverage\` takes few looks for each scan when ${what}`, () => {
    let looks = 0
    const watched = (scope: Scope): Scope =>
      new Proxy(scope, {
        get: (target, key) => {
          if (key === "end" || key === "tags") looks++
          return target[key as keyof Scope]
        },
      })
    const scans = scansOf(Array.from({ length: count }, (_, i) => ruleAt(i)))
      .map((scan) => ({ ...scan, scope: watched(scan.scope) }))
    assert.deepEqual([...coverage(scans, scans)], [])
    assert.equal(looks < count * 100, true, String(looks))
  })
}
