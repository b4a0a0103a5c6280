import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { listPages } from "../../core/client.ts"
import type { ListAnswer } from "../../core/wire/answers.ts"
import { writeJson } from "../../core/wire/json.ts"
import { sliceList, writeListOf } from "../../core/wire/list.ts"
import { onBucket, placeFields, placeText } from "../connection.ts"
import { outputFlag, printDocument } from "../output/form.ts"
import { root } from "../root.ts"

/** `list`: all rules of the bucket, in the order in which they were made. */
export const list = Command.make(
  "list",
  { output: outputFlag(["table", "json", "yaml", "xml"]) },
  Effect.fnUntraced(function* ({ output }) {
    const form = Option.getOrElse(output, () => "table" as const)
    const action = (place: string) => `list the rules of ${place}`
    yield* onBucket(
      yield* root,
      { action, form, mayShowDemo: Option.isNone(output) },
      (place) =>
        Effect.gen(function* () {
          const pages = yield* Stream.runCollect(listPages(place))
          if (form === "xml") return yield* Console.log(asSent(pages).trimEnd())
          const rules = pages.flatMap((page) => page.configurations)
          if (form === "json" || form === "yaml") {
            return yield* printDocument(form, {
              ...placeFields(place),
              configurations: rules.map(writeJson),
            })
          }
          const { ruleTable } = yield* Effect.promise(() => import("../output/rule.ts"))
          const head = `${rules.length === 1 ? "1 rule" : `${rules.length} rules`} in ${placeText(place)}`
          yield* Console.log(rules.length === 0 ? head : `${head}\n\n${yield* ruleTable(rules)}`)
        }),
    )
  }),
).pipe(
  Command.withDescription("List the rules of the bucket"),
  Command.withExamples([
    { command: "cos-inventory list", description: "List all rules" },
    { command: "cos-inventory list -o json", description: "The same for programs" },
  ]),
)

/** One page as it came; several as one LIST document around the rules as they came. */
const asSent = (pages: ReadonlyArray<ListAnswer>): string => {
  const only = pages[0]
  if (only !== undefined && pages.length === 1) return only.xml
  return writeListOf(pages.flatMap((page) => Result.getOrThrow(sliceList(page.xml))), { isTruncated: false })
}
