/** The door that speaks COS's own wire: any SDK, with a virtual key pair or a bearer token. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { HttpRequest, HttpResponse } from "../../core/http.ts"
import { bucketIn, bucketsOf } from "../../core/policy/mod.ts"
import type { Body, Hashes } from "../../core/ports.ts"
import { isSignatureParameter, tokenName } from "../../core/signing/mod.ts"
import { readDeleted, readRun } from "../../core/wire/answers.ts"
import { type Asked, readOperation } from "../../core/wire/operations.ts"
import { readTarget } from "../../core/wire/target.ts"
import { answer, refusalAnswer, stampOf } from "../answer.ts"
import { denied, foresee } from "../policy/authorise.ts"
import type { Authenticate } from "../policy/authenticate.ts"
import type { Call } from "../policy/call.ts"
import type { AtDoor, Door } from "./door.ts"
import { type Place, placeOf } from "./place.ts"
import { bucketList, serviceParameters } from "./service.ts"
import { tellCaller, type Told } from "./told.ts"
import { operationOf } from "./wire-operation.ts"

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
/** Stands in the ids of what this door itself says, so that they are told apart from COS's and from another door's. */
const doorNumber = 0xed9e

const answered = ({ hashes, authenticate }: Options, { request, policy, told, perform, charge }: AtDoor) =>
  Effect.gen(function* () {
    const place = placeOf(request, policy)
    const parameters = readTarget(request.target).parameters.filter(([name, value]) => !isSignature(name, value))
    const asked = readOperation(request)
    tell(told, asked, place.bucket)

    const caller = yield* authenticate(policy, request)
    const { principal } = caller
    tellCaller(told, caller)
    yield* charge({ policy, principal })
    if (isService(request, place, parameters)) {
      told.operation = "GetService"
      return answer(stamp(), 200, bucketList(policy, principal, { parameters, region: place.region }))
    }
    // Up to the policy's word, all that is refused is refused alike: it must not be told which buckets there are
    const bucket = place.bucket ?? (place.isStrangers ? undefined : onlyOne(bucketsOf(policy, principal)))
    if (bucket === undefined) return yield* denied("the request names no bucket, and the principal has not exactly one")
    told.bucket = bucket
    if (asked._tag === "Unknown" || asked._tag === "GetService") return yield* denied("it is none of inventory")
    if (place.path !== "/") return yield* denied("the request is for an object")
    const at = bucketIn(policy, bucket)
    if (at === undefined) return yield* denied("the bucket is none of the policy")
    if (place.region !== undefined && place.region !== at.region) return yield* denied("the Host names another region")
    const id = "id" in asked ? { id: asked.id } : {}
    yield* foresee(policy, principal, { bucket, action: asked._tag, ...id })
    const operation = yield* operationOf(asked, parameters, request, policy, hashes)
    const response = yield* perform({ policy, principal, at, operation, requestId: told.callId })
    const { status, headers, body } = doneBefore(operation, response) ?? response
    return { status, headers: [...headers, inert], body }
  })

/**
 * An earlier attempt whose answer was lost may be the one that did what COS refuses a repeat for, which only whoever tried
 * again can know: to the caller it is done. A POST without a JobId is an answer of older documentation (page 46869).
 */
const doneBefore = ({ _tag }: Call["operation"], response: HttpResponse): HttpResponse | undefined => {
  if (response.repeated !== true || response.status < 400) return undefined
  if (_tag === "PostBucketInventory" && Result.isSuccess(readRun(response))) return answer(stamp(), 200)
  if (_tag === "DeleteBucketInventory" && Result.isSuccess(readDeleted(response))) return answer(stamp(), 204)
  return undefined
}

/** A document of COS's may hold anything that is XML, and a browser that opens a signed link would run some of it. */
const inert = ["Content-Security-Policy", "default-src 'none'; sandbox"] as const

const isSignature = (name: string, value: string): boolean => isSignatureParameter(name, value) || name === tokenName

type Parameters = ReadonlyArray<readonly [name: string, value: string]>

/** At a Host of no bucket's, and with nothing that would ask for anything else (page 8291). */
const isService = (request: HttpRequest<Body>, place: Place, parameters: Parameters): boolean =>
  request.method === "GET" && place.bucket === undefined && place.path === "/" &&
  parameters.every(([name]) => serviceParameters.has(name))

const onlyOne = (buckets: ReadonlyArray<string>): string | undefined => buckets.length === 1 ? buckets[0] : undefined

const tell = (told: Told, asked: Asked, bucket: string | undefined): void => {
  told.operation = asked._tag === "Unknown" ? asked.name : asked._tag
  if ("id" in asked && asked.id !== "") told.id = asked.id
  if (bucket !== undefined) told.bucket = bucket
}
