/** The answers of the in-memory COS beyond the laws: headers, ids, tokens, strict buckets, the demo. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { refusalAnswer } from "../adapters/answer.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { demoBucket, demoDocuments, demoKey, demoOptions } from "../adapters/memory/mod.ts"
import { readToken, writeToken } from "../adapters/memory/inventory/page.ts"
import { header, type Headers, type HttpRequest } from "../core/http.ts"
import { lint } from "../core/lint/mod.ts"
import { sign } from "../core/signing/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { readXmlRules } from "../core/wire/document.ts"
import { effect, prop } from "./harness.ts"
import { job, rule } from "./laws-world.ts"
import { asked, bytes, errorIn, now, one, plain, text, two } from "./memory-world.ts"

effect(
  "memory lists when the id is empty, and takes an empty continuation token for the first page",
  Effect.gen(function* () {
    const responses = yield* asked([
      { target: "/one-1250000000/?inventory&id=" },
      { target: "/one-1250000000/?inventory=&continuation-token=" },
    ])
    for (const response of responses) assert.match(text(response), /<ListInventoryConfigurationResult>.*in-one/)
  }),
)

effect(
  "memory answers with the common headers of COS, and ids that differ",
  Effect.gen(function* () {
    const responses = yield* asked([
      { target: "/one-1250000000/?inventory" },
      { method: "DELETE", target: "/one-1250000000/?inventory&id=in-one" },
      { target: "/one-1250000000/?inventory&id=in-one" },
      { method: "HEAD", target: "/one-1250000000/?inventory" },
    ])
    const get = (name: string) => responses.map(({ headers }) => header(headers, name))
    assert.deepEqual(responses.map(({ status }) => status), [200, 204, 404, 405])
    assert.deepEqual(get("server"), Array(4).fill("tencent-cos"))
    assert.deepEqual(get("date"), Array(4).fill(new Date(now * 1000).toUTCString()))
    assert.deepEqual(get("content-type"), ["application/xml", undefined, "application/xml", "application/xml"])
    assert.equal(get("content-length")[0], String(responses[0]!.body.byteLength))
    assert.equal(responses[3]!.body.byteLength, 0)
    const ids = get("x-cos-request-id")
    assert.equal(new Set(ids).size, 4)
    for (const id of ids) assert.match(atob(id!), new RegExp(`^${now.toString(16)}(_[0-9a-f]+){3}$`))
    assert.deepEqual(get("x-cos-trace-id").map((id) => id !== undefined), [false, false, true, true])
    const error = errorIn(responses[2]!)
    assert.deepEqual([error.requestId, error.traceId], [ids[2], get("x-cos-trace-id")[2]])
    assert.equal(error.resource, "127.0.0.1:9000/one-1250000000/")
  }),
)

test("a refusal has the status of its code's row, and 500 when its code has none", () => {
  const status = (code: string) => errorIn(refusalAnswer({ now: 0, requestId: "id" }, { code, message: "" })).status
  assert.deepEqual(["NoSuchBucket", "Unheard", "constructor"].map(status), [404, 500, 500])
})

effect(
  "memory answers a job as the documentation prints it, without a declaration",
  Effect.gen(function* () {
    const body = bytes(writeConfiguration(job("once")))
    const content: Headers = [["content-md5", hashes.md5Base64(body)]]
    const target = "/one-1250000000/?inventory&id=once"
    const [response] = yield* asked([{ method: "POST", target, headers: content, body }])
    assert.match(text(response!), /^<PostInventoryResult><JobId>[^<]+<\/JobId><\/PostInventoryResult>$/)
  }),
)

effect(
  "memory echoes the continuation token it was asked with",
  Effect.gen(function* () {
    const rules = Array.from({ length: 101 }, (_, i) => rule(`r${i}`))
    const target = "/one-1250000000/?inventory"
    const token = writeToken(one.name, 100, hashes)
    const responses = yield* asked(
      [{ target }, { target: `${target}&continuation-token=${encodeURIComponent(token)}` }],
      { buckets: [{ ...one, rules }] },
    )
    assert.ok(text(responses[0]!).includes(`<NextContinuationToken>${token}</NextContinuationToken>`))
    assert.ok(text(responses[1]!).includes(`<ContinuationToken>${token}</ContinuationToken>`))
    assert.match(text(responses[1]!), /<Id>r100<\/Id>.*<IsTruncated>false<\/IsTruncated>/)
  }),
)

effect(
  "memory refuses a continuation token when it was not percent-encoded",
  Effect.gen(function* () {
    const token = writeToken(one.name, 1, hashes)
    const [response] = yield* asked([{ target: `/one-1250000000/?inventory&continuation-token=${token}` }])
    assert.equal(errorIn(response!).code, "InvalidArgument")
  }),
)

prop(
  "a continuation token is read only by the bucket that wrote it",
  Schema.Struct({ sequence: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 0xffffffff })), at: Schema.Int }),
  ({ sequence, at }) => {
    const token = writeToken("a-1", sequence, hashes)
    const place = Math.abs(at) % (token.length - 1)
    const spoiled = token.slice(0, place) + (token[place] === "A" ? "B" : "A") + token.slice(place + 1)
    return /^\+\/.*=$/.test(token) && readToken("a-1", token, hashes) === sequence &&
      readToken("b-1", token, hashes) === undefined && readToken("a-1", spoiled, hashes) === undefined
  },
)

const key = { secretId: "AKIDmemory", secretKey: "the-key" }
const signedPut = (headers: ReadonlyArray<string>, bucket: string): HttpRequest => {
  const request: HttpRequest = {
    ...plain,
    method: "PUT",
    target: `/${bucket}/?inventory&id=in-one`,
    headers: [["host", "127.0.0.1:9000"], ["content-type", "application/xml"]],
    body: bytes(writeConfiguration(rule("in-one"))),
  }
  const authorization = sign(request, { ...key, keyTime: { start: now, end: now + 60 }, hashes, headers })
  const all: Headers = [...request.headers, ["authorization", authorization]]
  return { ...request, headers: all }
}

effect(
  "a strict bucket refuses what leaves a header unsigned, and another bucket takes it",
  Effect.gen(function* () {
    const options = {
      keys: [key],
      verifySignatures: true,
      buckets: [{ ...one, strictSignature: true }, { ...two, region: one.region }],
    }
    const whole = ["host", "content-type", "content-length"]
    const lists = [whole, ...whole.map((left) => whole.filter((name) => name !== left))]
    const strict = yield* asked(lists.map((headers) => signedPut(headers, one.name)), options)
    assert.deepEqual(strict.map(({ status }) => status), [200, 403, 403, 403])
    assert.deepEqual(strict.slice(1).map((response) => errorIn(response).code), Array(3).fill("AccessDenied"))
    const lenient = yield* asked(lists.map((headers) => signedPut(headers, two.name)), options)
    assert.deepEqual(lenient.map(({ status }) => status), [200, 200, 200, 200])
  }),
)

test("the demo holds the documentation's three examples", () => {
  const [bucket] = demoOptions().buckets
  assert.deepEqual([bucket!.name, bucket!.region], ["examplebucket-1250000000", "ap-guangzhou"])
  assert.deepEqual(bucket!.rules!.map(({ id }) => id), ["list1", "list2", "list3"])
  assert.deepEqual(bucket!.rules![2]!.optionalFields!.slice(-2), ["Crc64", "x-cos-meta-myheader"])
  assert.equal(bucket!.rules![0]!.destination.encryption, "SSE-COS")
})

test("the demo's documents pass lint", () => {
  for (const document of demoDocuments()) {
    const [reading] = Result.getOrThrow(readXmlRules(document))
    assert.deepEqual(lint(reading!, { kind: "configuration", region: demoBucket.region }), [])
  }
})

test("the demo's key looks like none of a person's", () => {
  assert.match(demoKey.secretId, /not-a-real/)
  assert.match(demoKey.secretKey, /not-a-real/)
})
