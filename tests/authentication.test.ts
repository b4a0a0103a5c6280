/** Who asks: bearer tokens and virtual keys, and everything that must not pass for one. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { maxSignatureSeconds } from "../adapters/policy/authenticate.ts"
import { holdersOf } from "../adapters/policy/holders.ts"
import { sha256Hex } from "../adapters/policy/issuing.ts"
import type { HttpRequest } from "../core/http.ts"
import {
  adding,
  bearer,
  bucket,
  eye,
  get,
  hashOf,
  host,
  issuing,
  md5,
  type Met,
  now,
  policyForm,
  policyOf,
  presigned,
  put,
  signed,
} from "./authenticating.ts"
import { prop } from "./harness.ts"

const meet = eye()
const reader = { principal: "reader", by: "key" }
const codeOf = (met: Met): string => "code" in met ? met.code : JSON.stringify(met)
const refused = async (request: HttpRequest, code: string, message = code, at = now): Promise<void> =>
  assert.equal(codeOf(await meet(request, at)), code, message)

// Bearer tokens

test("a bearer token is its principal's, however the scheme is written", async () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer "]) {
    const met = await meet(adding(get(), ["Authorization", `${scheme} reader-token`]))
    assert.deepEqual(met, { principal: "reader", by: "token" }, scheme)
  }
  assert.deepEqual(await meet(bearer("writer-token")), { principal: "writer", by: "token" })
})

test("a bearer token is looked up by its digest alone, so that no comparison can tell how much of it was right", async () => {
  const policy = policyOf()
  const { byToken } = holdersOf(policy)
  assert.equal(byToken.get(sha256Hex("reader-token"))?.name, "reader")
  assert.equal(JSON.stringify([...byToken.keys()]).includes("reader-token"), false)
  const asked: Array<string> = []
  const spied = { ...policy }
  Object.assign(holdersOf(spied), {
    byToken: { get: (hash: string) => (asked.push(hash), undefined) },
  })
  await eye({ policy: spied })(bearer("reader-tokem"))
  assert.deepEqual(asked, [sha256Hex("reader-tokem")])
})

test("holders are found once a policy, and anew for another one", () => {
  const policy = policyOf()
  assert.equal(holdersOf(policy), holdersOf(policy))
  assert.notEqual(holdersOf(policy), holdersOf(policyOf()))
})

test("a bearer token that is none is answered like no token at all", async () => {
  const hash = hashOf("reader-token")
  const values = [
    "Bearer",
    "Bearer ",
    "Bearer reader-token,",
    "Bearer reader-token x",
    "Bearer  reader-token\u00a0",
    "Bearer Reader-Token",
    `Bearer ${hash}`,
    `Bearer ${hash.slice("sha256:".length)}`,
    "Bearer reader-token, Bearer writer-token",
    "Bearer a.b.c",
    `Bearer ${"x".repeat(100_000)}`,
  ]
  for (const value of values) await refused(adding(get(), ["Authorization", value]), "AccessDenied", value.slice(0, 60))
  await refused(get(), "AccessDenied")
  await refused(adding(get(), ["Authorization", ""]), "AccessDenied")
})

test("a token counts in Authorization alone", async () => {
  const query = `/${bucket}/?inventory&id=list1`
  for (const name of ["access_token", "token", "authorization", "Authorization", "bearer"]) {
    await refused(get(`${query}&${name}=reader-token`), "AccessDenied", name)
    await refused(get(`${query}&${name}=Bearer%20reader-token`), "AccessDenied", name)
  }
  for (const name of ["X-Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "Authorization2"]) {
    await refused(adding(get(), [name, "Bearer reader-token"]), "AccessDenied", name)
  }
})

test("a request that says twice who asks is nobody's", async () => {
  await refused(adding(bearer("reader-token"), ["Authorization", "Bearer reader-token"]), "AccessDenied")
  await refused(adding(bearer("reader-token"), ["authorization", "Bearer writer-token"]), "AccessDenied")
  await refused(bearer("reader-token", signed(get(), "AKIDreader")), "AccessDenied")
  await refused(bearer("reader-token", presigned(get(), "AKIDreader")), "AccessDenied")
  const twice = signed(get(), "AKIDreader")
  await refused(adding(twice, twice.headers.at(-1)!), "InvalidArgument")
})

test("another scheme of HTTP is no signature", async () => {
  await refused(adding(get(), ["Authorization", `Basic ${btoa("AKIDreader:x")}`]), "InvalidArgument")
  await refused(adding(get(), ["Authorization", "Bearerreader-token"]), "InvalidArgument")
})

// Virtual keys

test("a signature by a virtual key is its principal's, in the header and in the query", async () => {
  assert.deepEqual(await meet(signed(get(), "AKIDreader")), reader)
  assert.deepEqual(await meet(presigned(get(), "AKIDreader")), reader)
  assert.deepEqual(await meet(signed(get(), "AKIDwriter2")), { principal: "writer", by: "key" })
})

test("a key that left the policy, and any key without the secret of the proxy, opens nothing", async () => {
  await refused(signed(get(), "AKIDformer"), "InvalidAccessKeyId")
  assert.equal(codeOf(await eye({ withoutKeys: true })(signed(get(), "AKIDreader"))), "InvalidAccessKeyId")
})

test("an id that stands outside of the signed text cannot be swapped for another one", async () => {
  const request = signed(get(), "AKIDreader")
  const swapped = request.headers.map(([name, value]) => [name, value.replace("AKIDreader", "AKIDwriter")] as const)
  await refused({ ...request, headers: swapped }, "SignatureDoesNotMatch")
})

test("a signature for one bucket is none for another one, by path and by Host", async () => {
  const path = signed(get(), "AKIDreader")
  await refused({ ...path, target: path.target.replace(bucket, "otherbucket-1250000000") }, "SignatureDoesNotMatch")
  const named = (name: string): HttpRequest => ({ ...get("/?inventory&id=list1"), headers: [["host", name]] })
  const byHost = signed(named(`${bucket}.${host}`), "AKIDreader")
  assert.deepEqual(await meet(byHost), reader)
  const other = byHost.headers.map(([name, value]) =>
    [name, name === "host" ? `otherbucket-1250000000.${host}` : value] as const
  )
  await refused({ ...byHost, headers: other }, "SignatureDoesNotMatch")
  // And from a Host to a path
  await refused({ ...byHost, target: `/${bucket}${byHost.target}` }, "SignatureDoesNotMatch")
})

test("a signature is for one method, one rule and one time", async () => {
  const request = signed(get(), "AKIDreader")
  await refused({ ...request, method: "DELETE" }, "SignatureDoesNotMatch")
  await refused({ ...request, target: request.target.replace("list1", "list2") }, "SignatureDoesNotMatch")
  assert.deepEqual(await meet(request, now + 840), reader)
  await refused(request, "AccessDenied", "replayed", now + 841)
  await refused(request, "RequestTimeTooSkewed", "from the future", now - 100_000)
})

test("a signature that leaves out what says what is asked for is refused, unless the policy takes it", async () => {
  const body = "<x/>"
  const loose: Record<string, HttpRequest> = {
    "no host": signed(get(), "AKIDreader", { headers: [] }),
    "no id": signed(get(), "AKIDreader", { parameters: ["inventory"] }),
    "no parameter": signed(get(), "AKIDreader", { parameters: [] }),
    "no parameter, in the query": presigned(get(), "AKIDreader", { parameters: [] }),
    "no If-Match": signed(get(undefined, [["if-match", '"a"']]), "AKIDreader", { headers: ["host"] }),
    "no If-None-Match": signed(get(undefined, [["If-None-Match", "*"]]), "AKIDreader", { headers: ["host"] }),
    "no Content-MD5": signed(put(body), "AKIDreader"),
    "Content-MD5 not signed": signed(put(body, [md5(body)]), "AKIDreader", { headers: ["host"] }),
    "Content-MD5 empty": signed(put(body, [["content-md5", ""]]), "AKIDreader", { headers: ["host", "content-md5"] }),
    "a body of unknown length": signed({ ...put(body), body: { length: undefined } } as never, "AKIDreader"),
  }
  const lenient = eye({ policy: policyOf({ ...policyForm, accept: ["unsigned-parts"] }) })
  for (const [name, request] of Object.entries(loose)) {
    await refused(request, "AccessDenied", name)
    assert.deepEqual(await lenient(request), reader, name)
  }
})

test("a signature that holds for more than a day is refused, whatever the policy takes", async () => {
  const lenient = eye({ policy: policyOf({ ...policyForm, accept: ["unsigned-parts"] }) })
  for (
    const keyTime of [
      { start: now - 60, end: now - 59 + maxSignatureSeconds },
      { start: now, end: now + 315_360_000 },
      { start: 0, end: now + 60 },
    ]
  ) {
    for (const request of [signed(get(), "AKIDreader", { keyTime }), presigned(get(), "AKIDreader", { keyTime })]) {
      await refused(request, "AccessDenied")
      assert.equal(codeOf(await lenient(request)), "AccessDenied")
    }
  }
})

test("a signature of all that counts is taken, with headers of no account beside it", async () => {
  const body = "<x/>"
  const whole: Record<string, HttpRequest> = {
    "a body by its MD5": signed(put(body, [md5(body)]), "AKIDreader"),
    "an empty body": signed(put(""), "AKIDreader"),
    "a day": signed(get(), "AKIDreader", { keyTime: { start: now, end: now + maxSignatureSeconds } }),
    "headers that came later": adding(
      signed(get(), "AKIDreader"),
      ["x-forwarded-for", "1.2.3.4"],
      ["x-request-id", "r"],
      ["accept", "*/*"],
      ["x-cos-meta-a", "b"],
    ),
    "If-Match signed": signed(get(undefined, [["if-match", '"a"']]), "AKIDreader", { headers: ["host", "if-match"] }),
  }
  for (const [name, request] of Object.entries(whole)) assert.deepEqual(await meet(request), reader, name)
})

