/** Clients that know nothing of a proxy: Tencent's Node SDK with a virtual key, and this command line with a token. */
import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { demoBucket } from "../adapters/memory/mod.ts"
import { type Invocation, invoke } from "./cli.ts"
import { behindSocket, type SocketWorld } from "./proxy-socket.ts"
import { bucket, hashOf, secretKeyOf } from "./proxy-world.ts"
import { type Client, Cos } from "./sdk.ts"

const { owner, region } = demoBucket
const second = "second-1250000000"
const hidden = "hidden-1250000000"

const options = {
  buckets: [second, hidden].map((name) => ({ name, region, owner })),
  policy: {
    version: 1,
    buckets: [bucket, second, hidden].map((name) => `${name}@${region}`),
    limits: { requestsPerSecond: 10_000, burst: 100_000 },
    principals: [
      {
        name: "team",
        tokens: [hashOf("team-token")],
        keys: ["AKIDteam0"],
        grants: [{
          buckets: [bucket, second],
          operations: ["get", "list", "put", "delete", "run"],
          ids: ["ci-*", "list1"],
          destinations: [`${bucket}/ci/*`],
        }],
        limits: { runsPerDay: 1 },
      },
      {
        name: "all",
        tokens: [hashOf("all-token")],
        grants: [{
          buckets: [bucket, second],
          operations: ["get", "list", "put", "delete"],
          destinations: ["*"],
        }],
      },
      { name: "reader", tokens: [hashOf("reader-token")], keys: ["AKIDreader"], grants: [{ buckets: [bucket] }] },
    ],
  },
}

const upstreamOf = (name: string): string => `https://${name}.cos.${region}.myqcloud.com`

const ruleOf = (Id: string, to: string = bucket) => ({
  Id,
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: owner,
      Bucket: `qcs::cos:${region}::${to}`,
      Prefix: "ci/reports",
    },
  },
  Schedule: { Frequency: "Daily" },
  Filter: { Prefix: "a & b" },
  IncludedObjectVersions: "All",
  OptionalFields: ["Size"],
})

interface Said {
  readonly statusCode?: number
  readonly code?: string
  readonly error?: { readonly Code?: string; readonly Message?: string }
  readonly RequestId?: string
  readonly InventoryConfiguration?: unknown
  readonly InventoryConfigurations?: ReadonlyArray<{ readonly Id: string }>
  readonly Buckets?: ReadonlyArray<{ readonly Name: string; readonly Location: string }>
}

const said = (client: Client, name: string, parameters: Readonly<Record<string, unknown>>): Promise<Said> =>
  new Promise((resolve) =>
    client[name]!(parameters, (error, data) => resolve((error === null || error === undefined ? data : error) as Said))
  )

/** `Ip` brings the SDK to the proxy and keeps COS's own host in the request. */
const clientOf = ({ origin }: SocketWorld, key: string, rest: Readonly<Record<string, unknown>> = {}): Client =>
  new Cos({
    SecretId: key,
    SecretKey: secretKeyOf(key),
    Protocol: "http:",
    // A refusal is tried again at another domain of COS's otherwise
    AutoSwitchHost: false,
    Ip: origin.slice("http://".length),
    ...rest,
  })

test("cos-nodejs-sdk-v5 does all it may with a virtual key", () =>
  behindSocket(options, async (world) => {
    const client = clientOf(world, "AKIDteam0")
    const at = { Bucket: second, Region: region }
    const put = await said(client, "putBucketInventory", {
      ...at,
      Id: "ci-a",
      InventoryConfiguration: ruleOf("ci-a"),
    })
    assert.equal(put.statusCode, 200, JSON.stringify(put))
    const got = await said(client, "getBucketInventory", { ...at, Id: "ci-a" })
    assert.deepEqual(got.InventoryConfiguration, ruleOf("ci-a"))
    const list = await said(client, "listBucketInventory", at)
    assert.deepEqual(list.InventoryConfigurations?.map(({ Id }) => Id), ["ci-a"])
    const shown = await said(client, "listBucketInventory", { ...at, Bucket: bucket })
    assert.deepEqual(shown.InventoryConfigurations?.map(({ Id }) => Id), ["list1"])
    assert.equal((await said(client, "deleteBucketInventory", { ...at, Id: "ci-a" })).statusCode, 204)
    const gone = await said(client, "getBucketInventory", { ...at, Id: "ci-a" })
    assert.deepEqual([gone.statusCode, gone.code], [404, "InventoryConfigurationNotFoundError"])
  }))

