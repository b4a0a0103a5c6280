/**
 * Tencent's Node SDK against the local COS over a socket: a client that nobody here wrote. What it gets wrong is pinned,
 * so that a newer SDK which mends it is noticed.
 */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { type BucketOptions, open } from "../adapters/memory/mod.ts"
import { listen } from "../http/listen.ts"
import { rule, ruleNumbers } from "./laws-world.ts"
import { type Client, Cos } from "./sdk.ts"

const key = { secretId: "AKIDsdk", secretKey: "the-sdk's-key" }
const bucket = { name: "examplebucket-1250000000", region: "ap-guangzhou" }
const at = { Bucket: bucket.name, Region: bucket.region }

interface Setting {
  readonly bucket?: Partial<BucketOptions>
  readonly secretKey?: string
  /** How the SDK is brought to the local COS: `Ip` keeps the Host that COS has, `Domain` replaces it. */
  readonly reach?: (port: number) => Readonly<Record<string, unknown>>
}

/** A test with a client of a COS of its own. The SDK reads the real clock, so COS does too. */
const sdk = (name: string, setting: Setting, body: (call: Call) => Promise<void>): void => {
  test(`cos-nodejs-sdk-v5 ${name}`, () =>
    Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const options = { buckets: [{ ...bucket, ...setting.bucket }], keys: [key], defaultBucket: bucket.name }
      const app = yield* wire(yield* Effect.provide(open(options), layerHashes))
      const { port } = yield* listen({ app })
      const reach = setting.reach ?? ((port) => ({ Ip: `127.0.0.1:${port}` }))
      const client = new Cos({
        SecretId: key.secretId,
        SecretKey: setting.secretKey ?? key.secretKey,
        Protocol: "http:",
        ...reach(port),
      })
      yield* Effect.promise(() => body(callOf(client)))
    }))))
}

interface Outcome {
  readonly error: { readonly code: string; readonly statusCode: number; readonly message: string } | null
  readonly data: Readonly<Record<string, unknown>>
}
type Call = (method: string, parameters?: Readonly<Record<string, unknown>>) => Promise<Outcome>

const callOf = (client: Client): Call => (method, parameters = {}) =>
  new Promise((resolve) =>
    client[method]!(
      { ...at, ...parameters },
      (error, data) => resolve({ error: error as Outcome["error"], data: data as Outcome["data"] }),
    )
  )

/** The SDK's own live test object (its `test/test.js`), with this bucket as destination. */
const configuration = (id: string, rest: Readonly<Record<string, unknown>> = {}) => ({
  Id: id,
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: "100000000001",
      Bucket: `qcs::cos:${bucket.region}::${bucket.name}`,
      Prefix: "inventory_prefix_1",
      Encryption: { SSECOS: "" },
    },
  },
  Schedule: { Frequency: "Daily" },
  Filter: { Prefix: "myPrefix" },
  IncludedObjectVersions: "All",
  OptionalFields: ["Size"],
  ...rest,
})

const put = (call: Call, id: string, rest: Readonly<Record<string, unknown>> = {}) =>
  call("putBucketInventory", { Id: id, InventoryConfiguration: configuration(id, rest) })

const reaches: Readonly<Record<string, NonNullable<Setting["reach"]>>> = {
  "by address with COS's host": (port) => ({ Ip: `127.0.0.1:${port}` }),
  "by a domain without a bucket": (port) => ({ Domain: `127.0.0.1:${port}` }),
}
for (const [how, reach] of Object.entries(reaches)) {
  sdk(`gets and lists the rule it put when it connects ${how}`, { reach }, async (call) => {
    const sent = await put(call, "inventory_test")
    assert.deepEqual([sent.error, sent.data?.["statusCode"]], [null, 200])
    const got = await call("getBucketInventory", { Id: "inventory_test" })
    assert.deepEqual(got.data?.["InventoryConfiguration"], configuration("inventory_test"))
    const listed = await call("listBucketInventory")
    assert.deepEqual(listed.data?.["InventoryConfigurations"], [configuration("inventory_test")])
    assert.equal(listed.data?.["IsTruncated"], "false")
  })
}

