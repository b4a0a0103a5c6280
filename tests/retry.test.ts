/** When a request is sent again, when it is not, and what is said of the answer that comes then. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { layer, make, type Options } from "../adapters/retry.ts"
import { codes } from "../core/codes.ts"
import { ConfigError, TransportError, type TransportKind } from "../core/errors.ts"
import { type Headers, type HttpRequest, type HttpResponse, noBody } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { effect, prop } from "./harness.ts"
import { recording } from "./logs.ts"

const request: HttpRequest = {
  method: "PUT",
  origin: "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
  target: "/?inventory&id=list1&q-signature=secret",
  headers: [],
  body: noBody,
}
const answer = (status: number, body = "", headers: Headers = []): HttpResponse => ({
  status,
  headers,
  body: new TextEncoder().encode(body),
})
const refusal = (status: number, code: string) =>
  answer(status, `<?xml version='1.0'?>\n<Error>\n\t<Code>${code}</Code></Error>`)
const slowDown = (seconds: string): HttpResponse => ({
  ...refusal(503, "SlowDown"),
  headers: [["Retry-After", seconds]],
})
const broken = (kind: TransportKind, sent: "no" | "maybe") =>
  new TransportError({ kind, sent, host: "a.test", detail: "Oh" })
const ok = answer(200, "<Ok/>")

type Step = HttpResponse | TransportError | ConfigError

/** A Transport that gives one step after another, the last for ever, and notes when it was asked. */
const scripted = (steps: ReadonlyArray<Step>, took = 0) => {
  const times: Array<number> = []
  const requests: Array<HttpRequest> = []
  const transport: Send = {
    send: (sent) =>
      Effect.gen(function* () {
        times.push(yield* Clock.currentTimeMillis)
        requests.push(sent)
        if (took > 0) yield* Effect.sleep(took)
        const step = steps[Math.min(times.length, steps.length) - 1]!
        return "_tag" in step ? yield* step : step
      }),
  }
  return { transport, times, requests }
}

/** The outcome after an hour of virtual time, which is more than any budget. */
const outcomeOf = (steps: ReadonlyArray<Step>, options: Options = {}, took = 0, seed: string | number = 1) =>
  Effect.gen(function* () {
    const script = scripted(steps, took)
    const fiber = yield* Effect.forkChild(
      recording(Effect.result(make(script.transport, options).send(request)).pipe(Random.withSeed(seed))),
    )
    yield* TestClock.adjust("1 hour")
    const { value: outcome, lines } = yield* Fiber.join(fiber)
    return { outcome, lines, times: script.times, requests: script.requests }
  })

const success = (outcome: { readonly _tag: string }): HttpResponse => {
  assert.equal(outcome._tag, "Success")
  return (outcome as unknown as { success: HttpResponse }).success
}
const failure = (outcome: { readonly _tag: string }): TransportError => {
  assert.equal(outcome._tag, "Failure")
  return (outcome as unknown as { failure: TransportError }).failure
}

const retried: ReadonlyArray<readonly [string, Step]> = [
  ...[429, 500, 502, 503, 504].map((status) => [`status ${status} without a body`, answer(status)] as const),
  ["status 503 in HTML", answer(503, "<html>busy</html>")],
  ["RequestTimeout", refusal(400, "RequestTimeout")],
  ["RequestTimeOut in its old spelling", refusal(400, "RequestTimeOut")],
  ["SlowDown", refusal(503, "SlowDown")],
  ["SlowDown under a 4xx", refusal(400, "SlowDown")],
  ...(["dns", "refused", "timeout", "reset"] as const).map((kind) =>
    [`${kind}, not sent`, broken(kind, "no")] as const
  ),
  ...(["timeout", "reset", "cut", "other"] as const).map((kind) =>
    [`${kind}, maybe sent`, broken(kind, "maybe")] as const
  ),
]
for (const [name, step] of retried) {
  effect(
    `retry sends again when the outcome is ${name}`,
    Effect.map(outcomeOf([step, ok]), ({ outcome, times }) => {
      assert.equal(success(outcome).status, 200)
      assert.equal(times.length, 2)
    }),
  )
}

