/** Signatures that are late, early, for something else, half there or twice there, before a whole local COS. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import { localKey } from "../adapters/local.ts"
import {
  type Asked,
  bucket,
  exchanged,
  hostOfBucket,
  local,
  localHost,
  refused,
  replyOf,
  temporaryKey,
  utf8,
  wellFormed,
  type World,
  written,
} from "./local-attacks-world.ts"

const world = local()

const now = (): number => Math.floor(Date.now() / 1000)
const put: Asked = { method: "PUT", target: "/a", body: "abc" }
const other = "otherbucket-1250000000"
const hostOfOther = hostOfBucket.replace(bucket, other)

const opened = async (): Promise<World> => {
  const found = await world()
  if (found.cos.store.bucket(other) === undefined) await found.ask({ method: "PUT", host: hostOfOther })
  assert.equal((await found.ask(put)).status, 200)
  return found
}

const admin = async (cos: World, line: string, document?: unknown): Promise<void> => {
  const body = document === undefined ? "" : JSON.stringify(document)
  const [method = "", target = ""] = line.split(" ")
  const bytes = written({ method, target, host: localHost, body, signature: "none" })
  const reply = replyOf(await exchanged(cos.port, bytes))
  assert.ok(reply.status >= 200 && reply.status < 300, reply.text)
}

const header = (authorization: string): Asked => ({
  headers: [["Authorization", authorization]],
  target: "/a",
  signature: "none",
})
const fields = (changes: Readonly<Record<string, string | undefined>> = {}): string =>
  Object.entries({
    "q-sign-algorithm": "sha1",
    "q-ak": localKey.secretId,
    "q-sign-time": `${now() - 60};${now() + 600}`,
    "q-key-time": `${now() - 60};${now() + 600}`,
    "q-header-list": "host",
    "q-url-param-list": "",
    "q-signature": "0".repeat(40),
    ...changes,
  }).flatMap(([name, value]) => value === undefined ? [] : [`${name}=${value}`]).join("&")

const wrong: Readonly<Record<string, readonly [code: string, asked: () => Asked]>> = {
  "no signature": ["AccessDenied", () => ({ target: "/a", signature: "none" })],
  "an empty Authorization": ["AccessDenied", () => header("")],
  "an Authorization of white space": ["AccessDenied", () => header(" \t ")],
  "another scheme": ["InvalidArgument", () => header("AWS4-HMAC-SHA256 Credential=a/b, Signature=c")],
  "Basic credentials": ["InvalidArgument", () => header("Basic QUtJRGxvY2FsOmxvY2FsLXNlY3JldA==")],
  "another algorithm": ["InvalidArgument", () => header(fields({ "q-sign-algorithm": "md5" }))],
  "a field too few": ["InvalidArgument", () => header(fields({ "q-key-time": undefined }))],
  "a field twice": ["InvalidArgument", () => header(`${fields()}&q-ak=${localKey.secretId}`)],
  "a time that is none": ["InvalidArgument", () => header(fields({ "q-sign-time": "now;then" }))],
  "a time that ends before it begins": ["InvalidArgument", () => header(fields({ "q-sign-time": "200;100" }))],
  "a time beyond all clocks": ["InvalidArgument", () => header(fields({ "q-sign-time": `0;${"9".repeat(12)}` }))],
  "two Authorization headers": ["InvalidArgument", () => ({ ...put, headers: [["Authorization", fields()]] })],
  "an unknown key": ["InvalidAccessKeyId", () => ({
    ...put,
    signature: { key: { secretId: "AKIDnobody", secretKey: "nothing" } },
  })],
  "the name of something every object has": ["InvalidAccessKeyId", () => header(fields({ "q-ak": "__proto__" }))],
  "another secret": ["SignatureDoesNotMatch", () => ({
    ...put,
    signature: { key: { secretId: localKey.secretId, secretKey: "another" } },
  })],
  "a signature of another length": ["SignatureDoesNotMatch", () => header(fields({ "q-signature": "0" }))],
  "no digits in the signature": ["SignatureDoesNotMatch", () => header(fields({ "q-signature": "\xff".repeat(40) }))],
  "an expired time": ["AccessDenied", () => ({ ...put, signature: { now: now() - 3600 } })],
  "a time in the future": ["RequestTimeTooSkewed", () => ({ ...put, signature: { now: now() + 3600 } })],
  "an expired time in the query": ["AccessDenied", () => ({
    target: "/a",
    signature: { now: now() - 3600, form: "query" },
  })],
  "an expired time in a merged parameter": ["AccessDenied", () => ({
    target: "/a",
    signature: { now: now() - 3600, form: "merged" },
  })],
  "two merged parameters": ["InvalidArgument", () => ({
    target: `/a?sign=${encodeURIComponent(fields())}`,
    signature: { form: "merged" },
  })],
  "a field of the query twice": ["InvalidArgument", () => ({
    target: `/a?q-ak=${localKey.secretId}`,
    signature: { form: "query" },
  })],
  "no token of a temporary key": ["InvalidAccessKeyId", () => {
    const { sessionToken: _, ...rest } = temporaryKey
    return { ...put, signature: { key: rest } }
  }],
  "another token": ["InvalidAccessKeyId", () => ({
    ...put,
    signature: { key: { ...temporaryKey, sessionToken: "guessed" } },
  })],
  "a token of a key that has none": ["InvalidAccessKeyId", () => ({
    ...put,
    signature: { key: { ...localKey, sessionToken: "a" } },
  })],
  "a list of thousands of names": [
    "SignatureDoesNotMatch",
    () => header(fields({ "q-header-list": "a;".repeat(6000) })),
  ],
}
for (const [what, [code, asked]] of Object.entries(wrong)) {
  test(`the local COS answers ${code} to a request with ${what}`, async () => {
    const { ask, cos } = await opened()
    const before = cos.store.versions(bucket, "a")[0]!.sequence
    refused(await ask(asked()), code)
    assert.equal(cos.store.versions(bucket, "a")[0]!.sequence, before)
  })
}

/** Signed is the first, sent the second. */
const moved: Readonly<Record<string, readonly [signed: Asked, sent: Asked]>> = {
  "another method": [{ ...put, method: "GET" }, put],
  "another key": [{ target: "/b" }, { target: "/a" }],
  "another key by one escape": [{ target: "/a%2561" }, { target: "/a%61" }],
  "the bucket of the path": [{ target: "/a", host: localHost }, { target: `/${bucket}/a`, host: localHost }],
  "another host": [{ target: "/a" }, { target: "/a", host: localHost }],
  "another bucket": [{ target: "/a" }, { target: "/a", host: hostOfOther }],
  "another port": [{ target: "/a", host: "127.0.0.1:1" }, { target: "/a", host: "127.0.0.1:2" }],
  "a changed header": [{ ...put, headers: [["x-cos-meta-a", "1"]] }, { ...put, headers: [["x-cos-meta-a", "2"]] }],
  "a header that is gone": [{ ...put, headers: [["x-cos-meta-a", "1"]] }, put],
  "a signed header twice": [
    { ...put, headers: [["x-cos-meta-a", "1"]] },
    { ...put, headers: [["x-cos-meta-a", "1"], ["X-Cos-Meta-A", "2"]] },
  ],
  "a changed Content-MD5": [
    { ...put, headers: [["Content-MD5", hashes.md5Base64(new Uint8Array())]] },
    { ...put, headers: [["Content-MD5", hashes.md5Base64(new TextEncoder().encode("abc"))]] },
  ],
  "a changed parameter": [{ target: "/?prefix=a" }, { target: "/?prefix=b" }],
  "a signed parameter twice": [{ target: "/?prefix=a" }, { target: "/?prefix=a&prefix=b" }],
  "a parameter that is gone": [{ target: "/?prefix=a&marker=b" }, { target: "/?prefix=a" }],
  "the rule of another id": [{ target: "/?inventory&id=a" }, { target: "/?inventory&id=b" }],
}
for (const [what, [signed, sent]] of Object.entries(moved)) {
  test(`the local COS answers SignatureDoesNotMatch when a signature is sent with ${what}, in every form`, async () => {
    const { ask } = await opened()
    for (const form of ["header", "query", "merged"] as const) {
      const reply = await ask({ ...sent, signature: { form, of: { host: hostOfBucket, headers: [], ...signed } } })
      refused(reply, "SignatureDoesNotMatch")
      const [stringToSign, formatString] = [reply.element("StringToSign"), reply.element("FormatString")]
      assert.equal(stringToSign.split("\n")[2], hashes.sha1Hex(formatString))
      assert.match(formatString, new RegExp(`^${(sent.method ?? "GET").toLowerCase()}\n`, "u"))
    }
  })
}

