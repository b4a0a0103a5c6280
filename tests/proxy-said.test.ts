/** What the command line says when a proxy says no, and of flags that are no proxy's. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { exits } from "../cli/exit.ts"
import { listen as listenTo } from "../http/listen.ts"
import { invoke } from "./cli.ts"
import { answering, listen } from "./loopback.ts"
import { bucket, openWorld } from "./proxy-world.ts"

const env = (url: string, token = "reader-token") => ({
  COS_PROXY_URL: url,
  COS_PROXY_TOKEN: token,
  COS_BUCKET: bucket,
  COS_REGION: "ap-guangzhou",
})

const throughProxy = <A>(body: (origin: string) => Promise<A>): Promise<A> =>
  Effect.gen(function* () {
    const { app } = yield* openWorld({})
    const { origin } = yield* listenTo({ app, graceMillis: 0 })
    return yield* Effect.promise(() => body(origin))
  }).pipe(Effect.scoped, Effect.provide(layerHashes), Effect.runPromise)

/** A server that answers everything so. */
const refusing = <A>(head: ReadonlyArray<string>, code: string, body: (origin: string) => Promise<A>): Promise<A> => {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`
  const lines = [...head, `Content-Length: ${xml.length}`, "Connection: close"]
  return Effect.gen(function* () {
    const { origin } = yield* listen(answering(`${lines.join("\r\n")}\r\n\r\n${xml}`))
    return yield* Effect.promise(() => body(origin))
  }).pipe(Effect.scoped, Effect.runPromise)
}

test("a command names the proxy's policy, and not the bucket's, when a proxy denies it", async () => {
  await throughProxy(async (origin) => {
    for (const args of [["delete", "list1", "--yes"], ["plan", "-"], ["get", "list1", "-b", "elsewhere-1250000000"]]) {
      const stdin = JSON.stringify({ buckets: ["elsewhere-1250000000"], rules: [] })
      for (const form of [[], ["-o", "json"]]) {
        const { code, err } = await invoke([...args, ...form], { env: env(origin), stdin })
        assert.equal(code, exits.denied, `${args.join(" ")}: ${err}`)
        assert.match(err, /Ask whoever runs the proxy: its policy [^]*`policy check` explains it/u)
        assert.doesNotMatch(err, /bucket policy/u)
      }
    }
  })
})

test("a command still names the bucket's policy when COS itself denies it", async () => {
  await refusing(["HTTP/1.1 403 Forbidden"], "AccessDenied", async (origin) => {
    const { COS_PROXY_URL: COS_ENDPOINT, COS_PROXY_TOKEN: _, ...place } = env(origin)
    const keys = { COS_ENDPOINT, COS_SECRET_ID: "AKIDany", COS_SECRET_KEY: "any" }
    const { err } = await invoke(["get", "list1"], { env: { ...place, ...keys } })
    assert.match(err, /Check which key and which bucket policy apply/u)
  })
})

test("a command says when to try again, and nothing of a rate, when a limit of the day is used up", async () => {
  await refusing(["HTTP/1.1 503 Slow Down", "Retry-After: 17000"], "SlowDown", async (origin) => {
    const text = await invoke(["get", "list1"], { env: env(origin) })
    assert.equal(text.code, exits.unavailable)
    assert.match(text.err, /Try again in 5 hours/u)
    assert.doesNotMatch(text.err, /fewer requests/u)
    const json = JSON.parse((await invoke(["get", "list1", "-o", "json"], { env: env(origin) })).err)
    assert.equal(json.error.retryAfterSeconds, 17000)
    assert.match(json.error.advice, /5 hours/u)
  })
})

test("`proxy` names the setting of the policy when it is given --timeout", async () => {
  const { code, err } = await invoke(["proxy", "--timeout", "5s", "--policy", "policy.yaml"])
  assert.equal(code, exits.usage)
  assert.match(err, /--timeout says how long one request may take.*\n.*timeoutSeconds/u)
})
