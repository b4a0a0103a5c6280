/** The admin paths: who may use them, what they take, and what they never answer. */
import { strict as assert } from "node:assert"
import * as http from "node:http"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { denialOf } from "../adapters/hono/admin/guard.ts"
import type { Admin } from "../adapters/hono/admin/mod.ts"
import { localApp, type LocalAppOptions } from "../adapters/hono/local.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { InvalidInput } from "../core/errors.ts"
import type { Serve } from "../core/ports.ts"
import { listen } from "../http/listen.ts"
import { call, done, exchange, statusOf } from "./door.ts"
import { effect } from "./harness.ts"

const noon = Date.UTC(2026, 10, 21, 12)
const finding = {
  code: "seed",
  severity: "error",
  path: "seed",
  message: "There is no such seed",
  allowed: "demo",
  fix: "Write demo",
  source: "assumed",
} as const
const refused = new InvalidInput({ findings: [finding] })

const run = {
  id: 1,
  bucket: "examplebucket-1250000000",
  rule: "list1",
  xml: "<InventoryConfiguration/>",
  due: noon,
  state: "done",
  wrote: ["data.csv.gz", "20261121/manifest.json", "20261121/manifest.checksum"],
  destination: "inventorybucket-1250000000",
} as const

/** An Admin that keeps what it was asked. */
const pretended = () => {
  const asked: Array<unknown> = []
  let now = noon
  const note = (...what: ReadonlyArray<unknown>) => Effect.sync(() => void asked.push(what))
  const taking = (name: string) => (document: unknown) =>
    Effect.flatMap(note(name, document), () => document === "bad" ? Effect.fail(refused) : Effect.void)
  const clock = Effect.sync(() => ({ now, still: true }))
  const faults = new Map([["f1", { id: "f1" }]])
  const admin: Admin = {
    health: () => ({ status: "ok" }),
    state: Effect.map(
      clock,
      (clock) => ({ buckets: [{ name: "examplebucket-1250000000", objects: 3 }], clock, bodies: 15 }),
    ),
    reset: note("reset"),
    seed: taking("seed"),
    snapshot: Effect.succeed({ buckets: [] }),
    restore: taking("restore"),
    clock,
    advance: (to) => Effect.sync(() => (asked.push(["advance", to]), now = to, [run])),
    runs: Effect.succeed([run]),
    faults: {
      list: () => [...faults.values()],
      add: (document) => document === "bad" ? Effect.fail(refused) : Effect.as(note("fault", document), { id: "f2" }),
      remove: (id) => faults.delete(id),
      clear: () => faults.clear(),
    },
    requests: {
      list: () => [{ at: noon, method: "GET", host: "a", target: "/", millis: 1 }],
      clear: () => void asked.push(["requests cleared"]),
    },
    bucket: (name, patch) =>
      patch === "bad"
        ? Effect.fail(refused)
        : Effect.as(note("bucket", name, patch), name.startsWith("examplebucket") ? { name } : undefined),
  }
  return { admin, asked }
}

const serve: Serve = {
  answer: ({ target }) => Effect.succeed({ ...done, status: 404, headers: [["x-object", target]] }),
}

const opened = (options: Partial<LocalAppOptions> = {}) =>
  Effect.gen(function* () {
    const { admin, asked } = pretended()
    const isBucketHost = (host: string) => host.startsWith("examplebucket-1250000000.")
    const app = yield* localApp({ serve, admin, isBucketHost, ...options })
    const { port } = yield* listen({ app })
    return { asked, app, port, ask: asking(port) }
  })

interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly json: unknown
}

