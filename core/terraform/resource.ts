/**
 * A rule as a resource of Terraform.
 *
 * The schema is that of terraform-provider-tencentcloud, `services/cos/resource_tc_cos_bucket_inventory.go`. The
 * provider sends a rule through Go's SDK, whose `bucket_inventory.go` decides what reaches COS.
 */
import { crc64 } from "../crc64.ts"
import { idCharacters, idPattern } from "../limits.ts"
import { type Finding, shown } from "../lint/finding.ts"
import { oneLine } from "../redact.ts"
import type { InventoryConfiguration } from "../rule.ts"
import { isSayable, stringText } from "./hcl.ts"

export const resourceType = "tencentcloud_cos_bucket_inventory"

/** Between bucket and name in the id of the resource (provider: `common.FILED_SP`). */
export const idSeparator = "#"

/** The rule and the import of it, under a name of its own. The rule must have nothing {@link unsayable}. */
export const resourceText = (bucket: string, rule: InventoryConfiguration, name: string, provider?: string): string => {
  return [
    "import {",
    `  to = ${resourceType}.${name}`,
    `  id = ${stringText(`${bucket}${idSeparator}${rule.id}`)}`,
    "}",
    "",
    `resource "${resourceType}" "${name}" {`,
    ...(provider === undefined ? [] : [`  provider = ${provider}`, ""]),
    ...lines(bodyOf(bucket, rule), 1),
    "}",
    "",
  ].join("\n")
}

type Argument = readonly [name: string, value: string | ReadonlyArray<string> | Body]
interface Body {
  readonly block: ReadonlyArray<Argument>
}

const bodyOf = (bucket: string, rule: InventoryConfiguration): ReadonlyArray<Argument> => {
  const { filter, destination: { bucket: to, accountId, prefix, format, encryption } } = rule
  return [
    ["bucket", bucket],
    ["name", rule.id],
    ["is_enabled", String(rule.isEnabled)],
    ["included_object_versions", rule.includedObjectVersions],
    ...(filter === undefined ? [] : block("filter", [
      ...some("prefix", filter.prefix),
      ...(filter.period === undefined ? [] : block("period", [
        ...some("start_time", filter.period.startTime?.toFixed()),
        ...some("end_time", filter.period.endTime?.toFixed()),
      ])),
    ])),
    ...(rule.optionalFields === undefined ? [] : block("optional_fields", [["fields", rule.optionalFields]])),
    ...block("schedule", [["frequency", rule.schedule.frequency]]),
    ...block("destination", [
      ["bucket", to],
      ...some("account_id", accountId),
      ...some("prefix", prefix),
      ["format", format],
      // Empty, it is sent as it should be and never read back (provider: `Encryption.SSECOS != ""`)
      ...(encryption === undefined ? [] : block("encryption", [["sse_cos", ""]])),
    ]),
  ]
}

const block = (name: string, inner: ReadonlyArray<Argument>): ReadonlyArray<Argument> =>
  inner.length === 0 ? [] : [[name, { block: inner }]]

const some = (name: string, value: string | undefined): ReadonlyArray<Argument> =>
  value === undefined ? [] : [[name, value]]

/** As `terraform fmt` writes it: equals signs of neighbours aligned, and an empty line before each block. */
const lines = (body: ReadonlyArray<Argument>, depth: number): ReadonlyArray<string> => {
  const indent = "  ".repeat(depth)
  const isBlock = (value: Argument[1]): value is Body => typeof value === "object" && "block" in value
  const width = Math.max(...body.filter(([, value]) => !isBlock(value)).map(([name]) => name.length))
  return body.flatMap(([name, value], i) =>
    isBlock(value)
      ? [...(i === 0 ? [] : [""]), `${indent}${name} {`, ...lines(value.block, depth + 1), `${indent}}`]
      : [
        ...(i > 0 && isBlock(body[i - 1]![1]) ? [""] : []),
        `${indent}${name.padEnd(width)} = ${
          typeof value === "string" ? stringText(value) : `[${value.map(stringText).join(", ")}]`
        }`,
      ]
  )
}

