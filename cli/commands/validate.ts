import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { isError } from "../../core/lint/mod.ts"
import { quotedLine, redactValue } from "../../core/redact.ts"
import { exits } from "../exit.ts"
import { Failure, reporting } from "../failure.ts"
import { filesArgument, switchFlag } from "../flags.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { judge, type Judged, readFiles } from "../rules.ts"
import { resolve } from "../settings.ts"

/** `validate <file>...`: what `put` would refuse, without keys and without a network. */
export const validate = Command.make(
  "validate",
  {
    files: filesArgument,
    job: switchFlag("job", "Judge one-time jobs, as run takes them"),
    form: resultFlag,
  },
  Effect.fnUntraced(function* ({ files, job, form }) {
    const flags = yield* root
    const { judged, unread } = yield* Effect.gen(function* () {
      const { region } = yield* resolve(flags)
      const read = yield* readFiles(files)
      const context = {
        kind: job ? "job" : "configuration",
        ...(region === undefined ? {} : { region: region.value }),
      } as const
      return { judged: judge(read, context), unread: read.unread }
    }).pipe(reporting(`validate ${files.join(", ")}`, form))
    const findings = [...unread, ...judged.flatMap((j) => j.findings)]
    if (form !== "table") {
      yield* printDocument(form, {
        valid: !findings.some(isError),
        rules: judged.map(summary),
        findings: redactValue(findings),
      })
    } else {
      const { findingText } = yield* Effect.promise(() => import("../output/problem.ts"))
      for (const finding of unread) yield* Console.log(findingText(finding).trimStart())
      for (const item of judged) yield* Console.log(verdict(item, findingText))
    }
    if (findings.some(isError)) return yield* new Failure({ code: exits.invalid })
  }),
).pipe(
  Command.withDescription("Check rule files, offline"),
  Command.withExamples([{
    command: "cos-inventory validate rule.yaml",
    description: "All problems, with line and column",
  }]),
)

const summary = ({ reading, findings }: Judged) => ({
  file: reading.file,
  id: reading.draft.id,
  valid: !findings.some(isError),
})

const verdict = ({ reading, findings }: Judged, text: (finding: Judged["findings"][number]) => string): string => {
  const errors = findings.filter(isError).length
  const name = `${reading.file ?? "input"}: ${
    reading.draft.id === undefined ? "a rule without an id" : `"${reading.draft.id}"`
  }`
  const head = errors === 0 ? `${name} is valid` : `${name} has ${errors === 1 ? "1 problem" : `${errors} problems`}`
  return [quotedLine(head), ...findings.map(text)].join("\n")
}
