/** Who asks, at the doors of the proxy: what they answer to whom, and that COS is not asked for nobody. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { bucket, policyForm, proxied } from "./proxy-world.ts"
import { observing } from "./telemetry-world.ts"

const rule = `/${bucket}/?inventory&id=list1`
const issuer = "https://issuer.test"
const { publicKey, privateKey } = await generateKeyPair("RS256")
const policy = {
  ...policyForm,
  principals: [
    ...policyForm.principals,
    { name: "person", jwt: { issuer, claims: { email: "*@example.com" } }, grants: [{ buckets: ["*"] }] },
  ],
  issuers: [{ issuer, audience: ["cos"], jwks: `${issuer}/keys` }],
}
const principals = [{
  ...policy.principals.at(-1)!,
  grants: [{ buckets: ["*"], operations: ["get", "delete"] }],
}]
const token = (email: string, claims: object = {}): Promise<string> =>
  new SignJWT({ email, ...claims }).setProtectedHeader({ alg: "RS256", kid: "a" }).setIssuer(issuer).setAudience("cos")
    .setExpirationTime("5m").sign(privateKey)
const fetchKeys = async () =>
  Response.json({ keys: [{ ...await exportJWK(publicKey), kid: "a", alg: "RS256", use: "sig" }] })

test("a JSON Web Token opens COS's own wire as a bearer token does, and no more than its grants", () =>
  proxied({ policy, fetchKeys }, async ({ ask, upstream }) => {
    const mine = await token("ann@example.com")
    assert.equal((await ask("GET", rule, { token: mine })).status, 200)
    assert.equal((await ask("DELETE", rule, { token: mine })).status, 403)
    const other = await ask("GET", rule, { token: await token("ann@example.org") })
    assert.equal(other.status, 403)
    assert.match(other.text, /<Code>AccessDenied<\/Code><Message>Access Denied\.<\/Message>/u)
    assert.equal(upstream().length, 1)
  }))

test("a person with a JSON Web Token stands in the lines of log and audit, in so many characters that steer nothing", () =>
  observing({ policy: { ...policy, principals }, fetchKeys }, async ({ ask, lines, audit }) => {
    const target = `/${bucket}/?inventory&id=ci-a`
    const claims = { sub: `ann\n\u001b[31m${"x".repeat(5000)}`, jti: "t-1" }
    await ask("DELETE", target, { token: await token("ann@example.com", claims) })
    await ask("GET", target, { token: await token("ann@example.com", { sub: "bob", jti: "t-2" }) })
    const [first, second] = lines.map((line) => JSON.parse(line))
    const [wrote] = audit.map((line) => JSON.parse(line))
    for (const line of [first, wrote]) {
      const { principal, by, credential, subject, email, jti } = line
      assert.deepEqual([principal, by, credential, email, jti], ["person", "jwt", undefined, "ann@example.com", "t-1"])
      assert.match(subject, /^ann\\n\\u\{1b\}\[31mx{80,120}…$/u)
    }
    assert.deepEqual([second.subject, second.jti], ["bob", "t-2"])
  }))

test("the doors say 503 while the keys of an issuer are not to be had, and name neither issuer nor cause", () =>
  proxied({ policy, fetchKeys: () => Promise.reject(new TypeError("ECONNREFUSED issuer.test")) }, async (world) => {
    const mine = await token("ann@example.com")
    const wire = await world.ask("GET", rule, { token: mine })
    assert.equal(wire.status, 503)
    assert.match(wire.text, /<Code>ServiceUnavailable<\/Code>/u)
    const json = await world.ask("GET", `/v1/buckets/${bucket}/inventories`, { token: mine })
    assert.equal(json.status, 503, json.text)
    for (const { text } of [wire, json]) assert.doesNotMatch(text, /issuer|ECONN/u)
    assert.deepEqual(world.upstream(), [])
  }))

test("the JSON door tells the nameless how to name themselves", () =>
  proxied({}, async ({ ask, upstream }) => {
    for (const asking of [{}, { token: "wrong" }, { headers: { authorization: "Bearer" } }]) {
      const { status, headers } = await ask("GET", `/v1/buckets/${bucket}/inventories`, asking)
      assert.equal(status, 401)
      assert.match(headers.get("www-authenticate") ?? "", /^Bearer/u)
    }
    assert.deepEqual(upstream(), [])
  }))

test("a virtual key writes with a body that its signature covers, and not with another one", () =>
  proxied({}, async ({ ask, upstream }) => {
    const body = `<InventoryConfiguration><Id>ci-1</Id><IsEnabled>true</IsEnabled><Destination><COSBucketDestination>` +
      `<Format>CSV</Format><Bucket>qcs::cos:ap-guangzhou::${bucket}</Bucket><Prefix>ci/x</Prefix></COSBucketDestination>` +
      `</Destination><Schedule><Frequency>Daily</Frequency></Schedule>` +
      `<IncludedObjectVersions>Current</IncludedObjectVersions></InventoryConfiguration>`
    const target = `/${bucket}/?inventory&id=ci-1`
    const put = await ask("PUT", target, { key: "AKIDwriter", body })
    assert.equal(put.status, 200, put.text)
    const loose = await ask("PUT", target, { key: "AKIDwriter", body, headers: { "content-md5": "" } })
    assert.equal(loose.status, 403)
    assert.match(loose.text, /Content-MD5/u)
    assert.equal(upstream().filter(({ method }) => method === "PUT").length, 1)
  }))
