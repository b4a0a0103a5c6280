/** The line that each request leaves, and what must never be in it. */
import { strict as assert } from "node:assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { type AccessLog, accessLog } from "../adapters/hono/access-log.ts"
import { type Recorded, recorded, type Telling } from "../adapters/record.ts"
import { TransportError } from "../core/errors.ts"
import { type HttpRequest, noBody } from "../core/http.ts"
import type { Body } from "../core/ports.ts"
import { effect, prop } from "./harness.ts"

const request: HttpRequest = {
  method: "PUT",
  origin: "http://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
  target: "/?inventory&id=list1",
  headers: [],
  body: noBody,
}
const about = { operation: "PutBucketInventory", bucket: "examplebucket-1250000000", id: "list1", requestId: "NmE=" }
const answered: Telling<Body> = { status: 200, headers: [["x-cos-request-id", "NmE="]], body: noBody, about }

/** A request that leaves its line. */
const logged = (log: AccessLog, answer: Effect.Effect<Telling<Body>, TransportError>, sent: HttpRequest = request) =>
  recorded(sent, answer, accessLog(log))

/** The lines that a request leaves, at noon. */
const lines = (
  sent: HttpRequest,
  answer: Effect.Effect<Telling<Body>, TransportError>,
  json = false,
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const written: Array<string> = []
    yield* TestClock.setTime(Date.UTC(2026, 10, 21, 12, 0, 0, 123))
    yield* Effect.exit(logged({ write: (line) => void written.push(line), json }, answer, sent))
    return written
  })

effect(
  "the access log writes one line of time, request, status, operation, duration and id",
  Effect.gen(function* () {
    assert.deepEqual(yield* lines(request, Effect.succeed(answered)), [
      "12:00:00.123Z PUT examplebucket-1250000000/?inventory&id=list1 200 PutBucketInventory 0ms NmE=",
    ])
  }),
)

effect(
  "the access log says how long the answer took",
  Effect.gen(function* () {
    const written: Array<string> = []
    const answer = Effect.delay(Effect.succeed(answered), "3 seconds")
    const slow = yield* Effect.forkChild(logged({ write: (line) => void written.push(line) }, answer))
    yield* TestClock.adjust("3 seconds")
    yield* Fiber.join(slow)
    assert.match(written[0]!, / 3000ms NmE=$/)
  }),
)

effect(
  "the access log names the code of a refusal beside the operation",
  Effect.gen(function* () {
    const refused = { ...answered, status: 404, about: { ...about, code: "NoSuchBucket" } }
    assert.match((yield* lines(request, Effect.succeed(refused)))[0]!, / 404 PutBucketInventory:NoSuchBucket 0ms NmE=$/)
  }),
)

effect(
  "the access log takes the id from the headers when an answer does not say what it was about",
  Effect.gen(function* () {
    const { about: _, ...bare } = answered
    assert.match((yield* lines(request, Effect.succeed(bare)))[0]!, / 200 - 0ms NmE=$/)
  }),
)

const lost = new TransportError({ kind: "cut", sent: "maybe", host: "a", detail: "secret" })
effect(
  "the access log writes a line too when there is no answer, and says why",
  Effect.gen(function* () {
    assert.match((yield* lines(request, Effect.fail(lost)))[0]!, /list1 - cut 0ms -$/)
    assert.match((yield* lines(request, Effect.die("secret")))[0]!, /list1 - InternalError 0ms -$/)
    assert.match((yield* lines(request, Effect.interrupt))[0]!, /list1 - left 0ms -$/)
  }),
)

effect(
  "the access log leaves the answer and the failure as they are",
  Effect.gen(function* () {
    const log = { write: () => {} }
    assert.equal(yield* logged(log, Effect.succeed(answered)), answered)
    assert.equal(yield* Effect.flip(logged(log, Effect.fail(lost))), lost)
  }),
)

effect(
  "the access log writes its line when the client leaves while it waits",
  Effect.gen(function* () {
    const written: Array<string> = []
    const begun = yield* Deferred.make<void>()
    const answer = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    const fiber = yield* Effect.forkChild(logged({ write: (line) => void written.push(line) }, answer))
    yield* Deferred.await(begun)
    yield* Fiber.interrupt(fiber)
    assert.equal(written.length, 1)
  }),
)

