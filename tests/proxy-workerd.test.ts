/** What is a Worker's own: its bindings, its Durable Object, its size. */
import { strict as assert } from "node:assert"
import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import { test } from "node:test"
import { gzipSync } from "node:zlib"
import { readBindings } from "../http/worker-settings.ts"
import * as Result from "effect/Result"
import {
  bundledWorker,
  proxyEnv,
  proxySecret,
  type Server,
  serversOfFile,
  started as startedProgram,
  startWorkerd,
} from "./proxy-servers.ts"
import { root } from "./process.ts"
import { bearer, rulePath, suitePolicy } from "./proxy-suite.ts"
import { bucket, hashOf, policyForm } from "./proxy-world.ts"

const { folder, upstream, kept } = serversOfFile()

const started = (env: Readonly<Record<string, string>>): Promise<Server> => kept(startWorkerd(env, folder.path))

test("the Worker answers every request with the same 500 and logs every problem when its bindings are wrong", async () => {
  const policy = { ...policyForm, version: 2, buckets: ["nowhere"] }
  const { origin, saying, said } = await started({
    COS_PROXY_POLICY: JSON.stringify(policy),
    COS_SECRET_ID: "AKIDhalf",
    COS_PROXY_SECRET: "too-short-to-be-one",
  })
  for (const path of ["/healthz", rulePath("list1"), "/v1/buckets", "/"]) {
    const answer = await fetch(origin + path, { headers: bearer("reader-token") })
    assert.equal(answer.status, 500)
    assert.equal(answer.headers.get("content-type"), "application/problem+json")
    const { title, code } = await answer.json() as { readonly title: string; readonly code: string }
    assert.deepEqual([title, code], ["The proxy is not set up as it should be; its log says why.", "InternalError"])
  }
  for (const problem of [/version/u, /buckets\[0\]/u, /COS_SECRET_KEY/u, /COS_PROXY_SECRET/u]) await saying(problem)
  assert.doesNotMatch(said(), /AKIDhalf|too-short-to-be-one/u)
})

test("the Worker names each thing that is missing when it has no bindings", () => {
  for (const bindings of [{}, { COS_PROXY_POLICY: null, COS_SECRET_ID: "", COS_SECRET_KEY: "" }]) {
    const read = readBindings(bindings)
    assert.ok(Result.isFailure(read))
    assert.deepEqual(read.failure.map((problem) => problem._tag === "ConfigError" ? problem.source : ""), [
      "COS_PROXY_POLICY",
      "bindings",
    ])
  }
})

test("the Worker takes its policy as text and as a JSON binding alike", () => {
  const keys = { COS_SECRET_ID: "AKIDone", COS_SECRET_KEY: "one" }
  const read = (policy: unknown) => Result.getOrThrow(readBindings({ COS_PROXY_POLICY: policy, ...keys })).policy
  assert.deepEqual(read(policyForm), read(JSON.stringify(policyForm, null, 2)))
})

test("the Worker has two real keys while they are rotated, and half a pair is a problem", () => {
  const keys = { COS_PROXY_POLICY: policyForm, COS_SECRET_ID: "AKIDone", COS_SECRET_KEY: "one" }
  const both = Result.getOrThrow(readBindings({ ...keys, COS_NEXT_SECRET_ID: "AKIDtwo", COS_NEXT_SECRET_KEY: "two" }))
  assert.deepEqual(both.credentials.map(({ secretId }) => secretId), ["AKIDone", "AKIDtwo"])
  const half = readBindings({ ...keys, COS_NEXT_SECRET_ID: "AKIDtwo" })
  assert.ok(Result.isFailure(half))
  assert.match(half.failure.map(({ message }) => message).join(), /COS_NEXT_SECRET_KEY/u)
})

