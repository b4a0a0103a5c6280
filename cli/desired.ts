/** From rules files to what is wanted of each bucket, judged all together before anything is sent. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rulesFilesAt } from "../adapters/rules-folder.ts"
import { type CallError } from "../core/client.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { isError, lintTargets } from "../core/lint/mod.ts"
import type { Desired } from "../core/plan/mod.ts"
import type { Draft, InventoryConfiguration } from "../core/rule.ts"
import { type Target, targetsOf } from "../core/ruleset/mod.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import type { Wired } from "./connection.ts"
import type { Fleet } from "./fleet.ts"
import { placedBuckets } from "./placing.ts"
import { type Files, readFiles, refuseErrors } from "./rules.ts"
import { World } from "./world.ts"

/** What the files want of every bucket they name. Fails with all problems of all files, before a bucket is touched. */
export const desiredOf = (
  paths: ReadonlyArray<string>,
  fleet: Fleet,
): Effect.Effect<ReadonlyArray<Desired>, ConfigError | InvalidInput | CallError, Wired | World> =>
  Effect.gen(function* () {
    const { files, unread } = yield* readRuleFiles(paths)
    const { placed, unlocated, findings: slips } = yield* placedBuckets(files.flatMap((file) => file.sets), fleet)
    const targets = targetsOf(placed).map(asPeriodic)
    const findings = [
      ...unread,
      ...placed.flatMap(({ set }) => set.findings),
      ...slips,
      ...lintTargets(targets, { now: Math.floor((yield* Clock.currentTimeMillis) / 1000), standIns: unlocated }),
    ]
    if (findings.some(isError)) return yield* new InvalidInput({ findings })
    yield* refuseErrors([], fleet.form, slips)
    const completed = new Map<Draft, InventoryConfiguration>()
    return targets.map((target) => desiredIn(target, completed))
  })

/** A one-time job is in no bucket to be held against: it is told what it lacks of a periodic rule. */
const asPeriodic = (target: Target): Target =>
  target.wanted.every(({ kind }) => kind === "configuration")
    ? target
    : { ...target, wanted: target.wanted.map((wanted) => ({ ...wanted, kind: "configuration" })) }

/** The files of every path, folders opened. */
export const readRuleFiles = (paths: ReadonlyArray<string>): Effect.Effect<Files, ConfigError, World> =>
  Effect.flatMap(Effect.forEach(paths, rulesFilesAt), (files) => readFiles(files.flat()))

/** Buckets with the same rule share it: a document of three rules may be for ten thousand of them. */
const desiredIn = (
  { bucket, region, wanted, manages }: Target,
  completed: Map<Draft, InventoryConfiguration>,
): Desired => {
  const rules = wanted.map(({ reading: { draft } }) => {
    const rule = completed.get(draft) ?? Result.getOrThrow(completeConfiguration(draft))
    completed.set(draft, rule)
    return rule
  })
  const ids = wanted.filter(({ protect }) => protect).map(({ reading }) => reading.draft.id ?? "")
  return {
    bucket,
    region: region ?? "",
    rules,
    protected: ids.length === 0 ? none : new Set(ids),
    manages: manages.map(({ glob }) => glob),
  }
}

const none: ReadonlySet<string> = new Set()
