/** A body as bytes, for whatever takes whole bodies alone. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { TransportError } from "../core/errors.ts"
import type { Body } from "../core/ports.ts"
import { joined } from "./bytes.ts"

/** The whole body, never more than the cap; undefined for a larger one, whose rest is not read. */
export const gathered = (body: Body, maxBytes: number): Effect.Effect<Uint8Array | undefined, TransportError> => {
  if (body instanceof Uint8Array) return Effect.succeed(body.byteLength > maxBytes ? undefined : body)
  if (body.length !== undefined && body.length > maxBytes) return Effect.succeed(undefined)
  return Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let length = 0
    return body.stream.pipe(
      Stream.takeWhile((chunk) => {
        chunks.push(chunk)
        length += chunk.byteLength
        return length <= maxBytes
      }),
      Stream.runDrain,
      Effect.map(() => length > maxBytes ? undefined : joined(chunks, length)),
    )
  })
}
