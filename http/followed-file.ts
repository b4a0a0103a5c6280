/** A file that is read again when it changes, or when the program is told to (SIGHUP). */
import { stat } from "node:fs/promises"
import { isatty } from "node:tty"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { ConfigError } from "../core/errors.ts"

export interface FollowedFile<A, E> {
  readonly path: string
  readonly read: Effect.Effect<A, E | ConfigError>
  /** Told of every reading but the first. What cannot be read changes nothing. */
  readonly onRead: (read: Result.Result<A, E | ConfigError>) => void
  /** Between two looks at the file; a second unless told. */
  readonly lookMillis?: number
  /** How long a reading but the first may take, and a look until it is told; five seconds unless told. */
  readonly readMillis?: number
}

/** The value as it was read last, looked after until the scope closes. */
export const follow = <A, E>(file: FollowedFile<A, E>): Effect.Effect<() => A, E | ConfigError, Scope.Scope> =>
  Effect.gen(function* () {
    const stamp = yield* stampOf(file.path)
    let current = yield* file.read
    const wasTold = yield* hangups
    yield* Effect.forkScoped(keepUp(file, stamp, wasTold, (value) => current = value))
    return () => current
  })

const keepUp = <A, E>(
  { path, read, onRead, lookMillis = 1000, readMillis = 5000 }: FollowedFile<A, E>,
  stamp: string,
  wasTold: Hangups,
  take: (value: A) => void,
): Effect.Effect<never> =>
  Effect.gen(function* () {
    let [known, last] = [stamp, stamp]
    const late = Effect.fail(tooLate(path, readMillis))
    const tellLate = Effect.map(Effect.result(Effect.delay(late, readMillis)), onRead)
    // A file that came to be a pipe, which nobody writes into
    const reading = Effect.result(Effect.timeoutOrElse(read, { duration: readMillis, orElse: () => late }))
    for (;;) {
      const isTold = yield* wasTold(lookMillis)
      // A mount that hangs cannot be left alone: each look at it would keep another thread of the runtime
      const now = yield* Effect.raceFirst(stampOf(path), Effect.andThen(tellLate, Effect.never))
      // One that is still being written is half a file, which may read as a whole one
      const isStill = now === last
      last = now
      if (!isTold && (now === known || !isStill)) continue
      known = now
      const result = yield* reading
      if (Result.isSuccess(result)) take(result.success)
      onRead(result)
    }
  })

const tooLate = (path: string, millis: number): ConfigError =>
  new ConfigError({
    source: path,
    problem: `Cannot read "${path}": nothing came within ${millis / 1000} seconds`,
    fix: "Put a file in its place, on a disk that answers",
  })

/** What changes with the file; of a file that is put in its place by a link as well. */
const stampOf = (path: string): Effect.Effect<string> =>
  Effect.promise(() =>
    stat(path).then(({ mtimeMs, ctimeMs, size, ino }) => [mtimeMs, ctimeMs, size, ino].join(), () => "none")
  )

/** Waits for so long, or until SIGHUP comes or has come since, which it answers. */
export type Hangups = (millis: number) => Effect.Effect<boolean>

/** On a terminal SIGHUP still means that the terminal is gone, and ends the program. */
export const hangups: Effect.Effect<Hangups, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const hangup = { hasCome: false, wake: () => {} }
      const listener = () => {
        hangup.hasCome = true
        hangup.wake()
      }
      if (!isatty(0)) process.on("SIGHUP", listener)
      return { hangup, listener }
    }),
    ({ listener }) => Effect.sync(() => process.off("SIGHUP", listener)),
  ),
  ({ hangup }) => (millis) =>
    Effect.callback<boolean>((resume) => {
      const end = () => {
        clearTimeout(timer)
        // What comes before the next wait begins is for that one
        hangup.wake = () => {}
        resume(Effect.succeed(hangup.hasCome))
        hangup.hasCome = false
      }
      const timer = setTimeout(end, millis)
      hangup.wake = end
      if (hangup.hasCome) end()
      return Effect.sync(() => clearTimeout(timer))
    }),
)
