/** Tiny raw servers on the loopback, to see what really goes over the wire and to answer what no HTTP library would. */
import * as net from "node:net"
import * as tls from "node:tls"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Loopback {
  readonly port: number
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string
  /** Everything received, over all connections, as Latin-1. */
  readonly received: () => string
  readonly connections: () => number
  /** The first bytes have come. */
  readonly arrived: Promise<void>
  /** A connection has been closed. */
  readonly closed: Promise<void>
}

/** What a server does with a connection. */
export type Behaviour = (socket: net.Socket) => void

/** A server for as long as the scope lasts; its port is given by the system. */
export const listen = (behaviour: Behaviour): Effect.Effect<Loopback, never, Scope.Scope> =>
  server((accept) => net.createServer(accept), behaviour)

/** The same behind TLS, with a certificate that nobody trusts. */
export const listenTls = (behaviour: Behaviour): Effect.Effect<Loopback, never, Scope.Scope> =>
  server(
    (accept) => tls.createServer({ key: pem("PRIVATE KEY", key), cert: pem("CERTIFICATE", certificate) }, accept),
    behaviour,
  )

/** Answers each request with this text; a request counts as come when its head has. */
export const answering =
  (answer: string | Uint8Array, after: "end" | "keep" | "reset" = "end"): Behaviour => (socket) => {
    let text = ""
    socket.on("data", (bytes) => {
      const before = text.includes("\r\n\r\n")
      text += bytes.toString("latin1")
      if (before || !text.includes("\r\n\r\n")) return
      socket.write(answer, () => {
        if (after === "end") socket.end()
        if (after === "reset") socket.resetAndDestroy()
      })
    })
  }

/** Closes the connection as soon as a request has come. */
export const hangingUp: Behaviour = (socket) => socket.on("data", () => socket.destroy())

/** Takes everything, says nothing. */
export const silent: Behaviour = (socket) => socket.resume()

/** A port that nobody listens on. */
export const closedPort: Effect.Effect<number> = Effect.promise(() =>
  new Promise((resolve) => {
    const free = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = free.address() as net.AddressInfo
      free.close(() => resolve(port))
    })
  })
)

const server = (
  create: (accept: (socket: net.Socket) => void) => net.Server,
  behaviour: Behaviour,
): Effect.Effect<Loopback, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(Effect.promise(() => start(create, behaviour)), ({ stop }) => Effect.promise(stop)),
    ({ loopback }) => loopback,
  )

const start = async (create: (accept: (socket: net.Socket) => void) => net.Server, behaviour: Behaviour) => {
  const sockets = new Set<net.Socket>()
  let received = ""
  let connections = 0
  let seen = () => {}
  let gone = () => {}
  const arrived = new Promise<void>((resolve) => seen = resolve)
  const closed = new Promise<void>((resolve) => gone = resolve)
  const listener = create((socket) => {
    connections++
    sockets.add(socket)
    socket.on("error", () => {})
    socket.on("close", () => {
      sockets.delete(socket)
      gone()
    })
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1")
      seen()
    })
    behaviour(socket)
  })
  listener.on("tlsClientError", () => {})
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
  const { port } = listener.address() as net.AddressInfo
  const loopback: Loopback = {
    port,
    origin: `http://127.0.0.1:${port}`,
    received: () => received,
    connections: () => connections,
    arrived,
    closed,
  }
  const stop = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      listener.close(() => resolve())
    })
  return { loopback, stop }
}

/** Made for these tests alone, for "localhost", and trusted by nobody. */
const key =
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeFCVHnDll60lldiZ2slPMxJ3pNVjPPxfGM9IW3Nf20ChRANCAAQ/u1Sr3KXsrHYaGo6U2CI9oPCZb6sJK+O0UsVcVjgyM4/UDoE/u0J0+zhWWRSm8hfve5aggJUfH3XX0pjcNKrX"
const certificate =
  "MIIBmTCCAT6gAwIBAgIUQShVUh05pclVw/3OEJb4q+uk+kYwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5MzkxMloYDzIxMjYxMDI4MDkzOTEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ/u1Sr3KXsrHYaGo6U2CI9oPCZb6sJK+O0UsVcVjgyM4/UDoE/u0J0+zhWWRSm8hfve5aggJUfH3XX0pjcNKrXo2wwajAdBgNVHQ4EFgQUahpTpGfUJKJat++g2SYgeTR+AGQwHwYDVR0jBBgwFoAUahpTpGfUJKJat++g2SYgeTR+AGQwDAYDVR0TAQH/BAIwADAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAJGaec83QiTMPLTN2O3sIYR8noGVasGv7OUCyVvwJ/pXAiEAwKAtoGHeOEb09e6D3oCNvfAhh5A8bOVM6OtMy/miEJc="

const pem = (label: string, base64: string): string =>
  `-----BEGIN ${label}-----\n${base64.replace(/.{64}/gu, "$&\n")}\n-----END ${label}-----\n`
