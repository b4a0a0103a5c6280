import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type CallError, getInventory, isMissingRule, putInventory, replaceInventory } from "../../core/client.ts"
import { type Change, diff } from "../../core/diff.ts"
import { InvalidInput } from "../../core/errors.ts"
import { broughtIn, type Finding, isError, lint } from "../../core/lint/mod.ts"
import type { InventoryConfiguration } from "../../core/rule.ts"
import { readingOf } from "../../core/wire/reading.ts"
import { type Place, placeText, type Wired } from "../connection.ts"
import { changing } from "../dry-run.ts"
import { exits } from "../exit.ts"
import { type Failing, note, Refusal } from "../failure.ts"
import { dryRunFlag, filesArgument, switchFlag } from "../flags.ts"
import { changeLines } from "../output/changes.ts"
import { type Form, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { configurationsOf, isAcceptable, judge, type Judged, readFiles, refuseErrors } from "../rules.ts"
import { waitFor } from "../waiting.ts"
import { doubtful, maybeWritten } from "../writing.ts"

const flags = {
  files: filesArgument,
  wait: switchFlag("wait", "Read back until COS shows the rule"),
  dryRun: dryRunFlag,
  ifAbsent: switchFlag(
    "if-absent",
    "Refuse to replace a rule; COS has no conditional write, so it is read right before",
  ),
  asIs: switchFlag("as-is", "Accept problems that the rule in COS has already"),
  form: resultFlag,
}

/** `put <file>...`: creates or replaces rules. Every file is checked before the first request. */
export const put = Command.make(
  "put",
  flags,
  Effect.fnUntraced(function* (given) {
    const { form } = given
    const read = yield* Effect.cached(readFiles(given.files))
    yield* changing({
      flags: yield* root,
      form,
      action: (place) => `put ${given.files.join(", ")} into ${place}`,
      verb: "put",
      isDryRun: given.dryRun,
      items: (region) =>
        Effect.gen(function* () {
          const files = yield* read
          const all = judge(files, { kind: "configuration", region })
          const isForgiving = given.asIs && !given.dryRun
          yield* refuseErrors(isForgiving ? all.filter((item) => !isAcceptable(item)) : all, form, files.unread)
          return all
        }),
      idOf: (item) => item.reading.draft.id ?? "",
      send: (place, item) =>
        Effect.forEach(configurationsOf([item]), (rule) => putInventory(place, rule), { discard: true }),
      change: (place, item) => putOne(place, item, given, form),
      sentence,
    })
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
  readonly warnings?: ReadonlyArray<Finding>
}

type Given = { readonly wait: boolean; readonly ifAbsent: boolean; readonly asIs: boolean }

const putOne = (
  place: Place,
  { reading, findings }: Judged,
  { wait, ifAbsent, asIs }: Given,
  form: Form,
): Effect.Effect<Done, Failing, Wired> =>
  Effect.gen(function* () {
    const before = yield* current(place, reading.draft.id ?? "", ifAbsent || asIs, form)
    if (ifAbsent && before !== undefined) return yield* exists
    if (asIs) yield* refuseNew(place, findings, before)
    const [rule] = configurationsOf([{ reading, findings }])
    const changes = before === undefined ? [] : diff(before, rule!)
    const result = before === undefined ? "created" : changes.length === 0 ? "unchanged" : "replaced"
    if (result !== "unchanged") {
      if (form === "table" && changes.length > 0) yield* Console.log(changeLines(changes).join("\n"))
      const write = asIs && before !== undefined ? replaceInventory(place, rule!, before) : putInventory(place, rule!)
      yield* write.pipe(doubtful(maybeWritten(rule!.id, place), form))
    }
    const warnings = findings.filter((finding) => !isError(finding))
    const done: Done = { id: rule!.id, result, changes, ...(warnings.length === 0 ? {} : { warnings }) }
    if (wait) yield* waitFor(place, rule!, { ...done, shown: false }, form)
    return done
  })

const exists = new Refusal({
  exit: exits.conflict,
  problem: "it exists already, and --if-absent was given",
  fix: "Choose another id, or leave --if-absent out to replace the rule",
})

/** What the file breaks and the rule in COS does not. A new rule has nothing to be forgiven for. */
const refuseNew = (place: Place, findings: ReadonlyArray<Finding>, before: InventoryConfiguration | undefined) => {
  const known = before === undefined ? [] : lint(readingOf(before), { kind: "configuration", region: place.region })
  const brought = broughtIn(known, findings)
  return brought.length === 0 ? Effect.void : Effect.fail(new InvalidInput({ findings: brought }))
}

/** What the rule replaces. Whoever may write but not read puts without seeing the difference, unless it matters. */
const current = (
  place: Place,
  id: string,
  matters: boolean,
  form: Form,
): Effect.Effect<InventoryConfiguration | undefined, CallError, Wired> =>
  getInventory(place, id).pipe(
    Effect.map((answer) => answer.configuration),
    Effect.catchIf(isMissingRule, () => Effect.succeed(undefined)),
    Effect.catchIf(
      (error) => !matters && error._tag === "CosError" && error.code === "AccessDenied",
      () => Effect.as(note(`reading "${id}"${amongMany(place)} is denied, so no difference is shown`, form), undefined),
    ),
  )

const amongMany = ({ bucket, isOneOfMany }: Place): string => isOneOfMany === true ? ` of ${bucket}` : ""

const sentence = ({ id, result }: Done, place: Place): string => {
  const where = placeText(place)
  if (result === "unchanged") return `Unchanged: rule "${id}" in ${where} says the same already`
  return result === "created" ? `Created rule "${id}" in ${where}` : `Replaced rule "${id}" in ${where}`
}
