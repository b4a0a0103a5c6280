/** Buckets as text, one after the other: to standard output, or into a folder with a file for each. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { basename, join } from "node:path"
import { type BucketRef, parseBucket } from "../core/bucket.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/mod.ts"
import { oneLine, redactValue } from "../core/redact.ts"
import { documentVersion } from "../core/wire/document.ts"
import { exitOf, exits } from "./exit.ts"
import { type Failing, Failure, Refusal, say } from "./failure.ts"
import { exitOfMany, type Failed, sayTogether } from "./failures.ts"
import { failedText, resultTable } from "./output/failures.ts"
import type { Form } from "./output/form.ts"
import { bucketsText } from "./output/plan.ts"
import { doubtful } from "./writing.ts"

/** One bucket as it is written. */
export interface Piece {
  readonly ref: BucketRef
  readonly text: string
  /** How many rules it holds. */
  readonly count: number
  /** What a reader should know of rules that it holds. */
  readonly notes: ReadonlyArray<Finding>
  /** Rules that it does not hold, and why. */
  readonly leftOut: ReadonlyArray<Finding>
}

/** Why nothing is written of one bucket; the others go on. */
export interface Unwritten {
  readonly ref: BucketRef
  readonly error: Failing
}

export interface Exporting {
  /** Such as `yaml`; also how the files end. */
  readonly ending: "yaml" | "json" | "tf"
  /** Where the files go; standard output unless told. */
  readonly out: string | undefined
  /** Whether the folder may hold files already. */
  readonly force: boolean
  /** How it is said what was written, where files are. */
  readonly form: Exclude<Form, "xml">
  /** What stands above the notes. */
  readonly notesHead: string
  /** How many buckets there are. */
  readonly total: number
  readonly isDemo: boolean
}

interface Outcome {
  readonly ref: BucketRef
  readonly count: number
  readonly notes: ReadonlyArray<Finding>
  readonly leftOut: ReadonlyArray<Finding>
  readonly file?: string
  readonly error?: Failing
}

/** Writes every piece as it comes, and fails in the end when anything is missing in what was written. */
export const exporting = <E, R>(
  pieces: Stream.Stream<Piece | Unwritten, E, R>,
  options: Exporting,
): Effect.Effect<void, E | ConfigError | Failure, R> =>
  Effect.gen(function* () {
    const { out, ending, form, total, isDemo } = options
    const write = out === undefined ? toOutput(ending) : yield* intoFolder(out, options)
    const outcomes: Array<Outcome> = []
    const failures: Array<Failed> = []
    const report = Effect.suspend(() =>
      out === undefined || form === "table" ? Effect.void : printOutcomes(form, out, outcomes, isDemo)
    )
    const isWritten = ({ error }: Outcome) => error === undefined
    yield* Stream.runForEach(pieces, (piece) =>
      Effect.gen(function* () {
        const { ref } = piece
        const action = `export ${placeText(ref)}`
        const written = "error" in piece ? piece : yield* write(piece).pipe(
          Effect.catch((error) => Effect.succeed<Unwritten>({ ref, error })),
        )
        if ("error" in written) {
          failures.push({ action, error: written.error })
          outcomes.push({ ref, count: 0, notes: [], leftOut: [], error: written.error })
          if (form !== "json") yield* say(action, written.error, form)
          return
        }
        const { count, notes, leftOut } = written
        outcomes.push({ ref, count, notes, leftOut, ...fileOf(written) })
        if (form === "table" && written.file !== undefined) {
          yield* Console.log(`Wrote ${rulesText(count)} of ${placeText(ref, isDemo)} to ${oneLine(written.file)}`)
        }
        if (form !== "json" && notes.length > 0) yield* sayNotes(options.notesHead, notes)
        if (leftOut.length === 0) return
        const failed = {
          action: `export all rules of ${placeText(ref)}`,
          error: new InvalidInput({ findings: leftOut }),
        }
        failures.push(failed)
        if (form !== "json") yield* say(failed.action, failed.error, form)
      })).pipe(
        Effect.onInterrupt(() => report),
        doubtful(() => `${outcomes.filter(isWritten).length} of ${bucketsText(total)} written`, form),
      )
    yield* report
    if (total > 1) yield* sayMany(outcomes, options)
    yield* ended(failures, outcomes, options)
  })

/** Buckets that are not there, or not wholly, by name; and how much was written. Standard output may hold the rules. */
const sayMany = (outcomes: ReadonlyArray<Outcome>, { out, form, isDemo }: Exporting): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (form === "json" || (out !== undefined && form !== "table")) return
    const rows = outcomes.flatMap(({ ref, error, leftOut }) =>
      error !== undefined
        ? [{ ...ref, result: failedText(error) }]
        : leftOut.length > 0
        ? [{ ...ref, result: `exported without ${rulesText(leftOut.length)}` }]
        : []
    )
    const rest = outcomes.length - rows.length
    const print = out === undefined ? Console.error : Console.log
    if (rows.length > 0) {
      yield* print(`\n${yield* resultTable(rows, rest === 0 ? undefined : `and ${bucketsText(rest)} exported`)}\n`)
    }
    if (out === undefined) return
    const written = outcomes.filter(({ error }) => error === undefined)
    const count = written.reduce((sum, one) => sum + one.count, 0)
    const where = isDemo ? " in the demo" : ""
    yield* print(`Wrote ${rulesText(count)} of ${bucketsText(written.length)}${where} to ${oneLine(out)}`)
  })

