/** The door that speaks COS's own wire: any SDK, with a virtual key pair or a bearer token. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { HttpRequest } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import { isForgivable, lint } from "../../core/lint/mod.ts"
import { bucketsOf, type Policy } from "../../core/policy/mod.ts"
import type { Body, Hashes } from "../../core/ports.ts"
import { isSignatureParameter, tokenName } from "../../core/signing/mod.ts"
import { readConfiguration } from "../../core/wire/configuration.ts"
import { type Asked, checkContentMd5, readOperation } from "../../core/wire/operations.ts"
import { completeConfiguration, completeJob } from "../../core/wire/reading.ts"
import { readTarget } from "../../core/wire/target.ts"
import { readText } from "../../core/wire/text.ts"
import { refusalAnswer, stampOf, tooLarge } from "../answer.ts"
import { gathered } from "../gathered.ts"
import { denied } from "../policy/authorise.ts"
import type { Authenticate } from "../policy/authenticate.ts"
import { type Call, Refused } from "../policy/call.ts"
import { noId, otherId, refusalOf } from "../refusals.ts"
import type { AtDoor, Door } from "./door.ts"
import { placeOf } from "./place.ts"
import type { Told } from "./told.ts"

export interface Options {
  readonly hashes: Hashes
  readonly authenticate: Authenticate["authenticate"]
}

/** Whatever is no other door's is this one's. */
export const wireDoor = (options: Options): Door => ({
  isMine: () => true,
  answer: (asked) => answered(options, asked),
  refuse: (refusal, error) => {
    const retry = error?.retryAfterSeconds
    return refusalAnswer(stamp(), refusal, retry === undefined ? [] : [["Retry-After", String(retry)]])
  },
})

const stamp = () => stampOf(Date.now(), doorNumber, Math.trunc(Math.random() * 0x1000000))
const doorNumber = 0xed9e

const answered = ({ hashes, authenticate }: Options, { request, policy, told, perform }: AtDoor) =>
  Effect.gen(function* () {
    const place = placeOf(request, policy)
    const { parameters } = readTarget(request.target)
    const asked = readOperation(request)
    tell(told, asked, place.bucket)

    const { principal } = yield* authenticate(policy, request)
    told.principal = principal.name
    const bucket = place.bucket ?? onlyOne(bucketsOf(policy, principal))
    if (bucket === undefined) return yield* denied("the request names no bucket, and the principal has not exactly one")
    told.bucket = bucket
    if (asked._tag === "Unknown" || asked._tag === "GetService") {
      return yield* denied(`${told.operation} is none of inventory`)
    }
    if (place.path !== "/") return yield* denied("the request is for an object")
    const region = policy.buckets.get(bucket)
    if (region === undefined) return yield* denied("the bucket is none of the policy")
    if (place.region !== undefined && place.region !== region) return yield* denied("the Host names another region")
    const stranger = strangerAmong(parameters, policy)
    if (stranger !== undefined) return yield* invalid({ code: "InvalidArgument", message: stranger }, stranger)

    const operation = yield* operationOf(asked, request, policy, hashes)
    return yield* perform({
      policy,
      principal,
      at: { bucket, region, ...(policy.endpoint === undefined ? {} : { endpoint: policy.endpoint }) },
      operation,
      requestId: told.callId,
    })
  })

const onlyOne = (buckets: ReadonlyArray<string>): string | undefined => buckets.length === 1 ? buckets[0] : undefined

const tell = (told: Told, asked: Asked, bucket: string | undefined): void => {
  told.operation = asked._tag === "Unknown" ? asked.name : asked._tag
  if ("id" in asked && asked.id !== "") told.id = asked.id
  if (bucket !== undefined) told.bucket = bucket
}

/** What says something that nobody here understands, or says it twice, is not asked of COS. */
const strangerAmong = (parameters: ReadonlyArray<readonly [string, string]>, policy: Policy): string | undefined => {
  const seen = new Set<string>()
  for (const [name, value] of parameters) {
    if (isSignatureParameter(name, value) || name === tokenName) continue
    const known = name === "Id" ? "id" : name
    if (known.length > 0 && seen.has(known)) return `The parameter ${known} stands twice.`
    seen.add(known)
    if (!knownParameters.has(name) && !policy.accept.has("unknown-parameters")) {
      return "The request has a parameter that no inventory operation takes."
    }
  }
  return undefined
}
/** The PHP SDK puts with a capital Id (Service.php:1058). */
const knownParameters: ReadonlySet<string> = new Set(["inventory", "id", "Id", "continuation-token"])

const operationOf = (
  asked: Exclude<Asked, { readonly _tag: "Unknown" | "GetService" }>,
  request: HttpRequest<Body>,
  policy: Policy,
  hashes: Hashes,
) =>
  Effect.gen(function* () {
    if ("id" in asked && asked.id === "") return yield* invalid(noId, "there is no id")
    if (!bringsRule(asked)) return asked
    const body = yield* gathered(request.body, maxDocumentBytes)
    if (body === undefined) return yield* invalid(tooLarge, `the body has more than ${maxDocumentBytes} bytes`)
    if (body.byteLength === 0) return yield* invalid(refusalOf("MissingRequestBodyError"), "there is no body")
    const md5 = checkContentMd5({ ...request, body }, hashes)
    if (md5 === "malformed") return yield* invalid(refusalOf("InvalidDigest"), "Content-MD5 is malformed")
    if (md5 === "wrong") return yield* invalid(refusalOf("BadDigest"), "the body is not that of Content-MD5")
    return yield* Effect.fromResult(ruleOf(asked, body, policy))
  })

type Bringing = Extract<Asked, { readonly _tag: "PutBucketInventory" | "PostBucketInventory" }>
const bringsRule = (asked: Asked): asked is Bringing =>
  asked._tag === "PutBucketInventory" || asked._tag === "PostBucketInventory"

/** Reads the one value that is authorised and sent. Nothing of the document may be lost on the way: that is refused. */
const ruleOf = (
  { _tag, id }: Bringing,
  body: Uint8Array,
  policy: Policy,
): Result.Result<Call["operation"], Refused> => {
  const read = Result.flatMap(readText(body, maxDocumentBytes), readConfiguration)
  if (Result.isFailure(read)) return Result.fail(malformed(read.failure.message))
  const reading = read.success
  const kind = _tag === "PutBucketInventory" ? "configuration" : "job"
  const worst = lint(reading, { kind }).find((finding) => !isForgivable(finding))
  if (worst !== undefined) return Result.fail(malformed(`${worst.path}: ${worst.message}`))
  if ((reading.draft.extra ?? []).length > 0 && !policy.accept.has("unknown-elements")) {
    return Result.fail(malformed("the document holds an element that is not known"))
  }
  if (reading.draft.id !== id) return Result.fail(invalid(otherId, "the ids of query and body differ"))
  return kind === "configuration"
    ? Result.mapBoth(completeConfiguration(reading.draft), {
      onFailure: (paths) => malformed(`without ${paths.join(", ")}`),
      onSuccess: (configuration) => ({ _tag: "PutBucketInventory", configuration }) as const,
    })
    : Result.mapBoth(completeJob(reading.draft), {
      onFailure: (paths) => malformed(`without ${paths.join(", ")}`),
      onSuccess: (job) => ({ _tag: "PostBucketInventory", job }) as const,
    })
}

const malformed = (why: string): Refused => invalid(refusalOf("MalformedXML"), why)

const invalid = (refusal: Refused["refusal"], why: string): Refused => new Refused({ outcome: "invalid", refusal, why })
