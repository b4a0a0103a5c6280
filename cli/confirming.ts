/** The question before what cannot be undone. */
import * as Effect from "effect/Effect"
import { oneLine } from "../core/redact.ts"
import { exits } from "./exit.ts"
import { Refusal } from "./failure.ts"
import { World } from "./world.ts"

/** Asks on a terminal, after what is to be seen first; elsewhere nobody could answer, so it has to be said beforehand. */
export const confirmed = (
  question: string,
  before: Effect.Effect<void, never, World> = Effect.void,
): Effect.Effect<void, Refusal, World> =>
  Effect.gen(function* () {
    const { isTerminal, confirm } = yield* World
    if (!isTerminal.stdin || !isTerminal.stderr) {
      return yield* new Refusal({
        exit: exits.usage,
        problem: "it has to be confirmed, and standard input or standard error is no terminal to ask on",
        fix: "Give --yes",
      })
    }
    yield* before
    if (!(yield* confirm(oneLine(question)))) {
      return yield* new Refusal({ exit: exits.failure, problem: "it was declined", fix: "Answer y, or give --yes" })
    }
  })
