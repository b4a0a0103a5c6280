/** Attacks on the proxy's own wire over a socket: each is refused, or what reaches COS is what the policy allows. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { demoBucket } from "../adapters/memory/mod.ts"
import type { HttpRequest } from "../core/http.ts"
import { call, refusalIn, statusOf } from "./door.ts"
import { behindSocket, linkFor, signatureFor, written } from "./proxy-socket.ts"
import { bucket, hashOf, secretKeyOf } from "./proxy-world.ts"
import { Cos } from "./sdk.ts"

const host = ["Host", "proxy.test"] as const
const reader = ["Authorization", "Bearer reader-token"] as const
const writer = ["Authorization", "Bearer writer-token"] as const
const target = `/${bucket}/?inventory&id=list1`
const origin = `https://${bucket}.cos.${demoBucket.region}.myqcloud.com`

/** The one request that a reader's GET of list1 becomes, whatever else it said. */
const isPlainGet = (requests: ReadonlyArray<HttpRequest>): void => {
  assert.equal(requests.length, 1)
  const { method, origin: to, target, headers, body } = requests[0]!
  assert.deepEqual([method, to, target, body.byteLength], ["GET", origin, "/?inventory&id=list1", 0])
  assert.deepEqual(headers.map(([name]) => name.toLowerCase()), ["authorization"])
  assert.match(headers[0]![1], /&q-ak=AKIDdemo[^&]*&.*&q-header-list=host&q-url-param-list=id;inventory&/u)
}

const ignored: Readonly<Record<string, ReadonlyArray<readonly [string, string]>>> = {
  "another host in Host": [["Host", "evil.example"], reader],
  "another host in Host, with a port": [["Host", "evil.example:443"], reader],
  "another host in X-Forwarded-Host": [host, reader, ["X-Forwarded-Host", "evil.example"], [
    "X-Forwarded-Proto",
    "http",
  ]],
  "another host in Forwarded": [host, reader, ["Forwarded", "host=evil.example;proto=http"]],
  "another host in X-Host and the like": [host, reader, ["X-Host", "evil.example"], [
    "X-HTTP-Host-Override",
    "evil.example",
  ]],
  "another target in X-Original-URL": [host, reader, ["X-Original-URL", "/?acl"], ["X-Rewrite-URL", "/?acl"]],
  "another method in X-HTTP-Method-Override": [host, reader, ["X-HTTP-Method-Override", "DELETE"]],
  "Authorization in Connection": [host, reader, ["Connection", "authorization, host, content-length"]],
  "hop-by-hop headers in Connection": [host, reader, ["Connection", "x-cos-request-id"], ["X-Cos-Request-Id", "a"]],
  "TE and trailers": [host, reader, ["TE", "trailers, deflate"], ["Trailer", "Authorization"]],
  "Keep-Alive and Proxy headers": [host, reader, ["Proxy-Authorization", "Basic YTpi"], [
    "Proxy-Connection",
    "keep-alive",
  ]],
  "headers of COS": [
    host,
    reader,
    ["x-cos-security-token", "token"],
    ["x-cos-copy-source", "evil.example/a"],
    ["x-cos-acl", "public-read"],
    ["x-cos-grant-full-control", 'id="1"'],
  ],
  "conditions and ranges": [host, reader, ["Range", "bytes=0-1"], ["If-None-Match", "*"], ["Accept-Encoding", "br"]],
  "a cookie and an Origin": [host, reader, ["Cookie", "a=b"], ["Origin", "https://evil.example"]],
  "a content type and a digest without a body": [host, reader, ["Content-Type", "text/html"], ["Content-MD5", "x"]],
}
for (const [what, headers] of Object.entries(ignored)) {
  test(`the proxy sends the same request to the same host when it gets ${what}`, () =>
    behindSocket({}, async ({ exchange, upstream }) => {
      assert.equal(statusOf(await exchange(written("GET", target, headers))), 200)
      isPlainGet(upstream())
    }))
}

test("the proxy serves a request in the usual way when it asks for another protocol", () =>
  behindSocket({}, async ({ exchange, upstream }) => {
    for (const protocol of ["websocket", "h2c"]) {
      const before = upstream().length
      const lines = [host, reader, ["Connection", "Upgrade"], ["Upgrade", protocol]] as const
      assert.notEqual(statusOf(await exchange(written("GET", target, lines))), 101)
      if (upstream().length > before) isPlainGet(upstream().slice(before))
    }
  }))

