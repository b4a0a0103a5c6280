/** Limits as a client sees them: what it is told, and what becomes of its request when it, or COS, takes too long. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { test } from "node:test"
import { TestClock } from "effect/testing"
import { credential } from "../adapters/credentials/fixed.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { maxBodyBytes } from "../adapters/proxy/admission.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import { TransportError } from "../core/errors.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { readPolicy } from "../core/policy/mod.ts"
import { Transport } from "../core/ports.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { listen } from "../http/listen.ts"
import { call, type Caller, refusalIn, statusOf } from "./door.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { effect } from "./harness.ts"
import { listen as loopback, silent } from "./loopback.ts"
import { answer } from "./limit-world.ts"
import { bucket, policyForm, proxied, requestOf } from "./proxy-world.ts"

const target = `/${bucket}/?inventory&id=list1`

const strict = {
  ...policyForm,
  principals: policyForm.principals.map((principal) => ({
    ...principal,
    limits: { requestsPerSecond: 1, burst: 1, runsPerDay: 1 },
  })),
}

test("a proxy tells a limited caller SlowDown and when to come again, and 429 in JSON", () =>
  proxied({ policy: strict }, async ({ ask, upstream }) => {
    assert.equal((await ask("GET", target, { token: "reader-token" })).status, 200)
    const wire = await ask("GET", target, { token: "reader-token" })
    assert.deepEqual([wire.status, wire.headers.get("retry-after")], [503, "1"])
    assert.match(wire.text, /<Code>SlowDown<\/Code>/u)
    const json = await ask("GET", `/v1/buckets/${bucket}/inventories/list1`, { token: "reader-token" })
    assert.deepEqual([json.status, json.headers.get("retry-after")], [429, "1"])
    assert.match(json.headers.get("content-type") ?? "", /^application\/problem\+json/u)
    assert.equal(upstream().length, 1)
    const lint = await ask("POST", `/v1/lint?bucket=${bucket}`, {
      token: "reader-token",
      headers: { "content-type": "application/json" },
      body: "[]",
    })
    assert.equal(lint.status, 429)
    // Another one's rate is another one
    assert.equal((await ask("GET", `/${bucket}/?inventory&id=ci-1`, { token: "writer-token" })).status, 404)
  }))

test("a proxy counts nobody's rate for requests that nobody is known by", () =>
  proxied({ policy: strict }, async ({ ask }) => {
    for (let i = 0; i < 20; i++) assert.equal((await ask("GET", target, { token: "other" })).status, 403)
    assert.equal((await ask("GET", target, { token: "reader-token" })).status, 200)
  }))

/** A proxy on a socket; `looked` and `over` end when it has looked at its policy so often, and so many requests are over. */
const proxy = (origin: string, timeoutSeconds = 30) =>
  Effect.gen(function* () {
    let looks = 0
    let ends = 0
    const wakes = new Set<() => void>()
    const wake = () => wakes.forEach((wake) => wake())
    const read = Result.getOrThrow(readPolicy({ ...policyForm, endpoint: origin, timeoutSeconds }))
    const app = yield* openProxy({
      policy: () => {
        looks++
        wake()
        return read
      },
      hashes,
      audit: () => {},
      credentials: [Effect.succeed(credential("AKIDreal", "real"))],
      secret: Redacted.make("a secret of these tests"),
    }).pipe(Effect.provideService(Watch, {
      onRequest: () => {
        ends++
        wake()
      },
      onDefect: () => {},
    }))
    const { port } = yield* listen({ app })
    const until = (isSo: () => boolean) =>
      Effect.promise(async () => {
        while (!isSo()) {
          await new Promise<void>((resolve) => {
            const woken = () => {
              wakes.delete(woken)
              resolve()
            }
            wakes.add(woken)
          })
        }
      })
    return {
      port,
      looked: (times: number) => until(() => looks >= times),
      over: (requests: number) => until(() => ends >= requests),
    }
  })

/** How often the policy is looked at until a request is answered. */
const toAnswer = 3

const head = (method: string, path: string, headers: ReadonlyArray<string> = [], token = "reader-token") =>
  [`${method} ${path} HTTP/1.1`, "Host: proxy.test", `Authorization: Bearer ${token}`, ...headers, "", ""].join("\r\n")

