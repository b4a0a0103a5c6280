/** From rules files to what is wanted of each bucket, judged all together before anything is sent. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rulesFilesAt } from "../adapters/rules-folder.ts"
import { type CallError } from "../core/client.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { isMatch } from "../core/glob.ts"
import { type Finding, isError, lintTargets } from "../core/lint/mod.ts"
import type { Desired } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { type BucketRef, type RuleSet, type Selector, type Target, targetsOf } from "../core/ruleset/mod.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import type { Wired } from "./connection.ts"
import type { Fleet } from "./fleet.ts"
import { type Files, readFiles } from "./rules.ts"
import { World } from "./world.ts"

/** What the files want of every bucket they name. Fails with all problems of all files, before a bucket is touched. */
export const desiredOf = (
  paths: ReadonlyArray<string>,
  fleet: Fleet,
): Effect.Effect<ReadonlyArray<Desired>, ConfigError | InvalidInput | CallError, Wired | World> =>
  Effect.gen(function* () {
    const { files, unread } = yield* readRuleFiles(paths)
    const sets = files.flatMap((file) => file.sets)
    const placed = yield* Effect.forEach(sets, (set) => bucketsOf(set, fleet))
    const targets = targetsOf(placed.map(({ buckets }, i) => ({ set: sets[i]!, buckets })))
    const findings = [
      ...unread,
      ...sets.flatMap((set) => set.findings),
      ...placed.flatMap((p) => p.findings),
      ...lintTargets(targets, { now: Math.floor((yield* Clock.currentTimeMillis) / 1000) }),
    ]
    if (findings.some(isError)) return yield* new InvalidInput({ findings })
    return targets.map(complete)
  })

/** The files of every path, folders opened. */
export const readRuleFiles = (paths: ReadonlyArray<string>): Effect.Effect<Files, ConfigError, World> =>
  Effect.flatMap(Effect.forEach(paths, rulesFilesAt), (files) => readFiles(files.flat()))

interface Placed {
  readonly buckets: ReadonlyArray<BucketRef>
  readonly findings: ReadonlyArray<Finding>
}

/** A document's own buckets, narrowed by those that flags choose; or, where it names none, the chosen ones. */
const bucketsOf = (set: RuleSet, fleet: Fleet): Effect.Effect<Placed, CallError, Wired> =>
  Effect.gen(function* () {
    const { chosen, usual } = fleet
    if (set.selectors.length === 0) {
      const buckets = chosen.length > 0 ? chosen : usual === undefined ? [] : [usual]
      return { buckets: buckets.map(withRegion(fleet)), findings: buckets.length > 0 ? [] : [noBucket(set)] }
    }
    const found = (yield* Effect.forEach(set.selectors, (selector) => selected(selector, fleet))).flat()
    const names = new Set(chosen.map(({ bucket }) => bucket))
    return { buckets: names.size === 0 ? found : found.filter(({ bucket }) => names.has(bucket)), findings: [] }
  })

const withRegion = ({ region }: Fleet) => (ref: BucketRef): BucketRef =>
  ref.region !== undefined || region === undefined ? ref : { ...ref, region }

const selected = (
  { bucket, match, region }: Selector,
  fleet: Fleet,
): Effect.Effect<ReadonlyArray<BucketRef>, CallError, Wired> =>
  bucket !== undefined
    ? Effect.succeed([withRegion(fleet)({ bucket, ...(region === undefined ? {} : { region }) })])
    : Effect.map(fleet.account, (entries) =>
      entries
        .filter(({ name, location }) => isMatch(match ?? "", name) && (region === undefined || location === region))
        .map(({ name, location }) => ({ bucket: name, region: location })))

const noBucket = (set: RuleSet): Finding => ({
  code: "bucket-missing",
  severity: "error",
  path: "buckets",
  message: "Nothing says which bucket the rules belong to",
  allowed: "<name>-<appid>@<region>",
  fix: "Add buckets to the file, or give --bucket or COS_BUCKET",
  source: "the rules file in the README",
  ...(set.file === undefined ? {} : { file: set.file }),
})

const complete = ({ bucket, region, wanted, manages }: Target): Desired => {
  const rules = wanted.map(({ reading }): InventoryConfiguration =>
    Result.getOrThrow(completeConfiguration(reading.draft))
  )
  return {
    bucket,
    region: region ?? "",
    rules,
    protected: new Set(wanted.filter(({ protect }) => protect).map(({ reading }) => reading.draft.id ?? "")),
    manages: manages.map(({ glob }) => glob),
  }
}
