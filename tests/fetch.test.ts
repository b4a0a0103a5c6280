/** What leaves through `fetch`: byte for byte what was signed, or nothing. */
import { strict as assert } from "node:assert"
import { gzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { make } from "../adapters/fetch.ts"
import type { TransportError } from "../core/errors.ts"
import { header, type HttpRequest, noBody } from "../core/http.ts"
import { writeTarget } from "../core/wire/target.ts"
import { effect, prop } from "./harness.ts"
import { answering, listen, silent } from "./loopback.ts"

const request = (origin: string, target: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  origin,
  target,
  headers: [],
  body: noBody,
  ...rest,
})
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (body: Uint8Array): string => new TextDecoder().decode(body)
const empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

/** What a server received for a request; empty when nothing was sent. */
const wireOf = (target: string, rest: Partial<HttpRequest> = {}) =>
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(answering(empty))
    const outcome = yield* Effect.result(make().send(request(server.origin, target, rest)))
    return { outcome, received: server.received(), connections: server.connections() }
  }))
const lineOf = (received: string) => received.slice(0, received.indexOf("\r\n"))

prop(
  "fetch sends a target of our encoder byte for byte or not at all when it is any path and any parameters",
  Schema.Struct({
    path: Schema.Array(Schema.Union([Schema.String, Schema.Literals(["..", ".", "", "%2e", "'", "a b", "腾讯"])])),
    parameters: Schema.Array(Schema.Tuple([Schema.String, Schema.Union([Schema.String, Schema.Undefined])])),
  }),
  ({ path, parameters }) =>
    Effect.map(wireOf(writeTarget(`/${path.join("/")}`, parameters)), ({ outcome, received, connections }) => {
      const target = writeTarget(`/${path.join("/")}`, parameters)
      if (outcome._tag === "Success") return lineOf(received) === `GET ${target} HTTP/1.1`
      const error = outcome.failure as TransportError
      return connections === 0 && error.sent === "no" && error.kind === "other" &&
        /Not sent, because/.test(error.detail)
    }),
)

for (
  const target of [
    "/",
    "/?inventory",
    "/?inventory&id=a%20b",
    "/?inventory&continuation-token=%E8%85%BE%2B%2F%3D",
    "/?inventory&id=%27",
    "/examplebucket-1250000000/?inventory&id=list1",
    "/a//b",
    "/a/..%2Fb",
    "/...",
    "/a%2e%2e",
    "/-_.~",
    "/a+b;c=d,e:@$&!()*?f=/?g",
    "/%e8%85%be",
  ]
) {
  effect(
    `fetch sends the request line as signed when the target is ${target}`,
    Effect.map(wireOf(target), ({ received }) => assert.equal(lineOf(received), `GET ${target} HTTP/1.1`)),
  )
}

for (
  const [target, why] of [
    ["", "slash"],
    ["?inventory", "slash"],
    ["http://evil.test/", "slash"],
    ["//a", "//"],
    ["//evil.test/a", "//"],
    ["/.", "segment"],
    ["/a/../b", "segment"],
    ["/a/..", "segment"],
    ["/a/.?x", "segment"],
    ["/%2e%2e/", "segment"],
    ["/.%2E/x", "segment"],
    ["/%2E", "segment"],
    ["/a?", "percent-encode"],
    ["/a#b", "percent-encode"],
    ["/a b", "percent-encode"],
    ["/a\tb", "percent-encode"],
    ["/a\r\nHost: evil.test\r\n\r\n", "percent-encode"],
    ["/a\n", "percent-encode"],
    ["/\\a", "percent-encode"],
    ["/?id='", "percent-encode"],
    ["/腾", "percent-encode"],
    ["/a^b", "percent-encode"],
    ["/?a|b", "percent-encode"],
    ['/?a"<>`{}', "percent-encode"],
  ] as const
) {
  effect(
    `fetch refuses to send when the target is ${JSON.stringify(target)}`,
    Effect.map(wireOf(target), ({ outcome, connections }) => {
      assert.equal(connections, 0)
      assert.equal(outcome._tag, "Failure")
      const error = (outcome as { failure: TransportError }).failure
      assert.deepEqual([error._tag, error.kind, error.sent], ["TransportError", "other", "no"])
      assert.match(error.detail, new RegExp(why, "u"))
    }),
  )
}

effect(
  "fetch sends method, headers and body as they are and the lengths itself when a body is put",
  Effect.gen(function* () {
    const { received } = yield* wireOf("/?inventory&id=a", {
      method: "PUT",
      headers: [["Content-Type", "application/xml"], ["content-length", "9"], ["x-cos-a", "1"], ["x-cos-a", "2"]],
      body: bytes("<a>é</a>"),
    })
    assert.equal(lineOf(received), "PUT /?inventory&id=a HTTP/1.1")
    assert.match(received, /\r\ncontent-type: application\/xml\r\n/iu)
    assert.match(received, /\r\nx-cos-a: 1, 2\r\n/iu)
    assert.equal(received.match(/\r\ncontent-length: 9\r\n/giu)?.length, 1)
    assert.equal(received.match(/\r\nhost: 127\.0\.0\.1:\d+\r\n/giu)?.length, 1)
    assert.equal(Buffer.from(received.split("\r\n\r\n")[1]!, "latin1").toString(), "<a>é</a>")
  }),
)

