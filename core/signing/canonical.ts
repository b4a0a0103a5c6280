/**
 * The form in which COS signs query parameters and headers, which is the same for both (documentation page 7778):
 * `name=value` pairs, percent-encoded once, names in lower case, sorted, with the list of names beside them.
 */
import { percentEncode } from "../wire/target.ts"

export interface Item {
  /** Percent-encoded, then lower-cased: `a%2fb`, not `a%2Fb`. */
  readonly name: string
  /** As it was given, not encoded. */
  readonly value: string
}

export const itemOf = (name: string, value: string): Item => ({ name: nameOf(name), value })

export const nameOf = (name: string): string => encode(name).toLowerCase()

/** Sorted by encoded name, then by value; a repeated name stands once in the list for each value, as the Go SDK writes it. */
export const sorted = (items: ReadonlyArray<Item>): ReadonlyArray<Item> =>
  items.length > few ? items.toSorted(byNameThenValue) : inserted(items)

/** Up to here, putting each item in its place beats the general sort three times over. */
const few = 16

const inserted = (items: ReadonlyArray<Item>): ReadonlyArray<Item> => {
  const out = items.slice()
  for (let next = 1; next < out.length; next++) {
    const item = out[next]!
    let at = next
    for (; at > 0 && byNameThenValue(out[at - 1]!, item) > 0; at--) out[at] = out[at - 1]!
    out[at] = item
  }
  return out
}

/** Names joined with `;`, as in `q-header-list` and `q-url-param-list`. */
export const listOf = (items: ReadonlyArray<Item>): string => {
  let list = ""
  for (const { name } of items) list += list === "" ? name : `;${name}`
  return list
}

/** Pairs joined with `&`: `HttpHeaders` or `HttpParameters`. */
export const textOf = (items: ReadonlyArray<Item>): string => {
  let text = ""
  for (const { name, value } of items) text += `${text === "" ? "" : "&"}${name}=${encode(value)}`
  return text
}

const byNameThenValue = (a: Item, b: Item): number => order(a.name, b.name) || order(a.value, b.value)

const order = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

const unreserved = /^[\w.~-]*$/

/** Most names and values hold nothing to escape, and the encoder costs several times this test. */
const encode = (text: string): string => unreserved.test(text) ? text : percentEncode(text)
