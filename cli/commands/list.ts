import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { listedIdsOf, listPages } from "../../core/client.ts"
import type { ListAnswer } from "../../core/wire/answers.ts"
import { writeJson } from "../../core/wire/json.ts"
import { sliceList, writeListOf } from "../../core/wire/list.ts"
import { placeText } from "../connection.ts"
import { sayPartial } from "../listed.ts"
import { outputFlag } from "../output/form.ts"
import { reading } from "../reading.ts"
import { root } from "../root.ts"

/** `list`: all rules of the bucket, or of each bucket, in the order in which they were made. */
export const list = Command.make(
  "list",
  { output: outputFlag(["table", "json", "yaml", "xml"]) },
  Effect.fnUntraced(function* ({ output }) {
    const form = Option.getOrElse(output, () => "table" as const)
    yield* reading({
      flags: yield* root,
      form,
      mayShowDemo: Option.isNone(output),
      action: (place) => `list the rules of ${place}`,
      read: (place) =>
        Effect.tap(Stream.runCollect(listPages(place)), (pages) => {
          const listedIds = listedIdsOf(pages)
          return listedIds === undefined ? Effect.void : sayPartial({ listedIds }, place.bucket, form)
        }),
      fields: (pages) => ({ configurations: rulesOf(pages).map(writeJson) }),
      sent: (pages) => asSent(pages).trimEnd(),
      text: (pages, place) =>
        Effect.gen(function* () {
          const rules = rulesOf(pages)
          const { ruleTable } = yield* Effect.promise(() => import("../output/rule.ts"))
          const head = `${countText(rules.length)} in ${placeText(place)}`
          return rules.length === 0 ? head : `${head}\n\n${yield* ruleTable(rules)}`
        }),
      together: (all) =>
        Effect.gen(function* () {
          const buckets = all.map(({ place: { bucket }, found }) => ({ bucket, rules: rulesOf(found) }))
          const { rulesTable } = yield* Effect.promise(() => import("../output/rule.ts"))
          const count = buckets.reduce((sum, { rules }) => sum + rules.length, 0)
          const demo = all.some(({ place: { isDemo } }) => isDemo) ? ", the demo" : ""
          const head = `${countText(count)} in ${
            buckets.length === 1 ? "1 bucket" : `${buckets.length} buckets`
          }${demo}`
          return count === 0 ? head : `${head}\n\n${yield* rulesTable(buckets)}`
        }),
    })
  }),
).pipe(
  Command.withDescription("List the rules of the bucket"),
  Command.withExamples([
    { command: "cos-inventory list", description: "List all rules" },
    { command: "cos-inventory list -o json", description: "The same for programs" },
    { command: "cos-inventory list --all-buckets", description: "The rules of every bucket of the account" },
  ]),
)

const rulesOf = (pages: ReadonlyArray<ListAnswer>) => pages.flatMap((page) => page.configurations)

const countText = (count: number): string => count === 1 ? "1 rule" : `${count} rules`

/** One page as it came; several as one LIST document around the rules as they came. */
const asSent = (pages: ReadonlyArray<ListAnswer>): string => {
  const only = pages[0]
  if (only !== undefined && pages.length === 1) return only.xml
  return writeListOf(pages.flatMap((page) => Result.getOrThrow(sliceList(page.xml))), { isTruncated: false })
}
