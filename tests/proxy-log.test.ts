/** The line that every request to a proxy leaves, whatever somebody sends. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { proxyLog } from "../adapters/proxy/log.ts"
import type { Recorded } from "../adapters/record.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { TransportError } from "../core/errors.ts"
import type { HttpResponse } from "../core/http.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { listen } from "../http/listen.ts"
import { call, exchange } from "./door.ts"
import { effect, prop } from "./harness.ts"
import { bucket, hashOf, requestOf } from "./proxy-world.ts"
import { observed, observing, ruleXml } from "./telemetry-world.ts"

const lineOf = (recorded: Recorded, form: "json" | "text" = "json"): string => {
  const lines: Array<string> = []
  proxyLog({ write: (line) => lines.push(line), form })(recorded)
  assert.equal(lines.length, 1)
  return lines[0]!
}

const errorOf = (status: number, code: string): HttpResponse => ({
  status,
  headers: [],
  body: new TextEncoder().encode(writeErrorDocument({ code, message: "No." })),
})

const recorded: Recorded = {
  at: Date.UTC(2026, 10, 21, 12, 0, 0, 123),
  method: "PUT",
  host: "proxy.test",
  target: `/${bucket}/?inventory&id=ci-daily`,
  operation: "PutBucketInventory",
  principal: "writer",
  bucket,
  id: "ci-daily",
  outcome: "allowed",
  status: 200,
  upstream: 200,
  callId: "ci-7",
  requestId: "NmE=",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  millis: 31,
}

test("the proxy's line has every field under its name, in one order", () => {
  assert.equal(
    lineOf(recorded),
    '{"time":"2026-11-21T12:00:00.123Z","level":"info","kind":"request","requestId":"ci-7",' +
      '"traceId":"0af7651916cd43dd8448eb211c80319c","method":"PUT","host":"proxy.test",' +
      `"target":"/${bucket}/?inventory&id","operation":"PutBucketInventory","principal":"writer",` +
      `"bucket":"${bucket}","id":"ci-daily","outcome":"allowed","status":200,"upstreamStatus":200,` +
      '"cosRequestId":"NmE=","millis":31}',
  )
  assert.equal(
    lineOf(recorded, "text"),
    `12:00:00.123Z writer PutBucketInventory ${bucket} ci-daily allowed 200 31ms ci-7`,
  )
})

test("the proxy's line in text says why something was refused, and quotes an id that is more than one word", () => {
  const denied = { ...recorded, outcome: "denied", status: 403, code: "AccessDenied", why: "no grant allows this id" }
  assert.match(
    lineOf({ ...denied, id: "a allowed 200" }, "text"),
    / "a allowed 200" denied 403 31ms ci-7 AccessDenied: no grant/u,
  )
})

test("the proxy's line says how far a request got when no door could say it", () => {
  const { outcome: _, status: __, upstream: ___, ...rest } = recorded
  const ends: ReadonlyArray<readonly [Partial<Recorded>, outcome: string, level: string]> = [
    [{ broken: "left" }, "left", "warn"],
    [{ broken: "cut" }, "left", "warn"],
    [{ broken: "InternalError" }, "failed", "error"],
    [{ status: 400 }, "invalid", "warn"],
    [{ status: 500 }, "failed", "error"],
    [{ status: 503, outcome: "allowed" }, "allowed", "error"],
    [{ status: 503, outcome: "limited" }, "limited", "warn"],
    [{ status: 404, outcome: "allowed" }, "allowed", "info"],
    [{ status: 200, outcome: "an outcome that there is not" }, "invalid", "warn"],
  ]
  for (const [end, outcome, level] of ends) {
    const line = JSON.parse(lineOf({ ...rest, ...end }))
    assert.deepEqual([line.outcome, line.level], [outcome, level], JSON.stringify(end))
  }
})

test("the proxy's line shows of a target the words it knows, and stars for all else", () => {
  const shapes: Readonly<Record<string, string>> = {
    [`/${bucket}/?inventory&id=s3cret&s3cret=s3cret&q-ak=s3cret&q-signature=s3cret`]:
      `/${bucket}/?inventory&id&*&signature`,
    [`/v1/buckets/${bucket}/inventories/s3cret/run?s3cret`]: `/v1/buckets/${bucket}/inventories/*/run?*`,
    "/s3cret/s3cret/s3cret": "/*",
    "/?sign=q-signature%3Ds3cret": "/?signature",
    "/?x-cos-security-token=s3cret": "/?signature",
    "/metrics": "/metrics",
    "/": "/",
    "s3cret.test:443": "*",
    "": "",
  }
  for (const [target, shape] of Object.entries(shapes)) {
    assert.equal(JSON.parse(lineOf({ ...recorded, target })).target, shape, target)
  }
})

const hostile = [
  "\r\n12:00:00.123Z writer forged allowed 200",
  "\u001b[2J\u001b]0;owned\u0007",
  "\u2028\u2029\u0085\u202e\u2066\ufeff",
  "\n::set-output name=a::b",
  "##[error]##vso[task.setvariable]",
  '","outcome":"allowed","x":"',
  "\ud800",
  "\u0000",
  "x".repeat(100_000),
  "q-signature=5ec7e7",
]
/** Whatever a terminal, a collector of lines or a build's log could take for its own. */
const steering =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|^\s*::|##\[|##vso\[/u

const Anything = Schema.Union([Schema.String, Schema.Literals(hostile)])
prop(
  "the proxy's line is one, short, valid and harmless, whatever stands in any of its fields",
  Schema.Struct({
    method: Anything,
    host: Anything,
    target: Anything,
    operation: Anything,
    principal: Anything,
    bucket: Anything,
    id: Anything,
    code: Anything,
    why: Anything,
    callId: Anything,
    requestId: Anything,
  }),
  (values) => {
    const [json, text] = [lineOf({ ...recorded, ...values }), lineOf({ ...recorded, ...values }, "text")]
    const { outcome, kind } = JSON.parse(json)
    return [json, text].every((line) => !steering.test(line) && line.length < 8000) && outcome === "allowed" &&
      kind === "request"
  },
)

test("a request leaves its line with who, what, the decision and COS's own answer", () =>
  observing({}, async ({ ask, lines }) => {
    const target = `/${bucket}/?inventory&id=list1`
    const given = { token: "reader-token", headers: { "x-request-id": "ci-7" } }
    const read = await ask("GET", target, given)
    assert.equal(read.headers.get("x-request-id"), "ci-7")
    await ask("GET", `/${bucket}/?inventory&id=nothing`, given)
    await ask("DELETE", target, given)
    await ask("GET", target, { token: "nobody's" })
    await ask("PUT", `/${bucket}/?inventory&id=ci-a`, { token: "writer-token", body: "<cut" })
    const seen = lines.map((line) => JSON.parse(line))
    assert.deepEqual(
      seen.map((
        { principal, operation, id, outcome, status, upstreamStatus, code },
      ) => [principal, operation, id, outcome, status, upstreamStatus, code]),
      [
        ["reader", "GetBucketInventory", "list1", "allowed", 200, 200, undefined],
        ["reader", "GetBucketInventory", "nothing", "allowed", 404, 404, "InventoryConfigurationNotFoundError"],
        ["reader", "DeleteBucketInventory", "list1", "denied", 403, undefined, "AccessDenied"],
        [undefined, "GetBucketInventory", "list1", "unauthenticated", 403, undefined, "AccessDenied"],
        ["writer", "PutBucketInventory", "ci-a", "invalid", 400, undefined, "MalformedXML"],
      ],
    )
    assert.equal(seen[0].cosRequestId, read.headers.get("x-cos-request-id"))
    assert.match(seen[2].why, /no grant of reader/u)
  }))

test("a request's line says by what its caller was known: a key's id, the beginning of a token's hash, or nothing", () =>
  observing({}, async ({ ask, lines }) => {
    const target = `/${bucket}/?inventory&id=list1`
    await ask("GET", target, { key: "AKIDreader" })
    await ask("GET", "/v1/buckets", { token: "reader-token" })
    await ask("GET", target)
    await ask("GET", target, { token: "nobody's" })
    const seen = lines.map((line) => JSON.parse(line))
    assert.deepEqual(
      seen.map(({ principal, by, credential, why }) => [principal, by, credential, why]),
      [
        ["reader", "key", "AKIDreader", undefined],
        ["reader", "token", hashOf("reader-token").slice("sha256:".length).slice(0, 8), undefined],
        [undefined, undefined, undefined, "no credentials"],
        [undefined, undefined, undefined, "the bearer token is none"],
      ],
    )
  }))

test("a request's line has COS's own status when COS refuses the proxy's key, at first or when it is asked again", () => {
  const refused = errorOf(403, "SignatureDoesNotMatch")
  const answers = [refused, errorOf(500, "InternalError"), refused]
  return observing({ between: () => ({ send: () => Effect.sync(() => answers.shift()!) }) }, async ({ ask, lines }) => {
    for (const expected of [500, 503]) {
      const { status } = await ask("GET", `/${bucket}/?inventory&id=list1`, { token: "reader-token" })
      const line = JSON.parse(lines.at(-1)!)
      assert.deepEqual([status, line.status, line.upstreamStatus, line.level], [expected, expected, 403, "error"])
    }
  })
})

test("an answer bears an id of its own when the one that came could not stand in a log", () =>
  observing({}, async ({ ask, lines }) => {
    for (const given of ["a b", "x".repeat(65), "<a>", "a\tb", "é"]) {
      const { headers } = await ask("GET", "/healthz", { headers: { "x-request-id": given } })
      assert.match(headers.get("x-request-id")!, /^[0-9a-f-]{36}$/u)
      assert.equal(JSON.parse(lines.at(-1)!).requestId, headers.get("x-request-id"))
    }
  }))

test("a caller that leaves while COS is asked leaves its line with who it was", () => {
  const leaving = new AbortController()
  const between = () => ({ send: () => Effect.andThen(Effect.sync(() => leaving.abort()), Effect.never) })
  return observing({ between }, async ({ app, lines }) => {
    const request = requestOf("GET", `/${bucket}/?inventory&id=list1`, { token: "reader-token" })
    await assert.rejects(Promise.resolve(app.fetch(new Request(request, { signal: leaving.signal }))))
    const [line] = lines.map((line) => JSON.parse(line))
    assert.deepEqual(
      [line.principal, line.operation, line.id, line.outcome, line.status],
      ["reader", "GetBucketInventory", "list1", "left", undefined],
    )
  })
})

test("a COS that cannot be reached stands in the line, and its host is not told to the caller", () => {
  const lost = new TransportError({ kind: "tls", sent: "no", host: "cos.internal.test", detail: "Refused" })
  return observing({ between: () => ({ send: () => Effect.fail(lost) }) }, async ({ ask, lines }) => {
    const answer = await ask("GET", `/${bucket}/?inventory&id=list1`, {
      token: "reader-token",
      headers: { "x-request-id": "ci-7" },
    })
    assert.equal(answer.status, 503)
    assert.doesNotMatch(answer.text, /internal/u)
    const { outcome, level, code, why } = JSON.parse(lines.at(-1)!)
    assert.deepEqual([outcome, level, code], ["allowed", "error", "ServiceUnavailable"])
    assert.match(why, /cos\.internal\.test/u)
  })
})

effect(
  "every request on a socket leaves one harmless line, also what is no HTTP, and what carries hostile values",
  Effect.gen(function* () {
    const world = yield* observed()
    const { port } = yield* Effect.provideService(listen({ app: world.app }), Watch, world.watch)
    const ask = (text: string) => Effect.promise(() => exchange(port, text))
    const get = (target: string, ...headers: ReadonlyArray<string>) =>
      `${["GET " + target + " HTTP/1.1", "Host: localhost", ...headers].join("\r\n")}\r\n\r\n`
    const sent = [
      "THIS IS NO HTTP\r\n\r\n",
      get("/", "Host: other"),
      get("//evil.test/?inventory&id=%0a::set-output%20name=a::b"),
      get(`/${bucket}/?inventory&id=%1b%5b2J%e2%80%a8%e2%80%ae`, "Authorization: Bearer reader-token"),
      get(`/${bucket}/?inventory&id=${"x".repeat(9000)}`, "Authorization: Bearer reader-token"),
      get(`/${"a".repeat(5000)}-1250000000/?inventory`, "Authorization: Bearer reader-token"),
      get("/%23%23vso[task]/", "User-Agent: ::error::a\u0085", "x-request-id: ::set-output name=a::b"),
      get("/?%22,%22outcome%22:%22allowed"),
      "GET http://evil.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\u0016\u0003\u0001 hello\r\n\r\n",
    ]
    for (const text of sent) yield* ask(text)
    assert.equal(world.lines.length, sent.length)
    for (const line of world.lines) {
      assert.doesNotMatch(line, steering)
      assert.equal(line.length < 2000, true, String(line.length))
      assert.equal(JSON.parse(line).status >= 400, true)
    }
  }),
)

effect(
  "a body that is cut leaves a line with who sent it",
  Effect.gen(function* () {
    const world = yield* observed()
    const { port } = yield* Effect.provideService(listen({ app: world.app }), Watch, world.watch)
    const body = ruleXml("ci-a")
    const caller = call(port)
    caller.write(
      `PUT /${bucket}/?inventory&id=ci-a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer writer-token\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
    )
    caller.end()
    yield* Effect.promise(() => caller.closed)
    const [line] = world.lines.map((line) => JSON.parse(line))
    assert.deepEqual([line.principal, line.operation, line.id, line.status], [
      "writer",
      "PutBucketInventory",
      "ci-a",
      400,
    ])
  }),
)

