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
  const ordered = sorted(items)
  return inOrder(ordered, list) ?? inAnyOrder(ordered, list)
}

/** What nearly all clients send: a sorted list of names that the request has. It is read where it stands. */
const inOrder = (items: ReadonlyArray<Item>, list: string): Division | undefined => {
  const signed: Array<Item> = []
  const unsigned: Array<Item> = []
  let at = 0
  for (const item of items) {
    const { name } = item
    const end = at + name.length
    const isNext = list.startsWith(name, at) && (end === list.length || list[end] === ";")
    if (isNext) at = end + 1
    if (isNext || signed[signed.length - 1]?.name === name) signed.push(item)
    else unsigned.push(item)
  }
  return at > list.length || list === "" ? { signed, unsigned } : undefined
}

const inAnyOrder = (items: ReadonlyArray<Item>, list: string): Division => {
  const wanted = list.split(";").sort()
  const signed: Array<Item> = []
  const unsigned: Array<Item> = []
  let at = 0
  for (const item of items) {
    while (at < wanted.length && wanted[at]! < item.name) leave(wanted[at++]!, signed)
    if (item.name === wanted[at]) signed.push(item)
    else unsigned.push(item)
  }
  while (at < wanted.length) leave(wanted[at++]!, signed)
  return { signed, unsigned }
}

/** Nothing more of the request can bear this listed name. */
const leave = (name: string, signed: Array<Item>): void => {
  if (name !== "" && signed[signed.length - 1]?.name !== name) signed.push({ name, value: "" })
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
  let last: string | undefined
  for (const { name } of items) {
    if (name !== last) names.push(name)
    last = name
  }
  return names
}
