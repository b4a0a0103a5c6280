/** What a proxy does, wherever it runs: asked over its socket, before a COS behind another one. */
import { strict as assert } from "node:assert"
import { demoBucket } from "../adapters/memory/mod.ts"
import { invoke } from "./cli.ts"
import { exchange, statusOf } from "./door.ts"
import { type Server, type Upstream, virtualKeyOf } from "./proxy-servers.ts"
import { bucket, policyForm } from "./proxy-world.ts"
import { Cos } from "./sdk.ts"

export interface Check {
  /** After "the proxy". */
  readonly name: string
  readonly check: (proxy: Server, upstream: Upstream) => Promise<void>
}

/** The policy of every proxy that the checks are made of. */
export const suitePolicy = ({ origin }: Upstream) => ({
  ...policyForm,
  endpoint: origin,
  metrics: "open",
  limits: { requestsPerSecond: 10_000, burst: 10_000, concurrency: 100 },
})

export const rulePath = (id: string) => `/${bucket}/?inventory&id=${id}`
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const portOf = ({ origin }: Server): number => Number(new URL(origin).port)

const inventory = (id: string, destination = `qcs::cos:${demoBucket.region}::${bucket}`) => ({
  id,
  isEnabled: true,
  includedObjectVersions: "All",
  schedule: { frequency: "Daily" },
  destination: { bucket: destination, prefix: "ci/reports", format: "CSV" },
})

/** The same as the SDK takes it. */
const configurationOf = (id: string) => ({
  Id: id,
  IsEnabled: "true",
  IncludedObjectVersions: "All",
  Schedule: { Frequency: "Daily" },
  Destination: {
    COSBucketDestination: { Bucket: `qcs::cos:${demoBucket.region}::${bucket}`, Prefix: "ci/reports", Format: "CSV" },
  },
})

