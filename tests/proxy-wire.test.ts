/** COS's own wire at the proxy: what is asked of it, and what COS's answers become. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { demoBucket, demoKey } from "../adapters/memory/mod.ts"
import type { Headers as Pairs, HttpRequest, HttpResponse } from "../core/http.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { readService } from "../core/wire/service.ts"
import { good } from "./generated.ts"
import { type Answer, bucket, hashOf, often, proxied } from "./proxy-world.ts"

const at = `/${bucket}/?inventory`
const reader = { token: "reader-token" }
const writer = { token: "writer-token" }

const answered = (status: number, body = "", headers: Pairs = []) => (): HttpResponse => ({
  status,
  headers,
  body: new TextEncoder().encode(body),
})

const codeOf = ({ text }: Answer): string | undefined => /<Code>([^<]*)<\/Code>/u.exec(text)?.[1]

/** A rule that the writer may put, under this id. */
const rule = (id: string, destination: Partial<typeof good.destination> = {}): string =>
  writeConfiguration({
    ...good,
    id,
    destination: { ...good.destination, bucket: `qcs::cos:ap-guangzhou::${bucket}`, prefix: "ci/", ...destination },
  })

test("the proxy gives a rule in COS's own bytes when it holds what nobody knows", async () => {
  const xml =
    `<?xml version="1.0"?>\n<InventoryConfiguration xmlns="x" >\n <Id>list1</Id><Later a="b">1</Later></InventoryConfiguration>\n`
  await proxied({ cos: answered(200, xml) }, async ({ ask }) => {
    const { status, text } = await ask("GET", `${at}&id=list1`, reader)
    assert.deepEqual([status, text], [200, xml])
  })
})

test("the proxy lists in COS's own bytes for those who may see all, and each rule in them for the others", async () => {
  const odd = `<InventoryConfiguration><Id> ci-b </Id><x:Later>&amp;<![CDATA[<]]></x:Later></InventoryConfiguration>`
  const xml =
    `<ListInventoryConfigurationResult xmlns:x="urn:x"><Stray>list1</Stray>${rule("list1")}\n<!-- list1 -->${odd}${
      rule("ci-a")
    }<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>` +
    `</ListInventoryConfigurationResult>`
  await proxied({ cos: answered(200, xml) }, async ({ ask }) => {
    assert.equal((await ask("GET", at, reader)).text, xml)
    const narrow = await ask("GET", at, writer)
    assert.equal(narrow.headers.get("content-length"), String(narrow.text.length))
    assert.doesNotMatch(narrow.text, /list1|Stray/u)
    const rules = narrow.text.match(/<InventoryConfiguration.*?<\/InventoryConfiguration>/gsu) ?? []
    assert.equal(rules.length, 2)
    assert.deepEqual(rules, [odd.replace("ion>", 'ion xmlns:x="urn:x">'), rule("ci-a")])
    assert.match(narrow.text, /<IsTruncated>true<.*<NextContinuationToken>n</u)
  })
})

for (
  const [what, odd] of Object.entries({
    "two ids": "<InventoryConfiguration><Id>ci-a</Id><Id>list1</Id></InventoryConfiguration>",
    "no id": "<InventoryConfiguration><IsEnabled>true</IsEnabled></InventoryConfiguration>",
    "an empty id": "<InventoryConfiguration><Id> </Id></InventoryConfiguration>",
    "elements in its id": "<InventoryConfiguration><Id>ci-a<b/></Id></InventoryConfiguration>",
  })
) {
  test(`the proxy shows nothing of a list to those who may see a part of it when a rule has ${what}`, async () => {
    const xml = `<ListInventoryConfigurationResult>${rule("ci-a")}${odd}</ListInventoryConfigurationResult>`
    await proxied({ cos: answered(200, xml) }, async ({ ask }) => {
      const answer = await ask("GET", at, writer)
      assert.deepEqual([answer.status, codeOf(answer)], [503, "ServiceUnavailable"])
      assert.doesNotMatch(answer.text, /ci-a/u)
    })
  })
}

