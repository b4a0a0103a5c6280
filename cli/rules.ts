/** Rules out of the files a command was given, judged all together before anything is sent. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readRulesFile, type RulesFile } from "../adapters/rules-file.ts"
import { distinctFiles } from "../adapters/rules-folder.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { repeatedIds } from "../core/advice/mod.ts"
import { type Context, type Finding, isError, isForgivable, lint } from "../core/lint/mod.ts"
import type { InventoryConfiguration, InventoryJob } from "../core/rule.ts"
import { expanded, type RuleSet } from "../core/ruleset/mod.ts"
import { completeConfiguration, completeJob, type Reading, readingOf } from "../core/wire/reading.ts"
import type { Form } from "./output/form.ts"
import { World } from "./world.ts"

/** The files that could be read, and what is to be said of the others. */
export interface Files {
  readonly files: ReadonlyArray<RulesFile>
  readonly unread: ReadonlyArray<Finding>
}

/** Reads every file once, so that the problems of all of them are reported at once. */
export const readFiles = (paths: ReadonlyArray<string>): Effect.Effect<Files, ConfigError, World> =>
  Effect.gen(function* () {
    const { stdin } = yield* World
    if (paths.filter((path) => path === "-").length > 1) {
      return yield* new ConfigError({
        source: "standard input",
        problem: "Standard input can be read once only",
        fix: "Give - once",
      })
    }
    const distinct = yield* distinctFiles(paths)
    const results = yield* Effect.forEach(distinct, (path) => Effect.result(readRulesFile(path, { stdin })))
    const failures = results.filter(Result.isFailure).map((r) => r.failure)
    const [only] = failures
    if (paths.length === 1 && only?._tag === "ConfigError") return yield* only
    return {
      files: results.filter(Result.isSuccess).map((r) => r.success),
      unread: failures.flatMap((f) => f._tag === "InvalidInput" ? f.findings : [unreadable(f)]),
    }
  })

/** A file that could not be opened, as one problem among those of others. */
export const unreadable = ({ source, problem, fix }: ConfigError): Finding => ({
  code: "file-unreadable",
  severity: "error",
  path: "",
  message: problem,
  allowed: "a file that can be read",
  fix,
  source: "the file system",
  file: source,
})

export interface Judged {
  readonly reading: Reading
  readonly findings: ReadonlyArray<Finding>
}

/** Every rule with what is to be said of it. Ids must differ, or the last of two would win unseen. */
export const judge = ({ files }: Pick<Files, "files">, context: Context): ReadonlyArray<Judged> => {
  const readings = files.flatMap(rulesOf).map((reading) => expanded(reading, context.region))
  const repeated = repeatedIds(readings)
  return readings.map((reading) => {
    const findings = lint(reading, context)
    const twice = repeated.get(reading)
    return { reading, findings: twice === undefined ? findings : [...findings, twice] }
  })
}

/** The rules of a file, for commands that work on one bucket; what its documents say of others is not for them. */
export const rulesOf = ({ sets }: RulesFile): ReadonlyArray<Reading> =>
  sets.flatMap((set) =>
    set.isDocument
      ? [{ ...readingOf({}), unread: new Set([""]), findings: [...set.findings, forBuckets(set)] }]
      : set.entries.map(({ reading }) => reading)
  )

const forBuckets = ({ file }: RuleSet): Finding => ({
  code: "rules-document",
  severity: "error",
  path: "",
  message: "This is a rules file, which says itself which buckets its rules belong to",
  allowed: "one rule, or a list of rules",
  fix: "Give it to lint, plan or apply",
  source: "the rules file in the README",
  ...(file === undefined ? {} : { file }),
})

/** Fails with all errors; says warnings on standard error, unless that is kept for one JSON object. */
export const refuseErrors = (
  judged: ReadonlyArray<Judged>,
  form: Form,
  unread: ReadonlyArray<Finding> = [],
): Effect.Effect<void, InvalidInput> =>
  Effect.gen(function* () {
    const findings = [...unread, ...judged.flatMap((j) => j.findings)]
    if (findings.some(isError)) return yield* new InvalidInput({ findings })
    if (form !== "json") yield* sayWarnings(findings)
  })

export const sayWarnings = (findings: ReadonlyArray<Finding>): Effect.Effect<void> =>
  findings.length === 0 ? Effect.void : Effect.flatMap(
    Effect.promise(() => import("./output/problem.ts")),
    ({ findingText }) => Effect.forEach(findings, (f) => Console.error(findingText(f)), { discard: true }),
  )

/** Whether `--as-is` may forgive a rule its problems. */
export const isAcceptable = ({ reading, findings }: Judged): boolean =>
  findings.every(isForgivable) && Result.isSuccess(completeConfiguration(reading.draft))

/** The rules themselves; to be asked for only when nothing was refused. */
export const configurationsOf = (judged: ReadonlyArray<Judged>): ReadonlyArray<InventoryConfiguration> =>
  judged.map((j) => Result.getOrThrow(completeConfiguration(j.reading.draft)))

export const jobsOf = (judged: ReadonlyArray<Judged>): ReadonlyArray<InventoryJob> =>
  judged.map((j) => Result.getOrThrow(completeJob(j.reading.draft)))
