/**
 * Everything the local COS refuses a request for, in the order in which it looks.
 *
 * Assumed as a whole: COS documents no order. It goes from what costs nothing to what needs the body, says nothing about
 * a bucket's rules before the signature is right, and is one list, so that there is one thing to change.
 */
import * as Result from "effect/Result"
import type { Headers } from "../../core/http.ts"
import { maxRulesPerBucket, oneTimeIdSeconds } from "../../core/limits.ts"
import { type Refusal, refusals, tokenName, type VerifyFailure } from "../../core/signing/mod.ts"
import { checkContentMd5 } from "../../core/wire/operations.ts"
import { tooLarge } from "../answer.ts"
import * as Assumed from "./assumptions.ts"
import { preflightName } from "./buckets/mod.ts"
import type { Facts } from "./facts.ts"
import { readToken } from "./inventory/mod.ts"
import { documentLimit } from "./operation.ts"
import { hasInventory, nameOfUnknown } from "./operations.ts"

export interface Check {
  readonly name: string
  readonly codes: ReadonlyArray<string>
  readonly refuse: (facts: Facts) => RefusalWithText | undefined
}

/** On a wrong signature COS adds what it computed itself. */
export type RefusalWithText = Refusal & {
  readonly stringToSign?: string
  readonly formatString?: string
  /** Beside those of every refusal. */
  readonly headers?: Headers
}

export const checks: ReadonlyArray<Check> = [
  {
    name: "size",
    codes: [tooLarge.code],
    refuse: ({ request, operation }) =>
      (request.body.length ?? 0) > documentLimit(operation()) && operation()?.body !== "object" ? tooLarge : undefined,
  },
  {
    name: "bucket",
    codes: [Assumed.wrongRegion],
    refuse: ({ place, operation }) =>
      place()._tag === "Nowhere" && operation()?.name !== "PutBucket"
        ? Assumed.refusalOf(Assumed.wrongRegion)
        : undefined,
  },
  // The order from here to `signature` is that of core/signing
  signatureCheck("authentication", ["Missing", "Malformed"]),
  signatureCheck("key", ["UnknownKey"]),
  signatureCheck("time", ["TooSkewed", "Expired"]),
  signatureCheck("token", ["Token"]),
  signatureCheck("signature", ["Mismatch"]),
  {
    name: "strict-signature",
    codes: [Assumed.notStrict.code],
    refuse: (facts) => !isPreflight(facts.operation) && leavesUnsigned(facts) ? Assumed.notStrict : undefined,
  },
  {
    name: "operation",
    codes: [Assumed.otherOperation("").code, Assumed.otherMethod.code, Assumed.onAccelerate.code],
    refuse: ({ asking, operation, parameter, place }) => {
      const at = place()
      if (at._tag === "Bucket" && at.isAccelerate && asking().at === "Bucket") return Assumed.onAccelerate
      if (operation() !== undefined) return undefined
      const isInventory = parameter("inventory") !== undefined && asking().at === "Bucket"
      return isInventory && !hasInventory(asking())
        ? Assumed.otherMethod
        : Assumed.otherOperation(nameOfUnknown(asking()))
    },
  },
  {
    name: "permission",
    codes: [Assumed.denied.code],
    refuse: ({ operation, place }) => {
      const at = place()
      const name = operation()?.name ?? ""
      return at._tag === "Bucket" && at.bucket.denied.includes(name) ? Assumed.denied : undefined
    },
  },
  {
    name: "id",
    codes: [Assumed.noId.code],
    refuse: ({ operation, id }) => idNeeded.has(operation()?.name ?? "") && id() === "" ? Assumed.noId : undefined,
  },
  ruleCheck("content-md5-form", ["InvalidDigest", "MissingContentMD5"], ({ request, document, settings }) => {
    const found = checkContentMd5({ ...request, body: document }, settings.hashes)
    if (found === "absent" && Assumed.contentMd5Required) return Assumed.refusalOf("MissingContentMD5")
    return found === "malformed" ? Assumed.refusalOf("InvalidDigest") : undefined
  }),
  ruleCheck(
    "content-md5",
    ["BadDigest"],
    ({ request, document, settings }) =>
      checkContentMd5({ ...request, body: document }, settings.hashes) === "wrong"
        ? Assumed.refusalOf("BadDigest")
        : undefined,
  ),
  ruleCheck(
    "body",
    ["MissingRequestBodyError"],
    ({ document }) => document.byteLength === 0 ? Assumed.refusalOf("MissingRequestBodyError") : undefined,
  ),
  ruleCheck(
    "xml",
    ["MalformedXML"],
    ({ reading, findings }) =>
      Result.isFailure(reading()) || findings().some(({ code }) => Assumed.shapeFindings.has(code))
        ? Assumed.refusalOf("MalformedXML")
        : undefined,
  ),
  ruleCheck(
    "ids-agree",
    [Assumed.otherId.code],
    ({ id, reading }) => Result.getOrUndefined(reading())?.draft.id === id() ? undefined : Assumed.otherId,
  ),
  ruleCheck("meaning", ["InvalidArgument"], ({ findings }) => {
    const finding = findings().find(Assumed.isEnforced)
    return finding === undefined ? undefined : Assumed.invalidArgument(finding)
  }),
  // Each of the last four belongs to one operation
  checkOf("PutBucketInventory", "room", ["InventoryFull"], (facts) => {
    const { rules } = facts.bucket()
    return !rules.has(facts.id()) && rules.size >= maxRulesPerBucket ? Assumed.refusalOf("InventoryFull") : undefined
  }),
  checkOf("PostBucketInventory", "one-time-id", ["DuplicateInventoryId"], (facts) => {
    const { jobs, rules } = facts.bucket()
    const started = jobs.get(facts.id())
    const isRecent = started !== undefined && facts.now - started < oneTimeIdSeconds * 1000
    return isRecent || rules.has(facts.id()) ? Assumed.refusalOf("DuplicateInventoryId") : undefined
  }),
  checkOf(
    "GetBucketInventory",
    "exists",
    ["InventoryConfigurationNotFoundError"],
    (facts) =>
      facts.bucket().rules.has(facts.id()) ? undefined : Assumed.refusalOf("InventoryConfigurationNotFoundError"),
  ),
  checkOf("ListBucketInventory", "continuation-token", [Assumed.unknownToken.code], (facts) => {
    const token = facts.parameter("continuation-token") ?? ""
    return token !== "" && readToken(facts.bucket().name, token, facts.settings.hashes) === undefined
      ? Assumed.unknownToken
      : undefined
  }),
]

