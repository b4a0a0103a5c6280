/** A line for every write: who wrote what, what it changed, and what became of it. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import { type Change, diff } from "../../core/diff.ts"
import type { ConfigError, TransportError } from "../../core/errors.ts"
import { header, type HttpResponse } from "../../core/http.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { isMissingRule, readRuleAnswer } from "../../core/wire/answers.ts"
import { readError } from "../../core/wire/error-document.ts"
import { idOf } from "../../core/wire/operations.ts"
import { within } from "../deadline.ts"
import { jsonLine } from "../log-line.ts"
import type { Call, Performing, Refused } from "./call.ts"
import { Underway } from "./underway.ts"

export interface AuditOptions {
  /** Takes a line without its end; may give a promise. */
  readonly write: (line: string) => unknown
  /** Told when `write` throws, or what it promised fails. */
  readonly onFailure?: (cause: unknown) => void
}

/**
 * Writes exactly one line for each PUT, DELETE and POST that gets here, when it is known what became of it.
 *
 * **Details**
 *
 * Before a PUT or a DELETE the rule is read: one GET more at COS, with the proxy's key, so that the caller needs no right
 * to read, and learns nothing of it. It is tried once. When it cannot be read within {@link beforeSeconds}, or a third of
 * the time that the caller has left, the write goes on all the same, and the line says `"before":"unknown"` and why: what is
 * left of the audit is worth more than a proxy that stands still. COS has no conditional write, so between that GET and the
 * write somebody else may have written.
 *
 * A write is `in doubt` when its answer did not come or was a 5xx, when a repeat of it was refused, and when its caller left
 * while it was under way.
 * When a line cannot be written, the write has been done by then and its answer stands; `onFailure` is told.
 *
 * What the policy or a limit refused does not get here: it is in the log of requests.
 *
 * **Example**
 *
 *     {"time":"2026-11-21T12:00:00.123Z","level":"info","kind":"audit","principal":"writer",
 *      "by":"key","credential":"AKIDwriter","operation":"PutBucketInventory","bucket":"examplebucket-1250000000",
 *      "id":"ci-daily","requestId":"ci-7","cosRequestId":"NmE=","outcome":"done","status":200,"before":"rule",
 *      "changes":[{"path":"isEnabled","before":true,"after":false}]}
 */
export const make = (inner: Performing, options: AuditOptions): Performing => ({
  perform: (call) => {
    const { operation } = call
    return operation._tag === "PutBucketInventory" || operation._tag === "DeleteBucketInventory" ||
        operation._tag === "PostBucketInventory"
      ? audited(inner, { ...call, operation }, options)
      : inner.perform(call)
  },
})

/** A rule is small: who waits longer for it waits for something that is not well. */
const beforeSeconds = 5

type Write = Call & {
  readonly operation: Extract<
    Call["operation"],
    { readonly _tag: "PutBucketInventory" | "DeleteBucketInventory" | "PostBucketInventory" }
  >
}

type Failure = Refused | TransportError | ConfigError

const audited = (inner: Performing, call: Write, options: AuditOptions): Effect.Effect<HttpResponse, Failure> =>
  Effect.suspend(() => {
    let before: Before = notRead
    let begun = false
    const reading = call.operation._tag === "PostBucketInventory" ? Effect.succeed(none) : beforeOf(inner, call)
    return Effect.flatMap(reading, (found) => {
      before = found
      begun = true
      return inner.perform(call)
    }).pipe(
      Effect.onExit((exit) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const failed = (cause: unknown) => options.onFailure?.(cause)
          try {
            const written = options.write(jsonLine(lineOf(call, now, before, begun ? endOf(exit) : unsent)))
            if (written instanceof Promise) written.catch(failed)
          } catch (cause) {
            failed(cause)
          }
        })
      ),
    )
  })

/** What stood at COS. */
type Before =
  | { readonly _tag: "rule"; readonly rule: InventoryConfiguration }
  | { readonly _tag: "none" }
  | { readonly _tag: "unknown"; readonly why: string }
const none: Before = { _tag: "none" }
const unknown = (why: string): Before => ({ _tag: "unknown", why })
const interrupted = "the caller left, or its time was over"
const notRead = unknown(interrupted)

