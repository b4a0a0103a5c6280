import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { invoke } from "./cli.ts"

const vectors: ReadonlyArray<{
  readonly name: string
  readonly secretId: string
  readonly secretKey: string
  readonly method: string
  readonly path: string
  readonly keyTime: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly expected: Readonly<Record<string, string>>
}> = JSON.parse(readFileSync(new URL("vectors/signature.json", import.meta.url), "utf8"))

for (const vector of vectors.filter(({ headers, path }) => headers["host"] !== undefined && path.startsWith("/"))) {
  test(`\`sign\` prints the Authorization of vector ${vector.name} and nothing else when it is asked to`, async () => {
    const query = Object.entries(vector.query).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join("&")
    const { host, ...headers } = vector.headers
    const { code, out, err } = await invoke([
      "sign",
      vector.method,
      `https://${host}${vector.path}?${query}`,
      ...Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
      "--key-time",
      vector.keyTime,
      "--explain",
    ], { env: { COS_SECRET_ID: vector.secretId, COS_SECRET_KEY: vector.secretKey } })
    assert.equal(code, 0, err)
    assert.equal(out, vector.expected["authorization"])
    for (const stage of ["httpParameters", "urlParamList", "httpHeaders", "headerList", "signature"]) {
      assert.ok(err.includes(`${stage}:\n  ${vector.expected[stage]}`.trimEnd()), `${stage} in ${err}`)
    }
    assert.ok(!err.includes(vector.expected["signKey"]!), "the signing key could sign other requests")
    assert.ok(!(out + err).includes(vector.secretKey))
  })
}

const env = { COS_SECRET_ID: "AKIDx", COS_SECRET_KEY: "the-key" }
const url = "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/?inventory&id=list1"

test("`sign --presign` prints a URL with the signature in its query when given", async () => {
  const { out } = await invoke(["sign", "GET", url, "--presign", "--key-time", "1557989753;1557996953"], { env })
  assert.match(
    out,
    /^https:\/\/examplebucket-1250000000\.cos\.ap-guangzhou\.myqcloud\.com\/\?inventory&id=list1&q-sign-algorithm=sha1&q-ak=AKIDx&q-sign-time=1557989753%3B1557996953&/u,
  )
})

test("`sign` says that a token must be sent too when the keys are temporary", async () => {
  const { out, err } = await invoke(["sign", "GET", url], { env: { ...env, COS_SESSION_TOKEN: "the-token" } })
  assert.match(out, /^q-sign-algorithm=sha1&/u)
  assert.match(err, /x-cos-security-token/u)
  assert.ok(!(out + err).includes("the-token"))
})

for (
  const [what, args, pattern] of [
    ["a URL is none", ["sign", "GET", "examplebucket/?id=1"], /cannot be signed/u],
    ["a URL has a user", ["sign", "GET", "https://me:secret@host/"], /cannot be signed/u],
    ["a URL has a fragment", ["sign", "GET", "https://host/#x"], /cannot be signed/u],
    ["a method is none", ["sign", "G T", "https://host/"], /no method of COS/u],
    ["a header has no name", ["sign", "GET", "https://host/", "--header", "nonsense"], /Name: value/u],
    [
      "the host is given twice",
      ["sign", "GET", "https://host/", "--header", "Host: other"],
      /header that can be given here/u,
    ],
    ["a key time is reversed", ["sign", "GET", "https://host/", "--key-time", "2;1"], /not a key time/u],
  ] as const
) {
  test(`\`sign\` refuses with 5 when ${what}`, async () => {
    const { code, out, err } = await invoke(args, { env })
    assert.equal(code, 5)
    assert.equal(out, "")
    assert.match(err, pattern)
    assert.ok(!err.includes("secret@"))
  })
}
