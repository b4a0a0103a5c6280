/** A Terraform state out of a file, as a parsed value. */
import * as Effect from "effect/Effect"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { positionAt } from "../core/wire/xml/mod.ts"
import type { Options } from "./files.ts"
import { jsonFault } from "./json/mod.ts"
import { readTextFile } from "./text-file.ts"

/** A state holds every resource of a project, of which inventory rules are a small part. */
const maxBytes = 256 * 1024 * 1024

/** Nothing of the text is quoted in a failure: a state holds secrets. */
export const readStateFile = (
  path: string,
  options: Options = {},
): Effect.Effect<{ readonly value: unknown; readonly file: string }, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const { file, text } = yield* readTextFile(path, { maxBytes, ...options })
    return yield* Effect.try({
      try: (): { readonly value: unknown; readonly file: string } => ({ value: JSON.parse(text), file }),
      catch: () => notJson(text, file),
    })
  })

const notJson = (text: string, file: string): InvalidInput => {
  const offset = faultOf(text)
  return new InvalidInput({
    findings: [{
      code: "json-syntax",
      severity: "error",
      path: "",
      message: "The state is not JSON",
      allowed: "the output of `terraform show -json`, or a state file of version 4",
      fix: "Write it anew, and give it whole",
      source: "RFC 8259",
      file,
      ...(offset === undefined ? {} : { position: positionAt(text, offset) }),
    }],
  })
}

/** Text that is nested without end runs the reader out of stack as well. */
const faultOf = (text: string): number | undefined => {
  try {
    return jsonFault(text)?.offset
  } catch {
    return undefined
  }
}
