/** Arguments and flags that several commands take. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"

export const idArgument = Argument.String("id").pipe(Argument.withDescription("Id of the rule"))

export const fileArgument = Argument.String("file").pipe(
  Argument.withDescription("XML, JSON or YAML file; - for standard input"),
)

export const filesArgument = fileArgument.pipe(Argument.atLeast(1))

export const rulesArgument = filesArgument.pipe(
  Argument.withDescription("XML, JSON or YAML files, and folders of them; - for standard input"),
)

/** A flag that is there or not. */
export const switchFlag = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

export const dryRunFlag = switchFlag("dry-run", "Print the exact request, secrets masked, and send nothing")

export const yesFlag = switchFlag("yes", "Do not ask").pipe(Flag.withAlias("y"))

export const pruneFlag = switchFlag("prune", "Delete rules that the files manage and do not hold")

/** Requests at once, unless told. */
export const defaultParallel = 8

export const asIsFlag = switchFlag("as-is", "Write rules although something is said against them; COS judges them")

/** How many requests are under way at once. */
export const parallelFlag = Flag.Int("parallel").pipe(
  Flag.withDescription(`Requests at once, at most; fewer while COS asks for it. ${defaultParallel} unless told`),
  Flag.filter((count) => count >= 1, (count) => `--parallel is at least 1, not ${count}`),
  Flag.withDefault(defaultParallel),
)
