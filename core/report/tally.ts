/** Objects and their bytes, counted exactly: a bucket may hold more bytes than a number can say. */
export interface Tally {
  readonly count: number
  readonly size: bigint
}

export interface Tallying {
  readonly add: (size: number) => void
  readonly total: () => Tally
}

export const tallying = (): Tallying => {
  let count = 0
  let small = 0
  let large = 0n
  return {
    add: (size) => {
      count++
      small += size
      if (small > exact) {
        large += BigInt(small)
        small = 0
      }
    },
    total: () => ({ count, size: large + BigInt(small) }),
  }
}

/** With an object more, of less than 2^52 bytes, a sum is exact still. */
const exact = 2 ** 52
