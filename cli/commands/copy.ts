import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { applying } from "../applying.ts"
import { parallelFlag, switchFlag, yesFlag } from "../flags.ts"
import { onFleet } from "../fleet.ts"
import { resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { ended, show } from "../showing.ts"
import { type Course, unwritten } from "../writing.ts"

/** `copy <source> <target>...`: rules of one bucket, as others have to have them. */
export const copy = Command.make(
  "copy",
  {
    source: Argument.String("source").pipe(Argument.withDescription("Bucket to copy from, <name>-<appid>[@<region>]")),
    targets: Argument.String("target").pipe(
      Argument.withDescription("Buckets to copy to; --buckets-from and --all-buckets add more"),
      Argument.atLeast(0),
    ),
    ids: Flag.String("id").pipe(
      Flag.withDescription('Only rules whose id matches, such as "daily-*"; repeat it for more'),
      Flag.atLeast(0),
    ),
    destination: Flag.String("destination").pipe(
      Flag.withDescription(
        "Bucket for the reports of all copies, or cos://<bucket>/<prefix>; those of the source go to the target itself unless told",
      ),
      Flag.optional,
    ),
    plan: switchFlag("plan", "Show the plan and do nothing; exit 2 when there is something to do"),
    yes: yesFlag,
    parallel: parallelFlag,
    form: resultFlag,
  },
  Effect.fnUntraced(function* ({ source, targets, ids, destination, plan, yes, parallel, form }) {
    const action = () => `copy rules of ${source}`
    const course: Course = { at: "planning" }
    yield* onFleet(yield* root, { action, form, parallel }, (fleet) =>
      Effect.gen(function* () {
        const { copying } = yield* Effect.promise(() => import("../copying.ts"))
        const found = yield* copying({
          source,
          targets,
          ids,
          ...(Option.isNone(destination) ? {} : { destination: destination.value }),
          fleet,
          form,
          parallel,
        })
        if (!plan) return yield* applying({ planned: found, fleet, form, yes, parallel, course })
        yield* show(found, { prune: false, all: false, form, fleet })
        yield* ended(found, form === "json" ? "json" : "table")
      })).pipe(unwritten(course, form))
  }),
).pipe(
  Command.withDescription("Copy rules from one bucket to others; nothing is deleted"),
  Command.withExamples([
    {
      command: "cos-inventory copy a-1250000000 b-1250000000 c-1250000000",
      description: "All rules of one bucket to two others",
    },
    {
      command: 'cos-inventory copy a-1250000000 --all-buckets --id "daily-*" --plan',
      description: "What it would be to copy some to every bucket of the account",
    },
    {
      command: "cos-inventory copy a-1250000000@ap-guangzhou b-1250000000@ap-beijing --destination c-1250000000 --yes",
      description: "To another region, where the reports need another bucket",
    },
  ]),
)
