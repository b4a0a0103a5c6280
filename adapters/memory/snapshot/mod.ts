/** A whole local COS as one JSON document: to begin with, to be brought back to, to be sent along with a question. */
import * as Result from "effect/Result"
import { InvalidInput } from "../../../core/errors.ts"
import { demoBucket } from "../demo.ts"
import { readForm } from "../form.ts"
import { Snapshot } from "./form.ts"
import { problemsOf } from "./problems.ts"
import { documented } from "./source.ts"

export { Snapshot, snapshotVersion } from "./form.ts"
export { maxSnapshotBytes, maxSnapshotVersions } from "./problems.ts"
export { reset, restore } from "./restore.ts"
export { takeSnapshot } from "./take.ts"

/** Reads a parsed JSON or YAML value; fails with every problem of its form, else with every problem of its meaning. */
export const readSnapshot = (value: unknown): Result.Result<Snapshot, InvalidInput> =>
  Result.mapError(
    Result.flatMap(readForm(Snapshot, value, documented), (snapshot) => {
      const findings = problemsOf(snapshot, demoBucket.region)
      return findings.length === 0 ? Result.succeed(snapshot) : Result.fail(findings)
    }),
    (findings) => new InvalidInput({ findings }),
  )
