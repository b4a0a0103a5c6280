/** An account of several buckets on a socket, and the command line against it. */
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { serveOf } from "../adapters/hono/transport.ts"
import { wire } from "../adapters/hono/wire.ts"
import { readFaults } from "../adapters/memory/faults/mod.ts"
import { type BucketOptions, demoKey, open, transportOf } from "../adapters/memory/mod.ts"
import { Transport } from "../core/ports.ts"
import { listen } from "../http/listen.ts"
import { type Invocation, invoke, type Outcome } from "./cli.ts"
import { rule } from "./laws-world.ts"

export const guangzhou = "ap-guangzhou"
export const nanjing = "ap-nanjing"

const readings = ["GetBucketInventory", "ListBucketInventory"]
const writings = ["PutBucketInventory", "DeleteBucketInventory", "PostBucketInventory"]

const ruleIn = (region: string, id: string) =>
  rule(id, { destination: { bucket: `qcs::cos:${region}::dest-1250000000`, format: "CSV" } })

export const bucket = (name: string, region: string, ids: ReadonlyArray<string>): BucketOptions => ({
  name: `${name}-1250000000`,
  region,
  rules: ids.map((id) => ruleIn(region, id)),
})

/** Two that work, and one that lets nobody in. */
export const account: ReadonlyArray<BucketOptions> = [
  bucket("one", guangzhou, ["a", "b"]),
  bucket("two", nanjing, ["a"]),
  { ...bucket("shut", guangzhou, ["a"]), denied: [...readings, ...writings] },
]

export const one = "one-1250000000@ap-guangzhou"
export const two = "two-1250000000@ap-nanjing"
export const shut = "shut-1250000000@ap-guangzhou"
/** There is none of this name. */
export const ghost = "ghost-1250000000@ap-guangzhou"
/** Nobody says where it is. */
export const lost = "lost-1250000000"

export const named = (...refs: ReadonlyArray<string>): ReadonlyArray<string> => refs.flatMap((ref) => ["--bucket", ref])

export interface FleetWorld {
  /** Runs the command line with keys and an endpoint, and neither a bucket nor a region. */
  readonly go: (args: ReadonlyArray<string>, invocation?: Invocation) => Promise<Outcome>
  /** Method and target of every request so far. */
  readonly asked: () => ReadonlyArray<string>
}

export const withFleet = <A>(
  body: (world: FleetWorld) => Promise<A>,
  buckets: ReadonlyArray<BucketOptions> = account,
  faults: ReadonlyArray<unknown> = [],
): Promise<A> =>
  Effect.gen(function* () {
    const cos = yield* Effect.provide(open({ buckets, keys: [demoKey] }), layerHashes)
    for (const fault of Result.getOrThrow(readFaults(faults))) cos.faults.add(fault)
    const inner = transportOf(cos)
    const asked: Array<string> = []
    const send: typeof inner.send = (request) => {
      asked.push(`${request.method} ${request.target}`)
      return inner.send(request)
    }
    const app = yield* Effect.flatMap(Transport, (transport) => wire(serveOf(transport))).pipe(
      Effect.provide(Layer.succeed(Transport, { send })),
    )
    const { origin } = yield* listen({ app })
    const env = { COS_ENDPOINT: origin, COS_SECRET_ID: demoKey.secretId, COS_SECRET_KEY: demoKey.secretKey }
    return yield* Effect.promise(() =>
      body({
        asked: () => asked,
        go: (args, invocation = {}) => invoke(args, { ...invocation, env: { ...env, ...invocation.env } }),
      })
    )
  }).pipe(Effect.scoped, Effect.runPromise)

/** A file of its own folder, gone with the machine's temporary files. */
export const fileOf = async (name: string, text: string | Uint8Array): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), "fleet-")), name)
  await writeFile(path, text)
  return path
}

/** A rule that is right in any region. */
export const newRule = (id: string): string =>
  JSON.stringify({ ...rule(id), destination: { bucket: "dest-1250000000", format: "CSV" } })

/** A one-time job that is right in any region. */
export const newJob = (id: string): string => {
  const { isEnabled: _, schedule: __, ...job } = JSON.parse(newRule(id))
  return JSON.stringify(job)
}
