/** What must be nowhere: in no line, number or span, and in nothing that a caller or COS's log gets to see. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Watch } from "../adapters/hono/watch.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { demoKey } from "../adapters/memory/mod.ts"
import * as Issuing from "../adapters/policy/issuing.ts"
import { TransportError } from "../core/errors.ts"
import { header } from "../core/http.ts"
import { keyTimeAt, presign } from "../core/signing/mod.ts"
import { listen } from "../http/listen.ts"
import { exchange } from "./door.ts"
import { bucket, hashOf, policyForm, proxySecret } from "./proxy-world.ts"
import { type Observed, observed, type ObservedOptions, ruleXml } from "./telemetry-world.ts"

const { secretKeyOf } = Issuing.make(Redacted.make(proxySecret))
/** Tokens that somebody sends; none of them is a name of anything. */
const tokens = ["reader-token", "writer-token", "stranger-5ec7e7", "scraper-token", "session-5ec7e7", "cookie-5ec7e7"]
const secrets = [
  ...tokens,
  demoKey.secretKey,
  proxySecret,
  secretKeyOf("AKIDreader"),
  secretKeyOf("AKIDwriter"),
  ...tokens.map((token) => hashOf(token).slice("sha256:".length)),
]

const target = `/${bucket}/?inventory&id=list1`
const policy = {
  ...policyForm,
  limits: { requestsPerSecond: 10_000, burst: 100_000 },
  metrics: { tokens: [hashOf("scraper-token")] },
}

/** Where secrets can be in a request, each in its own. */
const asked = async ({ ask }: Observed): Promise<ReadonlyArray<string>> => {
  const seen: Array<string> = []
  const see = async (...asking: Parameters<Observed["ask"]>) => {
    const { status, headers, text } = await ask(...asking)
    seen.push(JSON.stringify([status, [...headers], text]))
  }
  for (
    const at of [
      target,
      `/${bucket}/?inventory`,
      `/${bucket}/?inventory&id=ci-a`,
      "/v1/buckets",
      "/healthz",
      "/metrics",
    ]
  ) {
    for (const method of ["GET", "PUT", "POST", "DELETE", "PATCH"]) {
      const body = method === "PUT" || method === "POST" ? { body: ruleXml("ci-a") } : {}
      for (const token of tokens) await see(method, at, { token, ...body })
      for (const key of ["AKIDreader", "AKIDwriter", "AKIDstranger"]) await see(method, at, { key, ...body })
    }
  }
  const writer = { token: "writer-token" }
  for (const body of ["<cut", `<a>${tokens.join()}</a>`, ruleXml(tokens[2]!), tokens.join("&"), "\u0000"]) {
    await see("PUT", `/${bucket}/?inventory&id=ci-a`, { ...writer, body })
    await see("POST", `/${bucket}/?inventory&id=ci-a`, { ...writer, body })
  }
  for (const token of tokens) {
    await see("GET", `/?${token}`, writer)
    await see("GET", `/${token}/${token}?x=${token}`, writer)
    await see("GET", `${target}&${token}=${token}&token=${token}`, writer)
    await see("GET", `${target}&x-cos-security-token=${token}`, writer)
    await see("GET", `${target}&sign=${encodeURIComponent(`q-signature=${token}`)}`)
    await see("GET", `${target}&q-sign-algorithm=sha1&q-ak=AKIDreader&q-signature=${token}`)
    await see("GET", target, {
      headers: {
        ...{ "x-cos-security-token": token, cookie: `a=${token}`, "x-api-key": token, "user-agent": token },
        ...{
          traceparent: token,
          tracestate: `a=${token}`,
          referer: `http://a/?${token}`,
          "cf-access-jwt-assertion": token,
        },
        authorization: `Basic ${token}`,
      },
    })
    await see("GET", target, {
      headers: { authorization: `q-sign-algorithm=sha1&q-ak=AKIDreader&q-signature=${token}` },
    })
  }
  return seen
}

