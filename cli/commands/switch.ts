import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { getInventory, replaceInventory } from "../../core/client.ts"
import { onBucket, placeFields, placeText } from "../connection.ts"
import { idArgument } from "../flags.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { doubtful, maybeWritten } from "../writing.ts"

const meaning =
  "  No further reports are made. Reports already delivered stay, and the rule stays and counts towards the bucket's 1000"

/** `enable` and `disable`: the rule is read, switched and written back; everything else in it stays as COS has it. */
const switchTo = (verb: "enable" | "disable") =>
  Command.make(
    verb,
    { id: idArgument, form: resultFlag },
    Effect.fnUntraced(function* ({ id, form }) {
      const isEnabled = verb === "enable"
      yield* onBucket(yield* root, {
        action: (place) => `${verb} "${id}" in ${place}`,
        form,
      }, (place) =>
        Effect.gen(function* () {
          const { configuration: before } = yield* getInventory(place, id)
          const isChanged = before.isEnabled !== isEnabled
          if (isChanged) {
            yield* replaceInventory(place, { ...before, isEnabled }, before).pipe(
              doubtful(maybeWritten(id), form),
            )
          }
          if (form !== "table") {
            return yield* printDocument(form, {
              ...placeFields(place),
              results: [{ id, isEnabled, result: isChanged ? `${verb}d` : "unchanged" }],
            })
          }
          const where = placeText(place)
          const head = isChanged
            ? `${isEnabled ? "Enabled" : "Disabled"} rule "${id}" in ${where}`
            : `Unchanged: rule "${id}" in ${where} is ${verb}d already`
          yield* Console.log(isEnabled ? head : `${head}\n${meaning}`)
        }))
    }),
  )

export const enable = switchTo("enable").pipe(
  Command.withDescription("Let a rule produce reports again"),
  Command.withExamples([{ command: "cos-inventory enable list1", description: "Resume the reports of list1" }]),
)

export const disable = switchTo("disable").pipe(
  Command.withDescription("Keep a rule, but let it produce no reports"),
  Command.withExamples([{ command: "cos-inventory disable list1", description: "Suspend the reports of list1" }]),
)
