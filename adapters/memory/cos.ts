/** A local COS with all that makes it one: requests, reports as time goes by, faults, and a journal of what happened. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { keyOfRaw } from "../../core/key.ts"
import { movedTo, realTime, timeOf } from "./clock.ts"
import { type Answered, dressed, type Engine, makeEngine, subjectOf } from "./engine.ts"
import type { Settings } from "./facts.ts"
import { type Faults, makeFaults } from "./faults/mod.ts"
import { type Journal, makeJournal } from "./journal.ts"
import { bucketOfHost } from "./place.ts"
import { makeReporter } from "./reporter.ts"
import type { ClockState, Run, Store } from "../store/mod.ts"

export interface Cos extends Engine {
  readonly store: Store
  readonly settings: Settings
  readonly faults: Omit<Faults, "around">
  readonly journal: Omit<Journal, "around">
  /** The clock it was given to begin with. */
  readonly clock: ClockState
  /** The time by which it dates things; epoch milliseconds. */
  readonly now: Effect.Effect<number>
  /**
   * Moves its clock forwards and makes every report that falls due, in order, before it is done. Where it is later already,
   * the clock stays.
   */
  readonly advance: (to: number) => Effect.Effect<ReadonlyArray<Run>>
  /** Runs it when no report is being made, and lets none be made meanwhile. */
  readonly alone: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Every report that a job asked for is made, but for those that a fault delays. */
  readonly settled: Effect.Effect<void>
  /** Ends what makes reports, between two of them; what jobs are left, a restart makes where the store outlives it. */
  readonly stop: Effect.Effect<void>
  /** Makes the reports that a restart left, and the last that fell due meanwhile. */
  readonly resume: Effect.Effect<void>
  /** The same, then every report as it falls due, for ever. */
  readonly keepTime: Effect.Effect<never>
  /** Whether a Host names a bucket, so that no path there can mean anything else. */
  readonly isBucketHost: (host: string) => boolean
}

export interface CosOptions {
  readonly store: Store
  readonly settings: Settings
  /**
   * What its clock is to be; the one it had, or real time, unless told. One that stands still begins here and is moved on:
   * where the store has a later one, that stays, so that the same program goes on after a restart.
   */
  readonly clock?: ClockState
  /** Told of each report that was made, or could not be. */
  readonly onReport?: (run: Run) => void
}

export const makeCos = ({ store, clock, onReport = () => {}, ...options }: CosOptions): Effect.Effect<Cos> =>
  Effect.gen(function* () {
    const faults = makeFaults()
    const settings: Settings = { ...options.settings, pageSize: faults.pageSize }
    const journal = makeJournal()
    const reporter = makeReporter(store, settings, faults, onReport)
    const now = Effect.map(Clock.currentTimeMillis, (real) => timeOf(store.meta()?.clock, real))

    const kept = store.meta()
    const begun = begunWith(clock, kept?.clock)
    const start = timeOf(begun, yield* Clock.currentTimeMillis)
    store.commit([{ _tag: "MetaPut", meta: { clock: begun, looked: kept?.looked ?? start } }])

    // What time it is, is asked when nobody else moves it: an old time would set the schedules back to it
    const resuming = Effect.asVoid(reporter.going(Effect.flatMap(now, reporter.resume)))

    const engine = makeEngine({
      store,
      settings,
      onJob: reporter.begin,
      skew: () => faults.skewSeconds() * 1000,
    })
    const answer: Engine["answer"] = (request) =>
      faults.around<Answered>(
        engine.answer,
        () => {
          const { key, ...subject } = subjectOf(settings, store, request)
          return { ...subject, ...(key === undefined ? {} : { key: keyOfRaw(key) }) }
        },
        (response, _, code) => dressed(settings, store, request, response, code),
      )(request)
    return {
      ...journal.around({ answer }),
      store,
      settings,
      faults,
      journal,
      clock: clock ?? realTime,
      now,
      advance: (to) =>
        reporter.going(Effect.gen(function* () {
          const real = yield* Clock.currentTimeMillis
          const { clock } = store.meta()!
          // Another one may have gone farther while this one waited
          const end = Math.max(to, timeOf(clock, real))
          const at = (moment: number) => movedTo(clock, moment, real)
          const runs = yield* reporter.until(end, at)
          store.commit([{ _tag: "MetaPut", meta: { clock: at(end), looked: end } }])
          return runs
        })),
      alone: reporter.alone,
      settled: reporter.settled,
      stop: reporter.stop,
      resume: resuming,
      keepTime: Effect.andThen(
        resuming,
        Effect.forever(Effect.andThen(
          Effect.sleep(tick),
          reporter.going(Effect.flatMap(now, (time) => reporter.until(time))),
        )),
      ),
      isBucketHost: (host) => bucketOfHost(host, store) !== undefined,
    }
  })

const begunWith = (given: ClockState | undefined, kept: ClockState | undefined): ClockState =>
  given?._tag === "Still" && kept?._tag === "Still" && kept.at > given.at ? kept : given ?? kept ?? realTime

/** Reports fall due on the hour, so this is soon enough. */
const tick = "10 seconds"
