/** Temporary keys, kept while they last and replaced before they expire. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { ConfigError } from "../../core/errors.ts"
import { type Credential, Credentials } from "../../core/ports.ts"
import { writeTime } from "../../core/time.ts"

export interface Temporary {
  readonly credential: Credential
  /** Epoch seconds; without it the credential is taken to last as long as the program. */
  readonly expiresAt?: number
}

/** Long enough for a request signed now to be sent, retried and answered with the same keys. */
const refreshSeconds = 5 * 60
/** After a refresh that failed, keys that are still good are used this long before the next try. */
const pauseSeconds = 30

/**
 * Credentials from a source that is asked only when needed, and once for all who wait.
 *
 * **Details**
 *
 * Keys are replaced 5 minutes before they expire; keys that come with less than 10 minutes left, half-way. When that
 * fails, the old ones are used while they last. A failure is not kept: the next call asks again.
 */
export const layerRefreshing = (source: Effect.Effect<Temporary, ConfigError>): Layer.Layer<Credentials> =>
  Layer.effect(Credentials, make(source))

export const make = (
  source: Effect.Effect<Temporary, ConfigError>,
): Effect.Effect<Effect.Effect<Credential, ConfigError>> =>
  Effect.map(
    SynchronizedRef.make<Held | undefined>(undefined),
    (held) =>
      SynchronizedRef.modifyEffect(held, (current) =>
        Effect.gen(function* () {
          if (current !== undefined && (yield* seconds) < current.refreshAt) {
            return [current.credential, current] as const
          }
          const next = yield* fresh(source).pipe(Effect.catch((error) => stillGood(current, error)))
          return [next.credential, next] as const
        })),
  )

interface Held {
  readonly credential: Credential
  readonly refreshAt: number
  readonly expiresAt: number
}

const seconds = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000)

const fresh = (source: Effect.Effect<Temporary, ConfigError>): Effect.Effect<Held, ConfigError> =>
  Effect.gen(function* () {
    const { credential, expiresAt = Infinity } = yield* source
    const now = yield* seconds
    if (expiresAt <= now) {
      return yield* new ConfigError({
        source: "temporary credentials",
        problem: `The credentials just given expired at ${writeTime(expiresAt)}`,
        fix: "Check their source, and this machine's clock",
      })
    }
    return { credential, expiresAt, refreshAt: expiresAt - Math.min(refreshSeconds, (expiresAt - now) / 2) }
  })

const stillGood = (current: Held | undefined, error: ConfigError): Effect.Effect<Held, ConfigError> =>
  Effect.gen(function* () {
    const now = yield* seconds
    if (current === undefined || now >= current.expiresAt) return yield* error
    yield* Effect.logWarning(
      `Cannot refresh credentials, using those that last until ${writeTime(current.expiresAt)}: ${error.message}`,
    )
    return { ...current, refreshAt: Math.min(now + pauseSeconds, current.expiresAt) }
  })
