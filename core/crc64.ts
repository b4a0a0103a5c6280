/**
 * CRC-64 of ECMA-182, reflected, as `x-cos-hash-crc64ecma` carries it: 11051210869376104954 for `123456789`. In halves of
 * 32 bits, because BigInt is two orders slower.
 */
export interface Crc64 {
  readonly update: (bytes: Uint8Array) => void
  /** Decimal, as COS writes it. */
  readonly digest: () => string
}

export const crc64 = (): Crc64 => {
  let high = ~0
  let low = ~0
  return {
    update: (bytes) => {
      for (let at = 0; at < bytes.length; at++) {
        const index = (low ^ bytes[at]!) & 0xff
        low = ((low >>> 8) | (high << 24)) ^ lows[index]!
        high = (high >>> 8) ^ highs[index]!
      }
    },
    digest: () => ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString(),
  }
}

/** 0x42f0e1eba9ea3693, its bits reversed. */
const polynomial = { high: 0xc96c5795 | 0, low: 0xd7870f42 | 0 }

const highs = new Int32Array(256)
const lows = new Int32Array(256)
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
