/** Clients that announce and do not send, send and do not end, ask and do not read; and what it costs everybody else. */
import { strict as assert } from "node:assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { test } from "node:test"
import { TestClock } from "effect/testing"
import { credential } from "../adapters/credentials/fixed.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { wire } from "../adapters/hono/wire.ts"
import { maxBodyBytes, maxRequests } from "../adapters/proxy/admission.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import { type Policy, readPolicy } from "../core/policy/mod.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { type Body, Transport } from "../core/ports.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { listen } from "../http/listen.ts"
import { call, type Caller, opened, refusalIn, statusOf } from "./door.ts"
import { effect } from "./harness.ts"
import { answer } from "./limit-world.ts"
import { behindSocket, signatureFor, written } from "./proxy-socket.ts"
import { bucket, often, policyForm, proxied, proxySecret, requestOf } from "./proxy-world.ts"

const target = `/${bucket}/?inventory&id=list1`
const put = `/${bucket}/?inventory&id=ci-a`
const destination = { bucket: `qcs::cos:ap-guangzhou::${bucket}`, prefix: "ci/reports", format: "CSV" } as const
const rule = writeConfiguration({
  id: "ci-a",
  isEnabled: true,
  includedObjectVersions: "Current",
  schedule: { frequency: "Daily" },
  destination,
})
const host = ["Host", "proxy.test"] as const
const bearer = (token: string) => ["Authorization", `Bearer ${token}`] as const

const answerOf = (caller: Caller, method?: string) => Effect.promise(() => caller.answer(method))

/** A proxy on a socket whose policy can be changed; `began` ends when so many writes are known to be allowed. */
const proxy = (
  send: (request: HttpRequest) => Effect.Effect<HttpResponse> = () => Effect.succeed(answer(200)),
  form: unknown = policyForm,
) =>
  Effect.gen(function* () {
    let policy: Policy = Result.getOrThrow(readPolicy(form))
    let looks = 0
    let wake = () => {}
    const sent: Array<HttpRequest> = []
    const defects: Array<string> = []
    const app = yield* openProxy({
      policy: () => {
        looks++
        wake()
        return policy
      },
      hashes,
      audit: () => {},
      credentials: [Effect.succeed(credential("AKIDreal", "real"))],
      secret: Redacted.make(proxySecret),
      base: Layer.succeed(Transport, {
        send: (request) => Effect.suspend(() => (sent.push(request), send(request))),
      }),
    }).pipe(Effect.provideService(Watch, { onRequest: () => {}, onDefect: (text) => void defects.push(text) }))
    const { port } = yield* listen({ app, graceMillis: 0 })
    /** Three looks are taken until a request is being answered. */
    const begun = (requests: number) =>
      Effect.promise(async () => {
        while (looks < requests * 3) await new Promise<void>((resolve) => wake = resolve)
        // The last one is taken right before whoever asks is looked at
        await new Promise((resolve) => setImmediate(resolve))
      })
    return {
      port,
      app,
      begun,
      defects: () => defects,
      writes: () => sent.filter(({ method }) => method !== "GET"),
      change: (form: unknown) => policy = Result.getOrThrow(readPolicy(form)),
    }
  })

