/** A policy as the commands that look at one read it, with no proxy and no COS. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ConfigError } from "../core/errors.ts"
import { root } from "./root.ts"
import { refuseOthers } from "./serving.ts"
import { World } from "./world.ts"

/** The policy that a flag or an argument names, else the variable's. */
export const judgedPolicy = (given: Option.Option<string>) =>
  Effect.gen(function* () {
    yield* refuseOthers(yield* root, "a policy is read without one", {})
    const { env, stdin } = yield* World
    const { judgePolicy, policyVariable } = yield* Effect.promise(() => import("../adapters/policy-file.ts"))
    const chosen = Option.getOrUndefined(given) ?? (env[policyVariable] || undefined)
    if (chosen === undefined) return yield* new ConfigError({ ...noPolicy, source: `--policy, ${policyVariable}` })
    return yield* judgePolicy(chosen, { stdin })
  })

const noPolicy = {
  problem: "There is no policy to look at",
  fix: "Give --policy <file>; `new policy` prints one to begin with",
} as const
