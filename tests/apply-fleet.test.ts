/** Two hundred buckets with fifty rules each, over a socket, while COS now and then has no time. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import type { Serve } from "../core/ports.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"

const region = "ap-guangzhou"
const names = Array.from({ length: 200 }, (_, i) => `fleet-${String(i).padStart(3, "0")}-1250000000`)
const idsOf = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)
/** Every kind of write five times in each bucket, which has fifty rules before and after. */
const [kept, changed, made, gone] = ["kept", "changed", "made", "gone"].map((name, i) => idsOf(name, i === 0 ? 40 : 5))

const rules = JSON.stringify({
  buckets: names.map((name) => `${name}@${region}`),
  manages: ["*"],
  defaults: {
    schedule: { frequency: "Daily" },
    destination: { bucket: "inventorybucket-1250000000", format: "CSV", prefix: "${name}" },
  },
  rules: [...kept!, ...changed!, ...made!].map((id) => ({ id, filter: { prefix: `${id}/` } })),
})

const buckets = names.map((name) => {
  const ruleOf = (id: string, prefix: string): InventoryConfiguration => ({
    id,
    isEnabled: true,
    includedObjectVersions: "Current",
    filter: { prefix },
    schedule: { frequency: "Daily" },
    destination: {
      bucket: `qcs::cos:${region}::inventorybucket-1250000000`,
      format: "CSV",
      prefix: name.replace("-1250000000", ""),
    },
  })
  return {
    name,
    region,
    rules: [
      ...[...kept!, ...gone!].map((id) => ruleOf(id, `${id}/`)),
      ...changed!.map((id) => ruleOf(id, "before/")),
    ],
  }
})

test("`apply` makes two hundred buckets with fifty rules each as they are wanted when every fiftieth request is refused", () =>
  withFiles({ "rules.json": rules }, (at) => {
    let refused = 0
    const performed = { PUT: 0, DELETE: 0 }
    const around = ({ answer }: Serve): Serve => ({
      answer: (request) =>
        Effect.tap(answer(request), ({ status }) =>
          Effect.sync(() => {
            const { method } = request
            if (status === 503) refused++
            else if (status < 300 && (method === "PUT" || method === "DELETE")) performed[method]++
          })),
    })
    // Signatures have their own tests
    return withCos({ buckets, verifySignatures: false, around }, async ({ fault, go }) => {
      fault({ status: 503, code: "SlowDown", probability: 0.02, seed: 4 })
      const args = [at("rules.json"), "--prune", "--parallel", "32", "-o", "json"]
      const applied = await go(["apply", ...args, "--yes"])
      assert.equal(applied.code, 0, applied.err)
      const { results } = JSON.parse(applied.out)
      assert.equal(results.length, names.length)
      const answers: ReadonlyArray<string> = results.flatMap((
        one: { writes: ReadonlyArray<{ action: string; result: string }> },
      ) => one.writes.map(({ action, result }) => `${action} ${result}`))
      for (const action of ["create", "update", "delete"]) {
        assert.equal(answers.filter((answer) => answer === `${action} done`).length, 5 * names.length, action)
      }
      assert.equal(answers.length, 15 * names.length)
      const writes = { PUT: 10 * names.length, DELETE: 5 * names.length }
      assert.deepEqual(performed, writes)
      assert.ok(refused > 100, `${refused} were refused`)
      const planned = await go(["plan", ...args])
      assert.equal(planned.code, 0, planned.err)
      assert.deepEqual(JSON.parse(planned.out).plan.counts, {
        create: 0,
        update: 0,
        delete: 0,
        keep: 50 * names.length,
        unmanaged: 0,
      })
      assert.deepEqual(performed, writes)
    })
  }))
