import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { TestClock } from "effect/testing"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { layer as layerSigned, layerWith } from "../adapters/signed.ts"
import { ConfigError, TransportError } from "../core/errors.ts"
import { header, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { type Credential, Credentials, type Send, Transport } from "../core/ports.ts"
import { readKeyTime } from "../core/signing/mod.ts"
import { effect } from "./harness.ts"
import { bytes, knows, request, secretId, secretKey, verdict } from "./signing-cases.ts"

const list = request("GET", "/?inventory")
const permanent: Credential = { secretId, secretKey: Redacted.make(secretKey) }
const temporary: Credential = { ...permanent, sessionToken: Redacted.make("token-1") }

/** A server that writes down what reaches it and answers with what it is told, then with 200. */
const server = (...answers: ReadonlyArray<HttpResponse>) => {
  const seen: Array<HttpRequest> = []
  const send: Send["send"] = (request) =>
    Effect.sync(() => {
      seen.push(request)
      return answers[seen.length - 1] ?? { status: 200, headers: [], body: new Uint8Array(0) }
    })
  return { seen, send }
}

const through = (
  send: Send["send"],
  credential: Credential | Effect.Effect<Credential, ConfigError> = permanent,
  layer = layerSigned,
) =>
  layer.pipe(
    Layer.provide(Layer.succeed(Transport, { send })),
    Layer.provide(
      Layer.succeed(Credentials, Effect.isEffect(credential) ? credential : Effect.succeed(credential)),
    ),
    Layer.provide(layerHashes),
  )

const send = (request: HttpRequest) => Transport.use((transport) => transport.send(request))

const refused = (code: string, message: string, date?: number): HttpResponse => ({
  status: 403,
  headers: date === undefined ? [] : [["Date", new Date(date).toUTCString()]],
  body: bytes(
    `<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>${code}</Code>\n\t<Message>${message}</Message>\n</Error>`,
  ),
})

const known = (sessionToken?: string) => ({
  hashes,
  secretKeyOf: knows(secretId, { secretKey, ...(sessionToken === undefined ? {} : { sessionToken }) }),
})
const startOf = (request: HttpRequest): number =>
  readKeyTime(/q-key-time=([^&]*)/.exec(header(request.headers, "authorization") ?? "")?.[1] ?? "")?.start ?? -1

const today = Date.UTC(2026, 10, 21, 12, 0, 30)
const nowSeconds = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

effect(
  "signed Transport adds a signature that holds now",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const { seen, send: inner } = server()
    yield* send(list).pipe(Effect.provide(through(inner)))
    assert.equal(verdict(seen[0]!, { ...known(), now: yield* nowSeconds }), "Success")
    assert.equal(startOf(seen[0]!), Date.UTC(2026, 10, 21, 11, 59) / 1000)
  }),
)

effect(
  "signed Transport sends the session token in a signed header",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const { seen, send: inner } = server()
    yield* send(list).pipe(Effect.provide(through(inner, temporary)))
    assert.equal(header(seen[0]!.headers, "x-cos-security-token"), "token-1")
    assert.match(header(seen[0]!.headers, "authorization") ?? "", /q-header-list=host;x-cos-security-token&/)
    assert.equal(verdict(seen[0]!, { ...known("token-1"), now: yield* nowSeconds }), "Success")
  }),
)

effect(
  "signed Transport replaces a signature and a token that are already there",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const { seen, send: inner } = server()
    const stale: HttpRequest = { ...list, headers: [["Authorization", "old"], ["X-Cos-Security-Token", "old"]] }
    yield* send(stale).pipe(Effect.provide(through(inner)))
    assert.equal(JSON.stringify(seen[0]!.headers).includes("old"), false)
    assert.equal(verdict(seen[0]!, { ...known(), now: yield* nowSeconds }), "Success")
  }),
)

effect(
  "signed Transport changes neither target nor body",
  Effect.gen(function* () {
    const put = request("PUT", "/a%2fb//?X=%7e&x=+", [["Content-Type", "text/plain"]], "body")
    const { seen, send: inner } = server()
    yield* send(put).pipe(Effect.provide(through(inner)))
    assert.deepEqual({ ...seen[0]!, headers: seen[0]!.headers.slice(0, 1) }, put)
  }),
)

effect(
  "signed Transport signs anew at each sending, and with the credentials of that moment",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const { seen, send: inner } = server()
    let asked = 0
    const rotating = Effect.sync((): Credential => ({ ...permanent, secretId: `id-${++asked}` }))
    yield* Effect.gen(function* () {
      yield* send(list)
      yield* TestClock.adjust("20 minutes")
      yield* send(list)
    }).pipe(Effect.provide(through(inner, rotating)))
    assert.equal(startOf(seen[1]!) - startOf(seen[0]!), 1200)
    assert.match(header(seen[0]!.headers, "authorization") ?? "", /q-ak=id-1&/)
    assert.match(header(seen[1]!.headers, "authorization") ?? "", /q-ak=id-2&/)
  }),
)

