/** Plans a document of three rules for as many buckets as are asked for, against a COS in memory; prints the seconds. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { layer as layerHashes } from "../../adapters/hashes/node.ts"
import { layer as layerMemory } from "../../adapters/memory/mod.ts"
import { writeYaml } from "../../adapters/yaml/mod.ts"
import { desiredOf } from "../../cli/desired.ts"
import type { Fleet } from "../../cli/fleet.ts"
import { planned } from "../../cli/planning.ts"
import { World } from "../../cli/world.ts"
import { listBuckets } from "../../core/client.ts"
import { countsOf } from "../../core/plan/mod.ts"
import { rule } from "./documents.ts"

const region = "ap-guangzhou"
const buckets = Array.from({ length: Number(process.argv[2]) }, (_, i) => `bucket${i}-1250000000`)
const ids = ["daily", "weekly", "all"]

const file = writeYaml({
  buckets: [{ match: "bucket*", region }],
  manages: ["*"],
  rules: ids.map(rule),
})

/** Every other bucket lacks the first rule, and has one that nobody wants. */
const memory = layerMemory({
  buckets: buckets.map((name, i) => ({
    name,
    region,
    rules: (i % 2 === 0 ? ids : ["old", ...ids.slice(1)]).map(rule),
  })),
  keys: [],
  verifySignatures: false,
})

const fleet: Fleet = {
  chosen: [],
  named: [],
  isAll: false,
  usual: undefined,
  account: Stream.runCollect(listBuckets({ region })),
  located: (ref) => ref,
  at: (ref) => Effect.succeed({ bucket: ref.bucket, region, isDemo: false }),
  region,
  endpoint: undefined,
  isDemo: false,
  form: "table",
}

const world: World = {
  env: {},
  stdin: (async function* () {
    yield await Promise.resolve(new TextEncoder().encode(file))
  })(),
  isTerminal: { stdin: false, stdout: false, stderr: false },
  confirm: () => Effect.succeed(false),
}

const program = Effect.gen(function* () {
  const begin = performance.now()
  const { plans } = yield* planned(yield* desiredOf(["-"], fleet), fleet, { prune: true, parallel: 8 })
  const seconds = (performance.now() - begin) / 1000
  const { create, delete: gone, keep } = countsOf(plans)
  const half = buckets.length / 2
  if (create !== half || gone !== half || keep !== 5 * half) {
    throw new Error(`Planned ${create} creates, ${gone} deletes and ${keep} keeps`)
  }
  console.log(seconds)
})

const wired = memory.pipe(Layer.provideMerge(layerHashes))
await Effect.runPromise(program.pipe(Effect.provideService(World, world), Effect.provide(wired)))
