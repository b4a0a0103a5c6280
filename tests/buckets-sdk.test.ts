/** Tencent's Node SDK at buckets, lists, versioning and CORS, over a socket, as its own live tests use it. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { open } from "../adapters/memory/mod.ts"
import { listen } from "../http/listen.ts"
import { Cos } from "./sdk.ts"

const key = { secretId: "AKIDsdk", secretKey: "the-sdk's-key" }
const bucket = { name: "examplebucket-1250000000", region: "ap-guangzhou" }
const at = { Bucket: bucket.name, Region: bucket.region }

type Parameters = Readonly<Record<string, unknown>>
interface Outcome {
  readonly error: { readonly code: string; readonly statusCode: number } | null
  readonly data: Readonly<Record<string, unknown>>
}
type Call = (method: string, parameters?: Parameters) => Promise<Outcome>

/** A test with a client of a COS of its own, brought there by settings of the client. */
const sdk = (name: string, reach: (host: string) => Parameters, body: (call: Call) => Promise<void>): void => {
  test(`cos-nodejs-sdk-v5 ${name}`, () =>
    Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const options = { buckets: [bucket], keys: [key], defaultBucket: bucket.name }
      const app = yield* wire(yield* Effect.provide(open(options), layerHashes))
      const { port } = yield* listen({ app })
      const client = new Cos({
        SecretId: key.secretId,
        SecretKey: key.secretKey,
        Protocol: "http:",
        ...reach(`127.0.0.1:${port}`),
      })
      const call: Call = (method, parameters = {}) =>
        new Promise((resolve) =>
          client[method]!(
            { ...at, ...parameters },
            (error, data) => resolve({ error: error as Outcome["error"], data: data as Outcome["data"] }),
          )
        )
      yield* Effect.promise(() => body(call))
    }))))
}

const byAddress = (host: string): Parameters => ({ Ip: host })
const byDomain = (host: string): Parameters => ({ Domain: host, ServiceDomain: host })

const done = async (outcome: Promise<Outcome>): Promise<Outcome["data"]> => {
  const { error, data } = await outcome
  assert.equal(error, null)
  return data
}
const namesIn = (list: unknown, name: string): ReadonlyArray<unknown> =>
  (list as ReadonlyArray<Parameters>).map((one) => one[name])

sdk("creates a bucket, looks at it, finds it among the others, and deletes it", byAddress, async (call) => {
  const other = { Bucket: "new-1250000000", Region: "ap-nanjing" }
  assert.equal((await call("headBucket", other)).error?.statusCode, 404)
  const created = await done(call("putBucket", other))
  assert.equal(created["Location"], "new-1250000000.cos.ap-nanjing.myqcloud.com/")
  assert.equal((await call("putBucket", other)).error?.code, "BucketAlreadyOwnedByYou")
  const head = await done(call("headBucket", other))
  assert.equal((head["headers"] as Parameters)["x-cos-bucket-region"], "ap-nanjing")
  assert.equal((await done(call("getBucketLocation", other)))["LocationConstraint"], "ap-nanjing")
  const all = await done(call("getService", { Region: "" }))
  assert.deepEqual(namesIn(all["Buckets"], "Name"), [bucket.name, "new-1250000000"])
  const one = await done(call("getService", { Region: "ap-nanjing" }))
  assert.deepEqual(namesIn(one["Buckets"], "Name"), ["new-1250000000"])
  assert.equal((await done(call("deleteBucket", other)))["statusCode"], 204)
  assert.equal((await call("deleteBucket", other)).error?.code, "NoSuchBucket")
})

const reaches = { "by address with COS's host": byAddress, "by a domain without a bucket": byDomain }
for (const [how, reach] of Object.entries(reaches)) {
  sdk(`lists objects, folders and buckets when it connects ${how}`, reach, async (call) => {
    const keys = ["a b+&.txt", "folder/one", "folder/two", "中文→↓←→↖↗↙↘! $&'()+,-.jpg"]
    for (const Key of keys) await done(call("putObject", { Key, Body: Key }))
    const whole = await done(call("getBucket"))
    assert.deepEqual([whole["Name"], whole["IsTruncated"]], [bucket.name, "false"])
    assert.deepEqual(namesIn(whole["Contents"], "Key"), keys)
    const listed: Array<unknown> = []
    let Marker: unknown = ""
    for (let more = "true"; more === "true";) {
      const page = await done(call("getBucket", { Delimiter: "/", MaxKeys: 1, Marker }))
      listed.push(...namesIn(page["CommonPrefixes"], "Prefix"), ...namesIn(page["Contents"], "Key"))
      Marker = page["NextMarker"]
      more = String(page["IsTruncated"])
    }
    assert.deepEqual(listed, ["a b+&.txt", "folder/", keys[3]])
    assert.deepEqual(namesIn((await done(call("getService", { Region: "" })))["Buckets"], "Name"), [bucket.name])
  })
}