test("what is added to a signed request is not taken for signed", async () => {
  const request = signed(get(), "AKIDreader")
  await refused({ ...request, target: `${request.target}&id=list2` }, "SignatureDoesNotMatch")
  for (const more of ["&x=1", "&prefix=a", "&q-ak=AKIDwriter"]) {
    await refused({ ...request, target: request.target + more }, "AccessDenied", more)
  }
})

test("a header that a signature lists and the request lost, or a body that it swapped, is noticed", async () => {
  const body = "<x/>"
  const request = signed(put(body, [md5(body)]), "AKIDreader")
  const without = request.headers.filter(([name]) => name !== "content-md5")
  await refused({ ...request, headers: without }, "SignatureDoesNotMatch")
  const other = [...without, md5("<y/>")]
  await refused({ ...request, headers: other }, "SignatureDoesNotMatch")
})

// Temporary keys

const expires = now + 3600
const temporary = issuing.temporaryOf("AKIDreader", expires)
const withToken = (token: string, request = get()): HttpRequest => adding(request, ["x-cos-security-token", token])

test("temporary keys work with their token, in header and query, until they expire", async () => {
  const { secretKey, sessionToken } = temporary
  assert.deepEqual(await meet(signed(withToken(sessionToken), "AKIDreader", { secretKey })), reader)
  // As cos-nodejs-sdk-v5 sends it: the token comes when all is signed
  assert.deepEqual(await meet(withToken(sessionToken, signed(get(), "AKIDreader", { secretKey }))), reader)
  const query = get(`/${bucket}/?inventory&id=list1&x-cos-security-token=${sessionToken}`)
  assert.deepEqual(await meet(presigned(query, "AKIDreader", { secretKey })), reader)
  for (
    const [at, wanted] of [[expires - 1, "reader"], [expires, "ExpiredToken"], [expires + 9, "ExpiredToken"]] as const
  ) {
    const keyTime = { start: at - 60, end: at + 600 }
    const met = await meet(signed(withToken(sessionToken), "AKIDreader", { secretKey, keyTime }), at)
    assert.equal("principal" in met ? met.principal : codeOf(met), wanted, String(at - expires))
  }
})

