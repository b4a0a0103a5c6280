/** Waiting until COS shows what was written: its configurations are eventually consistent (python ut/test.py:1800). */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"

/** How long COS may take to show what was written. Assumed: the SDK's own test waits 4 s. */
export const shownWithinSeconds = 60

/** Looks every second until it is shown; false when the time is over. */
export const untilShown = <E, R>(look: Effect.Effect<boolean, E, R>): Effect.Effect<boolean, E, R> =>
  look.pipe(
    Effect.repeat({ schedule: Schedule.spaced("1 second"), until: (isShown) => isShown }),
    Effect.timeoutOption(`${shownWithinSeconds} seconds`),
    Effect.map(Option.isSome),
  )
