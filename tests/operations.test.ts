/** Operations as requests and back, the encoder they go through, and the addresses they go to. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import { bucketAddress, serviceAddress } from "../core/endpoint.ts"
import { header, type HttpRequest } from "../core/http.ts"
import { readConfiguration } from "../core/wire/configuration.ts"
import { checkContentMd5, type Operation, readOperation, writeRequest } from "../core/wire/operations.ts"
import { percentDecode, percentEncode, readTarget, writeTarget } from "../core/wire/target.ts"
import { good, jobOf, settled, settledJob } from "./generated.ts"
import { prop } from "./harness.ts"

const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }
const address = Result.getOrThrow(bucketAddress(at))
const write = (operation: Operation): HttpRequest => Result.getOrThrow(writeRequest(operation, address, hashes))
const text = (request: HttpRequest) => new TextDecoder().decode(request.body)

test("a request has the method, target and body of its operation", () => {
  const lines = (operation: Operation) => {
    const { method, target, origin, headers, body } = write(operation)
    assert.equal(origin, "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com")
    assert.deepEqual(
      headers.map(([name]) => name),
      body.length === 0 ? [] : ["content-type", "content-length", "content-md5"],
    )
    return `${method} ${target}`
  }
  assert.equal(lines({ _tag: "PutBucketInventory", configuration: good }), "PUT /?inventory&id=list1")
  assert.equal(lines({ _tag: "PostBucketInventory", job: jobOf(good) }), "POST /?inventory&id=list1")
  assert.equal(lines({ _tag: "GetBucketInventory", id: "list1" }), "GET /?inventory&id=list1")
  assert.equal(lines({ _tag: "DeleteBucketInventory", id: "list1" }), "DELETE /?inventory&id=list1")
  assert.equal(lines({ _tag: "ListBucketInventory" }), "GET /?inventory")
  assert.equal(
    lines({ _tag: "ListBucketInventory", continuationToken: "a/b+c=" }),
    "GET /?inventory&continuation-token=a%2Fb%2Bc%3D",
  )
  assert.equal(lines({ _tag: "GetService", marker: "a&b" }), "GET /?marker=a%26b")
})

test("a request of PUT and POST carries the MD5 and the length of its bytes", () => {
  for (
    const operation of [{ _tag: "PutBucketInventory", configuration: { ...good, filter: { prefix: "腾讯云😀" } } }, {
      _tag: "PostBucketInventory",
      job: jobOf(good),
    }] as const
  ) {
    const request = write(operation)
    assert.equal(header(request.headers, "Content-MD5"), hashes.md5Base64(request.body))
    assert.equal(header(request.headers, "Content-Length"), String(request.body.byteLength))
    assert.equal(checkContentMd5(request, hashes), "right")
    assert.equal(text(request).startsWith('<?xml version="1.0" encoding="UTF-8"?><InventoryConfiguration>'), true)
  }
})

test("a request of a job holds no schedule and no enablement", () => {
  const request = write({ _tag: "PostBucketInventory", job: jobOf(good) })
  assert.doesNotMatch(text(request), /IsEnabled|Schedule/u)
  assert.deepEqual(settledJob(Result.getOrThrow(readConfiguration(text(request))).draft), jobOf(good))
})

test("an empty id is refused before it can turn into a LIST", () => {
  const operations: ReadonlyArray<Operation> = [
    { _tag: "GetBucketInventory", id: "" },
    { _tag: "DeleteBucketInventory", id: "" },
    { _tag: "PutBucketInventory", configuration: { ...good, id: "" } },
    { _tag: "PostBucketInventory", job: { ...jobOf(good), id: "" } },
  ]
  for (const operation of operations) {
    const result = writeRequest(operation, address, hashes)
    assert.equal(Result.isFailure(result) && result.failure.findings[0]?.code, "id-empty")
  }
})

const Id = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9._ /&=+%#?-]+$/u))
const Operations = Schema.Union([
  Schema.TaggedStruct("GetBucketInventory", { id: Id }),
  Schema.TaggedStruct("DeleteBucketInventory", { id: Id }),
  Schema.TaggedStruct("ListBucketInventory", { continuationToken: Schema.optionalKey(Id) }),
])
prop("a request is read as the operation it was written from", Operations, (operation) => {
  assert.deepEqual(readOperation(write(operation)), structuredClone(operation))
  return true
})

test("a request of PUT and POST is read with its id, and its body as its rule", () => {
  const put = write({ _tag: "PutBucketInventory", configuration: good })
  assert.deepEqual(readOperation(put), { _tag: "PutBucketInventory", id: "list1" })
  assert.deepEqual(settled(Result.getOrThrow(readConfiguration(text(put))).draft), good)
  assert.deepEqual(readOperation({ ...put, method: "POST" }), { _tag: "PostBucketInventory", id: "list1" })
})

test("a request is read as what clients mean by its query", () => {
  const read = (target: string, method = "GET") =>
    readOperation({ ...write({ _tag: "ListBucketInventory" }), method, target })
  assert.deepEqual(read("/?inventory=&id="), { _tag: "ListBucketInventory" })
  assert.deepEqual(read("/?inventory=&continuation-token="), { _tag: "ListBucketInventory" })
  assert.deepEqual(read("/?id=a&inventory"), { _tag: "GetBucketInventory", id: "a" })
  assert.deepEqual(read("/?inventory&id=a+b%20c"), { _tag: "GetBucketInventory", id: "a b c" })
  assert.deepEqual(read("/?inventory&id=a&id=b"), { _tag: "GetBucketInventory", id: "a" })
  assert.deepEqual(read("/?inventory&Id=a", "PUT"), { _tag: "PutBucketInventory", id: "a" })
  assert.deepEqual(read("/?acl"), { _tag: "Unknown", name: "acl" })
  assert.deepEqual(read("/"), { _tag: "Unknown", name: "GET /" })
  assert.deepEqual(read("/?inventories&id=a"), { _tag: "Unknown", name: "inventories" })
  assert.deepEqual(read("/?inventory", "PATCH"), { _tag: "Unknown", name: "PATCH inventory" })
  assert.deepEqual(read("/?inventory&id=", "DELETE"), { _tag: "DeleteBucketInventory", id: "" })
})

test("Content-MD5 is told apart as absent, malformed, wrong and right", () => {
  const request = write({ _tag: "PutBucketInventory", configuration: good })
  const check = (value: string | undefined) =>
    checkContentMd5({ ...request, headers: value === undefined ? [] : [["CONTENT-MD5", value]] }, hashes)
  assert.equal(check(undefined), "absent")
  assert.equal(check(""), "absent")
  // The pages' own example lacks a character
  for (const bad of ["AAq9nzrpsz5LJ4UEe1f6Q==", "x", "=".repeat(24), " " + hashes.md5Base64(request.body)]) {
    assert.equal(check(bad), "malformed")
  }
  assert.equal(check(hashes.md5Base64(new Uint8Array([1]))), "wrong")
  assert.equal(check(hashes.md5Base64(request.body)), "right")
})

prop("percentDecode undoes percentEncode, which leaves only unreserved characters", Schema.String, (value) => {
  const encoded = percentEncode(value)
  return /^(?:[A-Za-z0-9_.~-]|%[0-9A-F]{2})*$/u.test(encoded) && percentDecode(encoded) === value.toWellFormed()
})

const Pairs = Schema.Array(Schema.Tuple([Schema.NonEmptyString, Schema.String]))
prop(
  "readTarget reads what writeTarget wrote",
  Schema.Struct({ path: Schema.String, parameters: Pairs }),
  ({ path, parameters }) => {
    const well = parameters.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()] as const)
    assert.deepEqual(readTarget(writeTarget(`/${path}`, parameters)), {
      path: `/${path.toWellFormed()}`,
      parameters: structuredClone(well),
    })
    return true
  },
)

test("percentDecode leaves what is malformed as it was sent", () => {
  for (const odd of ["%", "%zz", "%e", "%ff", "a%c3(", "100%"]) assert.equal(percentDecode(odd), odd)
  assert.equal(percentDecode("%41%zz%42"), "A%zzB")
})

test("an address is the bucket's own host, or an endpoint's with the bucket in its place", () => {
  const of = (endpoint: string) => {
    const result = bucketAddress({ ...at, endpoint })
    return Result.isSuccess(result)
      ? `${result.success.origin} ${result.success.path}`
      : result.failure.findings[0]!.fix
  }
  assert.equal(of("http://127.0.0.1:8080/"), "http://127.0.0.1:8080 /examplebucket-1250000000/")
  assert.equal(of("http://[::1]:8080"), "http://[::1]:8080 /examplebucket-1250000000/")
  assert.equal(
    of("https://{bucket}.cos-internal.{region}.tencentcos.cn:443"),
    "https://examplebucket-1250000000.cos-internal.ap-guangzhou.tencentcos.cn /",
  )
  assert.equal(of("http://Proxy.Example:80"), "http://proxy.example /examplebucket-1250000000/")
  assert.equal(of("localhost:8080"), "Begin it with https:// (or http:// for a local COS)")
  assert.equal(of("https://host/path"), "Leave the path out: the endpoint is an origin")
  assert.equal(of("https://{buckt}.host"), "Replace {buckt}")
  for (
    const bad of [
      "https://user:secret@host",
      "https://ho st",
      "https://",
      "https://a?b",
      "https://a#b",
      "ftp://a",
      "https://a\nb",
      "https://a:123456",
    ]
  ) {
    const result = bucketAddress({ ...at, endpoint: bad })
    assert.equal(Result.isFailure(result), true, bad)
    if (Result.isFailure(result)) assert.doesNotMatch(result.failure.message, /secret/u)
  }
})

test("an address is refused when the bucket or the region could lead to another host", () => {
  const codes = (change: object) => {
    const result = bucketAddress({ ...at, ...change })
    return Result.isFailure(result) ? result.failure.findings.map((f) => f.path) : []
  }
  for (const bucket of ["", "a", "evil.com/-1", "a@b-1", "-a-1", "A-1", "a-1\n", "a-", "a_b-1", "a-1.x"]) {
    assert.deepEqual(codes({ bucket }), ["bucket"], bucket)
  }
  for (const region of ["", "x", "ap-guangzhou.evil.com", "ap-", "AP-GUANGZHOU", "ap-guangzhou\n", "../ap-x"]) {
    assert.deepEqual(codes({ region }), ["region"], region)
  }
  assert.deepEqual(codes({ bucket: "x", region: "y", endpoint: "z" }), ["bucket", "region", "endpoint"])
})

test("the address that lists buckets is the service's, or the endpoint without its bucket", () => {
  const of = (value: Parameters<typeof serviceAddress>[0]) => Result.map(serviceAddress(value), (a) => a.origin)
  assert.deepEqual(of({}), Result.succeed("https://service.cos.myqcloud.com"))
  assert.deepEqual(
    of({ endpoint: "https://{bucket}.cos.{region}.myqcloud.com", region: "ap-x" }),
    Result.succeed("https://cos.ap-x.myqcloud.com"),
  )
  assert.equal(of({ endpoint: "https://{bucket}.cos.{region}.myqcloud.com" })._tag, "Failure")
})
