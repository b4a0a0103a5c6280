/** The door of the local COS, met by clients that write what no HTTP library would. */
import { strict as assert } from "node:assert"
import * as net from "node:net"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Hono } from "hono"
import { wire } from "../adapters/hono/wire.ts"
import { codes } from "../core/codes.ts"
import { CosError, TransportError } from "../core/errors.ts"
import { hostOf, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { type Send, Transport } from "../core/ports.ts"
import { readError } from "../core/wire/error-document.ts"
import { listen } from "../http/listen.ts"
import { effect } from "./harness.ts"

const done: HttpResponse = { status: 200, headers: [["content-length", "0"]], body: new Uint8Array() }

/** A door before a Transport that keeps what comes through. */
const opened = (send: Send["send"] = () => Effect.succeed(done)) =>
  Effect.gen(function* () {
    const received: Array<HttpRequest> = []
    const transport: Send = {
      send: (request) => Effect.suspend(() => (received.push(request), send(request))),
    }
    const app = yield* Effect.provideService(wire, Transport, transport)
    const { port } = yield* listen({ app, graceMillis: 5000 })
    return { port, received, exchange: (text: string) => Effect.promise(() => exchange(port, text)) }
  })

interface Answer {
  readonly head: string
  readonly body: string
}

/** Writes text to a fresh connection and reads one answer; both Latin-1. */
const exchange = (port: number, text: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let read = ""
    const socket = net.connect(port, "127.0.0.1", () => socket.write(text, "latin1"))
    const settle = () => {
      const at = read.indexOf("\r\n\r\n")
      resolve({ head: read.slice(0, at), body: read.slice(at + 4) })
      socket.destroy()
    }
    socket.on("data", (chunk) => {
      read += chunk.toString("latin1")
      const at = read.indexOf("\r\n\r\n")
      const length = /\r\ncontent-length: (\d+)/iu.exec(read.slice(0, Math.max(at, 0)))?.[1]
      if (at >= 0 && length !== undefined && read.length >= at + 4 + Number(length)) settle()
    })
    socket.on("close", settle)
    socket.on("error", reject)
  })

/** What the door said, as a client would read it. */
const refusalIn = ({ head, body }: Answer): CosError => {
  const [line, ...headers] = head.split("\r\n")
  const error = readError({
    status: Number(line!.split(" ")[1]),
    headers: headers.map((text) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 2)]),
    body: new TextEncoder().encode(body),
  })
  assert.ok(error instanceof CosError, `not an error of COS: ${head}`)
  assert.equal(error.status, codes[error.code]!.status)
  assert.match(head, /\r\nx-cos-request-id: [A-Za-z0-9+/]+=*(\r\n|$)/iu)
  return error
}

const refused: Readonly<Record<string, string>> = {
  "what is not HTTP": "GARBAGE\r\n\r\n",
  "a request without a Host": "GET /?inventory HTTP/1.1\r\n\r\n",
  "a request with two Hosts": "GET /?inventory HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
  "a Host with a path in it": "GET /?inventory HTTP/1.1\r\nHost: a/b\r\n\r\n",
  "a Host with a password in it": "GET /?inventory HTTP/1.1\r\nHost: a:b@c\r\n\r\n",
  "an absolute target": "GET http://b/?inventory HTTP/1.1\r\nHost: a\r\n\r\n",
  "a target that is an asterisk": "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
  "a Content-Length beside a Transfer-Encoding":
    "PUT /?inventory HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "two Content-Lengths": "PUT /?inventory HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 3\r\n\r\n",
  "a header over two lines": "GET /?inventory HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
  "a header of 20 KB": `GET /?inventory HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
}
for (const [what, text] of Object.entries(refused)) {
  effect(
    `the door refuses ${what} in COS's XML and lets nothing through`,
    Effect.gen(function* () {
      const door = yield* opened()
      assert.equal(refusalIn(yield* door.exchange(text)).code, "InvalidRequest")
      assert.deepEqual(door.received, [])
    }),
  )
}

const passed: ReadonlyArray<readonly [line: string, host: string]> = [
  ["GET /a/%2e%2e//b/./c?inventory&id=a%20b+c'%27", "127.0.0.1"],
  ["GET //?inventory&&id=%zz", "[::1]:9000"],
  ["DELETE /%E8%85%BE?a=%2F;b", "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com:80"],
  ["PATCH /?", "UPPER.Example"],
  ["PROPFIND /", "under_score"],
]
for (const [line, host] of passed) {
  effect(
    `the door hands "${line}" on as it was sent when it is for ${host}`,
    Effect.gen(function* () {
      const door = yield* opened()
      const { head } = yield* door.exchange(`${line} HTTP/1.1\r\nHoSt: ${host}\r\nX-Twice: 1\r\nx-twice: 2\r\n\r\n`)
      assert.match(head, /^HTTP\/1\.1 200 /)
      const [request] = door.received
      assert.equal(`${request!.method} ${request!.target}`, line)
      assert.equal(request!.origin, `http://${host}`)
      assert.deepEqual(request!.headers, [["HoSt", host], ["X-Twice", "1"], ["x-twice", "2"]])
    }),
  )
}

