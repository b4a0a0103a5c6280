/** Judging everything that documents want, bucket by bucket: each rule, and the rules beside each other. */
import type { Target } from "../ruleset/mod.ts"
import type { Finding } from "./finding.ts"
import { lint } from "./mod.ts"

export interface Moment {
  /** Epoch seconds. */
  readonly now: number
}

/** All findings of the targets, each once, however many buckets it concerns. */
export const lintTargets = (targets: ReadonlyArray<Target>, _moment: Moment): ReadonlyArray<Finding> =>
  targets.flatMap(({ findings, wanted, region }) => [
    ...findings,
    ...wanted.flatMap(({ reading, kind }) => lint(reading, { kind, ...(region === undefined ? {} : { region }) })),
  ])
