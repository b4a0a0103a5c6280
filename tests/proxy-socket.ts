/** A proxy behind a socket before a COS in memory, and clients that write what no HTTP library would. */
import * as Effect from "effect/Effect"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import type { HttpRequest } from "../core/http.ts"
import { type KeyTime, keyTimeAt, presign, sign } from "../core/signing/mod.ts"
import { listen } from "../http/listen.ts"
import { type Answer, exchange } from "./door.ts"
import { openWorld, secretKeyOf, type WorldOptions } from "./proxy-world.ts"

export interface SocketWorld {
  readonly origin: string
  readonly port: number
  /** Writes text to a fresh connection and reads one answer; both Latin-1. */
  readonly exchange: (text: string) => Promise<Answer>
  /** Every request that reached COS, in its order. */
  readonly upstream: () => ReadonlyArray<HttpRequest>
}

export const behindSocket = <A>(options: WorldOptions, body: (world: SocketWorld) => Promise<A>): Promise<A> =>
  Effect.gen(function* () {
    const { app, upstream } = yield* openWorld(options)
    const { origin, port } = yield* listen({ app, graceMillis: 0 })
    return yield* Effect.promise(() => body({ origin, port, upstream, exchange: (text) => exchange(port, text) }))
  }).pipe(Effect.provide(layerHashes), Effect.scoped, Effect.runPromise)

type Lines = ReadonlyArray<readonly [name: string, value: string]>

/** A request as it goes over the wire, with its Content-Length where it has a body. */
export const written = (method: string, target: string, headers: Lines, body = ""): string =>
  `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}` +
  `${body === "" ? "" : `Content-Length: ${body.length}\r\n`}\r\n${body}`

/** The value of `Authorization` by a virtual key. */
export const signatureFor = (
  { key, method, target, headers, keyTime = keyTimeAt(Math.floor(Date.now() / 1000)) }: {
    readonly key: string
    readonly method: string
    readonly target: string
    readonly headers: Lines
    readonly keyTime?: KeyTime
  },
): string =>
  sign({ method, origin: "http://", target, headers, body: new Uint8Array() }, {
    secretId: key,
    secretKey: secretKeyOf(key),
    keyTime,
    hashes,
  })

/** The target of a link that a virtual key signed for a Host. */
export const linkFor = (key: string, target: string, form: "query" | "merged", host = "proxy.test"): string =>
  presign({ method: "GET", origin: `http://${host}`, target, headers: [["host", host]], body: new Uint8Array() }, {
    secretId: key,
    secretKey: secretKeyOf(key),
    keyTime: keyTimeAt(Math.floor(Date.now() / 1000)),
    hashes,
  }, { form }).target