effect(
  "the door hands a body on byte for byte when it comes in chunks",
  Effect.gen(function* () {
    const door = yield* opened()
    const head = "PUT /?inventory&id=a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield* door.exchange(`${head}3\r\n\x00\xff\r\r\n1\r\n\n\r\n0\r\n\r\n`)
    assert.deepEqual(door.received[0]!.body, new Uint8Array([0, 255, 13, 10]))
  }),
)

const head = "PUT /?inventory&id=a HTTP/1.1\r\nHost: a\r\n"
const large: Readonly<Record<string, string>> = {
  "announces more than 1 MiB": `${head}Content-Length: ${maxDocumentBytes + 1}\r\n\r\nabc`,
  "has more than 1 MiB in chunks": `${head}Transfer-Encoding: chunked\r\n\r\n${
    `10000\r\n${"x".repeat(0x10000)}\r\n`.repeat(maxDocumentBytes / 0x10000 + 1)
  }`,
}
for (const [what, text] of Object.entries(large)) {
  effect(
    `the door refuses a body without waiting for its end when it ${what}`,
    Effect.gen(function* () {
      const door = yield* opened()
      assert.equal(refusalIn(yield* door.exchange(text)).code, "XMLSizeLimit")
      assert.deepEqual(door.received, [])
    }),
  )
}

effect(
  "the door takes a body of exactly 1 MiB",
  Effect.gen(function* () {
    const door = yield* opened()
    yield* door.exchange(`${head}Content-Length: ${maxDocumentBytes}\r\n\r\n${"x".repeat(maxDocumentBytes)}`)
    assert.equal(door.received[0]!.body.byteLength, maxDocumentBytes)
  }),
)

effect(
  "the door answers in COS's XML when what is behind it fails or breaks, and says nothing of the cause",
  Effect.gen(function* () {
    const failure = new TransportError({ kind: "refused", sent: "no", host: "secret.internal", detail: "secret" })
    const failing = yield* opened(() => Effect.fail(failure))
    const breaking = yield* opened(() => Effect.die(new Error("secret")))
    const get = "GET /?inventory HTTP/1.1\r\nHost: a\r\n\r\n"
    const answers = [yield* failing.exchange(get), yield* breaking.exchange(get)]
    assert.deepEqual(answers.map((answer) => refusalIn(answer).code), ["ServiceUnavailable", "InternalError"])
    for (const { head, body } of answers) assert.doesNotMatch(head + body, /secret/)
  }),
)

effect(
  "the door finishes the request under way when it closes, and takes no new one",
  Effect.gen(function* () {
    const port = yield* Deferred.make<number>()
    const arrived = yield* Deferred.make<void>()
    const release = yield* Deferred.make<void>()
    const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    const waiting: Send["send"] = () =>
      Effect.andThen(Deferred.succeed(arrived, undefined), Effect.as(Deferred.await(release), done))
    const serving = yield* Effect.forkChild(Effect.scoped(Effect.gen(function* () {
      const door = yield* opened(waiting)
      yield* Deferred.succeed(port, door.port)
      yield* Deferred.await(arrived)
    })))
    const at = yield* Deferred.await(port)
    const answer = yield* Effect.forkChild(Effect.promise(() => exchange(at, get)))
    yield* Effect.promise(() => untilClosed(at))
    yield* Deferred.succeed(release, undefined)
    assert.match((yield* Fiber.join(answer)).head, /^HTTP\/1\.1 200 /)
    yield* Fiber.join(serving)
  }),
)

/** Ends when a connection is refused. */
const untilClosed = async (port: number): Promise<void> => {
  const connects = () =>
    new Promise<boolean>((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => {
        socket.destroy()
        resolve(true)
      })
      socket.on("error", () => resolve(false))
    })
  while (await connects()) await new Promise((resolve) => setTimeout(resolve, 5))
}

effect(
  "the door serves as a fetch handler when there is no socket",
  Effect.gen(function* () {
    const received: Array<HttpRequest> = []
    const transport: Send = { send: (request) => Effect.sync(() => (received.push(request), done)) }
    const app = yield* Effect.provideService(wire, Transport, transport)
    const url = "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/?inventory&id=a%20b"
    const response = yield* Effect.promise(() => Promise.resolve(app.request(url, { method: "PUT", body: "abc" })))
    assert.equal(response.status, 200)
    assert.equal(hostOf(received[0]!), "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com")
    assert.equal(received[0]!.target, "/?inventory&id=a%20b")
    assert.equal(new TextDecoder().decode(received[0]!.body), "abc")
  }),
)

effect(
  "listen says what to do when the port is in use",
  Effect.gen(function* () {
    const app = new Hono()
    const { port } = yield* listen({ app })
    const error = yield* Effect.flip(Effect.scoped(listen({ app, port })))
    assert.equal(
      error.message,
      `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with --port`,
    )
  }),
)
