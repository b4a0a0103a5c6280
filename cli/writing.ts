/** What every change has in common: an interruption leaves a doubt, and many changes may succeed in part. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { documentVersion } from "../core/wire/document.ts"
import { type Place, placeFields, placeText } from "./connection.ts"
import { exitOf, exits } from "./exit.ts"
import { type Failing, Failure, say } from "./failure.ts"
import { type Form, printDocument } from "./output/form.ts"

/** Says what may have happened when the command is stopped at this point. */
export const doubtful =
  (sentence: string, form: Form) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.onInterrupt(effect, () =>
      Console.error(
        form === "json"
          ? JSON.stringify({
            version: documentVersion,
            error: { type: "Interrupted", message: sentence, exitCode: exits.interrupted },
          })
          : `\nInterrupted: ${sentence}`,
      ))

/** The doubt that a rule's write leaves. */
export const maybeWritten = (id: string): string =>
  `rule "${id}" may have been written; check with \`cos-inventory get ${id}\``

export interface Changes<A, B, R> {
  readonly place: Place
  readonly form: Exclude<Form, "xml">
  /** Such as `delete`, for messages. */
  readonly verb: string
  readonly items: ReadonlyArray<A>
  readonly idOf: (item: A) => string
  readonly change: (item: A) => Effect.Effect<B, Failing, R>
  /** What is said of a change that was made. */
  readonly sentence: (done: B) => string
}

/** Makes each change and reports each, made or failed; one that fails does not stop the others. */
export const eachOf = <A, B extends object, R>(changes: Changes<A, B, R>): Effect.Effect<void, Failure, R> =>
  Effect.gen(function* () {
    const { place, form, items, change, idOf } = changes
    const actionOn = (item: A) => `${changes.verb} "${idOf(item)}" in ${placeText(place)}`
    const results: Array<object> = []
    const stopped = Effect.suspend(() => {
      const [under, ...rest] = items.slice(results.length)
      const states = [
        ...(under === undefined ? [] : [{ id: idOf(under), result: "interrupted" }]),
        ...rest.map((item) => ({ id: idOf(item), result: "not started" })),
      ]
      return form === "table"
        ? Effect.void
        : printDocument(form, { ...placeFields(place), results: [...results, ...states] })
    })
    const failures: Array<{ readonly action: string; readonly error: Failing }> = []
    for (const item of items) {
      const result = yield* Effect.result(change(item)).pipe(Effect.onInterrupt(() => stopped))
      if (result._tag === "Success") {
        results.push(result.success)
        if (form === "table") yield* Console.log(changes.sentence(result.success))
        continue
      }
      const failure = { action: actionOn(item), error: result.failure }
      failures.push(failure)
      const done = result.failure._tag === "Refusal" ? result.failure.done : undefined
      results.push({ ...(done ?? { id: idOf(item), result: "failed" }), exitCode: exitOf(result.failure) })
      if (form !== "json") yield* say(failure.action, failure.error, form)
    }
    if (form !== "table") yield* printDocument(form, { ...placeFields(place), results })
    if (failures.length === 0) return
    if (form !== "json" && items.length > 1) {
      yield* Console.error(`${failures.length} of ${items.length} failed`)
    }
    const codes = failures.map(({ error }) => exitOf(error))
    const isSame = failures.length === items.length && codes.every((code) => code === codes[0])
    const code = isSame ? codes[0]! : exits.partial
    if (form === "json") yield* sayTogether(failures, items.length, code)
    return yield* new Failure({ code })
  })

/** All failures in the one object that standard error holds. */
const sayTogether = (
  failures: ReadonlyArray<{ readonly action: string; readonly error: Failing }>,
  total: number,
  exitCode: number,
): Effect.Effect<void> => {
  const [only] = failures
  if (only !== undefined && total === 1) return say(only.action, only.error, "json")
  return Effect.flatMap(Effect.promise(() => import("./output/problem.ts")), ({ problemOf, redacted }) => {
    const message = `${failures.length} of ${total} failed`
    const error = { type: "Failures", message, failures: failures.map((f) => problemOf(f.action, f.error)), exitCode }
    return Console.error(redacted({ version: documentVersion, error }))
  })
}
