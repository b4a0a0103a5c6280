import * as Command from "effect/cli/Command"
import { check } from "./policy-check.ts"
import { validate } from "./policy-validate.ts"

/** `policy`: what a proxy would say, without one. */
export const policy = Command.make("policy").pipe(
  Command.withDescription("Check the policy of a proxy, and explain what it decides"),
  Command.withSubcommands([check, validate]),
)
