/** How a body is taken in, whoever keeps it: measured while it passes, and let go when it does not come whole. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { crc64 } from "../../core/crc64.ts"
import type { TransportError } from "../../core/errors.ts"
import type { Body, Hashes } from "../../core/ports.ts"
import type { NoRoom, Segment, Stored } from "./contract.ts"

/** Where one body goes. */
export interface Sink {
  /** What it cannot take, if so. The bytes are its own from then on. */
  readonly take: (bytes: Uint8Array) => NoRoom | undefined
  /** The segment of what it took, which was not empty. */
  readonly finish: () => Segment
  /** Forgets what it took. */
  readonly abandon: () => void
}

export const takeIn = (body: Body, hashes: Hashes, open: () => Sink): Effect.Effect<Stored, TransportError | NoRoom> =>
  Effect.suspend(() => {
    const sink = open()
    const measure = measuring(hashes)
    const take = (bytes: Uint8Array): Effect.Effect<void, NoRoom> => {
      if (bytes.length === 0) return Effect.void
      const refused = sink.take(bytes)
      if (refused !== undefined) return Effect.fail(refused)
      measure.update(bytes)
      return Effect.void
    }
    const taking = body instanceof Uint8Array
      ? Effect.suspend(() => take(body))
      : Stream.runForEach(body.stream, (bytes) => Effect.suspend(() => take(bytes)))
    return taking.pipe(
      Effect.map(() => measure.stored(() => sink.finish())),
      Effect.onExit((exit) => Exit.isSuccess(exit) ? Effect.void : Effect.sync(sink.abandon)),
    )
  })

const measuring = (hashes: Hashes) => {
  const md5 = hashes.md5()
  const crc = crc64()
  let size = 0
  return {
    update: (bytes: Uint8Array) => {
      md5.update(bytes)
      crc.update(bytes)
      size += bytes.length
    },
    stored: (segment: () => Segment): Stored => ({
      segments: size === 0 ? [] : [segment()],
      size,
      md5: md5.hex(),
      crc64: crc.digest(),
    }),
  }
}

/** A slice of a shared buffer would keep all of it. */
export const own = (bytes: Uint8Array): Uint8Array => bytes.buffer.byteLength > 2 * bytes.length ? bytes.slice() : bytes
