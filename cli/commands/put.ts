import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type CallError, getInventory, putInventory, replaceInventory } from "../../core/client.ts"
import { type Change, diff } from "../../core/diff.ts"
import type { InventoryConfiguration } from "../../core/rule.ts"
import { onBucket, type Place, placeFields, placeText, type Wired } from "../connection.ts"
import { dryRun } from "../dry-run.ts"
import { exits } from "../exit.ts"
import { fail, Failure } from "../failure.ts"
import { dryRunFlag, filesArgument } from "../flags.ts"
import { changeLines } from "../output/changes.ts"
import { outputFlag, printDocument } from "../output/form.ts"
import { root } from "../root.ts"
import { configurationsOf, isWhole, judge, type Judged, readFiles, refuseErrors } from "../rules.ts"
import { waitFor } from "../waiting.ts"
import { doubtful, eachOf } from "../writing.ts"

const flags = {
  files: filesArgument,
  wait: Flag.Boolean("wait").pipe(
    Flag.withDescription("Read back until COS shows the rule"),
    Flag.withDefault(false),
  ),
  dryRun: dryRunFlag,
  ifAbsent: Flag.Boolean("if-absent").pipe(
    Flag.withDescription("Refuse to replace a rule; COS has no conditional write, so it is read right before"),
    Flag.withDefault(false),
  ),
  asIs: Flag.Boolean("as-is").pipe(
    Flag.withDescription("Accept problems that the rule in COS has already"),
    Flag.withDefault(false),
  ),
  output: outputFlag(["table", "json", "yaml"]),
}

/** `put <file>...`: creates or replaces rules. Every file is checked before the first request. */
export const put = Command.make(
  "put",
  flags,
  Effect.fnUntraced(function* (given) {
    const form = Option.getOrElse(given.output, () => "table" as const)
    const action = (place: string) => `put ${given.files.join(", ")} into ${place}`
    const shared = yield* root
    const write = (place: Place) =>
      Effect.gen(function* () {
        const judged = judge(yield* readFiles(given.files), { kind: "configuration", region: place.region })
        yield* refuseErrors(given.asIs ? judged.filter((item) => !isWhole(item)) : judged)
        const done = yield* eachOf(
          judged,
          (item) => `put "${item.reading.draft.id ?? ""}" into ${placeText(place)}`,
          form,
          (item) =>
            putOne(place, item, given).pipe(
              Effect.tap((d) => form === "table" ? Console.log(sentence(d, place)) : Effect.void),
            ),
        )
        if (form !== "table") yield* printDocument(form, { ...placeFields(place), results: done })
      })
    if (!given.dryRun) return yield* onBucket(shared, { action, form }, write)
    yield* dryRun((transport) =>
      onBucket(shared, { action, form, transport }, (place) =>
        Effect.gen(function* () {
          const judged = judge(yield* readFiles(given.files), { kind: "configuration", region: place.region })
          yield* refuseErrors(judged)
          yield* Effect.forEach(configurationsOf(judged), (rule) => putInventory(place, rule), { discard: true })
        }))
    )
  }),
).pipe(
  Command.withDescription("Create or replace rules from files"),
  Command.withExamples([
    { command: "cos-inventory put rule.yaml", description: "Check the file, show the difference, write it" },
    { command: "cos-inventory get list1 -o yaml | cos-inventory put - --dry-run", description: "See the request" },
  ]),
)

interface Done {
  readonly id: string
  readonly result: "created" | "replaced" | "unchanged"
  readonly changes: ReadonlyArray<Change>
}

type Given = { readonly wait: boolean; readonly ifAbsent: boolean; readonly asIs: boolean }

const putOne = (
  place: Place,
  { reading, findings }: Judged,
  { wait, ifAbsent, asIs }: Given,
): Effect.Effect<Done, CallError | Failure, Wired> =>
  Effect.gen(function* () {
    const before = yield* current(place, reading.draft.id ?? "", ifAbsent || asIs)
    if (ifAbsent && before !== undefined) {
      return yield* fail(
        exits.conflict,
        `Cannot put "${before.id}" into ${placeText(place)}: it exists already, and --if-absent was given`,
      )
    }
    if (before === undefined && asIs) yield* refuseErrors([{ reading, findings }])
    const [rule] = configurationsOf([{ reading, findings }])
    const changes = diff(before, rule!)
    const result = before === undefined ? "created" : changes.length === 0 ? "unchanged" : "replaced"
    if (result !== "unchanged") {
      const write = asIs && before !== undefined ? replaceInventory(place, rule!, before) : putInventory(place, rule!)
      yield* write.pipe(doubtful(`rule "${rule!.id}"`, `get ${rule!.id}`))
    }
    if (wait) yield* waitFor(place, rule!)
    return { id: rule!.id, result, changes: before === undefined ? [] : changes }
  })

/** What the rule replaces. Whoever may write but not read puts without seeing the difference, unless it matters. */
const current = (
  place: Place,
  id: string,
  matters: boolean,
): Effect.Effect<InventoryConfiguration | undefined, CallError, Wired> =>
  getInventory(place, id).pipe(
    Effect.map((answer) => answer.configuration),
    Effect.catchIf(
      (error) => error._tag === "CosError" && error.code === "InventoryConfigurationNotFoundError",
      () => Effect.succeed(undefined),
    ),
    Effect.catchIf(
      (error) => !matters && error._tag === "CosError" && error.code === "AccessDenied",
      () => Effect.as(Console.error(`Note: reading "${id}" is denied, so no difference is shown`), undefined),
    ),
  )

const sentence = ({ id, result, changes }: Done, place: Place): string => {
  const where = placeText(place)
  if (result === "unchanged") return `Unchanged: rule "${id}" in ${where} says the same already`
  const head = result === "created" ? `Created rule "${id}" in ${where}` : `Replaced rule "${id}" in ${where}`
  return [head, ...changeLines(changes)].join("\n")
}
