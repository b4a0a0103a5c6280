import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { wantedOf } from "../desired.ts"
import { note } from "../failure.ts"
import { asIsFlag, parallelFlag, pruneFlag, rulesArgument, switchFlag } from "../flags.ts"
import { onFleet } from "../fleet.ts"
import type { Form } from "../output/form.ts"
import { planned, sayIdlePrune } from "../planning.ts"
import { root } from "../root.ts"
import { ended, planForms, show } from "../showing.ts"
import { unwritten } from "../writing.ts"

/** `plan <file>...`: what `apply` would do, and nothing of it. */
export const plan = Command.make(
  "plan",
  {
    files: rulesArgument,
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
        const { desired, warnings } = yield* wantedOf(files, fleet, { asIs, prune })
        if (desired.length === 0) yield* note("the files choose no bucket, so there is nothing to plan", speech)
        yield* sayIdlePrune(desired, { prune }, speech)
        const found = { ...(yield* planned(desired, fleet, { prune, asIs, parallel })), warnings }
        yield* show(found, { prune, all, form, fleet })
        yield* ended(found, speech)
      }).pipe(unwritten({ at: "planning" }, speech)))
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
