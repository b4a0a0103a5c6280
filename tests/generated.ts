/** Generated rules for laws, and the sample documents of COS's pages and SDKs. */
import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Draft, type Extra, InventoryConfiguration, type InventoryJob } from "../core/rule.ts"
import { completeConfiguration, completeJob } from "../core/wire/reading.ts"

export const sample = (name: string): string =>
  readFileSync(new URL(`./golden/samples/${name}`, import.meta.url), "utf8")

/** Every document of a rule that the pages print, and those that SDKs are known to send. */
export const ruleSamples = [
  "put-1.xml",
  "put-2.xml",
  "put-3.xml",
  "get.xml",
  "get-nodes.xml",
  "coscli-help.xml",
  "cpp-order.xml",
  "go-and.xml",
  "java-text.xml",
] as const

const places = [
  "/",
  "/Destination",
  "/Destination/COSBucketDestination",
  "/Destination/COSBucketDestination/Encryption",
  "/Schedule",
  "/Filter",
  "/Filter/And",
  "/Filter/Period",
  "/OptionalFields",
] as const

/** A rule of any shape, with unknown elements at any place where one can stand. */
export const Generated = Schema.Struct({
  rule: InventoryConfiguration,
  period: Schema.Struct({ startTime: Schema.optionalKey(Schema.Int), endTime: Schema.optionalKey(Schema.Int) }),
  unknown: Schema.Array(Schema.Struct({
    in: Schema.Literals(places),
    name: Schema.Literals(["Later", "constructor", "__proto__", "toString", "x:Odd"]),
    text: Schema.Literals(["", "text", "&amp;&#x41;", "<Id>inner</Id>", "<![CDATA[<]]>", "<!-- - -->", "腾讯云😀"]),
  })),
})

export const ruleOf = ({ rule, period, unknown }: typeof Generated.Type): InventoryConfiguration => {
  const { extra: _, filter, ...rest } = rule
  const times = Object.fromEntries(Object.entries(period).map(([key, time]) => [key, digits(time)]))
  const extra = unknown.map(({ in: place, name, text }): Extra => ({ in: place, xml: `<${name}>${text}</${name}>` }))
  // Generated records have no prototype, which a strict comparison tells apart
  return structuredClone({
    ...rest,
    schedule: Object.fromEntries(
      Object.entries(rest.schedule).map(([key, v]) => [key, typeof v === "number" ? digits(v) : v]),
    ),
    ...(filter === undefined
      ? {}
      : { filter: { ...filter, ...(filter.period === undefined ? {} : { period: times }) } }),
    ...(extra.length === 0 ? {} : { extra }),
  }) as unknown as InventoryConfiguration
}

/** What fifteen digits can say, and no negative zero. */
const digits = (number: number): number => number % 1_000_000_000_000_000 + 0

export const jobOf = (rule: InventoryConfiguration): InventoryJob => {
  const { isEnabled: _, schedule: __, ...job } = rule
  return job
}

/** The one form of a rule: what says nothing is left out, and unknown elements stand by place. */
export const settled = (draft: Draft): InventoryConfiguration =>
  byPlace(Result.getOrThrow(completeConfiguration(draft)))
export const settledJob = (draft: Draft): InventoryJob => byPlace(Result.getOrThrow(completeJob(draft)))

const byPlace = <R extends { readonly extra?: ReadonlyArray<Extra> }>(rule: R): R =>
  rule.extra === undefined
    ? rule
    : { ...rule, extra: rule.extra.toSorted((a, b) => a.in < b.in ? -1 : a.in > b.in ? 1 : 0) }

/** A periodic rule that no row of lint has anything against. */
export const good: InventoryConfiguration = {
  id: "list1",
  isEnabled: true,
  includedObjectVersions: "All",
  filter: {
    prefix: "myPrefix",
    tags: [{ key: "age", value: "18" }],
    storageClass: "STANDARD",
    period: { startTime: 1568688761, endTime: 1568688762 },
  },
  optionalFields: ["Size", "Tag", "x-cos-meta-team"],
  schedule: { frequency: "Monthly", monthlyDate: 28 },
  destination: {
    bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
    accountId: "100000000001",
    prefix: "list1",
    format: "CSV",
    encryption: "SSE-COS",
  },
}

/** The same under another id, of the objects under this prefix. */
export const goodRule = (id: string, prefix: string): InventoryConfiguration => ({ ...good, id, filter: { prefix } })

/** Pseudo-random numbers below a bound, the same in every run. */
export const dice = (seed: number): (below: number) => number => {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}
