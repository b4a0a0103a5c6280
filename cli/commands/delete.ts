import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { deleteInventory } from "../../core/client.ts"
import { confirmed } from "../confirming.ts"
import { placeText } from "../connection.ts"
import { changing } from "../dry-run.ts"
import { dryRunFlag, idArgument, yesFlag } from "../flags.ts"
import { resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { doubtful, eachOf } from "../writing.ts"

/** `delete <id>...`: COS answers a rule that is not there like one that was, so deleting again is no failure. */
export const remove = Command.make(
  "delete",
  {
    ids: idArgument.pipe(Argument.atLeast(1)),
    yes: yesFlag,
    dryRun: dryRunFlag,
    form: resultFlag,
  },
  Effect.fnUntraced(function* ({ ids: given, yes, dryRun: isDryRun, form }) {
    const ids = [...new Set(given)]
    const named = ids.map((id) => `"${id}"`).join(", ")
    const action = (place: string) => `delete ${named} from ${place}`
    const shared = yield* root
    yield* changing({
      flags: shared,
      form,
      action,
      isDryRun,
      send: (place) => Effect.forEach(ids, (id) => deleteInventory(place, id), { discard: true }),
      change: (place) =>
        Effect.gen(function* () {
          if (!yes) yield* confirmed(`Delete ${named} from ${placeText(place)}?`)
          yield* eachOf({
            place,
            form,
            verb: "delete",
            items: ids,
            idOf: (id) => id,
            change: (id) =>
              Effect.map(
                deleteInventory(place, id).pipe(
                  doubtful(`rule "${id}" may have been deleted; check with \`cos-inventory get ${id}\``, form),
                ),
                (result) => ({ id, result }),
              ),
            sentence: ({ id, result }) =>
              result === "deleted"
                ? `Deleted rule "${id}" from ${placeText(place)}`
                : `There was no rule "${id}" in ${placeText(place)}`,
          })
        }),
    })
  }),
).pipe(
  Command.withDescription("Delete rules; reports already delivered stay"),
  Command.withExamples([{
    command: "cos-inventory delete old-1 old-2 --yes",
    description: "Delete without being asked",
  }]),
)
