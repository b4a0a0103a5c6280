/** JSON Web Tokens: whose they are, and everything that must not pass for one. */
import { strict as assert } from "node:assert"
import { createHmac } from "node:crypto"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose"
import * as Jwt from "../adapters/policy/jwt.ts"
import type { HttpRequest } from "../core/http.ts"
import { readPolicy } from "../core/policy/mod.ts"
import { adding, bearer, bucket, eye, get, hashOf, host, type Met, now, policyOf, presigned } from "./authenticating.ts"

const issuer = "https://issuer.test/"
const audience = "cos-proxy"

const rsa = await generateKeyPair("RS256", { extractable: true })
const ec = await generateKeyPair("ES256", { extractable: true })
const stranger = await generateKeyPair("RS256", { extractable: true })
const keySet = {
  keys: [
    { ...await exportJWK(rsa.publicKey), kid: "rsa", alg: "RS256", use: "sig" },
    { ...await exportJWK(ec.publicKey), kid: "ec", alg: "ES256", use: "sig" },
  ],
}

const issuers = [{
  issuer,
  audience: [audience, "another"],
  jwks: "https://issuer.test/keys",
  denied: ["revoked"],
}]
const grants = [{ buckets: ["*"] }]
const form = (more: Readonly<Record<string, unknown>> = {}) => ({
  version: 1,
  buckets: [`${bucket}@ap-guangzhou`],
  principals: [
    { name: "deploy", jwt: { issuer, claims: { sub: "repo:org/*:ref:refs/heads/main" } }, grants },
    { name: "org", jwt: { issuer, claims: { sub: "repo:org/*" } }, grants },
    { name: "team", jwt: { issuer, claims: { groups: "team-?", level: "3", verified: "true" } }, grants },
    { name: "opaque", tokens: [hashOf("opaque"), hashOf("a.b.c")], keys: ["AKIDreader"], grants },
  ],
  issuers,
  ...more,
})

interface Keys {
  /** What the issuer's URL answers, in its order; the last one again and again. */
  readonly answers?: ReadonlyArray<() => Response | Promise<Response>>
  readonly policy?: unknown
}

/** A proxy's eye, and what it asked of the issuer. */
const watching = ({ answers = [() => Response.json(keySet)], policy = form() }: Keys = {}) => {
  const asked: Array<string> = []
  const meet = eye({
    policy: policyOf(policy),
    fetchKeys: async (url) => {
      asked.push(url)
      return await answers[Math.min(asked.length, answers.length) - 1]!()
    },
  })
  return { meet, asked }
}

const claims = { iss: issuer, aud: audience, sub: "repo:org/app:ref:refs/heads/main", exp: now + 600 }

type Claims = Readonly<Record<string, unknown>>

const token = (
  more: Claims = {},
  { kid = "rsa", alg = "RS256", key = rsa.privateKey }: { kid?: string; alg?: string; key?: CryptoKey } = {},
): Promise<string> => new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg, kid }).sign(key)

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString("base64url")
const unsigned = (header: object, payload: object): string =>
  `${base64(JSON.stringify(header))}.${base64(JSON.stringify(payload))}`

const whyOf = (met: Met): string => {
  assert.equal("code" in met ? met.code : JSON.stringify(met), "AccessDenied")
  return "why" in met ? met.why : ""
}

test("a token is the principal's whose claims it has", async () => {
  const { meet, asked } = watching()
  assert.deepEqual(await meet(bearer(await token())), { principal: "deploy", by: "jwt" })
  assert.deepEqual(await meet(bearer(await token({}, { kid: "ec", alg: "ES256", key: ec.privateKey }))), {
    principal: "deploy",
    by: "jwt",
  })
  const mine = await token({ sub: "x", groups: ["other", "team-a"], level: 3, verified: true })
  assert.deepEqual(await meet(bearer(mine)), { principal: "team", by: "jwt" })
  assert.deepEqual(asked, ["https://issuer.test/keys"])
})

