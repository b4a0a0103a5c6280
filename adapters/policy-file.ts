/** A policy as a file, or as the text of an environment variable. */
import type * as Effect from "effect/Effect"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { type Policy, readPolicy } from "../core/policy/mod.ts"
import { type FormFile, readFormFile, readFormText } from "./form-file.ts"

/** Reads a file, or `-` for the standard input; fails with every problem, in the order of the file. */
export const readPolicyFile = (path: string): Effect.Effect<Policy, ConfigError | InvalidInput> =>
  readFormFile(path, policy)

/** The same of a text; `name` is what problems call it. */
export const readPolicyText = (name: string, text: string): Effect.Effect<Policy, ConfigError | InvalidInput> =>
  readFormText(name, text, policy)

const policy: FormFile<Policy> = {
  maxBytes: maxDocumentBytes,
  oneDocument: "Write one document",
  words: {
    "document-empty": {
      message: "The policy holds nothing",
      allowed: "an object with version, buckets and principals",
      fix: "See the README's policy",
    },
  },
  read: readPolicy,
}
