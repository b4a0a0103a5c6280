/** Every code that a finding can have, in one table: for the README, for SARIF, and for `--ignore`. */
import { adviceRows } from "./rule/mod.ts"
import { fleetRows, targetRows } from "./beside/mod.ts"
import { type Code, rows } from "../lint/mod.ts"
import { shapeCodes } from "./shape.ts"

export interface Listed extends Code {
  /** What is wrong, where that is one thing. */
  readonly what?: string
}

export const codes: ReadonlyArray<Listed> = [
  ...[...rows, ...adviceRows, ...targetRows, ...fleetRows].map(({ code, severity, message: what, why, source }) => ({
    code,
    severity,
    what,
    why,
    source,
  })),
  ...shapeCodes,
]
