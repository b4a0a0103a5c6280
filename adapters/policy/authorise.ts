/** The policy's word on every call: what it does not allow goes no further. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { HttpResponse } from "../../core/http.ts"
import { maxListBytes } from "../../core/limits.ts"
import { decide, isListed, listsAll, requestOf } from "../../core/policy/mod.ts"
import { refusals } from "../../core/signing/mod.ts"
import { readList, writeList } from "../../core/wire/list.ts"
import { completeConfiguration } from "../../core/wire/reading.ts"
import { readText } from "../../core/wire/text.ts"
import { type Call, type Performing, Refused } from "./call.ts"

/** A LIST shows those rules alone whose ids the principal may know of. */
export const make = (inner: Performing): Performing => ({
  perform: (call) => {
    const { policy, principal, at, operation } = call
    const decision = decide(policy, principal, requestOf(at.bucket, operation))
    if (!decision.isAllowed) return Effect.fail(denied(`no grant of ${principal.name} allows this ${decision.part}`))
    const answer = inner.perform(call)
    return operation._tag === "ListBucketInventory" && !listsAll(principal, at.bucket)
      ? Effect.flatMap(answer, (response) => Effect.fromResult(narrowed(response, call)))
      : answer
  },
})

/** As COS says it of a request without a right (captured: cos-nodejs-sdk-v5 issue 29), and no word of why. */
export const denied = (why: string): Refused => new Refused({ outcome: "denied", refusal: refusals.Missing, why })

const narrowed = (response: HttpResponse, { principal, at }: Call): Result.Result<HttpResponse, Refused> => {
  if (response.status !== 200) return Result.succeed(response)
  const page = Result.flatMap(readText(response.body, maxListBytes), readList)
  // `perform` has read it before
  if (Result.isFailure(page)) return Result.fail(denied("the list cannot be read, so that nothing of it may be shown"))
  const { rules, ...rest } = page.success
  const shown = rules.flatMap(({ draft }) => {
    const rule = isListed(principal, at.bucket, draft.id ?? "") ? completeConfiguration(draft) : undefined
    return rule !== undefined && Result.isSuccess(rule) ? [rule.success] : []
  })
  const body = new TextEncoder().encode(writeList({ ...rest, rules: shown }))
  const others = response.headers.filter(([name]) => name.toLowerCase() !== "content-length")
  return Result.succeed({ ...response, headers: [...others, ["Content-Length", String(body.byteLength)]], body })
}
