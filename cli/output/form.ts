/** How a result is printed: for people, or for programs. */
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { escapeSteering } from "../../core/redact.ts"
import { documentVersion } from "../../core/wire/document.ts"

export type Form = "table" | "json" | "yaml" | "xml"

/** The `--output` flag of a command; absent means a table, whatever standard output is. */
export const outputFlag = <const F extends ReadonlyArray<Form>>(
  forms: F,
  otherwise = "a table",
): Flag.Flag<Option.Option<F[number]>> =>
  Flag.Literals("output", forms).pipe(
    Flag.withAlias("o"),
    Flag.withDescription(`How to print; ${otherwise} unless told`),
    Flag.optional,
  )

/** The flag of commands that print what they did, or found out. */
export const resultFlag: Flag.Flag<"table" | "json" | "yaml"> = outputFlag(["table", "json", "yaml"]).pipe(
  Flag.map((given) => Option.getOrElse(given, () => "table" as const)),
)

/** Prints a versioned document as JSON or YAML. Its shapes are written down in the README. */
export const printDocument = (form: "json" | "yaml", content: Record<string, unknown>): Effect.Effect<void> => {
  const document = { version: documentVersion, ...content }
  return form === "json"
    ? Console.log(escapeSteering(JSON.stringify(document, null, 2)))
    : Effect.flatMap(Effect.promise(() => import("../../adapters/yaml/mod.ts")), ({ writeYaml }) =>
      Console.log(writeYaml(document).trimEnd()))
}
