/** How attempts end together that have said their failures as they went. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Failure, say } from "./failure.ts"
import { exitOfMany, type Failed, sayTogether } from "./failures.ts"
import type { Form } from "./output/form.ts"

export interface Attempts {
  /** Under `-o json` they have not been said: they are here, in the one object that standard error holds. */
  readonly failures: ReadonlyArray<Failed>
  /** How many attempts there were, failed or not. */
  readonly total: number
  readonly form: Form
  /** How many failed of how many, for people; it is said of a single attempt too, which is then one of many. */
  readonly message?: string
}

/** Fails when any attempt did. */
export const concluded = ({ failures, total, form, message }: Attempts): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    const [only] = failures
    if (only === undefined) return
    const code = exitOfMany(failures, total)
    if (form === "json") {
      yield* total === 1 && message === undefined
        ? say(only.action, only.error, form)
        : sayTogether(failures, total, code)
    } else if (total > 1 || message !== undefined) {
      yield* Console.error(message ?? `${failures.length} of ${total} failed`)
    }
    return yield* new Failure({ code })
  })
