import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { compare } from "../../core/comparison.ts"
import type { InvalidInput } from "../../core/errors.ts"
import { oneLine } from "../../core/redact.ts"
import { bucketFirst, filesFirst, type Found, theirBuckets } from "../comparing.ts"
import { exits } from "../exit.ts"
import { Failure, note, Refusal, reporting, say } from "../failure.ts"
import { failedBucket, failureFields } from "../failures.ts"
import { filePairs } from "../file-pairs.ts"
import { parallelFlag, switchFlag } from "../flags.ts"
import { type Fleet, onFleet } from "../fleet.ts"
import { type Form, printDocument, resultFlag } from "../output/form.ts"
import { failureTable } from "../output/failures.ts"
import { paragraphs } from "../output/paragraphs.ts"
import { root } from "../root.ts"
import { type Flags, resolve } from "../settings.ts"
import { type BucketSide, type FilesSide, readSide, type Side, sideText } from "../sides.ts"
import { concluded } from "../verdict.ts"
import { unwritten } from "../writing.ts"

/** `diff <files>`, `diff <left> <right>`: what differs, and nothing of what is to be done about it. */
export const diff = Command.make(
  "diff",
  {
    left: Argument.String("left").pipe(
      Argument.withDescription("Rules file or folder, - for standard input, or cos://<name>-<appid>[@<region>]"),
    ),
    right: Argument.String("right").pipe(
      Argument.withDescription("The same; without it, files are held against the buckets they name"),
      Argument.optional,
    ),
    all: switchFlag("all", "Show every bucket, those without differences too"),
    parallel: parallelFlag,
    form: resultFlag,
  },
  Effect.fnUntraced(function* ({ left, right, all, parallel, form }) {
    const flags = yield* root
    const one = Option.getOrUndefined(right)
    const action = `compare ${one === undefined ? left : `${left} with ${one}`}`
    const sides = yield* sidesOf(left, one).pipe(reporting(action, form))
    if (sides.kind === "files alone") {
      const found = yield* filesAlone(sides, flags, form).pipe(reporting(action, form))
      return yield* shown(found, { all, form, isDemo: false })
    }
    yield* onFleet(
      flags,
      { action: () => action, form, parallel },
      (fleet) =>
        Effect.flatMap(compared(sides, fleet, parallel), (found) => shown(found, { all, form, isDemo: fleet.isDemo }))
          .pipe(
            unwritten({ at: "comparing" }, form),
          ),
    )
  }),
).pipe(
  Command.withDescription(
    "Show what differs between rules files and buckets, between two buckets, or between two files; exit 2 when something does",
  ),
  Command.withShortDescription("Show what differs; exit 2 when something does"),
  Command.withExamples([
    {
      command: "cos-inventory diff rules/",
      description: "Hold files against the buckets they name: - has the bucket only",
    },
    {
      command: "cos-inventory diff cos://examplebucket-1250000000@ap-guangzhou cos://otherbucket-1250000000",
      description: "Hold two buckets against each other",
    },
    { command: "cos-inventory diff old/ new/", description: "Hold files against files, without keys or a network" },
    {
      command: "cos-inventory list -o json | cos-inventory diff yesterday.json -",
      description: "What has changed since the rules were kept",
    },
  ]),
)

type Sides =
  | { readonly kind: "files alone"; readonly left: FilesSide; readonly right: FilesSide }
  | { readonly kind: "their buckets"; readonly left: FilesSide }
  | { readonly kind: "files first"; readonly left: FilesSide; readonly right: BucketSide }
  | { readonly kind: "bucket first"; readonly left: BucketSide; readonly right: Side }

const sidesOf = (one: string, other: string | undefined): Effect.Effect<Sides, InvalidInput | Refusal> =>
  Effect.gen(function* () {
    if (one === "-" && other === "-") return yield* bothStdin
    const left = yield* Effect.fromResult(readSide(one))
    const right = other === undefined ? undefined : yield* Effect.fromResult(readSide(other))
    if (left.kind === "bucket") return right === undefined ? yield* oneBucket : { kind: "bucket first", left, right }
    if (right === undefined) return { kind: "their buckets", left }
    return right.kind === "files" ? { kind: "files alone", left, right } : { kind: "files first", left, right }
  })

const compared = (sides: Exclude<Sides, { readonly kind: "files alone" }>, fleet: Fleet, parallel: number) => {
  switch (sides.kind) {
    case "their buckets":
      return theirBuckets(sides.left, fleet, parallel)
    case "files first":
      return filesFirst(sides.left, sides.right, fleet)
    case "bucket first":
      return bucketFirst(sides.left, sides.right, fleet)
  }
}

const oneBucket = new Refusal({
  exit: exits.usage,
  problem: "a bucket alone is held against nothing",
  fix: "Give a second bucket, or a file; `list` shows what the bucket has",
})

const bothStdin = new Refusal({
  exit: exits.usage,
  problem: "standard input can be read once only",
  fix: "Give - once",
})

/** Without keys and without a network. */
const filesAlone = ({ left, right }: Extract<Sides, { readonly kind: "files alone" }>, flags: Flags, form: Form) =>
  Effect.gen(function* () {
    const { region } = yield* resolve(flags)
    const { pairs, bothName } = yield* filePairs(left.path, right.path, region?.value)
    if (bothName) {
      const sides = oneLine(`${sideText(left)} against ${sideText(right)}`)
      yield* note(`${sides}, not against buckets; for those, give one file or folder`, form)
    }
    const compared = pairs.map(({ left: before, right: after, ...at }) => ({ ...at, ...compare(before, after) }))
    return { left: sideText(left), right: sideText(right), compared, failures: [] }
  })

interface Showing {
  readonly all: boolean
  readonly form: Exclude<Form, "xml">
  readonly isDemo: boolean
}

const shown = (
  { left, right, compared, failures }: Found,
  { all, form, isDemo }: Showing,
): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    if (compared.length + failures.length === 0) {
      yield* note("the files choose no bucket, so there is nothing to compare", form)
    }
    if (form === "json" || form === "yaml") {
      yield* printDocument(form, {
        ...(isDemo ? { demo: true } : {}),
        left,
        right,
        differences: compared.flatMap(({ bucket, region, differences }) =>
          differences.map(({ id, kind, changes }) => ({
            ...(bucket === undefined ? {} : { bucket }),
            ...(region === undefined ? {} : { region }),
            id,
            kind,
            changes,
          }))
        ),
        ...(yield* failureFields("compare", failures)),
      })
    } else {
      const { comparedText, sidesText, totalText, withDifferences } = yield* Effect.promise(() =>
        import("../output/comparison.ts")
      )
      yield* Console.log(sidesText(left, right))
      const { some, rest } = withDifferences(compared, all)
      const texts = [...some.map(comparedText), rest].filter((text) => text !== "")
      const body = texts.length === 0 ? "" : `${paragraphs(texts)}\n\n`
      const unread = failures.length === 0 || compared.length + failures.length === 1
        ? ""
        : `${yield* failureTable(failures)}\n\n`
      yield* Console.log(`\n${body}${unread}${totalText(compared, failures, isDemo)}`)
    }
    const failed = failures.map((failure) => failedBucket("compare", failure))
    if (form !== "json") { for (const { action, error } of failed) yield* say(action, error, form) }
    yield* concluded({ failures: failed, total: compared.length + failures.length, form })
    if (compared.some(({ differences }) => differences.length > 0)) return yield* new Failure({ code: exits.pending })
  })
