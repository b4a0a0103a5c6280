/** A proxy in process before a COS in memory: what is asked of the one, and what reaches the other. */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { credential } from "../adapters/credentials/fixed.ts"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoBucket, demoKey, demoOptions, open, type Options, transportOf } from "../adapters/memory/mod.ts"
import * as Issuing from "../adapters/policy/issuing.ts"
import type { FetchKeys } from "../adapters/policy/jwt.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import { readPolicy } from "../core/policy/mod.ts"
import { Transport } from "../core/ports.ts"
import { keyTimeAt, sign } from "../core/signing/mod.ts"

export const bucket = demoBucket.name
export const proxySecret = "a secret of these tests, long enough"
export const hashOf = (token: string): string => `sha256:${createHash("sha256").update(token).digest("hex")}`

/** Who asks, in every test that does not say otherwise. */
export const policyForm = {
  version: 1,
  buckets: [`${demoBucket.name}@${demoBucket.region}`],
  principals: [
    { name: "reader", tokens: [hashOf("reader-token")], keys: ["AKIDreader"], grants: [{ buckets: ["*"] }] },
    {
      name: "writer",
      tokens: [hashOf("writer-token")],
      keys: ["AKIDwriter"],
      grants: [{
        buckets: [demoBucket.name],
        operations: ["get", "list", "put", "delete", "run"],
        ids: ["ci-*"],
        destinations: [`${demoBucket.name}/ci/*`],
      }],
      limits: { runsPerDay: 2 },
    },
  ],
} as const

/** For tests that ask more often than anybody may. */
export const often = { requestsPerSecond: 10_000, burst: 100_000 } as const

export interface World {
  readonly ask: (method: string, target: string, asking: Asking) => Promise<Answer>
  /** Every request that reached COS, in its order. */
  readonly upstream: () => ReadonlyArray<HttpRequest>
  /** The lines of the audit log. */
  readonly audit: () => ReadonlyArray<string>
}

export interface Asking {
  readonly token?: string
  /** Secret id of a virtual key to sign with. */
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface WorldOptions {
  readonly policy?: unknown
  /** Answers for the issuers of JSON Web Tokens. */
  readonly fetchKeys?: FetchKeys
  /** What COS answers in place of the one in memory, where it is not undefined. */
  readonly cos?: (request: HttpRequest) => HttpResponse | undefined
  /** Beside the demo's. */
  readonly buckets?: Options["buckets"]
}

/** The proxy as an app, and what reaches COS through it. */
export const openWorld = (
  { policy = policyForm, fetchKeys, cos: stub = () => undefined, buckets = [] }: WorldOptions,
) =>
  Effect.gen(function* () {
    const demo = demoOptions()
    const cos = yield* open({ ...demo, buckets: [...demo.buckets, ...buckets], keys: [demoKey] })
    const sent: Array<HttpRequest> = []
    const audit: Array<string> = []
    const inner = transportOf(cos)
    const base = Layer.succeed(Transport, {
      send: (request) => {
        sent.push(request)
        const stubbed = stub(request)
        return stubbed === undefined ? inner.send(request) : Effect.succeed(stubbed)
      },
    })
    const read = Result.getOrThrow(readPolicy(policy))
    const app = yield* openProxy({
      policy: () => read,
      hashes,
      audit: (line) => audit.push(line),
      credentials: [Effect.succeed(credential(demoKey.secretId, demoKey.secretKey))],
      secret: Redacted.make(proxySecret),
      ...(fetchKeys === undefined ? {} : { fetchKeys }),
      base,
    }).pipe(Effect.provide(Logger.layer([])))
    return { app, cos, upstream: () => sent, audit: () => audit }
  })

export const proxied = <A>(options: WorldOptions, body: (world: World) => Promise<A>) =>
  Effect.gen(function* () {
    const { app, upstream, audit } = yield* openWorld(options)
    const ask: World["ask"] = async (method, target, asking) => {
      const response = await app.fetch(requestOf(method, target, asking))
      return { status: response.status, headers: response.headers, text: await response.text() }
    }
    return yield* Effect.promise(() => body({ ask, upstream, audit }))
  }).pipe(Effect.provide(layerHashes), Effect.scoped, Effect.runPromise)

/** The secret key that the proxy gives out with a secret id. */
export const secretKeyOf = (secretId: string): string => Issuing.make(Redacted.make(proxySecret)).secretKeyOf(secretId)

export const requestOf = (method: string, target: string, { token, key, headers = {}, body }: Asking): Request => {
  const origin = "http://proxy.test"
  const own = new Headers({ host: "proxy.test", ...headers })
  if (token !== undefined) own.set("authorization", `Bearer ${token}`)
  // A signature covers a body by its MD5
  if (key !== undefined && body !== undefined && !own.has("content-md5")) {
    own.set("content-md5", hashes.md5Base64(typeof body === "string" ? new TextEncoder().encode(body) : body))
  }
  if (key !== undefined) own.set("authorization", signatureOf(method, target, [...own], body, key))
  return new Request(origin + target, { method, headers: own, ...(body === undefined ? {} : { body }) })
}

const signatureOf = (
  method: string,
  target: string,
  headers: ReadonlyArray<readonly [string, string]>,
  body: Asking["body"],
  secretId: string,
): string =>
  sign({
    method,
    origin: "http://proxy.test",
    target,
    headers,
    body: typeof body === "object" ? body : new TextEncoder().encode(body),
  }, {
    secretId,
    secretKey: secretKeyOf(secretId),
    keyTime: keyTimeAt(Math.floor(Date.now() / 1000)),
    hashes,
  })
