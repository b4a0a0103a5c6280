/** Bodies through the door, in both directions: whole or streamed, cut, too long, left alone. */
import { strict as assert } from "node:assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { TransportError } from "../core/errors.ts"
import type { HttpRequest } from "../core/http.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import type { Body, Serve, Streamed } from "../core/ports.ts"
import { call, type Caller, done, opened, refusalIn, statusOf } from "./door.ts"
import { effect } from "./harness.ts"

const put = (...headers: ReadonlyArray<string>): string =>
  ["PUT /a HTTP/1.1", "Host: a", ...headers].join("\r\n") + "\r\n\r\n"
const get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
const large = 3 * maxDocumentBytes
const piece = new Uint8Array(65_536).fill(120)

const streamIn = ({ body }: HttpRequest<Body>): Streamed => {
  assert.ok(!(body instanceof Uint8Array), "the body came whole")
  return body
}
const answerOf = (caller: Caller, method?: string) => Effect.promise(() => caller.answer(method))

/** Answers with how many bytes came in. */
const counting: Serve["answer"] = ({ body }) =>
  Effect.gen(function* () {
    let count = 0
    if (body instanceof Uint8Array) count = body.byteLength
    else yield* Stream.runForEach(body.stream, (chunk) => Effect.sync(() => void (count += chunk.byteLength)))
    return { status: 200, headers: [], body: new TextEncoder().encode(String(count)) }
  })

/** Lets what is under way go on until it stands still. */
const quiet = (value: () => number): Effect.Effect<number> =>
  Effect.promise(async () => {
    for (let last = -1, same = 0; same < 10; same = value() === last ? same + 1 : 0, last = value()) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return value()
  })

effect(
  "the door hands a small body on as bytes of its own",
  Effect.gen(function* () {
    const door = yield* opened()
    yield* door.exchange(`${put("Content-Length: 3")}abc`)
    const body = door.received[0]!.body as Uint8Array
    assert.deepEqual(body, new Uint8Array([97, 98, 99]))
    assert.equal(body.buffer.byteLength, 3)
  }),
)

effect(
  "the door hands a large body on as a stream of its announced length, and a chunked one as one of unknown length",
  Effect.gen(function* () {
    const door = yield* opened(counting)
    const announced = yield* door.exchange(put(`Content-Length: ${large}`) + "x".repeat(large))
    const chunked = yield* door.exchange(
      put("Transfer-Encoding: chunked") + `${large.toString(16)}\r\n${"x".repeat(large)}\r\n1\r\nx\r\n0\r\n\r\n`,
    )
    assert.deepEqual([announced.body, chunked.body], [String(large), String(large + 1)])
    assert.deepEqual(door.received.map((request) => streamIn(request).length), [large, undefined])
  }),
)

effect(
  "the door takes in no more of a body than is read of it",
  Effect.gen(function* () {
    const release = yield* Deferred.make<void>()
    const door = yield* opened((request) =>
      Effect.andThen(
        streamIn(request).stream.pipe(Stream.take(1), Stream.runDrain),
        Effect.andThen(Deferred.await(release), counting(request)),
      )
    )
    const total = 64 * maxDocumentBytes
    const caller = call(door.port)
    caller.write(put(`Content-Length: ${total}`))
    caller.write(new Uint8Array(total))
    const left = yield* quiet(() => caller.socket.writableLength)
    assert.ok(left > total / 2, `only ${left} of ${total} bytes are still to be sent`)
    yield* Deferred.succeed(release, undefined)
    assert.ok(Number((yield* answerOf(caller)).body) > total / 2)
    caller.hangUp()
  }),
)

const short: Readonly<Record<string, string>> = {
  "a small body that was announced longer": `${put("Content-Length: 10")}abc`,
  "a large body that was announced longer": `${put(`Content-Length: ${large}`)}abc`,
  "a chunked body without its last chunk": `${put("Transfer-Encoding: chunked")}3\r\nabc\r\n`,
  "a chunked body that stops within a chunk": `${put("Transfer-Encoding: chunked")}a\r\nabc`,
}
for (const [what, text] of Object.entries(short)) {
  effect(
    `the door answers ${what} with IncompleteBody when the client can still hear it`,
    Effect.gen(function* () {
      const ended = yield* Deferred.make<unknown>()
      const door = yield* opened((request) =>
        Effect.onExit(
          counting(request),
          (exit) => Deferred.succeed(ended, Exit.isFailure(exit) ? exit.cause.reasons[0] : exit),
        )
      )
      const caller = call(door.port)
      caller.socket.end(text)
      const answer = yield* answerOf(caller)
      assert.equal(refusalIn(answer).code, "IncompleteBody")
      assert.match(answer.head, /\r\nconnection: close/iu)
      const reason = yield* Deferred.await(ended)
      assert.equal((reason as { readonly error?: TransportError }).error?.kind, "cut")
      yield* Effect.promise(() => caller.closed)
    }),
  )
}

