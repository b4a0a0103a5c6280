/**
 * What synthetic objects contain: a fixed family of bodies for each seed, computed from their refs, so that every object
 * can be read and its ETag, size and CRC are true, and nothing is stored.
 */
import { crc64 } from "../../../core/crc64.ts"
import type { Hashes } from "../../../core/ports.ts"
import { assembled, type Content } from "../parts.ts"
import { drawn } from "../../draw.ts"

/** Seeds are whole numbers below this. */
export const seedLimit = 2 ** 32

/** Number 0 is empty; the others grow from a byte to a mebibyte, as many in each power of two. */
export const singles = 256
/** Objects of several parts, from one mebibyte to one gibibyte. */
export const multiparts = 64

/** Parts of a mebibyte, which is the least that COS takes but for the last one (page 7750). */
const partSize = 1024 * 1024
/** Their refs come after those of the singles. */
const parts = 16
const powersOfTwo = 20

/** The bytes of a ref, `=<seed>/<number>`. */
export const syntheticBody = (ref: string): Uint8Array => {
  const named = namedBy(ref)
  if (named === undefined) throw new RangeError(`Cannot compute a body: "${ref}" is not a ref of a synthetic one`)
  const { seed, number } = named
  return filled(new Uint8Array(sizeOf(seed, number)), drawn(seed, "bytes", number))
}

/** Its size in bytes; undefined for a ref that names none of the family. */
export const syntheticSize = (ref: string): number | undefined => {
  const named = namedBy(ref)
  return named === undefined ? undefined : sizeOf(named.seed, named.number)
}

const namedBy = (ref: string): { readonly seed: number; readonly number: number } | undefined => {
  const match = /^=(0|[1-9]\d{0,9})\/(0|[1-9]\d{0,2})$/.exec(ref)
  if (match === null) return undefined
  const [seed, number] = [Number(match[1]), Number(match[2])]
  return seed < seedLimit && number < singles + parts ? { seed, number } : undefined
}

const sizeOf = (seed: number, number: number): number => {
  if (number === 0) return 0
  if (number >= singles) return partSize
  const power = 2 ** Math.floor(number * powersOfTwo / singles)
  return power + drawn(seed, "size", number) % power
}

/** Xorshift, a word at a time, least byte first. */
const filled = (bytes: Uint8Array, start: number): Uint8Array => {
  let word = start | 1
  for (let at = 0; at < bytes.length; at += 4) {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    bytes[at] = word
    bytes[at + 1] = word >>> 8
    bytes[at + 2] = word >>> 16
    bytes[at + 3] = word >>> 24
  }
  return bytes
}

export interface Contents {
  readonly single: (number: number) => Content
  readonly multipart: (number: number) => Content
}

/** Each is worked out when it is first asked for. */
export const contentsOf = (seed: number, hashes: Hashes): Contents => {
  const single = kept((number) => digested(`=${seed}/${number}`, hashes))
  return {
    single,
    multipart: kept((number) => {
      const full = single(singles + number % parts)
      const most = 2 ** Math.floor(number * 10 / multiparts)
      const repeated = Array.from({ length: most + drawn(seed, "size", number, 1) % most }, () => full)
      const last = number < 4 ? [] : [single(1 + drawn(seed, "size", number, 2) % (singles - 1))]
      return assembled([...repeated, ...last], hashes)
    }),
  }
}

/** What the bodies of these refs are, one after another; several are an object put in parts. */
export const syntheticContents = (hashes: Hashes): (refs: ReadonlyArray<string>) => Content => {
  const known = new Map<string, Content>()
  const single = (ref: string): Content => {
    const found = known.get(ref)
    if (found !== undefined) return found
    const made = digested(ref, hashes)
    known.set(ref, made)
    return made
  }
  return (refs) => refs.length === 1 ? single(refs[0]!) : assembled(refs.map(single), hashes)
}

const digested = (ref: string, hashes: Hashes): Content => {
  const bytes = syntheticBody(ref)
  const md5 = hashes.md5()
  md5.update(bytes)
  const crc = crc64()
  crc.update(bytes)
  const size = bytes.length
  return { etag: md5.hex(), size, crc64: crc.digest(), segments: size === 0 ? [] : [{ ref, size }] }
}

const kept = (compute: (number: number) => Content): (number: number) => Content => {
  const known: Array<Content | undefined> = []
  return (number) => known[number] ??= compute(number)
}
