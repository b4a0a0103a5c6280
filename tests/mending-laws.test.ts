/** What mending does to any file: all that it can, once, and nothing else. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mended } from "../adapters/mending/mod.ts"
import { readRulesFile, type RulesFile } from "../adapters/rules-file.ts"
import { commentsIn } from "../adapters/yaml/mod.ts"
import { advise } from "../core/advice/mod.ts"
import { type Finding } from "../core/lint/mod.ts"
import { dice } from "./generated.ts"
import { prop } from "./harness.ts"
import { written } from "./yaml-written.ts"

type Value = Parameters<typeof written>[0][number]
type Members = Readonly<Record<string, Value>>

const Case = Schema.Struct({
  seed: Schema.Int,
  form: Schema.Literals(["yaml", "yaml", "json"]),
  shape: Schema.Literals(["document", "list", "api"]),
  lineBreak: Schema.Literals(["\n", "\r\n"]),
  comments: Schema.Literals([0, 15, 45]),
})

/** A rule with slips of which each has one mend, and some without any. */
const ruleOf = (id: string, roll: (below: number) => number): Members => {
  const one = <A>(...choices: ReadonlyArray<A>): A => choices[roll(choices.length)]!
  const fields = one<ReadonlyArray<string> | undefined>(
    undefined,
    ["Size", "ETag"],
    ["Size", "Size"],
    ["Size", "ETag", "Size", "StorageClass", "ETag"],
    ["size", "Size", "Nonsense"],
    ["Tag", "e-tag"],
  )
  const tags = one<ReadonlyArray<Members> | undefined>(
    undefined,
    [{ key: "a", value: "1" }],
    [{ key: "a", value: "1" }, { key: "b", value: "2" }, { key: "a", value: "1" }],
  )
  return {
    id,
    isEnabled: one(true, false),
    includedObjectVersions: one("All", "all", "current", "Nonsense"),
    filter: {
      prefix: one("logs/", "a b"),
      ...(tags === undefined ? {} : { tags }),
      ...(roll(3) === 0 ? { period: { startTime: one(1568688761000, 1568688761) } } : {}),
    },
    ...(fields === undefined ? {} : { optionalFields: fields }),
    schedule: { frequency: one("Daily", "daily", "WEEKLY"), ...(roll(3) === 0 ? { monthlyDate: 3 } : {}) },
    destination: {
      bucket: "qcs::cos:ap-guangzhou::inventorybucket-1250000000",
      format: one("CSV", "csv", "Csv"),
      prefix: one("reports", "reports/", "${name}/", "a//"),
    },
  }
}

const valuesOf = ({ seed, shape }: Pick<typeof Case.Type, "seed" | "shape">): ReadonlyArray<Value> => {
  const roll = dice(seed)
  const rules = ["a", "b", "c"].map((id) => ruleOf(id, roll))
  if (shape === "list") return [rules]
  if (shape === "api") return [rules.map(apiOf)]
  const { destination, optionalFields, ...first } = rules[0]!
  return [{
    buckets: ["examplebucket-1250000000@ap-guangzhou"],
    defaults: { destination: destination!, ...(optionalFields === undefined ? {} : { optionalFields }) },
    rules: [first, rules[1]!, rules[2]!].map((rule, i) => {
      const { destination: _, ...rest } = rule
      return i === 1 ? { ...rest, protect: true } : rest
    }),
  }]
}

/** The same rule in the API's own names. */
const apiOf = (rule: Members): Members => {
  const { bucket, format, prefix } = rule["destination"] as Members
  const { frequency, monthlyDate } = rule["schedule"] as Members
  const fields = rule["optionalFields"]
  return {
    Id: rule["id"]!,
    IsEnabled: String(rule["isEnabled"]),
    IncludedObjectVersions: rule["includedObjectVersions"]!,
    ...(fields === undefined ? {} : { OptionalFields: { Field: fields } }),
    Schedule: { Frequency: frequency!, ...(monthlyDate === undefined ? {} : { MonthlyDate: monthlyDate }) },
    Destination: { COSBucketDestination: { Bucket: bucket!, Format: format!, Prefix: prefix! } },
  }
}

const textOf = (given: typeof Case.Type): string => {
  const values = valuesOf(given)
  const text = given.form === "json"
    ? JSON.stringify(values[0], null, [0, 2, 4, "\t"][Math.abs(given.seed) % 4])
    : written(values, given.seed, { comments: given.comments }).text
  return text.replaceAll("\n", given.lineBreak)
}

const read = (text: string): Promise<RulesFile> => Effect.runPromise(readRulesFile("-", { stdin: once(text) }))

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text))
}

const findingsOf = ({ sets }: RulesFile): ReadonlyArray<ReadonlyArray<Finding>> =>
  sets.flatMap(({ entries }) => entries.map(({ kind, reading }) => advise(reading, { kind })))

const namesOf = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> =>
  findings.map(({ code, path, found }) => `${code} ${path.replaceAll(/\d+/gu, "")} ${found ?? ""}`).toSorted()

/** What follows from a mend: the date's is certain once the frequency is, and Tag among the fields is one. */
const followed: ReadonlySet<string> = new Set(["monthly-date", "fields-none"])

prop(
  "mended leaves no mend, every comment and every other finding, and does nothing a second time, when a file has any slips",
  Case,
  (given) =>
    Effect.promise(async () => {
      const text = textOf(given)
      const before = await read(text)
      const { fixed, left, text: after } = mended(before)
      assert.deepEqual(left, [], `${text}\n====\n${after}`)
      const again = await read(after)
      assert.deepEqual(mended(again), { text: after, fixed: [], left: [] })
      assert.equal(fixed.length > 0, after !== text)
      if (given.form === "yaml") assert.deepEqual(commentsIn(after).toSorted(), commentsIn(text).toSorted())
      assert.equal(/(?<!\r)\n/u.test(after), /(?<!\r)\n/u.test(text))
      const [was, is] = [findingsOf(before), findingsOf(again)]
      for (const [i, findings] of is.entries()) {
        const others = was[i]!.filter(({ code, edit }) => edit === undefined && !followed.has(code))
        assert.deepEqual(
          namesOf(findings.filter(({ code }) => !followed.has(code))),
          namesOf(others),
          `${text}\n====\n${after}`,
        )
      }
      return true
    }),
  { runs: 120 },
)
