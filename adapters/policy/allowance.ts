/** What is left of a principal's limits: pure, so that every limiter counts alike. */
import type { Limits } from "../../core/policy/mod.ts"

/** A bucket of tokens, in thousandths: then any rate a second adds whole numbers each millisecond, and nothing is rounded. */
export interface Bucket {
  readonly level: number
  /** Epoch milliseconds. */
  readonly at: number
}

export type Taken =
  | { readonly isTaken: true }
  /** At least one; who waits as long, and asks for nothing else meanwhile, gets it. */
  | { readonly isTaken: false; readonly retryAfterSeconds: number }

/** Takes one request; nothing at all is a full bucket. */
export const takeRequest = (
  bucket: Bucket | undefined,
  { requestsPerSecond, burst }: Pick<Limits, "requestsPerSecond" | "burst">,
  now: number,
): readonly [Bucket, Taken] => {
  const full = burst * request
  // A clock that was set back adds nothing until it is where it was; set back far, it holds nothing up for longer than
  // a bucket takes to fill
  const at = Math.max(now, Math.min(bucket?.at ?? now, now + Math.ceil(full / requestsPerSecond)))
  const added = bucket === undefined ? full : Math.max(0, now - bucket.at) * requestsPerSecond
  const level = Math.min(full, (bucket?.level ?? 0) + added)
  return level >= request
    ? [{ level: level - request, at }, { isTaken: true }]
    : [{ level, at }, { isTaken: false, retryAfterSeconds: refillSeconds }]
}
const request = 1000
/** A rate is one a second at least. */
const refillSeconds = 1

/** The one-time inventories of a day, which is counted from the epoch, in UTC. */
export interface Runs {
  readonly day: number
  readonly count: number
}

export type Run =
  | { readonly isTaken: true; readonly day: number }
  | { readonly isTaken: false; readonly retryAfterSeconds: number }

export const takeRun = (
  runs: Runs | undefined,
  { runsPerDay }: Pick<Limits, "runsPerDay">,
  now: number,
): readonly [Runs, Run] => {
  // A clock that was set back over midnight begins no day anew
  const day = Math.max(runs?.day ?? 0, Math.floor(now / dayMillis))
  const count = runs?.day === day ? runs.count : 0
  return count < runsPerDay
    ? [{ day, count: count + 1 }, { isTaken: true, day }]
    : [{ day, count }, { isTaken: false, retryAfterSeconds: Math.ceil((endOfDay(day) - now) / 1000) }]
}

/** What was taken another day is gone with it. */
export const giveBackRun = (runs: Runs | undefined, day: number): Runs | undefined =>
  runs?.day === day ? { day, count: Math.max(0, runs.count - 1) } : runs

/** In epoch milliseconds. */
export const endOfDay = (day: number): number => (day + 1) * dayMillis
const dayMillis = 86_400_000
