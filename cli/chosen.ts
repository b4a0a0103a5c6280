/** The buckets that flags choose: by name, by a list, or all of the account. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding, Position } from "../core/lint/mod.ts"
import { type BucketRef, parseBucketRef } from "../core/bucket.ts"
import { exits } from "./exit.ts"
import { Refusal } from "./failure.ts"
import type { Flags } from "./settings.ts"
import { World } from "./world.ts"

export interface ChosenBucket extends BucketRef {
  /** Where it stands, unless that is a flag. */
  readonly file?: string
  readonly position?: Position
}

/** Whether what a command prints is about several buckets. It follows from the flags alone, never from what a list holds. */
export const choosesMany = ({ bucket, bucketsFrom, allBuckets }: Flags): boolean =>
  allBuckets || Option.isSome(bucketsFrom) || new Set(bucket.map((text) => parseBucketRef(text).bucket)).size > 1

/** Those of `--bucket` and `--buckets-from`, each once. They are those of the account instead where `--all-buckets` is given. */
export const chosenBy = (
  { bucket, bucketsFrom, allBuckets }: Flags,
): Effect.Effect<ReadonlyArray<ChosenBucket>, ConfigError | InvalidInput | Refusal, World> =>
  Effect.gen(function* () {
    if (allBuckets && (bucket.length > 0 || Option.isSome(bucketsFrom))) return yield* bothWays
    const named = bucket.map(parseBucketRef)
    if (Option.isNone(bucketsFrom)) return yield* once(named)
    const { stdin } = yield* World
    const { readBucketList } = yield* Effect.promise(() => import("../adapters/bucket-list.ts"))
    return yield* once([...named, ...(yield* readBucketList(bucketsFrom.value, { stdin }))])
  })

const bothWays = new Refusal({
  exit: exits.usage,
  problem: "--all-buckets chooses every bucket, and others are named beside it",
  fix: "Leave out --all-buckets, or --bucket and --buckets-from",
})

/** A bucket that is named again adds its region where none was said. */
const once = (named: ReadonlyArray<ChosenBucket>): Effect.Effect<ReadonlyArray<ChosenBucket>, InvalidInput> => {
  const byName = new Map<string, ChosenBucket>()
  const findings: Array<Finding> = []
  for (const ref of named) {
    const first = byName.get(ref.bucket)
    if (first?.region === undefined) byName.set(ref.bucket, first === undefined ? ref : { ...first, ...ref })
    else if (ref.region !== undefined && ref.region !== first.region) findings.push(twoRegions(ref, first.region))
  }
  return findings.length > 0 ? Effect.fail(new InvalidInput({ findings })) : Effect.succeed([...byName.values()])
}

const twoRegions = ({ bucket, region, file, position }: ChosenBucket, first: string): Finding => ({
  code: "bucket-regions",
  severity: "error",
  path: file === undefined ? "--bucket" : "",
  message: "The bucket is named with two regions",
  found: `${bucket}@${region}`,
  allowed: `one region; it is named as ${bucket}@${first} before`,
  fix: "Correct one of them",
  source: "page 6224: a bucket is in one region",
  ...(file === undefined ? {} : { file }),
  ...(position === undefined ? {} : { position }),
})
