/** All that shows what a proxy does: its numbers, its spans, and what becomes of those of its lines that cannot be written. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Headers } from "../../core/http.ts"
import type { Send } from "../../core/ports.ts"
import { tellDefect, Watch } from "../hono/watch.ts"
import type { AuditOptions } from "../policy/audit.ts"
import { tellAbout } from "../record.ts"
import type { Door } from "./door.ts"
import { makeMetrics, type Metrics, metricsDoor } from "./metrics.ts"
import type { Told } from "./told.ts"
import { collector, traced, tracedSend, traceParentOf } from "./trace.ts"

export interface Telemetry {
  /** Around what answers one request, of which `told` learns. */
  readonly around: <A extends { readonly status: number }, E>(
    headers: Headers,
    told: Told,
    answering: Effect.Effect<A, E>,
  ) => Effect.Effect<A, E>
  /** Around what sends one attempt to COS. */
  readonly upstream: (inner: Send) => Send
  readonly audit: AuditOptions
  readonly reloadFailure: Metrics["reloadFailure"]
  readonly doors: ReadonlyArray<Door>
  /** For what makes the app: whoever watches is told as before. */
  readonly watched: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Spans are made when the fiber that asks has a tracer of somebody's; without one, tracing costs nothing. */
export const makeTelemetry = (
  { audit }: { readonly audit: AuditOptions["write"] },
): Effect.Effect<Telemetry> =>
  Effect.map(Effect.all([Watch, collector]), ([watch, tracer]) => {
    const metrics = makeMetrics()
    return {
      around: (headers, told, answering) => {
        const parent = traceParentOf(headers)
        if (parent !== undefined) told.traceId = parent.traceId
        const spanned = tracer === undefined ? answering : traced(tracer, parent, told, answering)
        return Effect.andThen(tellAbout(told), metrics.flying(spanned))
      },
      upstream: (inner) => metrics.upstream(tracer === undefined ? inner : tracedSend(inner)),
      audit: {
        write: audit,
        onFailure: (cause) => {
          metrics.auditFailure()
          tellDefect(watch, Cause.die(cause))
        },
      },
      reloadFailure: metrics.reloadFailure,
      doors: [metricsDoor(metrics)],
      watched: (effect) =>
        effect.pipe(
          Effect.provideService(Watch, {
            onRequest: (recorded) => {
              metrics.count(recorded)
              watch.onRequest(recorded)
            },
            onDefect: (text) => {
              metrics.fault()
              watch.onDefect(text)
            },
          }),
          // Spans of the proxy's own are made by hand, of known fields; those of the modules below would carry more
          Effect.withTracerEnabled(false),
        ),
    }
  })