test("of two principals whose claims a token has, the first of the policy is meant", async () => {
  const { meet } = watching()
  assert.deepEqual(await meet(bearer(await token({ sub: "repo:org/app:pull_request" }))), {
    principal: "org",
    by: "jwt",
  })
  assert.deepEqual(await meet(bearer(await token())), { principal: "deploy", by: "jwt" })
  const turned = watching({ policy: form({ principals: form().principals.toReversed() }) })
  assert.deepEqual(await turned.meet(bearer(await token())), { principal: "org", by: "jwt" })
})

test("claims match as text, whole, and one value of a list is enough", async () => {
  const { meet } = watching()
  const team = { sub: "x", groups: "team-a", level: 3, verified: true }
  const wrong: ReadonlyArray<Claims> = [
    { groups: "team-ab" },
    { groups: "Team-a" },
    { groups: [] },
    { groups: ["x"] },
    { groups: [["team-a"]] },
    { groups: { "team-a": true } },
    { groups: null },
    { level: 30 },
    { level: "3 " },
    { verified: false },
    { verified: [] },
  ]
  for (const more of wrong) {
    assert.match(whyOf(await meet(bearer(await token({ ...team, ...more })))), /claims/u, JSON.stringify(more))
  }
  for (const name of ["groups", "level", "verified"] as const) {
    const { [name]: _, ...rest } = team
    assert.match(whyOf(await meet(bearer(await token(rest)))), /claims/u, name)
  }
})

test("a name that every object has is no claim", async () => {
  const principals = [{ name: "all", jwt: { issuer, claims: { toString: "*" } }, grants }]
  assert.match(whyOf(await watching({ policy: form({ principals }) }).meet(bearer(await token()))), /claims/u)
})

