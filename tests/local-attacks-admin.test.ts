/** The admin paths of a whole local COS, from pages in browsers, other names, object keys and documents of any kind. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { dice } from "./generated.ts"
import {
  type Asked,
  bucket,
  exchanged,
  hostOfBucket,
  local,
  localHost,
  refused,
  type Reply,
  replyOf,
  utf8,
  type World,
  written,
} from "./local-attacks-world.ts"

const world = local()

const admin = async ({ port }: World, asked: Asked): Promise<Reply> => {
  const reply = whole(replyOf(await exchanged(port, written({ host: localHost, signature: "none", ...asked }))))
  assert.ok(reply.status >= 200 && reply.status < 500, `${JSON.stringify(asked)}\n${reply.text}`)
  assert.equal(reply.header("content-type"), "application/json", JSON.stringify(asked))
  assert.doesNotThrow(() => JSON.parse(reply.text), reply.text)
  return reply
}

/** A long answer comes in chunks. */
const whole = (reply: Reply): Reply => {
  if (reply.header("transfer-encoding") !== "chunked") return reply
  let text = ""
  for (let at = 0;;) {
    const end = reply.body.indexOf("\r\n", at)
    const size = Number.parseInt(reply.body.slice(at, end), 16)
    if (size === 0) return { ...reply, text: Buffer.from(text, "latin1").toString("utf8") }
    assert.ok(size > 0, "a chunk without a size")
    text += reply.body.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}

const paths = ["health", "state", "reset", "seed", "snapshot", "restore", "clock", "runs", "faults", "requests"]

test("no path of a bucket's host is an admin path, and objects of these names are objects", async () => {
  const { ask, cos } = await world()
  await ask({ method: "PUT", target: "/kept", body: "kept" })
  for (const path of paths) {
    for (
      const [target, host] of [[`/_local/${path}`, hostOfBucket], [`/${bucket}/_local/${path}`, localHost]] as const
    ) {
      refused(await ask({ target, host, signature: "none" }), "AccessDenied")
      assert.equal((await ask({ method: "PUT", target, host, body: path })).status, 200)
      assert.equal((await ask({ target, host })).body, path)
      refused(await ask({ method: "POST", target, host }), "NotImplemented")
      assert.equal((await ask({ method: "DELETE", target, host })).status, 204)
    }
  }
  assert.equal(cos.store.versions(bucket, "kept").length, 1)
})

test("a path that only looks like an admin path is an object's", async () => {
  const { ask } = await world()
  for (
    const target of [
      "/%5flocal/state",
      "/_local%2fstate",
      "/_LOCAL/state",
      "/a/../_local/state",
      "/./_local/state",
      "/%2e/_local/state",
      "/_localx/state",
    ]
  ) {
    refused(await ask({ target, host: localHost, signature: "none" }), "AccessDenied")
    refused(await ask({ target, host: localHost }), "NoSuchKey")
  }
  refused(await ask({ target: "//_local/state", host: localHost }), "NoSuchKey")
  refused(await ask({ target: "http://127.0.0.1/_local/state", host: localHost }), "InvalidRequest")
})

test("admin paths answer no name that could be another's, and no page of a browser", async () => {
  const cos = await world()
  const before = cos.cos.store.buckets()
  const strangers: ReadonlyArray<Asked> = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "0.0.0.0",
    "127.1",
    "2130706433",
    "localhost.",
    "service.cos.myqcloud.com",
    "cos.ap-guangzhou.myqcloud.com",
  ].map((host) => ({ host }))
  const pages: ReadonlyArray<Asked> = [
    { headers: [["Origin", "http://evil.example"]] },
    { headers: [["Origin", "null"]] },
    { headers: [["Origin", `http://${localHost}`]] },
    { headers: [["oRiGiN", ""]] },
    { headers: [["Sec-Fetch-Site", "cross-site"]] },
    { headers: [["Sec-Fetch-Site", "same-origin"]] },
  ]
  for (const asked of [...strangers, ...pages]) {
    for (const path of paths) {
      for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
        const reply = await admin(cos, { method, target: `/_local/${path}`, ...asked })
        assert.equal(reply.status, 403, JSON.stringify(asked))
        assert.equal(reply.header("access-control-allow-origin"), undefined)
      }
    }
  }
  assert.deepEqual(cos.cos.store.buckets(), before)
  for (const host of ["127.0.0.1:80", "LOCALHOST", "localhost:65535", "[::1]", "[::1]:9000"]) {
    assert.equal((await admin(cos, { target: "/_local/health", host })).status, 200, host)
  }
})