for (
  const [what, count, length] of [
    ["announce the largest bodies", maxBodyBytes / maxDocumentBytes, maxDocumentBytes],
    ["announce one byte each", maxRequests, 1],
  ] as const
) {
  effect(
    `the proxy takes a write while ${count} of nobody's connections ${what} and send nothing`,
    Effect.gen(function* () {
      const { port } = yield* proxy()
      const idle: Array<Caller> = []
      for (let at = 0; at < count; at++) {
        const caller = call(port)
        caller.write(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
        idle.push(caller)
      }
      // Each of them is told at once, and may still send what it announced
      for (const caller of idle) assert.equal(refusalIn(yield* answerOf(caller)).code, "AccessDenied")
      const writer = call(port)
      writer.write(written("PUT", put, [host, bearer("writer-token")], rule))
      assert.equal(statusOf(yield* answerOf(writer)), 200)
      for (const caller of [writer, ...idle]) caller.hangUp()
    }),
  )
}

test("the proxy answers a refused PUT before its body is there, and then the next request of the connection", () =>
  behindSocket({}, async ({ port, upstream }) => {
    for (const framed of [rule, "x".repeat(maxDocumentBytes * 3)]) {
      const caller = call(port)
      const text = written("PUT", put, [host, bearer("reader-token")], framed)
      const half = text.length - (framed.length >> 1)
      caller.write(text.slice(0, half))
      assert.equal(refusalIn(await caller.answer()).code, "AccessDenied")
      caller.write(text.slice(half))
      caller.write(written("GET", target, [host, bearer("reader-token")]))
      assert.equal(statusOf(await caller.answer()), 200)
      caller.hangUp()
    }
    assert.equal(upstream().filter(({ method }) => method !== "GET").length, 0)
  }))

test("the proxy awaits nothing of a fetched body before it knows that its sender may write", () =>
  proxied({ policy: { ...policyForm, limits: often } }, async ({ ask }) => {
    const asking = (token: string, headers: Readonly<Record<string, string>>) => {
      let [isAsked, isGivenUp] = [false, false]
      const body = new ReadableStream<Uint8Array>({
        pull: () => {
          isAsked = true
          return new Promise(() => {})
        },
        cancel: () => void (isGivenUp = true),
      }, { highWaterMark: 0 })
      return ask("PUT", put, { token, headers, body: body as never })
        .then(({ status }) => ({ status, isAsked, isGivenUp }))
    }
    for (const headers of [{}, { "content-length": "5" }]) {
      for (const token of ["reader-token", "nobody"]) {
        assert.deepEqual(await asking(token, headers), { status: 403, isAsked: false, isGivenUp: true })
      }
    }
  }))

effect(
  "the proxy takes what a virtual key signed with a length that the Request does not tell",
  Effect.gen(function* () {
    const { app, writes } = yield* proxy()
    yield* TestClock.setTime(Date.now())
    const request = requestOf("PUT", put, { key: "AKIDwriter", body: rule })
    assert.match(request.headers.get("authorization")!, /content-length/u)
    assert.equal(request.headers.get("content-length"), null)
    const response = yield* Effect.promise(() => Promise.resolve(app.fetch(request)))
    assert.equal(response.status, 200, yield* Effect.promise(() => response.text()))
    assert.equal(writes().length, 1)
  }),
)

const strict = {
  ...policyForm,
  principals: policyForm.principals.map((principal) => ({
    ...principal,
    limits: { requestsPerSecond: 1, burst: 3, runsPerDay: 0 },
  })),
}
const json = { "content-type": "application/json" }
const refused: Readonly<Record<string, readonly [method: string, target: string, body?: string]>> = {
  "denied for what is asked": ["DELETE", `/${bucket}/?inventory&id=other`],
  "denied for the bucket": ["GET", "/other-1250000000/?inventory"],
  "invalid": ["PUT", put, "<no"],
  "none of inventory": ["GET", `/${bucket}/?acl`],
  "denied in JSON": ["DELETE", `/v1/buckets/${bucket}/inventories/other`],
  "invalid in JSON": ["PUT", `/v1/buckets/${bucket}/inventories/ci-a`, "{"],
  "for the list of buckets": ["GET", "/v1/buckets"],
  "for a plan": ["POST", "/v1/plan", "{}"],
}
for (const [what, [method, target, body]] of Object.entries(refused)) {
  test(`the proxy counts a request against its caller's rate when it is ${what}`, () =>
    proxied({ policy: strict }, async ({ ask }) => {
      const statuses: Array<number> = []
      for (let at = 0; at < 8; at++) {
        const asking = { token: "writer-token", headers: json, ...(body === undefined ? {} : { body }) }
        statuses.push((await ask(method, target, asking)).status)
      }
      assert.ok(statuses.slice(0, 3).every((status) => status !== 429 && status !== 503), String(statuses))
      assert.ok(statuses.some((status) => status === 429 || status === 503), String(statuses))
    }))
}

/** Begins a write, lets something happen while its last byte is not here, and ends it. */
const interruptedWrite = (
  lines: ReadonlyArray<readonly [string, string]>,
  path: string,
  body: string,
  meanwhile: (world: Effect.Success<ReturnType<typeof proxy>>) => Effect.Effect<unknown>,
) =>
  Effect.gen(function* () {
    const world = yield* proxy()
    const caller = call(world.port)
    const text = written("PUT", path, [host, ...lines], body)
    caller.write(text.slice(0, -1))
    yield* world.begun(1)
    yield* meanwhile(world)
    caller.write(text.slice(-1))
    const answered = yield* answerOf(caller)
    caller.hangUp()
    return { answered, writes: world.writes() }
  })

const [reader, writer] = policyForm.principals
const without = { ...policyForm, principals: [reader] }
const narrowed = { ...policyForm, principals: [reader, { ...writer, grants: [{ buckets: [bucket] }] }] }
const jsonRule = JSON.stringify({
  isEnabled: true,
  includedObjectVersions: "Current",
  schedule: { frequency: "Daily" },
  destination,
})
for (
  const [what, form] of [["its token was taken back", without], ["its right was taken back", narrowed]] as const
) {
  for (
    const [where, path, lines, body] of [
      ["on COS's wire", put, [bearer("writer-token")], rule],
      [
        "in JSON",
        `/v1/buckets/${bucket}/inventories/ci-a`,
        [bearer("writer-token"), ["Content-Type", "application/json"]],
        jsonRule,
      ],
    ] as const
  ) {
    effect(
      `the proxy writes nothing ${where} for whom ${what} while the body came`,
      Effect.gen(function* () {
        const allowed = yield* interruptedWrite(lines, path, body, () => Effect.void)
        assert.deepEqual([statusOf(allowed.answered), allowed.writes.length], [200, 1])
        const { answered, writes } = yield* interruptedWrite(
          lines,
          path,
          body,
          ({ change }) => Effect.sync(() => change(form)),
        )
        assert.ok([401, 403].includes(statusOf(answered)), answered.head)
        assert.equal(writes.length, 0)
      }),
    )
  }
}

effect(
  "the proxy writes under the policy that holds when the body is there",
  Effect.gen(function* () {
    const { answered, writes } = yield* interruptedWrite(
      [bearer("writer-token")],
      put,
      rule,
      ({ change }) => Effect.sync(() => change({ ...policyForm })),
    )
    assert.deepEqual([statusOf(answered), writes.length], [200, 1])
    const moved = yield* interruptedWrite(
      [bearer("writer-token")],
      put,
      rule,
      ({ change }) => Effect.sync(() => change({ ...policyForm, endpoint: "http://127.0.0.1:9" })),
    )
    assert.equal(refusalIn(moved.answered).code, "SlowDown")
    assert.equal(moved.writes.length, 0)
  }),
)

effect(
  "the proxy writes nothing when what the caller showed has expired while the body came",
  Effect.gen(function* () {
    const signed = (seconds: number) => {
      const headers = [host, ["Content-MD5", hashes.md5Base64(new TextEncoder().encode(rule))]] as const
      const keyTime = { start: 1_000, end: 1_000 + seconds }
      const value = signatureFor({ key: "AKIDwriter", method: "PUT", target: put, headers, keyTime })
      return [headers[1], ["Authorization", value]] as const
    }
    const write = (seconds: number) => interruptedWrite(signed(seconds), put, rule, () => TestClock.adjust("9 seconds"))
    yield* TestClock.setTime(1_000_000)
    const late = yield* write(5)
    assert.equal(refusalIn(late.answered).code, "AccessDenied")
    assert.equal(late.writes.length, 0)
    const early = yield* write(600)
    assert.deepEqual([statusOf(early.answered), early.writes.length], [200, 1])
  }),
)

effect(
  "the proxy ends a write's request to COS when its client ends its side after the body",
  Effect.gen(function* () {
    const arrived = yield* Deferred.make<void>()
    const left = yield* Deferred.make<void>()
    const { port } = yield* proxy(({ method }) =>
      method === "GET"
        ? Effect.succeed(answer(404))
        : Effect.andThen(Deferred.succeed(arrived, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Deferred.succeed(left, undefined)),
        )
    )
    const caller = call(port)
    caller.write(written("PUT", put, [host, bearer("writer-token")], rule))
    yield* Deferred.await(arrived)
    caller.end()
    yield* Deferred.await(left)
    caller.hangUp()
  }),
)

effect(
  "the door hears of a client that ends its side after a small body that was taken in whole",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<Body>()
    const left = yield* Deferred.make<void>()
    const app = yield* wire({
      endIsLeaving: true,
      answer: ({ body }) =>
        Effect.andThen(Deferred.succeed(begun, body), Effect.never).pipe(
          Effect.onInterrupt(() => Deferred.succeed(left, undefined)),
        ),
    })
    const { port } = yield* listen({ app, graceMillis: 0 })
    const caller = call(port)
    caller.write("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    assert.ok((yield* Deferred.await(begun)) instanceof Uint8Array)
    caller.end()
    yield* Deferred.await(left)
    caller.hangUp()
  }),
)

