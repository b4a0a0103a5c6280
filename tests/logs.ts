/** What an effect logs, as lines of level and text. */
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"

export const recording = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<{ readonly value: A; readonly lines: ReadonlyArray<string> }, E, R> => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
  return effect.pipe(Effect.map((value) => ({ value, lines })), Effect.provide(Logger.layer([logger])))
}
