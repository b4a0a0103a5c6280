import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { fileName } from "../../adapters/files.ts"
import { type RulesFile } from "../../adapters/rules-file.ts"
import { rulesFilesAt } from "../../adapters/rules-folder.ts"
import { ConfigError, InvalidInput } from "../../core/errors.ts"
import { type Finding, isError, lint, losing } from "../../core/lint/mod.ts"
import { oneLine, printable } from "../../core/redact.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { expanded, laidOut } from "../../core/ruleset/mod.ts"
import { writeConfiguration } from "../../core/wire/configuration.ts"
import { writeJson } from "../../core/wire/json.ts"
import { writeListOf } from "../../core/wire/list.ts"
import { completeConfiguration, completeJob, type Reading } from "../../core/wire/reading.ts"
import { declaration, indentXml } from "../../core/wire/xml/mod.ts"
import { exits } from "../exit.ts"
import { Failure, note, Refusal, reporting, say } from "../failure.ts"
import { rulesArgument, switchFlag } from "../flags.ts"
import { outputFlag, printDocument } from "../output/form.ts"
import { root } from "../root.ts"
import { readFiles } from "../rules.ts"
import { resolve } from "../settings.ts"
import { World } from "../world.ts"

/** `fmt <file>`: the same rules in one canonical form, printed; or in their files, checked or written. */
export const fmt = Command.make(
  "fmt",
  {
    paths: rulesArgument,
    output: outputFlag(["json", "yaml", "xml"], "the file's own form"),
    check: switchFlag("check", "Name the files that are not in canonical form, and end with 2 if there are any"),
    write: switchFlag("write", "Rewrite the files that are not in canonical form, and name them"),
  },
  Effect.fnUntraced(function* ({ paths, output, check, write }) {
    const flags = yield* root
    yield* Effect.gen(function* () {
      yield* refuseUse(paths, { check, write, isConverting: Option.isSome(output) })
      const files = (yield* Effect.forEach(paths, rulesFilesAt)).flat()
      if (check || write) return yield* inPlace(files, write)
      if (files.length > 1 || files[0] !== paths[0]) return yield* severalFiles
      const { region } = yield* resolve(flags)
      const { files: [read], unread } = yield* readFiles(files)
      if (read === undefined) return yield* new InvalidInput({ findings: unread })
      const form = Option.getOrElse(output, () => read.form)
      if (form === read.form) yield* printOwn(read)
      else yield* printOther(read, form, region?.value)
    }).pipe(reporting(`format ${paths.join(", ")}`, Option.getOrUndefined(output) === "json" ? "json" : "table"))
  }),
).pipe(
  Command.withDescription(
    "Bring rule files into their canonical form: print it, or --check or --write files and folders",
  ),
  Command.withExamples([
    { command: "cos-inventory fmt rule.xml -o yaml", description: "Turn XML into YAML" },
    { command: "cos-inventory fmt --check rules/", description: "For CI: end with 2 when a file is not formatted" },
  ]),
)

const refuseUse = (
  paths: ReadonlyArray<string>,
  { check, isConverting, write }: { readonly check: boolean; readonly isConverting: boolean; readonly write: boolean },
): Effect.Effect<void, Refusal> => {
  const usage = (problem: string, fix: string) => Effect.fail(new Refusal({ exit: exits.usage, problem, fix }))
  if (check && write) return usage("--check and --write stand together", "Give one of them")
  if ((check || write) && isConverting) {
    return usage("files keep the form they have", "Leave out -o, or print one file with it")
  }
  return write && paths.includes("-")
    ? usage("the standard input cannot be written", "Leave out --write to print the canonical form")
    : Effect.void
}

const severalFiles = new Refusal({
  exit: exits.usage,
  problem: "only one file can be printed",
  fix: "Give --check to see which files are not in canonical form, or --write to rewrite them",
})

/** Every file by itself: what is wrong with one says nothing of the others. */
const inPlace = (paths: ReadonlyArray<string>, write: boolean): Effect.Effect<void, ConfigError | Failure, World> =>
  Effect.gen(function* () {
    let code: number = exits.done
    for (const path of new Set(paths)) {
      const differs = yield* Effect.result(settleFile(path, write))
      if (Result.isFailure(differs)) {
        yield* say(`format ${path}`, differs.failure, "table")
        code = exits.invalid
      } else if (differs.success) {
        yield* Console.log(oneLine(fileName(path)))
        if (!write && code === exits.done) code = exits.pending
      }
    }
    if (code !== exits.done) return yield* new Failure({ code })
  })

/** Whether the file was not in canonical form. */
const settleFile = (path: string, write: boolean): Effect.Effect<boolean, ConfigError | InvalidInput, World> =>
  Effect.gen(function* () {
    const { files: [read], unread } = yield* readFiles([path])
    if (read === undefined) return yield* new InvalidInput({ findings: unread })
    const text = yield* ownText(read)
    const before = read.hasMark ? `\ufeff${read.text}` : read.text
    if (text === before) return false
    if (!write) return true
    if (losesXmlComments(read, text)) return yield* new InvalidInput({ findings: [xmlComments(read)] })
    const { rewriteFile } = yield* Effect.promise(() => import("../../adapters/file-writing.ts"))
    yield* rewriteFile(path, before, text)
    return true
  })

