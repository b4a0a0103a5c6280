/** The buckets that the caller may do anything with. */
import * as Effect from "effect/Effect"
import { bucketsOf } from "../../../core/policy/mod.ts"
import { documentVersion } from "../../../core/wire/document.ts"
import { json } from "../document.ts"
import type { Answered, Asked } from "./asked.ts"

export const buckets = ({ door: { policy }, principal }: Asked): Answered =>
  Effect.succeed(json(200, {
    version: documentVersion,
    buckets: bucketsOf(policy, principal).map((bucket) => ({ bucket, region: policy.buckets.get(bucket) })),
  }))
