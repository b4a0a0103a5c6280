/** The local COS as a program: started, spoken to, told to stop. */
import { strict as assert } from "node:assert"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { layer as layerFetch } from "../adapters/fetch.ts"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { localKey } from "../adapters/local.ts"
import { demoBucket, type Key } from "../adapters/memory/mod.ts"
import { layer as layerSigned } from "../adapters/signed.ts"
import { getInventory, listBuckets } from "../core/client.ts"
import { Credentials } from "../core/ports.ts"
import { exits } from "../cli/exit.ts"
import { localFlags } from "../http/local-flags.ts"

const program = (args: ReadonlyArray<string>): string =>
  fileURLToPath(new URL(args[0] === "local" ? "../cli/main.ts" : "../http/local.ts", import.meta.url))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the program on the runtime of the test. */
const start = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {},
  preload: ReadonlyArray<string> = [],
) => {
  const runtime = "Deno" in globalThis ? ["run", "--allow-all", "--no-check"] : []
  const { COS_SECRET_ID: _, COS_SECRET_KEY: __, COS_SESSION_TOKEN: ___, PORT: ____, ...rest } = process.env
  const child: ChildProcess = spawn(process.execPath, [...runtime, ...preload, program(args), ...args], {
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

/** As a program, and as a command. */
const doors = { "local.ts": [], "The command local": ["local"] } as const

for (const [subject, before] of Object.entries(doors)) {
  for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
    test(`${subject} serves the demo on one line's notice and ends with ${code} when it gets ${signal}`, async () => {
      const { child, ended, ready } = start([...before, "--port", "0", "--seed", "demo"])
      try {
        const endpoint = originIn(await ready)
        const at = { bucket: demoBucket.name, region: demoBucket.region, endpoint }
        const { configuration } = await Effect.runPromise(
          getInventory(at, "list3").pipe(Effect.provide(client(localKey))),
        )
        assert.equal(configuration.id, "list3")
      } finally {
        // Deno 2.9.6 reports no exit code after its own `child.kill`
        process.kill(child.pid!, signal)
      }
      const { out, err, ...rest } = await ended
      assert.equal(rest.code, code)
      assert.match(out, /^Local COS ready at \S+ with examplebucket-1250000000 \(ap-guangzhou\), inventorybucket/u)
      assert.match(
        err,
        /^[\d:.]+Z GET \/examplebucket-1250000000\/\?inventory&id=list3 200 GetBucketInventory \d+ms \S+\n$/u,
      )
    })
  }

  test(`${subject} serves the bucket, the keys and the port it is given`, async () => {
    const key = { secretId: "AKIDmine", secretKey: "given-by-a-flag" }
    const { child, ended, ready } = start(
      [
        ...before,
        "--default-bucket",
        "b-1250000000",
        "--region",
        "ap-nanjing",
        "--key",
        "AKIDmine:given-by-a-flag",
        "--log",
        "json",
      ],
      { PORT: "0" },
    )
    try {
      const endpoint = originIn(await ready)
      for (const each of [key, localKey]) {
        const names = await Effect.runPromise(
          Effect.map(Stream.runCollect(listBuckets({ endpoint })), (found) => [...found].map(({ name }) => name)).pipe(
            Effect.provide(client(each)),
          ),
        )
        assert.deepEqual(names, ["b-1250000000"])
      }
    } finally {
      child.kill()
    }
    const { out, err } = await ended
    assert.deepEqual(err.trim().split("\n").map((line) => JSON.parse(line).operation), ["GetService", "GetService"])
    assert.ok(!(out + err).includes(key.secretKey))
  })

  const wrong: ReadonlyArray<readonly [what: string, args: ReadonlyArray<string>, code: number, says: RegExp]> = [
    ["an unknown flag", ["--colour"], exits.usage, /--colour/],
    ["a port that is none", ["--port", "70000"], exits.invalid, /no number from 0 to 65535.*70000/su],
    ["a bucket without an appid", ["--default-bucket", "a"], exits.invalid, /must end in -<appid>/u],
    ["an address that others reach", ["--host", "0.0.0.0"], exits.invalid, /--allow-remote/u],
    ["a clock that is none", ["--clock", "yesterday"], exits.invalid, /yesterday.*2026-01-01T00:00:00Z/su],
    ["a seed that is none", ["--seed", "dmeo"], exits.invalid, /did you mean "demo"/u],
    ["a seed file that is not there", ["--seed", "./none.json"], exits.invalid, /none\.json/u],
    ["half a key", ["--key", "hidden-value"], exits.invalid, /<id>:<secret>/u],
  ]
  for (const [what, args, code, says] of wrong) {
    test(`${subject} ends with ${code} and says why when it is given ${what}`, async () => {
      const ran = await start([...before, ...args], { PORT: "0" }).ended
      assert.equal(ran.code, code, ran.err)
      assert.equal(ran.out, "")
      assert.match(ran.err, says)
      assert.doesNotMatch(ran.err, /hidden-value|\n\s+at /)
    })
  }

  test(`${subject} names every flag when it is asked for --help`, async () => {
    const { code, out } = await start([...before, "--help"]).ended
    assert.equal(code, 0)
    for (const { name } of localFlags) assert.match(out, new RegExp(` --${name}[ ,]`, "u"))
  })
}

test("local.ts names every problem at once when several flags are wrong", async () => {
  const { err } = await start(["--port", "x", "--clock", "y", "--log", "z", "--host", "10.0.0.1"]).ended
  for (const name of ["--port", "--clock", "--log", "--host"]) assert.ok(err.includes(`${name}: `), err)
})

test("local.ts ends with 1 and prints the cause when it fails itself", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-local-"))
  try {
    const file = join(folder, "silent.mjs")
    writeFileSync(file, `console.log = () => { throw new Error("nothing can be said") }`)
    const { code, err } = await start(["--port", "0"], {}, ["--preload", file]).ended
    assert.equal(code, 1, err)
    assert.match(err, /^Error: nothing can be said\n +at /u)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("local.ts answers unsigned requests when it is told --loose", async () => {
  const { child, ended, ready } = start(["--loose", "--port", "0", "--seed", "demo"])
  try {
    const response = await fetch(`${originIn(await ready)}/?inventory&id=list1`)
    assert.equal(response.status, 200)
    assert.match(await response.text(), /<Id>list1<\/Id>/)
  } finally {
    child.kill()
  }
  await ended
})

test("The command local refuses the flags that say which COS to talk to", async () => {
  for (const flag of [["--bucket", "a-1250000000"], ["--demo"], ["--endpoint", "http://127.0.0.1:1"]]) {
    const { code, err } = await start(["local", ...flag]).ended
    assert.equal(code, exits.usage, err)
    assert.ok(err.includes(flag[0]!), err)
  }
})
