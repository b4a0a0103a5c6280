/** `fetch` as the Transport, alike on Bun, Deno, Node and Workers. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TransportError } from "../core/errors.ts"
import { header, type Headers as HeaderList, hostOf, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { maxListBytes, requestTimeoutSeconds } from "../core/limits.ts"
import { type Send, Transport } from "../core/ports.ts"
import { joined } from "./bytes.ts"
import { failureOf } from "./failure.ts"
import { unsendable } from "./unsendable.ts"

export interface Options {
  /** For the whole answer, its body included; `requestTimeoutSeconds` unless told. Infinite where the caller has its own. */
  readonly timeout?: Duration.Input
  /** The greatest body taken; that of the largest LIST unless told. */
  readonly maxBytes?: number
  readonly fetch?: typeof fetch
}

/**
 * Sends what was signed, byte for byte, or refuses to send.
 *
 * **Details**
 *
 * Redirects are answers, never followed: a signature is good for one host only. Interruption and time-out abort the
 * request. `Host`, `Content-Length` and `Accept-Encoding` are left to the runtime, which sends what {@link unsendable}
 * has checked. A compressed answer comes back plain, without the headers that told of its compression.
 */
export const layer = (options: Options = {}): Layer.Layer<Transport> => Layer.succeed(Transport, make(options))

export const make = (options: Options = {}): Send => {
  const timeout = Duration.fromInputUnsafe(options.timeout ?? Duration.seconds(requestTimeoutSeconds))
  const maxBytes = options.maxBytes ?? maxListBytes
  return {
    send: (request) => {
      const host = hostOf(request)
      const reason = unsendable(request)
      if (reason !== undefined) {
        return Effect.fail(new TransportError({ kind: "other", sent: "no", host: hostName(request), detail: reason }))
      }
      // Looked up at each call, so that a `fetch` replaced later, as by a test or an instrumentation, is the one used.
      const run = options.fetch ?? globalThis.fetch
      const exchanged = Effect.tryPromise({
        try: (signal) => exchange(run, request, signal, maxBytes),
        catch: (cause) => cause instanceof TransportError ? cause : failureOf(cause, "head", host),
      })
      // A race with a clock that never rings would still cost two fibers
      return Duration.isFinite(timeout)
        ? exchanged.pipe(Effect.timeoutOrElse({
          duration: timeout,
          orElse: () =>
            Effect.fail(
              new TransportError({
                kind: "timeout",
                sent: "maybe",
                host,
                detail: `No whole answer within ${Duration.format(timeout)}`,
              }),
            ),
        }))
        : exchanged
    },
  }
}

const exchange = async (
  run: typeof fetch,
  request: HttpRequest,
  signal: AbortSignal,
  maxBytes: number,
): Promise<HttpResponse> => {
  const host = hostOf(request)
  const answer = await run(request.origin + request.target, {
    method: request.method,
    headers: headersFor(request),
    body: request.body.length === 0 ? null : Uint8Array.from(request.body),
    redirect: "manual",
    signal,
  })
  // Deno hands out 101, which no request of ours asks for; a 1xx is not yet an answer.
  if (answer.status < 200) {
    await answer.body?.cancel()
    throw new TransportError({ kind: "other", sent: "maybe", host, detail: `Status ${answer.status} is no answer` })
  }
  const body = await bodyOf(answer, request.method, host, maxBytes)
  return { status: answer.status, headers: headersOf(answer), body }
}

/**
 * `host` and `content-length` would be ignored, refused, or, on Bun, sent beside the true ones. Deno stops decoding
 * compressed answers, and Bun and Node do not, as soon as `accept-encoding` is set by hand.
 */
const ownedByRuntime = new Set(["host", "content-length", "accept-encoding"])

const headersFor = (request: HttpRequest): Headers => {
  const headers = new Headers()
  for (const [name, value] of request.headers) {
    if (!ownedByRuntime.has(name.toLowerCase())) headers.append(name, value)
  }
  return headers
}

/** Every runtime asks for and decodes these by itself, and leaves the headers of the encoded form. */
const decodedByRuntime = /^(?:x-)?gzip$|^br$/iu

const headersOf = (answer: Response): HeaderList => {
  const headers = [...answer.headers]
  return decodedByRuntime.test(header(headers, "content-encoding")?.trim() ?? "")
    ? headers.filter(([name]) => name !== "content-encoding" && name !== "content-length")
    : headers
}

const bodyOf = async (answer: Response, method: string, host: string, maxBytes: number): Promise<Uint8Array> => {
  const tooLarge = () =>
    new TransportError({ kind: "too-large", sent: "maybe", host, detail: `The answer has more than ${maxBytes} bytes` })
  const announced = method === "HEAD" || answer.body === null ? undefined : announcedLength(answer)
  if (announced !== undefined && announced > maxBytes) {
    await answer.body?.cancel()
    throw tooLarge()
  }
  const chunks: Array<Uint8Array> = []
  let length = 0
  const reader = answer.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch((cause) => {
      throw failureOf(cause, "body", host, length)
    })
    if (done) break
    length += value.length
    if (length > maxBytes) {
      await reader.cancel()
      throw tooLarge()
    }
    chunks.push(value)
  }
  if (announced !== undefined && length !== announced) {
    const detail = `The answer ended after ${length} of ${announced} bytes`
    throw new TransportError({ kind: "cut", sent: "maybe", host, detail })
  }
  return joined(chunks, length)
}

/** Of an encoded body the length announced is that of the encoded form, which nobody sees here. */
const announcedLength = (answer: Response): number | undefined => {
  const length = answer.headers.get("content-length")
  const plain = /^(?:identity)?$/iu.test(answer.headers.get("content-encoding")?.trim() ?? "")
  return plain && length !== null && /^\d+$/u.test(length) ? Number(length) : undefined
}

/** An origin refused may hold a password before its `@`, and anything after its host. */
const hostName = (request: HttpRequest): string =>
  /^[a-z]+:\/\/(?:[^/@]*@)*([^/?#@]*)/iu.exec(request.origin)?.[1] ?? "an origin that is no URL"
