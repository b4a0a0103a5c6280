/** Whether the proxy says rightly that it can work, without being a way to make it ask COS often. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { test } from "node:test"
import { TestClock } from "effect/testing"
import { hashes } from "../adapters/hashes/node.ts"
import { healthDoor } from "../adapters/proxy/health.ts"
import { answerMillis, badMillis, goodMillis, lookMillis, makeReadiness } from "../adapters/proxy/readiness.ts"
import { ConfigError, TransportError } from "../core/errors.ts"
import { type HttpRequest, type HttpResponse, noBody } from "../core/http.ts"
import type { Policy } from "../core/policy/mod.ts"
import type { Send } from "../core/ports.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { effect } from "./harness.ts"
import { answer, policyOf } from "./limit-world.ts"
import { bucket, proxied } from "./proxy-world.ts"

const policy = policyOf(["ann"])
const good = answer(
  200,
  "<ListInventoryConfigurationResult><IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>",
)
const refused = (code: string, status: number) => answer(status, writeErrorDocument({ code, message: "secret words" }))

const upstream = (outcome: ReturnType<Send["send"]>) => {
  const requests: Array<HttpRequest> = []
  const it = {
    outcome,
    requests,
    interrupted: 0,
    send: (request: HttpRequest) =>
      Effect.suspend(() => {
        requests.push(request)
        return Effect.onInterrupt(it.outcome, () => Effect.sync(() => void it.interrupted++))
      }),
  }
  return it
}

const readiness = (cos: Send, isShared = true) => makeReadiness({ send: cos, hashes, isShared })

const verdicts: ReadonlyArray<readonly [what: string, outcome: ReturnType<Send["send"]>, reason: string | undefined]> =
  [
    ["COS lists the rules", Effect.succeed(good), undefined],
    ["COS knows the key and finds it too fast", Effect.succeed(refused("SlowDown", 503)), undefined],
    ["COS knows no such key", Effect.succeed(refused("InvalidAccessKeyId", 403)), "key refused"],
    ["COS takes the key for another's", Effect.succeed(refused("SignatureDoesNotMatch", 403)), "key refused"],
    ["the temporary key is over", Effect.succeed(refused("ExpiredToken", 400)), "key refused"],
    ["the clock is wrong", Effect.succeed(refused("RequestTimeTooSkewed", 403)), "clock refused"],
    ["the key may not list", Effect.succeed(refused("AccessDenied", 403)), "access denied"],
    ["the bucket is gone", Effect.succeed(refused("NoSuchBucket", 404)), "bucket missing"],
    ["the bucket is elsewhere", Effect.succeed(refused("PermanentRedirect", 301)), "wrong region"],
    ["COS fails", Effect.succeed(refused("InternalError", 500)), "COS unavailable"],
    ["COS says what nobody knows", Effect.succeed(refused("Strange", 418)), "COS refuses"],
    ["something else answers", Effect.succeed(answer(200, "<html>")), "COS unreadable"],
    ["something else refuses", Effect.succeed(answer(403, "<html>")), "COS unreadable"],
    [
      "nobody answers",
      Effect.fail(new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" })),
      "COS unreachable",
    ],
    ["the key cannot be read", Effect.fail(new ConfigError({ source: "s", problem: "p", fix: "f" })), "no key"],
  ]
for (const [what, outcome, reason] of verdicts) {
  effect(
    `\`makeReadiness\` finds the proxy ${reason === undefined ? "ready" : `not ready (${reason})`} when ${what}`,
    Effect.map(
      readiness(upstream(outcome))(policy),
      (found) => assert.deepEqual(found, reason === undefined ? { isReady: true } : { isReady: false, reason }),
    ),
  )
}

effect(
  "`makeReadiness` asks nobody when the policy has no bucket",
  Effect.gen(function* () {
    const cos = upstream(Effect.succeed(good))
    const none: Policy = { ...policy, buckets: new Map() }
    assert.deepEqual(yield* readiness(cos)(none), { isReady: false, reason: "no bucket" })
    assert.equal(cos.requests.length, 0)
  }),
)

effect(
  "`makeReadiness` asks COS for one list when a thousand ask at once",
  Effect.gen(function* () {
    const cos = upstream(Effect.as(Effect.sleep("1 second"), good))
    const probe = readiness(cos)
    const fibers = yield* Effect.forEach(Array.from({ length: 1000 }), () => Effect.forkChild(probe(policy)))
    yield* TestClock.adjust("1 second")
    for (const fiber of fibers) assert.deepEqual(yield* Fiber.join(fiber), { isReady: true })
    assert.deepEqual(cos.requests.map(({ method, target }) => `${method} ${target}`), ["GET /?inventory"])
  }),
)

effect(
  "`makeReadiness` believes a good finding for longer than a bad one, and asks anew under another policy",
  Effect.gen(function* () {
    const cos = upstream(Effect.succeed(good))
    const probe = readiness(cos)
    yield* probe(policy)
    cos.outcome = Effect.succeed(refused("InvalidAccessKeyId", 403))
    yield* TestClock.adjust(goodMillis - 1)
    assert.ok((yield* probe(policy)).isReady)
    assert.equal(cos.requests.length, 1)
    yield* TestClock.adjust(1)
    assert.ok(!(yield* probe(policy)).isReady)
    yield* TestClock.adjust(badMillis - 1)
    assert.ok(!(yield* probe(policy)).isReady)
    assert.equal(cos.requests.length, 2)
    cos.outcome = Effect.succeed(good)
    yield* TestClock.adjust(1)
    assert.ok((yield* probe(policy)).isReady)
    assert.equal(cos.requests.length, 3)
    yield* probe(policyOf(["ann"]))
    assert.equal(cos.requests.length, 4)
  }),
)

effect(
  "`makeReadiness` waits for COS no longer than its time, and gives the request up then",
  Effect.gen(function* () {
    const cos = upstream(Effect.never)
    const asked = yield* Effect.forkChild(readiness(cos)(policy))
    yield* TestClock.adjust(lookMillis)
    assert.deepEqual(yield* Fiber.join(asked), { isReady: false, reason: "COS unreachable" })
    assert.equal(cos.interrupted, 1)
  }),
)

effect(
  "`makeReadiness` answers before the time of a request is over when a policy has little of it",
  Effect.gen(function* () {
    const asked = yield* Effect.forkChild(readiness(upstream(Effect.never))(policyOf(["ann"], {}, 1)))
    yield* TestClock.adjust(1000 - answerMillis)
    assert.deepEqual(asked.pollUnsafe(), Exit.succeed({ isReady: false, reason: "COS unreachable" }))
  }),
)

effect(
  "`makeReadiness` goes on for the others when whoever asked first leaves",
  Effect.gen(function* () {
    const cos = upstream(Effect.as(Effect.sleep("1 second"), good))
    const probe = readiness(cos)
    const [first, second] = [yield* Effect.forkChild(probe(policy)), yield* Effect.forkChild(probe(policy))]
    yield* TestClock.adjust("500 millis")
    yield* Fiber.interrupt(first)
    yield* TestClock.adjust("500 millis")
    assert.deepEqual(yield* Fiber.join(second), { isReady: true })
    assert.equal(cos.requests.length, 1)
  }),
)

effect(
  "`makeReadiness` lets nobody wait for another where nothing is shared, and still asks COS once at a time",
  Effect.gen(function* () {
    const cos = upstream(Effect.as(Effect.sleep("1 second"), good))
    const probe = readiness(cos, false)
    const first = yield* Effect.forkChild(probe(policy), { startImmediately: true })
    assert.deepEqual(yield* probe(policy), { isReady: false, reason: "checking" })
    yield* TestClock.adjust("1 second")
    assert.deepEqual(yield* Fiber.join(first), { isReady: true })
    yield* TestClock.adjust(goodMillis)
    const next = yield* Effect.forkChild(probe(policy), { startImmediately: true })
    // What was seen last stands until something else is
    assert.deepEqual(yield* probe(policy), { isReady: true })
    assert.equal(cos.requests.length, 2)
    yield* Fiber.interrupt(next)
    const last = yield* Effect.forkChild(probe(policy), { startImmediately: true })
    assert.equal(cos.requests.length, 3)
    yield* TestClock.adjust("1 second")
    yield* Fiber.join(last)
  }),
)

const asked = (method: string, target: string) => ({
  request: { method, target, origin: "http://proxy.test", headers: [], body: noBody },
  policy,
  told: { callId: "c" },
  perform: () => Effect.die("health performs nothing"),
  charge: () => Effect.die("health counts nobody"),
})
const textOf = ({ body }: HttpResponse) => new TextDecoder().decode(body)

effect(
  "`healthDoor` says that it is draining without asking COS, and lives on",
  Effect.gen(function* () {
    let isDraining = false
    const cos = upstream(Effect.succeed(good))
    const door = healthDoor({ probe: readiness(cos), isDraining: () => isDraining })
    const ready = yield* door.answer(asked("GET", "/readyz"))
    assert.deepEqual([ready.status, JSON.parse(textOf(ready))], [200, { status: "ready" }])
    isDraining = true
    const draining = yield* door.answer(asked("HEAD", "/readyz?verbose"))
    assert.deepEqual([draining.status, JSON.parse(textOf(draining))], [503, {
      status: "not ready",
      reason: "draining",
    }])
    assert.equal((yield* door.answer(asked("GET", "/healthz"))).status, 200)
    assert.equal(cos.requests.length, 1)
  }),
)

effect(
  "`healthDoor` takes no method that could change anything",
  Effect.gen(function* () {
    const door = healthDoor({ probe: () => Effect.die("nobody asks") })
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const error = yield* Effect.flip(door.answer(asked(method, "/readyz")))
      assert.ok(error._tag === "Refused" && error.refusal.code === "MethodNotAllowed")
    }
  }),
)

test("a proxy says to anybody that it is ready, in words that name nothing", () =>
  proxied({}, async ({ ask, upstream }) => {
    for (let i = 0; i < 3; i++) {
      const { status, text } = await ask("GET", "/readyz", {})
      assert.deepEqual([status, JSON.parse(text)], [200, { status: "ready" }])
      assert.ok(!text.includes(bucket))
    }
    assert.equal(upstream().length, 1)
    assert.equal((await ask("GET", "/healthz", {})).status, 200)
    assert.equal(upstream().length, 1)
    assert.equal((await ask("POST", "/healthz", {})).status, 405)
  }))
