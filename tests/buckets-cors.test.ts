/** CORS rules: kept, given back, and what browsers are told by them. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { header, type Headers } from "../core/http.ts"
import { effect, prop } from "./harness.ts"
import * as Effect from "effect/Effect"
import { asked, errorIn, one } from "./memory-world.ts"
import { bucket, refused, world } from "./objects-world.ts"

const configuration = (...rules: ReadonlyArray<string>): string =>
  `<CORSConfiguration>${rules.map((rule) => `<CORSRule>${rule}</CORSRule>`).join("")}</CORSConfiguration>`

/** The sample of page 8279. */
const sample = "<ID>1234</ID><AllowedOrigin>http://www.qq.com</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>" +
  "<AllowedHeader>x-cos-meta-test</AllowedHeader><ExposeHeader>x-cos-meta-test1</ExposeHeader>" +
  "<MaxAgeSeconds>500</MaxAgeSeconds>"

const withRules = async (...rules: ReadonlyArray<string>) => {
  const cos = world()
  const put = await cos.ask("PUT", "/?cors", [], configuration(...rules))
  assert.equal(put.status, 200, put.text)
  return cos
}

test("GetBucketCORS gives back what PutBucketCORS put, and nothing after DeleteBucketCORS", async () => {
  const { ask } = world()
  refused(await ask("GET", "/?cors"), "NoSuchCORSConfiguration")
  const least = "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod>"
  const put = await ask("PUT", "/?cors", [], configuration(sample, least))
  assert.deepEqual([put.status, put.text], [200, ""])
  const got = await ask("GET", "/?cors")
  assert.equal(got.text.slice(got.text.indexOf("?>") + 2), configuration(sample, least))
  assert.deepEqual([(await ask("DELETE", "/?cors")).status, (await ask("DELETE", "/?cors")).status], [204, 204])
  refused(await ask("GET", "/?cors"), "NoSuchCORSConfiguration")
})

test("PutBucketCORS takes elements in any order, and an empty MaxAgeSeconds for none", async () => {
  const { store } = await withRules(
    "<MaxAgeSeconds/><AllowedMethod>GET</AllowedMethod><ExposeHeader>ETag</ExposeHeader><AllowedOrigin>a</AllowedOrigin>",
  )
  assert.deepEqual(store.bucket(bucket.name)!.cors, [
    { origins: ["a"], methods: ["GET"], headers: [], exposed: ["ETag"] },
  ])
})

const origin = "<AllowedOrigin>*</AllowedOrigin>"
const get = "<AllowedMethod>GET</AllowedMethod>"
const wrong: Readonly<Record<string, readonly [body: string, code: string]>> = {
  "no body": ["", "MissingRequestBodyError"],
  "no rule": ["<CORSConfiguration/>", "MalformedXML"],
  "a rule without an origin": [configuration(get), "MalformedXML"],
  "a rule without a method": [configuration(origin), "MalformedXML"],
  "an unknown element": [configuration(`${origin}${get}<AllowCredentials>true</AllowCredentials>`), "MalformedXML"],
  "two identifiers": [configuration(`<ID>a</ID><ID>b</ID>${origin}${get}`), "MalformedXML"],
  "two wildcards": [configuration(`<AllowedOrigin>*.qq.*</AllowedOrigin>${get}`), "InvalidArgument"],
  "an empty origin": [configuration(`<AllowedOrigin/>${get}`), "InvalidArgument"],
  "an unknown method": [configuration(`${origin}<AllowedMethod>PATCH</AllowedMethod>`), "InvalidArgument"],
  "a method in lower case": [configuration(`${origin}<AllowedMethod>get</AllowedMethod>`), "InvalidArgument"],
  "an age in words": [configuration(`${origin}${get}<MaxAgeSeconds>long</MaxAgeSeconds>`), "InvalidArgument"],
  "101 rules": [configuration(...Array(101).fill(origin + get)), "InvalidArgument"],
  "more than 64 KiB": [configuration(`<ID>${"x".repeat(65536)}</ID>${origin}${get}`), "XMLSizeLimit"],
  "ResponseVary": [
    `<CORSConfiguration><CORSRule>${origin}${get}</CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>`,
    "NotImplemented",
  ],
}
for (const [what, [body, code]] of Object.entries(wrong)) {
  test(`PutBucketCORS refuses ${what} and keeps the rules there are`, async () => {
    const { ask, store } = await withRules(sample)
    const before = store.bucket(bucket.name)
    refused(await ask("PUT", "/?cors", [], body), code)
    assert.deepEqual(store.bucket(bucket.name), before)
  })
}

test("PutBucketCORS takes 100 rules", async () => {
  const { store } = await withRules(...Array.from({ length: 100 }, () => origin + get))
  assert.equal(store.bucket(bucket.name)!.cors.length, 100)
})

const preflight = (given: string, method: string, headers?: string): Headers => [
  ["Origin", given],
  ["Access-Control-Request-Method", method],
  ...(headers === undefined ? [] : [["Access-Control-Request-Headers", headers] as const]),
]

