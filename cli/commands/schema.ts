import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { schemaHint } from "../header.ts"

/** `schema`: the JSON Schema of rules files, by which editors complete and check them. */
export const schema = Command.make(
  "schema",
  {},
  Effect.fnUntraced(function* () {
    const { rulesSchema } = yield* Effect.promise(() => import("../../core/schema.ts"))
    yield* Console.log(JSON.stringify(rulesSchema(), null, 2))
  }),
).pipe(
  Command.withDescription("Print the JSON Schema of rules files, for editors"),
  Command.withExamples([
    {
      command: "cos-inventory schema > rules.schema.json",
      description: `Keep it beside the rules files, and begin them with the line ${schemaHint}`,
    },
  ]),
)