const hostile: Pairs = [
  ["Set-Cookie", "session=1"],
  ["Location", "https://evil.example/"],
  ["Content-Type", "text/html"],
  ["Content-Encoding", "gzip"],
  ["Content-Security-Policy", "script-src *"],
  ["Access-Control-Allow-Origin", "*"],
  ["Strict-Transport-Security", "max-age=0"],
  ["Refresh", "0; url=https://evil.example/"],
  ["Clear-Site-Data", "*"],
  ["WWW-Authenticate", "Basic"],
  ["Link", "<https://evil.example/>; rel=preload"],
  ["Content-Length", "3"],
  ["Transfer-Encoding", "chunked"],
  ["Connection", "upgrade"],
  ["x-cos-request-id", "a\r\nSet-Cookie: b=1"],
  ["x-cos-trace-id", "x".repeat(100_000)],
  ["x-local-clock", "<script>"],
  ["retry-after", "1\r\nX: y"],
  ["x-evil", "x".repeat(100_000)],
]
/** Every header that an answer of the proxy's may have. */
const allowed = new Set([
  "content-type",
  "content-length",
  "date",
  "server",
  "x-cos-request-id",
  "x-cos-trace-id",
  "x-local-clock",
  "retry-after",
  "x-request-id",
  "x-content-type-options",
  "content-security-policy",
])

const stub: Readonly<Record<string, readonly [status: number, body: string]>> = {
  "a rule": [200, rule("list1")],
  "a refusal": [404, "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>"],
  "a page for people": [200, "<html><script>alert(1)</script></html>"],
  "a redirect": [301, ""],
}
for (const [what, [status, body]] of Object.entries(stub)) {
  test(`the proxy passes no header of COS's on that is not known to be harmless when COS sends ${what}`, async () => {
    await proxied({ cos: answered(status, body, [...hostile, ["Retry-After", "99"]]) }, async ({ ask }) => {
      const { headers, text } = await ask("GET", `${at}&id=list1`, reader)
      assert.deepEqual([...headers.keys()].filter((name) => !allowed.has(name)), [])
      assert.equal(headers.get("content-type"), "application/xml")
      assert.equal(headers.get("content-length"), String(text.length))
      assert.equal(headers.get("x-content-type-options"), "nosniff")
      if (what !== "a page for people" && what !== "a redirect") {
        assert.equal(headers.get("content-security-policy"), "default-src 'none'; sandbox")
      }
      for (const [name, value] of headers) assert.ok(value.length < 2000 && !/evil|script/u.test(value), name)
    })
  })
}