const good: Readonly<Record<string, Asked>> = {
  "an x-cos-* header that is not signed": {
    ...put,
    headers: [["x-cos-meta-a", "1"]],
    signature: { signed: { headers: ["host"] } },
  },
  "a parameter that is not signed": { target: "/?prefix=a", signature: { signed: { parameters: [] } } },
  "a parameter twice, both unsigned": { target: "/?prefix=a&prefix=b", signature: { signed: { parameters: [] } } },
  "nothing signed at all": { target: "/a", signature: { signed: { headers: [], parameters: [] } } },
  "a presigned link that was given another parameter": {
    target: "/a?response-content-type=text/plain",
    signature: { form: "query", of: { target: "/a" } },
  },
  "a merged parameter": { target: "/a", signature: { form: "merged" } },
  "an empty Authorization beside a signature in the query": {
    target: "/a",
    headers: [["Authorization", ""]],
    signature: { form: "query" },
  },
  "the name of a header that is not there": { target: "/a", signature: { signed: { headers: ["host", "x-none"] } } },
  "the token of a temporary key": { ...put, signature: { key: temporaryKey } },
  "the token of a temporary key in the query": { target: "/a", signature: { key: temporaryKey, form: "query" } },
  "the token of a temporary key in a merged parameter": {
    target: "/a",
    signature: { key: temporaryKey, form: "merged" },
  },
  "a signed header of UTF-8": { ...put, headers: [["x-cos-meta-a", utf8("腾讯云")]] },
  "an unsigned header of bytes that are no UTF-8": {
    ...put,
    headers: [["x-cos-meta-a", "\xff\xfe"]],
    signature: { signed: { headers: ["host"] } },
  },
}
for (const [what, asked] of Object.entries(good)) {
  test(`the local COS accepts ${what}`, async () => {
    const { ask } = await opened()
    const reply = await ask(asked)
    assert.equal(reply.status, 200, reply.text)
  })
}

