/**
 * Canonical equality: two rules are the same when they make COS do the same, however they were written.
 *
 * **Details**
 *
 * What does not count: the order of optional fields and of tags, and repetitions among them; `And` or none, the case of
 * booleans and the spelling of encryption, which the model has lost already; empty filters, periods and texts; the
 * separator at the end of the destination's prefix, which COS appends by itself (page 30625); a monthly date without a
 * monthly schedule; the case of `x-cos-meta-*` names, which are headers. Everything else counts, elements that this
 * project does not know too.
 *
 * **Laws**
 *
 * {@link isSame} compares the texts of a normal form, so it is reflexive, symmetric and transitive. It holds between a
 * rule and what is read back of it after it was written as XML or as JSON, and the local COS makes equal reports for
 * equal rules. `tests/canonical.test.ts` holds it to this.
 */
import { crc64 } from "./crc64.ts"
import { metaField } from "./limits.ts"
import { leadOf } from "./location.ts"
import type { Extra, Filter, InventoryConfiguration, InventoryJob, Tag } from "./rule.ts"
import { writeJson } from "./wire/json.ts"
import { settle } from "./wire/reading.ts"

export const isSame = <R extends InventoryConfiguration | InventoryJob>(a: R, b: R): boolean =>
  a === b || canonicalText(a) === canonicalText(b)

/** The normal form as one line of JSON. */
export const canonicalText = (rule: InventoryConfiguration | InventoryJob): string =>
  JSON.stringify(writeJson(canonical(rule)))

/** A short text that differs where the rules do, whatever their order: for noticing change, not for trust. */
export const fingerprint = (rules: ReadonlyArray<InventoryConfiguration>): string => {
  const sum = crc64()
  sum.update(new TextEncoder().encode(rules.map(canonicalText).toSorted().join("\n")))
  return sum.digest()
}

/** The rule in its normal form: one of each set of rules that are the same. */
export const canonical = <R extends InventoryConfiguration | InventoryJob>(rule: R): R => {
  const { filter, optionalFields, destination, extra, ...rest } = settle(rule)
  const tags = filter?.tags === undefined ? undefined : ordered(filter.tags)
  return {
    ...rest,
    ...("schedule" in rule ? { schedule: scheduleOf(rule.schedule) } : {}),
    ...(filter === undefined ? {} : { filter: { ...filter, ...(tags === undefined ? {} : { tags: tags.items }) } }),
    ...(optionalFields === undefined ? {} : { optionalFields: [...new Set(optionalFields.map(fold))].toSorted() }),
    destination: {
      ...destination,
      ...(destination.prefix === undefined ? {} : { prefix: leadOf(destination.prefix) }),
    },
    ...(extra === undefined ? {} : { extra: inOrder(extra, tags?.placeOf ?? new Map()) }),
  } as unknown as R
}

/** Page 30625: a date belongs to Monthly alone; whether COS brings one with another frequency is unknown. */
const scheduleOf = ({ frequency, monthlyDate }: InventoryConfiguration["schedule"]) => ({
  frequency,
  ...(frequency === "Monthly" && monthlyDate !== undefined ? { monthlyDate } : {}),
})

const fold = (field: string): string => metaField.test(field) ? field.toLowerCase() : field

/** The tags without order and repetition, and where each of the old places is now; both count from 1 on the wire. */
const ordered = (tags: NonNullable<Filter["tags"]>) => {
  const textOf = ({ key, value }: Tag) => JSON.stringify([key, value])
  const texts = tags.map(textOf)
  const sorted = [...new Set(texts)].toSorted()
  return {
    items: sorted.map((text) => tags[texts.indexOf(text)]!),
    placeOf: new Map(texts.map((text, i) => [i + 1, sorted.indexOf(text) + 1])),
  }
}

/** Unknown elements by place; those of one place keep their order, which may mean something. */
const inOrder = (extra: ReadonlyArray<Extra>, placeOf: ReadonlyMap<number, number>): ReadonlyArray<Extra> =>
  extra
    .map(({ in: place, xml }) => ({
      in: place.replace(/(?<=^\/Filter\/And\/Tag\[)\d+(?=\]$)/u, (at) => String(placeOf.get(Number(at)) ?? at)),
      xml: xml.trim(),
    }))
    .toSorted((a, b) => a.in < b.in ? -1 : a.in > b.in ? 1 : 0)