test("a token that nobody signed is nobody's", async () => {
  const { meet } = watching()
  const spki = await exportSPKI(rsa.publicKey)
  const jwk = JSON.stringify(keySet.keys[0])
  const hmac = (secret: string, alg = "HS256"): string => {
    const text = unsigned({ alg, kid: "rsa", typ: "JWT" }, claims)
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`
  }
  const good = await token()
  const [header = "", payload = "", signature = ""] = good.split(".")
  const embedded = { alg: "RS256", jwk: await exportJWK(stranger.publicKey) }
  const self = await new SignJWT(claims).setProtectedHeader(embedded).sign(stranger.privateKey)
  const fetched = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "rsa", jku: "https://evil.test/" })
    .sign(stranger.privateKey)
  const forged: Record<string, string> = {
    "none": `${unsigned({ alg: "none" }, claims)}.`,
    "none, with a signature": `${unsigned({ alg: "none" }, claims)}.${signature}`,
    "None": `${unsigned({ alg: "None", kid: "rsa" }, claims)}.AA`,
    "no alg": `${unsigned({ kid: "rsa" }, claims)}.${signature}`,
    "the public key as a secret, PEM": hmac(spki),
    "the public key as a secret, PEM without its end": hmac(spki.trim()),
    "the public key as a secret, JWK": hmac(jwk),
    "an empty secret": hmac(""),
    "called RS256": hmac(spki, "RS256"),
    "another's key": await token({}, { key: stranger.privateKey }),
    "its own key": self,
    "a key set of its own": fetched,
    "another algorithm than the key's": await token({}, { alg: "PS256", key: await asPss() }),
    "other claims": `${header}.${
      base64(JSON.stringify({ ...claims, sub: "repo:org/x:ref:refs/heads/main" }))
    }.${signature}`,
    "no signature": `${header}.${payload}.`,
    "cut signature": `${header}.${payload}.${signature.slice(0, -8)}`,
    "critical": `${unsigned({ alg: "RS256", kid: "rsa", crit: ["b64"], b64: false }, claims)}.${signature}`,
    "the kid of another kind": await token({}, { kid: "ec" }),
    "no JSON": `${base64("x")}.${base64("y")}.${base64("z")}`,
    "a list": `${base64("[]")}.${base64("[]")}.${base64("z")}`,
    "null": `${base64("null")}.${base64("null")}.AA`,
    "encrypted": "a.b.c.d.e",
    "dots": "..",
  }
  for (const [name, text] of Object.entries(forged)) assert.notEqual(whyOf(await meet(bearer(text))), "", name)
  assert.deepEqual(await meet(bearer(good)), { principal: "deploy", by: "jwt" })
})

/** The same RSA key, under the algorithm with another padding. */
const asPss = async (): Promise<CryptoKey> =>
  await crypto.subtle.importKey(
    "jwk",
    { ...await exportJWK(rsa.privateKey), alg: "PS256" },
    { name: "RSA-PSS", hash: "SHA-256" },
    false,
    ["sign"],
  )

test("a token for somebody else, of somebody else, or at another time is nobody's", async () => {
  const { meet } = watching()
  const wrong: Record<string, Claims> = {
    audience: { aud: "other" },
    "audience in part": { aud: "cos-proxy2" },
    audiences: { aud: ["other", "COS-PROXY"] },
    "no audience": { aud: undefined },
    issuer: { iss: "https://issuer.test" },
    "no issuer": { iss: undefined },
    expired: { exp: now - Jwt.toleranceSeconds },
    "without end": { exp: undefined },
    "not yet": { nbf: now + Jwt.toleranceSeconds + 1 },
    denied: { jti: "revoked" },
  }
  for (const [name, more] of Object.entries(wrong)) {
    assert.notEqual(whyOf(await meet(bearer(await token(more)))), "", name)
  }
  const text = unsigned({ alg: "RS256", kid: "rsa" }, { ...claims, exp: String(now + 600) })
  const bytes = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", rsa.privateKey, new TextEncoder().encode(text))
  assert.notEqual(whyOf(await meet(bearer(`${text}.${base64(new Uint8Array(bytes))}`))), "", "an end that is text")
})

test("a token holds within the tolerance of clocks, for any of its audiences, and is replayed only until it ends", async () => {
  const { meet } = watching()
  const right: ReadonlyArray<Claims> = [
    { exp: now - Jwt.toleranceSeconds + 1 },
    { nbf: now + Jwt.toleranceSeconds },
    { aud: ["other", "another"] },
    { jti: "fresh" },
  ]
  for (const more of right) {
    assert.deepEqual(await meet(bearer(await token(more))), { principal: "deploy", by: "jwt" }, JSON.stringify(more))
  }
  const same = bearer(await token())
  assert.deepEqual(await meet(same, now + 600), { principal: "deploy", by: "jwt" })
  assert.match(whyOf(await meet(same, now + 600 + Jwt.toleranceSeconds)), /exp/u)
})

test("an algorithm that the policy does not name is refused before keys are asked for", async () => {
  const { meet, asked } = watching({ policy: form({ issuers: [{ ...issuers[0], algorithms: ["ES256"] }] }) })
  assert.match(whyOf(await meet(bearer(await token()))), /alg/iu)
  assert.deepEqual(asked, [])
})

test("an issuer that the policy does not name is asked for nothing", async () => {
  const { meet, asked } = watching()
  assert.match(whyOf(await meet(bearer(await token({ iss: "https://evil.test/" })))), /issuer/u)
  assert.deepEqual(asked, [])
})

test("an unknown key of an issuer is looked for once within the cooldown", async () => {
  const { meet, asked } = watching()
  assert.deepEqual(await meet(bearer(await token())), { principal: "deploy", by: "jwt" })
  for (const kid of ["new", "new", "newer", "newest"]) {
    assert.match(whyOf(await meet(bearer(await token({}, { kid })))), /no applicable key/u)
  }
  assert.equal(asked.length, 1)
})

test("a key that an issuer has taken on since is found once the cooldown is over", async () => {
  const { keys } = keySet
  const answers = [() => Response.json({ keys: keys.slice(1) }), () => Response.json({ keys })]
  const asked: Array<string> = []
  const { read } = Jwt.make({
    cooldownMillis: 0,
    fetchKeys: async (url) => await answers[asked.push(url) - 1]!(),
  })
  const payload = await Effect.runPromise(read(policyOf(form()).issuers, await token(), now))
  assert.equal(payload["sub"], claims.sub)
  assert.equal(asked.length, 2)
})

test("a token without a key id is refused where the set has several for its algorithm", async () => {
  const second = { ...await exportJWK(stranger.publicKey), kid: "second", alg: "RS256" }
  const { meet } = watching({ answers: [() => Response.json({ keys: [...keySet.keys, second] })] })
  const anonymous = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(rsa.privateKey)
  assert.match(whyOf(await meet(bearer(anonymous))), /multiple/u)
})

test("keys that are not to be had make the caller neither denied nor known, and are not asked for again at once", async () => {
  const failures: Record<string, () => Response | Promise<Response>> = {
    "no connection": () => Promise.reject(new TypeError("fetch failed")),
    "500": () => new Response("oops", { status: 500 }),
    "redirect": () => new Response(null, { status: 302, headers: { location: "https://evil.test/" } }),
    "HTML": () => new Response("<html>"),
    "no set": () => Response.json({ key: [] }),
    "null": () => Response.json(null),
    "too large": () => Response.json({ ...keySet, more: "x".repeat(2 ** 20) }),
  }
  for (const [name, failure] of Object.entries(failures)) {
    const { meet, asked } = watching({ answers: [failure] })
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await meet(bearer(await token())), { unavailable: "issuer.test refused" }, name)
    }
    assert.equal(asked.length, 1, name)
    // Whoever needs no issuer is not held up by it
    assert.deepEqual(await meet(bearer("opaque")), { principal: "opaque", by: "token" })
    assert.notEqual(whyOf(await meet(bearer("x.y.z"))), "")
  }
})

test("a key set with a secret or a private key in it makes no token good", async () => {
  const secret = { kty: "oct", k: base64("x".repeat(32)), kid: "rsa", alg: "HS256" }
  const { meet } = watching({ answers: [() => Response.json({ keys: [secret] })] })
  const text = unsigned({ alg: "HS256", kid: "rsa" }, claims)
  const mac = createHmac("sha256", "x".repeat(32)).update(text).digest("base64url")
  assert.notEqual(whyOf(await meet(bearer(`${text}.${mac}`))), "")
  const leaked = { ...await exportJWK(rsa.privateKey), kid: "rsa", alg: "RS256" }
  const other = watching({ answers: [() => Response.json({ keys: [leaked] })] })
  assert.equal("principal" in await other.meet(bearer(await token())), false)
})

test("many at once ask an issuer once", async () => {
  const { meet, asked } = watching()
  const request = bearer(await token())
  const met = await Promise.all(Array.from({ length: 20 }, () => meet(request)))
  assert.deepEqual(met.filter((one) => !("principal" in one)), [])
  assert.equal(asked.length, 1)
})

test("where requests cannot share what they wait for, no more than a few ask an issuer at one time", async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => release = resolve)
  const { meet, asked } = watching({ answers: [() => held.then(() => Response.json(keySet))] })
  const request = bearer(await token())
  // As the library tells such a platform, of which workerd is another
  Object.assign(globalThis, { EdgeRuntime: "vercel" })
  try {
    const early: Array<Met> = []
    const many = Array.from({ length: 40 }, async () => {
      const met = await meet(request)
      if (early.push(met) === 24) release()
      return met
    })
    const met = await Promise.all(many)
    assert.equal(asked.length, 16)
    assert.equal(met.filter((one) => "principal" in one).length, 16)
    assert.deepEqual(await meet(request), { principal: "deploy", by: "jwt" })
  } finally {
    Reflect.deleteProperty(globalThis, "EdgeRuntime")
  }
})

test("a token that is in the policy by its hash is that principal's, whatever it looks like", async () => {
  const { meet, asked } = watching()
  assert.deepEqual(await meet(bearer("a.b.c")), { principal: "opaque", by: "token" })
  assert.deepEqual(asked, [])
})

// A header that something before the proxy sets

const access = form({ issuers: [{ ...issuers[0], header: "Cf-Access-Jwt-Assertion" }] })
const asserting = (text: string, request: HttpRequest = get()): HttpRequest =>
  adding(request, ["cf-access-jwt-assertion", text])

test("a token of an issuer with a header counts there alone", async () => {
  const { meet } = watching({ policy: access })
  assert.deepEqual(await meet(asserting(await token())), { principal: "deploy", by: "jwt" })
  assert.match(whyOf(await meet(bearer(await token()))), /no principal's/u)
  whyOf(await meet(asserting(`Bearer ${await token()}`)))
  whyOf(await meet(asserting("")))
  whyOf(await meet(asserting("opaque")))
  whyOf(await meet(asserting(await token(), asserting(await token()))))
  whyOf(await meet(asserting(`${await token()}, ${await token()}`)))
  const without = watching()
  whyOf(await without.meet(asserting(await token())))
})

test("what the caller says in Authorization or signs goes before the header that was set for it", async () => {
  const { meet } = watching({ policy: access })
  assert.deepEqual(await meet(asserting(await token(), bearer("opaque"))), { principal: "opaque", by: "token" })
  whyOf(await meet(asserting(await token(), bearer("wrong"))))
  assert.deepEqual(await meet(asserting(await token(), presigned(get(), "AKIDreader"))), {
    principal: "opaque",
    by: "key",
  })
  const broken = presigned(get(), "AKIDreader")
  const met = await meet(asserting(await token(), { ...broken, method: "PUT" }))
  assert.equal("code" in met && met.code, "SignatureDoesNotMatch")
})

test("a page of another origin cannot use the header that a browser brings along", async () => {
  const { meet } = watching({ policy: access })
  for (
    const origin of [
      "https://evil.test",
      "null",
      "",
      `https://${host}.evil.test`,
      `https://evil.test/${host}`,
      "file://",
    ]
  ) {
    assert.match(whyOf(await meet(adding(asserting(await token()), ["origin", origin]))), /origin/u, origin)
  }
  for (const origin of [`https://${host}`, `http://${host}`, `HTTPS://${host.toUpperCase()}`]) {
    const met = await meet(adding(asserting(await token()), ["origin", origin]))
    assert.deepEqual(met, { principal: "deploy", by: "jwt" }, origin)
  }
})

