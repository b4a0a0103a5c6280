/** Laws of lint: it never throws, judges each rule by itself, finds what looking at every pair would find, and says a thing once. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { advise, codes, lintTargets } from "../core/advice/mod.ts"
import { type AdviceContext, byPlace, type Finding, isError, lint } from "../core/lint/mod.ts"
import { reportLocation } from "../core/location.ts"
import type { Draft } from "../core/rule.ts"
import type { Target, Wanted } from "../core/ruleset/mod.ts"
import { type Reading, readingOf } from "../core/wire/reading.ts"
import { isSame } from "../core/canonical.ts"
import { dice, Generated, good, ruleOf } from "./generated.ts"
import { prop } from "./harness.ts"
import { codesOf, document, findingsOf, now, rule } from "./lint-world.ts"

const context: AdviceContext = {
  kind: "configuration",
  region: "ap-guangzhou",
  bucket: "examplebucket-1250000000",
  now,
}

/** A reading that knows where it stands, and of which some may be unreadable. */
const readingAt = (draft: Draft, line: number, unread: ReadonlyArray<string> = []): Reading => ({
  ...readingOf(draft),
  unread: new Set(unread),
  position: () => ({ line, column: 1 }),
  file: "rules.yaml",
})

const wantedOf = (reading: Reading, kind: Wanted["kind"] = "configuration"): Wanted => ({
  reading,
  kind,
  protect: false,
})

const targetOf = (wanted: ReadonlyArray<Wanted>, bucket = "examplebucket-1250000000"): Target => ({
  bucket,
  region: "ap-guangzhou",
  wanted,
  manages: [],
  findings: [],
})

prop(
  "`advise` says all that `lint` does, and neither it nor `lintTargets` fails, when a rule is of any shape",
  Schema.Struct({
    generated: Schema.Array(Generated),
    kind: Schema.Literals(["configuration", "job"]),
    lost: Schema.Array(Schema.Literals(["filter", "filter.prefix", "destination", "id", "optionalFields", ""])),
  }),
  ({ generated, kind, lost }) => {
    const readings = generated.map((g, i) => readingAt(ruleOf(g), i + 1, lost))
    const alone = readings.every((reading) => {
      const said = advise(reading, { ...context, kind })
      return lint(reading, { kind, region: "ap-guangzhou" }).every((f) =>
        said.some((s) => s.code === f.code && s.path === f.path)
      ) && said.every((f) => f.path === "" || ![...lost].some((path) => path !== "" && f.path.startsWith(`${path}.`)))
    })
    lintTargets([targetOf(readings.map((r) => wantedOf(r, kind)))], { now })
    return alone
  },
)

prop(
  "`lintTargets` finds the same errors in a rule when others stand beside it, but for those about several rules",
  Schema.Struct({ one: Generated, others: Schema.Array(Generated) }),
  ({ one, others }) => {
    const first = readingAt(ruleOf(one), 1)
    const beside = others.map((g, i) => wantedOf(readingAt(ruleOf(g), i + 2)))
    const errors = (findings: ReadonlyArray<Finding>) =>
      findings.filter((f) => isError(f) && f.position?.line === 1 && f.code !== "id-repeated")
        .map(({ bucket: _, buckets: __, ...f }) => f)
    assert.deepEqual(
      errors(lintTargets([targetOf([wantedOf(first), ...beside])], { now })),
      errors(lintTargets([targetOf([wantedOf(first)])], { now })),
    )
    return true
  },
)

const frequencies = [{ frequency: "Daily" }, { frequency: "Weekly" }, { frequency: "Monthly", monthlyDate: 2 }] as const