test("a Host that is none, or two of them, open no admin path", async () => {
  const { ask } = await world()
  for (
    const host of [
      "127.0.0.1@evil.example",
      "127.0.0.1/",
      "127.0.0.1:",
      "127.0.0.1:999999",
      "[::1",
      "[::ffff:127.0.0.1]",
      "a b",
      "",
    ]
  ) {
    refused(await ask({ target: "/_local/state", host, signature: "none" }), "InvalidRequest")
  }
  refused(await ask({ target: "/_local/state", host: localHost, headers: [["Host", "a"]] }), "InvalidRequest")
})

const documents: ReadonlyArray<string> = [
  "",
  "null",
  "[]",
  "0",
  '"demo"',
  "{}",
  "{",
  "\xff\xfe",
  "\0",
  '{"advance":"P1D","set":"2026-12-01T00:00:00Z"}',
  '{"advance":"-P1D"}',
  '{"advance":"P999999999D"}',
  '{"advance":"P1Y"}',
  '{"advance":""}',
  '{"advance":1}',
  '{"set":"1970-01-01T00:00:00Z"}',
  '{"set":"+275760-09-13T00:00:00Z"}',
  '{"seed":"synthetic:1e9:1"}',
  '{"seed":"synthetic:-1:1"}',
  '{"seed":"../../etc/passwd"}',
  '{"seed":"/etc/passwd"}',
  '{"__proto__":{"strictSignature":true}}',
  '{"strictSignature":"yes"}',
  '{"denied":"PutObject"}',
  '{"denied":["Nothing"]}',
  '{"buckets":[{}]}',
  '{"buckets":[{"name":"a/../b-1250000000","region":"x"}]}',
  '{"buckets":{"length":1}}',
  '{"status":503,"code":"NoSuchKey","latencyMs":1}',
  '{"status":99}',
  '{"latencyMs":-1}',
  '{"probability":2,"drop":true}',
  '{"match":{"key":7},"drop":true}',
  '{"drop":true,"match":{"operation":"Nothing"}}',
  utf8('{"code":"腾讯"}'),
  "[".repeat(50_000),
  `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  `"${"x".repeat(200_000)}"`,
]

test("admin paths answer every document in JSON, and none with a failure of their own", async () => {
  const cos = await world()
  const posted = ["seed", "restore", "clock", "faults"].map((path) => ["POST", path] as const)
  for (const [method, path] of [...posted, ["PATCH", `buckets/${bucket}`], ["PATCH", "buckets/none"]] as const) {
    for (const body of documents) {
      for (const framing of [undefined, "chunked"] as const) {
        const reply = await admin(cos, {
          method,
          target: `/_local/${path}`,
          body,
          ...(framing === undefined ? {} : { framing }),
        })
        if (reply.status >= 400) assert.equal(typeof JSON.parse(reply.text).error.message, "string", reply.text)
      }
      await admin(cos, { method: "DELETE", target: "/_local/faults" })
    }
  }
})

test("admin paths answer random methods, paths and parameters in JSON", async () => {
  const cos = await world()
  const roll = dice(7)
  const pick = <A>(from: ReadonlyArray<A>): A => from[roll(from.length)]!
  const parts = [...paths, "..", ".", "", "%2e%2e", "%00", "buckets", bucket, ":id", "*", "%E8%85%BE", "%ff", "%", "f1"]
  for (let at = 0; at < 300; at++) {
    const path = Array.from({ length: 1 + roll(3) }, () => pick(parts)).join("/")
    if (path.startsWith("reset") || path.startsWith("snapshot")) continue
    const target = `/_local/${path}${roll(3) === 0 ? `?${pick(parts)}=${pick(parts)}` : ""}`
    const method = pick(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
    await admin(cos, { method, target, body: method === "PATCH" ? pick(documents) : "" })
  }
  assert.equal((await admin(cos, { target: "/_local/health" })).status, 200)
})

test("what was asked is told without any signature or token of whoever asked it", async () => {
  const cos = await world()
  const key = { secretId: "AKIDtemporary", secretKey: "temporary-secret", sessionToken: "a-very-secret-token" }
  for (const form of ["header", "query", "merged"] as const) {
    assert.equal((await cos.ask({ target: "/?prefix=", signature: { key, form } })).status, 200)
  }
  const reply = await admin(cos, { target: "/_local/requests" })
  assert.match(reply.text, /q-sign-algorithm/u)
  assert.doesNotMatch(reply.text, /a-very-secret-token|temporary-secret|q-signature(?:=|%3D)[0-9a-f]/iu)
})
