/** Numbers of what a proxy does, for Prometheus: `/metrics`. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import { formatUnsafe } from "effect/observability/PrometheusMetrics"
import { header, type HttpResponse } from "../../core/http.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Send } from "../../core/ports.ts"
import { refusals } from "../../core/signing/mod.ts"
import { methodNotAllowed } from "../answer.ts"
import { Refused } from "../policy/call.ts"
import { sha256Hex } from "../policy/issuing.ts"
import type { Recorded } from "../record.ts"
import { problem } from "./document.ts"
import type { Door } from "./door.ts"
import { endingOf } from "./log.ts"
import { operationName } from "./operation.ts"

export type Reloaded = "policy" | "keys"

/** The numbers of one proxy, apart from those of any other in the process. */
export interface Metrics {
  /** A request that ended. */
  readonly count: (recorded: Recorded) => void
  /** Around what answers a request: how many are under way. */
  readonly flying: <A, E>(answering: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Around what is sent to COS: every attempt counts. */
  readonly upstream: (inner: Send) => Send
  readonly fault: () => void
  readonly auditFailure: () => void
  /** A file that changed and could not be read again. */
  readonly reloadFailure: (what: Reloaded) => void
  /** In Prometheus' text form. */
  readonly text: () => string
}

/**
 * Labels hold nothing of a request's own: fixed words, and the names of the policy's principals, so that no caller can make
 * series.
 */
export const makeMetrics = (): Metrics => {
  const registry = Context.make(Metric.MetricRegistry, new Map())
  const series = new Map<string, Metric.Metric<number, unknown>>()
  const of = (family: Family, labels: Readonly<Record<string, string>> = {}) => {
    const key = [family, ...Object.values(labels)].join(" ")
    const known = series.get(key)
    if (known !== undefined) return known
    const made = Metric.withAttributes(families[family](), labels)
    series.set(key, made)
    return made
  }
  const add = (family: Family, value: number, labels?: Readonly<Record<string, string>>) =>
    of(family, labels).updateUnsafe(value, registry)
  const inFlight = of("inFlight")
  const upstreamSeconds = of("upstreamSeconds")
  const move = (by: number) => inFlight.modifyUnsafe(by, registry)
  // What never happened yet is nought, and no gap that an alert could not tell from an outage
  for (const family of ["faults", "auditFailures"] as const) add(family, 0)
  for (const what of ["policy", "keys"] as const) add("reloadFailures", 0, { what })
  move(0)
  return {
    count: (recorded) => {
      const operation = operationName(recorded.operation)
      const { principal = "", status, millis } = recorded
      add("requests", 1, { operation, outcome: endingOf(recorded), principal, status: classOf(status) })
      add("seconds", millis / 1000, { operation })
    },
    flying: (answering) =>
      Effect.suspend(() => {
        move(1)
        return Effect.ensuring(answering, Effect.sync(() => move(-1)))
      }),
    upstream: ({ send }) => ({
      send: (request) =>
        Effect.flatMap(
          Clock.currentTimeMillis,
          (started) =>
            Effect.onExit(send(request), (exit) =>
              Effect.map(Clock.currentTimeMillis, (ended) => {
                const method = methods.has(request.method) ? request.method : "other"
                const status = Exit.isSuccess(exit) ? exit.value.status : undefined
                add("upstream", 1, { method, status: classOf(status) })
                upstreamSeconds.updateUnsafe((ended - started) / 1000, registry)
              })),
        ),
    }),
    fault: () => add("faults", 1),
    auditFailure: () => add("auditFailures", 1),
    reloadFailure: (what) => add("reloadFailures", 1, { what }),
    text: () => formatUnsafe(registry),
  }
}

const methods: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "DELETE"])

/** `2xx` and so on; `none` where there was no answer. */
const classOf = (status: number | undefined): string => status === undefined ? "none" : `${Math.trunc(status / 100)}xx`

const boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

const counter = (name: string, description: string) => () => Metric.counter(name, { description, incremental: true })
const seconds = (name: string, description: string) => () => Metric.histogram(name, { description, boundaries })

type Family =
  | "requests"
  | "seconds"
  | "inFlight"
  | "upstream"
  | "upstreamSeconds"
  | "faults"
  | "auditFailures"
  | "reloadFailures"
const families: Readonly<Record<Family, () => Metric.Metric<number, unknown>>> = {
  requests: counter("cos_proxy_requests_total", "Requests by operation, how they ended, who asked, class of status"),
  seconds: seconds("cos_proxy_request_seconds", "Time until the answer was there"),
  inFlight: () => Metric.gauge("cos_proxy_requests_in_flight", { description: "Requests under way" }),
  upstream: counter(
    "cos_proxy_upstream_requests_total",
    "Requests to COS, each attempt, by method and class of status",
  ),
  upstreamSeconds: seconds("cos_proxy_upstream_seconds", "Time of one attempt at COS"),
  faults: counter("cos_proxy_faults_total", "Faults of the program's own"),
  auditFailures: counter("cos_proxy_audit_failures_total", "Lines of the audit that could not be written"),
  reloadFailures: counter("cos_proxy_reload_failures_total", "Files that changed and could not be read again"),
}

export interface MetricsDoorOptions {
  readonly text: Metrics["text"]
}

/** Open, for the policy's own tokens, or for nobody. A principal's token is none of these. */
export const metricsDoor = ({ text }: MetricsDoorOptions): Door => ({
  isMine: (path) => path === "/metrics",
  answer: ({ request, policy, told }) => {
    told.operation = "Metrics"
    if (request.method !== "GET" && request.method !== "HEAD") return Effect.fail(notRead)
    if (!mayRead(policy, header(request.headers, "authorization"))) {
      return Effect.fail(notTheirs)
    }
    return Effect.sync(() => document(text()))
  },
  refuse: problem,
})

const document = (text: string): HttpResponse => {
  const body = new TextEncoder().encode(text)
  return {
    status: 200,
    headers: [
      // The version of the text format (Prometheus, exposition formats)
      ["Content-Type", "text/plain; version=0.0.4; charset=utf-8"],
      ["Content-Length", String(body.byteLength)],
      ["Cache-Control", "no-store"],
    ],
    body,
  }
}

const mayRead = ({ metrics }: Policy, authorization: string | undefined): boolean => {
  if (metrics._tag === "Open") return true
  const token = /^Bearer +(\S+)$/iu.exec(authorization ?? "")?.[1]
  return token !== undefined && metrics.tokens.includes(sha256Hex(token))
}

const notRead = new Refused({ outcome: "invalid", refusal: methodNotAllowed, why: "the metrics can be read alone" })
const notTheirs = new Refused({
  outcome: "unauthenticated",
  refusal: refusals.Missing,
  why: "the metrics are not open, and the token is none of theirs",
})