/** What is no answer to the question: nothing of it is for the caller. */
const useless: Readonly<Record<string, readonly [method: string, target: string, status: number, body: string]>> = {
  "HTML with 200": ["GET", `${at}&id=list1`, 200, "<!DOCTYPE html><html><body>secret</body></html>"],
  "HTML with 200 for a LIST": ["GET", at, 200, "<html><body>secret</body></html>"],
  "HTML with 200 for a deletion": ["DELETE", `${at}&id=ci-a`, 200, "<html><body>secret</body></html>"],
  "nothing": ["GET", `${at}&id=list1`, 200, ""],
  "another rule": ["GET", `${at}&id=list1`, 200, rule("list2")],
  "a rule of two ids": ["GET", `${at}&id=list1`, 200, rule("list1").replace("<Id>", "<Id>list2</Id><Id>")],
  "a rule without an id": ["GET", `${at}&id=list1`, 200, "<InventoryConfiguration/>"],
  "another document": ["GET", `${at}&id=list1`, 200, "<ListBucketResult><Key>secret</Key></ListBucketResult>"],
  "a rule in place of a list": ["GET", at, 200, rule("list1")],
  "a cut rule": ["GET", `${at}&id=list1`, 200, rule("list1").slice(0, -5)],
  "a cut list": ["GET", at, 200, `<ListInventoryConfigurationResult>${rule("list1")}`],
  "a list beyond all limits": ["GET", at, 200, `<ListInventoryConfigurationResult>${" ".repeat(16 * 1024 * 1024)}`],
  "an entity of its own": [
    "GET",
    `${at}&id=list1`,
    200,
    `<!DOCTYPE a [<!ENTITY b "c">]><InventoryConfiguration><Id>list1</Id></InventoryConfiguration>`,
  ],
  "a style sheet": [
    "GET",
    `${at}&id=list1`,
    200,
    `<?xml-stylesheet href="https://evil.example/"?><InventoryConfiguration><Id>list1</Id></InventoryConfiguration>`,
  ],
  "a status that is none": ["GET", `${at}&id=list1`, 206, rule("list1")],
  "a redirect": ["GET", `${at}&id=list1`, 302, ""],
  "a gateway's page": ["GET", `${at}&id=list1`, 403, "<html>secret</html>"],
}
for (const [what, [method, target, status, body]] of Object.entries(useless)) {
  test(`the proxy answers ServiceUnavailable and shows nothing of the answer when COS sends ${what}`, async () => {
    await proxied({ cos: answered(status, body) }, async ({ ask }) => {
      const answer = await ask(method, target, method === "DELETE" ? writer : reader)
      assert.deepEqual([answer.status, codeOf(answer)], [503, "ServiceUnavailable"])
      assert.doesNotMatch(answer.text, /secret|list[12]|evil/u)
    })
  })
}

const authorization = (request: HttpRequest): string =>
  request.headers.find(([name]) => name.toLowerCase() === "authorization")![1]

test("the proxy tells nothing of its own signature when COS quotes the request that it refuses", async () => {
  for (
    const code of ["AccessDenied", "InvalidArgument", "SomethingNew", "SignatureDoesNotMatch", "InvalidAccessKeyId"]
  ) {
    let signature = ""
    const cos = (request: HttpRequest): HttpResponse => {
      signature = authorization(request)
      const signed = signature.replaceAll("&", "&amp;")
      return answered(
        403,
        `<Error><Code>${code}</Code><Message>Authorization: ${signed}</Message><StringToSign>sha1\n1;2\nabc\n</StringToSign>` +
          `<FormatString>get\n/\n</FormatString><Resource>h/?${signed}</Resource><RequestId>${demoKey.secretId}</RequestId></Error>`,
        [["x-cos-request-id", signature], ["x-cos-trace-id", signature]],
      )()
    }
    await proxied({ cos }, async ({ ask }) => {
      const answer = await ask("GET", `${at}&id=list1`, reader)
      const all = answer.text + [...answer.headers].join("\n")
      const made = /q-signature=(\w+)/u.exec(signature)![1]!
      for (const secret of [demoKey.secretId, demoKey.secretKey, made, "StringToSign", "FormatString", "sha1\n"]) {
        assert.ok(!all.includes(secret), `${code} tells ${secret}: ${all}`)
      }
      assert.equal(
        codeOf(answer),
        ["SignatureDoesNotMatch", "InvalidAccessKeyId"].includes(code) ? "InternalError" : code,
      )
    })
  }
})

test("the proxy answers InternalError when COS refuses its key, its signature, its clock or its region", async () => {
  for (
    const [status, code, message = "Words of COS"] of [
      [403, "InvalidAccessKeyId"],
      [403, "SignatureDoesNotMatch"],
      [403, "RequestTimeTooSkewed"],
      [403, "AccessDenied", "Request has expired"],
      [400, "ExpiredToken"],
      [301, "PermanentRedirect"],
      [307, "TemporaryRedirect"],
    ] as const
  ) {
    const body = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
    await proxied({ cos: answered(status, body, [["Location", "https://evil.example/"]]) }, async ({ ask }) => {
      const answer = await ask("GET", `${at}&id=list1`, reader)
      assert.deepEqual([answer.status, codeOf(answer), answer.headers.get("location")], [500, "InternalError", null])
      assert.doesNotMatch(answer.text, new RegExp(`${code}|${message}`, "u"))
    })
  }
})

