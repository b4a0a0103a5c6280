/** What a Host says: buckets, and this machine. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { bucketInHost, endsInAppid, isLoopback, plainHost } from "../core/host.ts"
import { bucket, proxied } from "./proxy-world.ts"

const cloudRun = "cos-proxy-123456789012.us-central1.run.app"

test("`bucketInHost` leaves it to its caller what a bucket is, but under a domain of COS", () => {
  const none = () => false
  assert.equal(bucketInHost(cloudRun, none), undefined)
  assert.deepEqual(bucketInHost(cloudRun, endsInAppid), { bucket: "cos-proxy-123456789012" })
  assert.deepEqual(bucketInHost("any-1.cos.ap-guangzhou.myqcloud.com", none), {
    bucket: "any-1",
    region: "ap-guangzhou",
  })
})

test("the proxy answers its own paths under a Host that only ends like a bucket, and not under one of its accounts", async () => {
  await proxied({}, async ({ ask }) => {
    const at = (host: string, path: string) => ask("GET", path, { token: "reader-token", headers: { host } })
    assert.equal((await at(cloudRun, "/healthz")).status, 200)
    assert.equal((await at(cloudRun, "/v1/buckets")).status, 200)
    assert.equal((await at(cloudRun, `/${bucket}/?inventory&id=list1`)).status, 200)
    for (const name of [bucket, "other-1250000000"]) {
      assert.equal((await at(`${name}.proxy.example`, "/healthz")).status, 403, name)
    }
    assert.equal((await at(`${bucket}.proxy.example`, "/?inventory&id=list1")).status, 200)
    assert.equal((await at("none-1250000009.cos.ap-guangzhou.myqcloud.com", "/healthz")).status, 403)
  })
})

test("`isLoopback` knows this machine, and `plainHost` the host of what is not encrypted", () => {
  for (const host of ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"]) assert.ok(isLoopback(host))
  for (const host of ["", "128.0.0.1", "localhost.example.com", "127.0.0.1.example.com", "a.localhost", "0.0.0.0"]) {
    assert.ok(!isLoopback(host), host)
  }
  const hosts = {
    "http://localhost:80/": "localhost",
    "HTTP://[::1]": "[::1]",
    "http://{bucket}.localhost:9000": "{bucket}.localhost",
    "http://127.0.0.1@evil.example/": undefined,
    "http://localhost:80@evil.example/": undefined,
    "https://localhost": undefined,
  }
  for (const [url, host] of Object.entries(hosts)) assert.equal(plainHost(url), host, url)
})
