/** What the door tells of its requests, and what becomes of them when somebody leaves or closes it. */
import { strict as assert } from "node:assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Admin } from "../adapters/hono/admin/mod.ts"
import { localApp } from "../adapters/hono/local.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { TestClock } from "effect/testing"
import { makeCos, makeTree, settingsOf } from "../adapters/memory/mod.ts"
import type { Recorded } from "../adapters/record.ts"
import { hashes } from "../adapters/hashes/node.ts"
import type { Serve } from "../core/ports.ts"
import { listen } from "../http/listen.ts"
import { call, done, exchange, refusalIn, statusOf } from "./door.ts"
import { effect } from "./harness.ts"

interface Options {
  readonly answer?: Serve["answer"]
  readonly admin?: Partial<Admin>
  readonly graceMillis?: number
}

/** A door that keeps what it tells. */
const opened = ({ answer = () => Effect.succeed(done), admin = {}, graceMillis = 5000 }: Options = {}) =>
  Effect.gen(function* () {
    const requests: Array<Recorded> = []
    const defects: Array<string> = []
    let wake = () => {}
    const watch: Watch = {
      onRequest: (recorded) => {
        requests.push(recorded)
        wake()
      },
      onDefect: (text) => void defects.push(text),
    }
    const making = localApp({ serve: { answer }, admin: admin as Admin, isBucketHost: () => false })
    const app = yield* Effect.provideService(making, Watch, watch)
    const { port } = yield* Effect.provideService(listen({ app, graceMillis }), Watch, watch)
    const told = (count: number) =>
      Effect.promise(async () => {
        while (requests.length < count) await new Promise<void>((resolve) => wake = resolve)
        return requests
      })
    return { port, requests, defects, told, ask: (text: string) => Effect.promise(() => exchange(port, text)) }
  })

const get = (target: string, ...headers: ReadonlyArray<string>): string =>
  [`GET ${target} HTTP/1.1`, "Host: localhost", ...headers].join("\r\n") + "\r\n\r\n"
const post = (target: string, body: string): string =>
  `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const gist = ({ method, target, status, code, broken }: Recorded) => [method, target, status, code, broken]

effect(
  "the door tells once of every request, also of one that it refuses itself",
  Effect.gen(function* () {
    const door = yield* opened({ admin: { health: () => ({ status: "ok" }) } })
    const answers = [
      yield* door.ask(get("/a?sign=secret")),
      yield* door.ask(get("/b", "Host: localhost")),
      yield* door.ask("GARBAGE\r\n\r\n"),
      yield* door.ask("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
      yield* door.ask(get("/_local/health")),
      yield* door.ask(get("/_local/none")),
      yield* door.ask(get("/_local/health", "Origin: http://evil.example")),
    ]
    const told = yield* door.told(answers.length)
    assert.deepEqual(told.map(({ method, status, code }) => [method, status, code]), [
      ["GET", 200, undefined],
      ["GET", 400, "InvalidRequest"],
      ["", 400, "InvalidRequest"],
      ["CONNECT", 405, "MethodNotAllowed"],
      ["GET", 200, undefined],
      ["GET", 404, undefined],
      ["GET", 403, undefined],
    ])
    assert.deepEqual(answers.map(statusOf), told.map(({ status }) => status))
    for (const at of [1, 2, 3]) assert.ok(answers[at]!.head.includes(told[at]!.requestId!))
    assert.deepEqual([told[4]!.target, told[4]!.host], ["/_local/health", "localhost"])
    assert.doesNotMatch(JSON.stringify(told), /secret/u)
  }),
)

effect(
  "the door counts the time of a small upload from its head on, in the journal of the local COS too",
  Effect.gen(function* () {
    const settings = settingsOf({ buckets: [], keys: [], verifySignatures: false }, hashes)
    const cos = yield* makeCos({ store: makeTree({ hashes }), settings })
    const door = yield* opened({ answer: cos.answer })
    const caller = call(door.port)
    caller.write("PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    // The door waits for the body by now
    assert.match((yield* Effect.promise(() => caller.answer())).head, /^HTTP\/1\.1 100 /u)
    yield* TestClock.adjust("5 seconds")
    caller.write("abc")
    const [told] = yield* door.told(1)
    assert.equal(told!.millis, 5000)
    assert.deepEqual(cos.journal.requests().map(({ at, millis }) => [at, millis]), [[told!.at, 5000]])
    caller.hangUp()
  }),
)

effect(
  "the door tells of a client that left, and of the cause of what went wrong",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const waiting = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    const door = yield* opened({
      answer: ({ target }) => target === "/wait" ? waiting : Effect.die(new Error("the cause")),
      admin: { reset: Effect.die(new Error("the admin's cause")) },
    })
    const caller = call(door.port)
    caller.write(get("/wait"))
    yield* Deferred.await(begun)
    caller.socket.resetAndDestroy()
    yield* door.told(1)
    assert.equal(refusalIn(yield* door.ask(get("/a"))).code, "InternalError")
    assert.equal(statusOf(yield* door.ask(post("/_local/reset", ""))), 500)
    assert.deepEqual((yield* door.told(3)).map(gist), [
      ["GET", "/wait", undefined, undefined, "left"],
      ["GET", "/a", 500, "InternalError", undefined],
      ["POST", "/_local/reset", 500, undefined, undefined],
    ])
    assert.deepEqual(door.defects.map((text) => text.split("\n")[0]), [
      "Error: the cause",
      "Error: the admin's cause",
    ])
  }),
)

effect(
  "the door breaks the connection and tells why when an answer cannot be sent",
  Effect.gen(function* () {
    const door = yield* opened({ answer: () => Effect.succeed({ ...done, headers: [["x-cos-meta-a", "b\nc"]] }) })
    assert.equal(yield* Effect.promise(() => exchangeText(door.port, get("/a"))), "")
    assert.equal(door.defects.length, 1)
    assert.match(door.defects[0]!, /x-cos-meta-a|header/iu)
  }),
)

/** Whatever comes until the connection is closed. */
const exchangeText = (port: number, text: string): Promise<string> => {
  const caller = call(port)
  caller.write(text)
  return caller.closed
}

effect(
  "an admin request ends when its client leaves, though its body was read",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const ended = yield* Deferred.make<void>()
    const door = yield* opened({
      admin: {
        clock: Effect.succeed({ now: 0, still: true }),
        advance: () =>
          Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Deferred.succeed(ended, undefined)),
          ),
      },
    })
    const caller = call(door.port)
    caller.write(post("/_local/clock", '{"advance":"P9999D"}'))
    yield* Deferred.await(begun)
    caller.hangUp()
    yield* Deferred.await(ended)
    assert.deepEqual((yield* door.told(1)).map(gist), [["POST", "/_local/clock", undefined, undefined, "left"]])
    assert.deepEqual(door.defects, [])
  }),
)

effect(
  "the door answers what is still open with ServiceUnavailable when its grace is over, and tells so",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const scope = yield* Scope.make()
    const answer = () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    const door = yield* opened({ answer, graceMillis: 10 }).pipe(Scope.provide(scope))
    const caller = call(door.port)
    caller.write(get("/a") + get("/b"))
    yield* Deferred.await(begun)
    yield* Scope.close(scope, Exit.void)
    const text = yield* Effect.promise(() => caller.closed)
    assert.match(text, /^HTTP\/1\.1 503 /u)
    assert.equal(text.split("HTTP/1.1").length, 2, "the second request is not answered")
    assert.deepEqual((yield* door.told(1)).map(gist), [["GET", "/a", 503, undefined, "left"]])
  }),
)
