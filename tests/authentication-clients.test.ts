/** Clients as they are, with virtual keys: Tencent's own SDK and this command line, over a socket. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoBucket } from "../adapters/memory/mod.ts"
import { make } from "../adapters/policy/issuing.ts"
import { listen } from "../http/listen.ts"
import { invoke } from "./cli.ts"
import { bucket, openWorld, proxySecret, secretKeyOf } from "./proxy-world.ts"
import { Cos } from "./sdk.ts"

const issuing = make(Redacted.make(proxySecret))

const onSocket = (body: (origin: string) => Promise<void>) =>
  Effect.gen(function* () {
    const { app } = yield* openWorld({})
    const { origin } = yield* listen({ app, graceMillis: 0 })
    return yield* Effect.promise(() => body(origin))
  }).pipe(Effect.provide(layerHashes), Effect.scoped, Effect.runPromise)

interface Keys {
  readonly secretId: string
  readonly secretKey: string
  readonly sessionToken?: string
}

/** The pair of an id, and temporary keys of it. */
const keysOf = (secretId: string): ReadonlyArray<Keys> => [
  { secretId, secretKey: secretKeyOf(secretId) },
  { secretId, ...issuing.temporaryOf(secretId, Math.floor(Date.now() / 1000) + 600) },
]

const sdkAsks = (origin: string, { secretId, secretKey, sessionToken }: Keys) => {
  const client = new Cos({
    SecretId: secretId,
    SecretKey: secretKey,
    ...(sessionToken === undefined ? {} : { SecurityToken: sessionToken }),
    Protocol: "http:",
    Ip: origin.slice("http://".length),
  })
  return (name: string, more: Readonly<Record<string, unknown>>): Promise<unknown> =>
    new Promise((resolve, reject) =>
      client[name]!(
        { Bucket: bucket, Region: demoBucket.region, ...more },
        (error, data) => error === null ? resolve(data) : reject(error),
      )
    )
}

test("cos-nodejs-sdk-v5 reads, writes and deletes with permanent and with temporary virtual keys", () =>
  onSocket(async (origin) => {
    for (const keys of keysOf("AKIDwriter")) {
      const ask = sdkAsks(origin, keys)
      await ask("putBucketInventory", {
        Id: "ci-sdk",
        InventoryConfiguration: {
          Id: "ci-sdk",
          IsEnabled: "true",
          IncludedObjectVersions: "Current",
          Schedule: { Frequency: "Daily" },
          Destination: {
            COSBucketDestination: {
              Format: "CSV",
              AccountId: "100000000001",
              Bucket: `qcs::cos:${demoBucket.region}::${bucket}`,
              Prefix: "ci/x",
            },
          },
        },
      })
      assert.match(JSON.stringify(await ask("getBucketInventory", { Id: "ci-sdk" })), /"ci-sdk"/u)
      await ask("deleteBucketInventory", { Id: "ci-sdk" })
    }
  }))

test("cos-nodejs-sdk-v5 is told that its temporary keys have expired, or are not the token's", () =>
  onSocket(async (origin) => {
    const [, temporary] = keysOf("AKIDreader")
    const past = { secretId: "AKIDreader", ...issuing.temporaryOf("AKIDreader", 1_700_000_000) }
    await assert.rejects(sdkAsks(origin, past)("getBucketInventory", { Id: "list1" }), { code: "ExpiredToken" })
    const mixed = { ...temporary!, secretKey: secretKeyOf("AKIDreader") }
    await assert.rejects(sdkAsks(origin, mixed)("getBucketInventory", { Id: "list1" }), {
      code: "SignatureDoesNotMatch",
    })
  }))

test("this command line reads with virtual keys, and ends with 4 when they have expired", () =>
  onSocket(async (origin) => {
    const env = ({ secretId, secretKey, sessionToken }: Keys): Record<string, string> => ({
      COS_ENDPOINT: origin,
      COS_BUCKET: bucket,
      COS_REGION: demoBucket.region,
      COS_SECRET_ID: secretId,
      COS_SECRET_KEY: secretKey,
      ...(sessionToken === undefined ? {} : { COS_SESSION_TOKEN: sessionToken }),
    })
    for (const keys of keysOf("AKIDreader")) {
      const { code, out, err } = await invoke(["get", "list1", "-o", "json"], { env: env(keys) })
      assert.equal(code, 0, err)
      assert.match(out, /"list1"/u)
    }
    const past = { secretId: "AKIDreader", ...issuing.temporaryOf("AKIDreader", 1_700_000_000) }
    const { code, err } = await invoke(["get", "list1"], { env: env(past) })
    assert.equal(code, 4)
    assert.match(err, /ExpiredToken/u)
  }))