export const checks: ReadonlyArray<Check> = [
  {
    name: "gives a reader a rule by token",
    check: async ({ origin }, upstream) => {
      const before = upstream.asked().length
      const answer = await fetch(origin + rulePath("list1"), { headers: bearer("reader-token") })
      assert.equal(answer.status, 200)
      assert.match(await answer.text(), /<Id>list1<\/Id>/u)
      assert.match(answer.headers.get("x-request-id") ?? "", /./u)
      assert.deepEqual(upstream.asked().slice(before), [`GET ${rulePath("list1")}`])
    },
  },
  {
    name: "denies a reader a write in COS's own words, and asks COS nothing",
    check: async ({ origin }, upstream) => {
      const before = upstream.asked().length
      const headers = bearer("reader-token")
      for (const method of ["DELETE", "PUT", "POST"]) {
        const body = method === "DELETE" ? {} : { body: "<InventoryConfiguration/>" }
        const answer = await fetch(origin + rulePath("list1"), { method, headers, ...body })
        assert.ok([400, 403].includes(answer.status), `${method} ${answer.status}`)
        assert.match(await answer.text(), method === "DELETE" ? /<Code>AccessDenied<\/Code>/u : /<Code>\w+<\/Code>/u)
      }
      assert.equal(upstream.asked().length, before)
    },
  },
  {
    name: "lets nobody in whose token is no principal's",
    check: async ({ origin }, upstream) => {
      const before = upstream.asked().length
      for (const headers of [{}, bearer("other"), bearer("")]) {
        const answer = await fetch(origin + rulePath("list1"), { headers })
        assert.equal(answer.status, 403)
        assert.match(await answer.text(), /<Code>AccessDenied<\/Code>/u)
      }
      assert.equal(upstream.asked().length, before)
    },
  },
  {
    name: "serves Tencent's own SDK with a virtual key, and refuses it the rest",
    check: async (proxy) => {
      const ask = clientOf(proxy, "AKIDwriter")
      const at = { Bucket: bucket, Region: demoBucket.region }
      await ask("putBucketInventory", { ...at, Id: "ci-sdk", InventoryConfiguration: configurationOf("ci-sdk") })
      const got = await ask("getBucketInventory", { ...at, Id: "ci-sdk" })
      assert.match(JSON.stringify(got), /"Id":"ci-sdk"/u)
      assert.match(JSON.stringify(await ask("listBucketInventory", at)), /"ci-sdk"/u)
      await ask("deleteBucketInventory", { ...at, Id: "ci-sdk" })
      await assert.rejects(ask("getBucketInventory", { ...at, Id: "list1" }), { code: "AccessDenied" })
      await assert.rejects(ask("getObject", { ...at, Key: "a.txt" }), { code: "AccessDenied" })
    },
  },
  {
    name: "serves this command line with a token, which ends with 4 when it may not",
    check: async ({ origin }) => {
      const env = {
        COS_PROXY_URL: origin,
        COS_PROXY_TOKEN: "reader-token",
        COS_BUCKET: bucket,
        COS_REGION: demoBucket.region,
      }
      const listed = await invoke(["list"], { env })
      assert.equal(listed.code, 0, listed.err)
      assert.match(listed.out, /list1[^]*list2[^]*list3/u)
      const denied = await invoke(["delete", "list1", "--yes"], { env })
      assert.equal(denied.code, 4, denied.err)
      assert.match(denied.err, /AccessDenied/u)
    },
  },
  {
    name: "takes and gives rules in JSON",
    check: async ({ origin }) => {
      const at = `${origin}/v1/buckets/${bucket}/inventories/ci-json`
      const headers = { ...bearer("writer-token"), "content-type": "application/json" }
      const rule = inventory("ci-json")
      const put = await fetch(at, { method: "PUT", headers, body: JSON.stringify(rule) })
      assert.ok(put.ok, await put.text())
      const got = await fetch(at, { headers })
      assert.equal(got.status, 200)
      assert.deepEqual(((await got.json()) as { readonly configuration: unknown }).configuration, rule)
      assert.ok((await fetch(at, { method: "DELETE", headers })).ok)
      const denied = await fetch(at, { headers: bearer("other") })
      assert.ok([401, 403].includes(denied.status))
      assert.match(denied.headers.get("content-type") ?? "", /^application\/problem\+json/u)
      await denied.body?.cancel()
    },
  },
  {
    name: "says that it lives, and that it can do its work",
    check: async ({ origin }) => {
      for (const path of ["/healthz", "/readyz"]) {
        const answer = await fetch(origin + path)
        assert.equal(answer.status, 200, await answer.text())
      }
    },
  },
  {
    name: "counts what it does where metrics are open",
    check: async ({ origin }) => {
      const answer = await fetch(`${origin}/metrics`)
      assert.equal(answer.status, 200)
      assert.match(await answer.text(), /^# (?:HELP|TYPE) /mu)
    },
  },
  {
    name: "has no path of its own on a Host that names a bucket",
    check: async (proxy) => {
      const host = `${bucket}.cos.${demoBucket.region}.myqcloud.com`
      for (const path of ["/healthz", "/readyz", "/metrics", "/docs", `/v1/buckets/${bucket}/inventories`]) {
        const answer = await exchange(
          portOf(proxy),
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer reader-token\r\n\r\n`,
        )
        assert.equal(statusOf(answer), 403, path)
        assert.match(answer.body, /<Code>AccessDenied<\/Code>/u)
      }
    },
  },
  {
    name: "asks the COS of its policy alone, whatever a Host says",
    check: async (proxy, upstream) => {
      const before = upstream.asked().length
      const lines = [
        "Host: evil.example",
        "X-Forwarded-Host: evil.example",
        "Forwarded: host=evil.example",
        "Authorization: Bearer reader-token",
      ]
      const answer = await exchange(portOf(proxy), `GET ${rulePath("list1")} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
      assert.equal(statusOf(answer), 200)
      assert.deepEqual(upstream.asked().slice(before), [`GET ${rulePath("list1")}`])
      const foreign = "examplebucket-1250000000.cos.ap-beijing.myqcloud.com"
      const other = await exchange(
        portOf(proxy),
        `GET /?inventory&id=list1 HTTP/1.1\r\nHost: ${foreign}\r\nAuthorization: Bearer reader-token\r\n\r\n`,
      )
      assert.equal(statusOf(other), 403)
      assert.equal(upstream.asked().length, before + 1)
    },
  },
  {
    name: "refuses two Hosts and two framings",
    check: async (proxy, upstream) => {
      const before = upstream.asked().length
      const heads = [
        "Host: a.example\r\nHost: b.example",
        "Host: a.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
      ]
      for (const head of heads) {
        const text = `PUT ${rulePath("ci-a")} HTTP/1.1\r\n${head}\r\nAuthorization: Bearer writer-token\r\n\r\n`
        const answer = await exchange(portOf(proxy), `${text}0\r\n\r\n`)
        assert.ok(statusOf(answer) >= 400 && statusOf(answer) < 500, answer.head)
      }
      assert.equal(upstream.asked().length, before)
    },
  },
  {
    name: "answers every one of many identical reads that come at once",
    check: async ({ origin }) => {
      const ask = async (id: string) => {
        const answer = await fetch(origin + rulePath(id), { headers: bearer("reader-token") })
        return `${answer.status} ${/<Id>(.*?)<\/Id>/u.exec(await answer.text())?.[1]}`
      }
      const ids = Array.from({ length: 30 }, (_, at) => `list${1 + at % 3}`)
      assert.deepEqual(await Promise.all(ids.map(ask)), ids.map((id) => `200 ${id}`))
    },
  },
  {
    name: "refuses a body that is too large",
    check: async ({ origin }, upstream) => {
      const before = upstream.asked().length
      const answer = await fetch(origin + rulePath("ci-large"), {
        method: "PUT",
        headers: bearer("writer-token"),
        body: " ".repeat(1024 * 1024 + 1),
      })
      assert.equal(answer.status, 400)
      assert.match(await answer.text(), /<Code>XMLSizeLimit<\/Code>/u)
      assert.equal(upstream.asked().length, before)
    },
  },
]

const clientOf = (proxy: Server, secretId: string) => {
  const client = new Cos({
    SecretId: secretId,
    SecretKey: virtualKeyOf(secretId),
    Protocol: "http:",
    Ip: `127.0.0.1:${portOf(proxy)}`,
  })
  return (name: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> =>
    new Promise((resolve, reject) =>
      client[name]!(parameters, (error, data) => error === null ? resolve(data) : reject(error))
    )
}