/** `node:http`, because `fetch` sets neither Host nor Origin. */
const asking =
  (port: number) => (line: string, { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {}) =>
    Effect.promise(() =>
      new Promise<Reply>((resolve, reject) => {
        const [method, path] = line.split(" ") as [string, string]
        const request = http.request({ port, host: "127.0.0.1", method, path, headers, agent: false }, (response) => {
          let text = ""
          response.setEncoding("utf8").on("data", (chunk: string) => text += chunk).on("end", () => {
            const json: unknown = response.headers["x-object"] === undefined && text !== ""
              ? JSON.parse(text)
              : undefined
            resolve({ status: response.statusCode!, headers: response.headers, json })
          })
        })
        request.on("error", reject)
        request.end(body === undefined ? undefined : JSON.stringify(body))
      })
    )

const messageIn = ({ json, status, headers }: Reply): string => {
  assert.ok(status >= 400 && status < 500, String(status))
  assert.match(headers["content-type"]!, /^application\/json/)
  const { error } = json as { readonly error: { readonly message: string } }
  assert.ok(error.message.length > 0)
  return error.message
}

const state = {
  buckets: [{ name: "examplebucket-1250000000", objects: 3 }],
  clock: { now: "2026-11-21T12:00:00.000Z", still: true },
  bodies: 15,
}
const { xml: _, ...shown } = run
const runs = [{
  ...shown,
  due: "2026-11-21T12:00:00.000Z",
  manifest: "cos://inventorybucket-1250000000/20261121/manifest.json",
}]
const answers: ReadonlyArray<readonly [line: string, body: unknown, status: number, json: unknown, asked?: unknown]> = [
  ["GET /_local/health", undefined, 200, { status: "ok" }],
  ["GET /_local/state", undefined, 200, state],
  ["POST /_local/reset", undefined, 200, state, ["reset"]],
  ["POST /_local/seed", { seed: "demo" }, 200, state, ["seed", { seed: "demo" }]],
  ["GET /_local/snapshot", undefined, 200, { buckets: [] }],
  ["POST /_local/restore", { buckets: [] }, 200, state, ["restore", { buckets: [] }]],
  ["GET /_local/clock", undefined, 200, state.clock],
  ["GET /_local/runs", undefined, 200, { runs }],
  ["GET /_local/faults", undefined, 200, { faults: [{ id: "f1" }] }],
  ["POST /_local/faults", { status: 503 }, 201, { id: "f2" }, ["fault", { status: 503 }]],
  ["DELETE /_local/faults/f1", undefined, 200, { faults: [] }],
  ["DELETE /_local/faults", undefined, 200, { faults: [] }],
  ["GET /_local/requests", undefined, 200, {
    requests: [{ at: "2026-11-21T12:00:00.000Z", method: "GET", host: "a", target: "/", millis: 1 }],
  }],
  [
    "PATCH /_local/buckets/examplebucket-1250000000",
    { strictSignature: true },
    200,
    { name: "examplebucket-1250000000" },
    ["bucket", "examplebucket-1250000000", { strictSignature: true }],
  ],
]
for (const [line, body, status, json, asked] of answers) {
  effect(
    `admin answers ${line}`,
    Effect.gen(function* () {
      const local = yield* opened()
      const reply = yield* local.ask(line, { body })
      assert.deepEqual([reply.status, reply.json], [status, json])
      if (asked !== undefined) assert.deepEqual(local.asked, [asked])
    }),
  )
}

const day = 86_400_000
const moves: ReadonlyArray<readonly [body: unknown, to: number]> = [
  [{ advance: "P1D" }, noon + day],
  [{ advance: "P1W" }, noon + 7 * day],
  [{ advance: "PT1H30M" }, noon + 5_400_000],
  [{ advance: "PT0.5S" }, noon + 500],
  [{ advance: "PT0S" }, noon],
  [{ set: "2026-11-21T12:00:00Z" }, noon],
  [{ set: "2026-12-01T00:00:00Z" }, Date.UTC(2026, 11, 1)],
  [{ set: "2026-12-01T00:00:00.25Z" }, Date.UTC(2026, 11, 1) + 250],
]
for (const [body, to] of moves) {
  effect(
    `admin moves the clock by ${JSON.stringify(body)} and answers with the runs`,
    Effect.gen(function* () {
      const local = yield* opened()
      const reply = yield* local.ask("POST /_local/clock", { body })
      assert.deepEqual(reply.json, { now: new Date(to).toISOString(), still: true, runs })
      assert.deepEqual(local.asked, [["advance", to]])
    }),
  )
}

const standstills: ReadonlyArray<readonly [body: unknown, says: RegExp]> = [
  [{ advance: "P1M" }, /"P1M" has no fixed length; write days/],
  [{ advance: "P1Y2D" }, /has no fixed length/],
  [{ advance: "-P1D" }, /forwards alone/],
  [{ advance: "1 day" }, /is no ISO-8601 duration/],
  [{ advance: "P" }, /is no ISO-8601 duration/],
  [{ advance: "P99999999999999999999D" }, /year 9999/],
  [{ set: "2026-11-21T11:59:59Z" }, /forwards alone, and shows 2026-11-21T12:00:00.000Z/],
  [{ set: "2026-02-30T00:00:00Z" }, /is no time/],
  [{ set: "tomorrow" }, /is no time/],
  [{ set: 5 }, /^Write \{"advance"/],
  [{ advance: "P1D", set: "2026-12-01T00:00:00Z" }, /^Write /],
  [{}, /^Write /],
  [[], /^Write /],
  [null, /^Write /],
]
for (const [body, says] of standstills) {
  effect(
    `admin leaves the clock alone when it gets ${JSON.stringify(body)}`,
    Effect.gen(function* () {
      const local = yield* opened()
      const reply = yield* local.ask("POST /_local/clock", { body })
      assert.equal(reply.status, 400)
      assert.match(messageIn(reply), says)
      assert.deepEqual(local.asked, [])
    }),
  )
}

const wrongs: ReadonlyArray<readonly [line: string, body: unknown, status: number, says: RegExp]> = [
  ["POST /_local/seed", "bad", 400, /There is no such seed/],
  ["POST /_local/restore", "bad", 400, /There is no such seed/],
  ["POST /_local/faults", "bad", 400, /There is no such seed/],
  ["PATCH /_local/buckets/examplebucket-1250000000", "bad", 400, /There is no such seed/],
  ["POST /_local/seed", undefined, 400, /not JSON/],
  [
    "PATCH /_local/buckets/other-1250000000",
    {},
    404,
    /^Cannot change the bucket: there is none named "other-1250000000"$/,
  ],
  [
    "DELETE /_local/faults/f9",
    undefined,
    404,
    /^Cannot remove the fault: there is none with the id "f9"; GET faults lists them$/,
  ],
  ["GET /_local/", undefined, 404, /GET \/_local\/health, GET \/_local\/state, POST \/_local\/reset/],
  ["GET /_local", undefined, 404, /DELETE \/_local\/faults\/:id/],
  ["GET /_local?a=b", undefined, 404, /PATCH \/_local\/buckets\/:name/],
  ["GET /_local/../_local/secret", undefined, 404, /There is no such admin path/],
  ["POST /_local/none/../reset", undefined, 404, /There is no such admin path/],
  ["POST /_local/./reset", undefined, 404, /There is no such admin path/],
  ["DELETE /_local/state", undefined, 405, /Cannot DELETE \/_local\/state; allowed: GET/],
  ["GET /_local/reset", undefined, 405, /allowed: POST/],
]
for (const [line, body, status, says] of wrongs) {
  effect(
    `admin refuses ${line}${body === undefined ? "" : ` with ${JSON.stringify(body)}`} as JSON`,
    Effect.gen(function* () {
      const local = yield* opened()
      const reply = yield* local.ask(line, { body })
      assert.equal(reply.status, status)
      assert.match(messageIn(reply), says)
      assert.ok(!local.asked.some((asked) => String(asked) === "reset"))
    }),
  )
}

effect(
  "admin lists every finding of a document that it refuses",
  Effect.gen(function* () {
    const { json } = yield* (yield* opened()).ask("POST /_local/seed", { body: "bad" })
    assert.deepEqual((json as { readonly error: { readonly findings: unknown } }).error.findings, [finding])
  }),
)

effect(
  "admin says nothing of the cause when it fails itself",
  Effect.gen(function* () {
    const { admin } = pretended()
    const told: Array<string> = []
    const watch = { onRequest: () => {}, onDefect: (text: string) => void told.push(text) }
    const local = yield* opened({ admin: { ...admin, reset: Effect.die(new Error("secret")) } }).pipe(
      Effect.provideService(Watch, watch),
    )
    const { status, json } = yield* local.ask("POST /_local/reset")
    assert.deepEqual([status, json], [500, { error: { message: "The local COS failed; this is a fault of its own" } }])
    assert.match(told.join(), /^Error: secret/)
  }),
)

effect(
  "admin refuses a body that ends early or is no UTF-8",
  Effect.gen(function* () {
    const { port, asked } = yield* opened()
    const post = "POST /_local/seed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"
    const caller = call(port)
    caller.socket.end(`${post}{}`)
    assert.equal(statusOf(yield* Effect.promise(() => caller.answer())), 400)
    assert.equal(statusOf(yield* Effect.promise(() => exchange(port, `${post}"\xff\xfe"`))), 400)
    assert.deepEqual(asked, [])
  }),
)

const hosts = [
  "127.0.0.1",
  "127.0.0.2",
  "127.255.255.254:1",
  "127.0.0.1:8080",
  "localhost",
  "LocalHost:1",
  "[::1]",
  "[::1]:65535",
]
effect(
  "admin answers under the names of this machine",
  Effect.gen(function* () {
    const local = yield* opened()
    for (const Host of hosts) {
      assert.equal((yield* local.ask("GET /_local/health", { headers: { Host } })).status, 200, Host)
    }
  }),
)

const strangers: Readonly<Record<string, Record<string, string>>> = {
  "a name that was made to lead here": { Host: "evil.example" },
  "a name that begins like this machine's": { Host: "localhost.evil.example" },
  "a name that ends like this machine's": { Host: "evil-localhost" },
  "a name that begins like an address of this machine": { Host: "127.0.0.1.evil.example" },
  "an address of another machine": { Host: "10.0.0.1" },
  "the address of every interface": { Host: "0.0.0.0" },
  "a page's Origin": { Origin: "https://evil.example" },
  "an Origin of this machine": { Origin: "http://localhost" },
  "an Origin of nowhere": { Origin: "null" },
  "a read from another page": { "Sec-Fetch-Site": "cross-site" },
  "a read from a page that this server gave out": { "Sec-Fetch-Site": "same-origin" },
  "a token where none is set": { Host: "evil.example", Authorization: "Bearer undefined" },
}
for (const [what, headers] of Object.entries(strangers)) {
  effect(
    `admin refuses ${what}, and changes nothing`,
    Effect.gen(function* () {
      const local = yield* opened()
      for (const line of ["GET /_local/snapshot", "POST /_local/reset", "GET /_local/none", "OPTIONS /_local/reset"]) {
        const reply = yield* local.ask(line, { headers })
        assert.equal(reply.status, 403, line)
        assert.match(messageIn(reply), /COS_LOCAL_TOKEN/)
        assert.equal(reply.headers["access-control-allow-origin"], undefined)
      }
      assert.deepEqual(local.asked, [])
    }),
  )
}

effect(
  "admin lets in whoever knows the token, from wherever",
  Effect.gen(function* () {
    const local = yield* opened({ token: "t0ken" })
    const headers = { Host: "cos.test", Origin: "https://console.test", Authorization: "Bearer t0ken" }
    assert.equal((yield* local.ask("POST /_local/reset", { headers })).status, 200)
    assert.deepEqual(local.asked, [["reset"]])
  }),
)

effect(
  "admin refuses a wrong token even from this machine, and never repeats it",
  Effect.gen(function* () {
    const local = yield* opened({ token: "t0ken" })
    for (const given of ["Bearer t0keN", "Bearer t0ken2", "Bearer t0ke", "Bearer ", "Basic t0ken", "t0ken"]) {
      const reply = yield* local.ask("POST /_local/reset", { headers: { Authorization: given } })
      assert.equal(reply.status, 401, given)
      assert.doesNotMatch(messageIn(reply), /t0ke/)
    }
    assert.equal((yield* local.ask("GET /_local/health")).status, 200)
    assert.deepEqual(local.asked, [])
  }),
)

test("denialOf refuses a client of another machine whatever Host it writes, but for one that knows the token", () => {
  const from = (remoteAddress: string | undefined, headers: ReadonlyArray<readonly [string, string]> = []) =>
    denialOf(
      { headers, host: "localhost", incoming: { socket: { remoteAddress } } as http.IncomingMessage },
      "t0ken",
    )?.status
  for (const address of ["10.0.0.5", "fe80::1", "::ffff:10.0.0.5", "1127.0.0.1", "::11", "", undefined]) {
    assert.equal(from(address), 403, String(address))
    assert.equal(from(address, [["Authorization", "Bearer t0ken"]]), undefined, String(address))
  }
  for (const address of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) assert.equal(from(address), undefined)
})

const objects: ReadonlyArray<readonly [target: string, host: string]> = [
  ["/_local/reset", "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"],
  ["/_local?a", "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"],
  ["/_localx/reset", "localhost"],
  ["//_local/reset", "localhost"],
  ["/a/../_local/reset", "localhost"],
  ["/%5Flocal/reset", "localhost"],
  ["/_LOCAL/reset", "localhost"],
  ["/?/_local/reset", "localhost"],
]
for (const [target, host] of objects) {
  effect(
    `local COS takes ${target} for an object's path when it is for ${host}`,
    Effect.gen(function* () {
      const { port, asked } = yield* opened()
      const text = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`
      const { head } = yield* Effect.promise(() => exchange(port, text))
      assert.ok(head.includes(`x-object: ${target}`), head)
      assert.deepEqual(asked, [])
    }),
  )
}

effect(
  "local COS refuses an admin path with two Hosts or none in COS's XML",
  Effect.gen(function* () {
    const { port, asked } = yield* opened()
    for (const hosts of ["", "Host: localhost\r\nHost: localhost\r\n"]) {
      const { body } = yield* Effect.promise(() => exchange(port, `POST /_local/reset HTTP/1.1\r\n${hosts}\r\n`))
      assert.match(body, /<Code>InvalidRequest<\/Code>/)
    }
    assert.deepEqual(asked, [])
  }),
)

effect(
  "local COS serves admin paths and objects in process",
  Effect.gen(function* () {
    const { app } = yield* opened()
    const status = (url: string) => Effect.promise(async () => (await app.fetch(new Request(url))).status)
    assert.equal(yield* status("http://localhost/_local/health"), 200)
    assert.equal(yield* status("http://evil.example/_local/health"), 403)
    assert.equal(yield* status("http://localhost/a"), 404)
  }),
)
