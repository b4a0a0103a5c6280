/** Sends again what may have failed by chance. Everything it repeats is signed anew when the signer lies beneath it. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { type ConfigError, TransportError } from "../core/errors.ts"
import { header, hostOf, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { readError } from "../core/wire/error-document.ts"

export interface Options {
  /** The first attempt counts; 4 unless told. */
  readonly attempts?: number
  /** No attempt starts later than this after the first; 30 seconds unless told. */
  readonly budget?: Duration.Input
  /** The greatest wait before the second attempt; it doubles with every further one. Half a second unless told. */
  readonly base?: Duration.Input
}

/**
 * Retries with full jitter: the wait is anything from nothing to a bound that doubles.
 *
 * **Details**
 *
 * `Retry-After` is honoured as a least wait. When the next attempt would start after the budget, the last answer or
 * failure stands: a server that asks for a minute is not asked again sooner. Failures that would only repeat are not
 * retried: a request refused before it was sent, TLS, an answer too large, a missing credential.
 *
 * An answer that follows an attempt which may have reached the server is marked `repeated`, and a failure that follows
 * one says `sent: "maybe"`, whatever became of the last attempt. Every further attempt is logged at Info level.
 */
export const layer = (options: Options = {}): Layer.Layer<Transport, never, Transport> =>
  Layer.effect(Transport, Effect.map(Transport, (inner) => make(inner, options)))

export const make = (inner: Send, { budget = "30 seconds", ...options }: Options = {}): Send => {
  const within = makeWithin(inner, options)
  const millis = Duration.toMillis(budget)
  return { send: (request) => within(request, millis) }
}

/** The same, with another budget for every request, in milliseconds. */
export const makeWithin = (
  inner: Send,
  options: Omit<Options, "budget"> = {},
): (request: HttpRequest, budget: number) => ReturnType<Send["send"]> => {
  const attempts = options.attempts ?? 4
  const base = Duration.toMillis(options.base ?? "500 millis")
  return (request, budget) =>
    Effect.flatMap(Clock.currentTimeMillis, (started) => {
      const nth = (attempt: number, reached: boolean): ReturnType<Send["send"]> =>
        Effect.flatMap(Effect.result(inner.send(request)), (outcome) => {
          const last = marked(outcome, reached, attempt)
          return attempt >= attempts || !passing(outcome)
            ? Effect.fromResult(last)
            : another(outcome, last, attempt, reached || mayHaveArrived(outcome))
        })
      const another = (outcome: Outcome, last: Outcome, attempt: number, reached: boolean) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const jitter = (yield* Random.next) * base * 2 ** (attempt - 1)
          const wait = Math.ceil(Math.max(jitter, retryAfter(outcome, now)))
          if (now + wait - started > budget) return yield* Effect.fromResult(last)
          yield* Effect.logDebug(
            `Attempt ${attempt} of ${attempts} at ${request.method} ${hostOf(request)}: ${summary(outcome)}; ` +
              `the next in ${wait} ms`,
          )
          yield* Effect.logInfo(`${headline(outcome, hostOf(request))}, trying again (${attempt + 1} of ${attempts})`)
          yield* Effect.sleep(Duration.millis(wait))
          return yield* nth(attempt + 1, reached)
        })
      return nth(1, false)
    })
}

type Outcome = Result.Result<HttpResponse, TransportError | ConfigError>

/** Statuses that may pass by themselves, whatever the body says: a gateway on the way writes no COS code. */
const passingStatuses = new Set([429, 500, 502, 503, 504])

const passing = (outcome: Outcome): boolean => {
  if (Result.isSuccess(outcome)) {
    const { status } = outcome.success
    if (passingStatuses.has(status)) return true
    if (status < 400) return false
    const error = readError(outcome.success)
    return error._tag === "CosError" && error.retryable
  }
  const error = outcome.failure
  if (error._tag === "ConfigError") return false
  if (error.kind === "tls" || error.kind === "too-large") return false
  return !(error.kind === "other" && error.sent === "no")
}

/** A refusal, even one to try again, was decided before anything was done; a 5xx may come from half-way. */
const mayHaveArrived = (outcome: Outcome): boolean =>
  Result.isSuccess(outcome)
    ? outcome.success.status >= 500
    : outcome.failure._tag === "TransportError" && outcome.failure.sent === "maybe"

const marked = (outcome: Outcome, reached: boolean, attempts: number): Outcome => {
  if (attempts === 1) return outcome
  if (Result.isSuccess(outcome)) return reached ? Result.succeed({ ...outcome.success, repeated: true }) : outcome
  const error = outcome.failure
  if (error._tag === "ConfigError") return outcome
  const { detail, host, kind, sent } = error
  const doubt = reached && sent === "no" ? "; an earlier attempt may have arrived" : ""
  return Result.fail(
    new TransportError({
      kind,
      host,
      sent: reached ? "maybe" : sent,
      detail: `${detail} (after ${attempts} attempts${doubt})`,
    }),
  )
}

/** Milliseconds; a date is held against the answer's own `Date`, so that a wrong clock here does no harm. */
const retryAfter = (outcome: Outcome, now: number): number => {
  if (Result.isFailure(outcome)) return 0
  const { headers } = outcome.success
  const value = header(headers, "retry-after")?.trim() ?? ""
  if (/^\d+$/u.test(value)) return Number(value) * 1000
  const at = httpDate(value)
  return at === undefined ? 0 : Math.max(0, at - (httpDate(header(headers, "date") ?? "") ?? now))
}

/** The one form of RFC 9110 that may be sent today; `Date.parse` alone would take almost anything. */
const httpDate = (text: string): number | undefined => {
  const millis = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(millis) ? undefined : millis
}

const headline = (outcome: Outcome, host: string): string =>
  Result.isSuccess(outcome) ? `${outcome.success.status} from ${host}` : `No answer from ${host}`

const summary = (outcome: Outcome): string =>
  Result.isSuccess(outcome) ? `status ${outcome.success.status}` : outcome.failure.message
