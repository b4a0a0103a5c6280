/** An answer on its way out through `node:http`. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import { header, type HttpResponse } from "../../core/http.ts"
import type { Body, Streamed } from "../../core/ports.ts"
import { within } from "../deadline.ts"

/**
 * Sends an answer. When it ends early, by a failure or an interruption of its stream, so does the connection: the client
 * must not take what it got for the whole.
 */
export const depart = (outgoing: ServerResponse, response: HttpResponse<Body>): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (outgoing.destroyed || outgoing.headersSent) return Effect.void
    const { status, body } = response
    const length = lengthOf(response)
    const head: Array<string> = []
    for (const [name, value] of response.headers) head.push(name, value)
    const hasBody = !isBodiless(status)
    if (hasBody && length !== undefined && header(response.headers, "content-length") === undefined) {
      head.push("Content-Length", String(length))
    }
    outgoing.writeHead(status, head)
    if (!hasBody || outgoing.req.method === "HEAD") return Effect.sync(() => void outgoing.end())
    if (body instanceof Uint8Array) {
      outgoing.end(body)
      // Nearly all of them are gone by now
      return outgoing.writableFinished ? Effect.void : closed(outgoing)
    }
    outgoing.flushHeaders()
    return streamed(outgoing, body, length)
  })

/** Breaks the connection, whatever was sent on it. */
export const breakConnection = (outgoing: ServerResponse): void => void outgoing.socket?.destroy()

/** How long a client may leave an answer untaken. */
const untakenMillis = 120_000

const isBodiless = (status: number): boolean => status < 200 || status === 204 || status === 304

const lengthOf = ({ body, headers }: HttpResponse<Body>): number | undefined => {
  if (body instanceof Uint8Array) return body.byteLength
  if (body.length !== undefined) return body.length
  const told = header(headers, "content-length")
  return told === undefined ? undefined : Number(told)
}

const streamed = (
  outgoing: ServerResponse,
  { stream }: Streamed,
  length: number | undefined,
): Effect.Effect<void> => {
  let sent = 0
  return stream.pipe(
    Stream.runForEach((chunk) => {
      // Whatever follows the announced length would be read as the next answer
      const piece = length === undefined ? chunk : chunk.subarray(0, length - sent)
      sent += piece.byteLength
      return piece.byteLength === 0 || outgoing.write(piece) ? Effect.void : taken(outgoing)
    }),
    Effect.matchCauseEffect({
      onFailure: () => Effect.sync(() => breakConnection(outgoing)),
      onSuccess: () =>
        Effect.sync(() => length === undefined || sent === length ? void outgoing.end() : breakConnection(outgoing)),
    }),
  )
}

/** The client has taken the whole of an answer; one that does not is left. */
const closed = (outgoing: ServerResponse): Effect.Effect<void> =>
  within(
    Effect.callback<void>((resume) => {
      const done = () => resume(Effect.void)
      for (const event of ["finish", "close"]) outgoing.once(event, done)
      return Effect.sync(() => {
        for (const event of ["finish", "close"]) outgoing.off(event, done)
      })
    }),
    untakenMillis,
    () => Effect.sync(() => breakConnection(outgoing)),
  )

/** The client has taken what was written, or has gone. */
const taken = (outgoing: ServerResponse): Effect.Effect<void, unknown> =>
  Effect.callback<void>((resume) => {
    const forget = () => {
      outgoing.off("drain", done)
      outgoing.off("close", done)
    }
    const done = () => {
      forget()
      resume(Effect.void)
    }
    outgoing.on("drain", done)
    outgoing.on("close", done)
    return Effect.sync(forget)
  }).pipe(Effect.timeout(untakenMillis))
