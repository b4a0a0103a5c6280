import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { exits } from "../exit.ts"
import { Refusal, reporting } from "../failure.ts"
import { parallelFlag, switchFlag } from "../flags.ts"
import { outputFlag } from "../output/form.ts"
import { root } from "../root.ts"

/** `export`: what buckets have, as rules files in which `plan` finds no change; or for Terraform, or from it. */
export const exportRules = Command.make(
  "export",
  {
    out: Flag.String("out").pipe(
      Flag.withDescription("Folder to write into, a file a bucket; standard output unless told"),
      Flag.optional,
    ),
    force: switchFlag("force", "Write into a folder that is not empty, over the files of the same buckets"),
    to: Flag.Literals("to", ["terraform"]).pipe(
      Flag.withDescription("Write resources and imports for Terraform instead of rules files"),
      Flag.optional,
    ),
    fromTerraform: Flag.String("from-terraform").pipe(
      Flag.withDescription(
        "Read a Terraform state, or `terraform show -json`, instead of buckets; - for standard input",
      ),
      Flag.optional,
    ),
    parallel: parallelFlag,
    output: outputFlag(["yaml", "json"], "rules as YAML, and a line for each file"),
  },
  Effect.fnUntraced(function* ({ out, force, to, fromTerraform, parallel, output }) {
    const flags = yield* root
    const form = Option.getOrUndefined(output)
    const state = Option.getOrUndefined(fromTerraform)
    const given = {
      out: Option.getOrUndefined(out),
      force,
      form: form ?? "table" as const,
      ending: form ?? "yaml" as const,
    }
    yield* refusalOf({ to: Option.isSome(to), state, ...given }).pipe(reporting("export rules", given.form))
    const { exportBuckets, exportForTerraform, exportState } = yield* Effect.promise(() => import("../exports.ts"))
    if (state !== undefined) return yield* exportState(flags, state, given)
    yield* Option.isSome(to) ? exportForTerraform(flags, given, parallel) : exportBuckets(flags, given, parallel)
  }),
).pipe(
  Command.withDescription("Write what buckets have as rules files in which plan finds no change"),
  Command.withExamples([
    { command: "cos-inventory export > rules.yaml", description: "The rules of the bucket, to begin with" },
    { command: "cos-inventory export --all-buckets --out backup", description: "Back up a whole account" },
    { command: "cos-inventory apply backup --yes", description: "Restore it" },
    { command: "cos-inventory export --to terraform > inventory.tf", description: "Take the rules to Terraform" },
    {
      command: "terraform show -json | cos-inventory export --from-terraform -",
      description: "Bring them from Terraform; no keys are needed",
    },
  ]),
)

/** Flags that contradict each other. */
const refusalOf = (
  { to, state, form, out, force }: {
    readonly to: boolean
    readonly state: string | undefined
    readonly form: string
    readonly out: string | undefined
    readonly force: boolean
  },
): Effect.Effect<void, Refusal> => {
  const refuse = (problem: string, fix: string) => Effect.fail(new Refusal({ exit: exits.usage, problem, fix }))
  if (to && state !== undefined) {
    return refuse("--to terraform and --from-terraform are given together", "Give one of them")
  }
  if (force && out === undefined) {
    return refuse("--force is for a folder, and none is given", "Give --out, or no --force")
  }
  if (to && form !== "table" && out === undefined) {
    return refuse(`Terraform's language is not written as ${form}`, "Leave out -o, or give --out as well")
  }
  return Effect.void
}
