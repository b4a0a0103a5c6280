/** Whether the proxy can do its work: whether COS answers, and takes the proxy's key. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Reason } from "../../core/codes.ts"
import { bucketAddress } from "../../core/endpoint.ts"
import type { HttpResponse } from "../../core/http.ts"
import { maxListBytes } from "../../core/limits.ts"
import { bucketIn, type Policy } from "../../core/policy/mod.ts"
import type { Hashes, Send } from "../../core/ports.ts"
import { readError } from "../../core/wire/error-document.ts"
import { readList } from "../../core/wire/list.ts"
import { writeRequest } from "../../core/wire/operations.ts"
import { readText } from "../../core/wire/text.ts"
import { Underway } from "../policy/underway.ts"
import { isOfKey } from "./rotating.ts"

export type Readiness =
  | { readonly isReady: true }
  /** Coarse, because anybody may ask. */
  | { readonly isReady: false; readonly reason: string }

export interface ReadinessOptions {
  readonly send: Send
  readonly hashes: Hashes
  /** Whether one request may wait for what another one asks; on Workers it may not. */
  readonly isShared: boolean
}

/**
 * Asks COS for the list of one bucket, and remembers what came of it, so that asking often costs COS nothing.
 *
 * One look at a time: whoever comes meanwhile waits for it, or, where nothing is shared, gets what was seen last.
 */
export const makeReadiness = (
  { send, hashes, isShared }: ReadinessOptions,
): (policy: Policy) => Effect.Effect<Readiness> => {
  let seen: { readonly policy: Policy; readonly readiness: Readiness; readonly until: number } | undefined
  let looking: { readonly until: number; readonly found: Deferred.Deferred<Readiness> } | undefined
  const look = (policy: Policy, now: number, found: Deferred.Deferred<Readiness>): Effect.Effect<Readiness> => {
    const millis = Math.min(lookMillis, policy.timeoutSeconds * 1000 - answerMillis)
    const until = now + millis
    const mine = { until, found }
    looking = mine
    return readinessOf(policy, send, hashes).pipe(
      Effect.provideService(Underway, { until, isHere: true }),
      Effect.timeoutOrElse({ duration: millis, orElse: () => Effect.succeed(notReady("COS unreachable")) }),
      Effect.tap((readiness) =>
        Effect.map(Clock.currentTimeMillis, (ended) => {
          seen = { policy, readiness, until: ended + (readiness.isReady ? goodMillis : badMillis) }
        })
      ),
      Effect.onExit((exit) => {
        if (looking === mine) looking = undefined
        return Deferred.done(found, exit)
      }),
    )
  }
  return (policy) =>
    Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<Readiness> => {
      if (seen?.policy === policy && now < seen.until) return Effect.succeed(seen.readiness)
      if (looking !== undefined && now < looking.until) {
        return isShared ? Deferred.await(looking.found) : Effect.succeed(seen?.readiness ?? notReady("checking"))
      }
      const found = Deferred.makeUnsafe<Readiness>()
      const looked = look(policy, now, found)
      // Whoever asked first may leave; the others still wait
      return isShared
        ? Effect.andThen(Effect.forkDetach(looked, { startImmediately: true }), Deferred.await(found))
        : looked
    })
}

/** How long a good and a bad finding is believed. */
export const goodMillis = 30_000
export const badMillis = 5_000
/** How long a look may take; less than most who ask would wait. */
export const lookMillis = 5_000
/** What is left of the request's time to say so. */
export const answerMillis = 250

const readinessOf = (policy: Policy, { send }: Send, hashes: Hashes): Effect.Effect<Readiness> =>
  Effect.gen(function* () {
    const [bucket = ""] = policy.buckets.keys()
    const at = bucketIn(policy, bucket)
    if (at === undefined) return notReady("no bucket")
    const request = Result.flatMap(bucketAddress(at), (address) => writeRequest(list, address, hashes))
    if (Result.isFailure(request)) return notReady("misconfigured")
    return judged(yield* send(request.success))
  }).pipe(
    Effect.catch(({ _tag }) => Effect.succeed(notReady(_tag === "ConfigError" ? "no key" : "COS unreachable"))),
  )

const list = { _tag: "ListBucketInventory" } as const

const judged = (response: HttpResponse): Readiness => {
  if (response.status === 200) {
    const text = Result.flatMap(readText(response.body, maxListBytes), readList)
    return Result.isSuccess(text) ? { isReady: true } : notReady("COS unreadable")
  }
  const error = readError(response)
  if (error._tag === "UnexpectedAnswer") return notReady("COS unreadable")
  if (isOfKey(error)) return notReady("key refused")
  // COS knew the key before it found the caller too fast
  return error.reason === "throttled" ? { isReady: true } : notReady(reasons[error.reason] ?? "COS refuses")
}
const reasons: { readonly [R in Reason]?: string } = {
  clock: "clock refused",
  denied: "access denied",
  "not-found": "bucket missing",
  redirect: "wrong region",
  unavailable: "COS unavailable",
}

const notReady = (reason: string): Readiness => ({ isReady: false, reason })
