import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { deleteInventory } from "../../core/client.ts"
import { placeText } from "../connection.ts"
import { changing } from "../dry-run.ts"
import { dryRunFlag, idArgument, yesFlag } from "../flags.ts"
import { resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { doubtful, getCommand } from "../writing.ts"

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
    const from = (verb: string) => (place: string) => `${verb} ${named} from ${place}`
    yield* changing({
      flags: yield* root,
      form,
      action: from("delete"),
      verb: "delete",
      isDryRun,
      items: () => Effect.succeed(ids),
      idOf: (id) => id,
      ...(yes ? {} : { question: (places) => `${from("Delete")(places)}?` }),
      send: deleteInventory,
      change: (place, id) =>
        Effect.map(
          deleteInventory(place, id).pipe(
            doubtful(`rule "${id}" may have been deleted; check with ${getCommand(id, place)}`, form),
          ),
          (result) => ({ id, result }),
        ),
      sentence: ({ id, result }, place) =>
        result === "deleted"
          ? `Deleted rule "${id}" from ${placeText(place)}`
          : `There was no rule "${id}" in ${placeText(place)}`,
    })
  }),
).pipe(
  Command.withDescription("Delete rules; reports already delivered stay"),
  Command.withExamples([
    { command: "cos-inventory delete old-1 old-2 --yes", description: "Delete without being asked" },
    {
      command: "cos-inventory delete old-1 --buckets-from buckets.txt",
      description: "From every bucket of a list; asks once",
    },
  ]),
)
