/**
 * Canonical equality: two rules are the same when they make COS do the same, however they were written.
 *
 * **Details**
 *
 * What does not count: the order of optional fields and of tags, and repetitions among them; the case and the known
 * misspellings of a field; `And` or none, the case of booleans and the spelling of encryption, which the model has lost
 * already; empty filters, periods and texts; the separator at the end of the destination's prefix, which COS appends by
 * itself (page 30625), while `/` and `//` are folders of their own; a monthly date without a monthly schedule. Everything
 * else counts, elements that this project does not know too, and their order where they stand in one place.
 *
 * **Laws**
 *
 * {@link isSame} compares the texts of a normal form, so it is reflexive, symmetric and transitive. It holds between a
 * rule and what is read back of it after it was written as XML or as JSON. For equal rules the local COS makes equal
 * reports, at one place and with the same value in each column; the order of the columns is that of the rule's own fields.
 */
import { crc64 } from "./crc64.ts"
import { fieldName } from "./field.ts"
import { leadOf } from "./location.ts"
import type { Extra, InventoryConfiguration, InventoryJob, Tag } from "./rule.ts"
import { writeJson } from "./wire/json.ts"
import { encryptionPlace, tagNumber, tagPlace } from "./wire/members.ts"
import { settle } from "./wire/reading.ts"

export const isSame = <R extends InventoryConfiguration | InventoryJob>(a: R, b: R): boolean =>
  a === b || canonicalText(a) === canonicalText(b)

/** The normal form as one line of JSON. */
export const canonicalText = (rule: InventoryConfiguration | InventoryJob): string =>
  JSON.stringify(writeJson(canonical(rule)))

/** A short text that differs where the rules do, whatever their order: for noticing change, not for trust. */
export const fingerprint = (rules: ReadonlyArray<InventoryConfiguration>): string =>
  fingerprintOf(rules.map(canonicalText))

/** The same of rules whose {@link canonicalText} is known already. */
export const fingerprintOf = (texts: ReadonlyArray<string>): string => {
  const sum = crc64()
  sum.update(new TextEncoder().encode(texts.toSorted().join("\n")))
  return sum.digest()
}

/** The rule in its normal form: one of each set of rules that are the same. */
export const canonical = <R extends InventoryConfiguration | InventoryJob>(rule: R): R => {
  const { filter, optionalFields, destination, extra = [], ...rest } = settle(rule)
  const { tags, unknown } = ordered(filter?.tags ?? [], extra)
  const isEncrypted = destination.encryption !== undefined || unknown.some(({ in: place }) => place === encryptionPlace)
  return {
    ...rest,
    ...("schedule" in rule ? { schedule: scheduleOf(rule.schedule) } : {}),
    ...(filter === undefined ? {} : { filter: { ...filter, ...(tags.length === 0 ? {} : { tags }) } }),
    ...(optionalFields === undefined ? {} : { optionalFields: [...new Set(optionalFields.map(fieldName))].toSorted() }),
    destination: {
      ...destination,
      ...(destination.prefix === undefined ? {} : { prefix: leadOf(destination.prefix) }),
      ...(isEncrypted ? { encryption: "SSE-COS" } : {}),
    },
    ...(unknown.length === 0 ? {} : { extra: unknown }),
  } as unknown as R
}

/** Page 30625: a date belongs to Monthly alone; whether COS brings one with another frequency is unknown. */
const scheduleOf = ({ frequency, monthlyDate }: InventoryConfiguration["schedule"]) => ({
  frequency,
  ...(frequency === "Monthly" && monthlyDate !== undefined ? { monthlyDate } : {}),
})

/**
 * The tags without order and repetition, and unknown elements by place, those in tags under the numbers that these have
 * now. Two tags of one key and value that hold different elements are two. Elements of one place keep their order, which
 * may mean something.
 */
const ordered = (tags: ReadonlyArray<Tag>, extra: ReadonlyArray<Extra>) => {
  if (tags.length === 0 && extra.length === 0) return { tags, unknown: extra }
  const items = tags.map(({ key, value }) => ({ tag: { key, value }, xmls: [] as Array<string> }))
  const elsewhere: Array<Extra> = []
  for (const { in: place, xml } of extra) {
    const item = items[(tagNumber(place) ?? 0) - 1]
    if (item === undefined) elsewhere.push({ in: place, xml: xml.trim() })
    else item.xmls.push(xml.trim())
  }
  const byText = new Map(items.map((item) => [JSON.stringify([item.tag.key, item.tag.value, item.xmls]), item]))
  const sorted = [...byText].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, item]) => item)
  const inside = sorted.flatMap(({ xmls }, i) => xmls.map((xml): Extra => ({ in: tagPlace(i + 1), xml })))
  return {
    tags: sorted.map(({ tag }) => tag),
    unknown: [...elsewhere, ...inside].toSorted((a, b) => a.in < b.in ? -1 : a.in > b.in ? 1 : 0),
  }
}
