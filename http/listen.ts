/** The one place with a socket: an app behind `node:http`, alike on Bun, Deno and Node. */
import { getRequestListener } from "@hono/node-server"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type * as net from "node:net"
import type { Duplex } from "node:stream"
import { methodNotAllowed } from "../adapters/answer.ts"
import { expectContinue } from "../adapters/hono/arrival.ts"
import { doorRefusal, malformedRequest } from "../adapters/hono/refusal.ts"
import { allowsHalfOpen } from "../adapters/hono/leaving.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { type Bindings, responseOf } from "../adapters/hono/wire.ts"
import { answerOf, type Recorded, seenOf, type Telling } from "../adapters/record.ts"
import { type Connection, dequeue, endOf, enqueue, fail, giveUp, refusedOn } from "./connection.ts"

export interface Options {
  readonly app: { readonly fetch: (request: Request, env: Bindings) => Response | Promise<Response> }
  /** Loopback unless told. */
  readonly host?: string
  /** 0, or absent, for any free one. */
  readonly port?: number
  /** How long requests that are under way may take to end when the door closes. */
  readonly graceMillis?: number
  /** How long the line and the headers of a request may take to come in. */
  readonly headMillis?: number
  /** How long a connection may be idle before it is closed; whoever keeps some for reuse must close them earlier. */
  readonly keepAliveMillis?: number
  /** Connections at one time; what is beyond them is closed at once. */
  readonly maxConnections?: number
  /** Makes the `x-request-id` of what is refused before the app sees it, where the app gives its answers one. */
  readonly newCallId?: () => string
}

export interface Listening {
  readonly host: string
  readonly port: number
  readonly origin: string
}

/** The port is taken, or may not be opened. */
export class ListenError extends Data.TaggedError("ListenError")<{
  readonly host: string
  readonly port: number
  readonly problem: string
  readonly fix: string
}> {
  override get message(): string {
    return `Cannot listen on ${this.host}:${this.port}: ${this.problem}; ${this.fix}`
  }
}

/** Listens until the scope closes; then takes no new request, and lets those under way end. */
export const listen = (options: Options): Effect.Effect<Listening, ListenError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(Effect.flatMap(Watch, (watch) => open(options, watch)), (door) =>
      close(door, options.graceMillis ?? 3000)),
    ({ server }) => {
      const { address, port, family } = server.address() as net.AddressInfo
      return { host: address, port, origin: `http://${family === "IPv6" ? `[${address}]` : address}:${port}` }
    },
  )

interface Door {
  readonly server: Server
  /** Deno 2.9.6 overlooks idle ones in `closeIdleConnections`. */
  readonly connections: Map<Duplex, Connection>
}

/**
 * Why `node:http` and not the runtimes' own servers: it alone hands over the target and the headers as they were sent,
 * and lets everything be answered in COS's XML.
 */
