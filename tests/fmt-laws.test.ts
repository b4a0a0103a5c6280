/** What formatting keeps, whatever the file: its meaning and its comments; and that once is enough. */
import { strict as assert } from "node:assert"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatted } from "../adapters/formatting.ts"
import { readYaml } from "../adapters/yaml.ts"
import { commentsIn } from "../adapters/yaml-comments.ts"
import { readRuleSet, type RuleSet } from "../core/ruleset/mod.ts"
import { writeJson } from "../core/wire/json.ts"
import { Generated, ruleOf } from "./generated.ts"
import { prop } from "./harness.ts"
import { type Habits, written } from "./yaml-written.ts"

type Value = Parameters<typeof written>[0][number]

const Case = Schema.Struct({
  rules: Schema.Tuple([Generated, Generated]),
  seed: Schema.Int,
  shape: Schema.Literals(["document", "rule", "list", "envelope", "stream"]),
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
const setsOf = (text: string, form: "json" | "yaml" = "yaml") =>
  Result.getOrThrow(readYaml(text, form)).map(readRuleSet).map(meaningOf)

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

const holds = (given: typeof Case.Type, habits: Partial<Habits>): boolean => {
  const { comments, text } = written(valuesOf(given), given.seed, habits)
  assert.deepEqual(commentsIn(text).toSorted(), comments.toSorted(), text)
  const after = formatted(text, "yaml")
  assert.ok(after !== undefined, text)
  assert.deepEqual(setsOf(after), setsOf(text), text)
  assert.deepEqual(commentsIn(after).toSorted(), [...comments].toSorted(), text)
  assert.equal(formatted(after, "yaml"), after, text)
  assert.match(after, /[^\n]\n$/u)
  assert.doesNotMatch(after, /[ \t]\n|\n\n\n/u)
  return true
}

prop(
  "formatted keeps the meaning and every comment, and once is enough, when a YAML file is generated",
  Case,
  (given) => holds(given, {}),
  { runs: 100 },
)

prop(
  "formatted keeps every comment when they stand nearly everywhere",
  Case,
  (given) => holds(given, { comments: 45, brackets: 5 }),
  { runs: 100 },
)

prop(
  "formatted gives one text whatever the order and style of the keys were when a file has no comments",
  Case,
  (given) => {
    const texts = [given.seed, given.seed + 1].map((seed) =>
      written(valuesOf(given), seed, { comments: 0, brackets: 0 }).text.replace(/^---\n/u, "")
    )
    const rules = texts.map((text) => setsOf(formatted(text, "yaml")!))
    assert.deepEqual(rules[0], rules[1])
    const keys = texts.map((text) => formatted(text, "yaml")!.match(/^[ -]*\w+(?=:)/gmu))
    assert.deepEqual(keys[0], keys[1])
    return true
  },
  { runs: 60 },
)