const final: ReadonlyArray<readonly [string, Step]> = [
  ...[200, 204, 301, 302, 307, 308, 304, 400, 401, 403, 404, 405, 408, 409, 412, 501].map((status) =>
    [`status ${status} without a body`, answer(status)] as const
  ),
  ["200 with a code in it", refusal(200, "SlowDown")],
  ["307 with a code in it", refusal(307, "ServiceUnavailable")],
  ["404 NoSuchBucket", refusal(404, "NoSuchBucket")],
  ["403 RequestTimeTooSkewed", refusal(403, "RequestTimeTooSkewed")],
  ["400 with an unknown code", refusal(400, "ToString")],
  ["400 with a code of Object's own", refusal(400, "constructor")],
  ["400 with HTML", answer(400, "<html>SlowDown</html>")],
  ["501 NotImplemented", refusal(501, "NotImplemented")],
  ["tls, not sent", broken("tls", "no")],
  ["tls, maybe sent", broken("tls", "maybe")],
  ["too-large", broken("too-large", "maybe")],
  ["refused before it was sent", broken("other", "no")],
  ["a missing credential", new ConfigError({ source: "environment", problem: "No keys", fix: "Set them" })],
]
for (const [name, step] of final) {
  effect(
    `retry sends once and gives the outcome as it is when it is ${name}`,
    Effect.map(outcomeOf([step, ok]), ({ outcome, times }) => {
      assert.equal(times.length, 1)
      assert.equal(outcome._tag === "Success" ? outcome.success : outcome.failure, step)
    }),
  )
}

for (const [code, { retryable, status }] of Object.entries(codes)) {
  if (status >= 500 || status < 400) continue
  effect(
    `retry follows the table of codes when the answer is ${code}`,
    Effect.map(outcomeOf([refusal(status, code), ok]), ({ times }) => assert.equal(times.length, retryable ? 2 : 1)),
  )
}

effect(
  "retry gives the last answer when all four attempts are answered 503",
  Effect.map(outcomeOf([answer(503), answer(503), answer(500), answer(502, "last"), ok]), ({ outcome, times }) => {
    assert.equal(times.length, 4)
    assert.equal(success(outcome).status, 502)
    assert.equal(success(outcome).repeated, true)
  }),
)

effect(
  "retry gives the last failure when all attempts fail",
  Effect.map(outcomeOf([broken("dns", "no"), broken("refused", "no")]), ({ outcome, times }) => {
    assert.equal(times.length, 4)
    assert.deepEqual([failure(outcome).kind, failure(outcome).sent], ["refused", "no"])
    assert.equal(failure(outcome).detail, "Oh (after 4 attempts)")
  }),
)

effect(
  "retry keeps the status of an answer that does not count when all attempts fail",
  Effect.gen(function* () {
    const lost = new TransportError({ kind: "other", sent: "maybe", host: "a.test", detail: "Oh", status: 502 })
    const { outcome, times } = yield* outcomeOf([lost])
    assert.deepEqual([times.length, failure(outcome).status], [4, 502])
  }),
)

effect(
  "retry sends the same request each time and as often as told",
  Effect.map(outcomeOf([answer(503)], { attempts: 7, budget: "1 hour" }), ({ requests }) => {
    assert.equal(requests.length, 7)
    assert.ok(requests.every((sent) => sent === request))
  }),
)

effect(
  "retry sends once when one attempt is allowed",
  Effect.map(outcomeOf([answer(503)], { attempts: 1 }), ({ outcome, times }) => {
    assert.equal(times.length, 1)
    assert.equal(success(outcome).repeated, undefined)
  }),
)

