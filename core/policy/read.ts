/** From the form that people write to a policy, with every problem at once. */
import * as Result from "effect/Result"
import { parseBucketRef } from "../bucket.ts"
import { InvalidInput } from "../errors.ts"
import { readPlain } from "../plain-form.ts"
import { readDestination } from "./destination.ts"
import { draftOf } from "./draft.ts"
import { type PolicyForm, policyForm, source } from "./form.ts"
import {
  type Action,
  actionOfVerb,
  defaultLimits,
  defaultTimeoutSeconds,
  type Grant,
  type Issuer,
  type Policy,
  type Principal,
  readOnly,
} from "./policy.ts"
import { problemsOf } from "./problems.ts"
import { worded } from "./wording.ts"

/** What merely allows less than it seems to is no problem: see `policyWarnings`. */
export const readPolicy = (value: unknown): Result.Result<Policy, InvalidInput> => {
  const form = readPlain(policyForm, value, source, worded)
  const findings = [...(Result.isFailure(form) ? form.failure : []), ...problemsOf(draftOf(value))]
  return Result.isFailure(form) || findings.length > 0
    ? Result.fail(new InvalidInput({ findings }))
    : Result.succeed(policyOf(form.success))
}

const policyOf = (form: PolicyForm): Policy => {
  const limits = { ...defaultLimits, ...form.limits }
  return {
    ...(form.endpoint === undefined ? {} : { endpoint: form.endpoint }),
    buckets: new Map(form.buckets.map((text) => {
      const { bucket, region } = parseBucketRef(text)
      return [bucket, region!]
    })),
    principals: form.principals.map(({ name, tokens = [], keys = [], jwt, grants, limits: own }): Principal => ({
      name,
      tokens: tokens.map(hexOf),
      keys,
      ...(jwt === undefined ? {} : { jwt }),
      grants: grants.map(grantOf),
      limits: { ...limits, ...own },
    })),
    issuers: (form.issuers ?? []).map(({ algorithms = defaultAlgorithms, denied = [], ...rest }): Issuer => ({
      ...rest,
      algorithms,
      denied,
    })),
    accept: new Set(form.accept),
    timeoutSeconds: form.timeoutSeconds ?? defaultTimeoutSeconds,
    metrics: form.metrics === "open"
      ? { _tag: "Open" }
      : { _tag: "Tokens", tokens: (form.metrics?.tokens ?? []).map(hexOf) },
  }
}

const defaultAlgorithms = ["RS256", "ES256"]

const hexOf = (hash: string): string => hash.slice("sha256:".length)

const grantOf = (
  { buckets, operations, ids = ["*"], destinations = [] }: PolicyForm["principals"][number]["grants"][number],
): Grant => ({
  buckets,
  operations: operations?.map(actionOf) ?? readOnly,
  ids,
  destinations: destinations.map(readDestination),
})

/** An operation by its API name, or by the command line's. */
export const actionOf = (name: string): Action =>
  Object.hasOwn(actionOfVerb, name) ? actionOfVerb[name as keyof typeof actionOfVerb] : name as Action