const xml = "<InventoryConfiguration/>"
const put = `/${bucket}/?inventory&id=ci-a`
/** What the door refuses before anybody reads it as a request. */
const malformed: Readonly<Record<string, string>> = {
  "two Hosts": written("GET", target, [host, ["Host", "evil.example"], reader]),
  "two Hosts that are the same": written("GET", target, [host, host, reader]),
  "two hosts in one Host": written("GET", target, [["Host", "proxy.test, evil.example"], reader]),
  "no Host": written("GET", target, [reader]),
  "a Host with a user in it": written("GET", target, [["Host", "proxy.test@evil.example"], reader]),
  "a Host with a path in it": written("GET", target, [["Host", "proxy.test/evil"], reader]),
  "a target with a host in it": written("GET", `http://evil.example${target}`, [host, reader]),
  "a target with its own host in it": written("GET", `http://proxy.test${target}`, [host, reader]),
  "a target without a slash": written("GET", "evil.example:443", [host, reader]),
  "a Content-Length beside a Transfer-Encoding":
    `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer writer-token\r\nContent-Length: 5\r\n` +
    `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "a Transfer-Encoding that is nearly chunked":
    `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer writer-token\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  "a Transfer-Encoding of two codings":
    `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer writer-token\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  "a Transfer-Encoding over two lines":
    `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer writer-token\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`,
  "two Content-Lengths": written("PUT", put, [host, writer, ["Content-Length", "0"]], xml),
  "a Content-Length with a sign": `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nContent-Length: +5\r\n\r\nabcde`,
  "a header over two lines":
    `GET ${target} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer\r\n reader-token\r\n\r\n`,
  "a space before a colon": `GET ${target} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization : Bearer reader-token\r\n\r\n`,
  "a line feed alone": `GET ${target} HTTP/1.1\nHost: proxy.test\nAuthorization: Bearer reader-token\n\n`,
  "a NUL in the target": written("GET", `${target}\0`, [host, reader]),
}
for (const [what, text] of Object.entries(malformed)) {
  test(`the proxy refuses a request as malformed and asks COS nothing when it has ${what}`, () =>
    behindSocket({}, async ({ exchange, upstream }) => {
      assert.equal(refusalIn(await exchange(text)).code, "InvalidRequest")
      assert.deepEqual(upstream(), [])
    }))
}

/** Targets of a writer's, who may use one bucket alone. */
const denied: Readonly<Record<string, readonly [target: string, host?: string]>> = {
  "a host at the beginning of the path": [`//evil.example/?inventory&id=ci-a`],
  "a host and a bucket in the path": [`//evil.example/${bucket}/?inventory&id=ci-a`],
  "two slashes before the bucket": [`//${bucket}/?inventory&id=ci-a`],
  "two slashes after the bucket": [`/${bucket}//?inventory&id=ci-a`],
  "an escaped slash after the bucket": [`/${bucket}%2f?inventory&id=ci-a`],
  "an escaped slash before the bucket": [`/%2f${bucket}/?inventory&id=ci-a`],
  "dots after the bucket": [`/${bucket}/../other-1250000000/?inventory&id=ci-a`],
  "dots before the bucket": [`/other-1250000000/../${bucket}/?inventory&id=ci-a`],
  "escaped dots": [`/${bucket}/%2e%2e/?inventory&id=ci-a`],
  "escaped dots and slashes": [`/..%2f${bucket}/?inventory&id=ci-a`],
  "a semicolon after the bucket": [`/${bucket};a=b/?inventory&id=ci-a`],
  "a question mark in an escape": [`/${bucket}/%3finventory&id=ci-a`],
  "a fragment": [`/${bucket}/#?inventory&id=ci-a`],
  "the bucket in capitals": [`/${bucket.toUpperCase()}/?inventory&id=ci-a`],
  "an object": [`/${bucket}/key?inventory&id=ci-a`],
  "another bucket in the path": [`/other-1250000000/?inventory&id=ci-a`],
  "another bucket in the Host": [`/?inventory&id=ci-a`, "other-1250000000.proxy.test"],
  "a bucket of another account in the Host": [`/?inventory&id=ci-a`, "other-9999999999.proxy.test"],
  "another bucket in the Host and its own in the path": [
    `/${bucket}/?inventory&id=ci-a`,
    "other-1250000000.proxy.test",
  ],
  "its bucket in the Host and another in the path": [`/other-1250000000/?inventory&id=ci-a`, `${bucket}.proxy.test`],
  "its bucket in the Host and again in the path": [`/${bucket}/?inventory&id=ci-a`, `${bucket}.proxy.test`],
  "another region in the Host": [`/?inventory&id=ci-a`, `${bucket}.cos.ap-beijing.myqcloud.com`],
  "another region in the Host, with a dot at its end": [
    `/?inventory&id=ci-a`,
    `${bucket}.cos.ap-beijing.myqcloud.com.`,
  ],
  "another region in the Host, with a port": [`/?inventory&id=ci-a`, `${bucket}.COS.ap-beijing.MyQcloud.com:80`],
  "another bucket before its own in the Host": [`/?inventory&id=ci-a`, `other-1250000000.${bucket}.proxy.test`],
  "a reserved path on the Host of a bucket": ["/healthz", `${bucket}.proxy.test`],
}
for (const [what, [target, name = "proxy.test"]] of Object.entries(denied)) {
  test(`the proxy answers AccessDenied and asks COS nothing when the target has ${what}`, () =>
    behindSocket({}, async ({ exchange, upstream }) => {
      const lines = [["Host", name], writer] as const
      assert.equal(refusalIn(await exchange(written("DELETE", target, lines))).code, "AccessDenied")
      assert.deepEqual(upstream(), [])
    }))
}

