import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { isPending, writePlan } from "../../core/plan/mod.ts"
import { desiredOf } from "../desired.ts"
import { exitOf, exits } from "../exit.ts"
import { Failure, say } from "../failure.ts"
import { filesArgument, parallelFlag, pruneFlag } from "../flags.ts"
import { onFleet } from "../fleet.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { planned } from "../planning.ts"
import { root } from "../root.ts"

/** `plan <file>...`: what `apply` would do, and nothing of it. */
export const plan = Command.make(
  "plan",
  { files: filesArgument, prune: pruneFlag, parallel: parallelFlag, form: resultFlag },
  Effect.fnUntraced(function* ({ files, prune, parallel, form }) {
    const action = () => `plan ${files.join(", ")}`
    yield* onFleet(yield* root, { action, form, parallel }, (fleet) =>
      Effect.gen(function* () {
        const desired = yield* desiredOf(files, fleet)
        const { plans, failures } = yield* planned(desired, fleet, { prune, parallel })
        if (form !== "table") yield* printDocument(form, writePlan({ prune, buckets: plans }))
        else {
          const { planText, summaryText } = yield* Effect.promise(() => import("../output/plan.ts"))
          for (const one of plans) yield* Console.log(`${planText(one)}\n`)
          yield* Console.log(summaryText(plans))
        }
        for (const { bucket, error } of failures) yield* say(`plan ${bucket}`, error, form)
        if (failures.length > 0) {
          return yield* new Failure({ code: plans.length === 0 ? exitOf(failures[0]!.error) : exits.partial })
        }
        if (plans.some(isPending)) return yield* new Failure({ code: exits.pending })
      }))
  }),
).pipe(
  Command.withDescription("Show what apply would change; exit 2 when there is something"),
  Command.withExamples([{ command: "cos-inventory plan rules/", description: "Hold a folder of rules against COS" }]),
)
