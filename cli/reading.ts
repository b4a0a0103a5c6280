/** Commands that read a bucket, and the same over many. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { CallError } from "../core/client.ts"
import type { BucketRef } from "../core/bucket.ts"
import { choosesMany } from "./chosen.ts"
import { onBucket, type Place, placeFields, placeText, type Wired } from "./connection.ts"
import { exits } from "./exit.ts"
import { type Failing, type Failure, Refusal, reporting, say } from "./failure.ts"
import { failedFields, type Fleet, onFleet, refText } from "./fleet.ts"
import { defaultParallel } from "./flags.ts"
import { type Form, printDocument } from "./output/form.ts"
import type { Flags } from "./settings.ts"
import { concluded } from "./verdict.ts"
import type { World } from "./world.ts"

export interface Read<A> {
  readonly flags: Flags
  readonly form: Form
  readonly mayShowDemo: boolean
  readonly action: (place: string) => string
  readonly read: (place: Place) => Effect.Effect<A, CallError, Wired>
  /** What documents say, beside where it is from. */
  readonly fields: (found: A) => Record<string, unknown>
  /** As COS sent it. */
  readonly sent: (found: A) => string
  /** For people. */
  readonly text: (found: A, place: Place) => Effect.Effect<string>
  readonly together: (all: ReadonlyArray<Found<A>>) => Effect.Effect<string>
}

export interface Found<A> {
  readonly place: Place
  readonly found: A
}

/** Reads the bucket, or each of those that flags choose, and prints what was found. */
export const reading = <A>(given: Read<A>): Effect.Effect<void, Failure, World> => {
  const { flags, form, action, mayShowDemo } = given
  if (!choosesMany(flags)) {
    return onBucket(
      flags,
      { action, form, mayShowDemo },
      (place) => Effect.flatMap(given.read(place), (found) => shown(given, { place, found })),
    )
  }
  if (form === "xml") return Effect.fail(noXml).pipe(reporting(action("the buckets"), form))
  return onFleet(flags, { action, form, parallel: defaultParallel }, (fleet) => overMany(given, form, fleet))
}

const shown = <A>(given: Read<A>, { place, found }: Found<A>): Effect.Effect<void> => {
  const { form } = given
  if (form === "xml") return Console.log(given.sent(found))
  return form === "table"
    ? Effect.flatMap(given.text(found, place), Console.log)
    : printDocument(form, { ...placeFields(place), ...given.fields(found) })
}

const noXml = new Refusal({
  exit: exits.usage,
  problem: "-o xml is the document of one bucket, as COS sent it",
  fix: "Give -o json or -o yaml, or one --bucket",
})

/** By bucket; why in full is said on standard error. */
const failuresText = (
  failures: ReadonlyArray<{ readonly ref: BucketRef; readonly error: Failing }>,
  others: number,
): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { failureTable } = yield* Effect.promise(() => import("./output/failures.ts"))
    const rest = `and ${others === 1 ? "1 bucket" : `${others} buckets`} read`
    return `\n${yield* failureTable(failures.map(({ ref, error }) => ({ ...ref, error })), rest)}`
  })

/** Failures are said in the order of the buckets, and none of them keeps the others from being shown. */
const overMany = <A>(given: Read<A>, form: Exclude<Form, "xml">, fleet: Fleet): Effect.Effect<void, Failure, Wired> =>
  Effect.gen(function* () {
    const { action, fields } = given
    const results = yield* Effect.forEach(
      fleet.chosen,
      (ref) => {
        const failed = (place: string) => (error: Failing) => Effect.succeed({ ref, action: action(place), error })
        return fleet.at(ref).pipe(
          Effect.matchEffect({
            onFailure: failed(refText(ref)),
            onSuccess: (place) =>
              given.read(place).pipe(
                Effect.map((found) => ({ place, found })),
                Effect.catch(failed(placeText(place))),
              ),
          }),
        )
      },
      { concurrency: defaultParallel },
    )
    const all = results.filter((one) => "found" in one)
    const failures = results.filter((one) => "error" in one)
    if (form !== "table") {
      yield* printDocument(form, {
        buckets: yield* Effect.forEach(
          results,
          (one) =>
            "error" in one
              ? failedFields(one.ref, one)
              : Effect.succeed({ ...placeFields(one.place), ...fields(one.found) }),
        ),
      })
    } else if (all.length > 0) {
      yield* Console.log(yield* given.together(all))
      if (failures.length > 0) yield* Console.log(yield* failuresText(failures, all.length))
    }
    if (form !== "json") { for (const failure of failures) yield* say(failure.action, failure.error, form) }
    const message = `${failures.length} of ${results.length === 1 ? "1 bucket" : `${results.length} buckets`} failed`
    yield* concluded({ failures, total: results.length, form, message })
  })
