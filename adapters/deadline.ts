/** An end to what takes too long. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/**
 * What comes first: the effect's own end, or `late` when the time is over and the effect has been interrupted.
 *
 * As `Effect.timeoutOrElse`, whose race takes twice as long where nearly all that it is around ends in time.
 */
export const within = <A, E, B, F>(
  effect: Effect.Effect<A, E>,
  millis: number,
  late: () => Effect.Effect<B, F>,
): Effect.Effect<A | B, E | F> =>
  Effect.contextWith((services: Context.Context<never>) =>
    Effect.callback<A | B, E | F>((resume) => {
      const fork = Effect.runForkWith(services)
      const working = fork(effect)
      const ended = working.pollUnsafe()
      if (ended !== undefined) return resume(ended)
      const passing = fork(Effect.sleep(millis))
      working.addObserver((exit) => {
        passing.interruptUnsafe()
        resume(exit)
      })
      passing.addObserver((exit) => {
        if (Exit.isSuccess(exit)) resume(Effect.andThen(Fiber.interrupt(working), Effect.suspend(late)))
      })
      return Effect.suspend(() => {
        passing.interruptUnsafe()
        return Fiber.interrupt(working)
      })
    })
  )
