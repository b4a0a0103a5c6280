/** Plans to be shown: one of every kind of step, and generated ones. */
import * as Schema from "effect/Schema"
import type { BucketOptions } from "../adapters/memory/mod.ts"
import { type BucketPlan, plan } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { Generated, ruleOf } from "./generated.ts"

export const region = "ap-guangzhou"

export const rule = (id: string, over: Partial<InventoryConfiguration> = {}): InventoryConfiguration => ({
  id,
  isEnabled: true,
  includedObjectVersions: "Current",
  filter: { prefix: "logs/" },
  schedule: { frequency: "Weekly" },
  destination: { bucket: `qcs::cos:${region}::inventorybucket-1250000000`, prefix: "reports", format: "CSV" },
  ...over,
})

/** Of a rule without a filter. */
export const bare = (id: string, over: Partial<InventoryConfiguration> = {}): InventoryConfiguration => {
  const { filter: _, ...rest } = rule(id, over)
  return rest
}

/** A bucket that holds these rules. */
export const at = (name: string, rules: ReadonlyArray<InventoryConfiguration> = []): BucketOptions => ({
  name,
  region,
  rules,
})

/** A bucket of which nobody may read anything. */
export const shut = (name: string): BucketOptions => ({
  ...at(name),
  denied: ["GetBucketInventory", "ListBucketInventory"],
})

export const planOf = (
  bucket: string,
  rules: ReadonlyArray<InventoryConfiguration>,
  actual: ReadonlyArray<InventoryConfiguration>,
  { prune = true, manages = ["daily-*"] }: { readonly prune?: boolean; readonly manages?: ReadonlyArray<string> } = {},
): BucketPlan => plan({ bucket, region, rules, protected: new Set(), manages }, actual, { prune })

export const many = (count: number, name: string) => Array.from({ length: count }, (_, i) => rule(`${name}-${i + 1}`))

/** Every kind of step, a bucket without changes, one that makes room and one that passes the limit. */
export const everyKind = (): ReadonlyArray<BucketPlan> => [
  planOf(
    "everybucket-1250000000",
    [
      rule("new", { schedule: { frequency: "Monthly", monthlyDate: 7 } }),
      bare("new-whole", { isEnabled: false, includedObjectVersions: "All" }),
      bare("wider"),
      rule("shorter", { filter: { prefix: "lo" } }),
      rule("other", { filter: { prefix: "media/" } }),
      rule("off", { isEnabled: false }),
      rule("oftener", { schedule: { frequency: "Daily" }, optionalFields: ["Size", "ETag"] }),
      ...many(7, "kept"),
    ],
    [
      ...["wider", "shorter", "other", "off", "oftener", "daily-gone", "by-hand"].map((id) => rule(id)),
      ...many(7, "kept"),
    ],
  ),
  planOf("samebucket-1250000000", many(3, "kept"), [...many(3, "kept"), rule("daily-stale"), rule("by-hand")], {
    prune: false,
  }),
  planOf("fullbucket-1250000000", [rule("new")], [...many(999, "by-hand"), rule("daily-gone")]),
  planOf("overbucket-1250000000", [rule("new-1"), rule("new-2")], many(999, "by-hand")),
]

/** A hostile text beside what a schema makes: fences, HTML, tables, mentions, links, control characters. */
export const hostile = [
  "```\n</details>\n# title",
  "~~~~\r\n```diff",
  "`".repeat(40),
  "a|b|c\n|---|",
  "</code></summary><img src=x onerror=alert(1)>",
  "<!-- -->&lt;&#60;",
  "@everyone #1 https://example.com www.example.com",
  "\u001b[31mred\u001b[0m\u0007\u202eevil",
  "\u2028+ create fake",
  "**bold** _it_ [link](javascript:alert(1)) :smile:",
] as const

const Id = Schema.Union([Schema.Literals(hostile), Schema.String])

/** Two sides of a bucket, whose ids and prefixes are hostile or anything. */
export const GeneratedPlan = Schema.Struct({
  actual: Schema.Array(Schema.Struct({ id: Id, generated: Generated })),
  desired: Schema.Array(Schema.Struct({ id: Id, prefix: Id, generated: Generated })),
  shared: Schema.Array(Schema.Struct({ id: Id, generated: Generated })),
  prune: Schema.Boolean,
})

export const planFrom = ({ actual, desired, shared, prune }: typeof GeneratedPlan.Type): BucketPlan => {
  const once = (rules: ReadonlyArray<InventoryConfiguration>) => [...new Map(rules.map((r) => [r.id, r])).values()]
  const both = shared.map(({ id, generated }) => ({ ...ruleOf(generated), id }))
  return planOf(
    "examplebucket-1250000000",
    once([...desired.map(({ id, prefix, generated }) => ({ ...ruleOf(generated), id, filter: { prefix } })), ...both]),
    once([...actual.map(({ id, generated }) => ({ ...ruleOf(generated), id })), ...both]),
    { prune, manages: ["*"] },
  )
}
