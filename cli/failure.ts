/** What a command ends with when it fails: said once on standard error, with its exit code. */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type { CosInventoryError } from "../core/errors.ts"
import { quotedLine } from "../core/redact.ts"
import { exitOf } from "./exit.ts"
import type { Form } from "./output/form.ts"

/** The command itself refuses: what was asked for cannot be done as it stands. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly exit: number
  /** Why, beginning in lower case, since it follows "Cannot …: ". */
  readonly problem: string
  readonly fix: string
  /** What was done all the same, for the document that reports it. */
  readonly done?: object
}> {}

/** Everything that a command can say of its failure. */
export type Failing = CosInventoryError | Refusal

/** The end of a failed command. Whatever is to be said of it has been said. */
export class Failure extends Data.TaggedError("Failure")<{ readonly code: number }> {
  override readonly [Runtime.errorReported] = false
  override get [Runtime.errorExitCode](): number {
    return this.code
  }
}

/** Whether requests go to a proxy, which has a policy of its own. */
export const ThroughProxy = Context.Reference<boolean>("cos-inventory/cli/ThroughProxy", { defaultValue: () => false })

/** Says on standard error why the action failed, and ends with the exit code of the table. `advice` knows better what to do. */
export const reporting =
  (action: string, form: Form = "table", advice?: (error: Failing) => string | undefined) =>
  <A, E extends Failing | Failure, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Failure, R> =>
    Effect.catch(effect, (error: E): Effect.Effect<never, Failure> => {
      if (error instanceof Failure) return Effect.fail(error)
      const failing = error as Failing
      return Effect.andThen(
        say(action, failing, form, advice?.(failing)),
        Effect.fail(new Failure({ code: exitOf(failing) })),
      )
    })

export const say = (action: string, error: Failing, form: Form, advice?: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { paragraph, problemDocument } = yield* Effect.promise(() => import("./output/problem.ts"))
    const told = advice ?? (yield* adviceHere)(error)
    yield* Console.error(form === "json" ? problemDocument(action, error, told) : paragraph(action, error, told))
  })

/** What to do that follows from where requests go; undefined where the failure alone tells. */
export const adviceHere: Effect.Effect<(error: Failing) => string | undefined> = Effect.gen(function* () {
  if (!(yield* ThroughProxy)) return () => undefined
  return (yield* Effect.promise(() => import("./output/problem.ts"))).proxyAdvice
})

/** Speech that is no failure. Under `-o json` standard error holds one JSON object or nothing. */
export const note = (text: string, form: Form): Effect.Effect<void> =>
  form === "json" ? Effect.void : Console.error(`Note: ${quotedLine(text)}`)