const open = (
  {
    app,
    host = "127.0.0.1",
    port = 0,
    headMillis = 10_000,
    keepAliveMillis = 5_000,
    maxConnections = Infinity,
    newCallId,
  }: Options,
  { onRequest }: Watch,
): Effect.Effect<Door, ListenError> =>
  Effect.callback((resume) => {
    const listener = getRequestListener((request, env) => app.fetch(request, env as Bindings), {
      overrideGlobalObjects: false,
      // The app takes in what is left of a body itself
      autoCleanupIncoming: false,
      // Stands in for a Host that is missing, which the app then refuses
      hostname: "localhost",
      errorHandler: () => {
        const response = named(doorRefusal(malformedRequest), newCallId)
        onRequest(refusedWith(response))
        return responseOf(response)
      },
    })
    const connections: Door["connections"] = new Map()
    const refuse: Connection["refuse"] = (socket, refusal, incoming) =>
      onRequest(refusedWith(refusedOn(socket, named(doorRefusal(refusal), newCallId)), incoming))
    const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
      // Whoever reads and writes hears of errors by other events; without a listener they would end the process
      incoming.on("error", ignore)
      outgoing.on("error", ignore)
      const connection = connections.get(incoming.socket)
      if (connection === undefined) return incoming.socket.destroy()
      connection.latest = incoming
      enqueue(incoming.socket, connection, () => {
        connection.answering = outgoing
        outgoing.once("close", () => dequeue(incoming.socket, connection))
        void listener(incoming, outgoing)
        // After the app, which may have begun, or ended, to look out for a client that leaves
        incoming.once("end", lookForLeaving)
        outgoing.once("close", lookForLeaving)
        lookForLeaving()
      })
    }
    const lookForLeaving = () => Object.assign(server, { httpAllowHalfOpen: allowsHalfOpen() })
    const server = createServer({
      ...limits,
      headersTimeout: headMillis,
      connectionsCheckingInterval: Math.min(headMillis, 1_000),
    }, take)
    server.on("checkContinue", (incoming, outgoing) => {
      expectContinue(incoming)
      take(incoming, outgoing)
    })
    // RFC 9110, 10.1.1: any other expectation may be left unmet
    server.on("checkExpectation", take)
    server.on("connect", (incoming, socket) => refuse(socket, methodNotAllowed, incoming))
    server.on(
      "clientError",
      (error: NodeJS.ErrnoException, socket) =>
        fail(connections.get(socket) ?? { waiting: [], refuse }, socket, error.code),
    )
    server.on("connection", (socket) => {
      // Not by the server's own count, which not all runtimes hold to
      if (connections.size >= maxConnections) return socket.destroy()
      const connection: Connection = { waiting: [], refuse }
      connections.set(socket, connection)
      socket.once("close", () => {
        connections.delete(socket)
        connection.waiting.length = 0
      })
      // First of all, because Deno ends its own side at once
      socket.prependOnceListener("end", () => endOf(connection, socket))
    })
    server.keepAliveTimeout = keepAliveMillis
    // The size of the head is the limit; beyond 2000 headers Node would drop the others without a word
    server.maxHeadersCount = 0
    // A client may end its side when it has asked, and is answered
    lookForLeaving()
    const failed = (cause: NodeJS.ErrnoException) =>
      resume(Effect.fail(new ListenError({ host, port, ...(problems[cause.code ?? ""] ?? unforeseen(cause)) })))
    server.once("error", failed)
    server.listen({ host, port }, () => {
      server.off("error", failed)
      resume(Effect.succeed({ server, connections }))
    })
  })

const ignore = () => {}

const limits = {
  maxHeaderSize: 16 * 1024,
  // It would cut a large body that is still moving; one that stands still is ended where it is read
  requestTimeout: 0,
  // The app answers a missing Host in XML; Node would answer with an empty 400
  requireHostHeader: false,
}

type Problem = Pick<ListenError, "problem" | "fix">
const notHere: Problem = {
  problem: "the host is no address of this machine",
  fix: "give one that is as --host; 127.0.0.1 unless told",
}
const problems: Readonly<Record<string, Problem>> = {
  EADDRINUSE: { problem: "the port is in use", fix: "choose another one with --port; 0 takes any free one" },
  EACCES: { problem: "the port may not be opened", fix: "choose one above 1023 with --port" },
  EADDRNOTAVAIL: notHere,
  EINVAL: notHere,
  ENOTFOUND: notHere,
}
const unforeseen = ({ message }: Error): Problem => ({ problem: message, fix: "choose another --port or --host" })

const close = ({ server, connections }: Door, graceMillis: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const endIdle = () => connections.forEach(({ waiting }, socket) => waiting.length === 0 && socket.end())
    // A connection becomes idle only after its client has the whole answer, so one look is not enough
    const sweep = setInterval(endIdle, sweepMillis)
    let end = setTimeout(() => {
      connections.forEach(giveUp)
      end = setTimeout(() => server.closeAllConnections(), farewellMillis)
    }, graceMillis)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(end)
      resume(Effect.void)
    })
    endIdle()
  })
const sweepMillis = 20
/** How long clients may take to take in that nothing more comes. */
const farewellMillis = 500

const named = (response: Telling<Uint8Array>, newCallId: Options["newCallId"]): Telling<Uint8Array> => {
  if (newCallId === undefined) return response
  const callId = newCallId()
  return { ...response, headers: [...response.headers, ["x-request-id", callId]], about: { ...response.about, callId } }
}

/** What could not be read of a request is empty. */
const refusedWith = (response: Telling<Uint8Array>, incoming?: IncomingMessage): Recorded => ({
  at: Date.now(),
  ...seenOf({ method: incoming?.method ?? "", origin: "http://", target: incoming?.url ?? "", headers: [] }),
  ...answerOf(response),
  millis: 0,
})
