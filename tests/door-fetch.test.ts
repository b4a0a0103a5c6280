/** The local COS as a `fetch`, where there is no connection to break. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { makeLocalCos } from "../adapters/local.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { wire } from "../adapters/hono/wire.ts"
import { TransportError } from "../core/errors.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import type { Serve } from "../core/ports.ts"
import { done } from "./door.ts"
import { effect } from "./harness.ts"

const origin = "http://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"

const withFault = async (fault: object) => {
  const cos = await makeLocalCos({ verifySignatures: false })
  const added = await cos.fetch("http://127.0.0.1/_local/faults", { method: "POST", body: JSON.stringify(fault) })
  assert.equal(added.status, 201)
  return cos
}

for (const drop of ["before", "after"]) {
  test(`a local COS's fetch fails as a real one does when a fault drops the connection ${drop} the request`, async () => {
    const cos = await withFault({ drop, times: 1 })
    await assert.rejects(cos.fetch(`${origin}/a`, { method: "PUT", body: "abc" }), (error) => {
      assert.ok(error instanceof TypeError)
      assert.equal(error.message, "fetch failed")
      assert.ok(error.cause instanceof TransportError)
      assert.equal(error.cause.kind, "reset")
      return true
    })
    assert.deepEqual(cos.requests().map(({ broken, status }) => [broken, status]), [["reset", undefined]])
    assert.equal((await cos.fetch(`${origin}/a`)).status, drop === "before" ? 404 : 200)
    await cos.close()
  })
}

test("a local COS's fetch fails with the caller's reason when the caller gives up", async () => {
  const cos = await withFault({ latencyMs: 3_600_000 })
  const leaving = new AbortController()
  const fetched = cos.fetch(`${origin}/a`, { signal: leaving.signal })
  leaving.abort(new Error("enough"))
  await assert.rejects(fetched, /^Error: enough$/u)
  assert.deepEqual(cos.requests().map(({ broken }) => broken), ["left"])
  await cos.close()
})

test("an answer that a fault gives can be read by a page of another origin", async () => {
  const cos = await makeLocalCos({ verifySignatures: false })
  const rule = "<AllowedOrigin>http://a.test</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
  const cors = `<CORSConfiguration><CORSRule>${rule}</CORSRule></CORSConfiguration>`
  assert.equal((await cos.fetch(`${origin}/?cors`, { method: "PUT", body: cors })).status, 200)
  await cos.fetch("http://127.0.0.1/_local/faults", { method: "POST", body: JSON.stringify({ code: "SlowDown" }) })
  const allowed = async (from: string) =>
    (await cos.fetch(`${origin}/a`, { headers: { Origin: from } })).headers.get("access-control-allow-origin")
  assert.deepEqual([await allowed("http://a.test"), await allowed("http://b.test")], ["http://a.test", null])
  const [, faulted] = cos.requests()
  assert.equal(faulted!.code, "SlowDown")
  assert.match(faulted!.requestId!, /^[A-Za-z0-9+/]+=*$/u)
  await cos.close()
})

effect(
  "the door as a fetch handler tells of a defect, and answers without its cause",
  Effect.gen(function* () {
    const told: Array<string> = []
    const watch = { onRequest: () => {}, onDefect: (text: string) => void told.push(text) }
    const app = yield* Effect.provideService(wire({ answer: () => Effect.die(new Error("secret")) }), Watch, watch)
    const response = yield* Effect.promise(() => Promise.resolve(app.request(`${origin}/a`)))
    assert.equal(response.status, 500)
    assert.doesNotMatch(yield* Effect.promise(() => response.text()), /secret/u)
    assert.equal(told.length, 1)
    assert.match(told[0]!, /^Error: secret\n +at /u)
  }),
)

effect(
  "the door as a fetch handler ends what it asked for when its caller gives up",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const ended = yield* Deferred.make<void>()
    const answer = () =>
      Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(ended, undefined)),
      )
    const app = yield* wire({ answer })
    const leaving = new AbortController()
    const fetched = Promise.resolve(app.request(`${origin}/a`, { signal: leaving.signal }))
    fetched.catch(() => {})
    yield* Deferred.await(begun)
    leaving.abort()
    yield* Deferred.await(ended)
    yield* Effect.promise(() => assert.rejects(fetched, { name: "AbortError" }))
  }),
)

/** A request whose body never ends, and what becomes of it. */
const endless = (chunkBytes: number, target = "/a") => {
  let [asked, cancelled] = [() => {}, () => {}]
  const begun = new Promise<void>((resolve) => asked = resolve)
  const given = new Promise<void>((resolve) => cancelled = resolve)
  const leaving = new AbortController()
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      asked()
      if (chunkBytes > 0) return controller.enqueue(new Uint8Array(chunkBytes))
      return given
    },
    cancel: () => cancelled(),
  }, { highWaterMark: 0 })
  const init = { method: "PUT", body, duplex: "half", signal: leaving.signal }
  return { request: new Request(`${origin}${target}`, init as RequestInit), begun, cancelled: given, leaving }
}

effect(
  "the door as a fetch handler cancels a body that it waits for when its caller gives up",
  Effect.gen(function* () {
    const app = yield* wire({ answer: () => Effect.succeed(done) })
    const { request, begun, cancelled, leaving } = endless(0)
    const fetched = Promise.resolve(app.fetch(request))
    fetched.catch(() => {})
    yield* Effect.promise(() => begun)
    leaving.abort()
    yield* Effect.promise(() => cancelled)
    yield* Effect.promise(() => assert.rejects(fetched, { name: "AbortError" }))
  }),
)

const unread: Readonly<Record<string, Serve["answer"]>> = {
  "is refused unread": () => Effect.succeed({ ...done, status: 403 }),
  "is met by a defect": () => Effect.die(new Error("a defect")),
  "breaks the connection": () =>
    Effect.fail(new TransportError({ kind: "reset", sent: "maybe", host: "a", detail: "dropped" })),
}
for (const [what, answer] of Object.entries(unread)) {
  effect(
    `the door as a fetch handler cancels the rest of a long body when the request ${what}`,
    Effect.gen(function* () {
      const watch = { onRequest: () => {}, onDefect: () => {} }
      const app = yield* Effect.provideService(wire({ answer }), Watch, watch)
      const { request, cancelled } = endless(maxDocumentBytes)
      const fetched = Promise.resolve(app.fetch(request))
      fetched.catch(() => {})
      yield* Effect.promise(() => cancelled)
      yield* Effect.promise(() => fetched.then(() => {}, () => {}))
    }),
  )
}

effect(
  "the door as a fetch handler cancels a body when the request is none that may be answered",
  Effect.gen(function* () {
    const app = yield* wire({ answer: () => Effect.succeed(done) })
    const { request, cancelled } = endless(1)
    request.headers.set("Transfer-Encoding", "gzip")
    const response = yield* Effect.promise(() => Promise.resolve(app.fetch(request)))
    assert.equal(response.status, 400)
    yield* Effect.promise(() => cancelled)
  }),
)

effect(
  "the door as a fetch handler leaves a long body to an answer that still reads it",
  Effect.gen(function* () {
    const app = yield* wire({
      answer: ({ body }) => Effect.succeed({ ...done, headers: [], body }),
    })
    const sent = new Uint8Array(3 * maxDocumentBytes).map((_, at) => at % 251)
    const request = new Request(`${origin}/a`, { method: "PUT", body: sent })
    const response = yield* Effect.promise(() => Promise.resolve(app.fetch(request)))
    assert.deepEqual(new Uint8Array(yield* Effect.promise(() => response.arrayBuffer())), sent)
  }),
)
