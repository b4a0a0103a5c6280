/** Copying rules: reading them, turning them to their targets, and planning that. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type CallError, listing } from "../core/client.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { isMatch, matchesAny } from "../core/glob.ts"
import type { Finding } from "../core/lint/mod.ts"
import type { Desired } from "../core/plan/mod.ts"
import { type Bucket, retarget } from "../core/retarget.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { type BucketRef, parseBucketRef } from "../core/bucket.ts"
import { checkBucketRef } from "../core/endpoint.ts"
import type { Wired } from "./connection.ts"
import { exits } from "./exit.ts"
import { Refusal } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import { sayPartial } from "./listed.ts"
import type { Form } from "./output/form.ts"
import { type Planned, planned } from "./planning.ts"
import { sayWarnings } from "./rules.ts"
import type { World } from "./world.ts"

export interface Copying {
  readonly source: string
  readonly targets: ReadonlyArray<string>
  /** Globs; every rule where there is none. */
  readonly ids: ReadonlyArray<string>
  readonly destination?: string
  readonly fleet: Fleet
  readonly form: Exclude<Form, "xml">
  readonly parallel: number
}

/** The plans of the targets. It fails before anything is planned where a rule cannot go to one of them. */
export const copying = (
  given: Copying,
): Effect.Effect<Planned, Refusal | ConfigError | InvalidInput | CallError, Wired | World> =>
  Effect.gen(function* () {
    const { fleet, form, parallel } = given
    yield* checkNames(given)
    const from = yield* fleet.at(fleet.located(parseBucketRef(given.source)))
    const targets = yield* Effect.forEach(targetsOf(given, from), fleet.at)
    if (targets.length === 0) return yield* noTarget
    const shown = yield* listing(from)
    yield* sayPartial(shown, from.bucket, form)
    const rules = yield* chosenRules(shown.rules, given)
    const { desired, warnings } = yield* retargeted(rules, from, targets, given.destination)
    if (form !== "json") yield* sayWarnings(warnings)
    // What is odd about a rule that COS has taken once travels along
    return yield* planned(desired, fleet, { prune: false, asIs: true, parallel })
  })

const checkNames = ({ source, targets }: Copying): Effect.Effect<void, InvalidInput> => {
  const findings = [["<source>", source] as const, ...targets.map((target) => ["<target>", target] as const)].flatMap((
    [path, name],
  ) => checkBucketRef(name).map((finding) => ({ ...finding, path })))
  return findings.length === 0 ? Effect.void : Effect.fail(new InvalidInput({ findings }))
}

/** Each once. Those that a flag chooses by the dozen may hold the source, which is not copied onto itself. */
const targetsOf = ({ targets, fleet }: Copying, from: Bucket): ReadonlyArray<BucketRef> => {
  const named = targets.map(parseBucketRef).map(fleet.located)
  const all = [...named, ...fleet.chosen.filter(({ bucket }) => bucket !== from.bucket)]
  return all.filter(({ bucket }, i) => all.findIndex((other) => other.bucket === bucket) === i)
}

const noTarget = new Refusal({
  exit: exits.usage,
  problem: "no bucket is given to copy to",
  fix: "Name one or more behind the source, or give --buckets-from or --all-buckets",
})

const chosenRules = (
  rules: ReadonlyArray<InventoryConfiguration>,
  { ids, source }: Copying,
): Effect.Effect<ReadonlyArray<InventoryConfiguration>, Refusal> => {
  const idle = ids.filter((glob) => !rules.some(({ id }) => isMatch(glob, id)))
  if (rules.length > 0 && idle.length === 0) {
    return Effect.succeed(rules.filter(({ id }) => ids.length === 0 || matchesAny(ids, id)))
  }
  const problem = rules.length === 0
    ? `${source} has no rules`
    : `no rule of ${source} matches ${idle.map((glob) => `"${glob}"`).join(", ")}`
  return Effect.fail(
    new Refusal({ exit: exits.notFound, problem, fix: "See `cos-inventory list`; ids may have * and ?" }),
  )
}

/** The rules for every target, or every reason why one of them cannot go there: then none goes anywhere. */
const retargeted = (
  rules: ReadonlyArray<InventoryConfiguration>,
  from: Bucket,
  targets: ReadonlyArray<Bucket>,
  destination: string | undefined,
): Effect.Effect<
  { readonly desired: ReadonlyArray<Desired>; readonly warnings: ReadonlyArray<Finding> },
  InvalidInput
> => {
  const own = targets.filter(({ bucket }) => bucket === from.bucket)
  const all = targets.map((to) => ({
    to,
    results: rules.map((rule) => retarget(rule, from, to, destination === undefined ? {} : { destination })),
  }))
  const findings = [
    ...own.map(itself),
    ...all.flatMap(({ results }) => results.flatMap((r) => Result.isFailure(r) ? r.failure : [])),
  ]
  if (findings.length > 0) return Effect.fail(new InvalidInput({ findings }))
  const done = all.map(({ to, results }) => ({ to, results: results.filter(Result.isSuccess).map((r) => r.success) }))
  return Effect.succeed({
    desired: done.map(({ to, results }): Desired => ({
      bucket: to.bucket,
      region: to.region,
      rules: results.map(({ rule }) => rule),
      protected: new Set(),
      manages: [],
    })),
    warnings: done.flatMap(({ results }) => results.flatMap((one) => one.findings)),
  })
}

const itself = ({ bucket }: Bucket): Finding => ({
  code: "copy-itself",
  severity: "error",
  path: "<target>",
  message: "A target is the source",
  found: bucket,
  allowed: "other buckets",
  fix: "Leave it out",
  source: "copy",
})
