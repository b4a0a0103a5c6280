/**
 * The CRC-64 of bodies that stand one after another, from the CRCs of each: zeros are appended by a matrix over GF(2), as
 * zlib's `crc32_combine` does it, so that nothing is read again.
 */

/** Both in the form of `core/crc64.ts`; `length` is that of the second. */
export const concatenated = (first: bigint, second: bigint, length: number): bigint => {
  let crc = first
  for (let left = length, power = 0; left > 0; left = Math.floor(left / 2), power++) {
    if (left % 2 === 1) crc = applied(zeros(power), crc)
  }
  return crc ^ second
}

/** Column n is what becomes of bit n. */
type Matrix = ReadonlyArray<bigint>

const applied = (matrix: Matrix, vector: bigint): bigint => {
  let sum = 0n
  for (let left = vector, at = 0; left !== 0n; left >>= 1n, at++) if ((left & 1n) === 1n) sum ^= matrix[at]!
  return sum
}

const powers: Array<Matrix> = []

/** The matrix that appends 2^power bytes of zeros. */
const zeros = (power: number): Matrix => {
  while (powers.length <= power) {
    const last = powers.at(-1)
    powers.push(last === undefined ? squared(squared(squared(oneBit()))) : squared(last))
  }
  return powers[power]!
}

const squared = (matrix: Matrix): Matrix => matrix.map((column) => applied(matrix, column))

/** ECMA-182, its bits reversed. */
const polynomial = 0xc96c5795d7870f42n
const oneBit = (): Matrix => Array.from({ length: 64 }, (_, at) => at === 0 ? polynomial : 1n << BigInt(at - 1))
