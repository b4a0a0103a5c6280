/** What a signature covers is what its lists name: the signed text is rebuilt from them, not from the whole request. */
import { percentDecode } from "../wire/target.ts"
import { type Item, sorted } from "./canonical.ts"

export interface Division {
  /** Sorted as documented. A name stands for all of its values. */
  readonly signed: ReadonlyArray<Item>
  readonly unsigned: ReadonlyArray<Item>
}

/**
 * Divides items by the names of a `q-header-list` or `q-url-param-list`, in any order; the Go SDK repeats a name for
 * each of its values.
 *
 * A name that the request lacks counts as empty, so that neither dropping what was signed nor naming more than was
 * signed goes unnoticed. Both sides are sorted and walked once, because this runs before anyone is known.
 */
export const divide = (items: ReadonlyArray<Item>, list: string): Division => {
  const names = list === "" ? [] : list.toLowerCase().split(";")
  const wanted = isSorted(names) ? names : names.toSorted()
  const signed: Array<Item> = []
  const unsigned: Array<Item> = []
  let at = 0
  for (const item of sorted(items)) {
    while (at < wanted.length && wanted[at]! < item.name) pass(wanted[at++]!, signed)
    if (item.name === wanted[at]) signed.push(item)
    else unsigned.push(item)
  }
  while (at < wanted.length) pass(wanted[at++]!, signed)
  return { signed, unsigned }
}

const isSorted = (names: ReadonlyArray<string>): boolean => {
  for (let at = 1; at < names.length; at++) if (names[at - 1]! > names[at]!) return false
  return true
}

/** Leaves a listed name behind: nothing more of the request can bear it. */
const pass = (name: string, signed: Array<Item>): void => {
  if (name !== "" && signed.at(-1)?.name !== name) signed.push({ name, value: "" })
}

/**
 * Other orders a client may have signed in: cos-nodejs-sdk-v5 sorts names before it encodes them, which differs for
 * names that need escaping. Its list is in the documented order all the same.
 */
export const otherOrders = ({ signed }: Division): ReadonlyArray<ReadonlyArray<Item>> => {
  if (!signed.some(({ name }) => name.includes("%"))) return []
  const raw = signed.map((item) => ({ item, name: percentDecode(item.name).toLowerCase() }))
  return [raw.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0).map(({ item }) => item)]
}

/** The names of sorted items, each once. */
export const namesOf = (items: ReadonlyArray<Item>): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (const { name } of items) if (names.at(-1) !== name) names.push(name)
  return names
}