/** The head of a write that is allowed. */
const writing = (...headers: ReadonlyArray<string>) =>
  head("PUT", `/${bucket}/?inventory&id=ci-a`, headers, "writer-token")

const asked = (port: number, text: string): Caller => {
  const caller = call(port)
  caller.write(text)
  return caller
}

effect(
  "a proxy ends its request to COS when the client leaves",
  Effect.gen(function* () {
    const cos = yield* loopback(silent)
    const { port } = yield* proxy(cos.origin)
    const caller = asked(port, head("GET", target))
    yield* Effect.promise(() => cos.arrived)
    caller.hangUp()
    yield* Effect.promise(() => cos.closed)
    assert.equal(cos.connections(), 1)
    assert.match(cos.received(), /q-ak=AKIDreal/u)
  }),
)

effect(
  "a proxy asks COS once for two clients, and ends that request when the second of them leaves too",
  Effect.gen(function* () {
    const cos = yield* loopback(silent)
    let isClosed = false
    void cos.closed.then(() => isClosed = true)
    const { port, looked, over } = yield* proxy(cos.origin)
    const first = asked(port, head("GET", target))
    yield* Effect.promise(() => cos.arrived)
    const second = asked(port, head("GET", target))
    yield* looked(2 * toAnswer)
    first.hangUp()
    yield* over(1)
    assert.deepEqual([cos.connections(), isClosed], [1, false])
    second.hangUp()
    yield* Effect.promise(() => cos.closed)
    yield* over(2)
    assert.equal(cos.connections(), 1)
  }),
)

for (
  const [what, path, status, pattern] of [
    ["503 on COS's wire", target, 503, /<Code>ServiceUnavailable<\/Code>/u],
    ["504 in JSON", `/v1/buckets/${bucket}/inventories/list1`, 504, /"cos-timeout"/u],
  ] as const
) {
  effect(
    `a proxy answers ${what} when COS takes longer than the policy allows, and asks no further`,
    Effect.gen(function* () {
      const cos = yield* loopback(silent)
      const { port } = yield* proxy(cos.origin, 7)
      const caller = asked(port, head("GET", path))
      yield* Effect.promise(() => cos.arrived)
      yield* TestClock.adjust("7 seconds")
      const answered = yield* Effect.promise(() => caller.answer())
      assert.equal(statusOf(answered), status)
      assert.match(answered.body, pattern)
      yield* Effect.promise(() => cos.closed)
      assert.equal(cos.connections(), 1)
      caller.hangUp()
    }),
  )
}

effect(
  "a proxy answers RequestTimeout when a body does not come in within the policy's time",
  Effect.gen(function* () {
    const cos = yield* loopback(silent)
    const { port, looked } = yield* proxy(cos.origin, 7)
    const caller = asked(port, writing("Content-Length: 100") + "<Inventory")
    yield* looked(toAnswer)
    yield* TestClock.adjust("7 seconds")
    assert.equal(refusalIn(yield* Effect.promise(() => caller.answer())).code, "RequestTimeout")
    assert.equal(cos.connections(), 0)
    caller.hangUp()
  }),
)

effect(
  "a proxy keeps free only so many bytes for bodies, whoever sends them, and tells the next one to slow down",
  Effect.gen(function* () {
    const { port, looked } = yield* proxy("http://127.0.0.1:9", 30)
    const most = maxBodyBytes / maxDocumentBytes
    const large = writing(`Content-Length: ${maxDocumentBytes}`)
    const slow = Array.from({ length: most }, () => asked(port, large))
    yield* looked(most * toAnswer)
    for (const next of [large, writing("Transfer-Encoding: chunked"), writing("Content-Length: 9")]) {
      const caller = asked(port, next)
      const answered = yield* Effect.promise(() => caller.answer())
      assert.match(answered.head, /^HTTP\/1\.1 (?:503|429)/u)
      assert.match(answered.head, /\r\nRetry-After: 1\r\n/iu)
      caller.hangUp()
    }
    // What has no body is still answered
    const health = asked(port, head("GET", "/healthz"))
    assert.equal(statusOf(yield* Effect.promise(() => health.answer())), 200)
    health.hangUp()
    for (const caller of slow) caller.hangUp()
  }),
)