effect(
  "the access log writes one JSON object a line when it is told to",
  Effect.gen(function* () {
    const written = yield* lines(request, Effect.succeed(answered), true)
    assert.deepEqual(written.map((line) => JSON.parse(line)), [{
      time: "2026-11-21T12:00:00.123Z",
      level: "info",
      method: "PUT",
      host: "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
      target: "/?inventory&id=list1",
      status: 200,
      ...about,
      millis: 0,
    }])
  }),
)

const secrets: Readonly<Record<string, string>> = {
  "a presigned target": "/a?q-sign-algorithm=sha1&q-ak=AKIDexample&q-signature=5ec7e7",
  "a merged signature": "/a?sign=q-signature%3D5ec7e7",
  "a session token": "/a?x-cos-security-token=5ec7e7",
  "an escaped name": "/a?q-%73ignature=5ec7e7",
}
for (const [what, target] of Object.entries(secrets)) {
  effect(
    `the access log shows no secret when it gets ${what}`,
    Effect.gen(function* () {
      for (const json of [false, true]) {
        const headers = [["Authorization", "5ec7e7"], ["x-cos-security-token", "5ec7e7"]] as const
        const [line] = yield* lines({ ...request, target, headers }, Effect.succeed(answered), json)
        assert.match(line!, /\/a\?/)
        assert.doesNotMatch(line!, /5ec7e7|AKIDexample/)
      }
    }),
  )
}

effect(
  "the access log says once which bucket was meant, in front of a path that does not begin with it",
  Effect.gen(function* () {
    const at = (target: string, bucket?: string) =>
      Effect.map(
        lines({ ...request, target }, Effect.succeed({ ...answered, about: bucket === undefined ? {} : { bucket } })),
        ([line]) => line!.split(" ")[2],
      )
    assert.equal(yield* at("/a/b?c", "one-1250000000"), "one-1250000000/a/b?c")
    assert.equal(yield* at("/one-1250000000/a", "one-1250000000"), "/one-1250000000/a")
    assert.equal(yield* at("/one-1250000000?acl", "one-1250000000"), "/one-1250000000?acl")
    assert.equal(yield* at("/one-12500000001/a", "one-1250000000"), "one-1250000000/one-12500000001/a")
    assert.equal(yield* at("/a"), "/a")
  }),
)

effect(
  "the access log writes a dash for what could not be read of a request",
  Effect.sync(() => {
    const written: Array<string> = []
    const refusal = { at: 0, method: "", host: "", target: "", status: 400, code: "InvalidRequest", millis: 0 }
    accessLog({ write: (line) => void written.push(line) })(refusal)
    assert.deepEqual(written, ["00:00:00.000Z - - 400 InvalidRequest 0ms -"])
  }),
)

effect(
  "recorded counts the time of a request from where it was recorded first",
  Effect.gen(function* () {
    const outer: Array<Recorded> = []
    const inner: Array<Recorded> = []
    const answer = recorded(request, Effect.delay(Effect.succeed(answered), "1 second"), (one) => inner.push(one))
    const slow = recorded(request, Effect.delay(answer, "3 seconds"), (one) => outer.push(one))
    const fiber = yield* Effect.forkChild(slow)
    yield* TestClock.adjust("4 seconds")
    yield* Fiber.join(fiber)
    assert.equal(outer[0]!.millis, 4000)
    assert.deepEqual(inner, outer)
  }),
)

prop(
  "the access log writes exactly one line that steers no terminal, whatever the request holds",
  Schema.Tuple([
    Schema.String,
    Schema.String,
    Schema.Literals(["\n", "\r\n", "\x1b[2J", "\u2028", "\u202e", "\t", "\x00", "\x7f"]),
  ]),
  ([method, target, bad]) =>
    Effect.gen(function* () {
      const hostile = { ...request, method: method + bad, target: `/${target}${bad}?a=${bad}`, origin: `http://${bad}` }
      for (const json of [false, true]) {
        const written = yield* lines(
          hostile,
          Effect.succeed({ ...answered, about: { ...about, bucket: bad, key: bad, operation: `${bad} Object` } }),
          json,
        ).pipe(Effect.provide(TestClock.layer()))
        assert.equal(written.length, 1)
        assert.doesNotMatch(written[0]!, /[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
        if (json) assert.equal(JSON.parse(written[0]!).method, hostile.method)
      }
      return true
    }),
)
