/** What a command ends with when it fails: already said on standard error, with its exit code. */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type { CosInventoryError } from "../core/errors.ts"
import { exitOf } from "./exit.ts"
import type { Form } from "./output/form.ts"

export class Failure extends Data.TaggedError("Failure")<{ readonly code: number }> {
  override readonly [Runtime.errorReported] = false
  override get [Runtime.errorExitCode](): number {
    return this.code
  }
}

/** Says on standard error why the action failed, once, and ends with the exit code of the table. */
export const reporting =
  (action: string, form: Form = "table") =>
  <A, E extends CosInventoryError | Failure, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Failure, R> =>
    Effect.catch(
      effect,
      (error: E): Effect.Effect<never, Failure> =>
        error instanceof Failure ? Effect.fail(error) : Effect.andThen(
          say(action, error as CosInventoryError, form),
          Effect.fail(new Failure({ code: exitOf(error as CosInventoryError) })),
        ),
    )

export const say = (action: string, error: CosInventoryError, form: Form): Effect.Effect<void> =>
  Effect.flatMap(
    Effect.promise(() => import("./output/problem.ts")),
    ({ paragraph, problemDocument }) =>
      Console.error(form === "json" ? problemDocument(action, error) : paragraph(action, error)),
  )

/** Ends with a sentence and an exit code that belong to the command itself. */
export const fail = (code: number, sentence: string): Effect.Effect<never, Failure> =>
  Effect.andThen(Console.error(sentence), Effect.fail(new Failure({ code })))
