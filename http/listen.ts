/** The one place with a socket: an app behind `node:http`, alike on Bun, Deno and Node. */
import { getRequestListener } from "@hono/node-server"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { doorRefusal, malformedRequest } from "../adapters/hono/refusal.ts"
import { type Bindings, responseOf } from "../adapters/hono/wire.ts"

export interface Options {
  readonly app: { readonly fetch: (request: Request, env: Bindings) => Response | Promise<Response> }
  /** Loopback unless told. */
  readonly host?: string
  /** 0, or absent, for any free one. */
  readonly port?: number
  /** How long requests that are under way may take to end when the door closes. */
  readonly graceMillis?: number
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
}> {
  override get message(): string {
    return `Cannot listen on ${this.host}:${this.port}: ${this.problem}`
  }
}

/** Listens until the scope closes; then takes no new request, and lets those under way end. */
export const listen = (options: Options): Effect.Effect<Listening, ListenError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(open(options), (door) => close(door, options.graceMillis ?? 3000)),
    ({ server }) => {
      const { address, port, family } = server.address() as AddressInfo
      return { host: address, port, origin: `http://${family === "IPv6" ? `[${address}]` : address}:${port}` }
    },
  )

interface Door {
  readonly server: Server
  /** Each with the number of its requests under way: Deno 2.9.6 overlooks idle ones in `closeIdleConnections`. */
  readonly connections: Map<Duplex, number>
}

/**
 * Why `node:http` and not the runtimes' own servers: it alone hands over the target and the headers as they were sent,
 * and lets everything be answered in COS's XML.
 */
const open = ({ app, host = "127.0.0.1", port = 0 }: Options): Effect.Effect<Door, ListenError> =>
  Effect.callback((resume) => {
    const listener = getRequestListener((request, env) => app.fetch(request, env as Bindings), {
      overrideGlobalObjects: false,
      // Stands in for a Host that is missing, which the app then refuses
      hostname: "localhost",
      errorHandler: () => responseOf(doorRefusal(malformedRequest)),
    })
    const connections: Door["connections"] = new Map()
    const count = (socket: Duplex, change: number) => {
      const requests = connections.get(socket)
      if (requests !== undefined) connections.set(socket, requests + change)
    }
    const server = createServer(limits, (incoming, outgoing) => {
      const { socket } = incoming
      count(socket, 1)
      outgoing.once("close", () => count(socket, -1))
      void listener(incoming, outgoing)
    })
    server.keepAliveTimeout = 5_000
    server.on("connection", (socket) => {
      connections.set(socket, 0)
      socket.once("close", () => connections.delete(socket))
    })
    server.on("clientError", answerMalformed)
    const failed = (cause: NodeJS.ErrnoException) =>
      resume(Effect.fail(new ListenError({ host, port, problem: problems[cause.code ?? ""] ?? cause.message })))
    server.once("error", failed)
    server.listen({ host, port }, () => {
      server.off("error", failed)
      resume(Effect.succeed({ server, connections }))
    })
  })

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // The app answers a missing Host in XML; Node would answer with an empty 400
  requireHostHeader: false,
}

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use; choose another one with --port",
  EACCES: "the port may not be opened; choose one above 1023",
  EADDRNOTAVAIL: "the host is no address of this machine",
}

const close = ({ server, connections }: Door, graceMillis: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const endIdle = () => connections.forEach((requests, socket) => requests === 0 && socket.end())
    // A connection becomes idle only after its client has the whole answer, so one look is not enough
    const sweep = setInterval(endIdle, sweepMillis)
    const end = setTimeout(() => server.closeAllConnections(), graceMillis)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(end)
      resume(Effect.void)
    })
    endIdle()
  })
const sweepMillis = 20

/** What is not HTTP at all never becomes a request. */
const answerMalformed = (_error: Error, socket: Duplex): void => {
  if (!socket.writable) return void socket.destroy()
  const { status, headers, body } = doorRefusal(malformedRequest)
  const lines = [`HTTP/1.1 ${status} Bad Request`, ...headers.map(([n, v]) => `${n}: ${v}`), "Connection: close"]
  socket.end(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]))
}
