/** What was asked of the local COS and what it said, for tests to look at: the last requests, without their secrets. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { hostOf, type HttpRequest } from "../../core/http.ts"
import type { Body } from "../../core/ports.ts"
import { redactTarget } from "../../core/redact.ts"
import type { About, Engine } from "./engine.ts"

export interface Recorded extends Partial<About> {
  /** Epoch milliseconds of real time. */
  readonly at: number
  readonly method: string
  readonly host: string
  /** As sent, signatures and tokens masked. */
  readonly target: string
  /** Absent where the connection broke without an answer. */
  readonly status?: number
  /** Until the answer was there; a body that streams is still to come. */
  readonly millis: number
}

export interface Journal {
  readonly around: (engine: Engine) => Engine
  /** Oldest first. */
  readonly requests: () => ReadonlyArray<Recorded>
  readonly clear: () => void
}

/** More than any test makes; the oldest go first. */
export const journalLength = 10_000

export const makeJournal = (): Journal => {
  let kept: Array<Recorded> = []
  const keep = (recorded: Recorded): void => {
    kept.push(recorded)
    if (kept.length >= 2 * journalLength) kept = kept.slice(-journalLength)
  }
  return {
    requests: () => kept.slice(-journalLength),
    clear: () => void (kept = []),
    around: (engine) => ({
      answer: (request) =>
        Effect.flatMap(Clock.currentTimeMillis, (at) => {
          const done = (rest: Partial<Recorded>) =>
            Effect.map(Clock.currentTimeMillis, (now) => keep({ at, ...seen(request), millis: now - at, ...rest }))
          return engine.answer(request).pipe(
            Effect.tap(({ status, about }) => done({ status, ...about })),
            Effect.tapError(() => done({})),
          )
        }),
    }),
  }
}

const seen = (request: HttpRequest<Body>) => ({
  method: request.method,
  host: hostOf(request),
  target: redactTarget(request.target),
})