test("the proxy passes COS's own refusal on with its status, its ids and its Retry-After", async () => {
  const body =
    `<Error><Code>SlowDown</Code><Message>Slow &lt;down&gt;.</Message><Resource>127.0.0.1:19000/r</Resource>` +
    `<RequestId>cmVx</RequestId><TraceId>dHI=</TraceId><HostId>h</HostId></Error>`
  const headers: Pairs = [["Retry-After", "3600"], ["x-cos-request-id", "cmVx"], ["x-cos-trace-id", "dHI="]]
  await proxied({ cos: answered(503, body, headers) }, async ({ ask, upstream }) => {
    const answer = await ask("GET", at, reader)
    assert.equal(answer.status, 503)
    assert.match(
      answer.text,
      /<Error><Code>SlowDown<\/Code><Message>Slow &lt;down&gt;\.<\/Message><RequestId>cmVx<\/RequestId><TraceId>dHI=<\/TraceId><\/Error>$/u,
    )
    for (const [name, value] of headers) assert.equal(answer.headers.get(name), value)
    assert.equal(upstream().length, 1)
  })
})

test("the proxy never passes an error under a status of success", async () => {
  for (const [code, status] of [["AccessDenied", 403], ["SomethingNew", 500]] as const) {
    const body = `<Error><Code>${code}</Code><Message>m</Message></Error>`
    await proxied({ cos: answered(200, body) }, async ({ ask }) => {
      const answer = await ask("DELETE", `${at}&id=ci-a`, writer)
      assert.deepEqual([answer.status, codeOf(answer)], [status, code])
    })
  }
})

test("the proxy answers a deletion and a put without a body, whatever COS wrote beside its success", async () => {
  for (const status of [200, 204]) {
    await proxied({ cos: answered(status, "<Done>text</Done>") }, async ({ ask }) => {
      const deleted = await ask("DELETE", `${at}&id=ci-a`, writer)
      assert.deepEqual([deleted.status, deleted.text], [status, ""])
      const put = await ask("PUT", `${at}&id=ci-a`, { ...writer, body: rule("ci-a") })
      assert.deepEqual([put.status, put.text], [status, ""])
    })
  }
})

test("the proxy answers success when an earlier attempt whose answer was lost is what COS refuses a repeat for", async () => {
  const twice = (body: string) => {
    let count = 0
    return ({ method }: HttpRequest) => {
      if (method === "GET") return undefined
      return count++ === 0 ? answered(502)() : answered(body.includes("Dup") ? 400 : 404, body)()
    }
  }
  const error = (code: string) => `<Error><Code>${code}</Code><Message>m</Message></Error>`
  await proxied({ cos: twice(error("InventoryConfigurationNotFoundError")) }, async ({ ask }) => {
    assert.equal((await ask("DELETE", `${at}&id=ci-a`, writer)).status, 204)
  })
  const job = rule("ci-a").replace(/<IsEnabled>.*?<\/IsEnabled>|<Schedule>.*?<\/Schedule>/gu, "")
  await proxied({ cos: twice(error("DuplicateInventoryId")) }, async ({ ask }) => {
    const answer = await ask("POST", `${at}&id=ci-a`, { ...writer, body: job })
    assert.deepEqual([answer.status, answer.text], [200, ""])
  })
  await proxied({ cos: answered(400, error("DuplicateInventoryId")) }, async ({ ask }) => {
    const answer = await ask("POST", `${at}&id=ci-a`, { ...writer, body: job })
    assert.deepEqual([answer.status, codeOf(answer)], [400, "DuplicateInventoryId"])
  })
})