sdk("turns versioning on, lists versions and deletes them", byAddress, async (call) => {
  assert.deepEqual((await done(call("getBucketVersioning")))["VersioningConfiguration"], {})
  await done(call("putBucketVersioning", { VersioningConfiguration: { Status: "Enabled" } }))
  const { VersioningConfiguration } = await done(call("getBucketVersioning"))
  assert.deepEqual(VersioningConfiguration, { Status: "Enabled" })
  for (const Body of ["1", "2"]) await done(call("putObject", { Key: "中文/a", Body }))
  await done(call("deleteMultipleObject", { Objects: { Key: "中文/a" } }))
  const listed: Array<Parameters> = []
  let next: Parameters = {}
  for (let more = "true"; more === "true";) {
    const page = await done(call("listObjectVersions", { MaxKeys: 1, ...next }))
    listed.push(...page["DeleteMarkers"] as Array<Parameters>, ...page["Versions"] as Array<Parameters>)
    next = { KeyMarker: page["NextKeyMarker"], VersionIdMarker: page["NextVersionIdMarker"] }
    more = String(page["IsTruncated"])
  }
  assert.deepEqual(listed.map(({ IsLatest }) => IsLatest), ["true", "false", "false"])
  assert.deepEqual(listed.map(({ Size }) => Size), [undefined, "1", "1"])
  const Objects = listed.map(({ Key, VersionId }) => ({ Key, VersionId }))
  const deleted = await done(call("deleteMultipleObject", { Objects }))
  assert.deepEqual(namesIn(deleted["Deleted"], "VersionId"), namesIn(Objects, "VersionId"))
  assert.deepEqual(deleted["Error"], [])
  assert.equal((await done(call("deleteBucket")))["statusCode"], 204)
})

sdk("puts CORS rules, gets them back as they were, and asks what they allow", byAddress, async (call) => {
  const rules = [{
    AllowedOrigins: ["*"],
    AllowedMethods: ["GET", "POST", "PUT", "DELETE", "HEAD"],
    AllowedHeaders: ["*", "test-mi1x2y"],
    ExposeHeaders: ["ETag", "Date", "Content-Length", "x-cos-acl", "x-cos-version-id", "x-cos-request-id"],
    MaxAgeSeconds: "5",
  }, {
    AllowedOrigins: ["http://qq.com", "http://qcloud.com"],
    AllowedMethods: ["GET", "POST", "PUT", "DELETE", "HEAD"],
    AllowedHeaders: ["*"],
    ExposeHeaders: ["ETag"],
    MaxAgeSeconds: "5",
  }]
  assert.deepEqual((await done(call("getBucketCors")))["CORSRules"], [])
  await done(call("putBucketCors", { CORSRules: rules }))
  assert.deepEqual((await done(call("getBucketCors")))["CORSRules"], rules)
  const asked = { Key: "a", Origin: "https://qq.com", AccessControlRequestMethod: "PUT" }
  const { AccessControlAllowOrigin, AccessControlMaxAge } = await done(
    call("optionsObject", { ...asked, AccessControlRequestHeaders: "origin,accept,content-type" }),
  )
  assert.deepEqual([AccessControlAllowOrigin, AccessControlMaxAge], ["*", "5"])
  await done(call("deleteBucketCors"))
  assert.deepEqual(await done(call("optionsObject", asked)), { OptionsForbidden: true, statusCode: 403 })
})

sdk("lists the uploads that were begun, and aborts them all", byAddress, async (call) => {
  for (const Key of ["a", "b", "a"]) await done(call("multipartInit", { Key }))
  const list = await done(call("multipartList", { Prefix: "a", EncodingType: "url" }))
  assert.deepEqual(namesIn(list["Upload"], "Key"), ["a", "a"])
  const { successList } = await done(call("abortUploadTask", { Level: "bucket" }))
  assert.deepEqual(namesIn(successList, "Key"), ["a", "a", "b"])
  assert.deepEqual((await done(call("multipartList")))["Upload"], [])
})
