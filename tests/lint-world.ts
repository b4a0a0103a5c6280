/** Documents as values, judged together, for tests of lint. */
import { codes, lintTargets, type Moment } from "../core/advice/mod.ts"
import { type Finding } from "../core/lint/mod.ts"
import type { BucketRef } from "../core/bucket.ts"
import { readRuleSet, targetsOf } from "../core/ruleset/mod.ts"

export const bucket = "examplebucket-1250000000"
export const region = "ap-guangzhou"
export const now = 1_800_000_000

/** A rule that nothing but its expiry is to be said of. */
export const rule = {
  id: "daily",
  filter: { prefix: "logs/" },
  optionalFields: ["Size"],
  schedule: { frequency: "Daily" },
  destination: { bucket: "inventorybucket-1250000000", prefix: "inventory", format: "CSV" },
}

/** The same as a one-time job, which stands in bare documents alone. */
export const job = {
  id: "once",
  includedObjectVersions: "Current",
  optionalFields: ["Size"],
  destination: { ...rule.destination, bucket: `qcs::cos:${region}::inventorybucket-1250000000` },
}

export const document = (rules: ReadonlyArray<object>, rest: object = {}): object => ({
  buckets: [`${bucket}@${region}`],
  rules,
  ...rest,
})

/** All findings of some documents, each a file of its own; those without buckets are for the usual one. */
export const findingsOf = (documents: ReadonlyArray<object>, moment: Moment = { now }): ReadonlyArray<Finding> => {
  const placed = documents.map((given, i) => {
    // What a test sets to undefined is not there
    const value: unknown = JSON.parse(JSON.stringify(given))
    const read = readRuleSet({ value, position: (path) => ({ line: lineOf(path), column: 1 }) })
    const file = `${i}.yaml`
    const set = {
      ...read,
      file,
      entries: read.entries.map((entry) => ({ ...entry, reading: { ...entry.reading, file } })),
      findings: read.findings.map((finding) => ({ ...finding, file })),
    }
    const named = set.selectors.map(({ bucket: name, region: at }): BucketRef => ({
      bucket: name ?? "",
      ...(at === undefined ? {} : { region: at }),
    }))
    return { set, buckets: named.length > 0 ? named : [{ bucket, region }] }
  })
  return [...placed.flatMap(({ set }) => set.findings), ...lintTargets(targetsOf(placed), moment)]
}

/** A line for every path, the same in every run: digits weigh more than letters. */
const lineOf = (path: ReadonlyArray<string | number>): number =>
  path.reduce<number>(
    (sum, part) => sum * 31 % 1_000_003 + (typeof part === "number" ? part + 1 : [...part].reduce(hash, 7)),
    1,
  )
const hash = (sum: number, letter: string): number => (sum * 131 + letter.charCodeAt(0)) % 1_000_003

export const codesOf = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> => findings.map(({ code }) => code)

export const known: ReadonlySet<string> = new Set(codes.map(({ code }) => code))
