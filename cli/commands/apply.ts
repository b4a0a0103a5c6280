import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { applying } from "../applying.ts"
import { wantedOf } from "../desired.ts"
import { note } from "../failure.ts"
import { asIsFlag, filesArgument, parallelFlag, pruneFlag, yesFlag } from "../flags.ts"
import type { PlanOptions } from "../../core/plan/mod.ts"
import { type Fleet, onFleet } from "../fleet.ts"
import { resultFlag } from "../output/form.ts"
import { givenIn, refuseElsewhere, refuseFlags, unplanned } from "../plan-file.ts"
import { type Planned, planned, sayIdlePrune } from "../planning.ts"
import { root } from "../root.ts"
import { World } from "../world.ts"
import { type Course, unwritten } from "../writing.ts"

const files = filesArgument.pipe(
  Argument.withDescription("Rules files and folders of them, or one plan file; - for standard input"),
)

/** `apply <file>...`: makes the buckets as the files want them, or carries out a plan file. */
export const apply = Command.make(
  "apply",
  { files, prune: pruneFlag, asIs: asIsFlag, parallel: parallelFlag, yes: yesFlag, form: resultFlag },
  Effect.fnUntraced(function* ({ files, parallel, yes, form, ...options }) {
    const action = () => `apply ${files.join(", ")}`
    const course: Course = { at: "planning" }
    yield* onFleet(yield* root, { action, form, parallel }, (fleet) =>
      Effect.gen(function* () {
        const found = yield* plannedOf(files, { ...options, parallel }, fleet)
        yield* applying({ planned: found, fleet, form, yes, parallel, course })
      })).pipe(unwritten(course, form))
  }),
).pipe(
  Command.withDescription(
    "Make the buckets as the files want them, or do what a plan file says and nothing else. COS has no conditional " +
      "write: every rule is read right before it is written, and a change between the two is lost",
  ),
  Command.withExamples([
    { command: "cos-inventory apply rules/", description: "Plan, show, ask, and do it" },
    { command: "cos-inventory apply rules/ --prune --yes", description: "Delete what is managed and gone, unasked" },
    { command: "cos-inventory apply plan.json", description: "What `plan -o json` printed; refused where it is stale" },
  ]),
)

const plannedOf = (files: ReadonlyArray<string>, options: PlanOptions & { readonly parallel: number }, fleet: Fleet) =>
  Effect.gen(function* () {
    const given = yield* givenIn(files)
    if (given._tag === "plan") {
      yield* refuseFlags(options, fleet)
      yield* refuseElsewhere(given.plan, fleet)
      for (const { message, fix } of given.warnings) yield* note(`${message}; ${fix}`, fleet.form)
      const failures = unplanned(given.unread)
      return { plans: given.plan.buckets, failures, warnings: given.warnings } satisfies Planned
    }
    const { desired, warnings } = yield* wantedOf(given.paths, fleet, options).pipe(
      Effect.provideService(World, given.world),
    )
    yield* sayIdlePrune(desired, options, fleet.form)
    return { ...(yield* planned(desired, fleet, options)), warnings }
  })