test("cos-nodejs-sdk-v5 reads AccessDenied of all it may not", () =>
  behindSocket(options, async (world) => {
    const at = { Bucket: bucket, Region: region }
    const configuration = { Id: "ci-a", InventoryConfiguration: ruleOf("ci-a") }
    const team: ReadonlyArray<readonly [name: string, parameters: Readonly<Record<string, unknown>>]> = [
      ["putBucketInventory", { ...at, Id: "other", InventoryConfiguration: ruleOf("other") }],
      ["putBucketInventory", { ...at, Id: "ci-a", InventoryConfiguration: ruleOf("ci-a", second) }],
      ["putBucketInventory", { ...at, Bucket: hidden, ...configuration }],
      ["getBucketInventory", { ...at, Id: "list2" }],
      ["deleteBucketInventory", { ...at, Id: "list2" }],
      ["listBucketInventory", { ...at, Bucket: hidden }],
      ["listBucketInventory", { ...at, Bucket: "missing-1250000000" }],
      ["getBucket", at],
      ["headBucket", at],
      ["putBucket", { ...at, Bucket: "new-1250000000" }],
      ["deleteBucket", at],
      ["putObject", { ...at, Key: "a", Body: "body" }],
      ["getObject", { ...at, Key: "a" }],
      ["headObject", { ...at, Key: "a" }],
      ["deleteObject", { ...at, Key: "a" }],
      ["deleteMultipleObject", { ...at, Objects: [{ Key: "a" }] }],
      ["optionsObject", { ...at, Key: "a", Origin: "https://evil.example", AccessControlRequestMethod: "PUT" }],
      ["multipartInit", { ...at, Key: "a" }],
      ["listObjectVersions", at],
      ["getBucketAcl", at],
      ["putBucketAcl", { ...at, ACL: "public-read" }],
      ["getBucketPolicy", at],
      ["putBucketPolicy", { ...at, Policy: { version: "2.0", Statement: [] } }],
      ["deleteBucketPolicy", at],
      ["putBucketCors", { ...at, CORSRules: [] }],
      ["getBucketLifecycle", at],
      ["getBucketLocation", at],
    ]
    const reader: typeof team = [
      ["putBucketInventory", { ...at, ...configuration }],
      ["deleteBucketInventory", { ...at, Id: "list1" }],
      ["listBucketInventory", { ...at, Bucket: second }],
    ]
    for (const [key, calls] of [["AKIDteam0", team], ["AKIDreader", reader]] as const) {
      const client = clientOf(world, key)
      for (const [name, parameters] of calls) {
        const answer = await said(client, name, parameters)
        assert.equal(answer.statusCode, 403, `${name} ${JSON.stringify(answer)}`)
        // A HEAD and an OPTIONS have no document to read the words from
        if (/^head|^options/u.test(name)) continue
        assert.ok(answer.RequestId, name)
        assert.equal(answer.code, "AccessDenied", `${name} ${JSON.stringify(answer)}`)
        assert.match(answer.error?.Message ?? "", /^Access Denied\./u, name)
      }
    }
    assert.deepEqual(world.upstream(), [])
  }))

test("cos-nodejs-sdk-v5 means the only bucket of a grant when its Domain is the proxy", () =>
  behindSocket(options, async (world) => {
    const client = clientOf(world, "AKIDreader", { Ip: "", Domain: world.origin.slice("http://".length) })
    const at = { Bucket: second, Region: region }
    const list = await said(client, "listBucketInventory", at)
    assert.deepEqual(list.InventoryConfigurations?.map(({ Id }) => Id), ["list1", "list2", "list3"])
    assert.equal((await said(client, "getObject", { ...at, Key: "a" })).code, "AccessDenied")
    assert.deepEqual(new Set(world.upstream().map(({ origin }) => origin)), new Set([upstreamOf(bucket)]))
  }))

test("cos-nodejs-sdk-v5 lists the buckets it may use, and reads what is wrong with its key", () =>
  behindSocket(options, async (world) => {
    const { origin } = world
    const settings = {
      Protocol: "http:",
      ServiceDomain: origin,
      Ip: origin.slice("http://".length),
      AutoSwitchHost: false,
    }
    const service = (SecretId: string, SecretKey = secretKeyOf(SecretId)) =>
      said(new Cos({ ...settings, SecretId, SecretKey }), "getService", {})
    const buckets = (names: ReadonlyArray<string>) => names.map((Name) => ({ Name, Location: region }))
    assert.deepEqual((await service("AKIDteam0")).Buckets, buckets([bucket, second]))
    assert.deepEqual((await service("AKIDreader")).Buckets, buckets([bucket]))
    assert.equal((await service("AKIDteam0", "another")).code, "SignatureDoesNotMatch")
    assert.equal((await service("AKIDnobody")).code, "InvalidAccessKeyId")
    assert.deepEqual(world.upstream(), [])
  }))

const spoken = ({ origin }: SocketWorld, token: string) => (args: ReadonlyArray<string>, invocation: Invocation = {}) =>
  invoke(args, {
    ...invocation,
    env: { COS_PROXY_URL: origin, COS_PROXY_TOKEN: token, COS_BUCKET: bucket, COS_REGION: region, ...invocation.env },
  })

