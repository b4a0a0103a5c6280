/** The local COS's own clock: real time, real time moved, or a time that stands still until it is moved. */
import type { ClockState } from "../store/mod.ts"

/** Epoch milliseconds. */
export const timeOf = (clock: ClockState | undefined, real: number): number =>
  clock === undefined ? real : clock._tag === "Still" ? clock.at : real + clock.offset

export const realTime: ClockState = { _tag: "Moved", offset: 0 }

/** The same clock showing another time. */
export const movedTo = (clock: ClockState, time: number, real: number): ClockState =>
  clock._tag === "Still" ? { _tag: "Still", at: time } : { _tag: "Moved", offset: time - real }
