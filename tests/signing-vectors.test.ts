import { strict as assert } from "node:assert"
import { test } from "node:test"
import { hashes as noble } from "../adapters/hashes/noble.ts"
import { hashes as node } from "../adapters/hashes/node.ts"
import { presign, readKeyTime, sign, type Signer, stages } from "../core/signing/mod.ts"
import { percentDecode, writeTarget } from "../core/wire/target.ts"
import { host, request, signer } from "./signing-cases.ts"
import vectors from "./vectors/signature.json" with { type: "json" }

type Vector = (typeof vectors)[number]

const stagesOf = (vector: Vector, hashes: Signer["hashes"]) =>
  stages(
    {
      method: vector.method,
      origin: "https://unused",
      target: writeTarget(vector.path, Object.entries(vector.query)),
      headers: Object.entries(vector.headers),
      body: new Uint8Array(0),
    },
    {
      secretId: vector.secretId,
      secretKey: vector.secretKey,
      keyTime: readKeyTime(vector.keyTime)!,
      hashes,
      headers: Object.keys(vector.headers),
    },
  )

for (const vector of vectors) {
  for (const [runtime, hashes] of [["node:crypto", node], ["@noble/hashes", noble]] as const) {
    test(`stages of ${vector.name} are as published when hashed with ${runtime}`, () => {
      const computed = stagesOf(vector, hashes)
      for (const stage of Object.keys(vector.expected) as ReadonlyArray<keyof Vector["expected"]>) {
        assert.equal(computed[stage], vector.expected[stage], stage)
      }
      assert.deepEqual(Object.keys(computed).sort(), Object.keys(vector.expected).sort())
    })
  }
}

test("the vector file has the eleven known cases", () => {
  assert.equal(vectors.length, 11)
})

test("parameters and their list are as page 7778 prints them", () => {
  const { httpParameters, urlParamList } = stages(
    request("GET", "/?prefix=example-folder%2F&delimiter=%2F&max-keys=10"),
    signer,
  )
  assert.equal(urlParamList, "delimiter;max-keys;prefix")
  assert.equal(httpParameters, "delimiter=%2F&max-keys=10&prefix=example-folder%2F")
})

test("a parameter without a value signs as an empty one", () => {
  const bare = stages(request("GET", "/exampleobject?acl"), signer)
  assert.equal(bare.urlParamList, "acl")
  assert.equal(bare.httpParameters, "acl=")
  assert.equal(sign(request("GET", "/exampleobject?acl="), signer), bare.authorization)
})

test("empty parts of HttpString keep their lines", () => {
  assert.equal(
    stages(request("GET", "/exampleobject"), { ...signer, headers: [] }).httpString,
    "get\n/exampleobject\n\n\n",
  )
})

test("a path signs decoded, in raw UTF-8", () => {
  const { httpString } = stages(request("PUT", writeTarget("/exampleobject(腾讯云)")), signer)
  assert.equal(httpString.split("\n")[1], "/exampleobject(腾讯云)")
})

test("an escaped slash in a key signs as a slash", () => {
  assert.equal(sign(request("GET", "/a%2Fb"), signer), sign(request("GET", "/a/b"), signer))
})

test("a host signs with its port, encoded", () => {
  const local = { ...request("GET", "/"), origin: "http://127.0.0.1:9000" }
  assert.equal(stages(local, signer).httpHeaders, "host=127.0.0.1%3A9000")
})

test("a repeated parameter signs once for each value, values sorted", () => {
  const { httpParameters, urlParamList } = stages(request("GET", "/?b=2&a=z&B=1&a=-&a=/"), signer)
  assert.equal(httpParameters, "a=-&a=%2F&a=z&b=1&b=2")
  assert.equal(urlParamList, "a;a;a;b;b")
})

test("sorting goes by the encoded name when a name needs escaping", () => {
  assert.equal(stages(request("GET", writeTarget("/", [["a-", "1"], ["a/", "2"]])), signer).urlParamList, "a%2f;a-")
})

