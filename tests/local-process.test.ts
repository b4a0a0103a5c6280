/** The local COS without a port, as other people's tests use it. */
import { strict as assert } from "node:assert"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { layer as layerFetch } from "../adapters/fetch.ts"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { type LocalCos, localKey, makeLocalCos } from "../adapters/local.ts"
import { layer as layerSigned } from "../adapters/signed.ts"
import { getInventory, putInventory, runInventory } from "../core/client.ts"
import { Credentials, type Send, Transport } from "../core/ports.ts"
import { keyTimeAt, sign } from "../core/signing/mod.ts"
import { job, rule } from "./laws-world.ts"

const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }
const origin = `http://${at.bucket}.cos.${at.region}.myqcloud.com`
const start = Date.UTC(2026, 0, 1)
const day = 24 * 60 * 60 * 1000

const keys = Layer.succeed(
  Credentials,
  Effect.succeed({ secretId: localKey.secretId, secretKey: Redacted.make<string>(localKey.secretKey) }),
)
const through = (transport: Layer.Layer<Transport>) =>
  layerSigned.pipe(Layer.provide([transport, keys]), Layer.provideMerge(layerHashes))
const over = (transport: Send) => through(Layer.succeed(Transport, transport))

/** A signed request for `fetch`. */
const signed = (method: string, target: string, body = ""): Request => {
  const bytes = new TextEncoder().encode(body)
  const request = { method, origin, target, headers: [], body: bytes }
  const authorization = sign(request, {
    ...localKey,
    keyTime: keyTimeAt(Math.floor(Date.now() / 1000)),
    hashes,
    headers: ["host"],
  })
  return new Request(origin + target, {
    method,
    headers: { authorization },
    ...(body === "" ? {} : { body }),
  })
}

test("a local COS in process answers this library's client over its Transport", async () => {
  const cos = await makeLocalCos()
  const sent = rule("daily")
  const { configuration } = await Effect.runPromise(
    Effect.andThen(putInventory(at, sent), getInventory(at, "daily")).pipe(Effect.provide(over(cos.transport))),
  )
  assert.deepEqual(configuration, sent)
  assert.deepEqual(
    cos.requests().map(({ method, operation, bucket, id, status }) => [method, operation, bucket, id, status]),
    [
      ["PUT", "PutBucketInventory", at.bucket, "daily", 200],
      ["GET", "GetBucketInventory", at.bucket, "daily", 200],
    ],
  )
  await cos.close()
})

test("a local COS in process answers this library's client over its fetch", async () => {
  const cos = await makeLocalCos({ seed: "demo" })
  // It is called as the global one is; the cast leaves out what Bun adds to that
  const transport = layerFetch({ fetch: cos.fetch as typeof fetch })
  const { configuration } = await Effect.runPromise(
    getInventory(at, "list1").pipe(Effect.provide(through(transport))),
  )
  assert.equal(configuration.id, "list1")
  await cos.close()
})

test("a local COS in process keeps what is put and gives it back over fetch", async () => {
  const cos = await makeLocalCos()
  assert.equal((await cos.fetch(signed("PUT", "/a%2Fb.txt", "one"))).status, 200)
  const got = await cos.fetch(signed("GET", "/a/b.txt"))
  assert.deepEqual([got.status, await got.text()], [200, "one"])
  assert.equal((await cos.fetch(`${origin}/a/b.txt`)).status, 403)
  await cos.close()
})

test("a local COS in process keeps no signature in what was asked when a link is signed", async () => {
  const cos = await makeLocalCos()
  await cos.fetch(`${origin}/x?sign=q-sign-algorithm%3Dsha1%26q-signature%3Dabcdef`)
  const [recorded] = cos.requests()
  assert.equal(recorded!.status, 400)
  assert.doesNotMatch(JSON.stringify(recorded), /abcdef/u)
  await cos.close()
})

