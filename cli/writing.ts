/** Changes to one bucket or to many: an interruption leaves a doubt, and many changes may succeed in part. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { BucketRef } from "../core/bucket.ts"
import { documentVersion } from "../core/wire/document.ts"
import { choosesMany } from "./chosen.ts"
import { confirmed } from "./confirming.ts"
import { onBucket, type Place, placeFields, placeText, type Wired } from "./connection.ts"
import { exitOf, exitOfSignal } from "./exit.ts"
import { type Failing, type Failure, say } from "./failure.ts"
import type { Failed } from "./failures.ts"
import { failedFields, type Fleet, onFleet, refText } from "./fleet.ts"
import { type Form, printDocument } from "./output/form.ts"
import type { Flags } from "./settings.ts"
import { concluded } from "./verdict.ts"
import { World } from "./world.ts"

/** Says what may have happened when the command is stopped at this point; a function is asked only then. */
export const doubtful =
  (sentence: string | (() => string), form: Form) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.onInterrupt(effect, () => {
      const message = typeof sentence === "string" ? sentence : sentence()
      return sayInterrupted(message, `Interrupted: ${message}`, form)
    })

/** How far a command has come that plans, asks and writes. */
export interface Course {
  at: "planning" | "comparing" | "asking" | "writing"
}

/** Says that nothing was written, when the command is stopped before its first write. */
export const unwritten =
  (course: Course, form: Form) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.onInterrupt(effect, () => {
      const message = `Interrupted while ${course.at}; nothing was written`
      if (course.at === "writing") return Effect.void
      // The question stands on a line that has not ended
      const asked = course.at === "asking" && form === "json" ? Console.error("") : Effect.void
      return Effect.andThen(asked, sayInterrupted(message, message, form))
    })

const sayInterrupted = (message: string, speech: string, form: Form): Effect.Effect<void> =>
  Effect.flatMap(Effect.serviceOption(World), (world) =>
    Console.error(
      form === "json"
        ? JSON.stringify({
          version: documentVersion,
          error: {
            type: "Interrupted",
            message,
            exitCode: exitOfSignal(Option.isSome(world) ? world.value.signal : undefined),
          },
        })
        : `\n${speech}`,
    ))

/** The command that shows a rule. */
export const getCommand = (id: string, place: Place): string => `\`cos-inventory get ${id}${bucketFlag(place)}\``

const bucketFlag = ({ bucket, region, isOneOfMany }: Place): string =>
  isOneOfMany === true ? ` --bucket ${bucket}@${region}` : ""

/** The doubt that a rule's write leaves. */
export const maybeWritten = (id: string, place: Place): string =>
  `rule "${id}" may have been written; check with ${getCommand(id, place)}`

export interface Change<A, B extends Done> {
  readonly flags: Flags
  readonly form: Exclude<Form, "xml">
  /** What is tried, of all items in a place. */
  readonly action: (place: string) => string
  /** Such as `delete`, for messages about one item. */
  readonly verb: string
  /** What is to be changed in a bucket of this region. It is judged for all buckets before the first request. */
  readonly items: (region: string) => Effect.Effect<ReadonlyArray<A>, Failing, World>
  readonly idOf: (item: A) => string
  /** Asked once, before all. */
  readonly question?: (places: string) => string
  /** The requests of the change alone: without what is read, asked or waited for around them. */
  readonly send: (place: Place, item: A) => Effect.Effect<unknown, Failing, Wired>
  readonly change: (place: Place, item: A) => Effect.Effect<B, Failing, Wired>
  /** What is said of a change that was made. */
  readonly sentence: (done: B, place: Place) => string
  /** It is of one rule, so that its failure is the command's own. */
  readonly isSingle?: true
}

export interface Done {
  readonly id: string
  readonly result: string
}

