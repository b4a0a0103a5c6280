import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { applying } from "../applying.ts"
import { desiredOf } from "../desired.ts"
import { filesArgument, parallelFlag, pruneFlag, yesFlag } from "../flags.ts"
import { onFleet } from "../fleet.ts"
import { resultFlag } from "../output/form.ts"
import { planned } from "../planning.ts"
import { root } from "../root.ts"

/** `apply <file>...`: makes the buckets as the files want them. */
export const apply = Command.make(
  "apply",
  { files: filesArgument, prune: pruneFlag, parallel: parallelFlag, yes: yesFlag, form: resultFlag },
  Effect.fnUntraced(function* ({ files, prune, parallel, yes, form }) {
    const action = () => `apply ${files.join(", ")}`
    yield* onFleet(yield* root, { action, form, parallel }, (fleet) =>
      Effect.gen(function* () {
        const desired = yield* desiredOf(files, fleet)
        const found = yield* planned(desired, fleet, { prune, parallel })
        yield* applying({ planned: found, fleet, form, yes, parallel })
      }))
  }),
).pipe(
  Command.withDescription("Make the buckets as the files want them"),
  Command.withExamples([{ command: "cos-inventory apply rules/ --yes", description: "Without being asked" }]),
)