effect(
  "the door lets go of a client that does not take a whole answer",
  Effect.gen(function* () {
    const large = answer(200, "x".repeat(32 * maxDocumentBytes))
    const { port } = yield* opened(() => Effect.succeed(large))
    const caller = call(port)
    caller.socket.pause()
    caller.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
    let isClosed = false
    const waiting = yield* Effect.forkChild(
      Effect.promise(() => caller.closed.then(() => isClosed = true)),
    )
    // Only a broken connection closes one that reads nothing
    while (!isClosed) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("60 seconds")
      if (caller.socket.readableLength > 0) caller.socket.resume()
    }
    const read = yield* Effect.promise(() => caller.closed)
    assert.ok(read.length < large.body.byteLength)
    yield* Fiber.await(waiting)
  }),
)

effect(
  "the door sends a large whole answer, and takes the next request of the connection",
  Effect.gen(function* () {
    const large = answer(200, "x".repeat(8 * maxDocumentBytes))
    const { port } = yield* opened(() => Effect.succeed(large))
    const caller = call(port)
    for (let at = 0; at < 3; at++) {
      caller.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
      assert.equal((yield* answerOf(caller)).body.length, large.body.byteLength)
    }
    caller.hangUp()
  }),
)

effect(
  "the door takes so many connections at one time, and others when one of them is closed",
  Effect.gen(function* () {
    const { port } = yield* opened(undefined, { maxConnections: 2 })
    const ask = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    const callers = [call(port), call(port)]
    for (const caller of callers) {
      caller.write(ask)
      assert.equal(statusOf(yield* answerOf(caller)), 200)
    }
    const third = call(port)
    third.write(ask)
    assert.equal(yield* Effect.promise(() => third.closed), "")
    callers[0]!.hangUp()
    for (;;) {
      const caller = call(port)
      caller.write(ask)
      const { head } = yield* answerOf(caller)
      caller.hangUp()
      if (head !== "") break
    }
    callers[1]!.hangUp()
  }),
)