const printOwn = (read: RulesFile): Effect.Effect<void, InvalidInput, World> =>
  Effect.gen(function* () {
    const { isTerminal } = yield* World
    const text = yield* ownText(read)
    if (losesXmlComments(read, text)) yield* note("comments of XML are not in its canonical form", "table")
    const shown = text.trimEnd()
    // Only comments can still hold what steers a terminal
    yield* Console.log(isTerminal.stdout ? printable(shown) : shown)
  })

/** The whole text of the file in the form it has. */
const ownText = (read: RulesFile): Effect.Effect<string, InvalidInput> =>
  Effect.gen(function* () {
    yield* refuseFaults(read)
    const { form, text } = read
    if (form === "xml") return `${xmlOf(rulesOf(read, undefined))}\n`
    const { formatted } = yield* Effect.promise(() => import("../../adapters/formatting/mod.ts"))
    return formatted(text, form) ?? (yield* new InvalidInput({ findings: [unkept(read)] }))
  })

/** The rules in another form than the file's: an envelope, as `list` prints one, or a rules document. */
const printOther = (
  read: RulesFile,
  form: "json" | "yaml" | "xml",
  region: string | undefined,
): Effect.Effect<void, InvalidInput | Refusal> =>
  Effect.gen(function* () {
    yield* refuseFaults(read)
    const holdsDocument = read.sets.some(({ isDocument }) => isDocument)
    if (holdsDocument && (form === "xml" || read.sets.length > 1)) return yield* noPlace(form)
    if (read.form !== "json" && (yield* holdsComments(read))) {
      yield* note(`comments of the file are not in the ${names[form]}`, form)
    }
    if (holdsDocument) {
      const { textOf, valueOf } = yield* Effect.promise(() => import("../../adapters/formatting/mod.ts"))
      const value = valueOf(read.text, read.form === "json" ? "json" : "yaml")
      return yield* Console.log(textOf(laidOut(value), form === "json" ? "json" : "yaml").trimEnd())
    }
    const rules = rulesOf(read, region)
    if (form === "xml") return yield* Console.log(xmlOf(rules))
    yield* printDocument(
      form,
      rules.length === 1 ? { [kindOf(rules[0]!)]: writeJson(rules[0]!) } : { configurations: rules.map(writeJson) },
    )
  })

const names = { json: "JSON", yaml: "YAML", xml: "XML" } as const

const noPlace = (form: "json" | "yaml" | "xml"): Refusal =>
  new Refusal({
    exit: exits.invalid,
    problem: form === "xml"
      ? "XML has no place for buckets, defaults and variables"
      : `${names[form]} has no place for several documents`,
    fix: form === "xml" ? "Give -o json or -o yaml" : "Give each document a file of its own",
  })

/** Formatting does not judge; but what cannot be read, or would not be in the output, is refused. */
const refuseFaults = (read: RulesFile): Effect.Effect<void, InvalidInput> => {
  const isJobs = read.sets.every(({ entries }) => entries.every(({ reading }) => isJob(reading)))
  const refused = read.sets.flatMap((set) => [
    ...set.findings,
    ...set.entries.flatMap(({ reading }) => {
      const own = new Set([...reading.findings.map((f) => f.code), ...losing, ...(set.isDocument ? [] : lacking)])
      return lint(reading, { kind: isJobs && !set.isDocument ? "job" : "configuration" })
        .filter(({ code }) => own.has(code))
    }),
  ]).filter(isError)
  return refused.length > 0 ? Effect.fail(new InvalidInput({ findings: refused })) : Effect.void
}

/** A rule of a document may have from its defaults what it lacks, or from whoever completes it. */
const lacking = ["required", "id-empty"] as const

/** Of a file that {@link refuseFaults} passed. */
const rulesOf = (
  { sets }: RulesFile,
  region: string | undefined,
): ReadonlyArray<InventoryConfiguration | InventoryJob> => {
  const readings = sets.flatMap(({ entries }) => entries).map(({ reading }) => expanded(reading, region))
  const areJobs = readings.every(isJob)
  return readings.map(({ draft }) =>
    areJobs ? Result.getOrThrow(completeJob(draft)) : Result.getOrThrow(completeConfiguration(draft))
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

const holdsComments = ({ form, text }: RulesFile): Effect.Effect<boolean> =>
  form === "xml"
    ? Effect.succeed(text.includes(commentStart))
    : Effect.map(Effect.promise(() => import("../../adapters/yaml/mod.ts")), ({ commentsIn }) =>
      commentsIn(text).length > 0)

const commentStart = "<!--"

/** Elements that this project does not know keep the comments in them. */
const losesXmlComments = ({ form, text }: RulesFile, after: string): boolean =>
  form === "xml" && text.split(commentStart).length > after.split(commentStart).length

const xmlComments = ({ file }: RulesFile): Finding => ({
  code: "xml-comments",
  severity: "error",
  path: "",
  message: "The comments of the XML are not in its canonical form",
  allowed: "XML without comments",
  fix: "Remove them, or turn the file into YAML with fmt -o yaml",
  source: "limits of this project",
  file,
})

const unkept = ({ file }: RulesFile): Finding => ({
  code: "comments-unkept",
  severity: "error",
  path: "",
  message: "The file cannot be formatted without losing something",
  allowed: "comments on lines of their own, or behind a value",
  fix: "Move comments from unusual places, such as behind an anchor, to lines of their own",
  source: "limits of this project",
  file,
})
