/** Reading back until COS shows what was written: its configurations are eventually consistent (observed: 4 s). */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { type CallError, getInventory } from "../core/client.ts"
import { diff } from "../core/diff.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import type { Place, Wired } from "./connection.ts"
import { exits } from "./exit.ts"
import { Refusal } from "./failure.ts"

const waitSeconds = 60

export const waitFor = (place: Place, rule: InventoryConfiguration): Effect.Effect<void, CallError | Refusal, Wired> =>
  Effect.gen(function* () {
    const isShown = getInventory(place, rule.id).pipe(
      Effect.map(({ configuration }) => diff(configuration, rule).length === 0),
      Effect.catchIf((e) => e._tag === "CosError" && e.reason === "not-found", () => Effect.succeed(false)),
    )
    const shown = yield* isShown.pipe(
      Effect.repeat({ schedule: Schedule.spaced("1 second"), until: (yes) => yes }),
      Effect.timeoutOption(`${waitSeconds} seconds`),
    )
    if (Option.isSome(shown)) return
    return yield* new Refusal({
      exit: exits.unavailable,
      problem: `it was written, but after ${waitSeconds} s COS does not show it yet`,
      fix: `Check it later with \`cos-inventory get ${rule.id}\``,
    })
  })
