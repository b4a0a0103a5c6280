/** Rules in bodies, held against a bucket. */
import * as Effect from "effect/Effect"
import type { BucketAt } from "../../../core/endpoint.ts"
import { byPlace, distinct, type Finding, isError, isForgivable, shown } from "../../../core/lint/mod.ts"
import { makeNext } from "../../../core/paging.ts"
import {
  asPeriodic,
  type Desired,
  desiredIn,
  errorsIn,
  errorsOf,
  isComplete,
  plan as planFor,
  writePlan,
} from "../../../core/plan/mod.ts"
import { listsAll } from "../../../core/policy/mod.ts"
import type { InventoryConfiguration } from "../../../core/rule.ts"
import { readRuleSet, type RuleSet, targetsOf } from "../../../core/ruleset/mod.ts"
import { foresee } from "../../policy/authorise.ts"
import { firstOf, json } from "../document.ts"
import { type Answered, type Asked, type AskedOfBucket, placeIn, refused } from "./asked.ts"
import { bodyOf } from "./body.ts"
import { planBodyOf } from "./plan-body.ts"
import { pageAt } from "./rules.ts"
import { holdsNothing, isFor, judged, noRules, nowSeconds } from "./wanted.ts"

/** Holds what a body wants of a bucket against what is there. */
export const plan = (asked: Asked): Answered =>
  Effect.gen(function* () {
    const { door, principal } = asked
    const { bucket, prune, rules } = yield* planBodyOf(yield* bodyOf(asked))
    const at = yield* Effect.fromResult(placeIn(door, bucket))
    yield* foresee(door.policy, principal, { bucket, action: "ListBucketInventory" })
    if (!listsAll(principal, bucket)) {
      return yield* refused("list-partial", "This principal lists some ids alone.", [], "denied")
    }
    const { desired, warnings } = yield* desiredOf(readRuleSet(rules), at)
    const actual = yield* allRules({ ...asked, at })
    const made = planFor(desired, actual, { prune })
    const errors = distinct(errorsOf(made, desired))
    if (errors.length > 0) return yield* refused("rules-invalid", "Rules that would be written are refused.", errors)
    const beside = warnings.length === 0 ? {} : { warnings: firstOf(warnings).findings }
    return json(200, writePlan({ prune, buckets: [made] }, beside))
  })

/** Errors of what a rule means may stay where COS holds such a rule: they count against what would be written alone. */
const desiredOf = (set: RuleSet, { bucket, region }: BucketAt) =>
  Effect.gen(function* () {
    const [target] = targetsOf([{ set, buckets: [{ bucket, region }] }]).map(asPeriodic)
    const findings = [
      ...set.findings,
      ...(holdsNothing(set) ? [noRules] : []),
      ...(isFor(set, bucket, region) ? [] : [notFor(set, bucket, region)]),
      ...(target === undefined ? [] : judged(target, yield* nowSeconds)),
    ].toSorted(byPlace)
    const errors = findings.filter(isError)
    if (target === undefined || !errors.every(isForgivable) || (errors.length > 0 && !isComplete(target))) {
      return yield* refused("rules-invalid", "The rules are refused.", findings)
    }
    const desired: Desired = { ...desiredIn(target), ...(errors.length === 0 ? {} : { errors: errorsIn(target) }) }
    return { desired, warnings: findings.filter(({ severity }) => severity === "warning") }
  })

const notFor = ({ selectors }: RuleSet, bucket: string, region: string): Finding => {
  const names = selectors.map(({ bucket, match, region }) =>
    `${bucket ?? match}${region === undefined ? "" : `@${region}`}`
  )
  const position = selectors[0]?.position
  return {
    code: "bucket-not-named",
    severity: "error",
    path: "buckets",
    message: "The document is for other buckets",
    found: `${bucket}@${region}`,
    allowed: names.length === 0 ? "no bucket" : shown(names.join(", ")),
    fix: "Name the bucket in the document, or plan for one that it names",
    source: "the rules file in the README",
    ...(position === undefined ? {} : { position }),
  }
}

/** Each id once: a list that changes while its pages are read may bring a rule twice. */
const allRules = (asked: AskedOfBucket) =>
  Effect.gen(function* () {
    const rules = new Map<string, InventoryConfiguration>()
    const next = makeNext()
    let token: string | undefined
    do {
      const page = yield* pageAt(asked, token)
      for (const rule of page.configurations) rules.set(rule.id, rule)
      token = yield* Effect.fromResult(next(page))
    } while (token !== undefined)
    return [...rules.values()]
  })