test("a signature made before the token expired does not outlive it", async () => {
  const { secretKey, sessionToken } = temporary
  const request = signed(withToken(sessionToken), "AKIDreader", {
    secretKey,
    keyTime: { start: now, end: now + 7200 },
  })
  assert.deepEqual(await meet(request), reader)
  await refused(request, "ExpiredToken", "", expires)
})

test("temporary keys are nothing without their token, and nothing with another one", async () => {
  const { secretKey, sessionToken } = temporary
  const [, mac = ""] = sessionToken.split(".")
  await refused(signed(get(), "AKIDreader", { secretKey }), "SignatureDoesNotMatch", "dropped")
  const tokens = {
    "a later time": `${expires + 1}.${mac}`,
    "far later": `9999999999.${mac}`,
    "of another id": issuing.temporaryOf("AKIDwriter", expires).sessionToken,
    "in upper case": sessionToken.toUpperCase(),
    "with a zero before": `0${sessionToken}`,
    "without its MAC": `${expires}.`,
    "MAC alone": mac,
    "none of ours": "x",
    "longer": `${sessionToken}0`,
  }
  for (const [name, token] of Object.entries(tokens)) {
    await refused(signed(withToken(token), "AKIDreader", { secretKey }), "InvalidAccessKeyId", name)
  }
  const later = issuing.temporaryOf("AKIDreader", expires + 1)
  await refused(signed(withToken(later.sessionToken), "AKIDreader", { secretKey }), "SignatureDoesNotMatch")
  await refused(
    signed(withToken(issuing.temporaryOf("AKIDwriter", expires).sessionToken), "AKIDwriter", { secretKey }),
    "SignatureDoesNotMatch",
  )
})

