/** The body of a request as `node:http` brings it in: whole where it is small, else a stream read as fast as it is used. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { IncomingMessage, ServerResponse } from "node:http"
import { TransportError } from "../../core/errors.ts"
import { noBody } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Body } from "../../core/ports.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import { joined } from "../bytes.ts"
import { within } from "../deadline.ts"
import { unannounced } from "../unannounced.ts"
import { incompleteBody } from "../answer.ts"
import { malformedRequest, requestTimeout } from "./refusal.ts"

/** What kept a body from coming in whole. */
export type Fault = "cut" | "malformed" | "timeout"

export const faultRefusals: Readonly<Record<Fault, Refusal>> = {
  cut: incompleteBody,
  malformed: malformedRequest,
  timeout: requestTimeout,
}

/** How long a body may stand still; one that moves may take as long as it likes. */
export const stillMillis = 30_000

/**
 * A small body has come in whole; of one that did not, what did come is a stream that then fails, so that whoever
 * answers may still refuse the request for another reason. A lazy one is a stream, however small: nothing is awaited of
 * it until it is read.
 */
export const arrivalOf = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isLazy = false,
): Effect.Effect<Body> => {
  const announced = incoming.headers["content-length"]
  const length = announced === undefined ? undefined : Number(announced)
  if (length === 0) return Effect.succeed(noBody)
  if (length === undefined && incoming.headers["transfer-encoding"] === undefined) return Effect.succeed(unannounced)
  const arriving = begin(incoming, outgoing)
  return isLazy || length === undefined || length > maxDocumentBytes
    ? Effect.succeed({ ...(length === undefined ? {} : { length }), stream: streamOf(arriving, length) })
    : wholeOf(arriving, length)
}

/** Ends a body that cannot come in whole. Its connection is left as it is, since it may still take an answer. */
export const breakOff = (incoming: IncomingMessage, fault: Fault): void => {
  if (faults.has(incoming)) return
  faults.set(incoming, fault)
  wakes.get(incoming)?.()
}
const faults = new WeakMap<IncomingMessage, Fault>()
const wakes = new WeakMap<IncomingMessage, () => void>()

export const faultOf = (incoming: IncomingMessage): Fault | undefined => faults.get(incoming)

/** The client waits to be told that it may send the body, which it is when somebody reads it. */
export const expectContinue = (incoming: IncomingMessage): void => void expecting.add(incoming)
const expecting = new WeakSet<IncomingMessage>()

/** No further request can be read after this one, whose body is not whole or was never asked for. */
export const isLast = (incoming: IncomingMessage): boolean => faults.has(incoming) || expecting.has(incoming)

/**
 * Takes in what nobody read of a body and forgets it: a client that is still sending would lose the answer with the
 * connection (RFC 9112, 9.6).
 */
export const forget = (incoming: IncomingMessage): void => {
  const { socket } = incoming
  if (incoming.complete && incoming.readableEnded) return
  if (isLast(incoming)) return
  incoming.removeAllListeners("readable")
  const end = setTimeout(() => socket.destroy(), lingerMillis)
  end.unref()
  for (const event of ["end", "close"]) incoming.once(event, () => clearTimeout(end))
  incoming.resume()
}
const lingerMillis = 30_000

interface Arriving {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** Something happened since it was last looked at. */
  stirred: boolean
  isRead: boolean
  wake: () => void
}

const begin = (incoming: IncomingMessage, outgoing: ServerResponse): Arriving => {
  const arriving: Arriving = { incoming, outgoing, stirred: false, isRead: false, wake: () => {} }
  wakes.set(incoming, () => stir(arriving))
  return arriving
}

const stir = (arriving: Arriving): void => {
  arriving.stirred = true
  arriving.wake()
}

const streamOf = (arriving: Arriving, length = Infinity): Stream.Stream<Uint8Array, TransportError> =>
  Stream.suspend(() => {
    let at = 0
    return Stream.fromPull(Effect.succeed(Effect.suspend(() => {
      if (at >= length) return finished(arriving)
      return Effect.flatMap(next(arriving), (chunk) => {
        if (chunk === undefined) return Cause.done()
        at += chunk.byteLength
        return Effect.succeed([chunk] as const)
      })
    })))
  })

const finished = ({ incoming }: Arriving) => {
  letEnd(incoming)
  return Cause.done()
}

/** A body whose last byte was read ends only when it is read once more; until then nobody hears of what follows it. */
const letEnd = (incoming: IncomingMessage): void => {
  incoming.removeAllListeners("readable")
  incoming.resume()
}

const wholeOf = (arriving: Arriving, length: number): Effect.Effect<Body> => {
  const chunks: Array<Uint8Array> = []
  let at = 0
  const rest: Effect.Effect<Body, TransportError> = Effect.suspend(() => {
    if (at >= length) {
      letEnd(arriving.incoming)
      return Effect.succeed(owned(chunks, length))
    }
    return Effect.flatMap(next(arriving), (chunk) => {
      if (chunk === undefined) return Effect.fail(errorOf(arriving.incoming, "cut"))
      chunks.push(chunk)
      at += chunk.byteLength
      return rest
    })
  })
  return Effect.catch(
    rest,
    (error) => Effect.succeed({ length, stream: Stream.concat(Stream.fromIterable(chunks), Stream.fail(error)) }),
  )
}

/** A chunk is a piece of a larger buffer of the runtime's, which whoever keeps the body would keep with it. */
const owned = (chunks: ReadonlyArray<Uint8Array>, length: number): Uint8Array =>
  chunks.length === 1 ? new Uint8Array(chunks[0]!) : joined(chunks, length)

/** The next piece; undefined at the end. */
const next = (arriving: Arriving): Effect.Effect<Uint8Array | undefined, TransportError> =>
  Effect.suspend(() => {
    const { incoming } = arriving
    if (!arriving.isRead) open(arriving)
    arriving.stirred = false
    const chunk: Uint8Array | null = incoming.read()
    if (chunk !== null) return Effect.succeed(chunk)
    if (incoming.readableEnded && incoming.complete) return Effect.succeed(undefined)
    const fault = faults.get(incoming) ?? (incoming.readableEnded || incoming.destroyed ? "cut" : undefined)
    if (fault !== undefined) return Effect.fail(errorOf(incoming, fault))
    return Effect.flatMap(stirred(arriving), () => next(arriving))
  })

const open = (arriving: Arriving): void => {
  const { incoming, outgoing } = arriving
  arriving.isRead = true
  for (const event of ["readable", "end", "close", "error"]) incoming.on(event, () => stir(arriving))
  if (expecting.delete(incoming)) outgoing.writeContinue()
}

const stirred = (arriving: Arriving): Effect.Effect<void, TransportError> =>
  within(
    Effect.callback<void>((resume) => {
      if (arriving.stirred) return resume(Effect.void)
      arriving.wake = () => resume(Effect.void)
      return Effect.sync(() => arriving.wake = () => {})
    }),
    stillMillis,
    () => Effect.fail(errorOf(arriving.incoming, "timeout")),
  )

/** The fault is kept, so that the door knows it whatever becomes of the error. */
const errorOf = (incoming: IncomingMessage, fault: Fault): TransportError => {
  breakOff(incoming, fault)
  return new TransportError({
    kind: fault === "timeout" ? "timeout" : "cut",
    sent: "maybe",
    host: incoming.headers.host ?? "",
    detail: faultRefusals[fault].message,
  })
}
