/** How much a principal may ask for: requests a second, requests at one time, one-time inventories a day. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ConfigError, TransportError } from "../../core/errors.ts"
import type { HttpResponse } from "../../core/http.ts"
import type { Notify } from "../notify.ts"
import { denied } from "./authorise.ts"
import { refusalOf } from "../refusals.ts"
import type { Run, Taken } from "./allowance.ts"
import { type Call, type Performing, Refused } from "./call.ts"
import type { Asking, Limiter, LimiterError } from "./limiter.ts"
import { localLimiter } from "./local-limiter.ts"
import { makeSlots, type Slot, type Slots } from "./slots.ts"
import { Underway } from "./underway.ts"

export interface LimitOptions {
  /** One of this process's own unless told. */
  readonly limiter?: Limiter
  /** Takes a line for whoever runs the proxy. */
  readonly notice?: Notify
}

/**
 * Nothing waits here: what is over a limit is refused at once.
 *
 * **Details**
 *
 * A request counts against the rate when its caller is known, whatever becomes of it: a door charges for it, once, and
 * `perform` does not. A one-time inventory is counted before it is
 * sent, and given back when it is certain that COS took no job: it refused, or nothing was sent.
 *
 * Where the limiter itself fails, the rate is not held and the quota is: a request too many costs little, a listing too
 * many costs money.
 */
export const make = (
  inner: Performing,
  { limiter = localLimiter(), notice = () => {} }: LimitOptions = {},
): Limiting => {
  const counted = withinQuota(inner, limiter)
  const slots = concurrency()
  const watched = transitions(notice)
  const charge = (asking: Asking) =>
    watched(limiter.takeRequest(asking)).pipe(
      Effect.catchTag("LimiterError", () => Effect.succeed<Taken>({ isTaken: true })),
      Effect.flatMap((taken) =>
        taken.isTaken ? Effect.void : Effect.fail(limited(
          `more than ${asking.principal.limits.requestsPerSecond} requests a second`,
          taken.retryAfterSeconds,
        ))
      ),
    )
  return {
    charge,
    perform: (call) =>
      slots(call, call.operation._tag === "PostBucketInventory" ? counted(call, watched) : inner.perform(call)),
  }
}

export interface Limiting extends Performing {
  /** Counts a request against its caller's rate. */
  readonly charge: (asking: Asking) => Effect.Effect<void, Refused>
}

type Performed = ReturnType<Performing["perform"]>

/** Counts what is under way of each principal that has anything under way. */
const concurrency = () => {
  const underWay = new Map<string, Slots>()
  const enter = ({ principal: { name, limits } }: Call) =>
    Effect.flatMap(Underway, (underway) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const slots = underWay.get(name) ?? makeSlots()
        if (slots.count() >= limits.concurrency) slots.sweep(now)
        if (slots.count() >= limits.concurrency) {
          return Effect.fail(limited(`more than ${limits.concurrency} requests at one time`, concurrencyRetrySeconds))
        }
        const slot: Slot = { until: underway?.until ?? Infinity, weight: 1 }
        slots.take(slot)
        underWay.set(name, slots)
        return Effect.succeed({ name, slots, slot })
      }))
  const leave = ({ name, slots, slot }: { readonly name: string; readonly slots: Slots; readonly slot: Slot }) =>
    Effect.sync(() => {
      slots.give(slot)
      if (slots.count() === 0 && underWay.get(name) === slots) underWay.delete(name)
    })
  return (call: Call, performed: Performed): Performed => Effect.acquireUseRelease(enter(call), () => performed, leave)
}
/** Nobody knows when one of them ends; a GET of COS takes less. */
const concurrencyRetrySeconds = 1

const withinQuota = ({ perform }: Performing, limiter: Limiter) => (call: Call, watched: Watched): Performed => {
  const { runsPerDay } = call.principal.limits
  // No wait would help
  if (runsPerDay === 0) {
    return Effect.fail(denied(`${call.principal.name} has no one-time inventories: runsPerDay is 0`))
  }
  return Effect.uninterruptibleMask((restore) =>
    restore(watched(limiter.takeRun(call))).pipe(
      Effect.catchTag("LimiterError", ({ message }) => Effect.fail(uncounted(message))),
      Effect.flatMap((run: Run) =>
        run.isTaken
          ? restore(perform(call)).pipe(Effect.onExit((exit) =>
            cameToNothing(exit) ? Effect.ignore(watched(limiter.giveBackRun(call, run.day))) : Effect.void
          ))
          : Effect.fail(
            limited(`more than ${runsPerDay} one-time inventories this day`, run.retryAfterSeconds, quotaMessage),
          )
      ),
    )
  )
}

/** Whether it is certain that COS took no job, by any attempt. */
const cameToNothing = (exit: Exit.Exit<HttpResponse, Refused | TransportError | ConfigError>): boolean => {
  if (Exit.isSuccess(exit)) {
    const { status, repeated } = exit.value
    return status >= 400 && status < 500 && repeated !== true
  }
  // A caller that left, or a defect: the request may be with COS
  if (exit.cause.reasons.length === 0 || !exit.cause.reasons.every(Cause.isFailReason)) return false
  return exit.cause.reasons.every(({ error }) => error._tag !== "TransportError" || error.sent === "no")
}

/** Assumed, as all words of SlowDown are: COS documents the code alone (page 7730). */
const quotaMessage = "The one-time inventories of this day are used up."

const limited = (why: string, retryAfterSeconds: number, message?: string): Refused => {
  const refusal = refusalOf("SlowDown")
  return new Refused({
    outcome: "limited",
    refusal: message === undefined ? refusal : { ...refusal, message },
    why,
    retryAfterSeconds,
  })
}

const uncounted = (why: string): Refused =>
  new Refused({
    outcome: "limited",
    refusal: { code: "ServiceUnavailable", message: "One-time inventories cannot be counted at the moment." },
    why,
    retryAfterSeconds: concurrencyRetrySeconds,
  })

type Watched = <A>(asked: Effect.Effect<A, LimiterError>) => Effect.Effect<A, LimiterError>

/** Tells when the limiter begins to fail and when it works again, and no more: a line a request would be a flood. */
const transitions = (notice: Notify): Watched => {
  let isFailing = false
  return (asked) =>
    asked.pipe(
      Effect.tapError((error) =>
        Effect.sync(() => {
          if (!isFailing) notice(`${error.message}; the rate is not held, and no one-time inventory is begun`, "warn")
          isFailing = true
        })
      ),
      Effect.tap(() =>
        Effect.sync(() => {
          if (isFailing) notice("Requests are counted again")
          isFailing = false
        })
      ),
    )
}
