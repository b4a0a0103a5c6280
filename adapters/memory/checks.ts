/**
 * Everything the local COS refuses a request for, in the order in which it looks.
 *
 * Assumed as a whole: COS documents no order. It goes from what costs nothing to what needs the body, says nothing about
 * a bucket's rules before the signature is right, and is one list, so that there is one thing to change.
 */
import * as Result from "effect/Result"
import { maxDocumentBytes, maxRulesPerBucket, oneTimeIdSeconds } from "../../core/limits.ts"
import { type Refusal, refusals, tokenName, type VerifyFailure } from "../../core/signing/mod.ts"
import { checkContentMd5 } from "../../core/wire/operations.ts"
import { tooLarge } from "../answer.ts"
import * as Assumed from "./assumptions.ts"
import type { Facts } from "./facts.ts"
import { readToken } from "./page.ts"

export interface Check {
  readonly name: string
  readonly codes: ReadonlyArray<string>
  readonly refuse: (facts: Facts) => RefusalWithText | undefined
}

/** On a wrong signature COS adds what it computed itself. */
export type RefusalWithText = Refusal & { readonly stringToSign?: string; readonly formatString?: string }

export const checks: ReadonlyArray<Check> = [
  {
    name: "size",
    codes: [tooLarge.code],
    refuse: ({ request }) => request.body.byteLength > maxDocumentBytes ? tooLarge : undefined,
  },
  {
    name: "bucket",
    codes: [Assumed.wrongRegion],
    refuse: ({ place }) => place()._tag === "Nowhere" ? Assumed.refusalOf(Assumed.wrongRegion) : undefined,
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
    refuse: (facts) => leavesUnsigned(facts) ? Assumed.notStrict : undefined,
  },
  {
    name: "operation",
    codes: [Assumed.otherOperation.code, Assumed.otherMethod.code, Assumed.onAccelerate.code],
    refuse: ({ asked, parameter, place }) => {
      const at = place()
      if (at._tag === "Bucket" && at.isAccelerate) return Assumed.onAccelerate
      if (asked()._tag !== "Unknown") return undefined
      const isInventory = parameter("inventory") !== undefined && at._tag === "Bucket" && at.path === "/"
      return isInventory ? Assumed.otherMethod : Assumed.otherOperation
    },
  },
  {
    name: "id",
    codes: [Assumed.noId.code],
    refuse: ({ asked }) => {
      const operation = asked()
      return "id" in operation && operation.id === "" ? Assumed.noId : undefined
    },
  },
  bodyCheck("content-md5-form", ["InvalidDigest", "MissingContentMD5"], ({ request, settings }) => {
    const found = checkContentMd5(request, settings.hashes)
    if (found === "absent" && Assumed.contentMd5Required) return Assumed.refusalOf("MissingContentMD5")
    return found === "malformed" ? Assumed.refusalOf("InvalidDigest") : undefined
  }),
  bodyCheck(
    "content-md5",
    ["BadDigest"],
    ({ request, settings }) =>
      checkContentMd5(request, settings.hashes) === "wrong" ? Assumed.refusalOf("BadDigest") : undefined,
  ),
  bodyCheck(
    "body",
    ["MissingRequestBodyError"],
    ({ request }) => request.body.byteLength === 0 ? Assumed.refusalOf("MissingRequestBodyError") : undefined,
  ),
  bodyCheck(
    "xml",
    ["MalformedXML"],
    ({ reading, findings }) =>
      Result.isFailure(reading()) || findings().some(({ code }) => Assumed.shapeFindings.has(code))
        ? Assumed.refusalOf("MalformedXML")
        : undefined,
  ),
  bodyCheck("ids-agree", [Assumed.otherId.code], ({ asked, reading }) => {
    const operation = asked()
    const id = Result.getOrUndefined(reading())?.draft.id
    return "id" in operation && operation.id !== id ? Assumed.otherId : undefined
  }),
  bodyCheck("meaning", ["InvalidArgument"], ({ findings }) => {
    const finding = findings().find(Assumed.isEnforced)
    return finding === undefined ? undefined : Assumed.invalidArgument(finding)
  }),
  // Each of the last four belongs to one operation
  {
    name: "room",
    codes: ["InventoryFull"],
    refuse: ({ asked, place }) => {
      const [operation, at] = [asked(), place()]
      return operation._tag === "PutBucketInventory" && at._tag === "Bucket" && !at.bucket.rules.has(operation.id) &&
          at.bucket.rules.size >= maxRulesPerBucket
        ? Assumed.refusalOf("InventoryFull")
        : undefined
    },
  },
  {
    name: "one-time-id",
    codes: ["DuplicateInventoryId"],
    refuse: ({ asked, place, now }) => {
      const [operation, at] = [asked(), place()]
      if (operation._tag !== "PostBucketInventory" || at._tag !== "Bucket") return undefined
      const started = at.bucket.jobs.get(operation.id)
      const isRecent = started !== undefined && now - started < oneTimeIdSeconds * 1000
      return isRecent || at.bucket.rules.has(operation.id) ? Assumed.refusalOf("DuplicateInventoryId") : undefined
    },
  },
  {
    name: "exists",
    codes: ["InventoryConfigurationNotFoundError"],
    refuse: ({ asked, place }) => {
      const [operation, at] = [asked(), place()]
      return operation._tag === "GetBucketInventory" && at._tag === "Bucket" && !at.bucket.rules.has(operation.id)
        ? Assumed.refusalOf("InventoryConfigurationNotFoundError")
        : undefined
    },
  },
  {
    name: "continuation-token",
    codes: [Assumed.unknownToken.code],
    refuse: ({ asked, place, settings }) => {
      const [operation, at] = [asked(), place()]
      return operation._tag === "ListBucketInventory" && operation.continuationToken !== undefined &&
          at._tag === "Bucket" &&
          readToken(at.bucket.name, operation.continuationToken, settings.hashes) === undefined
        ? Assumed.unknownToken
        : undefined
    },
  },
]

export const firstRefusal = (facts: Facts): RefusalWithText | undefined => {
  for (const { refuse } of checks) {
    const refusal = refuse(facts)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function signatureCheck(name: string, tags: ReadonlyArray<VerifyFailure["_tag"]>): Check {
  return {
    name,
    codes: tags.map((tag) => refusals[tag].code),
    refuse: ({ verified }) => {
      const result = verified()
      if (result === undefined || Result.isSuccess(result) || !tags.includes(result.failure._tag)) return undefined
      const { failure } = result
      const { _tag, ...rest } = failure
      const texts = _tag === "Mismatch" ? rest as Pick<RefusalWithText, "stringToSign" | "formatString"> : {}
      return { ...refusals[_tag], ...texts }
    },
  }
}

/** A check of operations that bring a rule. */
function bodyCheck(name: string, codes: ReadonlyArray<string>, refuse: Check["refuse"]): Check {
  return {
    name,
    codes,
    refuse: (facts) => {
      const { _tag } = facts.asked()
      return _tag === "PutBucketInventory" || _tag === "PostBucketInventory" ? refuse(facts) : undefined
    },
  }
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
    (request.body.byteLength > 0 && unsignedHeaders.some((name) => Assumed.strictHeaders.has(name)))
}