test("a local COS in process makes the reports that fall due when its clock is moved", async () => {
  const cos = await makeLocalCos({ clock: start })
  await cos.fetch(signed("PUT", "/a.txt", "one"))
  await Effect.runPromise(putInventory(at, rule("daily")).pipe(Effect.provide(over(cos.transport))))
  const runs = await cos.advance(start + 3 * day)
  assert.deepEqual(runs.map(({ rule, state, objects }) => [rule, state, objects]), [
    ["daily", "done", 1],
    // Each lists the reports before it, which lie in the same bucket: a data file, a manifest and its checksum
    ["daily", "done", 4],
    ["daily", "done", 7],
  ])
  const data = await cos.fetch(signed("GET", `/${runs[0]!.wrote[0]!}`))
  const rows = gunzipSync(new Uint8Array(await data.arrayBuffer())).toString().trim().split("\n")
  assert.equal(rows.length, 1)
  assert.match(rows[0]!, /a\.txt/u)
  await cos.close()
})

test("a local COS in process has made the report of a job when it has settled", async () => {
  const cos = await makeLocalCos({ clock: start, seed: "demo" })
  await Effect.runPromise(runInventory(at, job("once")).pipe(Effect.provide(over(cos.transport))))
  await cos.settled()
  assert.deepEqual(cos.runs().map(({ rule, state }) => [rule, state]), [["once", "done"]])
  await cos.close()
})

const admin = async (cos: Pick<LocalCos, "fetch">, path: string, body?: unknown) => {
  const response = await cos.fetch(
    `http://127.0.0.1/_local/${path}`,
    body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
  )
  return { status: response.status, value: await response.json() }
}

test("a local COS in process loses the permission to write reports when a fault says so", async () => {
  const cos = await makeLocalCos({ clock: start, seed: "demo" })
  const fault = { denyDestination: "inventorybucket-1250000000", times: 1 }
  assert.equal((await admin(cos, "faults", fault)).status, 201)
  const runs = await cos.advance(start + 2 * day)
  const states = (id: string) => runs.filter(({ rule }) => rule === id).map(({ state }) => state)
  assert.deepEqual([states("list1"), states("list2"), states("list3")], [
    ["done", "done"],
    ["failed", "done"],
    ["done", "done"],
  ])
  assert.match(runs.find(({ state }) => state === "failed")!.why!, /inventorybucket-1250000000/u)
  await cos.close()
})

test("a local COS in process delivers reports late when a fault says so", async () => {
  const cos = await makeLocalCos({ clock: start, seed: "demo" })
  await admin(cos, "faults", { match: { id: "list1" }, lateReports: "PT36H", times: 1 })
  const first = await cos.advance(start + day)
  assert.equal(first.find(({ rule }) => rule === "list1")!.state, "running")
  const later = await cos.advance(start + 3 * day)
  assert.deepEqual(later.filter(({ rule }) => rule === "list1").map(({ state }) => state), ["done", "done", "done"])
  assert.deepEqual([...new Set(cos.runs().map(({ state }) => state))], ["done"])
  await cos.close()
})

test("a local COS in process refuses what a bucket denies when it was told to", async () => {
  const cos = await makeLocalCos()
  const patched = await cos.fetch(`http://localhost/_local/buckets/${at.bucket}`, {
    method: "PATCH",
    body: JSON.stringify({ denied: ["PutObject"] }),
  })
  assert.equal(patched.status, 200, await patched.text())
  const answer = await cos.fetch(signed("PUT", "/a", "one"))
  assert.equal(answer.status, 403)
  assert.match(await answer.text(), /<Code>AccessDenied<\/Code>/u)
  assert.equal(cos.requests().at(-1)!.code, "AccessDenied")
  await cos.close()
})

test("a local COS in process is as it began when it is reset, and as it was when it is restored", async () => {
  const cos = await makeLocalCos({ clock: start, seed: "demo" })
  await cos.fetch(signed("PUT", "/kept", "one"))
  const { value: snapshot } = await admin(cos, "snapshot")
  assert.equal((await admin(cos, "reset", {})).status, 200)
  assert.equal((await cos.fetch(signed("GET", "/kept"))).status, 404)
  assert.equal((await cos.fetch(signed("HEAD", "/"))).status, 200)
  assert.equal((await admin(cos, "restore", snapshot)).status, 200)
  assert.equal(await (await cos.fetch(signed("GET", "/kept"))).text(), "one")
  const { value: again } = await admin(cos, "snapshot")
  assert.deepEqual(again, snapshot)
  await cos.close()
})

