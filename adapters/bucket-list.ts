/** Lists of buckets: one `<name>-<appid>`, with or without its `@<region>`, a line; `#` begins a comment. */
import * as Effect from "effect/Effect"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding, Position } from "../core/lint/mod.ts"
import { type BucketRef, parseBucketRef } from "../core/bucket.ts"
import { checkBucketRef } from "../core/endpoint.ts"
import type { Options } from "./files.ts"
import { readTextFile } from "./text-file.ts"

/** A bucket, and where it stands. */
export interface ListedBucket extends BucketRef {
  readonly file: string
  readonly position: Position
}

/** Every bucket of the file, or of the standard input for `-`, as often as it stands there. Fails with all lines that name none. */
export const readBucketList = (
  path: string,
  options: Options = {},
): Effect.Effect<ReadonlyArray<ListedBucket>, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const { file, text } = yield* readTextFile(path, options)
    const lines = text.split(/\r?\n/u).flatMap((line, i) => {
      const name = line.replace(/#.*$/u, "").trim()
      return name === "" ? [] : [{ name, file, position: { line: i + 1, column: line.indexOf(name) + 1 } }]
    })
    const findings = lines.flatMap(({ name, ...at }) => checkBucketRef(name).map((f) => ({ ...f, ...at, path: "" })))
    if (findings.length > 0) return yield* new InvalidInput({ findings })
    if (lines.length === 0) return yield* new InvalidInput({ findings: [{ ...noBucket, file }] })
    return lines.map(({ name, ...at }) => ({ ...parseBucketRef(name), ...at }))
  })

const noBucket: Finding = {
  code: "no-buckets",
  severity: "error",
  path: "",
  message: "The list holds no bucket",
  allowed: "one bucket or more, each on a line of its own",
  fix: "Write <name>-<appid>@<region> into it",
  source: "the README's settings",
}
