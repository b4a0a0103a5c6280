/** From the form that people write to a policy, with every problem at once. */
import * as Result from "effect/Result"
import { parseBucketRef } from "../bucket.ts"
import { checkEndpoint } from "../endpoint.ts"
import { InvalidInput } from "../errors.ts"
import { problemIn, readForm } from "../form.ts"
import type { Finding } from "../lint/finding.ts"
import { PolicyForm } from "./form.ts"
import {
  type Action,
  actionOfVerb,
  defaultLimits,
  defaultTimeoutSeconds,
  type DestinationPattern,
  type Grant,
  type Issuer,
  type Policy,
  type Principal,
  readOnly,
} from "./policy.ts"

export const readPolicy = (value: unknown): Result.Result<Policy, InvalidInput> =>
  Result.mapError(
    Result.flatMap(readForm(PolicyForm, value, source), (form) => {
      const findings = problemsOf(form)
      return findings.length > 0 ? Result.fail(findings) : Result.succeed(policyOf(form))
    }),
    (findings) => new InvalidInput({ findings }),
  )

const source = "the README's policy"
const problem = problemIn(source)

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

/** Reads `<bucket>[@<region>][/<prefix>]`. */
const readDestination = (text: string): DestinationPattern => {
  const slash = text.indexOf("/")
  const { bucket, region } = parseBucketRef(slash < 0 ? text : text.slice(0, slash))
  return {
    bucket,
    ...(region === undefined ? {} : { region }),
    ...(slash < 0 ? {} : { prefix: text.slice(slash + 1) }),
  }
}

/** What no form can say of itself. */
const problemsOf = (form: PolicyForm): ReadonlyArray<Finding> => [
  ...checkEndpoint(form.endpoint),
  ...repeated(form.principals.map(({ name }, at) => [name, `principals[${at}].name`] as const), "name"),
  ...repeated(
    form.principals.flatMap(({ tokens = [] }, at) =>
      tokens.map((token, on) => [token, `principals[${at}].tokens[${on}]`] as const)
    ),
    "token",
  ),
  ...repeated(
    form.principals.flatMap(({ keys = [] }, at) =>
      keys.map((key, on) => [key, `principals[${at}].keys[${on}]`] as const)
    ),
    "key",
  ),
  ...repeated(form.buckets.map((text, at) => [parseBucketRef(text).bucket, `buckets[${at}]`] as const), "bucket"),
  ...form.principals.flatMap(({ jwt }, at) =>
    jwt === undefined || form.issuers?.some(({ issuer }) => issuer === jwt.issuer) ? [] : [problem(
      "issuer-unknown",
      `principals[${at}].jwt.issuer`,
      "The issuer is not among the issuers of the policy",
      (form.issuers ?? []).map(({ issuer }) => issuer).join(", ") || "an issuer of the policy",
      "Add it to issuers",
      jwt.issuer,
    )]
  ),
]

const repeated = (
  named: ReadonlyArray<readonly [value: string, path: string]>,
  what: string,
): ReadonlyArray<Finding> => {
  const first = new Map<string, string>()
  return named.flatMap(([value, path]) => {
    const before = first.get(value)
    if (before === undefined) first.set(value, path)
    return before === undefined ? [] : [problem(
      `${what}-repeated`,
      path,
      `The ${what} stands at ${before} already, so that two would be meant by it`,
      `a ${what} once`,
      "Remove one of them",
      value,
    )]
  })
}