for (
  const [name, earlier, repeated] of [
    ["an earlier attempt may have been sent", broken("reset", "maybe"), true],
    ["an earlier attempt was cut", broken("cut", "maybe"), true],
    ["an earlier attempt was answered 500", answer(500), true],
    ["an earlier attempt was answered 503 without a code", answer(503), true],
    ["an earlier attempt was answered ServiceUnavailable", refusal(503, "ServiceUnavailable"), true],
    ["an earlier attempt was asked to slow down", refusal(503, "SlowDown"), undefined],
    ["an earlier attempt was refused", broken("refused", "no"), undefined],
    ["an earlier attempt found no name", broken("dns", "no"), undefined],
    ["an earlier attempt was turned away with 429", answer(429), undefined],
    ["an earlier attempt came too slowly", refusal(400, "RequestTimeout"), undefined],
  ] as ReadonlyArray<readonly [string, Step, true | undefined]>
) {
  effect(
    `retry marks the answer ${repeated ? "as repeated" : "as a first one"} when ${name}`,
    Effect.gen(function* () {
      const last = refusal(400, "DuplicateInventoryId")
      const { outcome } = yield* outcomeOf([earlier, last])
      assert.deepEqual(success(outcome), repeated ? { ...last, repeated } : last)
      const later = yield* outcomeOf([earlier, broken("refused", "no"), last])
      assert.equal(success(later.outcome).repeated, repeated)
    }),
  )
}

effect(
  "retry says maybe sent when the last attempt was not but an earlier one may have been",
  Effect.map(outcomeOf([broken("reset", "maybe"), broken("refused", "no")]), ({ outcome }) => {
    assert.deepEqual([failure(outcome).kind, failure(outcome).sent], ["refused", "maybe"])
    assert.equal(failure(outcome).detail, "Oh (after 4 attempts; an earlier attempt may have arrived)")
  }),
)

prop(
  "retry waits no longer than half a second, doubled with every attempt, whatever the dice say",
  Schema.Int,
  (seed) =>
    Effect.map(outcomeOf([answer(503)], {}, 0, seed), ({ times }) => {
      const waits = times.slice(1).map((time, i) => time - times[i]!)
      return times.length === 4 && waits.every((wait, i) => wait >= 0 && wait <= 500 * 2 ** i)
    }).pipe(Effect.provide(TestClock.layer())),
)

effect(
  "retry spreads its waits over the whole range when many clients fail together",
  Effect.gen(function* () {
    const waits: Array<number> = []
    for (let seed = 0; seed < 60; seed++) {
      const { times } = yield* outcomeOf([answer(503), ok], {}, 0, `client ${seed}`)
      waits.push(times[1]! - times[0]!)
    }
    assert.ok(Math.min(...waits) < 100 && Math.max(...waits) > 400, waits.join())
  }),
)

const waitFor = (headers: Headers, options: Options = {}, status = 503) =>
  Effect.map(
    outcomeOf([answer(status, "", headers), ok], { base: 0, ...options }),
    ({ times }) => times.map((t) => t - times[0]!),
  )

const waits: ReadonlyArray<readonly [string, Headers, ReadonlyArray<number>]> = [
  ["seconds", [["Retry-After", "7"]], [0, 7000]],
  ["seconds with blanks", [["retry-after", " 7 "]], [0, 7000]],
  ["nothing", [], [0, 0]],
  ["0", [["retry-after", "0"]], [0, 0]],
  ["just the budget", [["retry-after", "30"]], [0, 30_000]],
  ["more than the budget", [["retry-after", "31"]], [0]],
  ["an absurd number", [["retry-after", "9".repeat(400)]], [0]],
  ["a negative number", [["retry-after", "-5"]], [0, 0]],
  ["no number", [["retry-after", "soon"]], [0, 0]],
  ["a date of another form", [["retry-after", "1970-01-01T00:00:09Z"]], [0, 0]],
  ["a day that is none", [["retry-after", "Thu, 99 Foo 1970 00:00:09 GMT"]], [0, 0]],
  ["a date", [["retry-after", "Thu, 01 Jan 1970 00:00:09 GMT"]], [0, 9000]],
  ["a date that has passed", [["date", "Thu, 01 Jan 1970 00:00:09 GMT"], [
    "retry-after",
    "Thu, 01 Jan 1970 00:00:03 GMT",
  ]], [0, 0]],
  [
    "a date, and the server's clock is years ahead",
    [["date", "Fri, 20 Nov 2026 08:00:00 GMT"], ["retry-after", "Fri, 20 Nov 2026 08:00:05 GMT"]],
    [0, 5000],
  ],
]
for (const [name, headers, expected] of waits) {
  effect(
    `retry waits as it is told when Retry-After is ${name}`,
    Effect.map(waitFor(headers), (times) => assert.deepEqual(times, expected)),
  )
}

