/** One request at a route of the JSON door, and how it is answered. */
import type * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ConfigError, TransportError } from "../../../core/errors.ts"
import type { BucketAt } from "../../../core/endpoint.ts"
import type { HttpResponse } from "../../../core/http.ts"
import { bucketIn, type Principal } from "../../../core/policy/mod.ts"
import type { Hashes } from "../../../core/ports.ts"
import type { AnswerError } from "../../../core/wire/answers.ts"
import type { Finding } from "../../../core/lint/mod.ts"
import { denied } from "../../policy/authorise.ts"
import { type Call, Refused } from "../../policy/call.ts"
import type { AtDoor } from "../door.ts"
import type { ProblemName } from "../problems.ts"

export interface Asked {
  readonly door: AtDoor
  readonly principal: Principal
  readonly hashes: Hashes
  readonly query: ReadonlyMap<string, string>
}

/** At a route that names a bucket, which is one of the policy's. */
export interface AskedOfBucket extends Asked {
  readonly at: BucketAt
}

/** At a route that names a rule. */
export interface AskedOfRule extends AskedOfBucket {
  readonly id: string
}

export type Answered = Effect.Effect<HttpResponse, Refused | TransportError | ConfigError | AnswerError>

/** A bucket that is none of the policy's is denied as one is that the caller has no grant for. */
export const placeIn = ({ policy, told }: AtDoor, bucket: string): Result.Result<BucketAt, Refused> => {
  told.bucket = bucket
  const at = bucketIn(policy, bucket)
  return at === undefined ? Result.fail(denied("the bucket is none of the policy")) : Result.succeed(at)
}

/** The way to COS, through the policy. */
export const call = ({ door: { policy, perform, told }, principal, at }: AskedOfBucket, operation: Call["operation"]) =>
  perform({ policy, principal, at, operation, requestId: told.callId })

/** The proxy refuses what was sent, before COS is asked. */
export const refused = (
  kind: ProblemName,
  detail: string,
  findings: ReadonlyArray<Finding> = [],
  outcome: Refused["outcome"] = "invalid",
): Refused =>
  new Refused({
    outcome,
    refusal: { code: kind, message: detail },
    why: detail,
    ...(findings.length === 0 ? {} : { findings }),
  })
