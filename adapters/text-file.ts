/** A file as the text that it holds. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { maxListBytes } from "../core/limits.ts"
import { readText } from "../core/wire/text.ts"
import { xmlFinding } from "../core/wire/xml/mod.ts"
import { fileName, type Options, readInput } from "./files.ts"

export interface TextFile {
  /** As findings call it. */
  readonly file: string
  /** Without the byte order mark. */
  readonly text: string
  readonly hasMark: boolean
}

/** Reads a file, or `-` for the standard input. */
export const readTextFile = (
  path: string,
  options: Options = {},
): Effect.Effect<TextFile, ConfigError | InvalidInput> =>
  Effect.flatMap(readInput(path, options), (bytes) => Effect.fromResult(textIn(path, bytes, options.maxBytes)))

/** The same of bytes that were read already. */
export const textIn = (
  path: string,
  bytes: Uint8Array,
  maxBytes: number = maxListBytes,
): Result.Result<TextFile, InvalidInput> => {
  const file = fileName(path)
  return Result.mapBoth(readText(bytes, maxBytes), {
    onFailure: (problem) => new InvalidInput({ findings: [{ ...xmlFinding(problem), file }] }),
    onSuccess: (marked) => {
      const hasMark = marked.charCodeAt(0) === byteOrderMark
      return { file, text: hasMark ? marked.slice(1) : marked, hasMark }
    },
  })
}

const byteOrderMark = 0xfeff