effect(
  "a proxy begins no further attempt that would outlast the caller's time, and answers what COS said last",
  Effect.gen(function* () {
    let sent = 0
    const read = Result.getOrThrow(readPolicy({ ...policyForm, timeoutSeconds: 5 }))
    const app = yield* openProxy({
      policy: () => read,
      hashes,
      audit: () => {},
      credentials: [Effect.succeed(credential("AKIDreal", "real"))],
      base: Layer.succeed(Transport, {
        send: () => Effect.sync(() => (sent++, answer(503, "", { headers: [["retry-after", "6"]] }))),
      }),
    })
    const request = new Request(`http://proxy.test${target}`, { headers: { authorization: "Bearer reader-token" } })
    const response = yield* Effect.promise(() => Promise.resolve(app.fetch(request)))
    assert.equal(response.status, 503)
    assert.equal(sent, 1)
  }),
)

effect(
  "a proxy gives no attempt more than is left of the caller's time",
  Effect.gen(function* () {
    let sent = 0
    let wake = () => {}
    const again = new Promise<void>((resolve) => wake = resolve)
    const read = Result.getOrThrow(readPolicy({ ...policyForm, timeoutSeconds: 5 }))
    const app = yield* openProxy({
      policy: () => read,
      hashes,
      audit: () => {},
      credentials: [Effect.succeed(credential("AKIDreal", "real"))],
      base: Layer.succeed(Transport, {
        send: () =>
          Effect.suspend(() => {
            sent++
            if (sent === 1) {
              return Effect.andThen(
                Effect.sleep("4 seconds"),
                Effect.fail(new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" })),
              )
            }
            wake()
            return Effect.never
          }),
      }),
    })
    const request = new Request(`http://proxy.test${target}`, { headers: { authorization: "Bearer reader-token" } })
    const answering = Promise.resolve(app.fetch(request))
    yield* TestClock.adjust("4 seconds")
    // The wait between two attempts is less than half a second
    yield* TestClock.adjust("500 millis")
    yield* Effect.promise(() => again)
    yield* TestClock.adjust("500 millis")
    assert.equal((yield* Effect.promise(() => answering)).status, 503)
    assert.equal(sent, 2)
  }),
)

effect(
  "a one-time inventory that may have been begun counts, whatever COS says of the proxy's key when it is asked again",
  Effect.gen(function* () {
    let sent = 0
    const audit: Array<string> = []
    const refusal = (status: number, code: string) => answer(status, writeErrorDocument({ code, message: "No." }))
    const read = Result.getOrThrow(readPolicy(policyForm))
    const app = yield* openProxy({
      policy: () => read,
      hashes,
      audit: (line) => audit.push(line),
      credentials: [Effect.succeed(credential("AKIDreal", "real"))],
      base: Layer.succeed(Transport, {
        send: () =>
          Effect.sync(() => ++sent % 2 === 1 ? refusal(500, "InternalError") : refusal(403, "SignatureDoesNotMatch")),
      }),
    })
    const destination = { bucket: `qcs::cos:ap-guangzhou::${bucket}`, prefix: "ci/reports", format: "CSV" } as const
    const job = writeConfiguration({ id: "ci-a", includedObjectVersions: "Current", destination })
    const post = () =>
      Promise.resolve(app.fetch(requestOf("POST", `/${bucket}/?inventory&id=ci-a`, {
        token: "writer-token",
        body: job,
      })))
    for (let run = 1; run <= 2; run++) {
      const posting = post()
      while (sent < run * 2) yield* TestClock.adjust("100 millis")
      assert.equal((yield* Effect.promise(() => posting)).status, 503)
    }
    const over = yield* Effect.promise(post)
    assert.deepEqual([over.status, sent], [503, 4])
    assert.match(yield* Effect.promise(() => over.text()), /<Code>SlowDown<\/Code>/u)
    assert.deepEqual(audit.map((line) => JSON.parse(line).outcome), ["in doubt", "in doubt"])
  }),
)
