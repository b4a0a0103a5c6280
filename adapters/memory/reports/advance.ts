/** Making what falls due while the time of the local COS goes on, and what was left when it stopped. */
import * as Effect from "effect/Effect"
import type { Hashes } from "../../../core/ports.ts"
import { realTime } from "../clock.ts"
import type { Change, ClockState, Reader, Run, Store } from "../../store/mod.ts"
import { missed } from "./assumptions.ts"
import { beginRun, type Due, dueNext, lookedUntil, runsDue } from "./due.ts"
import { type ReportOptions, runReport } from "./report.ts"

export interface AdvanceOptions extends ReportOptions {
  /** The clock as it is to be when a report that falls due at this moment is made; unless told, it is left alone. */
  readonly clockAt?: (moment: number) => ClockState
  /** Makes one report; at once and with these options unless told. */
  readonly make?: (run: Run) => Effect.Effect<Run>
}

/**
 * Makes every report that falls due up to a moment, in order, each dated at its own.
 *
 * That a run has begun and that the schedules were looked at up to it are kept in one commit: after a crash, nothing that
 * was done is done again, and `resume` finds the rest. A moment that lies in the past sets the schedules back to it, so
 * that what falls due after it does so again. Where nothing fell due, nothing is kept. One at a time: two would each make
 * a part.
 */
export const advance = Effect.fnUntraced(function* (
  store: Store,
  hashes: Hashes,
  until: number,
  options: AdvanceOptions = {},
) {
  const { make = (run: Run) => runReport(store, hashes, run, options) } = options
  const runs: Array<Run> = []
  for (let begun = begin(store, until, options); begun.length > 0; begun = begin(store, until, options)) {
    // Whoever gives up meanwhile does so between two moments: a run that has begun is made
    runs.push(...yield* Effect.uninterruptible(Effect.forEach(begun, make)))
  }
  if (until < lookedUntil(store)) store.commit([metaPut(store, until)])
  return runs as ReadonlyArray<Run>
})

/** The runs of the next moment, begun. */
const begin = (store: Store, until: number, { clockAt }: AdvanceOptions): ReadonlyArray<Run> => {
  const due = dueNext(store, lookedUntil(store))
  const moment = due[0]?.at ?? Infinity
  if (moment > until) return []
  const runs = due.map((each) => runOf(store, each))
  store.commit([...runs.map(runPut), metaPut(store, moment, clockAt?.(moment))])
  return runs
}

/**
 * After a restart: makes the reports that were being made, from the start, then those that fell due meanwhile. Of those,
 * the last of each rule is made, and the ones before it are kept as missed.
 */
export const resume = Effect.fnUntraced(function* (
  store: Store,
  hashes: Hashes,
  now: number,
  options: ReportOptions = {},
) {
  const left = store.runs().filter(({ state }) => state === "running")
  const due = [...runsDue(store, now)]
  const last = new Map(due.map((each) => [ruleOf(each), each]))
  const fallen = due.map((each): Run => {
    const run = runOf(store, each)
    return last.get(ruleOf(each)) === each ? run : { ...run, state: "missed", why: missed }
  })
  if (fallen.length > 0 || now < lookedUntil(store)) store.commit([...fallen.map(runPut), metaPut(store, now)])
  const runs: Array<Run> = []
  for (const run of [...left, ...fallen.filter(({ state }) => state === "running")]) {
    runs.push(yield* runReport(store, hashes, run, options))
  }
  return runs as ReadonlyArray<Run>
})

const runOf = (store: Reader, { bucket, rule, at }: Due): Run =>
  beginRun(store, { bucket, rule: rule.id, xml: rule.xml }, at)

/** Bucket names have no line breaks. */
const ruleOf = ({ bucket, rule }: Due): string => `${bucket}\n${rule.id}`

const runPut = (run: Run): Change => ({ _tag: "RunPut", run })

const metaPut = (store: Reader, looked: number, clock = store.meta()?.clock ?? realTime): Change => ({
  _tag: "MetaPut",
  meta: { clock, looked },
})
