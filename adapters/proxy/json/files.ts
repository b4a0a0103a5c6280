/** Rules documents in bodies: judged, and held against a bucket. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { advise, repeatedIds } from "../../../core/advice/mod.ts"
import type { BucketRef } from "../../../core/bucket.ts"
import type { BucketAt } from "../../../core/endpoint.ts"
import { isMatch } from "../../../core/glob.ts"
import { maxPages } from "../../../core/limits.ts"
import {
  byPlace,
  distinct,
  type Finding,
  findingCounts,
  isError,
  isForgivable,
  plainFields,
  shown,
} from "../../../core/lint/mod.ts"
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
import { bucketsOf, listsAll } from "../../../core/policy/mod.ts"
import type { InventoryConfiguration } from "../../../core/rule.ts"
import { readRuleSet, type RuleSet, type Target, targetsOf } from "../../../core/ruleset/mod.ts"
import { readListAnswer } from "../../../core/wire/answers.ts"
import { documentVersion } from "../../../core/wire/document.ts"
import type { HttpResponse } from "../../../core/http.ts"
import { denied, foresee } from "../../policy/authorise.ts"
import type { Refused } from "../../policy/call.ts"
import { json } from "../document.ts"
import { type Answered, type Asked, type AskedOfBucket, call, placeIn, refused } from "./asked.ts"
import { bodyOf } from "./body.ts"
import { isMissing, refusalAnswer, untrusted } from "./found.ts"
import { planBodyOf } from "./plan-body.ts"

/**
 * Judges what a body holds, without COS: every rule by itself in each bucket that it is for, and that ids differ. What
 * more there is to say of rules beside each other, the command line says.
 */
export const lint = (asked: Asked): Answered =>
  Effect.gen(function* () {
    const set = readRuleSet(yield* bodyOf(asked.door))
    const places = yield* Effect.fromResult(placesFor(set, asked))
    const now = yield* nowSeconds
    const findings = distinct([
      ...set.findings,
      ...(holdsNothing(set) ? [noRules] : []),
      ...targetsOf([{ set, buckets: places }]).flatMap((target) => judged(target, now)),
    ]).toSorted(byPlace)
    return json(200, {
      version: documentVersion,
      valid: !findings.some(isError),
      counts: findingCounts(findings),
      findings: findings.map(plainFields),
    })
  })

/** The bucket that is asked for, else those of the caller's that the document is for, else the caller's only one. */
const placesFor = (
  set: RuleSet,
  { door: { policy, told }, principal, query }: Asked,
): Result.Result<ReadonlyArray<Required<BucketRef>>, Refused> => {
  const own = bucketsOf(policy, principal).map((bucket) => ({ bucket, region: policy.buckets.get(bucket)! }))
  const named = query.get("bucket")
  if (named !== undefined) {
    told.bucket = named
    const found = own.filter(({ bucket }) => bucket === named)
    return found.length === 0 ? Result.fail(denied("the bucket is none of the principal's")) : Result.succeed(found)
  }
  if (set.isNowhere === true) return Result.succeed([])
  const found = own.filter(({ bucket, region }) => isFor(set, bucket, region))
  return found.length > 1 && set.selectors.length === 0 || found.length === 0
    ? Result.fail(refused("request-invalid", "Nothing says which bucket the rules are for.", [noBucket]))
    : Result.succeed(found)
}

const noBucket: Finding = {
  code: "bucket-missing",
  severity: "error",
  path: "bucket",
  message: "Nothing says which bucket of yours the rules are for",
  allowed: "?bucket=<name>-<appid>, or a document that names buckets",
  fix: "Add ?bucket= to the request; /v1/buckets lists yours",
  source: "/openapi.json",
}

const judged = ({ bucket, region, wanted, findings }: Target, now: number): ReadonlyArray<Finding> => {
  const context = { bucket, now, ...(region === undefined ? {} : { region }) }
  return [
    ...findings,
    ...wanted.flatMap(({ reading, kind }) => advise(reading, { kind, ...context })),
    ...repeatedIds(wanted.map(({ reading }) => reading)).values(),
  ]
}

/** Holds what a body wants of a bucket against what is there. */
export const plan = (asked: Asked): Answered =>
  Effect.gen(function* () {
    const { door, principal } = asked
    const { bucket, prune, rules } = yield* planBodyOf(yield* bodyOf(door))
    const at = yield* Effect.fromResult(placeIn(door, bucket))
    yield* foresee(door.policy, principal, { bucket, action: "ListBucketInventory" })
    if (!listsAll(principal, bucket)) {
      return yield* refused("list-partial", "This principal lists some ids alone.", [], "denied")
    }
    const { desired, warnings } = yield* desiredOf(readRuleSet(rules), at)
    const actual = yield* allRules({ ...asked, at })
    if ("answer" in actual) return actual.answer
    const made = planFor(desired, actual.rules, { prune })
    const errors = distinct(errorsOf(made, desired))
    if (errors.length > 0) return yield* refused("rules-invalid", "Rules that would be written are refused.", errors)
    const beside = warnings.length === 0 ? {} : { warnings: warnings.map(plainFields) }
    return json(200, writePlan({ prune, buckets: [made] }, beside))
  })

const nowSeconds = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

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

const isFor = ({ selectors, isNowhere }: RuleSet, bucket: string, region: string): boolean =>
  selectors.length === 0
    ? isNowhere !== true
    : selectors.some((one) =>
      (one.bucket === bucket || (one.match !== undefined && isMatch(one.match, bucket))) &&
      (one.region === undefined || one.region === region)
    )

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

/** A document that only manages ids is not empty: it may be there to delete them. */
const holdsNothing = ({ isDocument, entries, findings }: RuleSet): boolean =>
  !isDocument && entries.length === 0 && findings.length === 0

const noRules: Finding = {
  code: "no-rules",
  severity: "error",
  path: "",
  message: "The document holds no rule",
  allowed: "one rule or more",
  fix: "Give a rule; where none are wanted any more, write { rules: [] }",
  source: "the JSON form in the README",
}

/** Each id once: a list that changes while its pages are read may bring a rule twice. */
const allRules = (asked: AskedOfBucket) =>
  Effect.gen(function* () {
    const rules = new Map<string, InventoryConfiguration>()
    const tokens = new Set<string>()
    let token: string | undefined
    do {
      const response: HttpResponse = yield* call(asked, {
        _tag: "ListBucketInventory",
        ...(token === undefined ? {} : { continuationToken: token }),
      })
      const page = readListAnswer(response)
      if (Result.isFailure(page)) {
        if (isMissing(page.failure) && token === undefined) break
        return { answer: yield* refusalAnswer(page.failure) }
      }
      for (const rule of page.success.configurations) rules.set(rule.id, rule)
      token = page.success.isTruncated ? page.success.nextContinuationToken : undefined
      if (token !== undefined && (tokens.has(token) || tokens.size === maxPages)) {
        return yield* untrusted("The list never ends")
      }
      if (token !== undefined) tokens.add(token)
    } while (token !== undefined)
    return { rules: [...rules.values()] }
  })
