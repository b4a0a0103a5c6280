/** What the bindings of a Worker say: every problem at once, and no value of a secret in any of them. */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Environment, fromEnvironment, nextVariables } from "../adapters/credentials/mod.ts"
import { jsonFault } from "../adapters/json/mod.ts"
import { readProxySecret } from "../adapters/policy/issuing.ts"
import type { Limiter } from "../adapters/policy/limiter.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { positionAt } from "../core/wire/xml/mod.ts"
import { type Policy, readPolicy } from "../core/policy/mod.ts"
import type { Credential } from "../core/ports.ts"
import { type LimiterBindings, limiterIn } from "./worker-limiter.ts"

/** The names that a Worker's settings have; bindings may hold others. */
export interface Bindings extends LimiterBindings, Readonly<Record<string, unknown>> {
  /** In JSON: as text, or as a JSON binding. */
  readonly COS_PROXY_POLICY?: unknown
  readonly COS_PROXY_SECRET?: unknown
}

export interface WorkerSettings {
  readonly policy: Policy
  readonly credentials: readonly [Credential, ...ReadonlyArray<Credential>]
  readonly secret?: Redacted.Redacted<string>
  readonly limiter?: Limiter
}

export type Problem = ConfigError | InvalidInput

export const readBindings = (bindings: Bindings): Result.Result<WorkerSettings, ReadonlyArray<Problem>> => {
  const environment = textsIn(bindings)
  const policy = policyIn(bindings.COS_PROXY_POLICY)
  const first = Effect.runSync(Effect.result(fromEnvironment(environment)))
  const next = Effect.runSync(Effect.result(fromEnvironment(environment, nextVariables)))
  const secret = readProxySecret(environment["COS_PROXY_SECRET"])
  const limiter = limiterIn(bindings)
  const problems = [
    ...(Result.isFailure(policy) ? [policy.failure] : policy.success.principals.length === 0 ? [nobody] : []),
    ...(Result.isFailure(first) ? [first.failure] : first.success === undefined ? [noKeys] : []),
    ...(Result.isFailure(next) ? [next.failure] : []),
    ...(Result.isFailure(secret) ? [secret.failure] : []),
    ...(Result.isFailure(limiter) ? [limiter.failure] : []),
  ]
  const [credential, ...others] = [first, next].flatMap((read) =>
    Result.isSuccess(read) && read.success !== undefined ? [read.success] : []
  )
  if (Result.isFailure(policy) || Result.isFailure(secret) || Result.isFailure(limiter) || credential === undefined) {
    return Result.fail(problems)
  }
  if (problems.length > 0) return Result.fail(problems)
  return Result.succeed({
    policy: policy.success,
    credentials: [credential, ...others],
    ...(secret.success === undefined ? {} : { secret: secret.success }),
    ...(limiter.success === undefined ? {} : { limiter: limiter.success }),
  })
}

const textsIn = (bindings: Bindings): Environment =>
  Object.fromEntries(Object.entries(bindings).filter((pair): pair is [string, string] => typeof pair[1] === "string"))

const policyIn = (given: unknown): Result.Result<Policy, Problem> => {
  // workerd gives null for a variable that is not there
  if (given === undefined || given === null || given === "") return Result.fail(noPolicy)
  if (typeof given !== "string") return readPolicy(given)
  return Result.flatMap(
    Result.try({
      try: (): unknown => JSON.parse(given),
      catch: () => {
        const fault = jsonFault(given)
        const { line, column } = positionAt(given, fault?.offset ?? 0)
        return new ConfigError({
          source: `${name}, line ${line}, column ${column}`,
          problem: `The policy is not JSON: ${fault?.problem ?? "it is nested too deep"}`,
          fix: fault?.fix ?? "Write it with less nesting",
        })
      },
    }),
    readPolicy,
  )
}

const name = "COS_PROXY_POLICY"

const noPolicy = new ConfigError({
  source: name,
  problem: "There is no policy, and without one nobody may do anything",
  fix: "Bind the policy in JSON under this name",
})

const nobody = new ConfigError({
  source: name,
  problem: "The policy names no principal, so that nobody could be told from anybody",
  fix: "Add one to principals",
})

const noKeys = new ConfigError({
  source: "bindings",
  problem: "The proxy has no key of its own",
  fix: "Set the secrets COS_SECRET_ID and COS_SECRET_KEY",
  missingCredentials: true,
})
