/** What comes of answers that do not come whole, and of servers that cannot be reached. */
import { strict as assert } from "node:assert"
import { gzipSync } from "node:zlib"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { failureOf } from "../adapters/failure.ts"
import { make, type Options } from "../adapters/fetch.ts"
import type { TransportError, TransportKind } from "../core/errors.ts"
import { noBody } from "../core/http.ts"
import { effect } from "./harness.ts"
import { answering, type Behaviour, closedPort, hangingUp, listen, listenTls, silent } from "./loopback.ts"

const target = "/?inventory&id=a&sign=q-signature%3Dsecretsecret"

const failure = (origin: string, options: Options = {}) =>
  make(options).send({
    method: "GET",
    origin,
    target,
    headers: [["authorization", "q-signature=secretsecret"]],
    body: noBody,
  })
    .pipe(
      Effect.flip,
      Effect.map((error) => {
        assert.equal(error._tag, "TransportError")
        const { detail, host } = error as TransportError
        assert.equal(host, origin.slice(origin.indexOf("//") + 2))
        assert.match(detail, /^[A-Z].*[^.\s]$/u)
        assert.doesNotMatch(
          `${error.message} ${JSON.stringify(error)} ${error.stack}`,
          /secretsecret|inventory&|q-sign/u,
        )
        return error as TransportError
      }),
    )

const failureFrom = (behaviour: Behaviour, options: Options = {}) =>
  Effect.scoped(Effect.flatMap(listen(behaviour), ({ origin }) => failure(origin, options)))

const is = (error: TransportError, kind: TransportKind, sent: "no" | "maybe") =>
  assert.deepEqual([error.kind, error.sent], [kind, sent], error.detail)

effect(
  "fetch fails as refused and not sent when nobody listens",
  Effect.gen(function* () {
    is(yield* failure(`http://127.0.0.1:${yield* closedPort}`), "refused", "no")
    is(yield* failure(`https://127.0.0.1:${yield* closedPort}`), "refused", "no")
  }),
)

/** From the standard's list: its ends, and well-known protocols. */
for (const port of [0, 1, 22, 25, 6000, 6667, 10080]) {
  effect(
    `fetch says why nothing was sent when the port is ${port}, which fetch blocks`,
    Effect.gen(function* () {
      for (const scheme of ["http", "https"]) {
        const error = yield* failure(`${scheme}://127.0.0.1:${port}`)
        is(error, "other", "no")
        assert.match(error.detail, new RegExp(`port ${port} belongs to another protocol`, "u"))
      }
    }),
  )
}

effect(
  "fetch fails as dns and not sent when the name cannot exist",
  Effect.map(failure(`http://${"a".repeat(64)}.invalid`), (error) => {
    is(error, "dns", "no")
    assert.equal(error.detail, "Its name was not found")
  }),
)

effect(
  "fetch fails as tls and not sent when the port does not speak TLS",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen((socket) => socket.on("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n")))
    is(yield* failure(`https://127.0.0.1:${server.port}`), "tls", "no")
  })),
)

effect(
  "fetch fails as tls and sends nothing when the certificate is not trusted",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listenTls(silent)
    const error = yield* failure(`https://localhost:${server.port}`)
    is(error, "tls", "no")
    assert.match(error.detail, /certificate is not trusted/u)
    assert.equal(server.received(), "")
  })),
)

effect(
  "fetch fails as reset when the connection ends within the TLS handshake",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(hangingUp)
    assert.equal((yield* failure(`https://127.0.0.1:${server.port}`)).kind, "reset")
  })),
)

for (
  const [name, behaviour] of [
    ["the server hangs up without an answer", hangingUp],
    ["the connection is reset without an answer", (socket) => socket.on("data", () => socket.resetAndDestroy())],
    ["the head of the answer is cut", answering("HTTP/1.1 200 OK\r\nContent-Le")],
  ] as ReadonlyArray<readonly [string, Behaviour]>
) {
  effect(
    `fetch fails as reset and maybe sent when ${name}`,
    Effect.map(failureFrom(behaviour), (error) => is(error, "reset", "maybe")),
  )
}