for (const method of ["PUT", "POST"]) {
  effect(
    `fetch sends Content-Length 0 when ${method} has an empty body`,
    Effect.map(wireOf("/?x", { method, headers: [["content-length", "0"]] }), ({ received }) => {
      assert.match(received, /\r\ncontent-length: 0\r\n/iu)
      assert.doesNotMatch(received, /content-type/iu)
    }),
  )
}

effect(
  "fetch leaves Accept-Encoding to the runtime when a request has its own",
  Effect.gen(function* () {
    const { received } = yield* wireOf("/", { headers: [["Accept-Encoding", "x-none"]] })
    assert.match(received, /\r\naccept-encoding: [^\r]*gzip/iu)
    assert.doesNotMatch(received, /x-none/u)
  }),
)

for (
  const [name, rest, why] of [
    ["Host is another host", { headers: [["Host", "evil.test"]] }, /Host/u],
    [
      "Content-Length is not the body's",
      { method: "PUT", headers: [["content-length", "3"]], body: bytes("ab") },
      /Content-Length/u,
    ],
    [
      "Content-Length is given and DELETE sends none",
      { method: "DELETE", headers: [["content-length", "0"]] },
      /Content-Length/u,
    ],
    ["GET has a body", { body: bytes("a") }, /GET/u],
    ["a header has a line break", { headers: [["x-cos-a", "1\r\nx-evil: 1"]] }, /x-cos-a/u],
    ["a header is not ASCII", { headers: [["x-cos-a", "é"]] }, /x-cos-a/u],
    ["a header's name is malformed", { headers: [["x cos", "secret-value"]] }, /name/u],
    ["a header is the connection's", { headers: [["Transfer-Encoding", "chunked"]] }, /Transfer-Encoding/u],
  ] as ReadonlyArray<readonly [string, Partial<HttpRequest>, RegExp]>
) {
  effect(
    `fetch refuses to send when ${name}`,
    Effect.map(wireOf("/", rest), ({ outcome, connections }) => {
      assert.equal(connections, 0)
      const error = (outcome as { failure: TransportError }).failure
      assert.deepEqual([error.kind, error.sent], ["other", "no"])
      assert.match(error.detail, why)
      assert.doesNotMatch(error.message, /secret-value|evil: 1/u)
    }),
  )
}

effect(
  "fetch sends when the Host header is the origin's own, and sends it once",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(answering(empty))
    const host = `127.0.0.1:${server.port}`
    yield* make().send(request(server.origin, "/", { headers: [["host", host]] }))
    assert.equal(server.received().match(/\r\nhost: /giu)?.length, 1)
  })),
)

for (
  const [origin, hint] of [
    ["https://a.test:443", "https://a.test"],
    ["http://A.test", "http://a.test"],
    ["https://a.test/", "https://a.test"],
    ["https://a.test/path", "https://a.test"],
    ["http://127.1", "http://127.0.0.1"],
    ["https://user:hunter2@a.test", "https://a.test"],
    ["ftp://a.test", "http://<host>"],
    ["a.test", "http://<host>"],
    ["", "http://<host>"],
  ] as const
) {
  effect(
    `fetch refuses to send when the origin is ${JSON.stringify(origin)}`,
    Effect.gen(function* () {
      let calls = 0
      const transport = make({ fetch: (() => Promise.reject(calls++)) as unknown as typeof fetch })
      const error = yield* Effect.flip(transport.send(request(origin, "/")))
      assert.equal(calls, 0)
      assert.equal(error._tag === "TransportError" && error.sent, "no")
      assert.ok(error.message.includes(hint), error.message)
      assert.doesNotMatch(JSON.stringify(error) + error.message, /hunter2/u)
    }),
  )
}

const answered = (answer: string | Uint8Array, rest: Partial<HttpRequest> = {}) =>
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(answering(answer))
    return yield* make().send(request(server.origin, "/?inventory", rest))
  }))