effect(
  "a write that is late leaves its lines under one id, which its caller gets",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const between = () => ({ send: () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never) })
    const world = yield* observed({ between })
    const asking = world.ask("DELETE", `/${bucket}/?inventory&id=ci-a`, { token: "writer-token" })
    yield* Deferred.await(begun)
    // The audit's own read is given up, the write is not
    yield* TestClock.adjust("31 seconds")
    const { status, headers, text } = yield* Effect.promise(() => asking)
    const [line] = world.lines.map((line) => JSON.parse(line))
    const [audit] = world.audit.map((line) => JSON.parse(line))
    assert.deepEqual([status, line.status, line.principal, line.id], [503, 503, "writer", "ci-a"])
    assert.deepEqual([audit.outcome, audit.before], ["in doubt", "unknown"])
    assert.equal(line.requestId, headers.get("x-request-id"))
    assert.equal(audit.requestId, headers.get("x-request-id"))
    assert.match(line.why, /^No answer from COS: /u)
    assert.match(text, /<Message>COS did not answer in time\.<\/Message>/u)
  }),
)

test("a request at the JSON door leaves the same line and the same audit as one on COS's wire", () =>
  observing({}, async ({ ask, lines, audit }) => {
    const target = `/v1/buckets/${bucket}/inventories/ci-a`
    await ask("PUT", `/${bucket}/?inventory&id=ci-a`, { token: "writer-token", body: ruleXml("ci-a") })
    await ask("GET", target, { token: "writer-token" })
    await ask("DELETE", target, { token: "reader-token" })
    await ask("DELETE", target, { token: "writer-token" })
    await ask("GET", "/v1/buckets", { token: "reader-token" })
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map((
        { principal, operation, bucket, id, outcome, upstreamStatus },
      ) => [principal, operation, bucket, id, outcome, upstreamStatus]),
      [
        ["writer", "PutBucketInventory", bucket, "ci-a", "allowed", 200],
        ["writer", "GetBucketInventory", bucket, "ci-a", "allowed", 200],
        ["reader", "DeleteBucketInventory", bucket, "ci-a", "denied", undefined],
        ["writer", "DeleteBucketInventory", bucket, "ci-a", "allowed", 204],
        ["reader", "GetService", undefined, undefined, "allowed", undefined],
      ],
    )
    assert.deepEqual(
      audit.map((line) => JSON.parse(line)).map(({ operation, id, outcome }) => [operation, id, outcome]),
      [["PutBucketInventory", "ci-a", "done"], ["DeleteBucketInventory", "ci-a", "done"]],
    )
  }))