test("a key set's URL is refused when it could not be asked", () => {
  const read = (jwks: string) => readPolicy(form({ issuers: [{ ...issuers[0], jwks }] }))
  for (
    const jwks of [
      "https://%",
      "https://",
      "https:///keys",
      "https://a:99999/x",
      "https://a:65536",
      "https://user:pass@h/x",
      "https://h/x@y",
      "https://h\\x",
      "http://issuer.test/keys",
      "http://127.0.0.1.evil.test/keys",
      "http://localhost:99999/keys",
    ]
  ) {
    assert.ok(Result.isFailure(read(jwks)), jwks)
  }
  for (
    const jwks of [
      "https://issuer.test",
      "https://issuer.test:65535/a/b?c=%20d",
      "https://[::1]:8443/keys",
      "http://localhost:8080/keys",
      "http://[::1]/keys",
    ]
  ) {
    assert.ok(Result.isSuccess(read(jwks)) && URL.canParse(jwks), jwks)
  }
})

test("keys are not to be had, and nothing breaks, when the URL of a key set has the form of one and is none", async () => {
  for (const jwks of ["https://1.2.3.4.5/keys", "https://xn--a/keys"]) {
    const { meet, asked } = watching({ policy: form({ issuers: [{ ...issuers[0], jwks }] }) })
    const host = new RegExp("//([^/]*)", "u").exec(jwks)![1]
    assert.deepEqual(await meet(bearer(await token())), { unavailable: `${host} refused` })
    assert.deepEqual(asked, [])
  }
})
