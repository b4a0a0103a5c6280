/** Traces through a proxy: the caller's context on one side, a collector on the other, and nothing of it at COS. */
import { strict as assert } from "node:assert"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { layerOtlp, readOtlpOptions } from "../adapters/otlp.ts"
import { traceParentOf } from "../adapters/proxy/trace.ts"
import { TransportError } from "../core/errors.ts"
import { prop } from "./harness.ts"
import { bucket } from "./proxy-world.ts"
import { observed, observing, ruleXml } from "./telemetry-world.ts"

const traceId = "0af7651916cd43dd8448eb211c80319c"
const spanId = "b7ad6b7169203331"
const traceparent = `00-${traceId}-${spanId}-01`
const target = `/${bucket}/?inventory&id=list1`
const reader = { token: "reader-token" }

test("a traceparent is read as the standard writes it, and is nothing when it is malformed", () => {
  const parsed = (value: string) => traceParentOf([["TraceParent", value]])
  assert.deepEqual(parsed(traceparent), { traceId, spanId, sampled: true })
  assert.equal(parsed(`00-${traceId}-${spanId}-00`)?.sampled, false)
  assert.equal(parsed(`00-${traceId}-${spanId}-ff`)?.sampled, true)
  // Of a later version, of which the first parts stay
  assert.deepEqual(parsed(`01-${traceId}-${spanId}-01-more`), { traceId, spanId, sampled: true })
  const malformed = [
    "",
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-01-`,
    `ff-${traceId}-${spanId}-01`,
    `00-${"0".repeat(32)}-${spanId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    ` 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01\n`,
    `00-${traceId}-${spanId}-1`,
    `0-${traceId}-${spanId}-01`,
    `00_${traceId}_${spanId}_01`,
    `01-${traceId}-${spanId}-01more`,
    traceparent + traceparent,
  ]
  for (const value of malformed) assert.equal(parsed(value), undefined, value)
  assert.equal(traceParentOf([["traceparent", traceparent], ["traceparent", traceparent]]), undefined)
  assert.equal(traceParentOf([]), undefined)
})

prop(
  "a traceparent of whatever text gives ids of hex alone, or nothing",
  Schema.Union([
    Schema.String,
    Schema.String.check(Schema.isPattern(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/u)),
  ]),
  (value) => {
    const read = traceParentOf([["traceparent", value]])
    return read === undefined || /^[0-9a-f]{32} [0-9a-f]{16}$/u.test(`${read.traceId} ${read.spanId}`)
  },
)

test("a line holds the id of the caller's trace, and nothing when what came is malformed", () =>
  observing({}, async ({ ask, lines, upstream }) => {
    const sent = [traceparent, `${traceparent}-x`, "<script>"]
    for (const traceparent of sent) await ask("GET", target, { ...reader, headers: { traceparent, tracestate: "a=b" } })
    assert.deepEqual(lines.map((line) => JSON.parse(line).traceId), [traceId, undefined, undefined])
    const names = upstream.flatMap(({ headers }) => headers.map(([name]) => name.toLowerCase()))
    assert.equal(names.includes("authorization"), true)
    assert.deepEqual(names.filter((name) => /^(?:trace|b3|x-request-id)/u.test(name)), [])
  }))

test("a request is a server span in the caller's trace, with a client span for each attempt at COS", () =>
  observing({ isTraced: true }, async ({ ask, spans, upstream, lines }) => {
    const put = { token: "writer-token", headers: { traceparent, "x-request-id": "ci-7" }, body: ruleXml("ci-a") }
    await ask("PUT", `/${bucket}/?inventory&id=ci-a`, put)
    const [server, ...clients] = spans
    assert.deepEqual([server!.name, server!.kind, server!.traceId], ["PutBucketInventory", "server", traceId])
    assert.equal(parentOf(server!), spanId)
    assert.deepEqual(clients.map(({ name, kind, traceId: own }) => [name, kind, own]), [
      ["GET", "client", traceId],
      ["PUT", "client", traceId],
    ])
    for (const client of clients) assert.equal(parentOf(client), server!.spanId)
    assert.equal(spans.every(({ status }) => status._tag === "Ended"), true)
    const { "cos.request_id": cosRequestId, ...attributes } = Object.fromEntries(server!.attributes)
    assert.deepEqual(attributes, {
      "http.response.status_code": 200,
      "cos.principal": "writer",
      "cos.bucket": bucket,
      "cos.inventory.id": "ci-a",
      "cos.proxy.outcome": "allowed",
      "cos.proxy.request_id": "ci-7",
    })
    assert.equal(cosRequestId, JSON.parse(lines[0]!).cosRequestId)
    assert.deepEqual(upstream.flatMap(({ headers }) => headers).filter(([name]) => /^trace|^b3/iu.test(name)), [])
  }))

const parentOf = ({ parent }: Tracer.NativeSpan): string | undefined =>
  parent._tag === "Some" ? parent.value.spanId : undefined

test("a request without a trace begins one, whose id its line holds; one that is not sampled stays so", () =>
  observing({ isTraced: true }, async ({ ask, spans, lines }) => {
    await ask("GET", target, reader)
    await ask("GET", target, { ...reader, headers: { traceparent: `00-${traceId}-${spanId}-00` } })
    await ask("DELETE", target, { token: "nobody's", headers: { traceparent: "malformed" } })
    const servers = spans.filter(({ kind }) => kind === "server")
    assert.deepEqual(servers.map(({ name, parent, sampled }) => [name, parent._tag, sampled]), [
      ["GetBucketInventory", "None", true],
      ["GetBucketInventory", "Some", false],
      ["DeleteBucketInventory", "None", true],
    ])
    assert.deepEqual(spans.filter(({ kind }) => kind === "client").map(({ sampled }) => sampled), [true, false])
    assert.deepEqual(lines.map((line) => JSON.parse(line).traceId), servers.map(({ traceId }) => traceId))
    assert.equal(new Set(servers.map(({ traceId }) => traceId)).size, 3)
  }))

test("a span of what failed says so without the error's words", () => {
  const lost = new TransportError({ kind: "tls", sent: "no", host: "cos.internal.test", detail: "s3cret" })
  return observing({ isTraced: true, between: () => ({ send: () => Effect.fail(lost) }) }, async ({ ask, spans }) => {
    await ask("GET", target, reader)
    assert.deepEqual(spans.map(({ status }) => status._tag === "Ended" ? status.exit._tag : ""), ["Failure", "Failure"])
    assert.doesNotMatch(
      JSON.stringify(spans.map(({ status }) => String(Reflect.get(status, "exit")))),
      /s3cret|internal/u,
    )
  })
})

interface Sent {
  readonly spans: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly url: string
}

/** A collector on loopback, which keeps what it is sent. */
const collecting = (status = 200) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sent: Array<Sent> = []
      const server = createServer((request, response) => {
        let text = ""
        request.setEncoding("utf8")
        request.on("data", (piece) => text += piece)
        request.on("end", () => {
          const { resourceSpans } = JSON.parse(text)
          const spans = resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: ReadonlyArray<Sent> }) =>
            scopeSpans.flatMap(({ spans }) => spans)
          )
          sent.push({ spans, headers: request.headers, text, url: request.url ?? "" })
          response.writeHead(status).end("{}")
        })
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return { server, sent, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    }),
    ({ server }) =>
      Effect.promise(() =>
        new Promise<void>((resolve) => {
          server.closeAllConnections()
          server.close(() => resolve())
        })
      ),
  )