effect(
  "the door answers as it is told when what is behind it has its own word for a body that was cut",
  Effect.gen(function* () {
    const door = yield* opened((request) =>
      Effect.catch(counting(request), () => Effect.succeed({ ...done, status: 418 }))
    )
    const caller = call(door.port)
    caller.socket.end(`${put("Content-Length: 10")}abc`)
    assert.equal(statusOf(yield* answerOf(caller)), 418)
  }),
)

effect(
  "the door answers a chunk without a length with InvalidRequest",
  Effect.gen(function* () {
    const door = yield* opened(counting)
    const answer = yield* door.exchange(`${put("Transfer-Encoding: chunked")}zz\r\nabc\r\n0\r\n\r\n`)
    assert.equal(refusalIn(answer).code, "InvalidRequest")
  }),
)

effect(
  "the door ends what reads a body when the client hangs up in the middle of it",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const ended = yield* Deferred.make<boolean>()
    const door = yield* opened((request) =>
      request.method === "GET" ? Effect.succeed(done) : streamIn(request).stream.pipe(
        Stream.runForEach(() => Deferred.succeed(begun, undefined)),
        Effect.as(done),
        Effect.onExit((exit) => Deferred.succeed(ended, Exit.isFailure(exit))),
      )
    )
    const caller = call(door.port)
    caller.write(`${put(`Content-Length: ${large}`)}abc`)
    yield* Deferred.await(begun)
    caller.socket.resetAndDestroy()
    assert.equal(yield* Deferred.await(ended), true)
    assert.equal(statusOf(yield* door.exchange(get)), 200)
  }),
)

effect(
  "the door interrupts what is being answered when the client hangs up",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const interrupted = yield* Deferred.make<void>()
    const door = yield* opened(() =>
      Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
      )
    )
    const caller = call(door.port)
    caller.write(get)
    yield* Deferred.await(begun)
    caller.socket.resetAndDestroy()
    yield* Deferred.await(interrupted)
  }),
)

const unread: Readonly<Record<string, (body: Streamed) => Effect.Effect<void, TransportError>>> = {
  "that nobody read": () => Effect.void,
  "of which only the beginning was read": ({ stream }) => stream.pipe(Stream.take(1), Stream.runDrain),
}
for (const [what, read] of Object.entries(unread)) {
  effect(
    `the door lets a client finish a large body ${what}, and takes its next request`,
    Effect.gen(function* () {
      const door = yield* opened((request) =>
        request.method === "GET" ? Effect.succeed(done) : Effect.as(read(streamIn(request)), { ...done, status: 403 })
      )
      const caller = call(door.port)
      caller.write(put(`Content-Length: ${32 * maxDocumentBytes}`))
      caller.write(new Uint8Array(maxDocumentBytes))
      assert.equal(statusOf(yield* answerOf(caller)), 403)
      caller.write(new Uint8Array(31 * maxDocumentBytes))
      caller.write(get)
      assert.equal(statusOf(yield* answerOf(caller)), 200)
      caller.hangUp()
    }),
  )
}

effect(
  "the door lets a client that waits for it send its body only when the body is read",
  Effect.gen(function* () {
    const door = yield* opened((request) =>
      request.target === "/refused" ? Effect.succeed({ ...done, status: 403 }) : counting(request)
    )
    const expecting = put(`Content-Length: ${large}`, "Expect: 100-continue")
    const refused = call(door.port)
    refused.write(expecting.replace("/a", "/refused"))
    const answer = yield* answerOf(refused)
    assert.equal(statusOf(answer), 403)
    assert.match(answer.head, /\r\nconnection: close/iu)
    const taken = call(door.port)
    taken.write(expecting)
    assert.equal(statusOf(yield* answerOf(taken)), 100)
    taken.write(new Uint8Array(large))
    assert.equal((yield* answerOf(taken)).body, String(large))
    for (const caller of [refused, taken]) caller.hangUp()
  }),
)

const streaming = (stream: Streamed["stream"], length?: number): Serve["answer"] => () =>
  Effect.succeed({ status: 200, headers: [], body: { stream, ...(length === undefined ? {} : { length }) } })

