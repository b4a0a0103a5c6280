/** Plans a document of three rules for as many buckets as are asked for, against a COS in memory; prints the seconds. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { layer as layerHashes } from "../../adapters/hashes/node.ts"
import { layer as layerMemory } from "../../adapters/memory/mod.ts"
import { readYaml, writeYaml } from "../../adapters/yaml.ts"
import { planned } from "../../cli/planning.ts"
import { lintTargets } from "../../core/lint/mod.ts"
import { countsOf, type Desired } from "../../core/plan/mod.ts"
import type { InventoryConfiguration } from "../../core/rule.ts"
import { readRuleSet, targetsOf } from "../../core/ruleset/mod.ts"
import { completeConfiguration } from "../../core/wire/reading.ts"

const region = "ap-guangzhou"
const buckets = Array.from({ length: Number(process.argv[2]) }, (_, i) => `bucket${i}-1250000000`)
const document = writeYaml({
  buckets: buckets.map((bucket) => `${bucket}@${region}`),
  manages: ["*"],
  defaults: { destination: { bucket: "inventorybucket-1250000000", format: "CSV" }, optionalFields: ["Size", "ETag"] },
  rules: ["daily", "weekly", "all"].map((id) => ({
    id,
    filter: { prefix: `${id}/\${name}/` },
    schedule: { frequency: id === "weekly" ? "Weekly" : "Daily" },
  })),
})

/** Every other bucket lacks a rule, and has one that nobody wants. */
const drifted = (rules: ReadonlyArray<InventoryConfiguration>, i: number): ReadonlyArray<InventoryConfiguration> =>
  i % 2 === 0 ? rules : [...rules.slice(1), { ...rules[0]!, id: "old" }]

const targets = () => {
  const [source] = Result.getOrThrow(readYaml(document, "yaml"))
  return targetsOf([{ set: readRuleSet(source!), buckets: buckets.map((bucket) => ({ bucket, region })) }])
}

const desired = (): ReadonlyArray<Desired> =>
  targets().map(({ bucket, wanted, manages }) => ({
    bucket,
    region,
    rules: wanted.map(({ reading }) => Result.getOrThrow(completeConfiguration(reading.draft))),
    protected: new Set<string>(),
    manages: manages.map(({ glob }) => glob),
  }))

const memory = layerMemory({
  buckets: desired().map(({ bucket, rules }, i) => ({ name: bucket, region, rules: drifted(rules, i) })),
  keys: [],
  verifySignatures: false,
})

const program = Effect.gen(function* () {
  const begin = performance.now()
  const findings = lintTargets(targets(), { now: 0 })
  const { plans } = yield* planned(desired(), { at }, { prune: true, parallel: 8 })
  const { create, delete: gone, keep } = countsOf(plans)
  const half = buckets.length / 2
  if (findings.some(({ severity }) => severity === "error") || create !== half || gone !== half || keep !== 5 * half) {
    throw new Error(`Planned ${create} creates, ${gone} deletes and ${keep} keeps`)
  }
  console.log((performance.now() - begin) / 1000)
})

const at = (ref: { readonly bucket: string }) => Effect.succeed({ bucket: ref.bucket, region, isDemo: false })

await Effect.runPromise(program.pipe(Effect.provide(memory.pipe(Layer.provideMerge(layerHashes)))))
