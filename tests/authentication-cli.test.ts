/** `proxy token` and `proxy key`, and the secret that keys follow from. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { readAnswer } from "../adapters/credentials/answer.ts"
import { judgePolicy } from "../adapters/policy-file.ts"
import { leastSecretLength, make, readProxySecret } from "../adapters/policy/issuing.ts"
import { redactText, redactValue, tokenPrefix } from "../core/redact.ts"
import { adding, eye, get, policyForm, policyOf, signed } from "./authenticating.ts"
import { invoke } from "./cli.ts"

const secret = "a secret of the tests that is long enough"
const env = { COS_PROXY_SECRET: secret }
const policyWith = (lines: string): string =>
  `version: 1\nbuckets: [ examplebucket-1250000000@ap-guangzhou ]\nprincipals:\n${lines}\n    grants: []\n`

test("`proxy token new` prints a token of 256 bits on standard output, alone, and its hash for the policy on the other", async () => {
  const { code, out, err } = await invoke(["proxy", "token", "new", "--principal", "ci"])
  assert.equal(code, 0, err)
  assert.match(out, /^cosinv_[\w-]{43}$/u)
  assert.equal(err.includes(out), false)
  const lines = err.slice(err.indexOf("  - name"))
  const { policy } = await Effect.runPromise(judgePolicy(policyWith(lines)))
  assert.deepEqual(policy.principals.map(({ name, tokens }) => [name, tokens]), [
    ["ci", [createHash("sha256").update(out).digest("hex")]],
  ])
})

test("`proxy token new` makes another token every time, and one JSON document under -o json", async () => {
  const made = await Promise.all(
    ["a", "b", "c"].map((name) => invoke(["proxy", "token", "new", "--principal", name, "-o", "json"])),
  )
  const documents = made.map(({ out }) => JSON.parse(out))
  for (const [at, { err }] of made.entries()) {
    assert.equal(err, "")
    const { version, token, hash, principal } = documents[at]
    assert.deepEqual([version, principal], [1, ["a", "b", "c"][at]])
    assert.equal(hash, `sha256:${createHash("sha256").update(token).digest("hex")}`)
  }
  assert.equal(new Set(documents.map(({ token }) => token)).size, 3)
})

test("a name cannot write other lines into what is to be pasted into a policy", async () => {
  const { err } = await invoke(["proxy", "token", "new", "--principal", 'x"\n    grants: [{}]\u001b[2J\u202e'])
  assert.equal(err.split("\n").some((line) => /^\s*grants/u.test(line)), false)
  for (const steering of ["\u001b", "\u202e"]) assert.equal(err.includes(steering), false)
})

test("`proxy key new` prints a key pair that the proxy knows, once its line is in the policy", async () => {
  const { code, out, err } = await invoke(["proxy", "key", "new", "--principal", "ci"], { env })
  assert.equal(code, 0, err)
  const [, secretId = "", secretKey = ""] = /^COS_SECRET_ID=(AKID[\w-]+)\nCOS_SECRET_KEY=([0-9a-f]{40})$/u.exec(out) ??
    []
  assert.equal(secretKey, make(Redacted.make(secret)).secretKeyOf(secretId))
  assert.equal(err.includes(secretKey), false)
  const { policy } = await Effect.runPromise(judgePolicy(policyWith(err.slice(err.indexOf("  - name")))))
  const meet = eye({ policy })
  assert.deepEqual(await meet(signed(get(), secretId, { secretKey })), { principal: "ci", by: "key" })
})

test("`proxy key new --expires` prints temporary keys as a credentialProcess does, and the proxy takes them until then", async () => {
  const before = Math.floor(Date.now() / 1000)
  const args = ["proxy", "key", "new", "--id", "AKIDreader", "--expires", "1h", "-o", "json"]
  const { code, out, err } = await invoke(args, { env })
  assert.deepEqual([code, err], [0, ""])
  const { credential, expiresAt = 0 } = await Effect.runPromise(readAnswer("process", new TextEncoder().encode(out)))
  assert.equal(expiresAt - before >= 3600 && expiresAt - before < 3660, true)
  const secretKey = Redacted.value(credential.secretKey)
  const token = Redacted.value(credential.sessionToken!)
  const meet = eye({ policy: policyOf(policyForm) })
  const at = (now: number) =>
    meet(
      signed(adding(get(), ["x-cos-security-token", token]), credential.secretId, {
        secretKey,
        keyTime: { start: now - 60, end: now + 60 },
      }),
      now,
    )
  assert.deepEqual(await at(expiresAt - 1), { principal: "reader", by: "key" })
  assert.deepEqual(await at(expiresAt), { code: "ExpiredToken", why: "the session token has expired" })
})

test("`proxy key new --id` prints the same permanent key again, and says nothing of the policy", async () => {
  const run = () => invoke(["proxy", "key", "new", "--id", "AKIDreader"], { env })
  const [one, two] = [await run(), await run()]
  assert.equal(one.out, two.out)
  assert.equal(one.err, "")
})

test("`proxy key new` refuses what no key can follow from, without a word of the secret", async () => {
  const weak = "weak-but-mine"
  const cases: ReadonlyArray<readonly [ReadonlyArray<string>, Readonly<Record<string, string>>, RegExp]> = [
    [[], {}, /COS_PROXY_SECRET is not set/u],
    [[], { COS_PROXY_SECRET: weak }, /13 characters, and 32 is the least/u],
    [[], { COS_PROXY_SECRET: `${secret} ` }, /white space/u],
    [["--id", "short"], env, /secret id/u],
    [["--id", "AKID reader"], env, /secret id/u],
    ...["0s", "1", "h", "-1h", "1.5h", "1w", "99999999d", ""].map((text) =>
      [[`--expires=${text}`], env, /length of time/u] as const
    ),
  ]
  for (const [args, env, wanted] of cases) {
    const { code, out, err } = await invoke(["proxy", "key", "new", ...args], { env })
    assert.deepEqual([code, out], [5, ""], args.join(" "))
    assert.match(err, wanted)
    assert.equal(err.includes(weak) || err.includes(secret), false)
  }
})

test("flags that say which COS to talk to are refused where none is talked to", async () => {
  for (const args of [["token", "new", "--demo"], ["key", "new", "--bucket", "a-1250000000"]]) {
    assert.equal((await invoke(["proxy", ...args], { env })).code, 64)
  }
})

test("a secret of the proxy is long enough, or nothing", () => {
  const read = (text: string | undefined) =>
    Result.map(readProxySecret(text), (value) => value && Redacted.value(value))
  assert.deepEqual([read(undefined), read("")], [Result.succeed(undefined), Result.succeed(undefined)])
  assert.deepEqual(read("x".repeat(leastSecretLength)), Result.succeed("x".repeat(leastSecretLength)))
  for (const text of ["x", "x".repeat(leastSecretLength - 1), ` ${secret}`, `${secret}\n`, " ".repeat(40)]) {
    const refused = read(text)
    assert.equal(Result.isFailure(refused), true, JSON.stringify(text))
  }
})

test("another secret of the proxy, another id and another expiry each make another key", () => {
  const one = make(Redacted.make(secret))
  const other = make(Redacted.make(`${secret}.`))
  const keys = [one, other].flatMap((issuing) =>
    ["AKIDreader", "AKIDwriter"].flatMap((id) => [
      issuing.secretKeyOf(id),
      ...[1_800_000_000, 1_800_000_001].flatMap((expires) => {
        const { secretKey, sessionToken } = issuing.temporaryOf(id, expires)
        return [secretKey, sessionToken, sessionToken.slice(11, 51)]
      }),
    ])
  )
  assert.equal(new Set(keys).size, keys.length)
})

test("keys stay the same for ever: they are derived as documented", () => {
  const issuing = make(Redacted.make(secret))
  assert.deepEqual([issuing.secretKeyOf("AKIDreader"), issuing.temporaryOf("AKIDreader", 1_800_000_000)], [
    "1884dfaba73a515d890e74a0a06ccbadf572f5c6",
    {
      "secretKey": "07b5385be3adb676b93985ccdc882b461ae54189",
      "sessionToken": "1800000000.af0af2c8310fd804986fc5b36473b6a15b552992a079bd58c35ece170d53cb7e",
      "expires": 1800000000,
    },
  ])
})

test("derived keys are the same after a thousand others", () => {
  const issuing = make(Redacted.make(secret))
  const before = [issuing.secretKeyOf("AKIDreader"), issuing.temporaryOf("AKIDreader", 1_800_000_000)]
  for (let i = 0; i < 1000; i++) issuing.temporaryOf(`AKIDother${i}`, 1_800_000_000 + i)
  assert.deepEqual([issuing.secretKeyOf("AKIDreader"), issuing.temporaryOf("AKIDreader", 1_800_000_000)], before)
})

test("a token of the proxy is masked wherever it stands in text", () => {
  const token = `${tokenPrefix}abcDEF-123_456`
  for (const text of [token, `see ${token}.`, `curl https://x/${token}?a=b`, `"${token}"`, `a${token}\n${token}`]) {
    assert.doesNotMatch(redactText(text), /abcDEF|123_456/u, text)
    assert.match(redactText(text), /cosinv_\*\*\*\*/u, text)
  }
  assert.deepEqual(redactValue({ a: [`x ${token}`] }), { a: ["x cosinv_****"] })
  assert.equal(redactText("the prefix cosinv_ alone"), "the prefix cosinv_ alone")
})
