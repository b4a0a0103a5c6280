/** Arguments and flags that several commands take. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"

export const idArgument = Argument.String("id").pipe(Argument.withDescription("Id of the rule"))

export const filesArgument = Argument.String("file").pipe(
  Argument.withDescription("XML, JSON or YAML file; - for standard input"),
  Argument.atLeast(1),
)

export const fileArgument = Argument.String("file").pipe(
  Argument.withDescription("XML, JSON or YAML file; - for standard input"),
)

export const dryRunFlag = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Print the exact request, secrets masked, and send nothing"),
  Flag.withDefault(false),
)

export const yesFlag = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask"),
  Flag.withDefault(false),
)