type Written = Piece & { readonly file?: string }

const fileOf = ({ file }: Written) => file === undefined ? {} : { file }

/** Documents of a YAML stream are parted by a line of its own; the parts of HCL are not. */
const toOutput = (ending: Exporting["ending"]) => {
  let isFirst = true
  return (piece: Piece): Effect.Effect<Written> => {
    const before = isFirst ? "" : ending === "yaml" ? "---\n" : "\n"
    isFirst = false
    return Effect.as(Console.log(before + piece.text.trimEnd()), piece)
  }
}

const intoFolder = (folder: string, { ending, force }: Exporting) =>
  Effect.gen(function* () {
    const { openFolder, writeWhole } = yield* Effect.promise(() => import("../adapters/folder.ts"))
    const names = yield* openFolder(folder, {
      mayHoldFiles: force,
      fix: "Give another folder, or --force, by which the files of the exported buckets alone are overwritten",
    })
    // A folder's files are read together: two of one bucket would both count
    const twinOf = ending === "tf" || names.length === 0 ? () => undefined : yield* Effect.flatMap(
      Effect.promise(() => import("./twins.ts")),
      ({ twinsIn }) => twinsIn(folder, ending),
    )
    return (piece: Piece): Effect.Effect<Written, ConfigError | Refusal> =>
      Effect.gen(function* () {
        const { bucket } = piece.ref
        // A name may come from a server, and must not lead out of the folder
        if (parseBucket(bucket) === undefined) return yield* noFileName(bucket)
        const twin = twinOf(bucket)
        if (twin !== undefined) return yield* besideTwin(twin)
        const file = join(folder, `${bucket}.${ending}`)
        yield* writeWhole(file, piece.text)
        return { ...piece, file }
      })
  })

const noFileName = (bucket: string) =>
  new Refusal({
    exit: exits.invalid,
    problem: `its name "${bucket}" is not <name>-<appid>, and a file cannot be named after it`,
    fix: "Export it to standard output",
  })

const besideTwin = (twin: string) =>
  new Refusal({
    exit: exits.conflict,
    problem: `"${twin}" holds rules of the same bucket, and both would count`,
    fix: "Remove that file, or give another folder",
  })

const sayNotes = (head: string, notes: ReadonlyArray<Finding>): Effect.Effect<void> =>
  Effect.flatMap(
    Effect.promise(() => import("./output/problem.ts")),
    ({ findingText }) => Console.error([head, ...notes.map(findingText)].join("\n")),
  )

const printOutcomes = (
  form: "json" | "yaml",
  folder: string,
  outcomes: ReadonlyArray<Outcome>,
  isDemo: boolean,
): Effect.Effect<void> =>
  Effect.flatMap(
    Effect.promise(() => import("./output/form.ts")),
    ({ printDocument }) =>
      printDocument(form, {
        ...(isDemo ? { demo: true } : {}),
        folder,
        results: outcomes.map(({ ref, count, file, notes, error }) => ({
          ...ref,
          ...(error === undefined
            ? { result: "exported", file: basename(file ?? ""), rules: count, findings: redactValue(notes) }
            : { result: "failed", exitCode: exitOf(error) }),
        })),
      }),
  )

/** A part that was written makes it a part that failed. */
const ended = (
  failures: ReadonlyArray<Failed>,
  outcomes: ReadonlyArray<Outcome>,
  { form, out }: Exporting,
): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    const findings = outcomes.flatMap(({ notes }) => notes)
    if (failures.length === 0) {
      // Standard output holds the rules, and has no place for what is said of them
      if (form === "json" && out === undefined && findings.length > 0) {
        const { spokenDocument } = yield* Effect.promise(() => import("./output/problem.ts"))
        yield* Console.error(spokenDocument({ version: documentVersion, findings }))
      }
      return
    }
    const isPart = outcomes.some(({ error, count, leftOut }) =>
      error === undefined && (count > 0 || leftOut.length === 0)
    )
    const code = isPart ? exits.partial : exitOfMany(failures, failures.length)
    const [only] = failures
    if (form !== "json") {
      const failed = outcomes.filter(({ error }) => error !== undefined).length
      if (failed > 0 && outcomes.length > 1) yield* Console.error(`${failed} of ${outcomes.length} failed`)
    } else if (only !== undefined && failures.length === 1 && !isPart) yield* say(only.action, only.error, form)
    else yield* sayTogether(failures, outcomes.length, code)
    return yield* new Failure({ code })
  })

const placeText = ({ bucket, region }: BucketRef, isDemo = false): string =>
  oneLine(region === undefined ? bucket : `${bucket} (${region}${isDemo ? ", the demo" : ""})`)

const rulesText = (count: number): string => count === 1 ? "1 rule" : `${count} rules`
