/** What is under way at one time, counted. */

export interface Slot {
  /** When it is over at the latest, in epoch milliseconds. */
  readonly until: number
  readonly weight: number
}

export interface Slots {
  readonly count: () => number
  /** Of all that is under way. */
  readonly weight: () => number
  readonly take: (slot: Slot) => void
  readonly give: (slot: Slot) => void
  /** Gives back what must have ended long ago without saying so. */
  readonly sweep: (now: number) => void
}

/**
 * Whoever takes a slot gives it back, and yet none is held for ever: when a client of a Worker leaves, Cloudflare may drop
 * what was still to happen for it, the giving back included.
 */
export const makeSlots = (): Slots => {
  const taken = new Set<Slot>()
  let weight = 0
  const give = (slot: Slot) => {
    if (taken.delete(slot)) weight -= slot.weight
  }
  return {
    count: () => taken.size,
    weight: () => weight,
    take: (slot) => {
      taken.add(slot)
      weight += slot.weight
    },
    give,
    sweep: (now) => taken.forEach((slot) => now > slot.until + lateMillis && give(slot)),
  }
}
/** What a request may take to end when its time is over. */
const lateMillis = 1_000