/** Makes the changes in the bucket, or in each of those that flags choose. */
export const changingAll = <A, B extends Done>(given: Change<A, B>): Effect.Effect<void, Failure, World> => {
  const { flags, form, action } = given
  return choosesMany(flags)
    ? onFleet(flags, { action, form }, (fleet) => overMany(given, fleet))
    : onBucket(flags, { action, form }, (place) => given.isSingle === true ? single(given, place) : inOne(given, place))
}

const single = <A, B extends Done>(given: Change<A, B>, place: Place) =>
  Effect.gen(function* () {
    const { form } = given
    for (const item of yield* given.items(place.region)) {
      const done = yield* given.change(place, item)
      yield* form === "table"
        ? Console.log(given.sentence(done, place))
        : printDocument(form, { ...placeFields(place), results: [done] })
    }
  })

const inOne = <A, B extends Done>(given: Change<A, B>, place: Place) =>
  Effect.gen(function* () {
    const { form, question } = given
    const items = yield* given.items(place.region)
    if (question !== undefined) yield* confirmed(question(placeText(place)))
    const ledger = makeLedger(items.map(given.idOf))
    const document = Effect.suspend(() =>
      form === "table" ? Effect.void : printDocument(form, { ...placeFields(place), results: resultsOf(ledger) })
    )
    yield* eachOf(given, place, items, ledger).pipe(Effect.onInterrupt(() => document))
    yield* document
    yield* concluded({ failures: ledger.failures, total: items.length, form })
  })

/** What became of a bucket's items so far. */
interface Ledger {
  readonly ids: ReadonlyArray<string>
  readonly results: Array<Done>
  readonly failures: Array<Failed>
  isBegun: boolean
}

const makeLedger = (ids: ReadonlyArray<string>): Ledger => ({ ids, results: [], failures: [], isBegun: false })

/** Every item with its result; of those without one, the first was under way, if any was. */
const resultsOf = ({ ids, results, isBegun }: Ledger): ReadonlyArray<Done> => [
  ...results,
  ...ids.slice(results.length).map((id, i) => ({ id, result: isBegun && i === 0 ? "interrupted" : "not started" })),
]

/** Makes each change and reports each, made or failed; one that fails does not stop the others. */
const eachOf = <A, B extends Done>(
  given: Change<A, B>,
  place: Place,
  items: ReadonlyArray<A>,
  ledger: Ledger,
): Effect.Effect<void, never, Wired> =>
  Effect.gen(function* () {
    const { form, verb, idOf } = given
    ledger.isBegun = true
    for (const item of items) {
      const result = yield* Effect.result(given.change(place, item))
      if (result._tag === "Success") {
        ledger.results.push(result.success)
        if (form === "table") yield* Console.log(given.sentence(result.success, place))
        continue
      }
      const failure = { action: `${verb} "${idOf(item)}" in ${placeText(place)}`, error: result.failure }
      ledger.failures.push(failure)
      const done = failure.error._tag === "Refusal" ? failure.error.done : undefined
      const failed = { id: idOf(item), result: "failed", ...done, exitCode: exitOf(failure.error) }
      ledger.results.push(failed)
      if (form !== "json") yield* say(failure.action, failure.error, form)
    }
  })

/** One bucket of many. */
interface Unit<A> {
  readonly ref: BucketRef
  /** Where it cannot be reached at all, the reason. */
  readonly place: Place | Failed
  readonly items: ReadonlyArray<A>
  readonly ledger: Ledger
}

const isPlaced = (place: Place | Failed): place is Place => "bucket" in place