test("a local COS in process has everything when it is opened again on its folder", async () => {
  const data = await mkdtemp(join(tmpdir(), "local-cos-"))
  try {
    const first = await makeLocalCos({ data, clock: start, seed: "demo" })
    await first.fetch(signed("PUT", "/kept", "one"))
    const runs = await first.advance(start + day)
    await first.close()
    const second = await makeLocalCos({ data, seed: "demo" })
    assert.equal(await (await second.fetch(signed("GET", "/kept"))).text(), "one")
    assert.deepEqual(second.runs(), runs)
    const { value } = await admin(second, "clock")
    assert.deepEqual(value, { now: new Date(start + day).toISOString(), still: true })
    await second.close()
  } finally {
    await rm(data, { recursive: true })
  }
})

test("a local COS in process names what is wrong with its seed when it cannot be read", async () => {
  await assert.rejects(makeLocalCos({ seed: "dmeo" }), /did you mean "demo"/u)
  await assert.rejects(makeLocalCos({ seed: { version: 1, buckets: [{ nome: "a" }] } }), /nome/u)
})

test("a local COS in process refuses what is no moment when its clock is to be moved", async () => {
  const cos = await makeLocalCos({ clock: start })
  for (const wrong of ["P1D", NaN, Infinity, "2026-01-02T00:00:00Z", undefined]) {
    await assert.rejects(cos.advance(wrong as never), /is no moment; give epoch milliseconds/u)
  }
  await assert.rejects(cos.advance((start + day) / 1000), /Cannot move the clock back: it shows 2026-01-01/u)
  assert.deepEqual(await cos.advance(new Date(start + day)), [])
  await cos.close()
})

test("a local COS in process refuses options that it does not have when it is opened", async () => {
  await assert.rejects(makeLocalCos({ sed: "demo" } as never), /no option "sed"; did you mean "seed"/u)
  await assert.rejects(makeLocalCos({ clock: NaN }), /epoch milliseconds/u)
  await assert.rejects(makeLocalCos({ defaultBucket: "nope" }), /must end in -<appid>/u)
})

test("a local COS in process answers nothing more when it is closed", async () => {
  const cos = await makeLocalCos()
  await cos.close()
  await assert.rejects(cos.fetch(`${origin}/a`), /closed/u)
})

test("a local COS in process is back at its seed, and its clock where it began, when it is reset", async () => {
  const cos = await makeLocalCos({ clock: start, seed: "demo" })
  await cos.fetch(signed("DELETE", "/?inventory&id=list1"))
  await cos.advance(start + day)
  assert.equal((await admin(cos, "reset", {})).status, 200)
  const { value: { buckets, clock } } = await admin(cos, "state")
  const nextDue = new Date(start + 16 * 60 * 60 * 1000).toISOString()
  assert.deepEqual(buckets.map(({ name, rules }: { name: string; rules: unknown }) => [name, rules]), [
    ["examplebucket-1250000000", ["list1", "list2", "list3"].map((id) => ({ id, nextDue }))],
    ["inventorybucket-1250000000", []],
  ])
  assert.equal(clock.now, new Date(start).toISOString())
  assert.deepEqual(cos.runs(), [])
  await cos.close()
})

test("a local COS in process shows no due time of a rule when that is disabled", async () => {
  const cos = await makeLocalCos({ clock: start })
  const put = putInventory(at, rule("off", { isEnabled: false }))
  await Effect.runPromise(put.pipe(Effect.provide(over(cos.transport))))
  const { value: { buckets } } = await admin(cos, "state")
  assert.deepEqual(buckets[0].rules, [{ id: "off" }])
  assert.deepEqual(await cos.advance(start + 40 * day), [])
  await cos.close()
})

