/** Calls, policies and principals for what stands between the policy and COS. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Call, Performing } from "../adapters/policy/call.ts"
import type { HttpResponse } from "../core/http.ts"
import { type Limits, type Policy, readPolicy } from "../core/policy/mod.ts"

export const limits: Limits = { requestsPerSecond: 2, burst: 3, concurrency: 2, runsPerDay: 2 }

/** One principal for each name, all with the same limits. */
export const policyOf = (names: ReadonlyArray<string>, own: Partial<Limits> = {}, timeoutSeconds = 30): Policy =>
  Result.getOrThrow(readPolicy({
    version: 1,
    buckets: ["examplebucket-1250000000@ap-guangzhou", "other-1250000000@ap-guangzhou"],
    principals: names.map((name, at) => ({
      name,
      tokens: [`sha256:${String(at).padStart(64, "0")}`],
      grants: [{ buckets: ["*"], operations: ["get", "list", "put", "delete", "run"], destinations: ["*/*"] }],
    })),
    limits: { ...limits, ...own },
    timeoutSeconds,
  }))

export const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }

export const get = (id: string): Call["operation"] => ({ _tag: "GetBucketInventory", id })
export const run: Call["operation"] = {
  _tag: "PostBucketInventory",
  job: {
    id: "once",
    includedObjectVersions: "Current",
    destination: { bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", format: "CSV" },
  },
}

/** The first principal's, unless told. */
export const callOf = (
  policy: Policy,
  operation: Call["operation"] = get("list1"),
  rest: Partial<Call> = {},
): Call => ({
  policy,
  principal: policy.principals[0]!,
  at,
  operation,
  requestId: "r",
  ...rest,
})

export const answer = (status: number, text = "", rest: Partial<HttpResponse> = {}): HttpResponse => ({
  status,
  headers: [],
  body: new TextEncoder().encode(text),
  ...rest,
})

/** Answers every call so. */
export const performing = (perform: Performing["perform"] = () => Effect.succeed(answer(200))): Performing & {
  readonly calls: () => number
} => {
  let calls = 0
  return { perform: (call) => Effect.suspend(() => (calls++, perform(call))), calls: () => calls }
}