/** One bucket after the other, so that an interruption leaves one doubt alone. */
const overMany = <A, B extends Done>(given: Change<A, B>, fleet: Fleet) =>
  Effect.gen(function* () {
    const { form, question } = given
    const units = yield* unitsOf(given, fleet)
    const places = units.map(({ place }) => place).filter(isPlaced)
    if (question !== undefined && places.length > 0) {
      yield* confirmed(question(places.map(placeText).join(", ")))
    }
    yield* Effect.forEach(
      units,
      ({ place, items, ledger }) =>
        isPlaced(place)
          ? eachOf(given, place, items, ledger)
          : form === "json"
          ? Effect.void
          : say(place.action, place.error, form),
      { discard: true },
    ).pipe(Effect.onInterrupt(() => reportOf(units, form)))
    yield* reportOf(units, form)
    const failed = units.filter(({ place, ledger }) => !isPlaced(place) || ledger.failures.length > 0)
    yield* concluded({
      failures: failed.flatMap(({ place, ledger }) => isPlaced(place) ? ledger.failures : [place]),
      total: units.reduce((sum, { place, items }) => sum + (isPlaced(place) ? items.length : 1), 0),
      form,
      message: `${failed.length} of ${units.length === 1 ? "1 bucket" : `${units.length} buckets`} failed`,
    })
  })

/** Items depend on the region alone, so they are judged once a region. */
const unitsOf = <A, B extends Done>(
  given: Change<A, B>,
  fleet: Fleet,
): Effect.Effect<ReadonlyArray<Unit<A>>, Failing, World> =>
  Effect.gen(function* () {
    const judged = new Map<string, ReadonlyArray<A>>()
    const units: Array<Unit<A>> = []
    for (const ref of fleet.chosen) {
      const found = yield* Effect.result(fleet.at(ref))
      if (found._tag === "Failure") {
        const place = { action: given.action(refText(ref)), error: found.failure }
        units.push({ ref, place, items: [], ledger: makeLedger([]) })
        continue
      }
      const place: Place = { ...found.success, isOneOfMany: true }
      const items = judged.get(place.region) ?? (yield* given.items(place.region))
      judged.set(place.region, items)
      units.push({ ref, place, items, ledger: makeLedger(items.map(given.idOf)) })
    }
    return units
  })

const reportOf = <A>(units: ReadonlyArray<Unit<A>>, form: Exclude<Form, "xml">): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (form === "table") {
      const [{ table }, { reasonText }] = yield* Effect.promise(() =>
        Promise.all([import("./output/table.ts"), import("./output/reason.ts")])
      )
      const rows = units.map(({ ref, place, ledger }) => [
        ref.bucket,
        isPlaced(place) ? place.region : "-",
        isPlaced(place)
          ? outcomeText(ledger, ledger.failures.map(({ error }) => reasonText(error)))
          : `failed: ${reasonText(place.error)}`,
      ])
      return yield* Console.log(`\n${yield* table(["BUCKET", "REGION", "RESULT"], rows)}\n\n${sumText(units)}`)
    }
    yield* printDocument(form, {
      buckets: yield* Effect.forEach(
        units,
        ({ ref, place, ledger }) =>
          isPlaced(place)
            ? Effect.succeed({ ...placeFields(place), results: resultsOf(ledger) })
            : failedFields(ref, place),
      ),
    })
  })

/** Such as `2 created, 1 failed in 3 buckets`. */
const sumText = <A>(units: ReadonlyArray<Unit<A>>): string => {
  const words = units.flatMap(({ place, ledger }): ReadonlyArray<string> =>
    isPlaced(place) ? resultsOf(ledger).map(({ result }) => result) : ["failed"]
  )
  return `${countsText(words)} in ${units.length === 1 ? "1 bucket" : `${units.length} buckets`}`
}

const countsText = (results: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const result of results) counts.set(result, (counts.get(result) ?? 0) + 1)
  return Array.from(counts, ([result, count]) => `${count} ${result}`).join(", ")
}

/** Such as `2 created, 1 failed: AccessDenied (status 403)`; without numbers where there is one item. */
const outcomeText = (ledger: Ledger, reasons: ReadonlyArray<string>): string => {
  const results = resultsOf(ledger).map(({ result }) => result)
  const text = results.length === 1 ? results[0]! : countsText(results)
  return reasons.length === 0 ? text : `${text}: ${[...new Set(reasons)].join("; ")}`
}
