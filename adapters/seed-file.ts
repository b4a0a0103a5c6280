/** A seed or snapshot file as a value: JSON, which may be long, or YAML, which a person wrote. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { readText } from "../core/wire/text.ts"
import { positionAt, xmlFinding } from "../core/wire/xml/mod.ts"
import { readInput } from "./files.ts"
import { jsonFault } from "./json-fault.ts"

/** Bodies in base64 and all; a larger local COS is kept with its data folder. */
export const maxSeedBytes = 512 * 1024 * 1024

export const readSeedFile = (path: string): Effect.Effect<unknown, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const bytes = yield* readInput(path, { maxBytes: maxSeedBytes })
    const text = yield* Effect.fromResult(
      Result.mapError(
        readText(bytes, maxSeedBytes),
        (problem) => new InvalidInput({ findings: [{ ...xmlFinding(problem), file: path }] }),
      ),
    )
    if (!/^\s*[{[]/u.test(text)) return yield* readYamlFile(path, text)
    return yield* Effect.try({ try: () => JSON.parse(text) as unknown, catch: () => notJson(path, text) })
  })

const readYamlFile = (path: string, text: string) =>
  Effect.gen(function* () {
    const { readYaml } = yield* Effect.promise(() => import("./yaml.ts"))
    const documents = yield* Effect.fromResult(
      Result.mapError(
        readYaml(text, "yaml"),
        (findings) => new InvalidInput({ findings: findings.map((finding) => ({ ...finding, file: path })) }),
      ),
    )
    if (documents.length === 1) return documents[0]!.value
    return yield* Effect.fail(
      new ConfigError({
        source: path,
        problem: `The file holds ${documents.length} documents`,
        fix: "Write one document with a list of buckets",
      }),
    )
  })

const notJson = (path: string, text: string): ConfigError => {
  const fault = jsonFault(text)
  const { line, column } = positionAt(text, fault?.offset ?? 0)
  return new ConfigError({
    source: `${path}, line ${line}, column ${column}`,
    problem: `The file is not JSON: ${fault?.problem ?? "it is nested too deep"}`,
    fix: fault?.fix ?? "Write it with less nesting",
  })
}
