/** Colours, only where somebody looks: on a terminal, unless NO_COLOR says no (no-color.org) or it can show none. */
import * as Effect from "effect/Effect"
import { World } from "./world.ts"

export const hasColours: Effect.Effect<boolean, never, World> = Effect.map(
  World,
  ({ env, isTerminal }) => isTerminal.stdout && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
)
