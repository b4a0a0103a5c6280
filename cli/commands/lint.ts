import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RulesFile } from "../../adapters/rules-file.ts"
import type { ConfigError, InvalidInput } from "../../core/errors.ts"
import { type Chosen, codes } from "../../core/advice/mod.ts"
import { type Finding, placeOf } from "../../core/lint/mod.ts"
import { didYouMean } from "../../core/lint/nearest.ts"
import { escapeSteering } from "../../core/redact.ts"
import { chosenBy } from "../chosen.ts"
import { exits } from "../exit.ts"
import { Failure, note, Refusal, reporting } from "../failure.ts"
import { rulesArgument, switchFlag } from "../flags.ts"
import { printDocument } from "../output/form.ts"
import { root } from "../root.ts"
import { type Flags, resolve } from "../settings.ts"
import type { World } from "../world.ts"

const known = codes.map(({ code }) => code)

/** `lint <file or folder>...`: everything that is to be said of rules files, without keys and without a network. */
export const lint = Command.make(
  "lint",
  {
    files: rulesArgument,
    ignore: Flag.String("ignore").pipe(
      Flag.withDescription("Code of findings to leave out; repeat it for more"),
      Flag.filterMap(
        (code) => known.includes(code) ? Option.some(code) : Option.none(),
        (code) => `the code of a finding, which lint prints in brackets${didYouMean(code, known)}`,
      ),
      Flag.atLeast(0),
    ),
    strict: switchFlag("strict", "Warnings count as errors do"),
    fix: switchFlag("fix", "Mend in the files what can be mended for certain, and print what is left"),
    form: Flag.Literals("output", ["text", "json", "yaml", "sarif"]).pipe(
      Flag.withAlias("o"),
      Flag.withDescription("How to print; text unless told, sarif is for code hosts"),
      Flag.optional,
      Flag.map((given) => Option.getOrElse(given, () => "text" as const)),
    ),
  },
  Effect.fnUntraced(function* ({ files, ignore, strict, fix, form }) {
    const speech = form === "json" ? "json" : "table"
    const said = reporting(`lint ${files.join(", ")}`, speech)
    const chosen = yield* root.pipe(Effect.flatMap((flags) => chosenOffline(flags, files, fix)), said)
    const { linted } = yield* Effect.promise(() => import("../linting.ts"))
    const before = yield* linted(files, chosen)
    const mending = fix ? yield* mended(before.files, ignore) : undefined
    const all = mending === undefined || mending.fixed.length === 0 ? before : yield* linted(files, chosen)
    const findings = all.findings.filter(({ code }) => !ignore.includes(code))
    const isRefused = findings.some(({ severity }) => severity === "error" || (strict && severity === "warning"))
    yield* print({ findings, files: all.count, isRefused, fixed: mending?.fixed }, form)
    const unmended = (mending?.left ?? []).map((finding) => `not mended: ${placeOf(finding)}: ${finding.fix}`)
    yield* Effect.forEach(unmended, (text) => note(text, speech), { discard: true })
    const [failure] = mending?.failures ?? []
    if (failure !== undefined) yield* Effect.fail(failure).pipe(said)
    if (isRefused) return yield* new Failure({ code: exits.invalid })
  }),
).pipe(
  Command.withDescription("Judge rules files and what they are together, offline"),
  Command.withExamples([
    { command: "cos-inventory lint rules/", description: "Every finding of a folder, with line and column" },
    { command: "cos-inventory lint rules/ --strict -o sarif > lint.sarif", description: "For a code host" },
  ]),
)

const mended = (files: ReadonlyArray<RulesFile>, ignore: ReadonlyArray<string>) =>
  Effect.flatMap(Effect.promise(() => import("../fixing.ts")), ({ fixFiles }) => fixFiles(files, ignore))

const chosenOffline = (
  flags: Flags,
  files: ReadonlyArray<string>,
  fix: boolean,
): Effect.Effect<Chosen, ConfigError | InvalidInput | Refusal, World> =>
  Effect.gen(function* () {
    if (flags.allBuckets) return yield* needsCos
    if (fix && files.includes("-")) return yield* noFile
    const { bucket, region, usualRegion } = yield* resolve(flags)
    const named = yield* chosenBy(flags)
    const usual = bucket === undefined
      ? []
      : [{ bucket: bucket.value, ...(region === undefined ? {} : { region: region.value }) }]
    return { buckets: named.length > 0 ? named : usual, region: usualRegion?.value }
  })

const needsCos = new Refusal({
  exit: exits.usage,
  problem: "it works offline, and --all-buckets would have to ask COS",
  fix: "Name the buckets in the files, or with --bucket or --buckets-from",
})

const noFile = new Refusal({
  exit: exits.usage,
  problem: "--fix changes files, and standard input is none",
  fix: "Give a file, or leave out --fix",
})

interface Shown {
  readonly findings: ReadonlyArray<Finding>
  readonly files: number
  readonly isRefused: boolean
  /** With --fix alone. */
  readonly fixed: ReadonlyArray<Finding> | undefined
}

const print = (
  { findings, files, isRefused, fixed }: Shown,
  form: "text" | "json" | "yaml" | "sarif",
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { blockOf, countsOf, findingFields, fixedLine, summaryOf } = yield* Effect.promise(() =>
      import("../output/findings.ts")
    )
    const counts = countsOf(findings)
    if (form === "sarif") {
      const { sarifOf } = yield* Effect.promise(() => import("../output/sarif.ts"))
      return yield* Console.log(escapeSteering(JSON.stringify(sarifOf(findings), null, 2)))
    }
    if (form !== "text") {
      return yield* printDocument(form, {
        valid: !isRefused,
        counts: { ...counts, files },
        findings: findings.map(findingFields),
        ...(fixed === undefined ? {} : { fixed: fixed.map(findingFields) }),
      })
    }
    yield* Console.log(
      [...(fixed ?? []).map(fixedLine), ...findings.map(blockOf), summaryOf(counts, files, fixed?.length)].join("\n"),
    )
  })
