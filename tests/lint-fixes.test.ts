/** What lint tells people to write, written: the finding is gone, and nothing new stands in its place. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import type { Finding } from "../core/lint/mod.ts"
import { readRuleSet } from "../core/ruleset/mod.ts"
import { splitPath } from "../core/wire/json.ts"
import { cases } from "./lint-cases.ts"
import { document, findingsOf, rule } from "./lint-world.ts"

type Json = { [key: string | number]: Json }

/** The one thing that a fix says to write; undefined where it says anything else. */
const literal = ({ fix }: Finding): string | undefined =>
  /^Write (\S+)$/u.exec(fix)?.[1] ?? /^Did you mean "([^"]+)"\?$/u.exec(fix)?.[1]

const placesOf = (value: object): ReadonlyArray<Json> => {
  const { rules, defaults } = value as { rules?: ReadonlyArray<Json>; defaults?: Json }
  return rules === undefined ? [value as Json] : [...rules, ...defaults === undefined ? [] : [defaults]]
}

/** Sets what a path leads to, wherever a text stands there; how often it did. */
const write = (value: object, path: string, text: string): number =>
  placesOf(value).filter((place) => {
    const parts = splitPath(path)
    const inner = parts.slice(0, -1).reduce<Json | undefined>((at, part) => at?.[part], place)
    const last = parts.at(-1) ?? ""
    if (typeof inner?.[last] !== "string") return false
    ;(inner as Record<string | number, unknown>)[last] = text
    return true
  }).length

const briefOf = (findings: ReadonlyArray<Finding>, path: string) =>
  findings.filter((finding) => finding.path === path && finding.code !== "report-expiry").map(({ code }) => code)
    .toSorted()

const to = (bucket: string, rest: object = {}) =>
  document([{ ...rule, destination: { bucket, format: "CSV", ...rest } }])
const fields = (...optionalFields: ReadonlyArray<string>) => document([{ ...rule, optionalFields }])
const more: ReadonlyArray<object> = [
  to("inventory-1250000000@ap-guangzhou"),
  to("inventory-1250000000.cos.ap-guangzhou.myqcloud.com"),
  to("https://inventory-1250000000.cos.ap-guangzhou.myqcloud.com/"),
  to("inventory-1250000000@ap-beijing"),
  to("cos://inventory-1250000000/x/"),
  to("cos://inventory-1250000000//x"),
  to("cos://inventory-1250000000//x/"),
  to("inventory-1250000000", { prefix: "/x/" }),
  fields("Sise"),
  fields("size"),
  fields("Size", "size"),
  fields("size", "Size"),
  fields("Sise", "size"),
  document([{ ...rule, filter: { prefix: "/logs/*" } }]),
  document([{ ...rule, filter: { prefix: "/*" } }]),
]

test("lint has no finding any more, and no new one in its place, when its fix is written as it says", () => {
  let tried = 0
  for (const documents of [...Object.values(cases).flatMap(({ fires }) => fires), ...more.map((one) => [one])]) {
    const before = findingsOf(documents)
    for (const finding of before) {
      const text = literal(finding)
      if (text === undefined) continue
      const [only, ...others]: ReadonlyArray<object> = structuredClone(documents)
      if (others.length > 0 || write(only!, finding.path, text) !== 1) continue
      tried++
      const had = briefOf(before, finding.path)
      const left = briefOf(findingsOf([only!]), finding.path)
      assert.equal(left.length < had.length, true, `${finding.code} at ${finding.path}: ${finding.fix}: ${left}`)
      assert.deepEqual(left.filter((code) => !had.includes(code)), [], `${finding.code}: ${finding.fix}`)
    }
  }
  assert.equal(tried > 20, true, String(tried))
})

const fixOf = (value: object): ReadonlyArray<readonly [path: string, fix: string]> =>
  findingsOf([value]).filter(({ code }) => code !== "report-expiry").map(({ path, fix }) => [path, fix])

test("lint says how a destination is to be written when it is one in another form", () => {
  const bucket = "destination.bucket"
  const said = (given: string) => fixOf(to(given, { prefix: "x" }))
  assert.deepEqual(said("inv"), [[bucket, "Write inv-<appid>, with the owner's APPID"]])
  for (
    const given of [
      "inv-1@ap-guangzhou",
      "inv-1.cos.ap-guangzhou.myqcloud.com",
      "https://inv-1.cos.ap-guangzhou.tencentcos.cn/",
    ]
  ) {
    assert.deepEqual(said(given), [[bucket, "Write inv-1"]])
  }
  assert.deepEqual(said("inv-1@ap-beijing"), [
    [bucket, "Choose a bucket in ap-guangzhou, or correct the source bucket's region"],
  ])
  assert.deepEqual(fixOf(to("cos://inv-1250000000/x/")), [[bucket, "Write cos://inv-1250000000/x"]])
})

test("lint says to quote a time when YAML has read it as one already", () => {
  const period = { startTime: new Date("2019-09-17T02:52:41.500Z") }
  const { entries } = readRuleSet({ value: { rules: [{ ...rule, filter: { period } }] } })
  assert.deepEqual(entries[0]!.reading.findings.map(({ fix }) => fix), [
    'Put quotes around it, as in "2019-09-17T02:52:41Z"',
  ])
})

test("lint says one thing of a field that is misspelled when the right one stands beside it", () => {
  const codes = (...list: ReadonlyArray<string>) =>
    findingsOf([fields(...list)]).filter(({ code }) => code !== "report-expiry").map((
      { code, edit },
    ) => [code, edit?.value])
  assert.deepEqual(codes("Size", "size"), [["field-known", undefined]])
  assert.deepEqual(codes("size", "Size"), [["field-known", undefined]])
  assert.deepEqual(codes("size", "size"), [["field-known", "Size"], ["field-known", undefined]])
  assert.deepEqual(codes("Size", "Size"), [["field-repeated", undefined]])
})