const document = (id: string, destination: string, isPeriodic = true) =>
  JSON.stringify({
    id,
    includedObjectVersions: "All",
    ...(isPeriodic ? { isEnabled: true, schedule: { frequency: "Daily" } } : {}),
    destination: { bucket: destination, prefix: "ci/reports", format: "CSV" },
  })

test("the command line does by token all that a grant allows", () =>
  behindSocket(options, async (world) => {
    const go = spoken(world, "team-token")
    const put = await go(["put", "-"], { stdin: document("ci-a", bucket) })
    assert.equal(put.code, 0, put.err)
    const got = await go(["get", "ci-a", "-o", "json"])
    assert.equal(got.code, 0, got.err)
    assert.equal(JSON.parse(got.out).configuration.id, "ci-a")
    const list = await go(["list", "-o", "json"])
    assert.deepEqual(idsIn(list.out), ["ci-a", "list1"])
    assert.equal((await go(["disable", "ci-a"])).code, 0)
    assert.equal(JSON.parse((await go(["get", "ci-a", "-o", "json"])).out).configuration.isEnabled, false)
    assert.equal((await go(["enable", "ci-a"])).code, 0)
    const deleted = await go(["delete", "ci-a", "--yes"])
    assert.equal(deleted.code, 0, deleted.err)
    assert.equal((await go(["get", "ci-a"])).code, 3)
    const run = await go(["run", "-"], { stdin: document("ci-once", bucket, false) })
    assert.equal(run.code, 0, run.err)
  }))

/** Of a list in JSON, whatever stands around the rules. */
const idsIn = (json: string): ReadonlyArray<string> =>
  Array.from(json.matchAll(/"id": *"([^"]*)"/gu), (match) => match[1]!).toSorted()

test("the command line says that it is denied, and exits 4, for all that no grant allows", () =>
  behindSocket(options, async (world) => {
    const go = spoken(world, "team-token")
    const calls: ReadonlyArray<readonly [args: ReadonlyArray<string>, stdin?: string]> = [
      [["get", "list2"]],
      [["delete", "list2", "--yes"]],
      [["disable", "list2"]],
      [["list", "--bucket", hidden]],
      [["list", "--bucket", "missing-1250000000"]],
      [["put", "-"], document("other", bucket)],
      [["put", "-"], document("ci-a", second)],
      [["put", "-", "--bucket", hidden], document("ci-a", bucket)],
      [["run", "-"], document("other", bucket, false)],
    ]
    for (const [args, stdin = ""] of calls) {
      const { code, err } = await go(args, { stdin })
      assert.equal(code, 4, `${args.join(" ")}: ${err}`)
      assert.match(err, /denied/iu)
    }
    const stranger = spoken(world, "another-token")
    assert.equal((await stranger(["list"])).code, 4)
    assert.deepEqual(world.upstream().filter(({ method }) => method !== "GET"), [])
  }))

test("the command line works on all the buckets of a grant, and on no other, when it asks the proxy which there are", () =>
  behindSocket(options, async (world) => {
    const go = spoken(world, "all-token")
    const buckets = await go(["buckets", "-o", "json"])
    assert.equal(buckets.code, 0, buckets.err)
    assert.ok(
      buckets.out.includes(bucket) && buckets.out.includes(second) && !buckets.out.includes(hidden),
      buckets.out,
    )
    assert.equal((await go(["buckets"])).code, 0)
    const list = await go(["list", "--all-buckets", "-o", "json"])
    assert.equal(list.code, 0, list.err)
    assert.deepEqual(idsIn(list.out), ["list1", "list2", "list3"])

    const copied = await go(["copy", `${bucket}@${region}`, `${second}@${region}`, "--id", "list1", "--yes"])
    assert.equal(copied.code, 0, copied.err)
    assert.deepEqual(idsIn((await go(["list", "--bucket", second, "-o", "json"])).out), ["list1"])
    const folder = mkdtempSync(join(tmpdir(), "cos-inventory-proxy-"))
    try {
      const rules = join(folder, "rules")
      const exported = await go(["export", "--all-buckets", "--out", rules])
      assert.equal(exported.code, 0, exported.err)
      assert.equal((await go(["plan", rules])).code, 0)
      assert.equal((await go(["delete", "list1", "--bucket", second, "--yes"])).code, 0)
      const planned = await go(["plan", rules])
      assert.equal(planned.code, 2, planned.err)
      const applied = await go(["apply", rules, "--yes"])
      assert.equal(applied.code, 0, applied.err)
      assert.equal((await go(["plan", rules])).code, 0)
    } finally {
      rmSync(folder, { recursive: true })
    }
    assert.deepEqual(
      new Set(world.upstream().map(({ origin }) => origin)),
      new Set([bucket, second].map(upstreamOf)),
    )
  }))