const packed = gzipSync("<Ok/>".repeat(50))
for (
  const [name, behaviour] of [
    ["the body is shorter than its length", answering("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok")],
    ["no byte of the body comes", answering("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")],
    ["the last chunk is missing", answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")],
    [
      "a compressed body is cut",
      answering(Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`),
        packed.subarray(0, 15),
      ])),
    ],
  ] as ReadonlyArray<readonly [string, Behaviour]>
) {
  effect(
    `fetch fails as cut and maybe sent when ${name}`,
    Effect.map(failureFrom(behaviour), (error) => is(error, "cut", "maybe")),
  )
}

effect(
  "fetch fails as cut when fetch itself takes a short body for whole",
  Effect.gen(function* () {
    const lenient = () => Promise.resolve(new Response("ok", { headers: { "content-length": "3" } }))
    const error = yield* failure("http://a.test", { fetch: lenient as unknown as typeof fetch })
    is(error, "cut", "maybe")
    assert.equal(error.detail, "The answer ended after 2 of 3 bytes")
  }),
)

for (
  const [name, behaviour] of [
    ["it announces more than is taken", answering("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "keep")],
    [
      "more comes than is taken",
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n", "keep"),
    ],
  ] as ReadonlyArray<readonly [string, Behaviour]>
) {
  effect(
    `fetch fails as too-large and closes the connection when ${name}`,
    Effect.scoped(Effect.gen(function* () {
      const server = yield* listen(behaviour)
      is(yield* failure(server.origin, { maxBytes: 10 }), "too-large", "maybe")
      yield* Effect.promise(() => server.closed)
    })),
  )
}

effect(
  "fetch fails as too-large when a small answer unpacks to more than is taken",
  Effect.gen(function* () {
    const bomb = gzipSync(Buffer.alloc(1_000_000))
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`
    is(
      yield* failureFrom(answering(Buffer.concat([Buffer.from(head), bomb])), { maxBytes: 10_000 }),
      "too-large",
      "maybe",
    )
  }),
)

effect(
  "fetch takes an answer when it is exactly as large as is taken",
  Effect.scoped(Effect.gen(function* () {
    const { origin } = yield* listen(answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"))
    const answer = yield* make({ maxBytes: 10 }).send({ method: "GET", origin, target: "/", headers: [], body: noBody })
    assert.equal(answer.body.length, 10)
  })),
)

for (
  const [name, text] of [
    ["is not HTTP", "garbage\r\n\r\n"],
    ["is an upgrade", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
    ["has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"],
  ] as const
) {
  effect(
    `fetch fails and says maybe sent when the answer ${name}`,
    Effect.map(failureFrom(answering(text)), (error) => {
      assert.equal(error.sent, "maybe")
      assert.ok(error.kind === "other" || error.kind === "reset", error.kind)
    }),
  )
}

/** An error as a runtime throws it; `cause` and `errors` nest. */
const thrown = (
  { cause, message = "fetch failed", ...rest }: Readonly<Record<string, unknown>> & { message?: string },
) => Object.assign(new Error(message, cause === undefined ? {} : { cause }), rest)
const deno = (message: string) => thrown({ name: "TypeError", cause: thrown({ message }) })
const node = (code: string, rest: Readonly<Record<string, unknown>> = {}) =>
  thrown({ name: "TypeError", cause: thrown({ code, message: `${code} http://a.test/?sign=secretsecret`, ...rest }) })
const bun = (code: string, message = "") =>
  thrown({
    name: "TypeError",
    code,
    errno: 0,
    message: `${code}: ${message} fetching "http://a.test/?sign=secretsecret"`,
  })

/** As seen on Bun 1.4.5, Deno 2.9.6 and Node 20.20, so that each is held on all. */
const shapes: ReadonlyArray<readonly [string, unknown, TransportKind, "no" | "maybe"]> = [
  ["Bun refused", bun("ECONNREFUSED", "Unable to connect."), "refused", "no"],
  [
    "Bun name not found",
    thrown({ code: "ENOTFOUND", syscall: "getaddrinfo", message: "getaddrinfo ENOTFOUND a.test" }),
    "dns",
    "no",
  ],
  ["Bun plain port", bun("EPROTO", "The TLS handshake failed. Does the server speak TLS on this port?"), "tls", "no"],
  ["Bun self-signed", bun("DEPTH_ZERO_SELF_SIGNED_CERT", "self signed certificate"), "tls", "no"],
  ["Bun closed", bun("ECONNRESET", "The socket connection was closed unexpectedly."), "reset", "maybe"],
  ["Bun malformed head", bun("Malformed_HTTP_Response"), "other", "maybe"],
  ["Bun two lengths", bun("InvalidContentLength"), "other", "maybe"],
  ["Bun upgrade", bun("UnrequestedUpgrade"), "other", "maybe"],
  [
    "Deno refused",
    deno(
      "error sending request for url (http://a.test/?sign=secretsecret): client error (Connect): tcp connect error: Connection refused (os error 111)",
    ),
    "refused",
    "no",
  ],
  [
    "Deno connection reset",
    deno(
      "error sending request for url (https://a.test/): client error (Connect): tcp connect error: Connection reset by peer (os error 104)",
    ),
    "reset",
    "no",
  ],
  [
    "Deno connection timed out",
    deno(
      "error sending request for url (http://a.test/): client error (Connect): tcp connect error: Connection timed out (os error 110)",
    ),
    "timeout",
    "no",
  ],
  [
    "Deno name not found",
    deno(
      "error sending request for url (http://a.test/): client error (Connect): dns error: failed to lookup address information: Name or service not known",
    ),
    "dns",
    "no",
  ],
  [
    "Deno plain port",
    deno(
      "error sending request for url (https://a.test/): client error (Connect): received corrupt message of type InvalidContentType",
    ),
    "tls",
    "no",
  ],
  [
    "Deno handshake cut",
    deno("error sending request for url (https://a.test/): client error (Connect): tls handshake eof"),
    "reset",
    "no",
  ],
  [
    "Deno untrusted",
    deno(
      "error sending request for url (https://a.test/): client error (Connect): invalid peer certificate: UnknownIssuer",
    ),
    "tls",
    "no",
  ],
  [
    "Deno closed",
    deno(
      "error sending request from 127.0.0.1:1 for http://a.test/ (127.0.0.1:2): client error (SendRequest): connection closed before message completed",
    ),
    "reset",
    "maybe",
  ],
  ["Deno reset", deno("Connection reset by peer (os error 104)"), "reset", "maybe"],
  [
    "Deno garbage",
    deno(
      "error sending request from 127.0.0.1:1 for http://a.test/ (127.0.0.1:2): client error (SendRequest): invalid HTTP version parsed",
    ),
    "other",
    "maybe",
  ],
  [
    "Deno without permission",
    thrown({ name: "NotCapable", message: 'Requires net access to "a.test:80"' }),
    "other",
    "no",
  ],
  ["Node refused", node("ECONNREFUSED", { syscall: "connect" }), "refused", "no"],
  [
    "Node refused at several addresses",
    thrown({
      cause: thrown({
        name: "AggregateError",
        code: "ECONNREFUSED",
        errors: [thrown({ code: "ECONNREFUSED", syscall: "connect" })],
      }),
    }),
    "refused",
    "no",
  ],
  ["Node unreachable", node("ENETUNREACH", { syscall: "connect" }), "refused", "no"],
  ["Node connect time-out", node("UND_ERR_CONNECT_TIMEOUT"), "timeout", "no"],
  ["Node connect ETIMEDOUT", node("ETIMEDOUT", { syscall: "connect" }), "timeout", "no"],
  ["Node read ETIMEDOUT", node("ETIMEDOUT", { syscall: "read" }), "timeout", "maybe"],
  ["Node headers time-out", node("UND_ERR_HEADERS_TIMEOUT"), "timeout", "maybe"],
  ["Node name not found", node("ENOTFOUND", { syscall: "getaddrinfo" }), "dns", "no"],
  ["Node resolver busy", node("EAI_AGAIN", { syscall: "getaddrinfo" }), "dns", "no"],
  ["Node plain port", node("ERR_SSL_WRONG_VERSION_NUMBER"), "tls", "no"],
  ["Node self-signed", node("DEPTH_ZERO_SELF_SIGNED_CERT"), "tls", "no"],
  ["Node expired certificate", node("CERT_HAS_EXPIRED"), "tls", "no"],
  ["Node other name", node("ERR_TLS_CERT_ALTNAME_INVALID"), "tls", "no"],
  ["Node alert after the handshake", node("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "tls", "maybe"],
  [
    "Node handshake cut",
    node("ECONNRESET", { message: "Client network socket disconnected before secure TLS connection was established" }),
    "reset",
    "no",
  ],
  ["Node reset at connect", node("ECONNRESET", { syscall: "connect" }), "reset", "no"],
  ["Node reset at read", node("ECONNRESET", { syscall: "read" }), "reset", "maybe"],
  ["Node closed", node("UND_ERR_SOCKET"), "reset", "maybe"],
  ["Node broken pipe", node("EPIPE", { syscall: "write" }), "reset", "maybe"],
  ["Node garbage", node("HPE_INVALID_CONSTANT"), "other", "maybe"],
  ["something never seen", thrown({ message: "secretsecret" }), "other", "maybe"],
  ["no error at all", "secretsecret", "other", "maybe"],
  ["nothing", undefined, "other", "maybe"],
]

for (const [name, cause, kind, sent] of shapes) {
  test(`failureOf gives ${kind}, sent ${sent}, when it is ${name}`, () => {
    const error = failureOf(cause, "head", "a.test")
    is(error, kind, sent)
    assert.match(error.detail, /^[A-Z].*[^.\s]$/u)
    assert.doesNotMatch(`${error.message}${JSON.stringify(error)}`, /secretsecret|http:/u)
  })
}

for (
  const [name, cause] of [
    ["Bun", bun("ECONNRESET")],
    ["Deno", thrown({ name: "TypeError", message: "error reading a body from connection" })],
    ["Node", thrown({ name: "TypeError", message: "terminated", cause: thrown({ code: "UND_ERR_SOCKET" }) })],
  ] as const
) {
  test(`failureOf gives cut and counts the bytes when a body breaks off on ${name}`, () => {
    const error = failureOf(cause, "body", "a.test", 17)
    is(error, "cut", "maybe")
    assert.equal(error.detail, "The answer broke off after 17 bytes")
  })
}

test("failureOf ends when a cause is its own cause", () => {
  const loop: { cause?: unknown; code: string } = { code: "ECONNREFUSED" }
  loop.cause = loop
  is(failureOf(loop, "head", "a.test"), "refused", "no")
})
