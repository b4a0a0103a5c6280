/** The local COS as a program: started, spoken to, told to stop. */
import { strict as assert } from "node:assert"
import { type ChildProcess, spawn } from "node:child_process"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { layer as layerFetch } from "../adapters/fetch.ts"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoBucket, demoKey, type Key } from "../adapters/memory/mod.ts"
import { layer as layerSigned } from "../adapters/signed.ts"
import { getInventory, listBuckets, putInventory } from "../core/client.ts"
import { Credentials } from "../core/ports.ts"
import { rule } from "./laws-world.ts"

const program = fileURLToPath(new URL("../http/local.ts", import.meta.url))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the program on the runtime of the test. */
const start = (args: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}) => {
  const runtime = "Deno" in globalThis ? ["run", "--allow-all", "--no-check"] : []
  const { COS_SECRET_ID: _, COS_SECRET_KEY: __, COS_SESSION_TOKEN: ___, PORT: ____, ...rest } = process.env
  const child: ChildProcess = spawn(process.execPath, [...runtime, program, ...args], {
    env: { ...rest, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let [out, err] = ["", ""]
  child.stderr!.on("data", (chunk) => err += chunk)
  const ended = new Promise<Ran>((resolve) => child.on("close", (code) => resolve({ code, out, err })))
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (chunk) => {
      out += chunk
      if (out.includes("\n")) resolve(out)
    })
    ended.then(({ code }) => reject(new Error(`It ended with ${code} before it was ready: ${err}`)), reject)
  })
  ready.catch(() => {})
  return { child, ended, ready }
}

const originIn = (line: string): string => /^Local COS ready at (http:\/\/127\.0\.0\.1:\d+) with /.exec(line)![1]!

const client = ({ secretId, secretKey }: Key) =>
  layerSigned.pipe(
    Layer.provide(layerFetch()),
    Layer.provide(
      Layer.succeed(Credentials, Effect.succeed({ secretId, secretKey: Redacted.make(secretKey) })),
    ),
    Layer.provideMerge(layerHashes),
  )

for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
  test(`local COS serves the demo on one line's notice and ends with ${code} when it gets ${signal}`, async () => {
    const { child, ended, ready } = start(["--port", "0"])
    try {
      const line = await ready
      const endpoint = originIn(line)
      assert.equal(line, `Local COS ready at ${endpoint} with examplebucket-1250000000 (ap-guangzhou)\n`)
      const at = { bucket: demoBucket.name, region: demoBucket.region, endpoint }
      const { configuration } = await Effect.runPromise(getInventory(at, "list3").pipe(Effect.provide(client(demoKey))))
      assert.equal(configuration.id, "list3")
    } finally {
      // Deno 2.9.6 reports no exit code after its own `child.kill`
      process.kill(child.pid!, signal)
    }
    const { out, err, ...rest } = await ended
    assert.deepEqual([rest.code, out.split("\n").length, err], [code, 2, ""])
  })
}

test("local COS serves the buckets, the key and the port it is given", async () => {
  const key = { secretId: "AKIDlocal", secretKey: "given-by-the-environment" }
  const { child, ended, ready } = start(
    ["--bucket", "a-1250000000", "--bucket", "b-1250000000", "--region", "ap-nanjing", "--strict"],
    { COS_SECRET_ID: key.secretId, COS_SECRET_KEY: key.secretKey, PORT: "0" },
  )
  try {
    const endpoint = originIn(await ready)
    const at = { bucket: "b-1250000000", region: "ap-nanjing", endpoint }
    const names = await Effect.runPromise(
      Effect.gen(function* () {
        const sent = rule("a")
        const bucket = "qcs::cos:ap-nanjing::b-1250000000"
        yield* putInventory(at, { ...sent, destination: { ...sent.destination, bucket } })
        return [...yield* Stream.runCollect(listBuckets({ endpoint }))].map(({ name }) => name)
      }).pipe(Effect.provide(client(key))),
    )
    assert.deepEqual(names, ["a-1250000000", "b-1250000000"])
  } finally {
    child.kill()
  }
  const { out, err } = await ended
  assert.ok(!(out + err).includes(key.secretKey))
})

test("local COS answers unsigned requests when it is told --no-verify", async () => {
  const { child, ended, ready } = start(["--no-verify"])
  try {
    const response = await fetch(`${originIn(await ready)}/?inventory&id=list1`)
    assert.equal(response.status, 200)
    assert.match(await response.text(), /<Id>list1<\/Id>/)
  } finally {
    child.kill()
  }
  await ended
})

const wrong: ReadonlyArray<readonly [what: string, args: ReadonlyArray<string>, code: number, says: RegExp]> = [
  ["an unknown flag", ["--colour"], 64, /--colour/],
  ["a port that is none", ["--port", "70000"], 5, /^The port "70000" is not a port .*0 to 65535/],
  ["a bucket without an appid", ["--bucket", "a"], 5, /must end in -<appid>/],
  ["a region without a bucket", ["--region", "ap-nanjing"], 5, /^A region is given, but no bucket .*--bucket/],
  ["half a key", [], 5, /^Half a credential: COS_SECRET_KEY is set, but not COS_SECRET_ID/],
]
for (const [what, args, code, says] of wrong) {
  test(`local COS ends with ${code} and says why when it is given ${what}`, async () => {
    const { ended } = start(args, what === "half a key" ? { COS_SECRET_KEY: "hidden-value" } : {})
    const ran = await ended
    assert.equal(ran.code, code)
    assert.equal(ran.out, "")
    assert.match(ran.err, says)
    assert.doesNotMatch(ran.err, /hidden-value|\n\s+at /)
  })
}

test("local COS prints its usage and ends with 0 when it is asked for --help", async () => {
  const { code, out, err } = await start(["--help", "--region", "ap-nanjing"]).ended
  assert.deepEqual([code, err], [0, ""])
  for (const flag of ["port", "host", "bucket", "region", "strict", "no-verify"]) {
    assert.ok(out.includes(`  --${flag} `))
  }
})
