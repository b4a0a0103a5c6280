/** A door before something that answers, and clients that write what no HTTP library would. */
import { strict as assert } from "node:assert"
import * as net from "node:net"
import * as Effect from "effect/Effect"
import { wire } from "../adapters/hono/wire.ts"
import { codes } from "../core/codes.ts"
import { CosError } from "../core/errors.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import type { Body, Serve } from "../core/ports.ts"
import { readError } from "../core/wire/error-document.ts"
import { listen, type Options } from "../http/listen.ts"

export const done: HttpResponse = { status: 200, headers: [["content-length", "0"]], body: new Uint8Array() }

/** Keeps what comes through. */
export const opened = (
  answer: Serve["answer"] = () => Effect.succeed(done),
  options: Partial<Options> = {},
) =>
  Effect.gen(function* () {
    const received: Array<HttpRequest<Body>> = []
    const app = yield* wire({ answer: (request) => Effect.suspend(() => (received.push(request), answer(request))) })
    const { port } = yield* listen({ app, graceMillis: 5000, ...options })
    return { port, received, exchange: (text: string) => Effect.promise(() => exchange(port, text)) }
  })

export interface Answer {
  readonly head: string
  readonly body: string
}

/** Writes text to a fresh connection and reads one answer; both Latin-1. */
export const exchange = async (port: number, text: string): Promise<Answer> => {
  const caller = call(port)
  caller.write(text)
  const answer = await caller.answer()
  caller.hangUp()
  return answer
}

export interface Caller {
  readonly socket: net.Socket
  readonly write: (text: string | Uint8Array) => void
  /** Ends the client's side. */
  readonly end: () => void
  readonly hangUp: () => void
  /** The next whole answer; what there is of it when the connection closes before. */
  readonly answer: (method?: string) => Promise<Answer>
  /** Everything, once the connection is closed. */
  readonly closed: Promise<string>
}

export const call = (port: number): Caller => {
  let read = ""
  let isClosed = false
  let wake = () => {}
  const socket = net.connect(port, "127.0.0.1")
  socket.on("data", (chunk) => {
    read += chunk.toString("latin1")
    wake()
  })
  socket.on("error", () => {})
  const closed = new Promise<string>((resolve) =>
    socket.on("close", () => {
      isClosed = true
      wake()
      resolve(read)
    })
  )
  const answer = async (method = "GET"): Promise<Answer> => {
    for (;;) {
      const end = endOf(read, method)
      if (end === undefined && !isClosed) {
        await new Promise<void>((resolve) => wake = resolve)
        continue
      }
      const at = read.indexOf("\r\n\r\n")
      const found = { head: read.slice(0, at), body: read.slice(at + 4, end) }
      read = read.slice(end ?? read.length)
      return found
    }
  }
  return {
    socket,
    write: (text) => void (typeof text === "string" ? socket.write(text, "latin1") : socket.write(text)),
    end: () => void socket.end(),
    hangUp: () => void socket.destroy(),
    answer,
    closed,
  }
}

/** Where the first answer ends; undefined while more may come. */
const endOf = (read: string, method: string): number | undefined => {
  const at = read.indexOf("\r\n\r\n")
  if (at < 0) return undefined
  const head = read.slice(0, at)
  if (method === "HEAD" || /^HTTP\/1\.1 (?:1\d\d|204)/u.test(head)) return at + 4
  const length = /\r\ncontent-length: (\d+)/iu.exec(head)?.[1]
  if (length !== undefined) return read.length >= at + 4 + Number(length) ? at + 4 + Number(length) : undefined
  const last = read.indexOf("0\r\n\r\n", at)
  return last < 0 ? undefined : last + 5
}

export const statusOf = ({ head }: Answer): number => Number(head.split(" ")[1])

/** What the door said, as a client would read it. */
export const refusalIn = ({ head, body }: Answer): CosError => {
  const headers = head.split("\r\n").slice(1)
  const error = readError({
    status: statusOf({ head, body }),
    headers: headers.map((text) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 2)]),
    body: new TextEncoder().encode(body),
  })
  assert.ok(error instanceof CosError, `not an error of COS: ${head}`)
  assert.equal(error.status, codes[error.code]!.status)
  assert.match(head, /\r\nx-cos-request-id: [A-Za-z0-9+/]+=*(\r\n|$)/iu)
  return error
}