test("sorting is the same for many parameters as for few", () => {
  const many = Array.from({ length: 40 }, (_, i) => [`p${(i * 7) % 40 + 10}`, "v"] as const)
  const sorted = many.map(([name]) => name).sort().join(";")
  assert.equal(stages(request("GET", writeTarget("/", many)), signer).urlParamList, sorted)
})

test("sign covers host, content headers and x-cos headers, and neither Date nor Authorization", () => {
  const all = request("PUT", "/", [
    ["Date", "Mon, 28 Aug 2017 02:54:38 GMT"],
    ["Authorization", "old"],
    ["User-Agent", "test"],
    ["Content-MD5", "EiKOcD/zn+DHRElc+h3r0w=="],
    ["Content-Type", "application/xml"],
    ["X-Cos-Meta-A", "1"],
  ], "body")
  assert.equal(stages(all, signer).headerList, "content-length;content-md5;content-type;host;x-cos-meta-a")
  assert.match(stages(all, signer).httpHeaders, /^content-length=4&/)
})

test("sign covers exactly the headers and parameters named, but never Date", () => {
  const given = request("GET", "/?inventory&id=a", [["Date", "now"], ["Range", "bytes=0-1"], ["x-cos-a", "1"]])
  const { headerList, urlParamList } = stages(given, {
    ...signer,
    headers: ["Host", "RANGE", "date", "absent"],
    parameters: ["inventory"],
  })
  assert.equal(headerList, "host;range")
  assert.equal(urlParamList, "inventory")
})

test("white space around a header value is not signed, because it is not sent", () => {
  assert.equal(
    sign(request("GET", "/", [["x-cos-a", " \t1 2 "]]), signer),
    sign(request("GET", "/", [["x-cos-a", "1 2"]]), signer),
  )
})

test("sign takes a signing key in place of the secret key", () => {
  const { secretId, keyTime, hashes } = signer
  const { signKey, authorization } = stages(request("GET", "/"), signer)
  assert.equal(sign(request("GET", "/"), { secretId, keyTime, hashes, signKey }), authorization)
})

test("presign writes the seven fields url-encoded, in the documented order", () => {
  const { target } = presign(request("GET", "/?inventory&id=a"), signer)
  const [before, ...fields] = target.split("&q-")
  assert.equal(before, "/?inventory&id=a")
  assert.deepEqual(fields.slice(0, 6), [
    "sign-algorithm=sha1",
    "ak=AKIDexample",
    "sign-time=1557989753%3B1557996953",
    "key-time=1557989753%3B1557996953",
    "header-list=host",
    "url-param-list=id%3Binventory",
  ])
  assert.match(fields[6]!, /^signature=[0-9a-f]{40}$/)
})

test("presign in the merged form writes one parameter that holds the header's value", () => {
  const plain = request("GET", "/a?acl")
  const { target } = presign(plain, signer, { form: "merged" })
  assert.equal(target.startsWith("/a?acl&sign="), true)
  assert.equal(percentDecode(target.slice("/a?acl&sign=".length)), sign(plain, signer))
})

test("presign signs the session token and puts it in the query", () => {
  const { target } = presign(request("GET", "/"), signer, { sessionToken: "to/ken+" })
  assert.equal(target.startsWith("/?x-cos-security-token=to%2Fken%2B&q-sign-algorithm="), true)
  assert.match(target, /&q-url-param-list=x-cos-security-token&/)
})

test("presign starts a query where there is none or an empty one", () => {
  for (const path of ["/", "/?"]) {
    assert.equal(presign(request("GET", path), signer).target.startsWith("/?q-sign-algorithm="), true, path)
  }
})

test("the default host is the one that the origin makes a client send", () => {
  assert.equal(stages(request("GET", "/"), signer).httpHeaders, `host=${host}`)
})
