import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { getInventory } from "../../core/client.ts"
import type { RuleAnswer } from "../../core/wire/answers.ts"
import { writeJson } from "../../core/wire/json.ts"
import { type Place, placeText } from "../connection.ts"
import { idArgument } from "../flags.ts"
import { outputFlag } from "../output/form.ts"
import { reading } from "../reading.ts"
import { root } from "../root.ts"

/** `get <id>`: one rule, as a table, as JSON or YAML, or as COS sent it. */
export const get = Command.make(
  "get",
  { id: idArgument, output: outputFlag(["table", "json", "yaml", "xml"]) },
  Effect.fnUntraced(function* ({ id, output }) {
    const text = ({ configuration }: RuleAnswer, place: Place) =>
      Effect.gen(function* () {
        const { ruleCard } = yield* Effect.promise(() => import("../output/rule.ts"))
        return `Inventory rule in ${placeText(place)}\n\n${yield* ruleCard(configuration, place.bucket)}`
      })
    yield* reading({
      flags: yield* root,
      form: Option.getOrElse(output, () => "table" as const),
      mayShowDemo: Option.isNone(output),
      action: (place) => `get "${id}" from ${place}`,
      read: (place) => getInventory(place, id),
      fields: ({ configuration }) => ({ configuration: writeJson(configuration) }),
      sent: ({ xml }) => xml.trimEnd(),
      text,
      together: (all) =>
        Effect.map(Effect.forEach(all, ({ found, place }) => text(found, place)), (cards) => cards.join("\n\n")),
    })
  }),
).pipe(
  Command.withDescription("Print one rule"),
  Command.withExamples([
    { command: "cos-inventory get list1", description: "Print rule list1" },
    { command: "cos-inventory get list1 -o yaml > list1.yaml", description: "Keep it as a file that put accepts" },
  ]),
)
