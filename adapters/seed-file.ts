/** A seed or snapshot file, in JSON or YAML. */
import type * as Effect from "effect/Effect"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import { type FormFile, readFormFile } from "./form-file.ts"
import { readSnapshot, type Snapshot } from "./memory/mod.ts"

/** Reads a file, or `-` for the standard input; fails with every problem, in the order of the file. */
export const readSeedSnapshot = (path: string): Effect.Effect<Snapshot, ConfigError | InvalidInput> =>
  readFormFile(path, seed)

/** Bodies in base64 and all; a larger local COS is kept with its data folder. */
const maxSeedBytes = 512 * 1024 * 1024

const seed: FormFile<Snapshot> = {
  maxBytes: maxSeedBytes,
  oneDocument: "Write one document with a list of buckets",
  words: {
    "document-empty": {
      message: "The file holds nothing",
      allowed: "an object with buckets",
      fix: "Write buckets: and a list of them, or leave --seed out",
    },
    "document-too-large": {
      message: "The file is too large for YAML",
      allowed: "JSON, which may be longer",
      fix: "Write it as JSON",
    },
  },
  read: readSnapshot,
}
