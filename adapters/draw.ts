/** Numbers that look random and are a function of what they are for: whole numbers of 32 bits only, so that every engine agrees. */

/** Purposes: each draws its own numbers, so that a change to one leaves the others as they were. */
export const purposes = { key: 1, history: 2, time: 3, body: 4, attributes: 5, bytes: 6, size: 7, fault: 8 } as const
export type Purpose = keyof typeof purposes

/** 0 to 2^32 - 1. */
export const drawn = (seed: number, purpose: Purpose, index: number, turn: number = 0): number => {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(purposes[purpose] + (turn << 4), 0xc2b2ae35)
  h = finished(h ^ (h >>> 15))
  return finished(h ^ Math.imul(index + 1, 0x27d4eb2f)) >>> 0
}

/** The last step of MurmurHash3, which lets every bit of its input move every bit of its result. */
const finished = (value: number): number => {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** One of a weighted list, by a drawn number. */
export const chosen = <A>(choices: ReadonlyArray<readonly [weight: number, value: A]>, number: number): A => {
  let left = number % choices.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, value] of choices) {
    if (left < weight) return value
    left -= weight
  }
  return choices[0]![1]
}
