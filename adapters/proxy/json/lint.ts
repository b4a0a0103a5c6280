/** Rules in bodies, judged without COS. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { BucketRef } from "../../../core/bucket.ts"
import { byPlace, distinct, type Finding, findingCounts, isError } from "../../../core/lint/mod.ts"
import { bucketsOf } from "../../../core/policy/mod.ts"
import { readRuleSet, type RuleSet, targetsOf } from "../../../core/ruleset/mod.ts"
import { documentVersion } from "../../../core/wire/document.ts"
import { denied } from "../../policy/authorise.ts"
import type { Refused } from "../../policy/call.ts"
import { firstOf, json } from "../document.ts"
import { type Answered, type Asked, refused } from "./asked.ts"
import { bodyOf, maxValues, sizeOf } from "./body.ts"
import { holdsNothing, isFor, judged, noRules, nowSeconds } from "./wanted.ts"

/**
 * Judges what a body holds, without COS: every rule by itself in each bucket that it is for, and that ids differ. What
 * more there is to say of rules beside each other, the command line says.
 */
export const lint = (asked: Asked): Answered =>
  Effect.gen(function* () {
    const body = yield* bodyOf(asked)
    const set = readRuleSet(body)
    const places = yield* Effect.fromResult(placesFor(set, asked))
    if (sizeOf(body.value).values * places.length > maxValues) {
      return yield* refused("body-too-large", `The body is too large to be judged in ${places.length} buckets.`)
    }
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
      ...firstOf(findings),
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
