/** Keys, prefixes and markers as they stand in the query and in the XML of a list. */
import { encodeKey, type Key, keyOfRaw, keyOfText } from "../../../core/key.ts"
import { leaf } from "../../../core/wire/xml/mod.ts"
import type { Facts } from "../facts.ts"
import { keyText } from "../objects/mod.ts"
import { encodedMarker } from "./assumptions.ts"

/** How a list writes keys: percent-encoded whole with `encoding-type=url` (page 7734), else as text. */
export interface KeyText {
  readonly leaf: (name: string, key: Key) => string
  /** Of a key that a client hands back in the query, for the page after it. */
  readonly marker: (name: string, key: Key) => string
}

export const encodedKeys: KeyText = {
  leaf: (name, key) => leaf(name, encodeKey(key)),
  marker: (name, key) => leaf(name, encodeKey(key.startsWith(sign) ? signed(key) : key)),
}

export const plainKeys: KeyText = {
  leaf: (name, key) => leaf(name, keyText(key)),
  marker: (name, key) => leaf(name, markerAsText(key)),
}

/** Text that begins like a sign would be taken for one. */
const markerAsText = (key: Key): string => {
  const text = keyText(key)
  return keyOfText(text) === key && !key.startsWith(sign) ? text : encodedMarker + encodeKey(key)
}
const sign = keyOfText(encodedMarker)
const signed = (key: Key): Key => sign + keyOfText(encodeKey(key))

/** The bytes of a parameter, whatever they are; `+` is a space, as `readTarget` has it. */
export const keyParameter = ({ request: { target } }: Pick<Facts, "request">, wanted: string): Key | undefined => {
  const at = target.indexOf("?")
  if (at < 0) return undefined
  for (const pair of target.slice(at + 1).split("&")) {
    const [name = "", ...value] = pair.replaceAll("+", " ").split("=")
    if (keyOfRaw(name) === wanted) return keyOfRaw(value.join("="))
  }
  return undefined
}

/** A marker, which `KeyText.marker` may have written. */
export const markerParameter = (facts: Pick<Facts, "request">, name: string): Key | undefined => {
  const key = keyParameter(facts, name)
  return key?.startsWith(sign) === true ? keyOfRaw(key.slice(sign.length)) : key
}