effect(
  "retry counts a Retry-After date from now when the answer has no date of its own",
  Effect.gen(function* () {
    yield* TestClock.setTime(Date.parse("2026-11-20T08:00:00Z"))
    assert.deepEqual(yield* waitFor([["retry-after", "Fri, 20 Nov 2026 08:00:05 GMT"]]), [0, 5000])
  }),
)

effect(
  "retry honours Retry-After when the answer is 429",
  Effect.map(waitFor([["retry-after", "2"]], {}, 429), (times) => assert.deepEqual(times, [0, 2000])),
)

effect(
  "retry spreads those that are told the same Retry-After over the time behind it",
  Effect.gen(function* () {
    const waits: Array<number> = []
    for (let seed = 0; seed < 60; seed++) {
      const { times } = yield* outcomeOf([slowDown("1"), ok], {}, 0, `client ${seed}`)
      waits.push(times[1]! - times[0]!)
    }
    assert.ok(waits.every((wait) => wait >= 1000 && wait <= 1500), waits.join())
    assert.ok(Math.min(...waits) < 1100 && Math.max(...waits) > 1400, waits.join())
  }),
)

effect(
  "retry goes on beyond its attempts when the server asks to slow down and says for how long",
  Effect.gen(function* () {
    const { outcome, times } = yield* outcomeOf([...Array.from({ length: 12 }, () => slowDown("1")), ok], { base: 0 })
    assert.deepEqual([times.length, times.at(-1)], [13, 12_000])
    assert.deepEqual(success(outcome), ok)
  }),
)

effect(
  "retry counts attempts as ever when the server asks to slow down and does not say for how long",
  Effect.map(outcomeOf([refusal(503, "SlowDown")]), ({ times }) => assert.equal(times.length, 4)),
)

effect(
  "retry gives what it has when the server asks to slow down for longer than its patience",
  Effect.gen(function* () {
    const usual = yield* outcomeOf([slowDown("10")], { base: 0 })
    assert.deepEqual(usual.times, [0, 10_000, 20_000, 30_000])
    assert.equal(success(usual.outcome).repeated, undefined)
    const patient = yield* outcomeOf([slowDown("10")], { base: 0, patience: "50 seconds" })
    assert.equal(patient.times.length, 6)
    const quota = yield* outcomeOf([slowDown("51")], { base: 0, patience: "50 seconds" })
    assert.equal(quota.times.length, 1)
  }),
)

effect(
  "retry does not count what it was told to wait against the budget of what fails",
  Effect.gen(function* () {
    const steps = [...Array.from({ length: 9 }, () => slowDown("10")), answer(500), answer(500), ok]
    const { outcome, times } = yield* outcomeOf(steps, { base: 0, patience: "2 minutes" })
    assert.deepEqual([success(outcome).status, success(outcome).repeated, times.length], [200, true, 12])
  }),
)

effect(
  "retry repeats answers less often than failures when it is told so",
  Effect.gen(function* () {
    const timesOf = (step: Step) => Effect.map(outcomeOf([step], { answered: 2 }), ({ times }) => times.length)
    assert.equal(yield* timesOf(refusal(503, "ServiceUnavailable")), 2)
    assert.equal(yield* timesOf(refusal(500, "InternalError")), 2)
    assert.equal(yield* timesOf(broken("refused", "no")), 4)
    const slowed = yield* outcomeOf([...Array.from({ length: 5 }, () => slowDown("1")), ok], { answered: 2 })
    assert.equal(success(slowed.outcome).status, 200)
  }),
)

