/** The ports: what the core needs from the world. Adapters provide them; nothing here is an implementation. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { ConfigError, TransportError } from "./errors.ts"
import type { HttpRequest, HttpResponse } from "./http.ts"

/** Sends one request and brings its answer. Every decorator (retry, signing, dry run) is a Transport over a Transport. */
export interface Send {
  readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, TransportError | ConfigError>
}
export class Transport extends Context.Service<Transport, Send>()("cos-inventory/core/ports/Transport") {}

/** A body that is never held whole. */
export interface Streamed {
  /** In bytes, where the sender announced it. */
  readonly length?: number
  readonly stream: Stream.Stream<Uint8Array, TransportError>
}
/** The body of an object on its way in or out: whole where it is small, a stream where it may not be. */
export type Body = Uint8Array | Streamed

/** What answers requests: the other side of a Transport. A TransportError is a connection that breaks without an answer. */
export interface Serve {
  readonly answer: (request: HttpRequest<Body>) => Effect.Effect<HttpResponse<Body>, TransportError>
}

/** One COS key pair, with the session token that temporary keys come with. */
export interface Credential {
  readonly secretId: string
  readonly secretKey: Redacted.Redacted<string>
  readonly sessionToken?: Redacted.Redacted<string>
}
/** A service whose value is an effect, so that fixed, refreshed and expiring keys share one port. */
export class Credentials extends Context.Service<Credentials, Effect.Effect<Credential, ConfigError>>()(
  "cos-inventory/core/ports/Credentials",
) {}

/** A digest of bytes that come in pieces. */
export interface Digest {
  readonly update: (bytes: Uint8Array) => void
  /** Lower-case hex; the digest cannot be used after it. */
  readonly hex: () => string
}

/** The three digests COS needs, synchronous. Text is taken as UTF-8. */
export interface Hashes {
  /** Lower-case hex. */
  readonly sha1Hex: (text: string) => string
  /** Lower-case hex; the key is text, because COS keys the second HMAC with the hex form of the first. */
  readonly hmacSha1Hex: (key: string, text: string) => string
  readonly md5Base64: (bytes: Uint8Array) => string
  /** For bodies that are never held whole. */
  readonly md5: () => Digest
}
export class Hashing extends Context.Service<Hashing, Hashes>()("cos-inventory/core/ports/Hashing") {}
