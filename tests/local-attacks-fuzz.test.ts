/** Random requests for every operation of the local COS: each has an answer of COS's own, and none breaks it. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import type { Operation } from "../adapters/memory/operation.ts"
import { operations } from "../adapters/memory/operations.ts"
import type { Headers } from "../core/http.ts"
import { dice, ruleSamples, sample } from "./generated.ts"
import {
  type Asked,
  bucket,
  hostOfBucket,
  local,
  localHost,
  md5Of,
  type Reply,
  utf8,
  type World,
} from "./local-attacks-world.ts"

const world = local()

/** Values of parameters, elements of keys, and texts in documents, percent-encoded. */
const values = [
  "",
  "a",
  "a%2Fb",
  "0",
  "1",
  "-1",
  "10001",
  "99999999999999999999",
  "1e3",
  "null",
  "true",
  "url",
  "%00",
  "%0d%0aX:%20y",
  "%ff%fe",
  "%zz",
  "%",
  "%E8%85%BE%E8%AE%AF",
  "%F0%9F%98%80",
  "%EF%BF%BE",
  "%ED%A0%80",
  "%f4%8f%bf%bd%2561",
  "..%2f..%2fetc",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "/",
  "+",
  "%26%3C%22",
  "x".repeat(1100),
  "bGlzdDE=",
  "MTg0NDUxMjY4NzY5MDg1NTE2MTU=",
]

const keys = ["a", "b/c", "../a", "a//b", "%2e%2e/%2e%2e", "%00", "%ff", "%E8%85%BE", "_local/state", ...values]

const strays = [
  "acl",
  "policy",
  "lifecycle",
  "tagging",
  "versions",
  "uploads",
  "uploadId",
  "partNumber",
  "delete",
  "inventory",
  "id",
  "cors",
  "location",
  "restore",
  "select",
  "append",
  "%00",
  "%E8%85%BE",
  "__proto__",
  "",
]

const headerNames = [
  "Range",
  "If-Range",
  "If-Match",
  "If-None-Match",
  "If-Modified-Since",
  "If-Unmodified-Since",
  "Content-MD5",
  "Content-Type",
  "Content-Encoding",
  "Expires",
  "Origin",
  "Access-Control-Request-Method",
  "Access-Control-Request-Headers",
  "x-cos-copy-source",
  "x-cos-copy-source-range",
  "x-cos-copy-source-if-match",
  "x-cos-copy-source-if-modified-since",
  "x-cos-metadata-directive",
  "x-cos-storage-class",
  "x-cos-server-side-encryption",
  "x-cos-tagging",
  "x-cos-acl",
  "x-cos-grant-read",
  "x-cos-forbid-overwrite",
  "x-cos-traffic-limit",
  "x-cos-security-token",
  "x-cos-meta-a",
  "x-cos-meta-a_b",
  "x-cos-unknown",
  "Date",
]

const headerValues = [
  "",
  "a",
  "*",
  '"*"',
  "bytes=0-",
  "bytes=5-2",
  "bytes=-0",
  "bytes=99999999999999999999-",
  "Fri, 31 Feb 2026 99:00:00 GMT",
  "1900-01-01T00:00:00Z",
  "/a",
  "/",
  `${hostOfBucket}/a`,
  `${hostOfBucket}/%00?versionId=`,
  `${bucket}/a`,
  "http://[::1]:99999/a/%",
  "AES256",
  "cos/kms",
  "ARCHIVE",
  "a=b&a=b",
  "%00=%ff",
  "true",
  "819200",
  "Copy",
  "Replaced",
  "GET",
  "http://origin.example",
  "1B2M2Y8AsgTpgAmY7PhCfg==",
  "====",
  "\xff\xfe\x80",
  utf8("腾讯云😀"),
  "a\tb",
  "%0d%0a",
  "x".repeat(3000),
]

/** What an operation takes, so that some requests are performed. */
const good: Readonly<Record<string, string>> = {
  PutBucket: "",
  DeleteMultipleObjects: "<Delete><Object><Key>b</Key></Object><Object><Key></Key></Object></Delete>",
  PutBucketVersioning: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
  PutObjectTagging: "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
  PutBucketCORS: "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>" +
    "<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>",
  CompleteMultipartUpload:
    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>0cc175b9c0f1b6a831c399e269772661</ETag></Part></CompleteMultipartUpload>",
  PutBucketInventory: utf8(sample("put-1.xml")),
  PostBucketInventory: utf8(sample("post.xml")),
}
const idOf = (document: string): string => /<Id>(.*?)<\/Id>/u.exec(document)?.[1] ?? "none"

