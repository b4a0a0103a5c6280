/** What is shown of requests and answers: all that would be sent, and no secret. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import { layer as debugLog } from "../adapters/debug-log.ts"
import { make, render, renderBody } from "../adapters/dry-run.ts"
import { TransportError } from "../core/errors.ts"
import { type HttpRequest, type HttpResponse, noBody } from "../core/http.ts"
import { Transport } from "../core/ports.ts"
import { maskId, printable, redactHeaders, redactRequest, redactTarget, redactText } from "../core/redact.ts"
import { effect, prop } from "./harness.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const put: HttpRequest = {
  method: "PUT",
  origin: "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
  target: "/?inventory&id=list1",
  headers: [
    ["content-type", "application/xml"],
    ["content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="],
    [
      "Authorization",
      "q-sign-algorithm=sha1&q-ak=AKIDabcdefghijklmnop&q-sign-time=1;2&q-key-time=1;2&q-header-list=host" +
      "&q-url-param-list=id;inventory&q-signature=0123456789abcdef0123456789abcdef01234567",
    ],
    ["x-cos-security-token", "tok-secret"],
  ],
  body: bytes("<InventoryConfiguration/>"),
}

effect(
  "dry-run answers 200 without a body and keeps the requests in order when it is sent some",
  Effect.gen(function* () {
    const { transport, requests } = yield* make
    const remove = { ...put, method: "DELETE", body: noBody }
    const answers = [yield* transport.send(put), yield* transport.send(remove)]
    for (const { status, body } of answers) assert.deepEqual([status, body.length], [200, 0])
    assert.deepEqual(yield* requests, [put, remove])
    assert.deepEqual(yield* (yield* make).requests, [])
  }),
)

test("render shows the whole request without its secrets when it is signed", () => {
  assert.equal(
    render(put),
    [
      "PUT /?inventory&id=list1 HTTP/1.1",
      "host: examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
      "content-type: application/xml",
      "content-md5: 1B2M2Y8AsgTpgAmY7PhCfg==",
      "Authorization: q-sign-algorithm=sha1&q-ak=AKID****&q-sign-time=1;2&q-key-time=1;2&q-header-list=host" +
      "&q-url-param-list=id;inventory&q-signature=****",
      "x-cos-security-token: ****",
      "content-length: 25",
      "",
      "<InventoryConfiguration/>",
    ].join("\n"),
  )
})

test("render shows Host and Content-Length once when the request has them", () => {
  const shown = render({ ...put, headers: [["Host", "a.test"], ["Content-Length", "25"]] })
  assert.equal(shown.match(/^host:/gimu)?.length, 1)
  assert.equal(shown.match(/^content-length:/gimu)?.length, 1)
})

test("render shows no Content-Length when there is no body", () => {
  assert.equal(render({ ...put, method: "GET", headers: [], body: noBody }).split("\n").length, 4)
})

test("render counts the bytes when a body is not text", () => {
  assert.equal(renderBody(Uint8Array.of(0x1f, 0x8b, 0xff)), "<3 bytes that are not text>")
})

test("render cuts a body when it is longer than the limit", () => {
  assert.equal(renderBody(bytes("abcdef"), 3), "abc… (6 bytes)")
  assert.equal(renderBody(bytes("abc"), 3), "abc")
})

test("render masks a secret when the limit would cut it in two", () => {
  assert.doesNotMatch(renderBody(bytes("q-signature=0123456789"), 16), /0123/u)
})

test("render lets no control sequence through when a header or a body has one", () => {
  const shown = render({
    ...put,
    headers: [["x-a", "\u{1b}[2Jx\r"]],
    body: bytes("a\u{1b}]0;x\u{7}\u{9b}\u{202e}b\r\n\tc"),
  })
  assert.doesNotMatch(shown, /[^\P{C}\n\t]/u)
  assert.match(shown, /x-a: \\u\{1b\}\[2Jx\\u\{d\}/u)
  assert.match(shown, /b\\u\{d\}\n\tc$/u)
})

prop(
  "printable gives only printable characters, line feeds and tabs, whatever the text",
  Schema.String,
  (text) => !/[^\P{C}\n\t]/u.test(printable(text)) && printable(printable(text)) === printable(text),
)

for (
  const [target, shown] of [
    ["/", "/"],
    ["/?inventory&id=list1", "/?inventory&id=list1"],
    ["/?inventory&continuation-token=abc", "/?inventory&continuation-token=abc"],
    ["/?q-ak=AKIDabc&q-sign-time=1%3B2&q-signature=abc", "/?q-ak=AKID****&q-sign-time=1%3B2&q-signature=****"],
    ["/?q-ak=other&x", "/?q-ak=****&x"],
    ["/k?x-cos-security-token=abc", "/k?x-cos-security-token=****"],
    ["/k?sign=q-sign-algorithm%3Dsha1%26q-signature%3Dabc", "/k?sign=****"],
    ["/k?Sign=abc&SIGN=def", "/k?Sign=****&SIGN=****"],
    ["/k?q%2Dsignature=abc&%73ign=def", "/k?q%2Dsignature=****&%73ign=****"],
    ["/k?token=abc&access_token=abc&X-Amz-Signature=abc", "/k?token=****&access_token=****&X-Amz-Signature=****"],
    ["/k?q-signature=a=b", "/k?q-signature=****"],
    ["/k?q-signature", "/k?q-signature"],
  ] as const
) {
  test(`redactTarget masks what is secret when the target is ${target}`, () =>
    assert.equal(redactTarget(target), shown))
}

for (
  const [name, value, shown] of [
    ["authorization", "Bearer abc.def", "Bearer ****"],
    ["AUTHORIZATION", "bearer abc", "bearer ****"],
    ["authorization", "Basic dXNlcjpwYXNz", "Basic ****"],
    ["authorization", "abcdef", "****"],
    ["authorization", "", "****"],
    ["proxy-authorization", "Basic abc", "Basic ****"],
    ["authorization", "q-ak=AKIDa&q-signature=abc", "q-ak=AKID****&q-signature=****"],
    ["X-Cos-Security-Token", "abc", "****"],
    ["x-cos-server-side-encryption-customer-key", "abc", "****"],
    ["cookie", "a=b", "****"],
    ["set-cookie", "a=b", "****"],
    ["cf-access-client-secret", "abc", "****"],
    ["cf-access-jwt-assertion", "abc", "****"],
    ["location", "https://a.test/k?q-signature=abc", "https://a.test/k?q-signature=****"],
    ["x-cos-request-id", "NjQ", "NjQ"],
    ["content-md5", "abc", "abc"],
  ] as const
) {
  test(`redactHeaders shows ${shown} when ${name} is ${value === "" ? "empty" : value}`, () => {
    assert.deepEqual(redactHeaders([[name, value]]), [[name, shown]])
  })
}

test("redactText masks signatures, tokens and ids when a body quotes a request", () => {
  const body =
    "<StringToSign>sha1\n1;2\nabc\n</StringToSign><FormatString>get\n/\n\nhost=a&amp;x-cos-security-token=tok%2Fsecret&amp;z=1" +
    "</FormatString><Resource>/k?sign=q-sig%3Dsecret</Resource><Id>AKIDabcdef</Id> q-signature=secret Bearer se.cr-et"
  const shown = redactText(body)
  assert.doesNotMatch(shown, /secret|abcdef|se\.cr/u)
  assert.match(shown, /sha1\n1;2\nabc/u)
  assert.match(shown, /&amp;z=1/u)
})

test("redactRequest hides user and password when an origin has them", () => {
  const { origin } = redactRequest({ ...put, origin: "https://user:pass@word@a.test" })
  assert.equal(origin, "https://****@a.test")
})

test("maskId keeps only the known start", () => {
  assert.deepEqual([maskId("AKIDabc"), maskId("abc"), maskId("")], ["AKID****", "****", "****"])
})

const secret = "s3cr3tvalue"
prop(
  "redactRequest lets no secret out wherever a request of ours carries one",
  Schema.Literals([
    { target: `/?x-cos-security-token=${secret}` },
    { target: `/?a&q-signature=${secret}&b` },
    { target: `/?sign=${secret}` },
    { headers: [["Authorization", `Bearer ${secret}`]] as const },
    { headers: [["authorization", `q-ak=a&q-signature=${secret}`]] as const },
    { headers: [["X-COS-Security-Token", secret]] as const },
  ].map((part) => JSON.stringify(part)) as [string, ...Array<string>]),
  (part) => !JSON.stringify(redactRequest({ ...put, ...JSON.parse(part), body: noBody })).includes(secret),
)

/** The lines that a program logs at the given least level. */
const logged = (level: "Debug" | "Info", send: HttpResponse | TransportError) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
    const inner = Layer.succeed(Transport, { send: () => "_tag" in send ? Effect.fail(send) : Effect.succeed(send) })
    const outcome = yield* Effect.result(Transport.use((transport) => transport.send(put))).pipe(
      Effect.provide(debugLog.pipe(Layer.provide(inner))),
      Effect.provide(Logger.layer([logger])),
      Effect.provideService(References.MinimumLogLevel, level),
    )
    return { lines, outcome }
  })