/** A good presigned request, and its signature. */
const presigned = () => {
  const request = { method: "GET", origin: "http://proxy.test", target, headers: [["host", "proxy.test"]] as const }
  const signed = presign({ ...request, body: new Uint8Array() }, {
    secretId: "AKIDreader",
    secretKey: secretKeyOf("AKIDreader"),
    keyTime: keyTimeAt(Math.floor(Date.now() / 1000)),
    hashes,
  })
  return { target: signed.target, signature: /q-signature=(\w+)/u.exec(signed.target)![1]! }
}

const shown = ({ lines, audit, defects, spans }: Observed): ReadonlyArray<string> => [
  ...lines,
  ...audit,
  ...defects,
  ...spans.map((span) =>
    JSON.stringify([span.name, [...span.attributes], span.events, String(Reflect.get(span.status, "exit"))])
  ),
]

const holdNone = (texts: ReadonlyArray<string>, secrets: ReadonlyArray<string>): void => {
  for (const text of texts) {
    for (const secret of secrets) assert.equal(text.includes(secret), false, `${secret} in ${text}`)
  }
}

const worlds: Readonly<Record<string, ObservedOptions>> = {
  "COS answers": {},
  "lines are text": { form: "text" },
  "COS cannot be reached": {
    between: () => ({
      send: () => Effect.fail(new TransportError({ kind: "tls", sent: "no", host: "cos", detail: "Not trusted" })),
    }),
  },
  "COS says the request again": {
    between: () => ({
      send: ({ headers }) =>
        Effect.succeed({
          status: 403,
          headers: [["set-cookie", header(headers, "authorization") ?? ""]],
          body: new TextEncoder().encode(JSON.stringify(headers)),
        }),
    }),
  },
  "there is a fault": { between: () => ({ send: ({ headers }) => Effect.die(header(headers, "host")) }) },
}

for (const [when, options] of Object.entries(worlds)) {
  test(`a proxy shows no secret to anybody when ${when}`, () =>
    Effect.gen(function* () {
      const world = yield* observed({ ...options, policy, isTraced: true })
      const answers = yield* Effect.promise(() => asked(world))
      const link = presigned()
      const linked = yield* Effect.promise(() => world.ask("GET", link.target))
      const { text } = yield* Effect.promise(() => world.ask("GET", "/metrics", { token: "scraper-token" }))
      const signatures = world.upstream.flatMap(({ headers }) =>
        /q-signature=(\w+)/u.exec(header(headers, "authorization") ?? "")?.[1] ?? []
      )
      assert.match(text, /cos_proxy_requests_total/u)
      assert.equal(world.upstream.length > 10, true)
      assert.equal(linked.status === 200, when.startsWith("COS answers") || when.startsWith("lines"))
      assert.equal(world.lines.length, answers.length + 2)
      holdNone([...shown(world), text], [...secrets, ...signatures, link.signature])
      holdNone([...answers, linked.text], [demoKey.secretKey, proxySecret, secretKeyOf("AKIDreader"), ...signatures])
      // The caller's own secrets go no further than the proxy
      holdNone(world.upstream.map(({ target, headers }) => JSON.stringify([target, headers])), [
        ...secrets,
        link.signature,
      ])
    }).pipe(Effect.scoped, Effect.runPromise))
}

test("a proxy's lines of what is no request hold nothing of it", () =>
  Effect.gen(function* () {
    const world = yield* observed({ policy })
    const { port } = yield* Effect.provideService(listen({ app: world.app }), Watch, world.watch)
    for (const token of tokens) {
      const texts = [
        `${token} ${token}\r\n\r\n`,
        `GET /${token} HTTP/1.1\r\nHost: ${token} a\r\n\r\n`,
        `GET /${token}?${token} HTTP/1.1\r\nHost: a\r\nHost: ${token}\r\n\r\n`,
        `GET http://${token}@evil.test/${token} HTTP/1.1\r\nHost: a\r\n\r\n`,
        `CONNECT ${token}:443 HTTP/1.1\r\nHost: a\r\n\r\n`,
        `${token.toUpperCase()} / HTTP/1.1\r\nHost: a\r\n\r\n`,
      ]
      for (const text of texts) yield* Effect.promise(() => exchange(port, text))
    }
    assert.equal(world.lines.length, 6 * tokens.length)
    holdNone(world.lines.map((line) => line.toLowerCase()), tokens)
  }).pipe(Effect.scoped, Effect.runPromise))