/** Small worlds, in which rules often cover each other. */
const smallRule = (roll: (below: number) => number, i: number): Draft => ({
  ...good,
  id: `r${i}`,
  isEnabled: roll(8) > 0,
  includedObjectVersions: roll(2) === 0 ? "All" : "Current",
  schedule: frequencies[roll(3)]!,
  filter: {
    prefix: ["", "a", "a/", "a/b", "b", "ab"][roll(6)]!,
    ...(roll(3) > 0 ? {} : { storageClass: ["STANDARD", "ARCHIVE"][roll(2)]! }),
    tags: ["x", "y", "z"].filter(() => roll(5) === 0).map((key) => ({ key, value: String(roll(2)) })),
    period: {
      ...(roll(5) === 0 ? { startTime: 1_600_000_000 + roll(3) } : {}),
      ...(roll(5) === 0 ? { endTime: 1_700_000_000 + roll(3) } : {}),
    },
  },
})

/** Whether every object that one lists is listed by the other, told from their words alone. */
const isCovered = ({ filter: b = {}, ...inner }: Draft, { filter: a = {}, ...outer }: Draft): boolean =>
  (b.prefix ?? "").startsWith(a.prefix ?? "") &&
  (outer.includedObjectVersions === "All" || inner.includedObjectVersions === "Current") &&
  (a.storageClass === undefined || a.storageClass === b.storageClass) &&
  (a.tags ?? []).every(({ key, value }) => (b.tags ?? []).some((tag) => tag.key === key && tag.value === value)) &&
  (a.period?.startTime ?? 0) <= (b.period?.startTime ?? 0) &&
  (a.period?.endTime ?? Infinity) >= (b.period?.endTime ?? Infinity)

test("`lintTargets` finds what a look at every pair finds when rules list objects twice", () => {
  let found = 0
  for (let seed = 0; seed < 150; seed++) {
    const roll = dice(Math.imul(seed, 0x9e3779b1))
    const rules = Array.from({ length: 2 + roll(20) }, (_, i) => smallRule(roll, i))
    const expected = rules.filter((rule, i) =>
      rule.isEnabled === true &&
      rules.some((other, j) =>
        i !== j && other.isEnabled === true && other.schedule?.frequency === rule.schedule?.frequency &&
        isCovered(rule, other) && (j < i || !isCovered(other, rule))
      )
    )
    const findings = lintTargets([targetOf(rules.map((r, i) => wantedOf(readingAt(r, i + 1))))], { now })
      .filter(({ code }) => code === "scanned-twice")
    assert.deepEqual(findings.map((f) => f.found), expected.map((r) => r.id), `seed ${seed}`)
    found += findings.length
  }
  assert.equal(found > 100, true)
})

test("`lintTargets` finds what a look at every pair finds when report paths lie inside others", () => {
  const prefixes = ["", "a", "a/1250000000/b0/r0", "a/1250000000/b0/r0/", "1250000000/b1/r1", "a/1250000000"]
  let found = 0
  for (let seed = 0; seed < 100; seed++) {
    const roll = dice(Math.imul(seed, 0x9e3779b1))
    const targets = [0, 1].map((b) =>
      targetOf(
        [0, 1, 2].map((r) =>
          wantedOf(
            readingAt(
              { ...good, id: `r${r}`, destination: { ...good.destination, prefix: prefixes[roll(6)]! } },
              b * 3 + r + 1,
            ),
          )
        ),
        `b${b}-1250000000`,
      )
    )
    const paths = targets.flatMap(({ bucket, wanted }) =>
      wanted.map(({ reading: { draft } }, i) => ({
        line: Number(bucket[1]) * 3 + i + 1,
        path: reportLocation(bucket, {
          id: draft.id!,
          destination: { bucket: good.destination.bucket, prefix: draft.destination!.prefix! },
        })!.prefix,
      }))
    )
    const expected = paths.filter((inner) =>
      paths.some((outer) => outer !== inner && inner.path.startsWith(outer.path))
    )
    const findings = lintTargets(targets, { now }).filter(({ code }) => code === "report-path-shared")
    assert.deepEqual(findings.map((f) => f.position?.line), expected.map(({ line }) => line), `seed ${seed}`)
    found += findings.length
  }
  assert.equal(found > 20, true)
})

