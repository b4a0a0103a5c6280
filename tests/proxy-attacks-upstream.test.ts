/** Answers that no COS gives, over a socket: whatever they hold, the caller gets COS's own words and harmless headers. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { gzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { credential } from "../adapters/credentials/fixed.ts"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoKey } from "../adapters/memory/mod.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import { readPolicy } from "../core/policy/mod.ts"
import { listen } from "../http/listen.ts"
import { exchange, refusalIn, statusOf } from "./door.ts"
import { answering, type Behaviour, listen as listenRaw } from "./loopback.ts"
import { written } from "./proxy-socket.ts"
import { bucket, policyForm, proxySecret } from "./proxy-world.ts"

const before = (behaviour: Behaviour, timeoutSeconds: number, text: string) =>
  Effect.gen(function* () {
    const upstream = yield* listenRaw(behaviour)
    const policy = Result.getOrThrow(readPolicy({ ...policyForm, endpoint: upstream.origin, timeoutSeconds }))
    const app = yield* openProxy({
      policy: () => policy,
      hashes,
      audit: () => {},
      credentials: [Effect.succeed(credential(demoKey.secretId, demoKey.secretKey))],
      secret: Redacted.make(proxySecret),
    }).pipe(Effect.provide(Logger.layer([])))
    const { port } = yield* listen({ app, graceMillis: 0 })
    const answer = yield* Effect.promise(() => exchange(port, text))
    return { answer, received: upstream.received(), connections: upstream.connections() }
  }).pipe(Effect.provide(layerHashes), Effect.scoped, Effect.runPromise)

const host = ["Host", "proxy.test"] as const
const reader = ["Authorization", "Bearer reader-token"] as const
const get = written("GET", `/${bucket}/?inventory&id=list1`, [
  host,
  reader,
  ["Cookie", "evil=1"],
  ["X-Evil", "evil"],
  ["X-Forwarded-For", "192.0.2.1"],
  ["x-cos-evil", "evil"],
  ["User-Agent", "evil"],
  ["Accept-Language", "evil"],
  ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
])
const rule = "<InventoryConfiguration><Id>list1</Id></InventoryConfiguration>"
const whole = (status: string, headers: string, body: string): string =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`

const allowed = new Set([
  "content-type",
  "content-length",
  "content-security-policy",
  "date",
  "server",
  "x-cos-request-id",
  "x-cos-trace-id",
  "x-request-id",
  "x-content-type-options",
  "connection",
  "keep-alive",
])

const hostile =
  'Set-Cookie: evil=1\r\nSet-Cookie: evil=2\r\nLocation: http://evil.example/\r\nAlt-Svc: h2="evil.example:443"\r\n' +
  "Content-Type: text/html; charset=evil\r\nAccess-Control-Allow-Origin: *\r\nX-Evil: evil\r\nTrailer: X-Evil\r\n"

const answers: Readonly<Record<string, readonly [answer: string | Uint8Array, status: number]>> = {
  "a rule among hostile headers": [whole("200 OK", hostile, rule), 200],
  "a rule after answers that are none yet": [
    `HTTP/1.1 103 Early Hints\r\nLink: </evil>; rel=preload\r\n\r\n${whole("200 OK", "", rule)}`,
    200,
  ],
  "a redirect": [whole("302 Found", "Location: http://evil.example/?inventory\r\n", ""), 503],
  "a redirect to the proxy's own COS": [whole("307 Temporary Redirect", "Location: /evil\r\n", ""), 503],
  "a redirect in COS's words": [
    whole(
      "301 Moved Permanently",
      "Location: http://evil.example/\r\n",
      "<Error><Code>PermanentRedirect</Code><Message>evil</Message></Error>",
    ),
    500,
  ],
  "a page for people, compressed": [
    new Uint8Array([
      ...new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"),
      ...gzipSync("<html><script>evil()</script></html>"),
    ]),
    503,
  ],
  "a rule, compressed": [
    new Uint8Array([
      ...new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"),
      ...gzipSync(rule),
    ]),
    200,
  ],
  "another rule": [whole("200 OK", "", rule.replace("list1", "evil")), 503],
  "a document in another encoding": [
    whole(
      "200 OK",
      "Content-Type: application/xml; charset=utf-16\r\n",
      `<?xml version="1.0" encoding="utf-16"?>${rule}`,
    ),
    503,
  ],
}
for (const [what, [answer, status]] of Object.entries(answers)) {
  test(`the proxy passes nothing on that is not COS's when its upstream sends ${what}`, async () => {
    const got = await before(answering(answer), 30, get)
    assert.equal(statusOf(got.answer), status, got.answer.body)
    const names = got.answer.head.split("\r\n").slice(1).map((line) => line.slice(0, line.indexOf(":")).toLowerCase())
    assert.deepEqual(names.filter((name) => !allowed.has(name)), [])
    assert.doesNotMatch(got.answer.head + got.answer.body, /evil/u)
    if (status === 200) assert.equal(got.answer.body, rule)
    else refusalIn(got.answer)
    assert.equal(got.connections, 1)

    const [line, ...headers] = got.received.split("\r\n\r\n", 1)[0]!.split("\r\n")
    assert.equal(line, `GET /${bucket}/?inventory&id=list1 HTTP/1.1`)
    assert.doesNotMatch(got.received, /evil|reader-token|proxy\.test|192\.0\.2/u)
    // What the runtimes' own fetch adds, which differs between them
    const own = /^(?:host|authorization|connection|user-agent|accept|accept-encoding|accept-language|sec-fetch-mode)$/u
    assert.deepEqual(headers.map((text) => text.split(":", 1)[0]!.toLowerCase()).filter((name) => !own.test(name)), [])
  })
}

/** These are tried again, until the time of the policy is over. */
const broken: Readonly<Record<string, string>> = {
  "an answer that is cut": `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${rule}`,
  "a header that ends a line by itself":
    `HTTP/1.1 200 OK\r\nx-cos-request-id: a\rSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n`,
  "what is not HTTP": "evil evil evil\r\n\r\n",
}
for (const [what, answer] of Object.entries(broken)) {
  test(`the proxy answers ServiceUnavailable, or nothing of it, when its upstream sends ${what}`, async () => {
    const got = await before(answering(answer), 1, get)
    assert.equal(refusalIn(got.answer).code, "ServiceUnavailable")
    assert.doesNotMatch(got.answer.head + got.answer.body, /evil|127\.0\.0\.1/u)
  })
}
