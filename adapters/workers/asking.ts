/** A question to a part of the platform, which may fail or never be answered. */
import * as Effect from "effect/Effect"
import { LimiterError } from "../policy/limiter.ts"

export const asking = <A>(question: () => Promise<A>): Effect.Effect<A, LimiterError> =>
  Effect.tryPromise({
    try: question,
    catch: (cause) => new LimiterError({ problem: cause instanceof Error ? cause.message : "no answer" }),
  }).pipe(
    Effect.timeoutOrElse({
      duration: answerMillis,
      orElse: () => Effect.fail(new LimiterError({ problem: `no answer within ${answerMillis} ms` })),
    }),
  )
/** A request waits for it before anything is done. */
export const answerMillis = 1_000