effect(
  "the door keeps an idle connection as long as it is told",
  Effect.gen(function* () {
    const idle = function* (keepAliveMillis: number) {
      const caller = call((yield* opened(undefined, { keepAliveMillis })).port)
      caller.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
      assert.equal(statusOf(yield* answerOf(caller)), 200)
      return caller
    }
    const callers = [yield* idle(60_000), yield* idle(1)]
    const closed = callers.map((caller, at) => caller.closed.then(() => at))
    assert.equal(yield* Effect.promise(() => Promise.race(closed)), 1)
    for (const caller of callers) caller.hangUp()
  }),
)

for (
  const [what, path, pattern] of [
    ["on COS's wire", target, /<Code>InternalError<\/Code>/u],
    ["in JSON", `/v1/buckets/${bucket}/inventories/list1`, /"code":"proxy-failed","requestId":"call-7"/u],
  ] as const
) {
  effect(
    `the proxy answers a fault of its own under the id of the request ${what}, and tells of it once`,
    Effect.gen(function* () {
      const { port, defects } = yield* proxy(() => Effect.die(new Error("a secret fault")))
      const caller = call(port)
      caller.write(written("GET", path, [host, bearer("reader-token"), ["x-request-id", "call-7"]]))
      const answered = yield* answerOf(caller)
      caller.hangUp()
      assert.equal(statusOf(answered), 500)
      assert.match(answered.head, /\r\nx-request-id: call-7\r\n/iu)
      assert.match(answered.body, pattern)
      assert.doesNotMatch(answered.body, /secret/u)
      assert.equal(defects().length, 1)
      assert.match(defects()[0]!, /a secret fault/u)
    }),
  )
}

test("a problem names the request by the id that its answer has", () =>
  proxied({}, async ({ ask }) => {
    for (const token of ["reader-token", "nobody"]) {
      const { headers, text } = await ask("DELETE", `/v1/buckets/${bucket}/inventories/x`, { token })
      assert.equal(JSON.parse(text).requestId, headers.get("x-request-id"))
    }
  }))
