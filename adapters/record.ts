/** What became of one request, as journals and logs keep it: without its secrets. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { TransportError } from "../core/errors.ts"
import { header, hostOf, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { redactTarget } from "../core/redact.ts"
import type { Shown } from "./policy/call.ts"

/** What a request was about, as far as whoever answered it knows. */
export interface About {
  /** The action's name, or what stood in its place. */
  readonly operation: string
  readonly bucket?: string
  /** Percent-encoded. */
  readonly key?: string
  /** Of an inventory rule. */
  readonly id?: string
  /** Of a refusal. */
  readonly code?: string
  /** Of a proxy: who asked. */
  readonly principal?: string
  /** Of a proxy: by what it knew who asked. */
  readonly shown?: Shown
  /** Of a proxy: how far the request got. */
  readonly outcome?: string
  /** Of a proxy: what its refusal does not tell the caller. */
  readonly why?: string
  /** Of a proxy: the status of COS's own answer. */
  readonly upstream?: number
  /** `x-request-id`, by which a caller and its servers name the request. */
  readonly callId?: string
  /** Of a proxy: the trace that the request is part of (W3C Trace Context). */
  readonly traceId?: string
  readonly requestId: string
}

export interface Recorded extends Partial<About> {
  /** When it came, in epoch milliseconds of real time. */
  readonly at: number
  /** Empty, as host and target are, where no request could be read. */
  readonly method: string
  readonly host: string
  /** As sent, signatures and tokens masked. */
  readonly target: string
  /** Absent where the connection broke without an answer. */
  readonly status?: number
  /** Why nothing more came of it; `left` is a client that did not wait for the answer. */
  readonly broken?: string
  /** Until the answer was there; a body that streams is still to come. */
  readonly millis: number
}

/** An answer that may say what it was about. */
export type Telling<B> = HttpResponse<B> & { readonly about?: Partial<About> }

type Asked = Pick<HttpRequest, "method" | "origin" | "target" | "headers">

/**
 * Keeps what becomes of a request, once, whatever it is. Inside another one of the same request, its time counts from
 * the other's beginning.
 */
export const recorded = <B, A extends Telling<B>>(
  request: Asked,
  answering: Effect.Effect<A, TransportError>,
  keep: (recorded: Recorded) => void,
): Effect.Effect<A, TransportError> =>
  Effect.flatMap(Current, (outer) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const current: Current = outer ?? { at: now }
      return Effect.onExit(Effect.provideService(answering, Current, current), (exit) =>
        Effect.map(Clock.currentTimeMillis, (ended) =>
          keep({
            at: current.at,
            ...seenOf(request),
            ...current.about,
            ...(Exit.isSuccess(exit) ? answerOf(exit.value) : { broken: endOf(exit.cause) }),
            millis: ended - current.at,
          })))
    }))

/** Says what the current request is about before there is an answer, of which there may be none. */
export const tellAbout = (about: Partial<About>): Effect.Effect<void> =>
  Effect.map(Current, (current) => {
    if (current !== undefined) current.about = about
  })

interface Current {
  /** When the request came. */
  readonly at: number
  about?: Partial<About>
}

/** The request that a fiber answers. */
const Current = Context.Reference<Current | undefined>("cos-inventory/Current", { defaultValue: () => undefined })

export const seenOf = (request: Asked): Pick<Recorded, "method" | "host" | "target"> => ({
  method: request.method,
  host: hostOf(request),
  target: redactTarget(request.target),
})

export const answerOf = <B>({ status, headers, about }: Telling<B>): Partial<Recorded> => {
  const requestId = header(headers, "x-cos-request-id")
  return { status, ...(requestId === undefined ? {} : { requestId }), ...about }
}

const endOf = (cause: Cause.Cause<TransportError>): string => {
  if (Cause.hasInterruptsOnly(cause)) return "left"
  const failure = cause.reasons.find(Cause.isFailReason)
  return failure === undefined ? "InternalError" : failure.error.kind
}