test("the proxy serves its own paths, and a bucket in the path, at a Host that only looks like a bucket's", () =>
  behindSocket({}, async ({ exchange, upstream }) => {
    const cloudRun = ["Host", "cos-proxy-123456789012.us-central1.run.app"] as const
    for (const path of ["/healthz", "/v1/buckets"]) {
      assert.equal(statusOf(await exchange(written("GET", path, [cloudRun, reader]))), 200, path)
    }
    assert.deepEqual(upstream(), [])
    assert.equal(statusOf(await exchange(written("GET", target, [cloudRun, reader]))), 200)
    isPlainGet(upstream())
  }))

test("the proxy reads a request in the body of another one as that body", () =>
  behindSocket({}, async ({ exchange, port, upstream }) => {
    const second = written("GET", target, [host, reader])
    const lines = [host, writer] as const
    assert.equal(refusalIn(await exchange(written("PUT", put, lines, second))).code, "MalformedXML")
    assert.equal(refusalIn(await exchange(written("PUT", put, [host, reader], second))).code, "AccessDenied")
    const caller = call(port)
    caller.write(written("PUT", put, [host, reader], second) + written("GET", "/healthz", [host]))
    assert.equal(statusOf(await caller.answer()), 403)
    assert.equal(statusOf(await caller.answer()), 200)
    caller.hangUp()
    assert.deepEqual(upstream(), [])
  }))