const beforeOf = (inner: Performing, call: Write): Effect.Effect<Before> => {
  const id = idOf(call.operation)!
  const reading = inner.perform({ ...call, operation: { _tag: "GetBucketInventory", id } }).pipe(
    Effect.map((response): Before =>
      Result.match(readRuleAnswer(response, id), {
        onSuccess: ({ configuration }) => ({ _tag: "rule", rule: configuration }),
        onFailure: (error) =>
          error._tag !== "CosError" ? unknown(error.message) : isMissingRule(error) ? none : unknown(error.code),
      })
    ),
    Effect.catch((error) => Effect.succeed(unknown(error.message))),
  )
  return Effect.flatMap(Effect.all([Clock.currentTimeMillis, Underway]), ([now, underway]) => {
    const left = underway === undefined ? Infinity : Math.max(0, underway.until - now)
    const millis = Math.min(beforeSeconds * 1000, Math.floor(left / 3))
    return within(
      // Without time left, nothing is sent twice
      Effect.provideService(reading, Underway, { until: now, isHere: true }),
      millis,
      () => Effect.succeed(unknown(`not read within ${millis / 1000} seconds`)),
    )
  })
}

/** What became of a write. */
interface End {
  readonly outcome:
    | "done"
    /** By COS. */
    | "refused"
    /** COS may have done it, or may not. */
    | "in doubt"
    /** COS was not asked. */
    | "unsent"
  readonly status?: number
  readonly code?: string
  readonly why?: string
  readonly cosRequestId?: string
}
const unsent: End = { outcome: "unsent" }

const endOf = (exit: Exit.Exit<HttpResponse, Failure>): End => {
  if (Exit.isSuccess(exit)) return endOfAnswer(exit.value)
  const error = exit.cause.reasons.find(Cause.isFailReason)?.error
  if (error === undefined) {
    return {
      outcome: "in doubt",
      why: Cause.hasInterruptsOnly(exit.cause) ? interrupted : "a fault of the proxy",
    }
  }
  if (error._tag === "TransportError") {
    return { outcome: error.sent === "no" ? "unsent" : "in doubt", why: error.message }
  }
  // COS refuses the proxy's own key, or the proxy has none
  return { outcome: error._tag === "ConfigError" ? "refused" : "unsent", why: error.message }
}

const endOfAnswer = (response: HttpResponse): End => {
  const { status, headers, repeated } = response
  const error = status < 300 ? undefined : readError(response)
  const cosRequestId = header(headers, "x-cos-request-id")
  return {
    // A refusal of a repeat may come of the attempt before it, which was taken
    outcome: error === undefined ? "done" : status >= 500 || repeated === true ? "in doubt" : "refused",
    status,
    ...(error?._tag === "CosError" ? { code: error.code } : {}),
    ...(cosRequestId === undefined ? {} : { cosRequestId }),
  }
}

const lineOf = (call: Write, now: number, before: Before, { outcome, status, code, why, cosRequestId }: End) => ({
  time: new Date(now).toISOString(),
  level: outcome === "done" ? "info" : "warn",
  kind: "audit",
  principal: call.principal.name,
  ...call.shown,
  operation: call.operation._tag,
  bucket: call.at.bucket,
  id: idOf(call.operation),
  requestId: call.requestId,
  cosRequestId,
  outcome,
  status,
  code,
  why,
  ...(call.operation._tag === "PostBucketInventory" ? {} : {
    before: before._tag,
    ...(before._tag === "unknown" ? { unknownBecause: before.why } : {}),
  }),
  changes: changesOf(call.operation, before),
})

/** Of a deletion, all that went; where it is not known what stood there, all that was written. */
const changesOf = (operation: Write["operation"], before: Before): ReadonlyArray<Change> => {
  const rule = before._tag === "rule" ? before.rule : undefined
  switch (operation._tag) {
    case "PutBucketInventory":
      return diff(rule, operation.configuration)
    case "PostBucketInventory":
      return whole(operation.job)
    case "DeleteBucketInventory":
      return rule === undefined ? [] : whole(rule).map(({ path, after }) => ({ path, before: after }))
  }
}

const whole = (rule: InventoryConfiguration | InventoryJob): ReadonlyArray<Change> => diff(undefined, rule)
