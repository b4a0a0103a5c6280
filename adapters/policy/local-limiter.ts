/** Counts in the memory of this process, for itself alone. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Limits, Policy } from "../../core/policy/mod.ts"
import { type Bucket, giveBackRun, type Runs, takeRequest, takeRun } from "./allowance.ts"
import type { Asking, Limiter } from "./limiter.ts"

export interface LocalLimiter extends Limiter {
  /** How many principals it remembers something of. */
  readonly size: () => number
}

/** Remembers no more principals than the policy has: what was counted of the others goes when the policy changes. */
export const localLimiter = (): LocalLimiter => {
  const entries = new Map<string, Entry>()
  let known: Policy | undefined
  const entryOf = ({ policy, principal: { name } }: Asking): Entry => {
    if (policy !== known) {
      known = policy
      const names = new Set(policy.principals.map(({ name }) => name))
      for (const other of entries.keys()) if (!names.has(other)) entries.delete(other)
    }
    const entry = entries.get(name) ?? {}
    entries.set(name, entry)
    return entry
  }
  const counted = <A>(asking: Asking, count: (entry: Entry, limits: Limits, now: number) => A): Effect.Effect<A> =>
    Effect.map(Clock.currentTimeMillis, (now) => count(entryOf(asking), asking.principal.limits, now))
  return {
    takeRequest: (asking) =>
      counted(asking, (entry, limits, now) => {
        const [bucket, taken] = takeRequest(entry.bucket, limits, now)
        entry.bucket = bucket
        return taken
      }),
    takeRun: (asking) =>
      counted(asking, (entry, limits, now) => {
        const [runs, run] = takeRun(entry.runs, limits, now)
        entry.runs = runs
        return run
      }),
    giveBackRun: ({ principal }, day) =>
      Effect.sync(() => {
        const entry = entries.get(principal.name)
        const runs = giveBackRun(entry?.runs, day)
        if (entry !== undefined && runs !== undefined) entry.runs = runs
      }),
    size: () => entries.size,
  }
}

interface Entry {
  bucket?: Bucket
  runs?: Runs
}
