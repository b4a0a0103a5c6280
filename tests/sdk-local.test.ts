/** Tencent's Node SDK does all that the local COS offers: on the runtime of the test, and on Node. */
import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { appOf, localKey, openLocalCos } from "../adapters/local.ts"
import { demoBucket } from "../adapters/memory/mod.ts"
import { listen } from "../http/listen.ts"
import { bun, run } from "./process.ts"
// @ts-types="./sdk-suite/mod.d.mts"
import { makeWorld, steps, tokenSteps, type World } from "./sdk-suite/mod.mjs"
import { Cos } from "./sdk.ts"
import { serving } from "./serving.ts"

const temporary = { secretId: "AKIDtemporary", secretKey: "temporary-secret", sessionToken: "a-session-token" }
const thisRuntime = "Deno" in globalThis ? [process.execPath, "run", "--allow-all", "--no-check"] : [process.execPath]
const folder = mkdtempSync(join(tmpdir(), "cos-inventory-sdk-"))

/** One for all steps, from the first of them on. */
let begun: Promise<World> | undefined
let server: Fiber.Fiber<unknown, unknown> | undefined
after(async () => {
  if (server !== undefined) await Effect.runPromise(Fiber.interrupt(server))
  rmSync(folder, { recursive: true })
})

const world = (): Promise<World> =>
  begun ??= new Promise((resolve, reject) => {
    const program = Effect.gen(function* () {
      const cos = yield* openLocalCos({ keys: [localKey, temporary] })
      const { origin } = yield* listen({ app: yield* appOf(cos, {}, cos), graceMillis: 0 })
      const { name: bucket, region } = demoBucket
      resolve({ ...makeWorld({ Cos, origin, key: localKey, bucket, region, folder }), temporary })
      return yield* Effect.never
    })
    server = Effect.runFork(Effect.onError(Effect.scoped(program), (cause) => Effect.sync(() => reject(cause))))
  })

for (const { name, run } of [...steps, ...tokenSteps]) {
  test(`cos-nodejs-sdk-v5 ${name}`, async () => run(await world()))
}

/** Node 20 has no node:sqlite, so there the local COS stays in memory. */
const servers: Readonly<Record<string, () => Promise<ReadonlyArray<string>>>> = {
  "on Node when the bundle of the local COS runs on Node too": async () => {
    const bundle = join(folder, "local.mjs")
    const built = await run(bun, ["build", "http/local.ts", "--target=node", `--outfile=${bundle}`])
    assert.equal(built.code, 0, built.stdout + built.stderr)
    return ["node", bundle]
  },
  "on Node when the local COS keeps everything in a folder": () =>
    Promise.resolve([...thisRuntime, "http/local.ts", "--data", join(folder, "data")]),
}

for (const [how, commandOf] of Object.entries(servers)) {
  test(`cos-nodejs-sdk-v5 does all of this ${how}`, async () => {
    const command = [...await commandOf(), "--port", "0", "--log", "off"]
    await serving(command, /^Local COS ready at \S+ .*\n/u, async (said) => {
      const [, origin = ""] = /^Local COS ready at (\S+)/u.exec(said) ?? []
      const { code, stdout, stderr } = await run("node", ["tests/sdk-suite/run.mjs", origin])
      assert.equal(stdout, steps.map(({ name }) => `ok ${name}\n`).join(""), stderr)
      assert.equal(code, 0, stderr)
    })
  })
}
