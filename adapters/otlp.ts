/** Spans for an OpenTelemetry collector, by Effect's own exporter; an import of its own, since few need it. */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { Flusher } from "effect/observability/OtlpExporter"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import { ConfigError } from "../core/errors.ts"

export interface OtlpOptions {
  /** Of the collector, such as `http://127.0.0.1:4318`; `/v1/traces` is added. */
  readonly url: string
  /** They may hold the collector's key. */
  readonly headers?: Readonly<Record<string, Redacted.Redacted<string>>>
  /** `cos-inventory-proxy` unless told. */
  readonly serviceName?: string
}

/**
 * A tracer that sends what ends as JSON over HTTP, some seconds later, and the rest when its scope closes. A collector
 * that cannot be reached costs spans, never requests.
 */
export const layerOtlp = ({ url, headers = {}, serviceName }: OtlpOptions): Layer.Layer<Flusher> =>
  OtlpTracer.layer({
    url: `${url.replace(/\/+$/u, "")}/v1/traces`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)])),
    resource: { serviceName: serviceName ?? "cos-inventory-proxy" },
  }).pipe(Layer.provide([OtlpSerialization.layerJson, FetchHttpClient.layer]))

/** As OpenTelemetry names them (its specification of environment variables); undefined where no endpoint is set. */
export const readOtlpOptions = (
  environment: Readonly<Record<string, string | undefined>>,
): Result.Result<OtlpOptions | undefined, ConfigError> => {
  const url = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? ""
  const serviceName = environment["OTEL_SERVICE_NAME"] ?? ""
  if (url === "") return Result.succeed(undefined)
  if (!/^https?:\/\/[^/@?#\s]+(?:\/[^@?#\s]*)?$/iu.test(url)) {
    return Result.fail(wrong("OTEL_EXPORTER_OTLP_ENDPOINT", "an http:// or https:// URL without a user or a query"))
  }
  return Result.map(readHeaders(environment["OTEL_EXPORTER_OTLP_HEADERS"] ?? ""), (headers) => ({
    url,
    headers,
    ...(serviceName === "" ? {} : { serviceName }),
  }))
}

/** `name=value,name=value`, the values percent-encoded as those of W3C Baggage. */
const readHeaders = (text: string): Result.Result<NonNullable<OtlpOptions["headers"]>, ConfigError> => {
  const headers: Record<string, Redacted.Redacted<string>> = {}
  for (const pair of text.split(",").map((part) => part.trim()).filter((part) => part !== "")) {
    const match = /^([!#$%&'*+.^_`|~\w-]+)\s*=\s*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/u.exec(pair)
    const value = match === null ? undefined : decoded(match[2]!)
    if (match === null || value === undefined) {
      return Result.fail(wrong("OTEL_EXPORTER_OTLP_HEADERS", "name=value, separated by commas, values percent-encoded"))
    }
    headers[match[1]!.toLowerCase()] = Redacted.make(value)
  }
  return Result.succeed(headers)
}

const decoded = (text: string): string | undefined => {
  try {
    const value = decodeURIComponent(text)
    return /^[\x20-\x7e]*$/u.test(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Its value is not quoted, because it may be a secret. */
const wrong = (source: string, allowed: string): ConfigError =>
  new ConfigError({ source, problem: "The setting cannot be read", fix: `Write ${allowed}` })
