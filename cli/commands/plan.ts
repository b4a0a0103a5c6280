import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Desired } from "../../core/plan/mod.ts"
import { desiredOf } from "../desired.ts"
import { note } from "../failure.ts"
import { asIsFlag, filesArgument, parallelFlag, pruneFlag, switchFlag } from "../flags.ts"
import { onFleet } from "../fleet.ts"
import type { Form } from "../output/form.ts"
import { planned } from "../planning.ts"
import { root } from "../root.ts"
import { ended, planForms, show } from "../showing.ts"

/** `plan <file>...`: what `apply` would do, and nothing of it. */
export const plan = Command.make(
  "plan",
  {
    files: filesArgument,
    prune: pruneFlag,
    asIs: asIsFlag,
    all: switchFlag("all", "Show every rule and every bucket, those without changes too"),
    parallel: parallelFlag,
    form: Flag.Literals("output", planForms).pipe(
      Flag.withAlias("o"),
      Flag.withDescription("How to print; a table unless told, json is the plan file, markdown is for pull requests"),
      Flag.optional,
      Flag.map((given) => Option.getOrElse(given, () => "table" as const)),
    ),
  },
  Effect.fnUntraced(function* ({ files, prune, asIs, all, parallel, form }) {
    const action = () => `plan ${files.join(", ")}`
    const speech: Form = form === "json" ? "json" : "table"
    yield* onFleet(yield* root, { action, form: speech, parallel }, (fleet) =>
      Effect.gen(function* () {
        const desired = yield* desiredOf(files, fleet, { asIs })
        yield* sayNothing(desired, prune, speech)
        const found = yield* planned(desired, fleet, { prune, asIs, parallel })
        yield* show(found, { prune, all, form })
        yield* ended(found, speech)
      }))
  }),
).pipe(
  Command.withDescription("Show what apply would change; exit 2 when there is something"),
  Command.withExamples([
    { command: "cos-inventory plan rules/", description: "Hold a folder of rules against the buckets it names" },
    { command: "cos-inventory plan rules/ --prune", description: "Show what apply --prune would delete, too" },
    { command: "cos-inventory plan rules/ -o json > plan.json", description: "Keep the plan, for apply plan.json" },
    { command: "cos-inventory plan rules/ -o markdown", description: "For a comment on a pull request" },
  ]),
)

/** What was asked for and comes to nothing. */
const sayNothing = (desired: ReadonlyArray<Desired>, prune: boolean, form: Form): Effect.Effect<void> => {
  if (desired.length === 0) return note("the files choose no bucket, so there is nothing to plan", form)
  return prune && desired.every(({ manages }) => manages.length === 0)
    ? note("--prune deletes nothing: no file has manages, which says whose rules they are", form)
    : Effect.void
}
