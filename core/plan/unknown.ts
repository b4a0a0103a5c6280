/** Elements that COS holds and no document knows. */
import type { Extra, InventoryConfiguration, Tag } from "../rule.ts"
import { isExtraPlace } from "../wire/configuration.ts"
import { encryptionPlace, tagNumber, tagPlace } from "../wire/members.ts"

/**
 * What is wanted, with the unknown elements of the rule that is there.
 *
 * A document that says nothing of them knows nothing of them: they may be a default of COS, or a condition that an update
 * must not lose, since that would widen the filter. A document with `extra` says which ones it wants.
 *
 * What stands in a tag goes with the tag of that key and value, else of that key, else it goes.
 */
export const withUnknown = (after: InventoryConfiguration, before: InventoryConfiguration): InventoryConfiguration => {
  if (after.extra !== undefined || before.extra === undefined) return after
  const tags = before.filter?.tags ?? []
  const extra = before.extra.flatMap((one): ReadonlyArray<Extra> => {
    const tag = tags[(tagNumber(one.in) ?? 0) - 1]
    const place = tag === undefined ? one.in : placeIn(after.filter?.tags ?? [], tag)
    return place !== undefined && isKept(place, after) ? [{ in: place, xml: one.xml }] : []
  })
  const [first, ...rest] = extra
  return first === undefined ? after : { ...after, extra: [first, ...rest] }
}

const placeIn = (tags: ReadonlyArray<Tag>, { key, value }: Tag): string | undefined => {
  const exact = tags.findIndex((tag) => tag.key === key && tag.value === value)
  const at = exact >= 0 ? exact : tags.findIndex((tag) => tag.key === key)
  return at < 0 ? undefined : tagPlace(at + 1)
}

/** What an encryption holds would bring the encryption back. */
const isKept = (place: string, after: InventoryConfiguration): boolean =>
  place === encryptionPlace ? after.destination.encryption !== undefined : isExtraPlace(place, after, "configuration")
