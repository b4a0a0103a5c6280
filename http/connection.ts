/** One connection: the requests that wait on it in their order, and what it is told when what comes is none. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type * as net from "node:net"
import type { Duplex } from "node:stream"
import { breakOff } from "../adapters/hono/arrival.ts"
import { closing, doorRefusal, largeHead, malformedRequest, requestTimeout } from "../adapters/hono/refusal.ts"
import type { Telling } from "../adapters/record.ts"
import type { Refusal } from "../core/signing/mod.ts"

export interface Connection {
  /** The requests that came and are not answered yet, in their order; the first of them is being answered. */
  readonly waiting: Array<() => void>
  /** The answer to the first of them. */
  answering?: ServerResponse
  /** The one that came last, whose body may still be coming in. */
  latest?: IncomingMessage
  /** What followed the last request and was none. */
  refusal?: Refusal
  /** Answers in place of the app, and tells those who watch. */
  readonly refuse: (socket: Duplex, refusal: Refusal, incoming?: IncomingMessage) => void
}

/** Where nothing was said yet, the client is told that nothing more will be. */
export const giveUp = ({ answering, waiting }: Connection, socket: Duplex): void => {
  waiting.length = Math.min(waiting.length, 1)
  if (answering === undefined || answering.headersSent) return void socket.destroy()
  const { status, headers, body } = doorRefusal(closing)
  answering.writeHead(status, [...headers.flat(), "Connection", "close"])
  answering.end(body)
}

/** One request of a connection at a time: a client that sends the next one early still means it to come after. */
export const enqueue = (socket: Duplex, connection: Connection, answer: () => void): void => {
  if (connection.waiting.length >= maxWaiting) return void socket.destroy()
  connection.waiting.push(answer)
  if (connection.waiting.length === 1) answer()
}
const maxWaiting = 1000

export const dequeue = (socket: Duplex, connection: Connection): void => {
  const { waiting, refusal, refuse } = connection
  waiting.shift()
  delete connection.answering
  if (waiting[0] !== undefined) return waiting[0]()
  if (refusal !== undefined) refuse(socket, refusal)
}

/** What is not HTTP never becomes a request; what came before it is answered first. */
export const fail = (connection: Connection, socket: Duplex, code: string | undefined): void => {
  // What follows a refused request is no request either
  if (refused.has(socket)) return
  if (!socket.writable) return void socket.destroy()
  const body = arriving(connection)
  if (body !== undefined) breakOff(body, code === endedEarly ? "cut" : "malformed")
  if (connection.waiting.length > 0) {
    if (body === undefined) connection.refusal = refusalOf(code)
  } else if (body === undefined) connection.refuse(socket, refusalOf(code))
  else socket.end()
}

/** Deno 2.9.6 tells of no error when a client ends its side in the middle of a request. */
export const endOf = (connection: Connection, socket: net.Socket): void => {
  const isHeadless = connection.latest === undefined && socket.bytesRead > 0
  if (isHeadless || arriving(connection) !== undefined) fail(connection, socket, endedEarly)
}

const endedEarly = "HPE_INVALID_EOF_STATE"

const arriving = ({ latest }: Connection): IncomingMessage | undefined =>
  latest?.complete === false ? latest : undefined

const refusalOf = (code: string | undefined): Refusal =>
  code === "ERR_HTTP_REQUEST_TIMEOUT" ? requestTimeout : code === "HPE_HEADER_OVERFLOW" ? largeHead : malformedRequest

/** Answers on a connection that no request can be read from any more. */
export const refusedOn = (socket: Duplex, response: Telling<Uint8Array>): Telling<Uint8Array> => {
  refused.add(socket)
  const { status, headers, body } = response
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "Connection: close",
  ]
  socket.end(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]))
  // Closing at once would reset the connection of a client that is still sending, and lose the answer
  setTimeout(() => socket.destroy(), lingerMillis).unref()
  return response
}
const refused = new WeakSet<Duplex>()
const lingerMillis = 2_000
