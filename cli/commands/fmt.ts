import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { ConfigError, InvalidInput } from "../../core/errors.ts"
import { isError } from "../../core/lint/mod.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { writeConfiguration } from "../../core/wire/configuration.ts"
import { writeJson } from "../../core/wire/json.ts"
import { writeListOf } from "../../core/wire/list.ts"
import { completeConfiguration, completeJob, type Reading } from "../../core/wire/reading.ts"
import { declaration, indentXml } from "../../core/wire/xml/mod.ts"
import { reporting } from "../failure.ts"
import { fileArgument } from "../flags.ts"
import { outputFlag, printDocument } from "../output/form.ts"
import { root } from "../root.ts"
import { judge, readFiles } from "../rules.ts"
import { resolve } from "../settings.ts"

/** `fmt <file>`: the same rules in one canonical form. It prints; the file stays as it is. */
export const fmt = Command.make(
  "fmt",
  { file: fileArgument, output: outputFlag(["json", "yaml", "xml"]) },
  Effect.fnUntraced(function* ({ file, output }) {
    const flags = yield* root
    yield* Effect.gen(function* () {
      const { region } = yield* resolve(flags)
      const [read] = yield* readFiles([file])
      if (read === undefined) return
      const rules = yield* Effect.forEach(
        judge([read], { kind: "configuration", ...(region === undefined ? {} : { region: region.value }) }),
        ({ reading }) => ruleOf(reading),
      )
      const form = Option.getOrElse(output, () => read.form)
      if (read.form === "yaml" && /(?:^|\s)#/mu.test(read.text)) {
        yield* Console.error("Note: comments of the file are not in the canonical form")
      }
      if (form === "xml") return yield* Console.log(xmlOf(rules))
      yield* printDocument(
        form,
        rules.length === 1 ? { [kindOf(rules[0]!)]: writeJson(rules[0]!) } : { configurations: rules.map(writeJson) },
      )
    }).pipe(reporting(`format ${file}`))
  }),
).pipe(
  Command.withDescription("Print a rule file in its canonical form"),
  Command.withExamples([{ command: "cos-inventory fmt rule.xml -o yaml", description: "Turn XML into YAML" }]),
)

/** Only what cannot be read is refused: formatting does not judge. */
const ruleOf = (reading: Reading): Effect.Effect<InventoryConfiguration | InventoryJob, InvalidInput | ConfigError> => {
  const unreadable = reading.findings.filter(isError)
  if (unreadable.length > 0) return Effect.fail(new InvalidInput({ findings: unreadable }))
  const isJob = reading.draft.schedule === undefined && reading.draft.isEnabled === undefined
  const whole = isJob ? completeJob(reading.draft) : completeConfiguration(reading.draft)
  return Effect.fromResult(
    Result.mapError(
      whole as Result.Result<InventoryConfiguration | InventoryJob, ReadonlyArray<string>>,
      (missing) =>
        new ConfigError({
          source: reading.file ?? "input",
          problem: `The rule lacks ${missing.join(", ")}`,
          fix: "Add what is missing; `validate` says what is allowed",
        }),
    ),
  )
}

const kindOf = (rule: InventoryConfiguration | InventoryJob): string => "schedule" in rule ? "configuration" : "job"

const xmlOf = (rules: ReadonlyArray<InventoryConfiguration | InventoryJob>): string => {
  const [only] = rules
  const xml = rules.length === 1
    ? declaration + writeConfiguration(only!)
    : writeListOf(rules.map(writeConfiguration), { isTruncated: false })
  return indentXml(xml)
}