test("the proxy asks for who asks anew at every request of a connection", () =>
  behindSocket({}, async ({ port, upstream }) => {
    const caller = call(port)
    const chunked =
      `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer writer-token\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `3\r\nabc\r\n0\r\n\r\n`
    caller.write(
      written("GET", target, [host, reader]) + written("GET", target, [host]) + chunked +
        written("GET", target, [host]),
    )
    const statuses = []
    for (let at = 0; at < 4; at++) statuses.push(statusOf(await caller.answer()))
    caller.hangUp()
    assert.deepEqual(statuses, [200, 403, 400, 403])
    assert.equal(upstream().length, 1)
  }))

const head = `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer writer-token\r\n`
const oversized: Readonly<Record<string, string>> = {
  "is announced to be large": `${head}Content-Length: 1073741824\r\n\r\nabc`,
  "comes in chunks without end": `${head}Transfer-Encoding: chunked\r\n\r\n${
    `10000\r\n${"x".repeat(0x10000)}\r\n`.repeat(17)
  }`,
}
for (const [what, text] of Object.entries(oversized)) {
  test(`the proxy refuses a body without waiting for its end when it ${what}`, () =>
    behindSocket({}, async ({ exchange, upstream }) => {
      assert.equal(refusalIn(await exchange(text)).code, "XMLSizeLimit")
      assert.deepEqual(upstream(), [])
    }))
}

const stillComing: Readonly<Record<string, readonly [text: string, code: string]>> = {
  "nobody knows who sends it": [
    `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
    "AccessDenied",
  ],
  "its sender may not put": [
    `PUT ${put} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer reader-token\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
    "AccessDenied",
  ],
  "the id is none of the sender's": [
    `${head.replace("ci-a", "list1")}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
    "AccessDenied",
  ],
}
for (const [what, [text, code]] of Object.entries(stillComing)) {
  test(`the proxy answers ${code} while a body is still coming when ${what}`, () =>
    behindSocket({}, async ({ exchange, upstream }) => {
      assert.equal(refusalIn(await exchange(text)).code, code)
      assert.deepEqual(upstream(), [])
    }))
}

test("the proxy answers IncompleteBody, or nothing, when a body is cut", () =>
  behindSocket({}, async ({ port, upstream }) => {
    for (const framing of ["Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n64\r\nabc"]) {
      const caller = call(port)
      caller.write(head + framing)
      caller.end()
      const answer = await caller.answer()
      caller.hangUp()
      if (answer.head !== "") assert.equal(refusalIn(answer).code, "IncompleteBody")
    }
    assert.deepEqual(upstream(), [])
  }))

test("the proxy asks for a large body that waits for leave when its sender may put, and else refuses it at once", () =>
  behindSocket({}, async ({ port, exchange }) => {
    const waiting = "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    const caller = call(port)
    caller.write(head + waiting)
    assert.match((await caller.answer()).head, /^HTTP\/1\.1 100 /u)
    caller.write("3\r\nabc\r\n0\r\n\r\n")
    assert.equal(refusalIn(await caller.answer()).code, "MalformedXML")
    caller.hangUp()
    assert.equal(refusalIn(await exchange(head.replace("writer", "reader") + waiting)).code, "AccessDenied")
  }))

const two = {
  version: 1,
  buckets: ["a-1250000000@ap-guangzhou", "b-1250000000@ap-guangzhou", `${bucket}@${demoBucket.region}`],
  principals: [{
    name: "key",
    keys: ["AKIDboth"],
    tokens: [hashOf("both-token")],
    grants: [{ buckets: ["*"], operations: ["get", "list", "delete"] }],
  }],
} as const

interface Signing {
  readonly method?: string
  readonly target: string
  readonly host?: string
}
const asked = ({ method = "GET", target, host = "proxy.test" }: Signing, authorization: string): string =>
  written(method, target, [["Host", host], ["Authorization", authorization]])
const by = ({ method = "GET", target, host = "proxy.test" }: Signing, headers = [["Host", host] as const]): string =>
  signatureFor({ key: "AKIDboth", method, target, headers })

/** Signed for the first, used for the second. */
const elsewhere: Readonly<Record<string, readonly [Signing, Signing]>> = {
  "another bucket in the path": [{ target: "/a-1250000000/?inventory" }, { target: "/b-1250000000/?inventory" }],
  "another bucket in the Host": [
    { target: "/?inventory", host: "a-1250000000.proxy.test" },
    { target: "/?inventory", host: "b-1250000000.proxy.test" },
  ],
  "a bucket in the path instead of the Host": [
    { target: "/?inventory", host: "a-1250000000.proxy.test" },
    { target: "/b-1250000000/?inventory" },
  ],
  "a bucket in the Host instead of the path": [
    { target: "/a-1250000000/?inventory" },
    { target: "/?inventory", host: "b-1250000000.proxy.test" },
  ],
  "another proxy": [{ target: "/a-1250000000/?inventory" }, { target: "/a-1250000000/?inventory", host: "other.test" }],
  "another method": [
    { target: "/a-1250000000/?inventory&id=x" },
    { method: "DELETE", target: "/a-1250000000/?inventory&id=x" },
  ],
  "another id": [{ target: "/a-1250000000/?inventory&id=x" }, { target: "/a-1250000000/?inventory&id=y" }],
  "a second id": [{ target: "/a-1250000000/?inventory&id=x" }, { target: "/a-1250000000/?inventory&id=x&id=y" }],
  "no id": [{ target: "/a-1250000000/?inventory&id=x" }, { target: "/a-1250000000/?inventory" }],
}
for (const [what, [signed, used]] of Object.entries(elsewhere)) {
  test(`the proxy answers SignatureDoesNotMatch and asks COS nothing when a signature is used for ${what}`, () =>
    behindSocket({ policy: two }, async ({ exchange, upstream }) => {
      assert.equal(refusalIn(await exchange(asked(used, by(signed)))).code, "SignatureDoesNotMatch")
      assert.deepEqual(upstream(), [])
      await exchange(asked(signed, by(signed)))
      assert.equal(upstream().length, 1)
    }))
}

test("the proxy takes a signature for the time that it names, and not before or after", () =>
  behindSocket({ policy: two }, async ({ exchange, upstream }) => {
    const now = Math.floor(Date.now() / 1000)
    const signed = (start: number, end: number) => {
      const request = { method: "GET", target: `/${bucket}/?inventory`, headers: [host] }
      return asked(
        request,
        signatureFor({ ...request, key: "AKIDboth", keyTime: { start: now + start, end: now + end } }),
      )
    }
    const expired = refusalIn(await exchange(signed(-900, -5)))
    assert.deepEqual([expired.code, expired.serverMessage], ["AccessDenied", "Request has expired"])
    assert.equal(refusalIn(await exchange(signed(7200, 9000))).code, "RequestTimeTooSkewed")
    assert.deepEqual(upstream(), [])
    assert.equal(statusOf(await exchange(signed(-900, 600))), 200)
    assert.equal(upstream().length, 1)
  }))

test("the proxy takes no signature that leaves out the host or a parameter", () =>
  behindSocket({ policy: two }, async ({ exchange, upstream }) => {
    const request = { target: `/${bucket}/?inventory&id=list1` }
    const signed = (Headers: Readonly<Record<string, string>>, Query: Readonly<Record<string, string>>) =>
      Cos.getAuthorization({
        SecretId: "AKIDboth",
        SecretKey: secretKeyOf("AKIDboth"),
        Method: "get",
        Pathname: `/${bucket}/`,
        Query,
        Headers,
      })
    const [host, query] = [{ Host: "proxy.test" }, { inventory: "", id: "list1" }]
    for (
      const authorization of [signed({}, query), signed(host, { inventory: "" }), signed(host, {}), signed({}, {})]
    ) {
      assert.equal(refusalIn(await exchange(asked(request, authorization))).code, "AccessDenied")
    }
    assert.deepEqual(upstream(), [])
    assert.equal(statusOf(await exchange(asked(request, signed(host, query)))), 200)
  }))

test("the proxy takes no Authorization that stands twice, or in another form", () =>
  behindSocket({ policy: two }, async ({ exchange, upstream }) => {
    const request = { target: `/${bucket}/?inventory&id=list1` }
    const signature = ["Authorization", by(request)] as const
    const token = ["Authorization", "Bearer both-token"] as const
    for (const lines of [[signature, token], [token, signature], [signature, signature], [token, token]]) {
      const { status } = refusalIn(await exchange(written("GET", request.target, [host, ...lines])))
      assert.ok(status === 400 || status === 403, String(status))
    }
    for (
      const other of ["Bearer", "Bearer  ", "Bearer both-token both-token", "Basic Ym90aC10b2tlbg==", "both-token"]
    ) {
      const { status } = refusalIn(await exchange(asked(request, other)))
      assert.ok(status === 400 || status === 403, other)
    }
    assert.deepEqual(upstream(), [])
  }))

test("the proxy answers HEAD without a body, so that what follows is read as the next answer", () =>
  behindSocket({}, async ({ port, upstream }) => {
    const caller = call(port)
    caller.write(written("HEAD", target, [host, reader]) + written("GET", target, [host, reader]))
    const head = await caller.answer("HEAD")
    assert.deepEqual([statusOf(head), head.body], [403, ""])
    assert.match(head.head, /\r\ncontent-length: [1-9]/iu)
    assert.equal(statusOf(await caller.answer()), 200)
    caller.hangUp()
    isPlainGet(upstream())
  }))

test("the proxy takes a signed link for what it was signed for, and no word more or less", () =>
  behindSocket({ policy: two }, async ({ exchange, upstream }) => {
    const opened = (target: string, name = "proxy.test", method = "GET") =>
      exchange(written(method, target, [["Host", name]]))
    for (const form of ["query", "merged"] as const) {
      const link = linkFor("AKIDboth", `/${bucket}/?inventory&id=list1`, form)
      const changed: ReadonlyArray<readonly [target: string, host?: string, method?: string]> = [
        [link.replace("id=list1", "id=list2")],
        [link.replace("&id=list1", "")],
        [link.replace(bucket, "a-1250000000")],
        [link.replace(`/${bucket}/`, "/"), `${bucket}.proxy.test`],
        [link, "other.test"],
        [link, "proxy.test", "DELETE"],
        [`${link}&id=list1`],
        [`${link}&later=1`],
        [`${link}&q-signature=0000000000000000000000000000000000000000`],
        [`${link}&sign=${encodeURIComponent("q-sign-algorithm=sha1&q-signature=0")}`],
        [`${link}&x-cos-security-token=token`],
        [link.replace(/q-signature(=|%3D)[0-9a-f]/u, "q-signature$1x")],
      ]
      for (const [target, name, method] of changed) {
        const { status } = refusalIn(await opened(target, name, method))
        assert.ok(status === 403 || status === 400, `${target} ${status}`)
      }
      const before = upstream().length
      assert.equal(statusOf(await opened(link)), 200)
      // Nothing of the link's own signature goes further
      isPlainGet(upstream().slice(before))
    }
  }))

const path = `/${bucket}/?inventory`
const ids: ReadonlyArray<string> = [
  "",
  "&id",
  "&id=",
  "&id=%",
  "&id=..%2f",
  "&id=ci-..%2f..%2f%3facl",
  "&id=ci-a%26id%3dlist1",
  "&id=ci-a;id=list1",
  "&id=ci-a%00list1",
  "&id=%00ci-a",
  "&id=ci-a%0d%0aX:%20y",
  "&id=ci-a%ff",
  "&id=ci-a%c0%af",
  "&id=ci-%f0%9f%98%80",
  "&id=+ci-a",
  "&id=ci-a+b",
  "&id=ci-a%2bb",
  "&id=%20ci-a",
  "&id=CI-A",
  "&id=%63%69%2dlist1",
  "&id=ci-%2525",
  "&%69d=ci-a",
  "&%69%64=list1",
  "&Id=ci-a",
  "&Id=list1",
  "&ID=ci-a",
  "&id=ci-a&id=list1",
  "&id=list1&id=ci-a",
  "&id=ci-a&Id=list1",
  "&Id=list1&id=ci-a",
  "&id=ci-a&%69d=list1",
  "&id[]=ci-a",
  "&id=ci-a&inventory",
  "&id=ci-a&inventory=x",
  "&id=ci-a&inventory&id=list1",
  `&id=ci-${"a".repeat(10_000)}`,
  "&&&id=ci-a&&",
  "&=&id=ci-a",
  "&id=ci-a?id=list1",
  "&id=ci-a#&id=list1",
  "&q-ak=x&id=ci-a",
  "&sign=q-signature=x&id=ci-a",
  "&x-cos-security-token=x&id=ci-a",
  "&id=ci-a&continuation-token=list1",
]
test("the proxy deletes rules under the ids of a grant alone, and never the whole or another, however an id is written", () =>
  behindSocket({}, async ({ exchange, upstream }) => {
    let reached = 0
    for (const id of ids) {
      const before = upstream().length
      const answer = await exchange(written("DELETE", path + id, [host, writer]))
      // The audit reads a rule before it is deleted
      const sent = upstream().slice(before).filter(({ method }) => method !== "GET")
      if (sent.length === 0) {
        assert.equal(upstream().length, before, id)
        refusalIn(answer)
        continue
      }
      reached++
      assert.equal(sent.length, 1, id)
      assert.deepEqual([sent[0]!.method, sent[0]!.origin], ["DELETE", origin], id)
      assert.match(sent[0]!.target, /^\/\?inventory&id=ci-[\w.~%-]*$/u, id)
    }
    assert.ok(reached > 5 && reached < ids.length / 2, String(reached))
  }))

test("the proxy lists nothing to those who may get a rule alone, however the id is left out", () =>
  behindSocket({
    policy: {
      version: 1,
      buckets: [`${bucket}@${demoBucket.region}`],
      principals: [{
        name: "getter",
        tokens: [hashOf("t")],
        grants: [{ buckets: ["*"], operations: ["get"], ids: ["list1"] }],
      }],
    },
  }, async ({ exchange, upstream }) => {
    for (
      const id of ["", "&id", "&id=", "&Id=", "&id=&id=list1", "&ID=list1", "&%00id=list1", "&id=%", "&id=list1%00"]
    ) {
      refusalIn(await exchange(written("GET", path + id, [host, ["Authorization", "Bearer t"]])))
    }
    assert.deepEqual(upstream(), [])
    assert.equal(
      statusOf(await exchange(written("GET", `${path}&id=list1`, [host, ["Authorization", "Bearer t"]]))),
      200,
    )
  }))
