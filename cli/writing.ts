/** What every change has in common: an interruption leaves a doubt, and many changes may succeed in part. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { CosInventoryError } from "../core/errors.ts"
import { exitOf, exits } from "./exit.ts"
import { Failure, say } from "./failure.ts"
import type { Form } from "./output/form.ts"

/** Says what may have happened when the command is stopped while a change is under way. */
export const doubtful =
  (what: string, check: string) => <A, E, R>(write: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.onInterrupt(
      write,
      () => Console.error(`\nInterrupted: ${what} may have been written; check with \`cos-inventory ${check}\``),
    )

/** Does the same to each item; one that fails is reported and does not stop the others. */
export const eachOf = <A, B, R>(
  items: ReadonlyArray<A>,
  action: (item: A) => string,
  form: Form,
  change: (item: A) => Effect.Effect<B, CosInventoryError | Failure, R>,
): Effect.Effect<ReadonlyArray<B>, Failure, R> =>
  Effect.gen(function* () {
    const done: Array<B> = []
    const codes: Array<number> = []
    for (const item of items) {
      const result = yield* Effect.result(change(item))
      if (result._tag === "Success") {
        done.push(result.success)
        continue
      }
      const { failure } = result
      if (!(failure instanceof Failure)) yield* say(action(item), failure, form)
      codes.push(failure instanceof Failure ? failure.code : exitOf(failure))
    }
    if (codes.length === 0) return done
    const isSame = codes.length === items.length && codes.every((code) => code === codes[0])
    return yield* new Failure({ code: isSame ? codes[0]! : exits.partial })
  })
