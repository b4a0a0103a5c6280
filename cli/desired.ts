/** From rules files to what is wanted of each bucket, judged all together before anything is sent. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rulesFilesAt } from "../adapters/rules-folder.ts"
import { type CallError } from "../core/client.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { type Finding, isError, isForgivable, lint, lintTargets } from "../core/lint/mod.ts"
import type { Desired, PlanOptions } from "../core/plan/mod.ts"
import type { Draft, InventoryConfiguration } from "../core/rule.ts"
import { type Target, targetsOf } from "../core/ruleset/mod.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import type { Wired } from "./connection.ts"
import type { Fleet } from "./fleet.ts"
import { placedBuckets } from "./placing.ts"
import { type Files, readFiles, sayWarnings } from "./rules.ts"
import { World } from "./world.ts"

/**
 * What the files want of every bucket they name. Fails with all problems of all files, before a bucket is touched, but
 * for errors of what a rule means: COS may hold such a rule, which then may stay.
 */
export const desiredOf = (
  paths: ReadonlyArray<string>,
  fleet: Fleet,
  { asIs = false }: Pick<PlanOptions, "asIs"> = {},
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
    const odd = findings.filter(isError)
    if (!odd.every(isForgivable) || (odd.length > 0 && !targets.every(isComplete))) {
      return yield* new InvalidInput({ findings })
    }
    if (fleet.form !== "json") yield* sayWarnings([...slips, ...asIs ? odd.map(forgiven) : []])
    const completed = new Map<Draft, InventoryConfiguration>()
    return targets.map((target) => ({
      ...desiredIn(target, completed),
      ...(odd.length === 0 || asIs ? {} : { errors: errorsIn(target) }),
    }))
  })

const isComplete = ({ wanted }: Target): boolean =>
  wanted.every(({ reading }) => Result.isSuccess(completeConfiguration(reading.draft)))

const forgiven = (finding: Finding): Finding => ({ ...finding, severity: "warning" })

const errorsIn = ({ region, wanted }: Target): ReadonlyMap<string, ReadonlyArray<Finding>> =>
  new Map(wanted.map(({ reading, kind }) => [
    reading.draft.id ?? "",
    lint(reading, { kind, ...(region === undefined ? {} : { region }) }).filter(isError),
  ]))

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