for (
  const [name, answer, status, body] of [
    ["200 with a body", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>", 200, "<a/>"],
    ["an empty 200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""],
    ["200 without a length", "HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end"],
    [
      "200 in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
      200,
      "abc",
    ],
    ["204", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""],
    ["304 that tells a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, ""],
    ["400 with a body", "HTTP/1.1 400 Bad\r\nContent-Length: 8\r\n\r\n<Error/>", 400, "<Error/>"],
    ["404 without a body", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, ""],
    ["500", "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", 500, ""],
    [
      "503 in HTML",
      "HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>",
      503,
      "<html></html>",
    ],
    [
      "HTML instead of XML",
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>",
      200,
      "<html></html>",
    ],
    ["an unknown status", "HTTP/1.1 599 X\r\nContent-Length: 1\r\n\r\nx", 599, "x"],
    ["more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab<evil/>", 200, "ab"],
  ] as const
) {
  effect(
    `fetch gives status and body when the answer is ${name}`,
    Effect.map(answered(answer), (response) => {
      assert.equal(response.status, status)
      assert.equal(text(response.body), body)
      assert.equal(response.repeated, undefined)
    }),
  )
}

for (const status of [301, 302, 303, 307, 308]) {
  effect(
    `fetch gives the redirect and does not follow it when the answer is ${status}`,
    Effect.scoped(Effect.gen(function* () {
      const other = yield* listen(answering(empty))
      const location = `${other.origin}/stolen`
      const response = yield* answered(`HTTP/1.1 ${status} X\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`, {
        headers: [["authorization", "q-ak=AKID"]],
      })
      assert.equal(response.status, status)
      assert.equal(header(response.headers, "location"), location)
      assert.equal(other.connections(), 0)
    })),
  )
}

effect(
  "fetch keeps an answer to HEAD without a body whole when it tells a length",
  Effect.map(answered("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", { method: "HEAD" }), (response) => {
    assert.equal(response.body.length, 0)
    assert.equal(header(response.headers, "content-length"), "12")
  }),
)

effect(
  "fetch takes an answer to HEAD for whole when the runtime gives it an empty stream",
  Effect.gen(function* () {
    const headed = () => Promise.resolve(new Response(new Blob([]).stream(), { headers: { "content-length": "12" } }))
    const transport = make({ fetch: headed as unknown as typeof fetch })
    assert.equal((yield* transport.send(request("http://a.test", "/", { method: "HEAD" }))).status, 200)
  }),
)

effect(
  "fetch keeps repeated headers of an answer when there are several",
  Effect.map(
    answered(
      "HTTP/1.1 200 OK\r\nX-Cos-A: 1\r\nX-Cos-A: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
    ),
    ({ headers }) => {
      assert.equal(header(headers, "x-cos-a"), "1, 2")
      assert.deepEqual(headers.filter(([name]) => name === "set-cookie").map(([, value]) => value), ["a", "b"])
    },
  ),
)

effect(
  "fetch gives plain bytes and no headers of the compressed form when an answer is compressed",
  Effect.gen(function* () {
    const packed = gzipSync("<Ok/>".repeat(50))
    const head = bytes(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`)
    const response = yield* answered(Buffer.concat([head, packed]), { headers: [["accept-encoding", "identity"]] })
    assert.equal(text(response.body), "<Ok/>".repeat(50))
    assert.equal(header(response.headers, "content-encoding"), undefined)
    assert.equal(header(response.headers, "content-length"), undefined)
  }),
)

effect(
  "fetch aborts the request when its fiber is interrupted",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(silent)
    const fiber = yield* Effect.forkChild(make().send(request(server.origin, "/")))
    yield* Effect.promise(() => server.arrived)
    yield* Fiber.interrupt(fiber)
    yield* Effect.promise(() => server.closed)
  })),
)

for (
  const [name, behaviour] of [
    ["nothing is answered", silent],
    ["the body stalls", answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "keep")],
    ["the head stalls", answering("HTTP/1.1 200 OK\r\nContent-", "keep")],
  ] as const
) {
  effect(
    `fetch fails with a time-out and closes the connection when ${name}`,
    Effect.scoped(Effect.gen(function* () {
      const server = yield* listen(behaviour)
      const fiber = yield* Effect.forkChild(
        Effect.flip(make({ timeout: "7 seconds" }).send(request(server.origin, "/"))),
      )
      yield* Effect.promise(() => server.arrived)
      yield* TestClock.adjust("6999 millis")
      assert.equal(fiber.pollUnsafe(), undefined)
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.deepEqual(
        error._tag === "TransportError" && [error.kind, error.sent, error.host, error.detail],
        ["timeout", "maybe", `127.0.0.1:${server.port}`, "No whole answer within 7s"],
      )
      yield* Effect.promise(() => server.closed)
    })),
  )
}

effect(
  "fetch waits 30 seconds when no time-out is given",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(silent)
    const fiber = yield* Effect.forkChild(Effect.flip(make().send(request(server.origin, "/"))))
    yield* Effect.promise(() => server.arrived)
    yield* TestClock.adjust("29999 millis")
    assert.equal(fiber.pollUnsafe(), undefined)
    yield* TestClock.adjust("1 millis")
    assert.equal((yield* Fiber.join(fiber))._tag, "TransportError")
  })),
)
