/** Rules files judged without COS. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { RulesFile } from "../adapters/rules-file.ts"
import { rulesFilesAt } from "../adapters/rules-folder.ts"
import { type Chosen, lintTargets, placesOf } from "../core/advice/mod.ts"
import { byPlace, distinct, type Finding } from "../core/lint/mod.ts"
import { type RuleSet, targetsOf } from "../core/ruleset/mod.ts"
import { type Files, readFiles, unreadable } from "./rules.ts"
import type { World } from "./world.ts"

export interface Linted {
  readonly files: ReadonlyArray<RulesFile>
  /** Those that could not be read among them. */
  readonly count: number
  readonly findings: ReadonlyArray<Finding>
}

export const linted = (
  paths: ReadonlyArray<string>,
  chosen: Chosen,
): Effect.Effect<Linted, never, World> =>
  Effect.gen(function* () {
    const { files, unread } = yield* filesAt(paths)
    const sets = files.flatMap((file) => file.sets)
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const findings = [
      ...unread,
      ...sets.flatMap((set) => set.findings),
      ...judged(sets, chosen, now),
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

const judged = (sets: ReadonlyArray<RuleSet>, chosen: Chosen, now: number): ReadonlyArray<Finding> => {
  const { placed, destinations, standIns, reached } = placesOf(sets, chosen)
  const moment = { now, standIns, reached }
  // All else that is to be said of a rule there is said without knowing whether it is
  const own = lintTargets(targetsOf(destinations), moment).filter(({ code }) => code === "report-lists-itself")
  return distinct([...lintTargets(targetsOf(placed), moment), ...own])
}
