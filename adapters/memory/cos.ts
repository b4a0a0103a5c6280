/** A local COS with all that makes it one: requests, reports as time goes by, faults, and a journal of what happened. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Semaphore from "effect/Semaphore"
import { keyOfRaw } from "../../core/key.ts"
import { movedTo, realTime, timeOf } from "./clock.ts"
import { type Answered, type Engine, makeEngine, subjectOf } from "./engine.ts"
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
  /** Moves its clock forwards and makes every report that falls due, in order, before it is done. */
  readonly advance: (to: number) => Effect.Effect<ReadonlyArray<Run>>
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
  /** What its clock is to be; the one it had, or real time, unless told. */
  readonly clock?: ClockState
}

export const makeCos = ({ store, clock, ...options }: CosOptions): Effect.Effect<Cos> =>
  Effect.gen(function* () {
    const faults = makeFaults()
    const settings: Settings = { ...options.settings, pageSize: faults.pageSize }
    const journal = makeJournal()
    const reporter = makeReporter(store, settings, faults)
    const now = Effect.map(Clock.currentTimeMillis, (real) => timeOf(store.meta()?.clock, real))

    const kept = store.meta()
    const begun = clock ?? kept?.clock ?? realTime
    const start = timeOf(begun, yield* Clock.currentTimeMillis)
    store.commit([{ _tag: "MetaPut", meta: { clock: begun, looked: kept?.looked ?? start } }])

    const engine = makeEngine({
      store,
      settings,
      onJob: reporter.begin,
      skew: () => faults.skewSeconds() * 1000,
    })
    const answer = faults.around<Answered>(
      engine.answer,
      (request) => {
        const { key, ...subject } = subjectOf(settings, store, request)
        return { ...subject, ...(key === undefined ? {} : { key: keyOfRaw(key) }) }
      },
      (response, { key: _, ...subject }, code) => ({ ...response, about: { ...subject, code, requestId: "" } }),
    )
    return {
      ...journal.around({ answer }),
      store,
      settings,
      faults,
      journal,
      clock: clock ?? realTime,
      now,
      advance: (to) =>
        Effect.gen(function* () {
          const real = yield* Clock.currentTimeMillis
          const { clock } = store.meta()!
          const at = (moment: number) => movedTo(clock, moment, real)
          const runs = yield* reporter.until(to, at)
          store.commit([{ _tag: "MetaPut", meta: { clock: at(to), looked: to } }])
          return runs
        }),
      settled: reporter.settled,
      stop: reporter.stop,
      keepTime: Effect.flatMap(now, reporter.resume).pipe(
        Effect.andThen(Effect.forever(Effect.andThen(
          Effect.sleep(tick),
          Effect.flatMap(now, (time) => reporter.until(time)),
        ))),
      ),
      isBucketHost: (host) => bucketOfHost(host, store) !== undefined,
    }
  })

/** Reports fall due on the hour, so this is soon enough. */
const tick = "10 seconds"

/** Makes reports one after the other, and late where a fault says so. */
const makeReporter = (store: Store, { hashes }: Settings, faults: Faults) => {
  const oneAtATime = Semaphore.makeUnsafe(1).withPermits(1)
  const jobs = new Set<Fiber.Fiber<unknown>>()
  let late: ReadonlyArray<{ readonly run: Run; readonly at: number }> = []
  const options = { mayWrite: (bucket: string) => !faults.deniesDestination(bucket) }

  const make = (run: Run): Effect.Effect<Run> =>
    Effect.suspend(() => {
      const delay = faults.reportDelay({ bucket: run.bucket, id: run.rule })
      if (delay === 0) return runReport(store, hashes, run, options)
      late = [...late, { run, at: run.due + delay }].toSorted((a, b) => a.at - b.at)
      store.commit([{ _tag: "RunPut", run }])
      return Effect.succeed(run)
    })

  const untilNow = (to: number, clockAt?: (moment: number) => ClockState) =>
    Effect.gen(function* () {
      const runs = yield* advance(store, hashes, to, { make, ...(clockAt === undefined ? {} : { clockAt }) })
      const due = late.filter(({ at }) => at <= to)
      late = late.filter(({ at }) => at > to)
      return [...runs, ...yield* Effect.forEach(due, ({ run }) => runReport(store, hashes, run, options))]
    })

  return {
    /** Whoever posted the job does not wait for its report, nor does COS let them. */
    begin: (run: Run): Effect.Effect<void> =>
      Effect.map(Effect.forkDetach(oneAtATime(make(run))), (fiber) => {
        jobs.add(fiber)
        fiber.addObserver(() => void jobs.delete(fiber))
      }),
    until: (to: number, clockAt?: (moment: number) => ClockState): Effect.Effect<ReadonlyArray<Run>> =>
      oneAtATime(untilNow(to, clockAt)),
    resume: (to: number) => oneAtATime(resume(store, hashes, to, options)),
    settled: Effect.asVoid(Effect.suspend(() => Fiber.awaitAll([...jobs]))),
    stop: Effect.suspend(() => Fiber.interruptAll([...jobs])),
  }
}
