/** Sends again what may have failed by chance. Everything it repeats is signed anew when the signer lies beneath it. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { type ConfigError, TransportError } from "../core/errors.ts"
import { hostOf, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { readError } from "../core/wire/error-document.ts"
import { retryAfter } from "./retry-after.ts"

export interface Options {
  /** The first attempt counts; 4 unless told. */
  readonly attempts?: number
  /** The same where the server answered, as one does that has tried again by itself; as many as `attempts` unless told. */
  readonly answered?: number
  /** No attempt starts later than this after the first; 30 seconds unless told. */
  readonly budget?: Duration.Input
  /** The budget while the server asks to slow down and says for how long; the usual one unless told. */
  readonly patience?: Duration.Input
  /** The greatest wait before the second attempt; it doubles with every further one. Half a second unless told. */
  readonly base?: Duration.Input
}

/**
 * Retries with full jitter: the wait is anything from nothing to a bound that doubles.
 *
 * **Details**
 *
 * `Retry-After` is honoured as a least wait, and the jitter comes on top: whoever was turned away together would else
 * come back together. When the next attempt would start after the budget, the last answer or failure stands: a server
 * that asks for a minute is not asked again sooner. Failures that would only repeat are not retried: a request refused
 * before it was sent, TLS, an answer too large, a missing credential.
 *
 * An answer that asks to slow down and says for how long is no failed attempt: nothing was done, and it is known when to
 * come again.
 *
 * An answer that follows an attempt which may have reached the server is marked `repeated`, and a failure that follows
 * one says `sent: "maybe"`, whatever became of the last attempt. Every further attempt is logged at Info level, but of
 * slowing down only now and then.
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
  const { attempts = 4, answered = attempts } = options
  const base = Duration.toMillis(options.base ?? "500 millis")
  let silentUntil = 0
  return (request, budget) => {
    const patience = options.patience === undefined ? budget : Duration.toMillis(options.patience)
    return Effect.flatMap(Clock.currentTimeMillis, (started) => {
      const nth = (tried: Tried): ReturnType<Send["send"]> =>
        Effect.flatMap(Effect.result(inner.send(request)), (outcome) => {
          const last = marked(outcome, tried.reached, tried.failed + tried.slowed + 1)
          return passing(outcome) ? another(outcome, last, tried) : Effect.fromResult(last)
        })
      const another = (outcome: Outcome, last: Outcome, { failed, slowed, reached, since }: Tried) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const least = Result.isSuccess(outcome) ? retryAfter(outcome.success, now) : 0
          const isSlowed = least > 0 && isThrottled(outcome)
          const most = Result.isSuccess(outcome) ? answered : attempts
          if (!isSlowed && failed + 1 >= most) return yield* Effect.fromResult(last)
          const doublings = isSlowed ? Math.min(slowed, mostDoublings) : failed
          const wait = Math.ceil(least + (yield* Random.next) * base * 2 ** doublings)
          const end = isSlowed ? started + patience : since + budget
          if (now + wait > end) return yield* Effect.fromResult(last)
          const count = isSlowed ? "" : ` (${failed + 2} of ${most})`
          yield* Effect.logDebug(
            `Attempt ${failed + slowed + 1} at ${request.method} ${hostOf(request)}: ${summary(outcome)}; ` +
              `the next${count} in ${wait} ms`,
          )
          if (!isSlowed) {
            yield* Effect.logInfo(`${headline(outcome, hostOf(request))}, trying again${count}`)
          } else if (now >= silentUntil) {
            silentUntil = now + silence
            yield* Effect.logInfo(`${hostOf(request)} asks to slow down, going on as fast as it lets`)
          }
          yield* Effect.sleep(Duration.millis(wait))
          return yield* nth(
            isSlowed
              ? { failed, slowed: slowed + 1, reached, since: now + wait }
              : { failed: failed + 1, slowed, reached: reached || mayHaveArrived(outcome), since },
          )
        })
      return nth({ failed: 0, slowed: 0, reached: false, since: started })
    })
  }
}

/** Of one request, so far. */
interface Tried {
  readonly failed: number
  /** Attempts that were asked to slow down, and told for how long. */
  readonly slowed: number
  /** Whether one of them may have been performed. */
  readonly reached: boolean
  /** Epoch milliseconds, from which the budget counts: what was spent on slowing down is not of it. */
  readonly since: number
}

/** In milliseconds. At a small rate most requests are slowed, and one line says it of all. */
const silence = 30_000

/** Beyond, who is asked to slow down again and again would wait for longer than it takes. */
const mostDoublings = 2

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

/**
 * A refusal, even one to try again, was decided before anything was done, and so was `SlowDown`, whatever its status;
 * another 5xx may come from half-way.
 */
const mayHaveArrived = (outcome: Outcome): boolean =>
  Result.isSuccess(outcome)
    ? outcome.success.status >= 500 && !isThrottled(outcome)
    : outcome.failure._tag === "TransportError" && outcome.failure.sent === "maybe"

const isThrottled = (outcome: Outcome): boolean =>
  Result.isSuccess(outcome) && outcome.success.status >= 400 && readError(outcome.success).reason === "throttled"

const marked = (outcome: Outcome, reached: boolean, attempts: number): Outcome => {
  if (attempts === 1) return outcome
  if (Result.isSuccess(outcome)) return reached ? Result.succeed({ ...outcome.success, repeated: true }) : outcome
  const error = outcome.failure
  if (error._tag === "ConfigError") return outcome
  const { detail, host, kind, sent, status } = error
  const doubt = reached && sent === "no" ? "; an earlier attempt may have arrived" : ""
  return Result.fail(
    new TransportError({
      kind,
      host,
      ...(status === undefined ? {} : { status }),
      sent: reached ? "maybe" : sent,
      detail: `${detail} (after ${attempts} attempts${doubt})`,
    }),
  )
}

const headline = (outcome: Outcome, host: string): string =>
  Result.isSuccess(outcome) ? `${outcome.success.status} from ${host}` : `No answer from ${host}`

const summary = (outcome: Outcome): string =>
  Result.isSuccess(outcome) ? `status ${outcome.success.status}` : outcome.failure.message
