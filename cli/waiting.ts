/** Reading one rule back until COS shows it as it was written. */
import * as Effect from "effect/Effect"
import { getInventory, isMissingRule } from "../core/client.ts"
import { diff } from "../core/diff.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { shownWithinSeconds, untilShown } from "../core/shown.ts"
import type { Place, Wired } from "./connection.ts"
import { exitOf, exits } from "./exit.ts"
import { type Failing, Refusal } from "./failure.ts"
import type { Form } from "./output/form.ts"
import { doubtful, getCommand } from "./writing.ts"

/** Whatever goes wrong here, the rule is written: `done` says so in the document that reports the failure. */
export const waitFor = (
  place: Place,
  rule: InventoryConfiguration,
  done: object,
  form: Form,
): Effect.Effect<void, Refusal, Wired> => {
  const check = `check it with ${getCommand(rule.id, place)}`
  const unseen = (exit: number, problem: string) =>
    new Refusal({ exit, problem: `it was written, but ${problem}`, fix: `Do not write it again; ${check}`, done })
  const isShown = getInventory(place, rule.id).pipe(
    Effect.map(({ configuration }) => diff(configuration, rule).length === 0),
    Effect.catchIf(isMissingRule, () => Effect.succeed(false)),
  )
  return untilShown(isShown).pipe(
    Effect.mapError((error: Failing) => unseen(exitOf(error), `it could not be read back: ${messageOf(error)}`)),
    Effect.flatMap((shown) =>
      shown
        ? Effect.void
        : Effect.fail(unseen(exits.unavailable, `after ${shownWithinSeconds} s COS does not show it yet`))
    ),
    doubtful(`rule "${rule.id}" was written, and COS did not show it yet; ${check}`, form),
  )
}

const messageOf = (error: Failing): string => error._tag === "Refusal" ? error.problem : error.message
