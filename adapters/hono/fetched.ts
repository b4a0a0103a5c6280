/** The body of a request that came as a `Request`, where there is no socket. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { TransportError } from "../../core/errors.ts"
import { header, type HttpRequest, noBody } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Body } from "../../core/ports.ts"
import { readClaim } from "../../core/signing/mod.ts"
import { joined } from "../bytes.ts"

/**
 * A Request seldom says how long its body is, so a small one is told by reading it: its length then stands where a
 * signature may have covered it. A lazy one is a stream, however small: nothing is awaited of it until it is read.
 */
export const fetchedBody = (request: Request, isLazy = false): Effect.Effect<Body, TransportError> => {
  const { body } = request
  if (body === null) return Effect.succeed(noBody)
  const cut = (cause: unknown) =>
    new TransportError({
      kind: "cut",
      sent: "maybe",
      host: new URL(request.url).host,
      detail: cause instanceof Error ? cause.message : "The body of the request ended early",
    })
  const announced = request.headers.get("content-length")
  const length = announced === null ? {} : { length: Number(announced) }
  const stream = Stream.fromReadableStream({ evaluate: () => body, onError: cut })
  if (isLazy) return Effect.succeed(announced === "0" ? noBody : { ...length, stream })
  return Effect.tryPromise({
    try: async (signal) => {
      const reader = body.getReader()
      signal.addEventListener("abort", () => void reader.cancel().catch(ignore))
      const chunks: Array<Uint8Array> = []
      let at = 0
      while (at <= maxDocumentBytes) {
        const { done, value } = await reader.read()
        if (done) return joined(chunks, at)
        chunks.push(value)
        at += value.byteLength
      }
      reader.releaseLock()
      return { ...length, stream: Stream.concat(Stream.fromIterable(chunks), stream) }
    },
    catch: cut,
  })
}

/** Whether a signature covers a length that no header tells: nobody knows who asks before the body is there. */
export const needsLength = (asked: Omit<HttpRequest, "body">): boolean => {
  if (asked.method !== "PUT" && asked.method !== "POST") return false
  if (header(asked.headers, "content-length") !== undefined) return false
  const claim = readClaim({ ...asked, body: {} })
  return Result.isSuccess(claim) &&
    claim.success.fields["q-header-list"].toLowerCase().split(";").includes("content-length")
}

/** Tells whoever sends the body that nobody reads the rest of it. */
export const abandon = ({ body }: Request): void => {
  if (body !== null && !body.locked) void body.cancel().catch(ignore)
}

const ignore = () => {}