test("the Worker refuses a policy that names nobody, and a policy that is no JSON by its place", () => {
  const keys = { COS_SECRET_ID: "AKIDone", COS_SECRET_KEY: "one" }
  const problemOf = (policy: unknown): string => {
    const read = readBindings({ COS_PROXY_POLICY: policy, ...keys })
    return Result.isFailure(read) ? read.failure.map(({ message }) => message).join() : "none"
  }
  assert.match(problemOf({ ...policyForm, principals: [] }), /names no principal/u)
  assert.match(problemOf('{\n  "version": 1,,'), /COS_PROXY_POLICY, line 2, column 16/u)
  assert.equal(problemOf(policyForm), "none")
})

test("the Worker says which binding is of another kind", () => {
  const given = { COS_PROXY_POLICY: policyForm, COS_SECRET_ID: "AKIDone", COS_SECRET_KEY: "one" }
  for (const name of ["COS_PROXY_LIMITER", "COS_PROXY_RATE_LIMIT"]) {
    const read = readBindings({ ...given, [name]: "text" })
    assert.ok(Result.isFailure(read))
    assert.match(read.failure.map(({ message }) => message).join(), new RegExp(`${name}.*wrangler`, "u"))
  }
  const rate = { limit: () => Promise.resolve({ success: true }) }
  assert.ok(Result.getOrThrow(readBindings({ ...given, COS_PROXY_RATE_LIMIT: rate })).limiter !== undefined)
})

test("the Worker counts in its Durable Object, each principal by itself", async () => {
  const policy = {
    ...suitePolicy(await upstream),
    principals: [
      { ...policyForm.principals[0], limits: { requestsPerSecond: 1, burst: 3 } },
      { name: "other", tokens: [hashOf("other-token")], grants: [{ buckets: ["*"] }] },
    ],
  }
  const { origin } = await started(proxyEnv(policy))
  const ask = (token: string, path = rulePath("list1")) => fetch(origin + path, { headers: bearer(token) })
  // More than a burst, at once, since the bucket fills again while a slow machine asks
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask("reader-token")))
  const limited = answers.filter(({ status }) => status === 503)
  assert.ok(answers.filter(({ status }) => status === 200).length >= 3)
  assert.ok(limited.length > 0)
  for (const answer of limited) {
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/u)
    assert.match(await answer.text(), /<Code>SlowDown<\/Code>/u)
  }
  assert.equal((await ask("other-token")).status, 200)
  const inJson = await Promise.all(
    Array.from({ length: 12 }, () => ask("reader-token", `/v1/buckets/${bucket}/inventories/list1`)),
  )
  assert.ok(inJson.some(({ status }) => status === 429))
})

test("the Worker tries its second key when COS refuses the first", async () => {
  const env = proxyEnv(suitePolicy(await upstream))
  const { origin } = await started({
    ...env,
    COS_SECRET_ID: "AKIDretired",
    COS_SECRET_KEY: "retired",
    COS_NEXT_SECRET_ID: env["COS_SECRET_ID"]!,
    COS_NEXT_SECRET_KEY: env["COS_SECRET_KEY"]!,
  })
  const answer = await fetch(origin + rulePath("list1"), { headers: bearer("reader-token") })
  assert.equal(answer.status, 200, await answer.text())
})

test("the Worker is one module without a secret in it, and needs nothing of Node", async () => {
  await bundledWorker(folder.path)
  const text = readFileSync(join(folder.path, "worker.js"))
  assert.doesNotMatch(text.toString(), new RegExp(`${proxySecret}|\\bfrom"node:`, "u"))
})

test("the Worker is under 150 KiB when it is compressed", async () => {
  await bundledWorker(folder.path)
  const { byteLength } = gzipSync(readFileSync(join(folder.path, "worker.js")))
  assert.ok(byteLength < 150 * 1024, `${byteLength} bytes`)
})

test("the Worker carries no Schema of Effect, which is an eighth of it and slow to make", async () => {
  await bundledWorker(folder.path)
  // The brands of effect/Schema and effect/SchemaAST
  assert.doesNotMatch(readFileSync(join(folder.path, "worker.js"), "utf8"), /~effect\/(?:schema\/)?Schema/u)
})

