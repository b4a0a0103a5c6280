/** One rule as different writers of XML and of the API's JSON would spell it; unknown elements are left out. */
import type { Filter, InventoryConfiguration, Tag } from "../core/rule.ts"
import { pick, shuffled } from "./canonical-variants.ts"

type Roll = (below: number) => number

/** In any order, with And or without, in any case and layout that COS and its clients are known to write. */
export const xmlOf = (rule: InventoryConfiguration, roll: Roll): string => {
  const prefix = pick(["", "c:"], roll)
  const gap = () => pick(["", "\n  ", " ", "<!-- -->", "\t\n"], roll)
  const maybe = (part: () => string) => roll(3) === 0 ? [part()] : []
  const element = (tag: string, content: string, attributes = "") =>
    content === "" && roll(2) === 0
      ? `<${prefix}${tag}${attributes}/>`
      : `<${prefix}${tag}${attributes}>${content}</${prefix}${tag} >`
  const group = (tag: string, members: ReadonlyArray<string>, attributes = "") =>
    element(tag, shuffled(members, roll).map((member) => gap() + member).join("") + gap(), attributes)
  const text = (tag: string, content: string | undefined) =>
    content === undefined ? maybe(() => element(tag, "")) : [element(tag, escaped(content))]
  const word = (tag: string, content: string | number | undefined) =>
    content === undefined ? text(tag, undefined) : [element(tag, gap() + escaped(String(content)) + gap())]

  const filterOf = ({ prefix, tags, storageClass, period }: Filter) => {
    const conditions = () => [
      ...text("Prefix", prefix),
      ...(tags ?? []).map(({ key, value }) =>
        group("Tag", [element("Key", escaped(key)), element("Value", escaped(value))])
      ),
      ...word("StorageClass", storageClass),
    ]
    const isBare = tags === undefined && storageClass === undefined && roll(2) === 0
    return group("Filter", [
      ...(isBare ? text("Prefix", prefix) : [group("And", conditions())]),
      ...(period === undefined ? maybe(() => group("Period", [])) : [
        group("Period", [...word("StartTime", period.startTime), ...word("EndTime", period.endTime)]),
      ]),
    ])
  }
  const encryption = () => {
    const sse = element("SSE-COS", pick(["", " ", "111"], roll))
    return roll(3) === 0 ? sse : group("Encryption", [sse])
  }

  const { destination, filter, schedule, optionalFields = [] } = rule
  return group("InventoryConfiguration", [
    ...word("Id", rule.id),
    ...word("IsEnabled", pick(rule.isEnabled ? ["true", "True", "TRUE"] : ["false", "False"], roll)),
    ...word("IncludedObjectVersions", rule.includedObjectVersions),
    group("Schedule", [...word("Frequency", schedule.frequency), ...word("MonthlyDate", schedule.monthlyDate)]),
    ...(optionalFields.length === 0
      ? maybe(() => group("OptionalFields", []))
      : [group("OptionalFields", optionalFields.flatMap((field) => word("Field", field)))]),
    ...(filter === undefined ? maybe(() => filterOf({})) : [filterOf(filter)]),
    group("Destination", [
      group("COSBucketDestination", [
        ...word("Bucket", destination.bucket),
        ...word("Format", destination.format),
        ...word("AccountId", destination.accountId),
        ...text("Prefix", destination.prefix),
        ...(destination.encryption === undefined ? maybe(() => group("Encryption", [])) : [encryption()]),
      ]),
    ]),
  ], prefix === "" ? pick(["", ' xmlns = "http://...."'], roll) : ' xmlns:c="http://...."')
}

const escaped = (text: string): string => text.replace(/[<>&"'\r\n\t]/gu, (c) => `&#${c.charCodeAt(0)};`)

/** The API's own JSON, as Go, Node and coscli write it. */
export const apiOf = (rule: InventoryConfiguration, roll: Roll): unknown => {
  const { destination, filter = {}, schedule, optionalFields = [] } = rule
  const { prefix, storageClass, period } = filter
  const tags: ReadonlyArray<Tag> = filter.tags ?? []
  const isBare = tags.length === 0 && storageClass === undefined && roll(2) === 0
  const api = tags.map(({ key, value }) => ({ Key: key, Value: value }))
  const and = {
    Prefix: prefix ?? "",
    Tag: api.length === 1 && roll(2) === 0 ? api[0] : api,
    StorageClass: storageClass,
  }
  const encryption = roll(2) === 0 ? { "SSE-COS": "" } : { SSECOS: {} }
  const value = {
    [pick(["Id", "ID"], roll)]: rule.id,
    IsEnabled: roll(2) === 0 ? rule.isEnabled : String(rule.isEnabled),
    IncludedObjectVersions: rule.includedObjectVersions,
    Filter: {
      ...(isBare ? { Prefix: prefix } : { And: and }),
      ...(period === undefined ? {} : {
        Period: { StartTime: String(period.startTime ?? ""), EndTime: period.endTime },
      }),
    },
    OptionalFields: roll(2) === 0 ? [...optionalFields] : { Field: [...optionalFields] },
    Schedule: { Frequency: schedule.frequency, MonthlyDate: schedule.monthlyDate },
    Destination: {
      COSBucketDestination: {
        Bucket: destination.bucket,
        AccountId: destination.accountId ?? "",
        Prefix: destination.prefix,
        Format: destination.format,
        Encryption: destination.encryption === undefined ? undefined : encryption,
      },
    },
  }
  return JSON.parse(JSON.stringify(roll(2) === 0 ? value : { InventoryConfiguration: value }))
}