effect(
  "the door streams an answer with its length where it is known, and in chunks where it is not",
  Effect.gen(function* () {
    const pieces = Stream.fromIterable(["ab", "c"].map((text) => new TextEncoder().encode(text)))
    const known = yield* (yield* opened(streaming(pieces, 3))).exchange(get)
    assert.match(known.head, /\r\ncontent-length: 3/iu)
    assert.equal(known.body, "abc")
    const unknown = yield* (yield* opened(streaming(pieces))).exchange(get)
    assert.match(unknown.head, /\r\ntransfer-encoding: chunked/iu)
    assert.equal(unknown.body, "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
  }),
)

effect(
  "the door sends no more than it announced, so that the next answer begins where it should",
  Effect.gen(function* () {
    const door = yield* opened(streaming(Stream.succeed(new TextEncoder().encode("abcdef")), 3))
    const caller = call(door.port)
    for (let i = 0; i < 2; i++) {
      caller.write(get)
      assert.equal((yield* answerOf(caller)).body, "abc")
    }
    caller.hangUp()
  }),
)

const lost = new TransportError({ kind: "reset", sent: "maybe", host: "a", detail: "secret" })
const cutAnswers: Readonly<Record<string, Streamed["stream"]>> = {
  "fails": Stream.concat(Stream.succeed(piece), Stream.fail(lost)),
  "breaks": Stream.concat(Stream.succeed(piece), Stream.die("secret")),
  "ends early": Stream.succeed(piece),
}
for (const [what, stream] of Object.entries(cutAnswers)) {
  effect(
    `the door breaks the connection when the body of an answer ${what}`,
    Effect.gen(function* () {
      const door = yield* opened(streaming(stream, large))
      const caller = call(door.port)
      caller.write(get)
      const read = yield* Effect.promise(() => caller.closed)
      assert.match(read, /^HTTP\/1\.1 200 /)
      assert.doesNotMatch(read, /secret|HTTP[^]*HTTP/)
      assert.ok(read.length < large)
    }),
  )
}

effect(
  "the door breaks the connection without a word when what is behind it says that it breaks",
  Effect.gen(function* () {
    const door = yield* opened(() => Effect.fail(lost))
    const caller = call(door.port)
    caller.write(get)
    assert.equal(yield* Effect.promise(() => caller.closed), "")
  }),
)

effect(
  "the door asks for no more of an answer than its client takes, and stops asking when the client leaves",
  Effect.gen(function* () {
    let pulled = 0
    const stopped = yield* Deferred.make<void>()
    const stream = Stream.forever(Stream.fromEffect(Effect.sync(() => (pulled++, piece)))).pipe(
      Stream.ensuring(Deferred.succeed(stopped, undefined)),
    )
    const door = yield* opened(streaming(stream, 2 ** 40))
    const caller = call(door.port)
    caller.socket.pause()
    caller.write(get)
    const sent = piece.byteLength * (yield* quiet(() => pulled))
    assert.ok(sent > 0 && sent < 64 * maxDocumentBytes, `${sent} bytes were sent to nobody`)
    caller.socket.resetAndDestroy()
    yield* Deferred.await(stopped)
  }),
)

effect(
  "the door answers HEAD with the headers alone, and leaves a body that streams alone",
  Effect.gen(function* () {
    let isRead = false
    const stream = Stream.fromEffect(Effect.sync(() => (isRead = true, piece)))
    const door = yield* opened(streaming(stream, 12_345))
    const whole = yield* opened(() => Effect.succeed({ status: 404, headers: [], body: piece }))
    for (const [port, status, length] of [[door.port, 200, 12_345], [whole.port, 404, piece.byteLength]] as const) {
      const caller = call(port)
      caller.write(get.replace("GET", "HEAD"))
      caller.write(get.replace("GET", "HEAD"))
      for (let i = 0; i < 2; i++) {
        const { head } = yield* answerOf(caller, "HEAD")
        assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\ncontent-length: ${length}`, "iu"))
      }
      caller.hangUp()
    }
    assert.equal(isRead, false)
  }),
)

effect(
  "the door sends an answer of status 204 or 304 without a body, and the next one after it",
  Effect.gen(function* () {
    const statuses = [204, 304, 200]
    const door = yield* opened(() => Effect.sync(() => ({ status: statuses.shift()!, headers: [], body: piece })))
    const caller = call(door.port)
    caller.write(get.repeat(3))
    assert.equal(statusOf(yield* answerOf(caller, "HEAD")), 204)
    assert.equal(statusOf(yield* answerOf(caller, "HEAD")), 304)
    assert.equal((yield* answerOf(caller)).body.length, piece.byteLength)
    caller.hangUp()
  }),
)

effect(
  "the door lets a body take as long as it likes while it moves, and answers RequestTimeout when it stands still",
  Effect.gen(function* () {
    let count = 0
    const door = yield* opened((request) =>
      Effect.as(
        Stream.runForEach(streamIn(request).stream, (chunk) => Effect.sync(() => void (count += chunk.byteLength))),
        done,
      )
    )
    const caller = call(door.port)
    caller.write(put(`Content-Length: ${large}`))
    for (let sent = 1; sent <= 20; sent++) {
      caller.write("x")
      yield* Effect.promise(async () => {
        while (count < sent) await new Promise((resolve) => setImmediate(resolve))
      })
      yield* TestClock.adjust("20 seconds")
    }
    const answer = yield* Effect.forkChild(answerOf(caller))
    while (answer.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("20 seconds")
    }
    assert.equal(refusalIn(yield* Fiber.join(answer)).code, "RequestTimeout")
    assert.equal(count, 20)
    yield* Effect.promise(() => caller.closed)
  }),
)

effect(
  "the door lets go of an answer that its client does not take",
  Effect.gen(function* () {
    const stopped = yield* Deferred.make<void>()
    const stream = Stream.forever(Stream.succeed(piece)).pipe(Stream.ensuring(Deferred.succeed(stopped, undefined)))
    const door = yield* opened(streaming(stream, 2 ** 40))
    const caller = call(door.port)
    caller.socket.pause()
    caller.write(get)
    const waiting = yield* Effect.forkChild(Deferred.await(stopped))
    while (waiting.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("60 seconds")
    }
    caller.hangUp()
  }),
)