test("the Worker gives back what it held for a client that left before COS answered", async () => {
  const silent = await openSilent()
  const principals = [{ ...policyForm.principals[0], limits: { concurrency: 1 } }]
  try {
    const { origin } = await started(proxyEnv({ ...policyForm, endpoint: silent.origin, principals }))
    for (let client = 0; client < 3; client++) {
      const asked = silent.asked()
      const socket = connect(Number(new URL(origin).port), "127.0.0.1")
      const head = [`GET ${rulePath("list1")} HTTP/1.1`, "host: proxy", "authorization: Bearer reader-token"]
      socket.on("error", () => {}).write(`${head.join("\r\n")}\r\n\r\n`)
      // Reaches COS alone if the one before is no more under way
      const upstreamSocket = await asked
      const closed = once(upstreamSocket, "close")
      socket.resetAndDestroy()
      await closed
    }
  } finally {
    silent.stop()
  }
})

test("the Worker logs every write whose client left before COS answered", async () => {
  const silent = await openSilent(/^DELETE/u)
  try {
    const server = await started(proxyEnv({ ...policyForm, endpoint: silent.origin }))
    for (const id of ["ci-1", "ci-2", "ci-3"]) {
      await abandonWrite(server, silent, id)
      await server.saying(new RegExp(`"kind":"audit".*"id":"${id}".*"outcome":"in doubt"`, "u"))
      await server.saying(new RegExp(`"kind":"request".*"id":"${id}".*"outcome":"left"`, "u"))
    }
  } finally {
    silent.stop()
  }
})

test("the Worker logs a write whose client left when the platform does not tell it so", async () => {
  const silent = await openSilent(/^DELETE/u)
  const config = join(folder.path, "untold.capnp")
  await bundledWorker(folder.path)
  const text = readFileSync(join(root, "tests/workerd/proxy.capnp"), "utf8")
  const untold = text.replace(/^ *compatibilityFlags = \["enable_request_signal"\],\n/mu, "")
  assert.notEqual(untold, text)
  writeFileSync(config, untold)
  try {
    const server = await kept(startedProgram({
      command: ["npm", "run", "--silent", "workerd", "--", "serve", config, "--control-fd=1"],
      env: proxyEnv({ ...policyForm, endpoint: silent.origin, timeoutSeconds: 1 }),
      ready: /"event":"listen".*"port":(\d+)/u,
    }))
    await abandonWrite(server, silent, "ci-1")
    await server.saying(/"kind":"audit".*"id":"ci-1".*"outcome":"in doubt"/u)
    await server.saying(/"kind":"request".*"id":"ci-1"/u)
  } finally {
    silent.stop()
  }
})

/** Leaves once the request is with COS. */
const abandonWrite = async ({ origin }: Server, { asked }: Silent, id: string): Promise<void> => {
  const arrived = asked()
  const socket = connect(Number(new URL(origin).port), "127.0.0.1")
  const head = [`DELETE ${rulePath(id)} HTTP/1.1`, "host: proxy", "authorization: Bearer writer-token"]
  socket.on("error", () => {}).write(`${head.join("\r\n")}\r\n\r\n`)
  await arrived
  socket.resetAndDestroy()
}

type Silent = Awaited<ReturnType<typeof openSilent>>

/** Takes requests and never answers those that begin so; every other one is told that there is nothing. */
const openSilent = async (unanswered = /^/u) => {
  const sockets = new Set<Socket>()
  let told = (_: Socket) => {}
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}))
    socket.on("data", (bytes) => {
      if (unanswered.test(bytes.toString())) told(socket)
      else socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The connection of the next request that is not answered. */
    asked: () =>
      new Promise<Socket>((resolve) => {
        told = resolve
      }),
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