effect(
  "signed Transport takes other key times when told",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const { seen, send: inner } = server()
    const short = layerWith({ backSeconds: 0, lifetimeSeconds: 120 })
    yield* send(list).pipe(Effect.provide(through(inner, permanent, short)))
    assert.match(header(seen[0]!.headers, "authorization") ?? "", /q-sign-time=1795262400;1795262520&/)
  }),
)

for (
  const [what, code, message] of [
    ["RequestTimeTooSkewed", "RequestTimeTooSkewed", "any"],
    ["an expired request", "AccessDenied", "Request has expired"],
    ["the code that flare lists", "Request has expired", "any"],
  ] as const
) {
  effect(
    `signed Transport signs by the server's clock and sends once more when refused for ${what}`,
    Effect.gen(function* () {
      yield* TestClock.setTime(today)
      const there = today + 3600_000
      const { seen, send: inner } = server(refused(code, message, there))
      yield* Effect.gen(function* () {
        assert.equal((yield* send(list)).status, 200)
        assert.equal((yield* send(list)).status, 200)
      }).pipe(Effect.provide(through(inner)))
      assert.deepEqual(seen.map((request) => startOf(request) - startOf(seen[0]!)), [0, 3600, 3600])
      assert.equal(verdict(seen[1]!, { ...known(), now: there / 1000 }), "Success")
      assert.equal(seen[1]!.headers.filter(([name]) => name.toLowerCase() === "authorization").length, 1)
    }),
  )
}

effect(
  "signed Transport corrects the clock backwards too",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const { seen, send: inner } = server(refused("RequestTimeTooSkewed", "", today - 7200_000))
    yield* send(list).pipe(Effect.provide(through(inner)))
    assert.equal(startOf(seen[1]!) - startOf(seen[0]!), -7200)
  }),
)

effect(
  "signed Transport sends at most twice, however the server's clock runs",
  Effect.gen(function* () {
    yield* TestClock.setTime(today)
    const skewed = (hours: number) => refused("RequestTimeTooSkewed", "", today + hours * 3600_000)
    const { seen, send: inner } = server(skewed(1), skewed(2), skewed(3))
    const answer = yield* send(list).pipe(Effect.provide(through(inner)))
    assert.equal(answer.status, 403)
    assert.equal(seen.length, 2)
  }),
)

const once: Readonly<Record<string, HttpResponse>> = {
  "the clocks agree": refused("RequestTimeTooSkewed", "", today + 29_000),
  "there is no Date": refused("RequestTimeTooSkewed", ""),
  "Date is no date": { ...refused("RequestTimeTooSkewed", ""), headers: [["Date", "yesterday"]] },
  "the refusal is about something else": refused("AccessDenied", "Access Denied.", today + 3600_000),
  "the status is not 403": { ...refused("RequestTimeTooSkewed", "", today + 3600_000), status: 400 },
  "the answer is no XML": { ...refused("", "", today + 3600_000), body: bytes("RequestTimeTooSkewed") },
  "the body is empty": { ...refused("", "", today + 3600_000), body: new Uint8Array(0) },
}

for (const [when, answer] of Object.entries(once)) {
  effect(
    `signed Transport sends once and hands the answer on when ${when}`,
    Effect.gen(function* () {
      yield* TestClock.setTime(today)
      const { seen, send: inner } = server(answer)
      assert.deepEqual(yield* send(list).pipe(Effect.provide(through(inner))), answer)
      assert.equal(seen.length, 1)
    }),
  )
}

effect(
  "signed Transport sends nothing when there are no credentials",
  Effect.gen(function* () {
    const { seen, send: inner } = server()
    const missing = new ConfigError({ source: "environment", problem: "No credentials", fix: "set COS_SECRET_ID" })
    assert.equal(yield* Effect.flip(send(list).pipe(Effect.provide(through(inner, Effect.fail(missing))))), missing)
    assert.equal(seen.length, 0)
  }),
)

effect(
  "signed Transport hands on a failure of the one it wraps",
  Effect.gen(function* () {
    const lost = new TransportError({ kind: "reset", sent: "maybe", host: "h", detail: "reset" })
    assert.equal(yield* Effect.flip(send(list).pipe(Effect.provide(through(() => Effect.fail(lost))))), lost)
  }),
)