test("spans reach a collector with their parents, under the service's name, and hold no secret", () =>
  Effect.gen(function* () {
    const { sent, url } = yield* collecting()
    const scope = yield* Scope.make()
    const layer = layerOtlp({
      url,
      headers: { "x-key": Redacted.make("collector-key") },
      serviceName: "proxy-of-tests",
    })
    const services = yield* Layer.buildWithScope(layer, scope)
    const { ask } = yield* observed({}).pipe(Effect.provideContext(services))
    yield* Effect.promise(() => ask("GET", target, { ...reader, headers: { traceparent } }))
    yield* Effect.promise(() => ask("GET", `${target}&q-signature=5ec7e7`, { token: "nobodys-token" }))
    yield* Scope.close(scope, Exit.void)
    assert.equal(sent.length, 1)
    const [{ spans, headers, text, url: path }] = sent as [Sent]
    assert.deepEqual([path, headers["x-key"]], ["/v1/traces", "collector-key"])
    assert.match(text, /proxy-of-tests/u)
    assert.doesNotMatch(text, /reader-token|nobodys-token|5ec7e7|collector-key|AKID/u)
    const server = spans.find(({ kind, traceId: own }) => kind === 2 && own === traceId)!
    const client = spans.find(({ kind, traceId: own }) => kind === 3 && own === traceId)!
    assert.deepEqual([server["name"], server["parentSpanId"]], ["GetBucketInventory", spanId])
    assert.equal(client["parentSpanId"], server["spanId"])
    assert.equal(spans.length, 3)
  }).pipe(Effect.scoped, Effect.runPromise))

test("a collector that refuses what it is sent costs no request", () =>
  Effect.gen(function* () {
    const { sent, url } = yield* collecting(400)
    const scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(layerOtlp({ url }), scope)
    const { ask } = yield* observed({}).pipe(Effect.provideContext(services))
    assert.equal((yield* Effect.promise(() => ask("GET", target, reader))).status, 200)
    yield* Scope.close(scope, Exit.void)
    assert.equal(sent.length, 1)
  }).pipe(Effect.scoped, Effect.runPromise))

test("the settings of a collector are OpenTelemetry's own, and a wrong one is named without its value", () => {
  const read = (environment: Readonly<Record<string, string>>) => readOtlpOptions(environment)
  assert.deepEqual(read({}), Result.succeed(undefined))
  assert.deepEqual(read({ OTEL_EXPORTER_OTLP_ENDPOINT: "" }), Result.succeed(undefined))
  const options = Result.getOrThrow(read({
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.test:4318/otlp/",
    OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Basic%20YTpi, x-team = a=b",
    OTEL_SERVICE_NAME: "inventory",
  }))!
  assert.equal(options.serviceName, "inventory")
  assert.deepEqual(
    Object.entries(options.headers!).map(([name, value]) => [name, Redacted.value(value)]),
    [["authorization", "Basic YTpi"], ["x-team", "a=b"]],
  )
  assert.doesNotMatch(JSON.stringify(options), /YTpi/u)
  const wrong: ReadonlyArray<Readonly<Record<string, string>>> = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "s3cret" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:s3cret@collector.test" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.test/?key=s3cret" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_EXPORTER_OTLP_HEADERS: "s3cret" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_EXPORTER_OTLP_HEADERS: "a=%0d%0as3cret" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_EXPORTER_OTLP_HEADERS: "a=%s3cret" },
  ]
  for (const environment of wrong) {
    const error = Result.getOrThrow(Result.flip(read(environment)))
    assert.match(error.message, /OTEL_EXPORTER_OTLP/u)
    assert.doesNotMatch(error.message, /s3cret/u)
  }
})
