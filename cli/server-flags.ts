/** Flags of the programs in `http/`, as flags of a command. */
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import type { ServerFlag } from "../http/server-flag.ts"
import { switchFlag } from "./flags.ts"

export const serverFlags = (rows: ReadonlyArray<ServerFlag>): Record<string, Flag.Flag<ServerFlagValue>> =>
  Object.fromEntries(rows.map((row) => [row.name, flagOf(row)]))

export type ServerFlagValue = string | boolean | ReadonlyArray<string> | undefined

const flagOf = ({ name, value, isRepeatable, description }: ServerFlag): Flag.Flag<ServerFlagValue> => {
  if (value === undefined) return switchFlag(name, description)
  const text = Flag.String(name).pipe(Flag.withDescription(description), Flag.withMetavar(value))
  return isRepeatable === true ? Flag.atLeast(text, 0) : Flag.map(Flag.optional(text), Option.getOrUndefined)
}
