/** Creating, looking at, listing and deleting buckets. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import type { Headers } from "../core/http.ts"
import { bucket, otherBucket, pieces, refused, start, world } from "./objects-world.ts"

const at = (host: string): Headers => [["Host", host]]
const hostOf = (name: string, region = "ap-nanjing"): Headers => at(`${name}.cos.${region}.myqcloud.com`)

test("PutBucket creates an empty private bucket in the region of its host", async () => {
  const { ask, store } = world()
  const host = hostOf("new-1250000000")
  refused(await ask("GET", "/", host), "NoSuchBucket")
  const put = await ask("PUT", "/", [...host, ["x-cos-acl", "private"]])
  assert.deepEqual([put.status, put.text, put.header("content-length")], [200, "", "0"])
  const { rules, jobs, ...created } = store.bucket("new-1250000000")!
  assert.deepEqual([rules.size, jobs.size], [0, 0])
  assert.deepEqual({ ...created }, {
    name: "new-1250000000",
    region: "ap-nanjing",
    owner: "100000000001",
    created: start,
    cors: [],
    strictSignature: false,
    denied: [],
  })
  const list = await ask("GET", "/", host)
  assert.deepEqual([list.status, list.element("Name"), list.element("IsTruncated")], [200, "new-1250000000", "false"])
  refused(await ask("GET", "/", hostOf("new-1250000000", "ap-beijing")), "NoSuchBucket")
})

test("PutBucket takes the region of the settings when the bucket stands in the path", async () => {
  const { ask, store } = world()
  assert.equal((await ask("PUT", "/new-1250000000/", at("127.0.0.1:9000"))).status, 200)
  assert.equal((await ask("PUT", "/newer-1250000000", at("127.0.0.1:9000"))).status, 200)
  assert.deepEqual(store.buckets().map(({ name, region }) => [name, region]), [
    [bucket.name, bucket.region],
    ["new-1250000000", "ap-guangzhou"],
    ["newer-1250000000", "ap-guangzhou"],
    [otherBucket.name, otherBucket.region],
  ])
})

test("PutBucket refuses a bucket that is there, in any region, and leaves it as it is", async () => {
  const { ask, store } = world({ buckets: [bucket, { name: "theirs-1250000001", region: "ap-nanjing", owner: "2" }] })
  await ask("PUT", "/kept", [], "kept")
  const before = store.bucket(bucket.name)
  refused(await ask("PUT", "/"), "BucketAlreadyOwnedByYou")
  refused(await ask("PUT", "/", hostOf(bucket.name)), "BucketAlreadyOwnedByYou")
  refused(await ask("PUT", "/", hostOf("theirs-1250000001")), "BucketAlreadyExists")
  assert.deepEqual(store.bucket(bucket.name), before)
  assert.equal((await ask("GET", "/kept")).text, "kept")
})

const names: Readonly<Record<string, string>> = {
  "under_score-1250000000": "InvalidBucketName",
  "-hyphen-1250000000": "InvalidBucketName",
  "without-an-appid": "InvalidBucketName",
  "-1250000000": "InvalidBucketName",
  "hyphen--1250000000": "InvalidBucketName",
  [`${"x".repeat(50)}-1250000000`]: "BucketNameTooLong",
}
for (const [name, code] of Object.entries(names)) {
  test(`PutBucket refuses the name "${name}" with ${code}`, async () => {
    refused(await world().ask("PUT", "/", hostOf(name)), code)
  })
}

test("PutBucket takes the longest and the shortest name", async () => {
  const { ask } = world()
  for (const name of [`${"x".repeat(49)}-1250000000`, "a-1250000000", "1-1250000000"]) {
    assert.equal((await ask("PUT", "/", hostOf(name))).status, 200)
  }
})

test("PutBucket refuses a host that is no region's", async () => {
  const { ask, store } = world()
  refused(await ask("PUT", "/", hostOf("new-1250000000", "accelerate")), "ActionAccelerateNotSupported")
  refused(await ask("PUT", "/", hostOf("new-1250000000", "nowhere")), "InvalidRegionName")
  refused(await ask("PUT", "/", at("127.0.0.1:9000")), "InvalidBucketName")
  assert.equal(store.buckets().length, 2)
})

const parts: ReadonlyArray<readonly [what: string, headers: Headers, body: string, code: string]> = [
  ["public reading", [["x-cos-acl", "public-read"]], "", "NotImplemented"],
  ["a grant", [["x-cos-grant-read", 'id="100000000002"']], "", "NotImplemented"],
  ["tags", [["x-cos-tagging", "a=b"]], "", "NotImplemented"],
  ["several zones", [], configuration("<BucketAZConfig>MAZ</BucketAZConfig>"), "NotImplemented"],
  ["an architecture", [], configuration("<BucketArchConfig>OFS</BucketArchConfig>"), "NotImplemented"],
  ["another document", [], "<VersioningConfiguration/>", "MalformedXML"],
  ["a cut document", [], "<CreateBucketConfiguration>", "MalformedXML"],
  ["another document's digest", [["Content-MD5", "ZzD3iDJdrMAAb00lgLLeig=="]], configuration(""), "BadDigest"],
  ["what is no digest", [["Content-MD5", "ZzD3"]], configuration(""), "InvalidDigest"],
]
for (const [what, headers, body, code] of parts) {
  test(`PutBucket refuses ${what} and creates nothing`, async () => {
    const { ask, store } = world()
    refused(await ask("PUT", "/", [...hostOf("new-1250000000"), ...headers], body), code)
    assert.equal(store.bucket("new-1250000000"), undefined)
  })
}

function configuration(inside: string): string {
  return `<CreateBucketConfiguration>${inside}</CreateBucketConfiguration>`
}

test("PutBucket takes an empty configuration, whole or in pieces", async () => {
  const { ask } = world()
  assert.equal((await ask("PUT", "/", hostOf("a-1250000000"), configuration(""))).status, 200)
  assert.equal(
    (await ask("PUT", "/", hostOf("b-1250000000"), pieces(["<CreateBucket", "Configuration/>"]))).status,
    200,
  )
})

test("PutBucket refuses the bucket after the two hundredth of an account", async () => {
  const { ask } = world({ buckets: [{ name: "theirs-1250000001", region: "ap-nanjing", owner: "2" }] })
  for (let at = 0; at < 200; at++) assert.equal((await ask("PUT", "/", hostOf(`b${at}-1250000000`))).status, 200)
  refused(await ask("PUT", "/", hostOf("b200-1250000000")), "TooManyBuckets")
  assert.equal((await ask("DELETE", "/", hostOf("b7-1250000000"))).status, 204)
  assert.equal((await ask("PUT", "/", hostOf("b200-1250000000"))).status, 200)
})

test("HeadBucket and GetBucketLocation tell the region", async () => {
  const { ask } = world()
  const head = await ask("HEAD", "/")
  assert.deepEqual(
    [head.status, head.bytes.length, head.header("x-cos-bucket-region"), head.header("x-cos-bucket-az-type")],
    [200, 0, "ap-guangzhou", undefined],
  )
  assert.equal((await ask("GET", "/?location")).element("LocationConstraint"), "ap-guangzhou")
  const missing = await ask("HEAD", "/", hostOf("none-1250000000"))
  assert.deepEqual([missing.status, missing.bytes.length], [404, 0])
})

test("DeleteBucket refuses a bucket that holds an object, an old version, a delete marker or an upload", async () => {
  const { ask, store } = world()
  const status = (text: string) =>
    ask("PUT", "/?versioning", [], `<VersioningConfiguration><Status>${text}</Status></VersioningConfiguration>`)
  await ask("PUT", "/a", [], "a")
  refused(await ask("DELETE", "/"), "BucketNotEmpty")
  await status("Enabled")
  await ask("DELETE", "/a")
  assert.deepEqual((await ask("GET", "/")).elements("Key"), [])
  refused(await ask("DELETE", "/"), "BucketNotEmpty")
  await ask("DELETE", "/a?versionId=null")
  refused(await ask("DELETE", "/"), "BucketNotEmpty")
  const [marker] = store.versions(bucket.name, "a")
  assert.equal(marker?.isDeleteMarker, true)
  await ask("DELETE", `/a?versionId=${marker!.versionId}`)
  const upload = await ask("POST", "/a?uploads")
  refused(await ask("DELETE", "/"), "BucketNotEmpty")
  await ask("DELETE", `/a?uploadId=${upload.element("UploadId")}`)
  const deleted = await ask("DELETE", "/")
  assert.deepEqual([deleted.status, deleted.text], [204, ""])
  assert.equal(store.bucket(bucket.name), undefined)
  refused(await ask("DELETE", "/"), "NoSuchBucket")
})

test("a bucket that is created again has nothing of the one before it", async () => {
  const { ask, store } = world()
  await ask("PUT", "/?versioning", [], "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
  await ask("DELETE", "/")
  await ask("PUT", "/")
  assert.equal(store.bucket(bucket.name)!.versioning, undefined)
})

test("GetService filters by region and by time of creation", async () => {
  const cos = world()
  cos.setTime(start + 5000)
  await cos.ask("PUT", "/", hostOf("later-1250000000"))
  const seconds = start / 1000
  const names = async (query: string) =>
    (await cos.ask("GET", `/?${query}`, at("service.cos.myqcloud.com"))).elements("Name")
  const [old, later] = [[bucket.name, otherBucket.name], "later-1250000000"]
  assert.deepEqual(await names(""), [bucket.name, later, otherBucket.name])
  assert.deepEqual(await names("region=ap-nanjing"), [later])
  assert.deepEqual(await names(`range=lt&create-time=${seconds + 5}`), old)
  assert.deepEqual(await names(`range=gt&create-time=${seconds}`), [later])
  assert.deepEqual(await names(`range=lte&create-time=${seconds}`), old)
  assert.deepEqual(await names(`range=gte&create-time=${seconds + 5}`), [later])
  assert.deepEqual(await names(`range=gt&create-time=${seconds}&max-keys=1&marker=${later}`), [])
})

test("GetService lists what is left when a page is short, and names its owner when there is nothing", async () => {
  const { ask } = world()
  const service = (query: string) => ask("GET", `/?${query}`, at("service.cos.myqcloud.com"))
  const first = await service("max-keys=1")
  assert.deepEqual([first.element("IsTruncated"), first.element("NextMarker")], ["true", bucket.name])
  const second = await service(`max-keys=1&marker=${first.element("NextMarker")}`)
  assert.deepEqual([second.elements("Name"), second.element("IsTruncated")], [[otherBucket.name], "false"])
  const none = await service("marker=zzz")
  assert.deepEqual([none.elements("Name"), none.element("DisplayName")], [[], "100000000001"])
})
