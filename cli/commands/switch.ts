import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { getInventory, replaceInventory } from "../../core/client.ts"
import { placeText } from "../connection.ts"
import { idArgument } from "../flags.ts"
import { resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { changingAll, doubtful, maybeWritten } from "../writing.ts"

const meaning =
  "  No further reports are made. Reports already delivered stay, and the rule stays and counts towards the bucket's 1000"

/** `enable` and `disable`: the rule is read, switched and written back; everything else in it stays as COS has it. */
const switchTo = (verb: "enable" | "disable") =>
  Command.make(
    verb,
    { id: idArgument, form: resultFlag },
    Effect.fnUntraced(function* ({ id, form }) {
      const isEnabled = verb === "enable"
      const action = (place: string) => `${verb} "${id}" in ${place}`
      yield* changingAll({
        flags: yield* root,
        form,
        action,
        verb,
        items: () => Effect.succeed([id]),
        idOf: () => id,
        isSingle: true,
        send: getInventory,
        change: (place) =>
          Effect.gen(function* () {
            const { configuration: before } = yield* getInventory(place, id)
            const isChanged = before.isEnabled !== isEnabled
            if (isChanged) {
              yield* replaceInventory(place, { ...before, isEnabled }, before).pipe(
                doubtful(maybeWritten(id, place), form),
              )
            }
            return { id, isEnabled, result: isChanged ? `${verb}d` : "unchanged" }
          }),
        sentence: ({ result }, place) => {
          const where = placeText(place)
          const head = result === "unchanged"
            ? `Unchanged: rule "${id}" in ${where} is ${verb}d already`
            : `${isEnabled ? "Enabled" : "Disabled"} rule "${id}" in ${where}`
          return isEnabled ? head : `${head}\n${meaning}`
        },
      })
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