test("`lintTargets` has one finding with the first bucket and their number when a file is for many", () => {
  const names = Array.from({ length: 200 }, (_, i) => `b${i}-1250000000@ap-guangzhou`)
  const noisy = { ...rule, id: "${name}-daily", isEnabled: false }
  const findings = findingsOf([document([noisy], { buckets: names })])
  assert.deepEqual(codesOf(findings).toSorted(), ["report-expiry", "rule-disabled"])
  const disabled = findings.find(({ code }) => code === "rule-disabled")
  assert.deepEqual([disabled?.bucket, disabled?.buckets], ["b0-1250000000", 200])
})

test("`lintTargets` names the first bucket that has a finding when others of its file have not", () => {
  const names = ["a-1250000000@ap-guangzhou", "b-1250000000@ap-beijing-fsi", "c-1250000000@ap-shanghai-fsi"]
  const found = findingsOf([document([rule], { buckets: names })]).filter(({ code }) => code === "finance-region")
  assert.deepEqual(found.map(({ bucket, buckets }) => [bucket, buckets]), [["b-1250000000", 2]])
})

test("`lintTargets` names no bucket when a file is for one", () => {
  assert.deepEqual(findingsOf([document([rule])]).map(({ bucket }) => bucket), [undefined])
})

test("`lintTargets` orders findings by file, line and column when there are several files", () => {
  const documents = [document([{ ...rule, id: "a b" }, rule]), document([{ ...rule, isEnabled: false }])]
  const findings = findingsOf(documents)
  assert.deepEqual(findings, findings.toSorted(byPlace))
  assert.equal(new Set(findings.map(({ file }) => file)).size, 2)
})

/** What `advise` would change, and what it leaves alone because nobody knows what is meant. */
const edits: ReadonlyArray<
  readonly [change: object, ...expected: ReadonlyArray<readonly [path: string, value?: unknown]>]
> = [
  [{ schedule: { frequency: "daily" } }, ["schedule.frequency", "Daily"]],
  [{ schedule: { frequency: "Dayly" } }],
  [{ schedule: { frequency: "Daily", monthlyDate: 3 } }],
  // A monthly date says that Monthly is meant
  [{ schedule: { frequency: "monthly", monthlyDate: 3 } }, ["schedule.frequency", "Monthly"]],
  [{ schedule: { frequency: "Monthly", monthlyDate: 31 } }],
  [{ includedObjectVersions: "current" }, ["includedObjectVersions", "Current"]],
  [{ destination: { ...good.destination, format: "csv" } }, ["destination.format", "CSV"]],
  [{ destination: { ...good.destination, format: "ORC" } }],
  [{ optionalFields: ["Tag", "size"] }, ["optionalFields[1]", "Size"]],
  [{ optionalFields: ["Tag", "last_modified_date"] }, ["optionalFields[1]", "LastModifiedDate"]],
  [{ optionalFields: ["Tag", "Sise"] }],
  [{ optionalFields: ["Tag", "Size", "Size"] }, ["optionalFields[2]"]],
  [{ optionalFields: ["Size"] }, ["optionalFields[1]", "Tag"]],
  [{ optionalFields: undefined }, ["optionalFields", ["Tag"]]],
  // The tag is there, and only misspelled
  [{ optionalFields: ["tag"] }, ["optionalFields[0]", "Tag"]],
  [
    { filter: { tags: [{ key: "a", value: "1" }, { key: "b", value: "1" }, { key: "a", value: "1" }] } },
    ["filter.tags[2]"],
  ],
  [{ filter: { tags: [{ key: "a", value: "1" }, { key: "a", value: "2" }] } }],
  [{ filter: { period: { startTime: 1_568_688_761_000 } } }, ["filter.period.startTime", 1_568_688_761]],
  [{ filter: { period: { startTime: 1_568_688_761_000_000 } } }],
  [{ filter: { period: { startTime: 2_000_000_000, endTime: 1_900_000_000 } } }],
  [{ destination: { ...good.destination, prefix: "a/" } }, ["destination.prefix", "a"]],
  [{ destination: { ...good.destination, prefix: "a//" } }],
  [{ destination: { ...good.destination, prefix: "/" } }],
  [{ id: "a b" }],
]

