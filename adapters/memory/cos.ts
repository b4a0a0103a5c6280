/** A local COS with all that makes it one: requests, reports as time goes by, faults, and a journal of what happened. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Semaphore from "effect/Semaphore"
import { keyOfRaw } from "../../core/key.ts"
import { movedTo, realTime, timeOf } from "./clock.ts"
import { type Answered, dressed, type Engine, makeEngine, subjectOf } from "./engine.ts"
import type { Settings } from "./facts.ts"
import { type Faults, makeFaults } from "./faults/mod.ts"
import { type Journal, makeJournal } from "./journal.ts"
import { bucketOfHost } from "./place.ts"
import { advance, resume, runReport } from "./reports/mod.ts"
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
  /** Leaves the reports that are being made; where the store outlives it, a restart makes them. */
  readonly stop: Effect.Effect<void>
  /** Makes what a restart left, then every report as it falls due, for ever. */
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
        reporter.alone(Effect.gen(function* () {
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
      // What time it is, is asked when nobody else moves it: an old time would set the schedules back to it
      keepTime: reporter.alone(Effect.flatMap(now, reporter.resume)).pipe(
        Effect.andThen(Effect.forever(Effect.andThen(
          Effect.sleep(tick),
          reporter.alone(Effect.flatMap(now, (time) => reporter.until(time))),
        ))),
      ),
      isBucketHost: (host) => bucketOfHost(host, store) !== undefined,
    }
  })

const begunWith = (given: ClockState | undefined, kept: ClockState | undefined): ClockState =>
  given?._tag === "Still" && kept?._tag === "Still" && kept.at > given.at ? kept : given ?? kept ?? realTime

/** Reports fall due on the hour, so this is soon enough. */
const tick = "10 seconds"

/** Makes reports, and late where a fault says so; whoever makes some is to be alone. */
const makeReporter = (store: Store, { hashes }: Settings, faults: Faults, onReport: (run: Run) => void) => {
  const alone = Semaphore.makeUnsafe(1).withPermits(1)
  const jobs = new Set<Fiber.Fiber<unknown>>()
  let late: ReadonlyArray<{ readonly run: Run; readonly at: number }> = []
  const options = { mayWrite: (bucket: string) => !faults.deniesDestination(bucket) }

  const made = (run: Run): Effect.Effect<Run> =>
    Effect.tap(runReport(store, hashes, run, options), (done) => Effect.sync(() => onReport(done)))

  const make = (run: Run): Effect.Effect<Run> =>
    Effect.suspend(() => {
      const delay = faults.reportDelay({ bucket: run.bucket, id: run.rule })
      if (delay === 0) return made(run)
      late = [...late, { run, at: run.due + delay }].toSorted((a, b) => a.at - b.at)
      store.commit([{ _tag: "RunPut", run }])
      return Effect.succeed(run)
    })

  /** Whoever waited to make a report may find it made, or the store emptied. */
  const isLeft = ({ id }: Run): boolean => store.runs().some((run) => run.id === id && run.state === "running")

  const until = (to: number, clockAt?: (moment: number) => ClockState) =>
    Effect.gen(function* () {
      const runs = yield* advance(store, hashes, to, { make, ...(clockAt === undefined ? {} : { clockAt }) })
      const due = late.filter(({ at, run }) => at <= to && isLeft(run))
      late = late.filter(({ at }) => at > to)
      const later = yield* Effect.forEach(due, ({ run }) => made(run))
      return [...runs.filter(({ id }) => !later.some((run) => run.id === id)), ...later]
    })

  return {
    /** Whoever posted the job does not wait for its report, nor does COS let them. */
    begin: (run: Run): Effect.Effect<void> =>
      Effect.map(Effect.forkDetach(alone(Effect.suspend(() => isLeft(run) ? make(run) : Effect.void))), (fiber) => {
        jobs.add(fiber)
        fiber.addObserver(() => void jobs.delete(fiber))
      }),
    alone,
    until,
    resume: (to: number) =>
      Effect.tap(resume(store, hashes, to, options), (runs) => Effect.sync(() => runs.forEach(onReport))),
    settled: Effect.asVoid(Effect.suspend(() => Fiber.awaitAll([...jobs]))),
    stop: Effect.suspend(() => Fiber.interruptAll([...jobs])),
  }
}
