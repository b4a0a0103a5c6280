/** Who makes reports: one after the other, late where a fault says so, and none when the local COS is stopped. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Semaphore from "effect/Semaphore"
import type { ClockState, Run, Store } from "../store/mod.ts"
import type { Settings } from "./facts.ts"
import type { Faults } from "./faults/mod.ts"
import { advance, resume, runReport } from "./reports/mod.ts"

export const makeReporter = (store: Store, { hashes }: Settings, faults: Faults, onReport: (run: Run) => void) => {
  const alone = Semaphore.makeUnsafe(1).withPermits(1)
  const jobs = new Set<Fiber.Fiber<unknown>>()
  let late: ReadonlyArray<{ readonly run: Run; readonly at: number }> = []
  const stopped = Deferred.makeUnsafe<void>()
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

  /** Those whose delay is over; whoever gives up meanwhile does so between two of them. */
  const delayed = Effect.fnUntraced(function* (to: number) {
    const runs: Array<Run> = []
    for (let next = late[0]; next !== undefined && next.at <= to; next = late[0]) {
      const { run } = next
      const making = Effect.suspend(() => {
        late = late.slice(1)
        return isLeft(run) ? Effect.map(made(run), (done) => void runs.push(done)) : Effect.void
      })
      yield* Effect.uninterruptible(making)
    }
    return runs
  })

  const until = Effect.fnUntraced(function* (to: number, clockAt?: (moment: number) => ClockState) {
    const runs = yield* advance(store, hashes, to, { make, ...(clockAt === undefined ? {} : { clockAt }) })
    const later = yield* delayed(to)
    const isLater = ({ id }: Run) => later.some((run) => run.id === id)
    return [...runs.filter((run) => !isLater(run)), ...later]
  })

  return {
    /** Whoever posted the job does not wait for its report, nor does COS let them. */
    begin: (run: Run): Effect.Effect<void> =>
      Effect.map(Effect.forkDetach(alone(Effect.suspend(() => isLeft(run) ? make(run) : Effect.void))), (fiber) => {
        jobs.add(fiber)
        fiber.addObserver(() => void jobs.delete(fiber))
      }),
    alone,
    /** The same, until it is stopped. */
    going: <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.raceFirst(alone(effect), Effect.andThen(Deferred.await(stopped), Effect.interrupt)),
    until,
    resume: (to: number) =>
      Effect.tap(resume(store, hashes, to, options), (runs) => Effect.sync(() => runs.forEach(onReport))),
    settled: Effect.asVoid(Effect.suspend(() => Fiber.awaitAll([...jobs]))),
    stop: Deferred.succeed(stopped, undefined).pipe(
      Effect.andThen(Effect.suspend(() => Fiber.interruptAll([...jobs]))),
      Effect.andThen(alone(Effect.void)),
    ),
  }
}