const several = {
  version: 1,
  buckets: ["b-1250000000@ap-guangzhou", `${bucket}@${demoBucket.region}`, "a-1250000000@ap-beijing"],
  principals: [
    { name: "all", tokens: [hashOf("all")], keys: ["AKIDall00"], grants: [{ buckets: ["*"] }] },
    { name: "one", tokens: [hashOf("one")], grants: [{ buckets: [bucket], operations: ["list"], ids: ["list*"] }] },
    { name: "none", tokens: [hashOf("none")], grants: [] },
  ],
  limits: often,
} as const

test("the proxy lists the buckets that a principal may use, and asks COS nothing", () =>
  proxied({ policy: several }, async ({ ask, upstream }) => {
    const list = async (token: string, target = "/", host = "proxy.test") => {
      const { status, text } = await ask("GET", target, { token, headers: { host } })
      assert.equal(status, 200, text)
      const { buckets, isTruncated, nextMarker } = Result.getOrThrow(readService(text))
      return [...buckets.map(({ name, location }) => `${name}@${location}`), ...(isTruncated ? [nextMarker] : [])]
    }
    const [b, example, a] = several.buckets
    assert.deepEqual(await list("all"), [a, b, example])
    assert.deepEqual(await list("one"), [example])
    assert.deepEqual(await list("none"), [])
    assert.deepEqual(await list("all", "/?region=ap-guangzhou"), [b, example])
    assert.deepEqual(await list("all", "/", "cos.ap-beijing.myqcloud.com"), [a])
    assert.deepEqual(await list("all", "/", "service.cos.myqcloud.com"), [a, b, example])
    assert.deepEqual(await list("all", "/?marker=a-1250000000"), [b, example])
    assert.deepEqual(await list("all", "/?max-keys=2"), [a, b, "b-1250000000"])
    assert.deepEqual(await list("all", "/?marker=b-1250000000&max-keys=1"), [example])
    for (const target of ["/?acl", "/?tagkey=a", "/?prefix=a", "//", "/?inventory", "/?marker=a&acl"]) {
      assert.equal((await ask("GET", target, { token: "all" })).status, 403, target)
    }
    for (const method of ["HEAD", "PUT", "POST", "DELETE", "OPTIONS"]) {
      assert.equal((await ask(method, "/", { token: "all" })).status, 403, method)
    }
    assert.equal((await ask("GET", "/", {})).status, 403)
    assert.deepEqual(upstream(), [])
  }))

test("the proxy takes the bucket from the Host, else the path, else it is the principal's only one", () =>
  proxied({ policy: several }, async ({ ask, upstream }) => {
    for (
      const [target, host] of [
        ["/?inventory", "proxy.test"],
        [`/${bucket}/?inventory`, "proxy.test"],
        [`/${bucket}?inventory`, "proxy.test:8080"],
        [`/%65xamplebucket-1250000000/?inventory`, "proxy.test"],
        [`/${bucket}/?inventory`, `cos.${demoBucket.region}.myqcloud.com`],
        ["/?inventory", `${bucket}.proxy.test`],
        ["/?inventory", `${bucket.toUpperCase()}.Proxy.Test.:80`],
        ["/?inventory", `${bucket}.cos.${demoBucket.region}.myqcloud.com`],
        ["/?inventory", `${bucket}.cos.${demoBucket.region}.myqcloud.com.`],
        ["/?inventory", `${bucket}.cos-internal.${demoBucket.region}.tencentcos.cn`],
      ] as const
    ) {
      const before = upstream().length
      const { status, text } = await ask("GET", target, { token: "one", headers: { host } })
      assert.equal(status, 200, `${host} ${target}: ${text}`)
      assert.equal(upstream().length, before + 1)
      assert.equal(upstream().at(-1)!.origin, `https://${bucket}.cos.${demoBucket.region}.myqcloud.com`)
      assert.equal(upstream().at(-1)!.target, "/?inventory")
    }
  }))

