/**
 * CRC-64 of ECMA-182, reflected, as `x-cos-hash-crc64ecma` carries it: 11051210869376104954 for `123456789`. In halves of
 * 32 bits, because BigInt is two orders slower; eight bytes at a time, which is four times as fast on Bun as one.
 */
export interface Crc64 {
  readonly update: (bytes: Uint8Array) => void
  /** Decimal, as COS writes it. */
  readonly digest: () => string
}

export const crc64 = (): Crc64 => {
  // The last of all rows is not nought
  if (lows.at(-1) === 0) fill()
  let high = ~0
  let low = ~0
  return {
    update: (bytes) => {
      let h = high
      let l = low
      let at = 0
      for (const end = bytes.length - 7; at < end; at += 8) {
        const a = l ^ (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24)
        const b = h ^ (bytes[at + 4]! | bytes[at + 5]! << 8 | bytes[at + 6]! << 16 | bytes[at + 7]! << 24)
        const i7 = 7 * 256 + (a & 0xff)
        const i6 = 6 * 256 + ((a >>> 8) & 0xff)
        const i5 = 5 * 256 + ((a >>> 16) & 0xff)
        const i4 = 4 * 256 + (a >>> 24)
        const i3 = 3 * 256 + (b & 0xff)
        const i2 = 2 * 256 + ((b >>> 8) & 0xff)
        const i1 = 1 * 256 + ((b >>> 16) & 0xff)
        const i0 = b >>> 24
        l = lows[i7]! ^ lows[i6]! ^ lows[i5]! ^ lows[i4]! ^ lows[i3]! ^ lows[i2]! ^ lows[i1]! ^ lows[i0]!
        h = highs[i7]! ^ highs[i6]! ^ highs[i5]! ^ highs[i4]! ^ highs[i3]! ^ highs[i2]! ^ highs[i1]! ^ highs[i0]!
      }
      for (; at < bytes.length; at++) {
        const index = (l ^ bytes[at]!) & 0xff
        l = ((l >>> 8) | (h << 24)) ^ lows[index]!
        h = (h >>> 8) ^ highs[index]!
      }
      high = h
      low = l
    },
    digest: () => ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString(),
  }
}

/** 0x42f0e1eba9ea3693, its bits reversed. */
const polynomial = { high: 0xc96c5795 | 0, low: 0xd7870f42 | 0 }

/** Table n, of 256 rows, is for a byte that n others follow. Made for whoever first needs them. */
const highs = new Int32Array(8 * 256)
const lows = new Int32Array(8 * 256)
const fill = (): void => {
  for (let byte = 0; byte < 256; byte++) {
    let high = 0
    let low = byte
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (odd === 1) {
        high ^= polynomial.high
        low ^= polynomial.low
      }
    }
    highs[byte] = high
    lows[byte] = low
  }
  for (let at = 256; at < lows.length; at++) {
    const high = highs[at - 256]!
    const low = lows[at - 256]!
    lows[at] = ((low >>> 8) | (high << 24)) ^ lows[low & 0xff]!
    highs[at] = (high >>> 8) ^ highs[low & 0xff]!
  }
}
