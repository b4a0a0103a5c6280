/** An account of several buckets on a socket, and the command line against it. */
import { writeFile } from "node:fs/promises"
import type { BucketOptions } from "../adapters/memory/mod.ts"
import { type LocalCos, withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
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

export interface FleetWorld extends LocalCos {
  /** A file of a folder that this world has to itself. */
  readonly fileOf: (name: string, content: string | Uint8Array) => Promise<string>
}

export const withFleet = <A>(
  body: (world: FleetWorld) => Promise<A>,
  buckets: ReadonlyArray<BucketOptions> = account,
  faults: ReadonlyArray<unknown> = [],
): Promise<A> =>
  withFiles({}, (at) =>
    withCos({ buckets }, (local) => {
      local.fault(...faults)
      const fileOf = async (name: string, content: string | Uint8Array): Promise<string> => {
        await writeFile(at(name), content)
        return at(name)
      }
      return body({ ...local, fileOf })
    }))

/** A rule that is right in any region. */
export const newRule = (id: string): string =>
  JSON.stringify({ ...rule(id), destination: { bucket: "dest-1250000000", format: "CSV" } })

/** A one-time job that is right in any region. */
export const newJob = (id: string): string => {
  const { isEnabled: _, schedule: __, ...job } = JSON.parse(newRule(id))
  return JSON.stringify(job)
}
