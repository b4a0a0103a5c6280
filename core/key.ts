/**
 * Object keys. COS recommends UTF-8 (page 13324), and an inventory report percent-encodes what it lists, so that a key is
 * bytes first: here a string with one character for each byte, which compares, slices and sorts as the bytes do.
 */
import { percentEncode } from "./wire/target.ts"

/** One character, U+0000 to U+00FF, for each byte. */
export type Key = string

/** The key of text, as UTF-8. */
export const keyOfText = (text: string): Key => isAscii(text) ? text : binary(utf8.encode(text))

/** The key that raw text of a target stands for: every escape is one byte, and a malformed one stands for itself. */
export const keyOfRaw = (raw: string): Key =>
  keyOfText(raw).replace(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
const escaped = /%([0-9A-Fa-f]{2})/g

/** The text of a key; undefined where its bytes are not UTF-8. */
export const textOfKey = (key: Key): string | undefined => {
  if (isAscii(key)) return key
  try {
    return strict.decode(bytesOfKey(key))
  } catch {
    return undefined
  }
}

export const bytesOfKey = (key: Key): Uint8Array => Uint8Array.from(key, (character) => character.charCodeAt(0))
export const keyOfBytes = (bytes: Uint8Array): Key => binary(bytes)

/** Percent-encoded, every byte but the unreserved ones; this loses nothing, whatever the bytes. */
export const encodeKey = (key: Key): string =>
  isAscii(key) ? percentEncode(key) : key.replace(reserved, (c) => `%${hexOf(c.charCodeAt(0))}`)
const reserved = /[^A-Za-z0-9\-_.~]/g
const hexOf = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0")

// deno-lint-ignore no-control-regex -- the control characters are ASCII too
const ascii = /^[\x00-\x7f]*$/
const isAscii = (text: string): boolean => ascii.test(text)

const binary = (bytes: Uint8Array): string => {
  let text = ""
  for (let at = 0; at < bytes.length; at += chunk) {
    text += String.fromCharCode(...bytes.subarray(at, at + chunk))
  }
  return text
}
const chunk = 8192

const utf8 = new TextEncoder()
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