test("a bucket in strict mode refuses what leaves a part unsigned, and accepts the same all signed", async () => {
  const cos = await opened()
  await admin(cos, `PATCH /_local/buckets/${bucket}`, { strictSignature: true })
  const typed: Asked = { ...put, headers: [["Content-Type", "text/plain"]] }
  const all = ["host", "content-type", "content-length"]
  const ask = (asked: Asked) => cos.ask(asked)
  refused(await ask({ ...typed, signature: { signed: { headers: ["host", "content-length"] } } }), "AccessDenied")
  refused(await ask({ ...typed, signature: { signed: { headers: ["host", "content-type"] } } }), "AccessDenied")
  refused(await ask({ ...typed, signature: { signed: { headers: all.slice(1) } } }), "AccessDenied")
  refused(
    await ask({ target: "/a?response-expires=0", signature: { form: "query", of: { target: "/a" } } }),
    "AccessDenied",
  )
  const whole = await ask({ ...typed, signature: { signed: { headers: all } } })
  await admin(cos, `PATCH /_local/buckets/${bucket}`, { strictSignature: false })
  assert.equal(whole.status, 200, whole.text)
})

test("a request that was taken down is as good as the first within its time, and refused after it", async () => {
  const cos = await opened()
  const lines = [put, { target: "/a", signature: { form: "query" } }, { target: "/a", signature: { form: "merged" } }]
    .map((asked) => ({ asked: asked as Asked, bytes: written(asked as Asked) }))
  const replayed = async () => {
    const replies = []
    for (const { asked, bytes } of lines) {
      const reply = replyOf(await exchanged(cos.port, bytes))
      wellFormed(reply, asked)
      replies.push(reply)
    }
    return replies
  }
  assert.deepEqual((await replayed()).map(({ status }) => status), [200, 200, 200])
  assert.deepEqual((await replayed()).map(({ status }) => status), [200, 200, 200])
  await admin(cos, "POST /_local/faults", { clockSkewSeconds: 3600 })
  const late = await replayed()
  await admin(cos, "DELETE /_local/faults")
  for (const reply of late) {
    refused(reply, "AccessDenied")
    assert.equal(reply.element("Message"), "Request has expired")
  }
})

test("the time of signatures is real time, wherever the local COS's own clock stands", async () => {
  const cos = await opened()
  await admin(cos, "POST /_local/clock", { advance: "P400D" })
  assert.equal((await cos.ask(put)).status, 200)
  const future = now() + 400 * 24 * 60 * 60
  refused(await cos.ask({ ...put, signature: { now: future } }), "RequestTimeTooSkewed")
})

test("what the server computed shows neither the token nor a signature, and stays readable with a NUL in the path", async () => {
  const { ask, cos } = await opened()
  const token = temporaryKey.sessionToken!
  for (const form of ["header", "query", "merged"] as const) {
    const reply = await ask({ ...put, target: "/a%00b", signature: { key: temporaryKey, form, of: { method: "GET" } } })
    refused(reply, "SignatureDoesNotMatch")
    assert.match(reply.element("FormatString"), /^put\n\/a%00b\n/u)
    assert.match(reply.element("FormatString"), /x-cos-security-token=/u)
    assert.ok(!reply.text.includes(token) && !/[&=;]q-signature/u.test(reply.text), reply.text)
  }
  const kept = JSON.stringify(cos.journal.requests())
  assert.ok(kept.includes("x-cos-security-token") && !kept.includes(token) && !/q-signature=[0-9a-f]{40}/u.test(kept))
})

test("an anonymous client learns which buckets there are, and nothing of what is in them", async () => {
  const { ask } = await opened()
  const anonymous = (asked: Asked) => ask({ ...asked, signature: "none" })
  refused(await anonymous({ host: "unknown-1250000000.cos.ap-guangzhou.myqcloud.com", target: "/a" }), "NoSuchBucket")
  for (
    const target of ["/", "/a", "/none", "/?inventory", "/?inventory&id=none", "/?versions", "/?nonsense", "/a?acl"]
  ) {
    for (const method of ["GET", "PUT", "DELETE", "POST", "PATCH"]) {
      refused(await anonymous({ method, target }), "AccessDenied")
    }
  }
  refused(await anonymous({ host: localHost }), "AccessDenied")
})
