/** The numbers of a proxy: what they count, who may read them, and how many series there can be. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { TransportError } from "../core/errors.ts"
import { bucket, hashOf, policyForm } from "./proxy-world.ts"
import { observing, ruleXml } from "./telemetry-world.ts"

const target = `/${bucket}/?inventory&id=list1`
const reader = { token: "reader-token" }

/** Samples of the text form, as `name{labels}` and value; what is none fails. */
const samplesOf = (text: string): ReadonlyMap<string, number> => {
  assert.equal(text.endsWith("\n"), true)
  const lines = text.slice(0, -1).split("\n")
  const samples = lines.filter((line) => !line.startsWith("# ")).map((line): [string, number] => {
    const [, name, value] = /^([a-z_]+(?:\{(?:[a-z_]+="[^"\\]*",?)*\})?) ([0-9.e+-]+)$/u.exec(line) ?? []
    assert.notEqual(name, undefined, line)
    return [name!, Number(value)]
  })
  assert.equal(new Set(samples.map(([name]) => name)).size, samples.length)
  return new Map(samples)
}

test("the metrics count each request once, by what was asked, how it ended and who asked", () =>
  observing({}, async ({ ask }) => {
    await ask("GET", target, reader)
    await ask("GET", target, reader)
    await ask("GET", `/${bucket}/?inventory&id=nothing`, reader)
    await ask("DELETE", target, reader)
    await ask("GET", target, { token: "nobody's" })
    await ask("PUT", `/${bucket}/?inventory&id=ci-a`, { token: "writer-token", body: ruleXml("ci-a") })
    const answer = await ask("GET", "/metrics")
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
    const samples = samplesOf(answer.text)
    const requests = (operation: string, outcome: string, principal: string, status: string) =>
      samples.get(
        `cos_proxy_requests_total{operation="${operation}",outcome="${outcome}",principal="${principal}",status="${status}"}`,
      )
    assert.equal(requests("GetBucketInventory", "allowed", "reader", "2xx"), 2)
    assert.equal(requests("GetBucketInventory", "allowed", "reader", "4xx"), 1)
    assert.equal(requests("DeleteBucketInventory", "denied", "reader", "4xx"), 1)
    assert.equal(requests("GetBucketInventory", "unauthenticated", "", "4xx"), 1)
    assert.equal(requests("PutBucketInventory", "allowed", "writer", "2xx"), 1)
    assert.equal(samples.get('cos_proxy_request_seconds_count{operation="GetBucketInventory"}'), 4)
    assert.equal(samples.get('cos_proxy_request_seconds_bucket{operation="GetBucketInventory",le="+Inf"}'), 4)
    // The one that reads them
    assert.equal(samples.get("cos_proxy_requests_in_flight"), 1)
    // Three reads, the audit's own, and the write
    assert.equal(samples.get('cos_proxy_upstream_requests_total{method="GET",status="2xx"}'), 2)
    assert.equal(samples.get('cos_proxy_upstream_requests_total{method="GET",status="4xx"}'), 2)
    assert.equal(samples.get('cos_proxy_upstream_requests_total{method="PUT",status="2xx"}'), 1)
    assert.equal(samples.get("cos_proxy_upstream_seconds_count"), 5)
    assert.equal(samples.get("cos_proxy_faults_total"), 0)
    assert.equal(samples.get("cos_proxy_audit_failures_total"), 0)
    assert.match(answer.text, /^# TYPE cos_proxy_requests_total counter$/mu)
    assert.match(answer.text, /^# TYPE cos_proxy_request_seconds histogram$/mu)
  }))

test("the metrics count an attempt at COS that got no answer, and a caller that left", () => {
  const lost = new TransportError({ kind: "tls", sent: "no", host: "cos", detail: "Refused" })
  const leaving = new AbortController()
  let asked = 0
  const between = () => ({
    send: () =>
      asked++ === 0
        ? Effect.fail(lost)
        : Effect.andThen(Effect.sync(() => leaving.abort()), Effect.flatMap(Deferred.make<never>(), Deferred.await)),
  })
  return observing({ between }, async ({ ask, app }) => {
    await ask("GET", target, reader)
    const request = new Request(`http://proxy.test${target}`, {
      headers: { host: "proxy.test", authorization: "Bearer reader-token" },
      signal: leaving.signal,
    })
    await assert.rejects(Promise.resolve(app.fetch(request)))
    const samples = samplesOf((await ask("GET", "/metrics")).text)
    assert.equal(samples.get('cos_proxy_upstream_requests_total{method="GET",status="none"}'), 2)
    const labels = 'operation="GetBucketInventory",outcome="left",principal="reader",status="none"'
    assert.equal(samples.get(`cos_proxy_requests_total{${labels}}`), 1)
    assert.equal(samples.get("cos_proxy_requests_in_flight"), 1)
  })
})

test("the metrics have as many series for a thousand strange requests as for one", () =>
  observing({ policy: { ...policyForm, metrics: "open", limits: { burst: 1000 } } }, async ({ ask }) => {
    const strange = async (from: number, to: number) => {
      for (let at = from; at < to; at++) {
        await ask("GET", `/?strange-${at}=${at}`, { token: `token-${at}`, headers: { "x-request-id": `id-${at}` } })
        await ask("GET", `/bucket-${at}-1250000000/?inventory&id=rule-${at}`, reader)
        await ask("PATCH", `/strange/${at}`, reader)
      }
      return samplesOf((await ask("GET", "/metrics")).text)
    }
    await ask("GET", "/metrics")
    const first = await strange(0, 2)
    const later = await strange(2, 40)
    assert.deepEqual([...later.keys()].toSorted(), [...first.keys()].toSorted())
    assert.doesNotMatch([...later.keys()].join(), /strange|rule-|bucket-|id-/u)
  }))

test("the metrics of one proxy are none of another's in the same process", () =>
  observing({}, async (one) => {
    await one.ask("GET", target, reader)
    await observing({}, async (other) => {
      const { text } = await other.ask("GET", "/metrics")
      assert.doesNotMatch(text, /GetBucketInventory/u)
    })
    assert.match((await one.ask("GET", "/metrics")).text, /GetBucketInventory/u)
  }))

test("the metrics are for those alone whom the policy names, and are no principal's by being one", async () => {
  const policies: ReadonlyArray<readonly [metrics: unknown, token: string | undefined, status: number]> = [
    [undefined, undefined, 401],
    [undefined, "reader-token", 401],
    [{ tokens: [hashOf("scraper")] }, undefined, 401],
    [{ tokens: [hashOf("scraper")] }, "reader-token", 401],
    [{ tokens: [hashOf("scraper")] }, hashOf("scraper"), 401],
    [{ tokens: [hashOf("scraper")] }, "scraper", 200],
    [{ tokens: [] }, "scraper", 401],
    ["open", undefined, 200],
  ]
  for (const [metrics, token, status] of policies) {
    await observing(
      { policy: { ...policyForm, ...(metrics === undefined ? {} : { metrics }) } },
      async ({ ask, upstream }) => {
        const answer = await ask("GET", "/metrics", token === undefined ? {} : { token })
        assert.equal(answer.status, status, JSON.stringify([metrics, token]))
        assert.equal(answer.text.includes("cos_proxy"), status === 200)
        assert.deepEqual(upstream, [])
      },
    )
  }
  await observing({ policy: { ...policyForm, metrics: { tokens: [hashOf("scraper")] } } }, async ({ ask }) => {
    assert.equal((await ask("GET", target, { token: "scraper" })).status, 403)
  })
})

test("the metrics can be read alone, and only on a Host that names no bucket", () =>
  observing({}, async ({ ask }) => {
    assert.equal((await ask("POST", "/metrics", { body: "a" })).status, 405)
    const { text } = await ask("GET", "/metrics", {
      headers: { host: `${bucket}.cos.ap-guangzhou.myqcloud.com` },
    })
    assert.doesNotMatch(text, /cos_proxy/u)
  }))