/** The checks that need no body, so that a request which fails them is answered before its body is taken in. */
export const withoutBody: ReadonlyArray<Check> = checks.slice(0, checks.findIndex(({ name }) => name === "id") + 1)
export const withBody: ReadonlyArray<Check> = checks.slice(withoutBody.length)

export const firstRefusal = (facts: Facts, among = checks): RefusalWithText | undefined => {
  for (const { refuse } of among) {
    const refusal = refuse(facts)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Page 8288 shows a signature, but a browser's own preflight cannot have one. */
const isPreflight = (operation: Facts["operation"]): boolean => operation()?.name === preflightName

function signatureCheck(name: string, tags: ReadonlyArray<VerifyFailure["_tag"]>): Check {
  return {
    name,
    codes: tags.map((tag) => refusals[tag].code),
    refuse: ({ operation, verified }) => {
      if (isPreflight(operation)) return undefined
      const result = verified()
      if (result === undefined || Result.isSuccess(result) || !tags.includes(result.failure._tag)) return undefined
      const { failure } = result
      const { _tag, ...rest } = failure
      const texts = _tag === "Mismatch" ? rest as Pick<RefusalWithText, "stringToSign" | "formatString"> : {}
      return { ...refusals[_tag], ...texts }
    },
  }
}

const idNeeded: ReadonlySet<string> = new Set(["PutBucketInventory", "PostBucketInventory", "DeleteBucketInventory"])
const bringsRule: ReadonlySet<string> = new Set(["PutBucketInventory", "PostBucketInventory"])

/** A check of operations that bring a rule. */
function ruleCheck(name: string, codes: ReadonlyArray<string>, refuse: Check["refuse"]): Check {
  return { name, codes, refuse: (facts) => bringsRule.has(facts.operation()?.name ?? "") ? refuse(facts) : undefined }
}

function checkOf(operation: string, name: string, codes: ReadonlyArray<string>, refuse: Check["refuse"]): Check {
  return { name, codes, refuse: (facts) => facts.operation()?.name === operation ? refuse(facts) : undefined }
}

const leavesUnsigned = ({ place, request, verified }: Facts): boolean => {
  const at = place()
  const result = verified()
  if (at._tag !== "Bucket" || !at.bucket.strictSignature || result === undefined || Result.isFailure(result)) {
    return false
  }
  const { unsignedHeaders, unsignedParameters } = result.success
  const parameters = unsignedParameters.filter((name) => name !== tokenName)
  return (Assumed.strictParameters && parameters.length > 0) || unsignedHeaders.includes(Assumed.strictHost) ||
    unsignedHeaders.some((name) => name.startsWith(Assumed.strictPrefix) && name !== tokenName) ||
    (request.body.length !== 0 && unsignedHeaders.some((name) => Assumed.strictHeaders.has(name)))
}
