/** A policy as a file, or as the text of an environment variable. */
import * as Effect from "effect/Effect"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/mod.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { type Policy, policyWarnings, readPolicy } from "../core/policy/mod.ts"
import type { Options } from "./files.ts"
import { type FormFile, type Placed, readPlacedFile, readPlacedText } from "./form-file.ts"

export interface JudgedPolicy {
  readonly policy: Policy
  /** What it says that cannot be meant, with places; it is no reason not to serve. */
  readonly warnings: ReadonlyArray<Finding>
}

/**
 * Reads what `--policy` and `COS_PROXY_POLICY` hold: a file, `-` for the standard input, or the policy itself; fails with
 * every problem, in the order of the text.
 */
export const judgePolicy = (
  given: string,
  options: Options = {},
): Effect.Effect<JudgedPolicy, ConfigError | InvalidInput> =>
  Effect.map(
    isPolicyText(given) ? readPlacedText(policyVariable, given, form) : readPlacedFile(given, form, options),
    judged,
  )

export const policyVariable = "COS_PROXY_POLICY"

/** No file's name begins so, or has several lines. */
export const isPolicyText = (given: string): boolean => given.trimStart().startsWith("{") || given.includes("\n")

const judged = ({ value, place }: Placed<Policy>): JudgedPolicy => ({
  policy: value,
  warnings: place(policyWarnings(value)),
})

const form: FormFile<Policy> = {
  maxBytes: maxDocumentBytes,
  oneDocument: "Write one document",
  refusesRepeats: true,
  words: {
    "document-empty": {
      message: "The policy holds nothing",
      allowed: "an object with version, buckets and principals",
      fix: "Begin with what `new policy` prints",
    },
  },
  read: readPolicy,
}
