/** Which reports fall due, over all rules of all buckets. */
import * as Result from "effect/Result"
import { nextDue, type Schedule } from "../../../core/schedule.ts"
import { readConfiguration } from "../../../core/wire/configuration.ts"
import { completeConfiguration } from "../../../core/wire/reading.ts"
import type { Reader, Rule, Run } from "../../store/mod.ts"

/** A report to make. */
export interface Due {
  readonly bucket: string
  readonly rule: Rule
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * What falls due up to a moment, since schedules were last looked at: in order of time, and at one moment by bucket and by
 * the age of the rule. Rules are read anew for each moment, so that it may be read slowly while they change.
 */
export function* runsDue(store: Reader, until: number): Generator<Due, void, void> {
  for (let looked = lookedUntil(store);;) {
    const next = dueNext(store, looked)
    if (next.length === 0 || next[0]!.at > until) return
    yield* next
    looked = next[0]!.at
  }
}

/** What falls due first after a moment: several reports may at once. */
export const dueNext = (store: Reader, after: number): ReadonlyArray<Due> => {
  let first: Array<Due> = []
  for (const { name, rules } of store.buckets()) {
    for (const rule of [...rules.values()].toSorted((a, b) => a.sequence - b.sequence)) {
      const at = nextDueOf(rule, after)
      if (at === undefined || at > (first[0]?.at ?? Infinity)) continue
      if (at < (first[0]?.at ?? Infinity)) first = []
      first.push({ bucket: name, rule, at })
    }
  }
  return first
}

/** When a rule falls due next after a moment; undefined for one that is disabled, or that cannot be read. */
export const nextDueOf = (rule: Rule, after: number): number | undefined => {
  const schedule = scheduleOf(rule)
  return schedule === undefined ? undefined : nextDue(schedule, Math.max(after, rule.since))
}

/** The moment up to which schedules have been looked at; each rule's own beginning stands for it at first. */
export const lookedUntil = (store: Reader): number => store.meta()?.looked ?? -Infinity

/** A run that begins now: a rule's that fell due, or that of a one-time job. */
export const beginRun = (
  store: Reader,
  { bucket, rule, job, xml }: Pick<Run, "bucket" | "rule" | "job" | "xml">,
  due: number,
): Run => ({
  id: store.nextSequence(),
  bucket,
  rule,
  ...(job === undefined ? {} : { job }),
  xml,
  due,
  state: "running",
  wrote: [],
})

/** None of a rule that is disabled, or that cannot be read. */
const scheduleOf = (rule: Rule): Schedule | undefined => {
  let known = schedules.get(rule)
  if (known === undefined) {
    const read = Result.flatMap(readConfiguration(rule.xml), ({ draft }) => completeConfiguration(draft))
    known = Result.isSuccess(read) && read.success.isEnabled ? read.success.schedule : "never"
    schedules.set(rule, known)
  }
  return known === "never" ? undefined : known
}

/** Reading a document for each moment of a year would be most of the work. */
const schedules = new WeakMap<Rule, Schedule | "never">()