test("a local COS in process keeps its clock when a seed says nothing of it", async () => {
  const cos = await makeLocalCos({ clock: start })
  for (const seed of [{ seed: "demo" }, { seed: "synthetic:10:7" }, { version: 1, buckets: [] }]) {
    assert.equal((await admin(cos, "seed", seed)).status, 200)
    assert.deepEqual((await admin(cos, "clock")).value, { now: new Date(start).toISOString(), still: true })
  }
  await cos.close()
})

test("a local COS in process tells of each report when it was asked to", async () => {
  const told: Array<string> = []
  const cos = await makeLocalCos({
    clock: start,
    seed: "demo",
    onReport: ({ rule, state }) => told.push(`${rule} ${state}`),
  })
  await cos.advance(start + day)
  assert.deepEqual(told, ["list1 done", "list2 done", "list3 done"])
  await cos.close()
})

test("run names the manifest by the local COS's clock when that was moved", async () => {
  const cos = await makeLocalCos({ clock: start, seed: "demo" })
  const { scanned } = await Effect.runPromise(runInventory(at, job("once")).pipe(Effect.provide(over(cos.transport))))
  assert.equal(scanned, start / 1000)
  await cos.close()
  const real = await makeLocalCos({ seed: "demo" })
  const ran = await Effect.runPromise(runInventory(at, job("once")).pipe(Effect.provide(over(real.transport))))
  assert.equal(ran.scanned, undefined)
  await real.close()
})

const folder = async (body: (data: string) => Promise<void>): Promise<void> => {
  const data = await mkdtemp(join(tmpdir(), "local-cos-"))
  try {
    await body(data)
  } finally {
    await rm(data, { recursive: true })
  }
}

test("a local COS in process gives its folder back when it could not be opened", () =>
  folder(async (data) => {
    await assert.rejects(makeLocalCos({ data, seed: "dmeo" }), /did you mean "demo"/u)
    const cos = await makeLocalCos({ data })
    assert.equal((await cos.fetch(signed("HEAD", "/"))).status, 200)
    await cos.close()
  }))

test("a local COS in process makes what was left of its reports when it is opened again", () =>
  folder(async (data) => {
    const first = await makeLocalCos({ data, clock: start, seed: "demo" })
    await admin(first, "faults", { match: { id: "list1" }, lateReports: "P9D" })
    await first.advance(start + day)
    assert.deepEqual(first.runs().map(({ state }) => state), ["running", "done", "done"])
    await first.close()
    const second = await makeLocalCos({ data })
    assert.deepEqual(second.runs().map(({ state }) => state), ["done", "done", "done"])
    await second.close()
  }))

test("a local COS in process ends between two reports when it is closed while its clock is moved far", () =>
  folder(async (data) => {
    const first = await makeLocalCos({ data, clock: start, seed: "demo" })
    const moving = first.advance(start + 100_000 * day)
    moving.catch(() => {})
    await first.close()
    await assert.rejects(moving)
    await assert.rejects(first.advance(start + 200_000 * day), /closed/u)
    const second = await makeLocalCos({ data })
    assert.deepEqual([...new Set(second.runs().map(({ state }) => state))].filter((state) => state !== "done"), [])
    await second.close()
  }))

test("a local COS in process keeps what it has when the seed to be reset to is gone", () =>
  folder(async (data) => {
    const seed = join(data, "seed.json")
    await writeFile(seed, JSON.stringify({ buckets: [{ name: "seeded-1250000000" }] }))
    const cos = await makeLocalCos({ seed })
    await rm(seed)
    const { status, value } = await admin(cos, "reset", {})
    assert.equal(status, 400)
    assert.match(value.error.message, /seed\.json/u)
    const { value: { buckets } } = await admin(cos, "state")
    assert.deepEqual(buckets.map(({ name }: { name: string }) => name), [at.bucket, "seeded-1250000000"])
    await cos.close()
  }))
