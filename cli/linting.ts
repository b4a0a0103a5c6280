/** Rules files judged without COS: buckets that only it could name have others stand for them. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { RulesFile } from "../adapters/rules-file.ts"
import { rulesFilesAt } from "../adapters/rules-folder.ts"
import { byPlace, type Finding, lintTargets, standInBucket, standInRegion } from "../core/lint/mod.ts"
import { type BucketRef, type RuleSet, type Selector, targetsOf } from "../core/ruleset/mod.ts"
import { type Files, readFiles, unreadable } from "./rules.ts"
import type { World } from "./world.ts"

export interface Linted {
  readonly files: ReadonlyArray<RulesFile>
  /** Those that could not be read among them. */
  readonly count: number
  readonly findings: ReadonlyArray<Finding>
}

/** Where rules belong that do not say so themselves. */
export interface Chosen {
  readonly buckets: ReadonlyArray<BucketRef>
  /** Of buckets that do not say their own. */
  readonly region: string | undefined
}

export const linted = (
  paths: ReadonlyArray<string>,
  chosen: Chosen,
): Effect.Effect<Linted, never, World> =>
  Effect.gen(function* () {
    const { files, unread } = yield* filesAt(paths)
    const sets = files.flatMap((file) => file.sets)
    const { placed, standIns } = placesOf(sets, chosen)
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const findings = [
      ...unread,
      ...sets.flatMap((set) => set.findings),
      ...lintTargets(targetsOf(placed), { now, standIns }),
    ].toSorted(byPlace)
    return { files, count: new Set([...files, ...unread].map(({ file }) => file)).size, findings }
  })

/** What cannot be read is a finding as others are. */
const filesAt = (paths: ReadonlyArray<string>): Effect.Effect<Files, never, World> =>
  Effect.gen(function* () {
    const found = yield* Effect.forEach(paths, (path) => Effect.result(rulesFilesAt(path)))
    const lost = found.filter(Result.isFailure).map(({ failure }) => unreadable(failure))
    const names = found.filter(Result.isSuccess).flatMap(({ success }) => success)
    const read = yield* Effect.result(readFiles(names))
    return Result.isSuccess(read)
      ? { files: read.success.files, unread: [...lost, ...read.success.unread] }
      : { files: [], unread: [...lost, unreadable(read.failure)] }
  })

const placesOf = (sets: ReadonlyArray<RuleSet>, { buckets, region: usual }: Chosen) => {
  const standIns = new Map<string, string | undefined>()
  const standIn = (name: string, glob: string | undefined, at: string | undefined): BucketRef => {
    standIns.set(name, glob)
    return { bucket: name, region: at ?? standInRegion }
  }
  const regions = regionsOf(sets)
  const named = (ref: BucketRef): BucketRef => ({
    bucket: ref.bucket,
    region: ref.region ?? usual ?? regions.get(ref.bucket) ?? standInRegion,
  })
  const selected = ({ bucket: name, match, region: at }: Selector): BucketRef =>
    name === undefined
      ? standIn(standInBucket(match, at), match, at)
      : named({ bucket: name, ...(at === undefined ? {} : { region: at }) })
  const bucketsOf = (set: RuleSet, i: number): ReadonlyArray<BucketRef> => {
    if (set.selectors.length > 0) return set.selectors.map(selected)
    // Rules that belong nowhere are beside no others
    if (set.isNowhere === true) return [standIn(standInBucket("*", String(i)), undefined, undefined)]
    return buckets.length > 0 ? buckets.map(named) : [standIn(standInBucket(), undefined, usual)]
  }
  return { placed: sets.map((set, i) => ({ set, buckets: bucketsOf(set, i) })), standIns }
}

/** A bucket may have its region in one document alone. */
const regionsOf = (sets: ReadonlyArray<RuleSet>): ReadonlyMap<string, string> =>
  new Map(
    sets.flatMap(({ selectors }) =>
      selectors.flatMap(({ bucket, region }) => bucket === undefined || region === undefined ? [] : [[bucket, region]])
    ),
  )