sdk("replaces a rule, and deletes it twice", {}, async (call) => {
  await put(call, "a")
  const { Encryption: _, ...destination } = configuration("a").Destination.COSBucketDestination
  await put(call, "a", { Destination: { COSBucketDestination: destination } })
  const got = await call("getBucketInventory", { Id: "a" })
  const { Destination } = got.data["InventoryConfiguration"] as ReturnType<typeof configuration>
  assert.deepEqual(Destination.COSBucketDestination, destination)
  for (let times = 0; times < 2; times++) {
    const deleted = await call("deleteBucketInventory", { Id: "a" })
    assert.deepEqual([deleted.error, deleted.data?.["statusCode"]], [null, 204])
  }
  const missing = await call("getBucketInventory", { Id: "a" })
  assert.deepEqual([missing.error?.statusCode, missing.error?.code], [404, "InventoryConfigurationNotFoundError"])
})

sdk("follows the pages of a list to its end", { bucket: { rules: ruleNumbers(250) } }, async (call) => {
  const ids: Array<string> = []
  let token: unknown
  do {
    const { data } = await call("listBucketInventory", token === undefined ? {} : { ContinuationToken: token })
    const rules = data["InventoryConfigurations"] as ReadonlyArray<{ readonly Id: string }>
    ids.push(...rules.map(({ Id }) => Id))
    token = data["IsTruncated"] === "true" ? data["NextContinuationToken"] : undefined
  } while (token !== undefined)
  assert.deepEqual(ids, ruleNumbers(250).map(({ id }) => id))
})

sdk("is told that its key is wrong", { secretKey: "another" }, async (call) => {
  const { error } = await call("getBucketInventory", { Id: "a" })
  assert.deepEqual([error?.code, error?.statusCode], ["SignatureDoesNotMatch", 403])
  assert.equal(error?.message, "The Signature you specified is invalid.")
})

sdk("signs all that a strict bucket wants", { bucket: { strictSignature: true } }, async (call) => {
  assert.equal((await put(call, "a")).error, null)
  assert.equal((await call("listBucketInventory")).error, null)
  assert.equal((await call("deleteBucketInventory", { Id: "a" })).error, null)
})

sdk("gets a rule with tags as one object when it has one, and as a list when it has two", {}, async (call) => {
  const tag = (value: string) => ({ Key: "age", Value: value })
  const filterOf = async (tags: unknown): Promise<unknown> => {
    const fields = { OptionalFields: ["Size", "Tag"] }
    assert.equal((await put(call, "a", { Filter: { And: { Prefix: "p", Tag: tags } }, ...fields })).error, null)
    const { data } = await call("getBucketInventory", { Id: "a" })
    return (data["InventoryConfiguration"] as { readonly Filter: unknown }).Filter
  }
  // It normalises lists of rules and fields, but not of tags
  assert.deepEqual(await filterOf([tag("1")]), { And: { Prefix: "p", Tag: tag("1") } })
  assert.deepEqual(await filterOf([tag("1"), tag("2")]), { And: { Prefix: "p", Tag: [tag("1"), tag("2")] } })
})

sdk("is refused when it puts or deletes a rule with an empty id", { bucket: { rules: [rule("a")] } }, async (call) => {
  // It checks no id. A GET with an empty one brings it a list, in which it looks for a rule and throws where nobody catches
  assert.equal((await put(call, "")).error?.code, "InvalidArgument")
  assert.equal((await call("deleteBucketInventory", { Id: "" })).error?.code, "InvalidArgument")
})

sdk("is refused when a rule means nothing to COS", {}, async (call) => {
  const malformed = await put(call, "a", { IncludedObjectVersions: "" })
  assert.deepEqual([malformed.error?.code, malformed.error?.statusCode], ["MalformedXML", 400])
  const { error } = await put(call, "a", { Schedule: { Frequency: "Hourly" } })
  assert.equal(error?.code, "InvalidArgument")
})

sdk("lists the buckets of the account", { reach: (port) => ({ ServiceDomain: `127.0.0.1:${port}` }) }, async (call) => {
  const { data, error } = await call("getService", {})
  assert.equal(error, null)
  const buckets = data["Buckets"] as ReadonlyArray<{ readonly Name: string; readonly Location: string }>
  assert.deepEqual(buckets.map(({ Name, Location }) => [Name, Location]), [[bucket.name, bucket.region]])
})
