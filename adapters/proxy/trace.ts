/** Distributed traces: the caller's context taken in (W3C Trace Context), and spans made where somebody collects them. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { type Headers, hostOf } from "../../core/http.ts"
import type { Send } from "../../core/ports.ts"
import { short } from "../log-line.ts"
import { endingOf } from "./log.ts"
import { operationName } from "./operation.ts"
import type { Told } from "./told.ts"

export interface TraceParent {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

/** Reads `traceparent`; one that is malformed, or stands twice, is as good as none. `tracestate` is left alone. */
export const traceParentOf = (headers: Headers): TraceParent | undefined => {
  const given = headers.filter(([name]) => name.toLowerCase() === "traceparent")
  const match = given.length === 1 ? traceparent.exec(given[0]![1]) : null
  if (match === null) return undefined
  const [, version, traceId, spanId, flags, more] = match
  const isValid = version !== "ff" && (version !== "00" || more === undefined) && !allZero.test(traceId!) &&
    !allZero.test(spanId!)
  return isValid ? { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & 1) === 1 } : undefined
}
/** A later version may have more behind it (section 3.2.4). */
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?$/u
const allZero = /^0+$/u

/** The tracer of the fiber that asks, where it is one that somebody put there. */
export const collector: Effect.Effect<Tracer.Tracer | undefined> = Effect.map(
  Tracer.Tracer,
  (tracer) => tracer === Tracer.nativeTracer ? undefined : tracer,
)

/**
 * A server span around what answers a request, under its operation's name. Its attributes are of the log's line, without
 * what tells people apart, and it holds nothing else of the request. `told` learns the id of the trace.
 */
export const traced = <A extends { readonly status: number }, E>(
  tracer: Tracer.Tracer,
  parent: TraceParent | undefined,
  told: Told,
  answering: Effect.Effect<A, E>,
): Effect.Effect<A, E> =>
  Effect.flatMap(nanos, (startTime) => {
    const span = lazily(() =>
      tracer.span({
        name: operationName(told.operation),
        parent: Option.map(Option.fromUndefinedOr(parent), Tracer.externalSpan),
        annotations: Context.empty(),
        links: [],
        startTime,
        kind: "server",
        root: parent === undefined,
        sampled: parent?.sampled ?? true,
      })
    )
    return answering.pipe(
      Effect.provideService(RequestSpan, { tracer, span }),
      Effect.onExit((exit) =>
        Effect.map(nanos, (endTime) => {
          const server = span()
          const status = Exit.isSuccess(exit) ? exit.value.status : undefined
          told.traceId = server.traceId
          mark(server, {
            "http.response.status_code": status,
            "cos.principal": told.principal,
            "cos.bucket": short(told.bucket),
            "cos.inventory.id": short(told.id),
            "cos.request_id": short(told.requestId),
            "cos.proxy.outcome": endingOf({ ...seenNothing, ...told, ...(status === undefined ? {} : { status }) }),
            "cos.proxy.request_id": told.callId,
          })
          server.end(endTime, status === undefined || status >= 500 ? failedWith(status) : Exit.void)
        })
      ),
    )
  })

/** A client span for each attempt at COS, inside the request's; without one nothing is made. */
export const tracedSend = ({ send }: Send): Send => ({
  send: (request) =>
    Effect.flatMap(
      RequestSpan,
      (current) =>
        current === undefined ? send(request) : Effect.flatMap(nanos, (startTime) => {
          const parent = current.span()
          const span = current.tracer.span({
            name: request.method,
            parent: Option.some(parent),
            annotations: Context.empty(),
            links: [],
            startTime,
            kind: "client",
            root: false,
            sampled: parent.sampled,
          })
          mark(span, { "http.request.method": request.method, "server.address": hostOf(request) })
          return Effect.onExit(send(request), (exit) =>
            Effect.map(nanos, (endTime) => {
              const status = Exit.isSuccess(exit) ? exit.value.status : undefined
              mark(span, { "http.response.status_code": status })
              span.end(endTime, status === undefined || status >= 400 ? failedWith(status) : Exit.void)
            }))
        }),
    ),
})

/** The span of the request that a fiber answers. */
const RequestSpan = Context.Reference<{ readonly tracer: Tracer.Tracer; readonly span: () => Tracer.Span } | undefined>(
  "cos-inventory/RequestSpan",
  { defaultValue: () => undefined },
)

const nanos = Clock.currentTimeNanos

/** A span has its name from the beginning, and an operation is known only when the door has read the request. */
const lazily = <A>(make: () => A): () => A => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

const seenNothing = { at: 0, method: "", host: "", target: "", millis: 0 }

const mark = (span: Tracer.Span, attributes: Readonly<Record<string, string | number | undefined>>): void => {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.attribute(name, value)
}

/** The error itself stays here: an exporter would send its words and its stack. */
const failedWith = (status: number | undefined): Exit.Exit<never, string> =>
  Exit.fail(status === undefined ? "No answer" : `Status ${status}`)