const refusal: HttpResponse = {
  status: 403,
  headers: [["x-cos-request-id", "NjQ"], ["set-cookie", "s3cr3t"]],
  body: bytes(`<Error><Code>SignatureDoesNotMatch</Code><X>q-signature=s3cr3t</X></Error>${"x".repeat(5000)}`),
}

effect(
  "debug-log shows request and answer without secrets and changes neither when the level is Debug",
  Effect.map(logged("Debug", refusal), ({ lines, outcome }) => {
    assert.equal(outcome._tag === "Success" && outcome.success, refusal)
    assert.equal(lines.length, 2)
    assert.match(lines[0]!, /^Debug Request\nPUT \/\?inventory&id=list1 HTTP\/1\.1\n/u)
    assert.match(lines[1]!, /^Debug Answer after 0 ms\nHTTP\/1\.1 403\nx-cos-request-id: NjQ\n/u)
    assert.match(lines[1]!, /SignatureDoesNotMatch/u)
    assert.ok(lines[1]!.length < 2300)
    assert.doesNotMatch(lines.join(), /s3cr3t|tok-secret|0123456789abcdef|AKIDa/u)
  }),
)

effect(
  "debug-log shows the failure and passes it on when there is no answer",
  Effect.gen(function* () {
    const error = new TransportError({ kind: "reset", sent: "maybe", host: "a.test", detail: "Gone" })
    const { lines, outcome } = yield* logged("Debug", error)
    assert.equal(outcome._tag === "Failure" && outcome.failure, error)
    assert.match(lines[1]!, /^Debug No answer from examplebucket-1250000000\.cos\.\S+ after 0 ms: .*Gone/u)
  }),
)

effect(
  "debug-log says nothing when the level is Info",
  Effect.map(logged("Info", refusal), ({ lines }) => assert.deepEqual(lines, [])),
)
