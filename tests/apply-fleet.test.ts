/** Two hundred buckets with fifty rules each, over a socket, while COS now and then has no time. */
import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { readFaults } from "../adapters/memory/faults/mod.ts"
import { demoOptions, open } from "../adapters/memory/mod.ts"
import { listen } from "../http/listen.ts"
import { invoke, settingsFor } from "./cli.ts"

const region = "ap-guangzhou"
const names = Array.from({ length: 200 }, (_, i) => `fleet-${String(i).padStart(3, "0")}-1250000000`)
const ids = Array.from({ length: 50 }, (_, i) => `daily-${String(i).padStart(2, "0")}`)

const rulesFile = JSON.stringify({
  buckets: names.map((name) => `${name}@${region}`),
  manages: ["daily-*"],
  defaults: {
    schedule: { frequency: "Daily" },
    destination: { bucket: "inventorybucket-1250000000", format: "CSV", prefix: "${name}" },
  },
  rules: ids.map((id) => ({ id, filter: { prefix: `${id}/` } })),
})

test("apply makes two hundred buckets with fifty rules each as they are wanted when every fiftieth request is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "apply-fleet-"))
  const file = join(folder, "rules.json")
  writeFileSync(file, rulesFile)
  await Effect.gen(function* () {
    const cos = yield* open({ ...demoOptions(), buckets: names.map((name) => ({ name, region })) })
    let refused = 0
    let performed = 0
    const app = yield* wire({
      answer: (request) =>
        Effect.tap(cos.answer(request), ({ status }) =>
          Effect.sync(() => {
            if (status === 503) refused++
            else if (request.method === "PUT" && status === 200) performed++
          })),
    })
    const { origin } = yield* listen({ app })
    const env = settingsFor(origin)
    for (const fault of Result.getOrThrow(readFaults({ status: 503, code: "SlowDown", probability: 0.02, seed: 4 }))) {
      cos.faults.add(fault)
    }
    yield* Effect.promise(async () => {
      const applied = await invoke(["apply", file, "--yes", "--parallel", "32", "-o", "json"], { env })
      assert.equal(applied.code, 0, applied.err)
      const { results } = JSON.parse(applied.out)
      assert.equal(results.length, names.length)
      const answers = new Set<string>(
        results.flatMap((one: { writes: ReadonlyArray<{ result: string }> }) => one.writes.map(({ result }) => result)),
      )
      assert.deepEqual([...answers], ["done"])
      assert.equal(performed, names.length * ids.length)
      assert.ok(refused > 200, `${refused} were refused`)
      const planned = await invoke(["plan", file, "--prune", "--parallel", "32", "-o", "json"], { env })
      assert.equal(planned.code, 0, planned.err)
      assert.deepEqual(JSON.parse(planned.out).plan.counts, {
        create: 0,
        update: 0,
        delete: 0,
        keep: names.length * ids.length,
        unmanaged: 0,
      })
      assert.equal(performed, names.length * ids.length)
    })
  }).pipe(Effect.scoped, Effect.provide(layerHashes), Effect.runPromise)
  rmSync(folder, { recursive: true })
})
