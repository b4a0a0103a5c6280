import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { getInventory } from "../../core/client.ts"
import { writeJson } from "../../core/wire/json.ts"
import { idArgument } from "../flags.ts"
import { onBucket, placeFields, placeText } from "../connection.ts"
import { outputFlag, printDocument } from "../output/form.ts"
import { root } from "../root.ts"

/** `get <id>`: one rule, as a table, as JSON or YAML, or as COS sent it. */
export const get = Command.make(
  "get",
  { id: idArgument, output: outputFlag(["table", "json", "yaml", "xml"]) },
  Effect.fnUntraced(function* ({ id, output }) {
    const form = Option.getOrElse(output, () => "table" as const)
    const action = (place: string) => `get "${id}" from ${place}`
    yield* onBucket(
      yield* root,
      { action, form, mayShowDemo: Option.isNone(output) },
      (place) =>
        Effect.gen(function* () {
          const { configuration, xml } = yield* getInventory(place, id)
          if (form === "xml") return yield* Console.log(xml.trimEnd())
          if (form === "json" || form === "yaml") {
            return yield* printDocument(form, {
              ...placeFields(place),
              configuration: writeJson(configuration),
            })
          }
          const { ruleCard } = yield* Effect.promise(() => import("../output/rule.ts"))
          yield* Console.log(`Inventory rule in ${placeText(place)}\n\n${yield* ruleCard(configuration, place.bucket)}`)
        }),
    )
  }),
).pipe(
  Command.withDescription("Print one rule"),
  Command.withExamples([
    { command: "cos-inventory get list1", description: "Print rule list1" },
    { command: "cos-inventory get list1 -o yaml > list1.yaml", description: "Keep it as a file that put accepts" },
  ]),
)
