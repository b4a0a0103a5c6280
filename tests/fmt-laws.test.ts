/** What formatting keeps, whatever the file: its meaning and its comments; and that once is enough. */
import { strict as assert } from "node:assert"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatted } from "../adapters/formatting/mod.ts"
import { commentsIn, readYaml } from "../adapters/yaml/mod.ts"
import { readRuleSet, type RuleSet } from "../core/ruleset/mod.ts"
import { writeJson } from "../core/wire/json.ts"
import { dice, Generated, ruleOf } from "./generated.ts"
import { prop } from "./harness.ts"
import { written } from "./yaml-written.ts"

type Value = Parameters<typeof written>[0][number]

const Case = Schema.Struct({
  rules: Schema.Tuple([Generated, Generated]),
  seed: Schema.Int,
  shape: Schema.Literals(["document", "rule", "list", "envelope", "stream"]),
  isCrowded: Schema.Boolean,
})

const valuesOf = ({ rules, shape }: Pick<typeof Case.Type, "rules" | "shape">): ReadonlyArray<Value> => {
  const [one, other] = rules.map((rule) => writeJson(ruleOf(rule)) as Readonly<Record<string, Value>>)
  const { destination, ...rest } = one!
  const document = {
    buckets: ["examplebucket-1250000000@ap-guangzhou", { region: "ap-guangzhou", match: "logs-*" }],
    manages: ["daily-*"],
    defaults: { destination: destination!, optionalFields: ["Size"] },
    rules: [{ ...rest, id: "${name}-daily", protect: true }, other!],
  }
  switch (shape) {
    case "document":
      return [document]
    case "rule":
      return [one!]
    case "list":
      return [[one!, other!]]
    case "envelope":
      return [{ version: 1, bucket: "examplebucket-1250000000", configurations: [one!, other!] }]
    case "stream":
      return [one!, document, [other!]]
  }
}

/** What a file says, without where it says so. */
const setsOf = (text: string) => Result.getOrThrow(readYaml(text)).map(readRuleSet).map(meaningOf)

const meaningOf = ({ entries, findings, isDocument, manages, selectors }: RuleSet) => ({
  isDocument,
  selectors: selectors.map(({ position: _, ...selector }) => selector),
  manages: manages.map(({ glob }) => glob),
  entries: entries.map(({ kind, protect, reading }) => ({
    kind,
    protect,
    draft: reading.draft,
    unread: [...reading.unread],
    findings: reading.findings.map(({ code, path }) => [code, path]),
  })),
  findings: findings.map(({ code, path }) => [code, path]),
})

prop(
  "formatted keeps the meaning and every comment, and once is enough, when comments stand somewhere or nearly everywhere",
  Case,
  (given) => {
    const habits = given.isCrowded ? { comments: 45, brackets: 5 } : {}
    const { comments, text } = written(valuesOf(given), given.seed, habits)
    assert.deepEqual(commentsIn(text).toSorted(), comments.toSorted(), text)
    const after = formatted(text, "yaml")
    assert.ok(after !== undefined, text)
    assert.deepEqual(setsOf(after), setsOf(text), text)
    assert.deepEqual(commentsIn(after).toSorted(), comments.toSorted(), text)
    assert.equal(formatted(after, "yaml"), after, text)
    assert.match(after, /[^\n]\n$/u)
    assert.doesNotMatch(after, /[ \t]\n|\n\n\n/u)
    return true
  },
  { runs: 100 },
)

prop(
  "formatted gives one order of keys and one meaning when keys stood in any order and style",
  Case,
  (given) => {
    const [one, other] = [given.seed, given.seed + 1].map((seed) =>
      formatted(
        written(valuesOf(given), seed, { comments: 0, brackets: 0 }).text.replace(/^---\n/u, ""),
        "yaml",
      )!
    )
    const keysOf = (text: string) => text.match(/^[ -]*\w+(?=:)/gmu)
    assert.deepEqual(keysOf(one!), keysOf(other!))
    assert.deepEqual(setsOf(one!), setsOf(other!))
    return true
  },
  { runs: 30 },
)

interface Line {
  readonly text: string
  readonly below?: ReadonlyArray<Line>
  readonly items?: ReadonlyArray<string>
}

/** A rule of which no two lines are alike, its keys in any order. */
const linesOf = (roll: (below: number) => number): ReadonlyArray<Line> => {
  const shuffled = <A>(given: ReadonlyArray<A>): ReadonlyArray<A> =>
    given.map((one) => [roll(1000), one] as const).toSorted(([a], [b]) => a - b).map(([, one]) => one)
  const below = (...texts: ReadonlyArray<string>) => shuffled(texts).map((text) => ({ text }))
  return shuffled<Line>([
    { text: "id: a" },
    { text: "isEnabled: true" },
    { text: "filter:", below: below("storageClass: STANDARD", "prefix: logs/") },
    { text: "optionalFields:", items: ["Size", "ETag", "Tag"] },
    roll(2) === 0 ? { text: "schedule: { frequency: Daily }" } : {
      text: "schedule:",
      below: below("frequency: Monthly", "monthlyDate: 1"),
    },
    { text: "destination:", below: below("bucket: b", "format: CSV", "prefix: reports") },
  ])
}

prop(
  "formatted keeps every comment on its line, or above the same line, when keys change places",
  Schema.Struct({ seed: Schema.Int, inList: Schema.Boolean }),
  ({ inList, seed }) => {
    const roll = dice(seed)
    const lines: Array<string> = []
    /** By comment: the line that it is about. */
    const about = new Map<string, string>()
    const comment = (kind: string, line: string) => {
      about.set(`#${kind}${about.size}`, line)
      return `#${kind}${about.size - 1}`
    }
    const put = (indent: string, lead: string, text: string, isLater: boolean) => {
      const column = roll(4) === 0 ? "" : isLater && roll(4) === 0 ? `${indent}      ` : indent
      if (roll(3) === 0 && (lead === "" || text.length < 5)) lines.push(`${column}${comment("above", text)}`)
      lines.push(`${indent}${lead}${text}${roll(3) === 0 ? ` ${comment("behind", text)}` : ""}`)
    }
    const step = inList ? "  " : ""
    lines.push("# The whole", "", ...(inList ? ["rules:"] : ["version: 1"]))
    for (const [i, { below = [], items = [], text }] of linesOf(roll).entries()) {
      put(inList ? i === 0 ? "" : step : "", inList && i === 0 ? "- " : "", text, false)
      for (const [j, one] of below.entries()) put(`${step}  `, "", one.text, j > 0)
      const dashes = step + ["", "  "][roll(2)]!
      for (const [j, one] of items.entries()) put(dashes, "- ", one, j > 0)
    }
    const before = `${lines.join("\n")}\n`
    const after = formatted(before, "yaml")
    assert.ok(after !== undefined, before)
    const told = `${before}\n====\n${after}`
    const out = after.split("\n")
    const plain = (line: string) => line.replace(/^[ -]*/u, "").replace(/ ?#.*$/u, "")
    for (const [name, line] of about) {
      const at = out.findIndex((one) => one.endsWith(name))
      const next = name.startsWith("#above") ? out.slice(at).find((one) => plain(one) !== "") : out[at]
      assert.equal(plain(next ?? ""), line, `${name}\n${told}`)
    }
    return true
  },
  { runs: 150 },
)