/** Everything of a rule that the resource cannot say, or that the provider would not send: all of it errors. */
export const unsayable = (rule: InventoryConfiguration, file: string): ReadonlyArray<Finding> => {
  const { id, filter, schedule, destination } = rule
  const { startTime, endTime } = filter?.period ?? {}
  const lost = (path: string, found: unknown, why: string): Finding => ({
    code: "terraform-unsayable",
    severity: "error",
    path,
    message: `Terraform's resource cannot say it: ${why}`,
    ...(found === undefined ? {} : { found: shown(found) }),
    allowed: "what the provider keeps",
    fix: "Leave the rule to cos-inventory, or change it first",
    source: "terraform-provider-tencentcloud, resource_tc_cos_bucket_inventory.go",
    file,
  })
  const texts: ReadonlyArray<readonly [path: string, text: string | undefined]> = [
    ["includedObjectVersions", rule.includedObjectVersions],
    ["filter.prefix", filter?.prefix],
    ["schedule.frequency", schedule.frequency],
    ["destination.bucket", destination.bucket],
    ["destination.accountId", destination.accountId],
    ["destination.prefix", destination.prefix],
    ["destination.format", destination.format],
    ...(rule.optionalFields ?? []).map((field, i) => [`optionalFields[${i}]`, field] as const),
  ]
  return [
    ...(idPattern.test(id)
      ? []
      : [lost("id", id, `the provider puts it into its own id and into the query as it is; it takes ${idCharacters}`)]),
    ...(filter?.tags === undefined ? [] : [lost("filter.tags", filter.tags, "its filter has no tags")]),
    ...(filter?.storageClass === undefined
      ? []
      : [lost("filter.storageClass", filter.storageClass, "its filter has no storage class")]),
    ...(startTime === 0 ? [lost("filter.period.startTime", startTime, "the provider does not send the time 0")] : []),
    ...(endTime === 0 ? [lost("filter.period.endTime", endTime, "the provider does not send the time 0")] : []),
    ...(schedule.frequency === "Monthly"
      ? [lost("schedule.frequency", schedule.frequency, "its schedule has no day of the month")]
      : []),
    ...(rule.extra ?? []).map((extra, i) => lost(`extra[${i}]`, extra.xml, "it has no place for unknown elements")),
    ...texts.filter(([, text]) => text !== undefined && !isSayable(text)).map(([path, text]) =>
      lost(path, text, "Terraform would rewrite its characters into the Unicode form NFC")
    ),
  ]
}

/** Names that no two resources share. */
export interface Names {
  /** Those of a bucket's rules by their ids, the same in whatever order the rules come. */
  readonly of: (bucket: string, ids: ReadonlyArray<string>) => ReadonlyMap<string, string>
}

export const makeNames = (): Names => {
  const taken = new Set<string>()
  return {
    of: (bucket, ids) => {
      const byPlain = Map.groupBy(new Set(ids), (id) => identifier(`${bucket}_${id}`))
      const names = new Map<string, string>()
      for (const [plain, those] of byPlain) {
        // Names of buckets have nothing that becomes an underscore but the hyphen
        const isAlone = those.length === 1 && /^[a-z0-9-]+$/u.test(bucket)
        for (const id of those) {
          let name = isAlone ? plain : `${plain}_${sumOf(bucket, id)}`
          while (taken.has(name)) name = `${name}_${sumOf(bucket, id)}`
          taken.add(name)
          names.set(id, name)
        }
      }
      return names
    },
  }
}

const sumOf = (bucket: string, id: string): string => {
  const sum = crc64()
  sum.update(new TextEncoder().encode(`${bucket}${idSeparator}${id}`))
  return BigInt(sum.digest()).toString(16).padStart(16, "0").slice(0, 8)
}

/** The alias under which a provider of one region is to be found, where there are several. */
export const providerOf = (region: string): string => `tencentcloud.${identifier(region)}`

/** Letters, digits and underscores, beginning with a letter or an underscore, as Terraform demands of names. */
const identifier = (text: string): string => text.replace(/[^A-Za-z0-9_]/gu, "_").replace(/^(?=[0-9])/u, "_")

/** What stands above the resources of one bucket. */
export const fileComment = (bucket: string, region: string, rules: number, provider?: string): string =>
  [
    `# Inventory rules of ${oneLine(bucket)} (${oneLine(region)}), ${rules} of them, written by cos-inventory.`,
    ...(provider === undefined
      ? [`# The provider's region must be ${oneLine(region)}.`]
      : [`# ${provider} is to be a provider whose region is ${oneLine(region)}.`]),
    "# The provider reads no prefix that stands outside of And, and no empty sse_cos: the first plan may add a",
    "# prefix, and every plan may add the encryption. Both are right; removing them here would change the rule.",
    "",
  ].join("\n")
