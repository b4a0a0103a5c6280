/** The door of the local COS, met by clients that write what no HTTP library would. */
import { strict as assert } from "node:assert"
import * as net from "node:net"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Hono } from "hono"
import { serveOf } from "../adapters/hono/transport.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { wire } from "../adapters/hono/wire.ts"
import { ConfigError, TransportError } from "../core/errors.ts"
import { hostOf, type HttpRequest } from "../core/http.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import type { Body, Send, Serve } from "../core/ports.ts"
import { listen } from "../http/listen.ts"
import { call, done, exchange, opened, refusalIn, statusOf } from "./door.ts"
import { effect, prop } from "./harness.ts"

/** A door before a Transport that keeps what comes through. */
const openedSend = (send: Send["send"] = () => Effect.succeed(done)) =>
  Effect.gen(function* () {
    const received: Array<HttpRequest> = []
    const serve = serveOf({ send: (request) => Effect.suspend(() => (received.push(request), send(request))) })
    return { ...yield* opened(serve.answer), received }
  })

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
  "a Content-Length of another form": "PUT /?inventory HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
  "a Content-Length beyond all numbers":
    "PUT /?inventory HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
  "a Transfer-Encoding other than chunked":
    "PUT /?inventory HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "a method in lower case": "get /?inventory HTTP/1.1\r\nHost: a\r\n\r\n",
  "a version of HTTP that it does not speak": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a client that begins with TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "a NUL in the target": "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n",
  "a control character in the target": "GET /a\x1bb HTTP/1.1\r\nHost: a\r\n\r\n",
  "a space in the target": "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
  "a NUL in a header": "GET /?inventory HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
  "a carriage return in a header": "GET /?inventory HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
  "lines that end in a line feed alone": "GET /?inventory HTTP/1.1\nHost: a\n\n",
  "a header without a colon": "GET /?inventory HTTP/1.1\r\nHost: a\r\nXa\r\n\r\n",
  "a target of 20 KB": `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  "a header of 500 KB": `GET /?inventory HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(500_000)}\r\n\r\n`,
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
  ["OPTIONS /a.txt", "localhost"],
  ["GET //other.example/a", "localhost"],
  ["GET /..%2f../a/../b", "localhost"],
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
    const door = yield* openedSend()
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
      const door = yield* openedSend()
      assert.equal(refusalIn(yield* door.exchange(text)).code, "XMLSizeLimit")
      assert.deepEqual(door.received, [])
    }),
  )
}

effect(
  "the door takes a body of exactly 1 MiB",
  Effect.gen(function* () {
    const door = yield* openedSend()
    yield* door.exchange(`${head}Content-Length: ${maxDocumentBytes}\r\n\r\n${"x".repeat(maxDocumentBytes)}`)
    assert.equal(door.received[0]!.body.byteLength, maxDocumentBytes)
  }),
)

effect(
  "the door answers in COS's XML when what is behind it fails or breaks, and says nothing of the cause",
  Effect.gen(function* () {
    const failure = new TransportError({ kind: "refused", sent: "no", host: "secret.internal", detail: "secret" })
    const failing = yield* openedSend(() => Effect.fail(failure))
    const told: Array<string> = []
    const watch = { onRequest: () => {}, onDefect: (text: string) => void told.push(text) }
    const breaking = yield* openedSend(() => Effect.die(new Error("secret"))).pipe(Effect.provideService(Watch, watch))
    const config = new ConfigError({ source: "secret", problem: "secret", fix: "secret" })
    const unset = yield* openedSend(() => Effect.fail(config))
    const answers = [yield* failing.exchange(get), yield* breaking.exchange(get), yield* unset.exchange(get)]
    assert.deepEqual(
      answers.map((answer) => refusalIn(answer).code),
      ["ServiceUnavailable", "InternalError", "InternalError"],
    )
    for (const { head, body } of answers) assert.doesNotMatch(head + body, /secret/)
    assert.match(told.join(), /^Error: secret/)
  }),
)

effect(
  "the door finishes the request under way when it closes, and takes no new one",
  Effect.gen(function* () {
    const port = yield* Deferred.make<number>()
    const arrived = yield* Deferred.make<void>()
    const release = yield* Deferred.make<void>()
    const waiting: Serve["answer"] = () =>
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

/** Answers in process. */
const fetched = (answer: Serve["answer"], init: RequestInit) =>
  Effect.gen(function* () {
    const app = yield* wire({ answer })
    const url = "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/?inventory&id=a%20b"
    return yield* Effect.promise(() => Promise.resolve(app.request(url, init)))
  })

effect(
  "the door serves as a fetch handler when there is no socket",
  Effect.gen(function* () {
    const received: Array<HttpRequest<Body>> = []
    const response = yield* fetched((request) => Effect.sync(() => (received.push(request), done)), {
      method: "PUT",
      body: "abc",
    })
    assert.equal(response.status, 200)
    assert.equal(hostOf(received[0]!), "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com")
    assert.equal(received[0]!.target, "/?inventory&id=a%20b")
    assert.deepEqual(received[0]!.body, new TextEncoder().encode("abc"))
  }),
)

effect(
  "the door hands a large body of a fetch handler on as a stream and streams its answer back",
  Effect.gen(function* () {
    const sent = new Uint8Array(3 * maxDocumentBytes).map((_, at) => at % 251)
    const response = yield* fetched(
      ({ body }) => Effect.succeed({ status: 200, headers: [["x", "y"]], body }),
      { method: "PUT", body: sent },
    )
    assert.equal(response.headers.get("x"), "y")
    assert.deepEqual(new Uint8Array(yield* Effect.promise(() => response.arrayBuffer())), sent)
  }),
)

effect(
  "the door stops the stream of a fetch handler when its reader cancels",
  Effect.gen(function* () {
    const stopped = yield* Deferred.make<void>()
    const stream = Stream.make(new Uint8Array(10)).pipe(
      Stream.forever,
      Stream.ensuring(Deferred.succeed(stopped, undefined)),
    )
    const response = yield* fetched(() => Effect.succeed({ status: 200, headers: [], body: { stream } }), {})
    const reader = response.body!.getReader()
    yield* Effect.promise(() => reader.read())
    yield* Effect.promise(() => reader.cancel())
    yield* Deferred.await(stopped)
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
      `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with --port; 0 takes any free one`,
    )
  }),
)

effect(
  "the door refuses CONNECT with MethodNotAllowed",
  Effect.gen(function* () {
    const door = yield* opened()
    const answer = yield* door.exchange("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n")
    assert.equal(refusalIn(answer).code, "MethodNotAllowed")
    assert.deepEqual(door.received, [])
  }),
)

effect(
  "the door hands a request on as any other when it asks for another protocol or expects something else",
  Effect.gen(function* () {
    const door = yield* opened()
    for (const header of ["Connection: Upgrade\r\nUpgrade: websocket", "Upgrade: h2c", "Expect: tea"]) {
      assert.equal(statusOf(yield* door.exchange(`GET / HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`)), 200)
    }
    assert.equal(door.received.length, 3)
  }),
)

effect(
  "the door answers a head that stays unfinished with RequestTimeout",
  Effect.gen(function* () {
    const door = yield* opened(undefined, { headMillis: 50 })
    assert.equal(refusalIn(yield* door.exchange("GET / HTTP/1.1\r\nHost: a\r\nX")).code, "RequestTimeout")
  }),
)

effect(
  "the door answers a client that ends its side, whole request or not",
  Effect.gen(function* () {
    const release = yield* Deferred.make<void>()
    const door = yield* opened(() => Effect.as(Deferred.await(release), done))
    const whole = call(door.port)
    whole.socket.end("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    const half = call(door.port)
    half.socket.end("GET / HTTP/1.1\r\nHo")
    assert.equal(refusalIn(yield* Effect.promise(() => half.answer())).code, "InvalidRequest")
    yield* Deferred.succeed(release, undefined)
    assert.equal(statusOf(yield* Effect.promise(() => whole.answer())), 200)
    yield* Effect.promise(() => Promise.all([whole.closed, half.closed]))
  }),
)

effect(
  "the door answers requests of one connection in their order, each after the one before",
  Effect.gen(function* () {
    const release = yield* Deferred.make<void>()
    const door = yield* opened(({ target }) =>
      Effect.as(target === "/1" ? Deferred.await(release) : Effect.void, {
        ...done,
        headers: [["x-target", target], ["content-length", "0"]],
      })
    )
    const caller = call(door.port)
    caller.write(["/1", "/2", "/3"].map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""))
    // By the time that another connection was served twice, this one was read
    for (const target of ["/a", "/b"]) yield* door.exchange(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.deepEqual(door.received.map(({ target }) => target).filter((target) => target < "/a"), ["/1"])
    yield* Deferred.succeed(release, undefined)
    for (const target of ["/1", "/2", "/3"]) {
      assert.match((yield* Effect.promise(() => caller.answer())).head, new RegExp(`x-target: ${target}`, "iu"))
    }
    caller.hangUp()
  }),
)

effect(
  "the door answers the request before it refuses what follows it",
  Effect.gen(function* () {
    const release = yield* Deferred.make<void>()
    const door = yield* opened(() => Effect.as(Deferred.await(release), done))
    const caller = call(door.port)
    caller.write("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGARBAGE\r\n\r\n")
    yield* door.exchange("GARBAGE\r\n\r\n")
    yield* Deferred.succeed(release, undefined)
    assert.equal(statusOf(yield* Effect.promise(() => caller.answer())), 200)
    assert.equal(refusalIn(yield* Effect.promise(() => caller.answer())).code, "InvalidRequest")
    yield* Effect.promise(() => caller.closed)
  }),
)

effect(
  "the door serves while hundreds of connections stay open, and closes them all when it closes",
  Effect.gen(function* () {
    const callers = yield* Effect.scoped(Effect.gen(function* () {
      const door = yield* opened()
      const callers = Array.from({ length: 300 }, () => call(door.port))
      for (const caller of callers) caller.write(get)
      for (const caller of callers) assert.equal(statusOf(yield* Effect.promise(() => caller.answer())), 200)
      assert.equal(statusOf(yield* door.exchange(get)), 200)
      return callers
    }))
    yield* Effect.promise(() => Promise.all(callers.map(({ closed }) => closed)))
  }),
)

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/** A request with some of its bytes changed, dropped or doubled. */
const Edits = Schema.Array(Schema.Struct({
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 80 })),
  drop: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  put: Schema.Literals([
    "",
    "\0",
    "\r",
    "\n",
    "\r\n",
    " ",
    ":",
    "\xff",
    "x",
    "0",
    "9",
    "chunked",
    "\x1b[2J",
    "?",
    "%",
    "//",
  ]),
}))
const valid = "PUT /a?b=c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nX-Cos-Meta-A: b\r\n\r\nabc"

prop(
  "the door answers every mutilated request, in COS's XML where it refuses",
  Edits,
  (edits) =>
    Effect.scoped(Effect.gen(function* () {
      const door = yield* opened()
      const text = edits.reduce((text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop), valid)
      const caller = call(door.port)
      caller.socket.end(text, "latin1")
      const answer = yield* Effect.promise(() => caller.answer())
      caller.hangUp()
      if (statusOf(answer) !== 200) refusalIn(answer)
      return true
    })),
  { runs: 150 },
)
