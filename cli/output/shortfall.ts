/** What of plans was not done: why, for each bucket, and what is to be done about it. */
import type { Ledger } from "../../core/apply.ts"
import { type BucketPlan, type BucketResult, resultOf } from "../../core/plan/mod.ts"
import { shownWithinSeconds } from "../../core/shown.ts"
import { exitOf, exits } from "../exit.ts"
import { type Failing, Refusal } from "../failure.ts"
import type { Failed } from "../failures.ts"
import type { BucketFailure } from "../planning.ts"

/** The plan of a bucket, and what has become of it so far. */
export interface Work {
  readonly plan: BucketPlan
  readonly ledger: Ledger
}

/** Where a bucket stands; one that was refused, or that a failure stopped, has no write that says so. */
export const standing = ({ plan, ledger: { answers, refused, stopped } }: Work): BucketResult => {
  const result = resultOf(plan, answers)
  if (refused !== undefined) return { ...result, state: refused.reason === "changed" ? "changed" : "failed" }
  return stopped === undefined || result.isComplete || result.state === "not shown"
    ? result
    : { ...result, state: "failed" }
}

/** Everything that failed in a bucket: in the order of its writes, and then what is no matter of a single one. */
export const failuresOf = (work: Work): ReadonlyArray<Failed> => [...writeFailures(work), ...wholeFailures(work)]

export const writeFailures = ({ plan, ledger }: Work): ReadonlyArray<Failed & { readonly id: string }> =>
  resultOf(plan, ledger.answers).writes.flatMap(({ id, action, result }) => {
    const error = ledger.errors.get(id)
    const failing = result === "changed"
      ? changed("somebody else changed the rule")
      : result === "failed" || result === "in doubt"
      ? error
      : undefined
    return failing === undefined ? [] : [{ id, action: `${action} "${id}" in ${placeOf(plan)}`, error: failing }]
  })

export const wholeFailures = (work: Work): ReadonlyArray<Failed> => {
  const { plan, ledger } = work
  const place = placeOf(plan)
  switch (ledger.refused?.reason) {
    case "unread":
      return [{ action: `read ${place}`, error: ledger.refused.error }]
    case "over":
      return [{ action: `apply the plan of ${place}`, error: tooMany(plan) }]
    case "changed":
      return [{
        action: `apply the plan of ${place}`,
        error: changed(whatChanged(ledger.refused.ids, ledger.refused.others)),
      }]
    case undefined:
      return [...unseen(ledger, place), ...halted(work)]
  }
}

const placeOf = ({ bucket, region }: BucketPlan): string => `${bucket} (${region})`

const whatChanged = (ids: ReadonlyArray<string>, others: boolean): string =>
  [
    "the bucket has changed since it was planned",
    ids.length === 0 ? "" : `: ${listed(ids.map((id) => `"${id}"`))}`,
    others ? `${ids.length === 0 ? ": " : ", and "}rules that the plan does not touch` : "",
  ].join("")

/** Names of a few; of more, how many there are. */
export const listed = (names: ReadonlyArray<string>): string =>
  names.length <= mostNamed
    ? names.join(", ")
    : `${names.slice(0, mostNamed).join(", ")} and ${names.length - mostNamed} more`
const mostNamed = 10

const changed = (problem: string): Refusal =>
  new Refusal({ exit: exits.conflict, problem, fix: "Plan again, and look at what is different" })

/** A plan that cannot be carried out, whatever else it holds. */
export const tooMany = ({ over = 0 }: BucketPlan): Refusal =>
  new Refusal({
    exit: exits.conflict,
    problem: `the bucket would have ${
      over === 1 ? "1 rule" : `${over} rules`
    } more than COS takes; nothing was written to it`,
    fix: "Want fewer rules, or delete some; --prune does, where the files have manages",
  })

/** What COS took and does not show; before its time is over, that is no failure. */
const unseen = ({ answers, errors, isLate }: Ledger, place: string): ReadonlyArray<Failed> => {
  const ids = [...answers].filter(([, answer]) => answer === "not shown").map(([id]) => id)
  const error = ids.map((id) => errors.get(id)).find((one) => one !== undefined)
  if (ids.length === 0 || (error === undefined && !isLate)) return []
  return [{
    action: `read back ${ids.length === 1 ? `"${ids[0]}"` : `${ids.length} rules`} of ${place}`,
    error: new Refusal({
      exit: error === undefined ? exits.unavailable : exitOf(error),
      problem: error === undefined
        ? `COS took what was written, but does not show it after ${shownWithinSeconds} s`
        : `COS took what was written, but could not be asked for it: ${error.message}`,
      fix: "Run it again: it looks, and writes only what is not there",
    }),
  }]
}

/** A failure whose own write was found to stand all the same: it is why others were not started. */
const halted = ({ plan, ledger: { answers, errors, stopped } }: Work): ReadonlyArray<Failed> =>
  stopped === undefined || [...errors.values()].includes(stopped) || resultOf(plan, answers).isComplete
    ? []
    : [{ action: `write more to ${placeOf(plan)}`, error: stopped }]

/** The last sentence: what is in doubt, and what is to be done about all that failed. */
export const closing = (works: ReadonlyArray<Work>, failures: ReadonlyArray<BucketFailure>): string => {
  const doubts = works.flatMap((work) => standing(work).writes).filter(({ result }) => result === "in doubt").length
  const doubt = doubts === 0
    ? ""
    : `${
      doubts === 1 ? "1 write" : `${doubts} writes`
    } in doubt may have been made, which the next run looks at first; `
  return doubt + remedy(works, failures, "what is left")
}

/** Running it again helps alone where nothing else has to change. */
export const remedy = (
  works: ReadonlyArray<Work>,
  failures: ReadonlyArray<BucketFailure>,
  rest: string,
): string => {
  const errors = [...works.flatMap(failuresOf), ...failures].map(({ error }) => error)
  const others = errors.filter((error) => !needsPlan(error))
  const isStale = others.length < errors.length
  if (!others.every(mayPass)) return `mend these, then ${isStale ? "plan" : "run it"} again`
  return isStale ? "plan again" : `running it again completes ${rest}`
}

/** Such as an outage: the same request may be taken later. */
const mayPass = (error: Failing): boolean => exitOf(error) === exits.unavailable

/** Whatever its own advice begins with. */
const needsPlan = (error: Failing): boolean => error._tag === "Refusal" && error.fix.startsWith("Plan again")