test("the proxy says the same of a bucket that nobody may use as of one that there is not, whatever is asked", () =>
  proxied({ policy: several }, async ({ ask, upstream }) => {
    const said = async (name: string, method: string, rest: string, body: string | undefined, host: string) => {
      const target = host === "proxy.test" ? `/${name}${rest}` : rest
      const headers = { host: host.replace("{}", name) }
      const asking = { token: "one", headers, ...(body === undefined ? {} : { body }) }
      const { status, headers: answered, text } = await ask(method, target, asking)
      const shape = text.replace(/<(RequestId|TraceId)>[^<]*/gu, "<$1>")
      return [status, [...answered.keys()].toSorted().join(), shape]
    }
    for (const host of ["proxy.test", "{}.proxy.test", "{}.cos.ap-guangzhou.myqcloud.com"]) {
      for (
        const [method, rest, body] of [
          ["GET", "/?inventory"],
          ["GET", "/?inventory&id=list1"],
          ["GET", "/?inventory&id=list1&id=list1"],
          ["GET", "/?inventory&stranger"],
          ["PUT", "/?inventory&id=", "x"],
          ["PUT", "/?inventory&id=list1", ""],
          ["PUT", "/?inventory&id=list1", "<bad"],
          ["PUT", "/?inventory&id=list1", "x".repeat(1024 * 1024 + 1)],
          ["DELETE", "/?inventory&id=list1"],
          ["POST", "/?inventory&id=list1", "<bad"],
          ["GET", "/"],
          ["GET", "/?acl"],
          ["GET", "/key"],
          ["HEAD", "/"],
          ["OPTIONS", "/"],
        ] as const
      ) {
        const [here, nowhere] = [
          await said("b-1250000000", method, rest, body, host),
          await said("z-1250000000", method, rest, body, host),
        ]
        assert.deepEqual(here, nowhere, `${method} ${rest} at ${host}`)
        assert.equal(here[0], 403, `${method} ${rest} at ${host}`)
      }
    }
    assert.deepEqual(upstream(), [])
  }))

const notAsked: ReadonlyArray<readonly [method: string, target: string, code: string]> = [
  ["GET", `${at}&id=ci-a&id=ci-b`, "InvalidArgument"],
  ["GET", `${at}&id=ci-a&Id=ci-a`, "InvalidArgument"],
  ["GET", `${at}&id=ci-a&%69d=ci-b`, "InvalidArgument"],
  ["GET", `${at}&id=ci-a&continuation-token=x`, "InvalidArgument"],
  ["GET", `${at}&inventory&id=ci-a`, "InvalidArgument"],
  ["GET", `${at}=x&id=ci-a`, "InvalidArgument"],
  ["GET", `${at}&id=ci-a&acl`, "InvalidArgument"],
  ["GET", `${at}&id=ci-a&=x`, "InvalidArgument"],
  ["GET", `${at}&id=ci-a&versionId=1`, "InvalidArgument"],
  ["GET", `${at}&continuation-token=a&continuation-token=b`, "InvalidArgument"],
  ["DELETE", at, "InvalidArgument"],
  ["DELETE", `${at}&id=`, "InvalidArgument"],
  ["PUT", `${at}&id=`, "InvalidArgument"],
  ["POST", at, "InvalidArgument"],
  ["GET", `${at}&ID=ci-a&iD=ci-a`, "InvalidArgument"],
  ["GET", `/${bucket}/?Inventory&id=ci-a`, "AccessDenied"],
  ["GET", `/${bucket}//?inventory`, "AccessDenied"],
  ["GET", `/${bucket}/key?inventory`, "AccessDenied"],
  ["GET", `/${bucket}%2F?inventory`, "AccessDenied"],
  ["GET", `/${bucket}/?acl`, "AccessDenied"],
  ["GET", `/${bucket}/?policy`, "AccessDenied"],
  ["PUT", `/${bucket}/?cors`, "AccessDenied"],
  ["GET", `/${bucket}/`, "AccessDenied"],
  ["PUT", `/${bucket}/`, "AccessDenied"],
  ["DELETE", `/${bucket}/`, "AccessDenied"],
  ["PATCH", `${at}&id=ci-a`, "AccessDenied"],
]
for (const [method, target, code] of notAsked) {
  test(`the proxy answers ${code} and asks COS nothing when it gets ${method} ${target}`, () =>
    proxied({}, async ({ ask, upstream }) => {
      const body = method === "PUT" || method === "POST" ? { body: rule("ci-a") } : {}
      assert.equal(codeOf(await ask(method, target, { ...writer, ...body })), code)
      assert.deepEqual(upstream(), [])
    }))
}

