/** From rules files to what is wanted of each bucket, judged all together before anything is sent. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { rulesFilesAt } from "../adapters/rules-folder.ts"
import { type CallError } from "../core/client.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { lintTargets } from "../core/advice/mod.ts"
import { byPlace, distinct, type Finding, isError, isForgivable } from "../core/lint/mod.ts"
import { asPeriodic, type Desired, desiredIn, errorsIn, isComplete, type PlanOptions } from "../core/plan/mod.ts"
import { oneLine } from "../core/redact.ts"
import type { Draft, InventoryConfiguration } from "../core/rule.ts"
import { type RuleSet, targetsOf } from "../core/ruleset/mod.ts"
import { word } from "../core/shell.ts"
import type { Wired } from "./connection.ts"
import { type Failure, note } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import type { Form } from "./output/form.ts"
import { placedBuckets } from "./placing.ts"
import { type Files, readFiles, sayWarnings } from "./rules.ts"
import { World } from "./world.ts"

/**
 * What the files want of every bucket they name. Fails with all problems of all files, before a bucket is touched, but
 * for errors of what a rule means: COS may hold such a rule, which then may stay.
 *
 * Files that choose no bucket are a slip, unless one of them says `buckets: []`.
 */
export const desiredOf = (
  paths: ReadonlyArray<string>,
  fleet: Fleet,
  options: Options = {},
): Effect.Effect<ReadonlyArray<Desired>, ConfigError | InvalidInput | CallError | Failure, Wired | World> =>
  Effect.map(wantedOf(paths, fleet, options), ({ desired }) => desired)

interface Options extends Partial<PlanOptions> {
  readonly isQuiet?: boolean
}

export interface WantedOfFiles {
  readonly desired: ReadonlyArray<Desired>
  /** They are said on standard error, unless that is kept for one JSON object. */
  readonly warnings: ReadonlyArray<Finding>
}

/** The same with what is to be said of which buckets they are, and of rules that are written as they are. */
export const wantedOf = (
  paths: ReadonlyArray<string>,
  fleet: Fleet,
  { asIs = false, isQuiet = false, prune = false }: Options = {},
): Effect.Effect<WantedOfFiles, ConfigError | InvalidInput | CallError | Failure, Wired | World> =>
  Effect.gen(function* () {
    const { files, unread } = yield* readRuleFiles(paths)
    const sets = files.flatMap((file) => file.sets)
    const { placed, unlocated, findings: slips } = yield* placedBuckets(sets, fleet, { prune })
    const targets = targetsOf(placed).map(asPeriodic)
    const findings = [
      ...unread,
      ...placed.flatMap(({ set }) => set.findings),
      ...slips,
      ...targets.length > 0 || slips.some(isError) ? [] : noneChosen(sets),
      ...lintTargets(targets, { now: Math.floor((yield* Clock.currentTimeMillis) / 1000), standIns: unlocated }),
    ]
    const odd = findings.filter(isError)
    if (!odd.every(isForgivable) || (odd.length > 0 && !targets.every(isComplete))) {
      return yield* new InvalidInput({ findings: findings.toSorted(byPlace) })
    }
    if (!isQuiet) yield* noteWarnings(findings.filter((finding) => !slips.includes(finding)), paths, fleet.form)
    const warnings = [...slips, ...asIs ? odd.map(forgiven) : []]
    if (fleet.form !== "json") yield* sayWarnings(warnings)
    const completed = new Map<Draft, InventoryConfiguration>()
    const desired = targets.map((target) => ({
      ...desiredIn(target, completed),
      ...(odd.length === 0 || asIs ? {} : { errors: errorsIn(target) }),
    }))
    return { desired, warnings }
  })

const noneChosen = (sets: ReadonlyArray<RuleSet>): ReadonlyArray<Finding> => {
  const [first] = sets
  if (first === undefined || sets.some(({ isNowhere }) => isNowhere === true)) return []
  return [{
    code: "buckets-none",
    severity: "error",
    path: "buckets",
    message: "The files choose no bucket",
    allowed: "a bucket or more; or `buckets: []`, which says that there is none",
    fix: "Correct what names or matches buckets; `cos-inventory buckets` lists them",
    source: "the rules file in the README",
    ...(first.file === undefined ? {} : { file: first.file }),
  }]
}

/** Plans are for what changes; lint is for what else there is to say. */
const noteWarnings = (
  findings: ReadonlyArray<Finding>,
  paths: ReadonlyArray<string>,
  form: Form,
): Effect.Effect<void> => {
  const warnings = distinct(findings).filter(({ severity }) => severity === "warning")
  if (warnings.length === 0) return Effect.void
  const files = new Set(warnings.map(({ file }) => file)).size
  const count = `${warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`} in ${
    files === 1 ? "1 file" : `${files} files`
  }`
  return note(
    oneLine(
      `${count}; see ${warnings.length === 1 ? "it" : "them"} with cos-inventory lint ${paths.map(word).join(" ")}`,
    ),
    form,
  )
}

const forgiven = (finding: Finding): Finding => ({ ...finding, severity: "warning" })

/** The files of every path, folders opened. */
export const readRuleFiles = (paths: ReadonlyArray<string>): Effect.Effect<Files, ConfigError, World> =>
  Effect.flatMap(Effect.forEach(paths, rulesFilesAt), (files) => readFiles(files.flat()))