test("`advise` has an edit when the mend is certain, and none when it is a guess", () => {
  for (const [change, ...expected] of edits) {
    const found = advise(readingOf({ ...good, ...change } as Draft), context).flatMap(({ edit }) =>
      edit === undefined ? [] : [edit]
    )
    const wanted = expected.map(([path, value]) => ({ path, ...(value === undefined ? {} : { value }) }))
    assert.deepEqual(found, wanted, JSON.stringify(change))
  }
})

test("`advise` has an edit that leaves the rule what it is when a destination prefix ends in a separator", () => {
  for (const prefix of ["a/", "a/b/", "腾讯/"]) {
    const rule = { ...good, destination: { ...good.destination, prefix } }
    const value = advise(readingOf(rule), context).find((f) => f.code === "destination-prefix-slash")?.edit?.value
    assert.equal(typeof value, "string")
    assert.equal(isSame(rule, { ...rule, destination: { ...rule.destination, prefix: String(value) } }), true)
  }
})

test("`lintTargets` leaves out the edit of a prefix when variables were replaced in it", () => {
  const slash = { ...rule, destination: { ...rule.destination, prefix: "${name}/" } }
  const found = findingsOf([document([slash])]).find(({ code }) => code === "destination-prefix-slash")
  assert.equal(found?.found, "examplebucket/")
  assert.equal(found?.edit, undefined)
})

/** Documents whose keys are known and whose values are anything, so that readers get past the first of them. */
const wild = (roll: (below: number) => number, depth: number): unknown => {
  const kind = roll(depth === 0 ? 6 : 8)
  if (kind < 6) return wildValues[roll(wildValues.length)]
  if (kind === 6) return Array.from({ length: roll(3) }, () => wild(roll, depth - 1))
  return wildObject(roll, depth - 1)
}
const wildObject = (roll: (below: number) => number, depth: number) =>
  Object.fromEntries(Array.from({ length: roll(8) }, () => [wildKeys[roll(wildKeys.length)]!, wild(roll, depth)]))
const wildKeys =
  "id isEnabled includedObjectVersions filter prefix tags key value storageClass period startTime endTime optionalFields schedule frequency monthlyDate destination bucket accountId format encryption extra in xml protect Filter And constructor"
    .split(" ")
const wildValues = [
  null,
  true,
  false,
  0,
  -1,
  1e21,
  20240101,
  1568688761000,
  "",
  "/",
  "a/",
  "*",
  "${name}",
  "${",
  "$${name}",
  "Daily",
  "monthly",
  "All",
  "CSV",
  "examplebucket-1250000000",
  "cos://examplebucket-1250000000/a/",
  "qcs::cos:ap-guangzhou::examplebucket-1250000000",
  "Size",
  "tag",
  "__proto__",
  "\ud800",
  "\u0000",
  "2030-01-01T00:00:00Z",
]

const severities = new Map(codes.map(({ code, severity }) => [code, severity]))

test("`lintTargets` gives whole findings and never fails when values of a document are anything", () => {
  let found = 0
  for (let seed = 0; seed < 1500; seed++) {
    const roll = dice(Math.imul(seed, 0x9e3779b1))
    const documents = Array.from(
      { length: 1 + roll(2) },
      () =>
        document(Array.from({ length: roll(4) }, () => ({ ...(roll(2) === 0 ? rule : {}), ...wildObject(roll, 3) })), {
          manages: [wild(roll, 1)],
          defaults: roll(2) === 0 ? wildObject(roll, 3) : {},
        }),
    )
    const findings = findingsOf(documents)
    for (const { code, severity, message, allowed, fix, source } of findings) {
      assert.equal(severity, severities.get(code), `seed ${seed}: ${code}`)
      for (const text of [code, message, allowed, fix, source]) assert.notEqual(text, "", `seed ${seed}`)
    }
    found += findings.length
  }
  assert.equal(found > 1000, true)
})
