/** What the parts of an object make together. */
import type { Hashes } from "../../core/ports.ts"
import { concatenated } from "./concatenation.ts"
import type { Segment } from "./contract.ts"

/** A body as parts and versions tell of it. */
export interface Content {
  /** Without quotes. */
  readonly etag: string
  readonly size: number
  readonly crc64: string
  readonly segments: ReadonlyArray<Segment>
}

/** In the order of the list. */
export const assembled = (parts: ReadonlyArray<Content>, hashes: Hashes): Content => {
  let crc = 0n
  let size = 0
  for (const part of parts) {
    crc = size === 0 ? BigInt(part.crc64) : concatenated(crc, BigInt(part.crc64), part.size)
    size += part.size
  }
  return {
    etag: multipartEtag(parts.map(({ etag }) => etag), hashes),
    size,
    crc64: String(crc),
    segments: parts.flatMap(({ segments }) => segments),
  }
}

/** Assumed: the MD5 of the parts' MD5s and how many they are, as S3 makes it; page 7742 shows the form alone. */
const multipartEtag = (md5s: ReadonlyArray<string>, hashes: Hashes): string => {
  const md5 = hashes.md5()
  for (const hex of md5s) md5.update(Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))
  return `${md5.hex()}-${md5s.length}`
}