test("the proxy reads no body of a call that would be denied", () =>
  proxied({}, async ({ ask }) => {
    const asking = { ...reader, body: "x".repeat(1024 * 1024 + 1) }
    assert.equal(codeOf(await ask("PUT", `${at}&id=list1`, asking)), "AccessDenied")
    assert.equal(codeOf(await ask("PUT", `${at}&id=other`, { ...asking, ...writer })), "AccessDenied")
    assert.equal(codeOf(await ask("PUT", `${at}&id=ci-a`, { ...asking, ...writer })), "XMLSizeLimit")
  }))

test("the proxy refuses a body by what is wrong with it, in COS's codes", () =>
  proxied({}, async ({ ask, upstream }) => {
    const put = async (body: string, headers: Record<string, string> = {}, id = "ci-a") =>
      codeOf(await ask("PUT", `${at}&id=${id}`, { ...writer, body, headers }))
    assert.equal(await put(""), "MissingRequestBodyError")
    assert.equal(await put("x"), "MalformedXML")
    assert.equal(await put(rule("ci-b")), "InvalidArgument")
    assert.equal(await put(rule("ci-a"), { "content-md5": "x" }), "InvalidDigest")
    assert.equal(await put(rule("ci-a"), { "content-md5": `${"A".repeat(22)}==` }), "BadDigest")
    assert.equal(await put(rule("ci-a").replace("</Id>", "</Id><Later>1</Later>")), "MalformedXML")
    const run = await ask("POST", `${at}&id=ci-a`, { ...writer, body: rule("ci-a") })
    assert.equal(codeOf(run), "MalformedXML")
    assert.deepEqual(upstream(), [])
    assert.equal(await put(rule("ci-a")), undefined)
    assert.equal(upstream().at(-1)!.method, "PUT")
  }))

test("the proxy answers OPTIONS and a foreign Origin without a word of CORS", () =>
  proxied({}, async ({ ask, upstream }) => {
    const headers = { origin: "https://evil.example", "access-control-request-method": "PUT" }
    for (const asking of [{ headers }, { ...reader, headers }]) {
      for (const method of ["OPTIONS", "GET"]) {
        const answer = await ask(method, `${at}&id=list1`, asking)
        assert.deepEqual([...answer.headers.keys()].filter((name) => name.startsWith("access-control")), [])
        assert.equal(answer.status, method === "GET" && "token" in asking ? 200 : 403)
      }
    }
    assert.equal(upstream().length, 1)
  }))

test("the proxy counts a list of buckets against the rate of whoever asks for it", () => {
  const policy = { ...several, limits: { requestsPerSecond: 1, burst: 1 } }
  return proxied({ policy }, async ({ ask }) => {
    const again = () => ask("GET", "/", { token: "one" })
    assert.equal((await again()).status, 200)
    // The second one, unless a second went by
    let last = await again()
    for (let more = 20; more > 0 && last.status === 200; more--) last = await again()
    assert.deepEqual([last.status, codeOf(last)], [503, "SlowDown"])
    assert.match(last.headers.get("retry-after") ?? "", /^[1-9]\d*$/u)
    assert.equal((await ask("GET", "/", { token: "all" })).status, 200)
  })
})
