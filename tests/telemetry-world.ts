/** A proxy whose lines, numbers and spans are kept, before a COS in memory. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Tracer from "effect/Tracer"
import { credential } from "../adapters/credentials/fixed.ts"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { Watch } from "../adapters/hono/watch.ts"
import type { App } from "../adapters/hono/wire.ts"
import { demoKey, demoOptions, open, transportOf } from "../adapters/memory/mod.ts"
import type { FetchKeys } from "../adapters/policy/jwt.ts"
import { type ProxyLog, proxyLog } from "../adapters/proxy/log.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import type { HttpRequest } from "../core/http.ts"
import { readPolicy } from "../core/policy/mod.ts"
import { type Send, Transport } from "../core/ports.ts"
import { type Answer, type Asking, policyForm, proxySecret, requestOf } from "./proxy-world.ts"

export interface Observed {
  readonly app: App
  readonly watch: Watch
  readonly ask: (method: string, target: string, asking?: Asking) => Promise<Answer>
  readonly upstream: ReadonlyArray<HttpRequest>
  readonly lines: ReadonlyArray<string>
  readonly audit: ReadonlyArray<string>
  readonly defects: ReadonlyArray<string>
  readonly spans: ReadonlyArray<Tracer.NativeSpan>
}

export interface ObservedOptions {
  readonly policy?: unknown
  readonly form?: ProxyLog["form"]
  readonly isTraced?: boolean
  readonly audit?: (line: string) => unknown
  readonly fetchKeys?: FetchKeys
  /** Between the proxy and COS. */
  readonly between?: (inner: Send) => Send
}

export const observed = (
  { policy = { ...policyForm, metrics: "open" }, form = "json", isTraced = false, audit, fetchKeys, between }:
    ObservedOptions = {},
) =>
  Effect.gen(function* () {
    const cos = transportOf(yield* open({ ...demoOptions(), keys: [demoKey] }))
    const upstream: Array<HttpRequest> = []
    const lines: Array<string> = []
    const audited: Array<string> = []
    const defects: Array<string> = []
    const spans: Array<Tracer.NativeSpan> = []
    const inner = between === undefined ? cos : between(cos)
    const base = Layer.succeed(Transport, {
      send: (request) => Effect.suspend(() => (upstream.push(request), inner.send(request))),
    })
    const watch: Watch = {
      onRequest: proxyLog({ write: (line) => lines.push(line), form }),
      onDefect: (text) => defects.push(text),
    }
    const read = Result.getOrThrow(readPolicy(policy))
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      },
    })
    const app = yield* openProxy({
      policy: () => read,
      hashes,
      audit: audit ?? ((line) => audited.push(line)),
      credentials: [Effect.succeed(credential(demoKey.secretId, demoKey.secretKey))],
      secret: Redacted.make(proxySecret),
      ...(fetchKeys === undefined ? {} : { fetchKeys }),
      base,
    }).pipe(
      Effect.provideService(Watch, watch),
      isTraced ? Effect.withTracer(tracer) : (opening) => opening,
    )
    const ask: Observed["ask"] = async (method, target, asking = {}) => {
      const response = await app.fetch(requestOf(method, target, asking))
      return { status: response.status, headers: response.headers, text: await response.text() }
    }
    return { app, watch, ask, upstream, lines, audit: audited, defects, spans } satisfies Observed
  }).pipe(Effect.provide(layerHashes))

export const observing = <A>(options: ObservedOptions, body: (world: Observed) => Promise<A>): Promise<A> =>
  observed(options).pipe(Effect.flatMap((world) => Effect.promise(() => body(world))), Effect.scoped, Effect.runPromise)

/** A rule that the writer of `policyForm` may put. */
export const ruleXml = (id: string, isEnabled = true): string =>
  `<InventoryConfiguration><Id>${id}</Id><IsEnabled>${isEnabled}</IsEnabled><Destination><COSBucketDestination>` +
  "<Format>CSV</Format><Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket><Prefix>ci/reports</Prefix>" +
  "</COSBucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule>" +
  "<IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>"
