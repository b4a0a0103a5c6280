/** The body of a request that came as a `Request`, where there is no socket. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { TransportError } from "../../core/errors.ts"
import { noBody } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Body } from "../../core/ports.ts"
import { joined } from "../bytes.ts"

/**
 * A Request seldom says how long its body is, so a small one is told by reading it: its length then stands where a
 * signature may have covered it.
 */
export const fetchedBody = (request: Request): Effect.Effect<Body, TransportError> => {
  const { body } = request
  if (body === null) return Effect.succeed(noBody)
  const cut = (cause: unknown) =>
    new TransportError({
      kind: "cut",
      sent: "maybe",
      host: new URL(request.url).host,
      detail: cause instanceof Error ? cause.message : "The body of the request ended early",
    })
  return Effect.tryPromise({
    try: async (signal) => {
      const reader = body.getReader()
      signal.addEventListener("abort", () => void reader.cancel().catch(ignore))
      const chunks: Array<Uint8Array> = []
      let length = 0
      while (length <= maxDocumentBytes) {
        const { done, value } = await reader.read()
        if (done) return joined(chunks, length)
        chunks.push(value)
        length += value.byteLength
      }
      reader.releaseLock()
      const announced = request.headers.get("content-length")
      return {
        ...(announced === null ? {} : { length: Number(announced) }),
        stream: Stream.concat(
          Stream.fromIterable(chunks),
          Stream.fromReadableStream({ evaluate: () => body, onError: cut }),
        ),
      }
    },
    catch: cut,
  })
}

/** Tells whoever sends the body that nobody reads the rest of it. */
export const abandon = ({ body }: Request): void => {
  if (body !== null && !body.locked) void body.cancel().catch(ignore)
}

const ignore = () => {}
