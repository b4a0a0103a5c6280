import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import type { HttpRequest } from "../core/http.ts"
import { sign, stages, writeKeyTime } from "../core/signing/mod.ts"
import { writeTarget } from "../core/wire/target.ts"
import { prop } from "./harness.ts"
import { accepts, host, keyTime, secretId, secretKey, signer, verdict } from "./signing-cases.ts"
import { Cos } from "./sdk.ts"

type Pairs = Readonly<Record<string, string>>

const bySdk = (method: string, path: string, query: Pairs, headers: Pairs): string =>
  Cos.getAuthorization({
    SecretId: secretId,
    SecretKey: secretKey,
    KeyTime: writeKeyTime(keyTime),
    Method: method,
    Pathname: path,
    Query: query,
    Headers: headers,
  })

const requestOf = (method: string, path: string, query: Pairs, headers: Pairs): HttpRequest => ({
  method,
  origin: "https://unused",
  target: writeTarget(path, Object.entries(query)),
  headers: Object.entries(headers),
  body: new Uint8Array(0),
})

const text = Schema.String.check(Schema.isPattern(/^[^\u{D800}-\u{DFFF}]{0,10}$/u))
const name = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_.~-]{1,8}$/u))
const value = Schema.String.check(Schema.isPattern(/^[!-~]{1,8}( [!-~]{1,8})?$/u))

/** Names of unreserved characters, each once whatever its case: there the SDK and the documentation agree. */
const Call = Schema.Struct({
  method: Schema.Literals(["GET", "PUT", "POST", "DELETE", "HEAD"]),
  path: text,
  query: Schema.Array(Schema.Tuple([name, text])).check(Schema.isMaxLength(8)),
  meta: Schema.Array(Schema.Tuple([Schema.String.check(Schema.isPattern(/^[A-Za-z0-9-]{1,6}$/u)), value])),
  content: Schema.Boolean,
})

const once = (pairs: ReadonlyArray<readonly [string, string]>): Pairs =>
  Object.fromEntries(pairs.filter(([n], at) => pairs.findIndex(([m]) => m.toLowerCase() === n.toLowerCase()) === at))

const callOf = (call: typeof Call.Type) => {
  const content: Pairs = call.content
    ? { "Content-Type": "application/xml", "Content-MD5": "EiKOcD/zn+DHRElc+h3r0w==", "Content-Length": "63" }
    : {}
  const headers = { Host: host, ...content, ...once(call.meta.map(([n, v]) => [`x-cos-meta-${n}`, v])) }
  return [call.method, `/${call.path}`, once(call.query), headers] as const
}

prop("sign gives the SDK's Authorization for thousands of requests", Call, (call) => {
  const parts = callOf(call)
  return sign(requestOf(...parts), signer) === bySdk(...parts)
}, { runs: 4000 })

prop("verify accepts what the SDK signs", Call, (call) => {
  const parts = callOf(call)
  const request = requestOf(...parts)
  return accepts({ ...request, headers: [...request.headers, ["Authorization", bySdk(...parts)]] })
}, { runs: 1000 })

test("sign agrees with the SDK on the headers that only the SDK signs by itself", () => {
  const headers = {
    Host: host,
    "Cache-Control": "no-cache",
    Range: "bytes=0-9",
    "If-Match": '"a"',
    Expect: "100-continue",
  }
  const ours = sign(requestOf("GET", "/a", {}, headers), { ...signer, headers: Object.keys(headers) })
  assert.equal(ours, bySdk("GET", "/a", {}, headers))
})

const Odd = Schema.Struct({ ...Call.fields, query: Schema.Array(Schema.Tuple([text, text])) })

prop("verify accepts what the SDK signs when names need escaping", Odd, (call) => {
  const parts = callOf({ ...call, query: call.query.filter(([n]) => n !== "") })
  const request = requestOf(...parts)
  return accepts({ ...request, headers: [...request.headers, ["Authorization", bySdk(...parts)]] })
}, { runs: 1000 })

test("the SDK sorts raw names where the documentation sorts encoded ones, and verify accepts both", () => {
  const query = { "a-": "1", "a/": "2" }
  const request = requestOf("GET", "/", query, { Host: host })
  const sdk = bySdk("GET", "/", query, { Host: host })
  const ours = sign(request, signer)
  const { signKey } = stages(request, signer)
  const hashed = hashes.sha1Hex(`get\n/\na-=1&a%2f=2\nhost=${host}\n`)
  const raw = hashes.hmacSha1Hex(signKey, `sha1\n${writeKeyTime(keyTime)}\n${hashed}\n`)
  assert.match(ours, /&q-url-param-list=a%2f;a-&/)
  assert.equal(sdk, ours.replace(/[0-9a-f]{40}$/, raw))
  assert.notEqual(sdk, ours)
  for (const value of [sdk, ours]) {
    assert.equal(verdict({ ...request, headers: [...request.headers, ["Authorization", value]] }), "Success")
  }
})

test("verify accepts the SDK's raw order together with a host signed without its port", () => {
  const query = { "a-": "1", "a/": "2" }
  const sdk = bySdk("GET", "/", query, { Host: "127.0.0.1" })
  const sent = requestOf("GET", "/", query, { Host: "127.0.0.1:9000", Authorization: sdk })
  assert.equal(verdict(sent), "Success")
})

test("verify accepts a URL that the SDK's getObjectUrl makes, with its session token unsigned", () => {
  const client = new Cos({ SecretId: secretId, SecretKey: secretKey })
  const url = String(client["getObjectUrl"]!(
    { Bucket: "examplebucket-1250000000", Region: "ap-guangzhou", Key: "a b/腾讯云.txt", Expires: 600, Sign: true },
    () => {},
  ))
  const target = url.slice(url.indexOf(host) + host.length)
  const now = Math.round(Date.now() / 1000)
  const request = { ...requestOf("GET", "/", {}, { Host: host }), target }
  assert.equal(verdict(request, { ...clock(now), secretKeyOf: () => ({ secretKey }) }), "Success")
  assert.equal(
    verdict(
      { ...request, target: `${target}&x-cos-security-token=token` },
      { ...clock(now), secretKeyOf: () => ({ secretKey, sessionToken: "token" }) },
    ),
    "Success",
  )
})

const clock = (now: number) => ({ now, hashes: signer.hashes })
