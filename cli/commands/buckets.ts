import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { listBuckets } from "../../core/client.ts"
import { onAccount } from "../connection.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"

/** `buckets`: the account's buckets with their regions, as other commands want them. */
export const buckets = Command.make(
  "buckets",
  { form: resultFlag },
  Effect.fnUntraced(function* ({ form }) {
    yield* onAccount(
      yield* root,
      { action: (place) => `list the buckets of ${place}`, form },
      (at) =>
        Effect.gen(function* () {
          const found = yield* Stream.runCollect(listBuckets(at))
          if (form !== "table") return yield* printDocument(form, { buckets: found })
          const { table } = yield* Effect.promise(() => import("../output/table.ts"))
          yield* Console.log(
            yield* table(["BUCKET", "REGION", "CREATED"], found.map((b) => [b.name, b.location, b.creationDate])),
          )
        }),
    )
  }),
).pipe(
  Command.withDescription("List the account's buckets"),
  Command.withExamples([{
    command: "cos-inventory buckets",
    description: "Names and regions for --bucket and --region",
  }]),
)