effect(
  "retry starts no attempt after its budget when attempts are slow",
  Effect.map(outcomeOf([broken("timeout", "maybe")], { base: 0 }, 14_000), ({ outcome, times }) => {
    assert.deepEqual(times, [0, 14_000, 28_000])
    assert.equal(failure(outcome).kind, "timeout")
  }),
)

effect(
  "retry gives the answer it has when the next attempt would come after the budget",
  Effect.map(outcomeOf([answer(503, "busy", [["retry-after", "60"]]), ok]), ({ outcome, times }) => {
    assert.equal(times.length, 1)
    assert.equal(success(outcome).status, 503)
    assert.equal(success(outcome).repeated, undefined)
  }),
)

effect(
  "retry stops when it is interrupted within a wait",
  Effect.gen(function* () {
    const script = scripted([answer(503, "", [["retry-after", "20"]]), ok])
    const fiber = yield* Effect.forkChild(recording(make(script.transport).send(request)))
    yield* TestClock.adjust("10 seconds")
    yield* Fiber.interrupt(fiber)
    yield* TestClock.adjust("1 hour")
    assert.equal(script.times.length, 1)
  }),
)

effect(
  "retry counts anew when another request is sent",
  Effect.gen(function* () {
    const script = scripted([answer(503)])
    const transport = make(script.transport, { base: 0 })
    yield* recording(Effect.andThen(transport.send(request), transport.send(request)))
    assert.equal(script.times.length, 8)
  }),
)

effect(
  "retry is a Transport over a Transport when it is a layer",
  Effect.gen(function* () {
    const script = scripted([answer(500), ok])
    const retrying = layer({ base: 0 }).pipe(Layer.provide(Layer.succeed(Transport, script.transport)))
    const { value: response } = yield* recording(Transport.use((transport) => transport.send(request))).pipe(
      Effect.provide(retrying),
    )
    assert.deepEqual([response.status, response.repeated, script.times.length], [200, true, 2])
  }),
)

effect(
  "retry says each time, without the request, that it tries again",
  Effect.gen(function* () {
    const steps = [answer(503), broken("refused", "no"), refusal(400, "RequestTimeout"), broken("tls", "no")]
    const { lines, outcome } = yield* outcomeOf(steps)
    const host = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"
    assert.deepEqual(lines.filter((line) => line.startsWith("Info ")), [
      `Info 503 from ${host}, trying again (2 of 4)`,
      `Info No answer from ${host}, trying again (3 of 4)`,
      `Info 400 from ${host}, trying again (4 of 4)`,
    ])
    assert.ok(!lines.join().includes("secret"))
    assert.equal(failure(outcome).detail, "Oh (after 4 attempts; an earlier attempt may have arrived)")
  }),
)

effect(
  "retry says once in half a minute that it is asked to slow down, whatever is slowed",
  Effect.gen(function* () {
    const script = scripted([slowDown("10")])
    const transport = make(script.transport, { base: 0, patience: "50 seconds" })
    const both = Effect.all([transport.send(request), transport.send(request)], { concurrency: 2 })
    const fiber = yield* Effect.forkChild(recording(both))
    yield* TestClock.adjust("1 hour")
    const { lines } = yield* Fiber.join(fiber)
    assert.equal(script.times.length, 12)
    const line =
      "Info examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com asks to slow down, going on as fast as it lets"
    assert.deepEqual(lines.filter((one) => one.startsWith("Info ")), [line, line])
  }),
)

effect(
  "retry says nothing and counts nothing when one attempt is all there is",
  Effect.gen(function* () {
    const { lines, outcome } = yield* outcomeOf([broken("tls", "no")])
    assert.deepEqual([lines, failure(outcome).detail], [[], "Oh"])
  }),
)
