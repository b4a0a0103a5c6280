/** One rule written in many ways that mean the same, and in many that do not. */
import { optionalFields } from "../core/limits.ts"
import type { Extra, InventoryConfiguration, Tag } from "../core/rule.ts"

type Roll = (below: number) => number

export const shuffled = <A>(items: ReadonlyArray<A>, roll: Roll): ReadonlyArray<A> => {
  const left = [...items]
  return items.map(() => left.splice(roll(left.length), 1)[0]!)
}
export const pick = <A>(items: ReadonlyArray<A>, roll: Roll): A => items[roll(items.length)]!
const sometimes = <A extends object>(value: A, roll: Roll): A | object => roll(2) === 0 ? value : {}

const encryptionPlace = "/Destination/COSBucketDestination/Encryption/SSE-COS"
const tagNumber = (place: string): number | undefined => {
  const number = /Tag\[(\d+)\]$/u.exec(place)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The rule with unknown elements in its tags and its encryption, where {@link Generated} has none. */
export const deepened = (rule: InventoryConfiguration, roll: Roll): InventoryConfiguration => {
  const tags = rule.filter?.tags ?? []
  const inTags = tags.flatMap((_, i): ReadonlyArray<Extra> =>
    Array.from({ length: roll(3) }, () => ({ in: `/Filter/And/Tag[${i + 1}]`, xml: `<Later>${roll(3)}</Later>` }))
  )
  const inEncryption = roll(4) > 0 ? [] : [{ in: encryptionPlace, xml: "<KeyId>1</KeyId>" }]
  const extra = [...rule.extra ?? [], ...inTags, ...inEncryption]
  return extra.length === 0 ? rule : { ...rule, extra } as unknown as InventoryConfiguration
}

/** Another writing of the same rule. */
export const variantOf = (rule: InventoryConfiguration, roll: Roll): InventoryConfiguration => {
  const { filter, optionalFields: fields = [], destination, extra = [], schedule, ...rest } = rule
  const { tags = [], period, ...otherFilter } = filter ?? {}
  // Each tag under its new number, some twice with all that they hold
  const places = shuffled([...tags.keys(), ...tags.keys().filter(() => roll(4) === 0)], roll)
  const insideOf = (at: number) => extra.filter(({ in: place }) => tagNumber(place) === at + 1)
  const moved = places.flatMap((at, i) =>
    insideOf(at).map(({ xml }): Extra => ({ in: `/Filter/And/Tag[${i + 1}]`, xml }))
  )
  const elsewhere = extra.filter(({ in: place }) => (tagNumber(place) ?? Infinity) > tags.length)
  const isInside = extra.some(({ in: place }) => place === encryptionPlace)
  const { encryption, prefix, accountId, ...otherDestination } = destination
  return {
    ...rest,
    schedule: { ...schedule, ...(schedule.frequency === "Monthly" ? {} : { monthlyDate: roll(29) }) },
    ...(filter === undefined
      ? sometimes({ filter: pick([{}, { tags: [] }, { period: {} }, { prefix: "" }], roll) }, roll)
      : {
        filter: {
          ...otherFilter,
          ...(otherFilter.storageClass === undefined ? sometimes({ storageClass: "" }, roll) : {}),
          ...(period === undefined ? sometimes({ period: {} }, roll) : { period }),
          ...(places.length === 0 ? sometimes({ tags: [] }, roll) : { tags: places.map((at) => ({ ...tags[at]! })) }),
        },
      }),
    ...(fields.length === 0 ? sometimes({ optionalFields: [] }, roll) : {
      optionalFields: shuffled([...fields, ...fields.filter(() => roll(3) === 0)], roll).map((field) =>
        respelled(field, roll)
      ),
    }),
    destination: {
      ...otherDestination,
      ...(accountId === undefined ? sometimes({ accountId: "" }, roll) : { accountId }),
      ...(prefix === undefined ? sometimes({ prefix: "" }, roll) : { prefix: withSeparator(prefix, roll) }),
      ...(encryption === undefined || (isInside && roll(2) === 0) ? {} : { encryption }),
    },
    ...(extra.length === 0 ? sometimes({ extra: [] }, roll) : {
      extra: interleaved([...elsewhere, ...moved], roll).map(({ in: place, xml }) => ({
        in: place,
        xml: pick(["", " ", "\n\t"], roll) + xml + pick(["", "  "], roll),
      })),
    }),
  } as unknown as InventoryConfiguration
}

/** COS appends one itself, and only where there is none. */
const withSeparator = (prefix: string, roll: Roll): string => {
  if (prefix === "") return prefix
  const bare = prefix.slice(0, -1)
  if (!prefix.endsWith("/")) return prefix + pick(["", "/"], roll)
  return bare === "" || bare.endsWith("/") ? prefix : bare + pick(["", "/"], roll)
}

const respelled = (field: string, roll: Roll): string => {
  if (field === "IsMultipartUploaded" && roll(2) === 0) return "IsMultipartUpload"
  const isCaseless = (optionalFields as ReadonlyArray<string>).includes(field) || /^x-cos-meta-[a-z]+$/iu.test(field)
  return isCaseless ? pick([field, field.toUpperCase(), field.toLowerCase()], roll) : field
}

/** In any order, but for those of one place. */
const interleaved = (extra: ReadonlyArray<Extra>, roll: Roll): ReadonlyArray<Extra> => {
  const byPlace = Map.groupBy(extra, ({ in: place }) => place)
  return shuffled(extra.map(({ in: place }) => place), roll).map((place) => byPlace.get(place)!.shift()!)
}

/** What differs from the rule in one thing that COS heeds, each by its name. */
export const othersThan = (rule: InventoryConfiguration): Readonly<Record<string, InventoryConfiguration>> => {
  const { filter = {}, destination, extra = [] } = rule
  const tags: ReadonlyArray<Tag> = filter.tags ?? []
  const other = (some: object): InventoryConfiguration => ({ ...rule, ...some }) as InventoryConfiguration
  const filtered = (some: object) => other({ filter: { ...filter, ...some } })
  const delivered = (some: object) => other({ destination: { ...destination, ...some } })
  return {
    id: other({ id: `${rule.id}x` }),
    "whether it is enabled": other({ isEnabled: !rule.isEnabled }),
    versions: other({ includedObjectVersions: `${rule.includedObjectVersions}x` }),
    prefix: filtered({ prefix: `${filter.prefix ?? ""}x` }),
    "the prefix's separator": filtered({ prefix: `${filter.prefix ?? ""}/` }),
    "the prefix's white space": filtered({ prefix: `${filter.prefix ?? ""} ` }),
    "one tag more": filtered({ tags: [...tags, { key: `new ${JSON.stringify(tags)}`, value: "" }] }),
    "a tag's case": filtered({ tags: [...tags, { key: "NEW", value: JSON.stringify(tags) }] }),
    "storage class": filtered({ storageClass: `${filter.storageClass ?? ""}X` }),
    start: filtered({ period: { ...filter.period, startTime: (filter.period?.startTime ?? 0) + 1 } }),
    end: filtered({ period: { ...filter.period, endTime: (filter.period?.endTime ?? 0) + 1 } }),
    "one field more": other({ optionalFields: [...rule.optionalFields ?? [], "NeverSeen"] }),
    frequency: other({ schedule: { ...rule.schedule, frequency: `${rule.schedule.frequency}x` } }),
    "a month's date": other({ schedule: { frequency: "Monthly", monthlyDate: (rule.schedule.monthlyDate ?? 0) + 1 } }),
    "the destination's bucket": delivered({ bucket: `${destination.bucket}1` }),
    "the destination's owner": delivered({ accountId: `${destination.accountId ?? ""}1` }),
    "the destination's prefix": delivered({ prefix: `${destination.prefix ?? ""}x` }),
    "the destination's second separator": delivered({ prefix: `${destination.prefix ?? ""}//` }),
    format: delivered({ format: `${destination.format}x` }),
    "one unknown element more": other({ extra: [...extra, { in: "/", xml: "<NeverSeen/>" }] }),
    "an unknown element in the filter": other({ extra: [...extra, { in: "/Filter", xml: "<NeverSeen/>" }] }),
  }
}
