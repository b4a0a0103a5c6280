/** A whole local COS as one JSON document: to begin with, to be brought back to, to be sent along with a question. */
import * as Result from "effect/Result"
import { InvalidInput } from "../../../core/errors.ts"
import { demoBucket } from "../demo.ts"
import { readForm } from "../../../core/form.ts"
import { consequencesOf, draftOf } from "./draft.ts"
import { Snapshot } from "./form.ts"
import { problemsOf } from "./problems.ts"
import { documented } from "./source.ts"

export { Snapshot, snapshotVersion } from "./form.ts"
export { reset, restore } from "./restore.ts"
export { takeSnapshot } from "./take.ts"

/** Reads a parsed JSON or YAML value; fails with every problem of its form, and of the meaning of what has the right form. */
export const readSnapshot = (value: unknown): Result.Result<Snapshot, InvalidInput> => {
  const read = readForm(Snapshot, value, documented)
  const form = Result.isFailure(read) ? read.failure : []
  const isConsequence = consequencesOf(form)
  const meaning = problemsOf(Result.getOrElse(read, () => draftOf(value)), demoBucket.region)
  const findings = [...form, ...meaning.filter((finding) => !isConsequence(finding))]
  return Result.isSuccess(read) && findings.length === 0
    ? Result.succeed(read.success)
    : Result.fail(new InvalidInput({ findings }))
}
