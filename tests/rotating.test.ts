/** Two real keys: the one that COS takes is used. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { test } from "node:test"
import { credential } from "../adapters/credentials/fixed.ts"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoKey, demoOptions, open, transportOf } from "../adapters/memory/mod.ts"
import { rotating } from "../adapters/proxy/rotating.ts"
import { makeUpstream } from "../adapters/proxy/upstream.ts"
import { ConfigError, TransportError } from "../core/errors.ts"
import { type HttpRequest, noBody } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { effect, prop } from "./harness.ts"
import { answer } from "./limit-world.ts"

const request: HttpRequest = { method: "GET", origin: "http://cos.test", target: "/", headers: [], body: noBody }
const refused = (code: string, status = 403) => answer(status, writeErrorDocument({ code, message: "no" }))

/** Answers with whatever stands there; keeps how often it was asked. */
const key = (outcome: ReturnType<Send["send"]>) => {
  const it = {
    outcome,
    asked: 0,
    send: () => Effect.suspend(() => (it.asked++, it.outcome)),
  }
  return it
}

for (
  const [code, status] of [["InvalidAccessKeyId", 403], ["SignatureDoesNotMatch", 403], ["ExpiredToken", 400]] as const
) {
  effect(
    `\`rotating\` tries the other key when COS says ${code}, stays with it, and says so once`,
    Effect.gen(function* () {
      const old = key(Effect.succeed(refused(code, status)))
      const next = key(Effect.succeed(answer(200, "next")))
      const lines: Array<string> = []
      const { send } = rotating([old, next], (line) => lines.push(line))
      for (let i = 0; i < 3; i++) assert.equal((yield* send(request)).status, 200)
      assert.deepEqual([old.asked, next.asked], [1, 3])
      assert.equal(lines.length, 1)
      assert.match(lines[0]!, new RegExp(`real key 1 .*${code}.* key 2`, "u"))
      // And back, when that one is taken away
      next.outcome = Effect.succeed(refused(code, status))
      old.outcome = Effect.succeed(answer(200, "old again"))
      assert.equal((yield* send(request)).status, 200)
      assert.equal(lines.length, 2)
    }),
  )
}

for (const code of ["AccessDenied", "NoSuchBucket", "RequestTimeTooSkewed", "SlowDown", "PermanentRedirect"]) {
  effect(
    `\`rotating\` tries no other key when COS says ${code}`,
    Effect.gen(function* () {
      const [old, next] = [key(Effect.succeed(refused(code))), key(Effect.succeed(answer(200)))]
      assert.equal((yield* rotating([old, next]).send(request)).status, 403)
      assert.equal(next.asked, 0)
    }),
  )
}

effect(
  "`rotating` gives the first key's answer when COS takes neither, and tries both again the next time",
  Effect.gen(function* () {
    const old = key(Effect.succeed(refused("InvalidAccessKeyId")))
    const next = key(Effect.succeed(refused("SignatureDoesNotMatch")))
    const lines: Array<string> = []
    const { send } = rotating([old, next], (line) => lines.push(line))
    for (let i = 0; i < 2; i++) {
      assert.match(new TextDecoder().decode((yield* send(request)).body), /InvalidAccessKeyId/u)
    }
    assert.deepEqual([old.asked, next.asked, lines.length], [2, 2, 0])
  }),
)

effect(
  "`rotating` tries the other key when one cannot be read, and fails as the first did when none can",
  Effect.gen(function* () {
    const unreadable = (source: string) => Effect.fail(new ConfigError({ source, problem: "gone", fix: "none" }))
    const [old, next] = [key(unreadable("old")), key(Effect.succeed(answer(200)))]
    const { send } = rotating([old, next])
    assert.equal((yield* send(request)).status, 200)
    next.outcome = unreadable("next")
    const failure = yield* Effect.flip(send(request))
    assert.ok(failure instanceof ConfigError && failure.source === "next")
  }),
)

effect(
  "`rotating` prefers no key whose answer says nothing of it",
  Effect.gen(function* () {
    const old = key(Effect.succeed(refused("InvalidAccessKeyId")))
    const next = key(Effect.succeed(answer(503)))
    const lines: Array<string> = []
    const { send } = rotating([old, next], (line) => lines.push(line))
    assert.equal((yield* send(request)).status, 503)
    next.outcome = Effect.fail(new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" }))
    assert.ok((yield* Effect.flip(send(request))) instanceof TransportError)
    assert.deepEqual([old.asked, lines.length], [2, 0])
  }),
)

const States = Schema.Array(Schema.Struct({
  first: Schema.Literals(["good", "refused", "silent"]),
  second: Schema.Literals(["good", "refused", "silent"]),
}))
const outcomes = {
  good: Effect.succeed(answer(200)),
  refused: Effect.succeed(refused("InvalidAccessKeyId")),
  silent: Effect.fail(new TransportError({ kind: "cut", sent: "maybe", host: "h", detail: "d" })),
}

prop(
  "`rotating` asks each key at most once a request, and fails for no key while one is good",
  States,
  (states) =>
    Effect.gen(function* () {
      const keys = [key(outcomes.good), key(outcomes.good)] as const
      const { send } = rotating(keys)
      for (const { first, second } of states) {
        keys[0].outcome = outcomes[first]
        keys[1].outcome = outcomes[second]
        const before = keys.map(({ asked }) => asked)
        const found = yield* Effect.result(send(request))
        if (keys.some(({ asked }, at) => asked - before[at]! > 1)) return false
        const isRefused = Result.isSuccess(found) && found.success.status === 403
        if (isRefused !== (first === "refused" && second === "refused")) return false
        if (first === "good" && second === "good" && !Result.isSuccess(found)) return false
      }
      return true
    }),
)

test("`makeUpstream` signs with the key that COS knows, whichever of the two that is", () =>
  Effect.gen(function* () {
    const good = Effect.succeed(credential(demoKey.secretId, demoKey.secretKey))
    const stranger = Effect.succeed(credential("AKIDstranger", "none"))
    const wrong = Effect.succeed({ secretId: demoKey.secretId, secretKey: Redacted.make("wrong") })
    for (const credentials of [[good, stranger], [stranger, good], [wrong, good], [good]] as const) {
      const cos = transportOf(yield* open({ ...demoOptions(), keys: [demoKey] }))
      const sent: Array<string> = []
      const base = Layer.succeed(Transport, {
        send: (request) => {
          sent.push(request.headers.find(([name]) => name === "authorization")![1])
          return cos.send(request)
        },
      })
      const lines: Array<string> = []
      const { send } = yield* makeUpstream({
        hashes,
        credentials,
        base,
        notice: (line, level) => lines.push(`${level}: ${line}`),
      })
      const target = "/examplebucket-1250000000/?inventory&id=list1"
      for (let i = 0; i < 2; i++) assert.equal((yield* send({ ...request, target })).status, 200)
      const isFirst = credentials[0] === good
      assert.equal(sent.length, isFirst ? 2 : 3)
      assert.equal(lines.length, isFirst ? 0 : 1)
      assert.ok(lines.every((line) => line.startsWith("warn: ") && !line.includes("AKID")))
    }
  }).pipe(Effect.provide(layerHashes), Effect.scoped, Effect.runPromise))
