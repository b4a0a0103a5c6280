/** Keys from environment variables. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { ConfigError } from "../../core/errors.ts"
import type { Credential } from "../../core/ports.ts"
import { type Named, whole } from "./keys.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** In order of precedence; the second are the names that Tencent Cloud's own tools read. */
export const variables = [
  { id: "COS_SECRET_ID", key: "COS_SECRET_KEY", token: "COS_SESSION_TOKEN" },
  { id: "TENCENTCLOUD_SECRET_ID", key: "TENCENTCLOUD_SECRET_KEY", token: "TENCENTCLOUD_SECURITY_TOKEN" },
] as const

/** A second pair, valid beside the first one while a proxy's keys are rotated. */
export const nextVariables = [
  { id: "COS_NEXT_SECRET_ID", key: "COS_NEXT_SECRET_KEY", token: "COS_NEXT_SESSION_TOKEN" },
] as const

/**
 * The credential of the first set of names of which any is set; undefined when none is.
 *
 * An empty variable counts as unset: build systems pass a secret that a job may not see as an empty one.
 */
export const fromEnvironment = (
  env: Environment,
  sets: ReadonlyArray<Readonly<Record<"id" | "key" | "token", string>>> = variables,
): Effect.Effect<Credential | undefined, ConfigError> =>
  Effect.gen(function* () {
    for (const { id, key, token } of sets) {
      const keys = { id: named(env, id), key: named(env, key), token: named(env, token) }
      const credential = yield* whole("environment", keys)
      if (credential !== undefined) return credential
    }
    return undefined
  })

const named = (env: Environment, name: string): Named => {
  const value = env[name]
  return { name, value: value === undefined || value === "" ? undefined : Redacted.make(value) }
}
