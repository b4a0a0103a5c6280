import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { InvalidInput } from "../../core/errors.ts"
import { isError } from "../../core/lint/mod.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { writeConfiguration } from "../../core/wire/configuration.ts"
import { writeJson } from "../../core/wire/json.ts"
import { writeListOf } from "../../core/wire/list.ts"
import { completeConfiguration, completeJob, type Reading } from "../../core/wire/reading.ts"
import { declaration, indentXml } from "../../core/wire/xml/mod.ts"
import { note, reporting } from "../failure.ts"
import { fileArgument } from "../flags.ts"
import { outputFlag, printDocument } from "../output/form.ts"
import { root } from "../root.ts"
import { judge, type Judged, losing, readFiles, rulesOf } from "../rules.ts"
import { resolve } from "../settings.ts"

/** `fmt <file>`: the same rules in one canonical form. It prints; the file stays as it is. */
export const fmt = Command.make(
  "fmt",
  { file: fileArgument, output: outputFlag(["json", "yaml", "xml"], "the file's own form") },
  Effect.fnUntraced(function* ({ file, output }) {
    const flags = yield* root
    yield* Effect.gen(function* () {
      const { region } = yield* resolve(flags)
      const { files: [read], unread } = yield* readFiles([file])
      if (read === undefined) return yield* new InvalidInput({ findings: unread })
      const rules = yield* Effect.forEach(
        judge({ files: [read] }, {
          kind: rulesOf(read).every(isJob) ? "job" : "configuration",
          ...(region === undefined ? {} : { region: region.value }),
        }),
        ruleOf,
      )
      const form = Option.getOrElse(output, () => read.form)
      if (read.form === "yaml" && /(?:^|\s)#/mu.test(read.text)) {
        yield* note("comments of the file are not in the canonical form", form)
      }
      if (form === "xml") return yield* Console.log(xmlOf(rules))
      yield* printDocument(
        form,
        rules.length === 1 ? { [kindOf(rules[0]!)]: writeJson(rules[0]!) } : { configurations: rules.map(writeJson) },
      )
    }).pipe(reporting(`format ${file}`, Option.getOrUndefined(output) === "json" ? "json" : "table"))
  }),
).pipe(
  Command.withDescription("Print a rule file in its canonical form"),
  Command.withExamples([{ command: "cos-inventory fmt rule.xml -o yaml", description: "Turn XML into YAML" }]),
)

/** Formatting does not judge; but what cannot be read, or would not be in the output, is refused. */
const ruleOf = (
  { reading, findings }: Judged,
): Effect.Effect<InventoryConfiguration | InventoryJob, InvalidInput> => {
  const unreadable = new Set(["required", "id-empty", ...reading.findings.map((f) => f.code), ...losing])
  const refused = findings.filter((f) => isError(f) && unreadable.has(f.code))
  if (refused.length > 0) return Effect.fail(new InvalidInput({ findings: refused }))
  return Effect.succeed(
    Result.getOrThrow(isJob(reading) ? completeJob(reading.draft) : completeConfiguration(reading.draft)),
  )
}

const isJob = ({ draft }: Reading): boolean => draft.schedule === undefined && draft.isEnabled === undefined

const kindOf = (rule: InventoryConfiguration | InventoryJob): string => "schedule" in rule ? "configuration" : "job"

const xmlOf = (rules: ReadonlyArray<InventoryConfiguration | InventoryJob>): string => {
  const [only] = rules
  const xml = rules.length === 1
    ? declaration + writeConfiguration(only!)
    : writeListOf(rules.map(writeConfiguration), { isTruncated: false })
  return indentXml(xml)
}
