/** What counts a Worker's requests: a Durable Object for all isolates, Cloudflare's binding, or each isolate's memory. */
import * as Result from "effect/Result"
import type { Limiter } from "../adapters/policy/limiter.ts"
import {
  limiterOfBinding,
  limiterOfObject,
  type ObjectNamespace,
  type RateLimitBinding,
} from "../adapters/workers/mod.ts"
import { ConfigError } from "../core/errors.ts"

export interface LimiterBindings {
  /** A namespace of Durable Objects of the class `RateLimiterObject`. */
  readonly COS_PROXY_LIMITER?: unknown
  /** A rate-limiting binding over 60 seconds; counts where there is no namespace. */
  readonly COS_PROXY_RATE_LIMIT?: unknown
}

/** Undefined where nothing is bound, so that each isolate counts for itself. */
export const limiterIn = (
  { COS_PROXY_LIMITER: namespace, COS_PROXY_RATE_LIMIT: binding }: LimiterBindings,
): Result.Result<Limiter | undefined, ConfigError> => {
  if (isBound(namespace)) {
    return isNamespace(namespace)
      ? Result.succeed(limiterOfObject(namespace))
      : Result.fail(wrong("COS_PROXY_LIMITER", "a namespace of Durable Objects of the class RateLimiterObject"))
  }
  if (!isBound(binding)) return Result.succeed(undefined)
  return isRateLimit(binding)
    ? Result.succeed(limiterOfBinding(binding))
    : Result.fail(wrong("COS_PROXY_RATE_LIMIT", "a rate-limiting binding"))
}

const isBound = (given: unknown): boolean => given !== undefined && given !== null

/** Whose methods stand on their prototypes. */
const has = <N extends string>(given: unknown, ...names: ReadonlyArray<N>): given is Record<N, unknown> =>
  typeof given === "object" && given !== null &&
  names.every((name) => name in given && typeof (given as Record<N, unknown>)[name] === "function")

const isNamespace = (given: unknown): given is ObjectNamespace => has(given, "idFromName", "get")
const isRateLimit = (given: unknown): given is RateLimitBinding => has(given, "limit")

const wrong = (source: string, allowed: string): ConfigError =>
  new ConfigError({ source, problem: "The binding is of another kind", fix: `Bind ${allowed}, as wrangler.jsonc does` })
