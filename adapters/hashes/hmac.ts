import { createHmac, hash } from "node:crypto"

/**
 * HMAC-SHA1 in hex, with the key as text.
 *
 * Node has no one-shot HMAC, and `createHmac` takes Deno ten times as long as `hash`. So where the key is a signing
 * key, which seals many texts, HMAC is made from two one-shot hashes (RFC 2104).
 */
export const hmacSha1Hex = (key: string, text: string): string => {
  const blocks = kept.get(key) ?? (signingKey.test(key) ? keep(key) : undefined)
  if (blocks === undefined) return createHmac("sha1", key).update(text).digest("hex")
  const { inner, outer } = blocks
  const hex = hash("sha1", inner + text, "hex")
  for (let at = 0; at < digestBytes; at++) {
    outer[blockBytes + at] = nibble(hex.charCodeAt(2 * at)) << 4 | nibble(hex.charCodeAt(2 * at + 1))
  }
  return hash("sha1", outer, "hex")
}

/** Hex digits keep the inner block within ASCII, so that it joins the text as text. */
const signingKey = /^[0-9a-f]{40}$/

interface Blocks {
  /** What stands before the text. */
  readonly inner: string
  /** What stands before the inner digest, with room for it. */
  readonly outer: Uint8Array
}

const blockBytes = 64
const digestBytes = 20

/** The blocks of the last few keys: those of a server's clients alternate. */
const kept = new Map<string, Blocks>()
const limit = 16

const keep = (key: string): Blocks => {
  const inner = new Uint8Array(blockBytes).fill(0x36)
  const outer = new Uint8Array(blockBytes + digestBytes).fill(0x5c, 0, blockBytes)
  for (let at = 0; at < key.length; at++) {
    inner[at]! ^= key.charCodeAt(at)
    outer[at]! ^= key.charCodeAt(at)
  }
  const blocks = { inner: String.fromCharCode(...inner), outer }
  if (kept.size >= limit) kept.delete(kept.keys().next().value!)
  kept.set(key, blocks)
  return blocks
}

const nibble = (digit: number): number => digit < 0x3a ? digit - 0x30 : digit - 0x57