test("OptionsObject answers with what the first rule that fits allows", async () => {
  const { ask } = await withRules(sample, `${origin}${get}<AllowedHeader>*</AllowedHeader>`)
  const put = await ask(
    "OPTIONS",
    "/no/such?uploadId=1&partNumber=2",
    preflight("http://www.qq.com", "PUT", "X-Cos-Meta-Test"),
  )
  assert.deepEqual([put.status, put.text], [200, ""])
  const told = (reply: typeof put) =>
    ["Origin", "Methods", "Headers"].map((name) => reply.header(`access-control-allow-${name}`))
  assert.deepEqual(told(put), ["http://www.qq.com", "PUT", "x-cos-meta-test"])
  assert.deepEqual(
    ["access-control-expose-headers", "access-control-max-age"].map(put.header),
    ["x-cos-meta-test1", "500"],
  )
  const any = await ask("OPTIONS", "/?prefix=a", preflight("http://www.qq.com", "GET", "a, B,,"))
  assert.deepEqual(told(any), ["*", "GET", "a,b"])
  assert.equal(any.header("access-control-max-age"), undefined)
})

test("OptionsObject is refused when no rule fits origin, method and headers together", async () => {
  const { ask } = await withRules(sample)
  const refusedOnes = [
    preflight("http://qq.com", "PUT"),
    preflight("https://www.qq.com", "PUT"),
    preflight("http://www.qq.com", "GET"),
    preflight("http://www.qq.com", "put"),
    preflight("http://www.qq.com", "PUT", "x-cos-meta-test, content-type"),
  ]
  for (const headers of refusedOnes) refused(await ask("OPTIONS", "/a", headers), "AccessForbidden")
  refused(await ask("OPTIONS", "/a", [["Access-Control-Request-Method", "PUT"]]), "InvalidRequest")
  refused(await ask("OPTIONS", "/a", [["Origin", "http://www.qq.com"]]), "InvalidRequest")
  refused(await world().ask("OPTIONS", "/a", preflight("http://www.qq.com", "PUT")), "AccessForbidden")
})

effect(
  "OptionsObject needs no signature, and nothing else is let through by it",
  Effect.gen(function* () {
    const headers: Headers = preflight("http://www.qq.com", "PUT")
    const authorization = ["Authorization", "q-sign-algorithm=sha1&q-ak=nobody"] as const
    const responses = yield* asked([
      { method: "OPTIONS", target: "/one-1250000000/a", headers },
      { method: "OPTIONS", target: "/one-1250000000/a", headers: [...headers, authorization] },
      { method: "OPTIONS", target: "/none-1250000000/a", headers },
      { method: "PUT", target: "/one-1250000000/a", headers },
      { method: "GET", target: "/one-1250000000/?cors", headers },
    ], { verifySignatures: true, buckets: [{ ...one, strictSignature: true }] })
    assert.deepEqual(responses.map((response) => errorIn(response).code), [
      "AccessForbidden",
      "AccessForbidden",
      "NoSuchBucket",
      "AccessDenied",
      "AccessDenied",
    ])
  }),
)

test("an answer carries the CORS headers when a rule fits its request, a refusal too", async () => {
  const rule = `<AllowedOrigin>http://*.qq.com</AllowedOrigin>${get}<AllowedMethod>PUT</AllowedMethod>` +
    "<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-cos-request-id</ExposeHeader>"
  const { ask } = await withRules(rule)
  const told = async (method: string, target: string, headers: Headers) => {
    const reply = await ask(method, target, headers, method === "PUT" ? "a" : "")
    return [reply.status, ...["allow-origin", "expose-headers"].map((name) => reply.header(`access-control-${name}`))]
  }
  const from: Headers = [["Origin", "http://www.qq.com"]]
  assert.deepEqual(await told("PUT", "/a", from), [200, "http://www.qq.com", "ETag,x-cos-request-id"])
  assert.deepEqual(await told("GET", "/a", from), [200, "http://www.qq.com", "ETag,x-cos-request-id"])
  assert.deepEqual(await told("GET", "/none", from), [404, "http://www.qq.com", "ETag,x-cos-request-id"])
  assert.deepEqual(await told("GET", "/?acl", from), [501, "http://www.qq.com", "ETag,x-cos-request-id"])
  assert.deepEqual(await told("HEAD", "/a", from), [200, undefined, undefined])
  assert.deepEqual(await told("GET", "/a", [["Origin", "http://qq.com"]]), [200, undefined, undefined])
  assert.deepEqual(await told("GET", "/a", []), [200, undefined, undefined])
  assert.equal((await ask("GET", "/a", from)).header("vary"), undefined)
})

const piece = Schema.Literals(["", "a", "b", "ab", "http://", "."])

prop(
  "an origin pattern fits exactly the origins that begin and end as it does",
  Schema.Struct({ before: piece, after: piece, middle: piece, other: piece }),
  ({ before, after, middle, other }) =>
    Effect.tryPromise(async () => {
      if (before + after === "") return true
      const { ask } = await withRules(`<AllowedOrigin>${before}*${after}</AllowedOrigin>${get}`)
      const fits = async (given: string) =>
        header((await ask("GET", "/", [["Origin", given]])).headers, "access-control-allow-origin") === given
      const isFit = (text: string) => {
        for (let at = before.length; at <= text.length; at++) {
          if (text.slice(0, before.length) === before && text.slice(at) === after) return true
        }
        return false
      }
      return await fits(before + middle + after) && await fits(other + middle) === isFit(other + middle)
    }),
)