const documents = [
  "",
  "<a/>",
  "\0",
  "\xff\xfe",
  utf8("<Delete><Quiet>true</Quiet><Object><Key>腾</Key><VersionId>null</VersionId></Object></Delete>"),
  "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  "<CreateBucketConfiguration/>",
  ...Object.values(good),
  ...ruleSamples.map((name) => utf8(sample(name))),
]

const pieces = [
  "<",
  ">",
  "&",
  "&#0;",
  "&amp;",
  "]]>",
  "<!--",
  "\0",
  "\xff",
  "<a>",
  "</a>",
  "<!DOCTYPE a>",
  "<script>",
  "\r",
]

/** What there is, so that some of the requests are about it. */
interface Known {
  readonly uploadId: string
  readonly versionId: string
  readonly [name: string]: string
}

const requestOf = (operation: Operation, known: Known, roll: (below: number) => number): Asked => {
  const pick = <A>(from: ReadonlyArray<A>): A => from[roll(from.length)]!
  const chance = (oneIn: number): boolean => roll(oneIn) === 0
  const some = <A>(most: number, draw: () => A): ReadonlyArray<A> => Array.from({ length: roll(most + 1) }, draw)

  const given = (name: string): string => {
    const there: Readonly<Record<string, string>> = { ...known, id: idOf(good[operation.name] ?? ""), uploads: "" }
    return `${name}=${chance(3) ? pick(values) : there[name] ?? "1"}`
  }

  const path = operation.at === "Object" ? `/${chance(2) ? "a" : pick(keys)}` : "/"
  const takes = operation.takes === "any" ? [] : operation.takes
  const asked = [
    ...operation.needs.map((name) => given(name.replace("=", ""))),
    ...(operation.name.endsWith("Inventory") ? [given("id")] : []),
    ...(takes.length > 0 ? some(3, () => given(pick(takes))) : []),
    ...(chance(6) ? [`${pick(strays)}=${pick(values)}`] : []),
  ]
  const headers: Headers = [
    ...(operation.needsHeader === undefined
      ? []
      : [[operation.needsHeader, chance(2) ? "/a" : pick(headerValues)] as const]),
    ...some(roll(4), () => [pick(headerNames), pick(headerValues)] as const),
  ]
  let body = chance(2) ? good[operation.name] ?? "" : operation.body === "none" && !chance(4) ? "" : pick(documents)
  for (const piece of chance(4) ? some(3, () => pick(pieces)) : []) {
    const at = roll(body.length + 1)
    body = body.slice(0, at) + piece + body.slice(at + roll(3))
  }
  const digest: Headers = operation.name === "DeleteMultipleObjects" ? [["Content-MD5", md5Of(body)]] : []
  return {
    method: chance(12) ? pick(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"]) : operation.method,
    target: path + (asked.length === 0 ? "" : `?${asked.join("&")}`),
    host: operation.at === "Service" || (chance(10) && !path.startsWith("/_local/")) ? localHost : hostOfBucket,
    headers: [...headers, ...digest],
    body,
    ...(chance(5) ? { framing: "chunked" as const } : {}),
    ...(chance(10) ? { signature: "none" as const } : chance(6) ? { signature: { form: "query" as const } } : {}),
  }
}

const prepared = async ({ ask }: World): Promise<Known> => {
  await ask({ method: "PUT" })
  const put = await ask({ method: "PUT", target: "/a", body: "abc" })
  const begun = await ask({ method: "POST", target: "/a?uploads" })
  const uploadId = begun.element("UploadId")
  await ask({ method: "PUT", target: `/a?partNumber=1&uploadId=${uploadId}`, body: "a" })
  return { uploadId, versionId: put.header("x-cos-version-id") ?? "null" }
}

const perOperation = 60
const names = [...new Set(operations.map(({ name }) => name))]
for (const [at, name] of names.entries()) {
  test(`${name} has an answer of COS for whatever it is asked`, async () => {
    const cos = await world()
    const known = await prepared(cos)
    const rows = operations.filter((operation) => operation.name === name)
    const roll = dice(at + 1)
    const replies: Array<Reply> = []
    for (let i = 0; i < perOperation; i++) replies.push(await cos.ask(requestOf(rows[i % rows.length]!, known, roll)))
    assert.ok(replies.some(({ status }) => status < 300) || name === "OptionsObject", "none was performed")
  })
}

test("the local COS is as good as ever after all of this", async () => {
  const { ask, cos } = await world()
  assert.equal((await ask({ method: "PUT", target: "/after", body: "whole" })).status, 200)
  assert.equal((await ask({ target: "/after" })).body, "whole")
  let owned = 0
  for (const { name } of cos.store.buckets()) {
    for (const versions of cos.store.entries(name, "")) for (const { size } of versions) owned += size
    for (const { id } of cos.store.uploads(name)) for (const { size } of cos.store.parts(name, id)) owned += size
  }
  assert.equal(cos.store.bodies.used(), owned)
})