test("a permanent key with a token of the same id is none", async () => {
  await refused(signed(withToken(temporary.sessionToken), "AKIDreader"), "SignatureDoesNotMatch")
  await refused(signed(withToken("anything"), "AKIDreader"), "InvalidAccessKeyId")
})

test("a token in the header does not count for a signature in the query that has one of its own", async () => {
  const { secretKey, sessionToken } = temporary
  const forged = get(`/${bucket}/?inventory&id=list1&x-cos-security-token=${expires + 1}.${sessionToken.slice(11)}`)
  await refused(
    withToken(sessionToken, presigned(forged, "AKIDreader", { secretKey })),
    "InvalidAccessKeyId",
  )
})

// Laws

const Char = Schema.Literals([..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"])
const Id = Schema.Array(Char).check(Schema.isMinLength(8), Schema.isMaxLength(64))
const Case = Schema.Struct({
  id: Id,
  other: Id,
  rule: Schema.String.check(Schema.isMaxLength(20)),
  life: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400 })),
  isTemporary: Schema.Boolean,
  isQuery: Schema.Boolean,
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })),
  to: Char,
})

prop(
  "a generated key or token is its principal's, and with one character changed in it, in its id or in a signature it is nobody's",
  Case,
  ({ id: letters, other: others, rule, life, isTemporary, isQuery, at, to }) =>
    Effect.promise(async () => {
      const id = letters.join("")
      const other = others.join("") === id ? `${id.slice(0, 63)}x` : others.join("")
      const form = {
        ...policyForm,
        principals: [
          { name: "one", keys: [id], grants: [] },
          ...(other === id ? [] : [{ name: "two", keys: [other], grants: [] }]),
          { name: "three", tokens: [hashOf(id)], grants: [] },
        ],
      }
      const see = eye({ policy: policyOf(form) })
      const temporary = issuing.temporaryOf(id, now + life)
      const secretKey = isTemporary ? temporary.secretKey : issuing.secretKeyOf(id)
      const ask = (token: string, key: string): HttpRequest => {
        const target = `/${bucket}/?inventory&id=${encodeURIComponent(rule.toWellFormed())}`
        if (isQuery) {
          const whole = isTemporary ? `${target}&x-cos-security-token=${token}` : target
          return presigned(get(whole), id, { secretKey: key })
        }
        return signed(isTemporary ? withToken(token) : get(target), id, { secretKey: key })
      }
      const changed = (text: string): string => {
        const place = at % text.length
        return text[place] === to ? changedTo(text, place, to === "0" ? "1" : "0") : changedTo(text, place, to)
      }
      const good = ask(temporary.sessionToken, secretKey)
      const isIn = async (request: HttpRequest) => {
        const met = await see(request)
        return "principal" in met ? met.principal : undefined
      }
      const edited = (from: RegExp): HttpRequest => ({
        ...good,
        target: isQuery ? good.target.replace(from, (_, before, value) => before + changed(value)) : good.target,
        headers: good.headers.map(([name, value]) => [
          name,
          name === "authorization" ? value.replace(from, (_, before, value) => before + changed(value)) : value,
        ]),
      })
      return await isIn(good) === "one" &&
        await isIn(ask(temporary.sessionToken, changed(secretKey))) === undefined &&
        await isIn(bearer(id)) === "three" && await isIn(bearer(changed(id))) === undefined &&
        await isIn(edited(/(q-signature=)([0-9a-f]+)/u)) === undefined &&
        await isIn(edited(/(q-ak=)([\w-]+)/u)) === undefined &&
        (!isTemporary || await isIn(ask(changed(temporary.sessionToken), secretKey)) === undefined)
    }),
)

const changedTo = (text: string, at: number, to: string): string => text.slice(0, at) + to + text.slice(at + 1)
