/** What `apply` was given: a plan file, which stands alone, or rules files. */
import * as Effect from "effect/Effect"
import { type Given as PlanFile, readPlanFile } from "../adapters/plan-file.ts"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import type { Plan, PlanOptions, UnreadBucket } from "../core/plan/mod.ts"
import { oneLine } from "../core/redact.ts"
import { exits } from "./exit.ts"
import { Refusal } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import type { BucketFailure } from "./planning.ts"
import { World } from "./world.ts"

/** The plan; or the paths of rules files, and the World in which they can be read, since a pipe is read once only. */
export type Given =
  | Extract<PlanFile, { readonly _tag: "plan" }>
  | { readonly _tag: "rules"; readonly paths: ReadonlyArray<string>; readonly world: World }

export const givenIn = (paths: ReadonlyArray<string>): Effect.Effect<Given, ConfigError | InvalidInput, World> =>
  Effect.gen(function* () {
    const world = yield* World
    const [path] = paths
    if (path === undefined || paths.length > 1) return { _tag: "rules", paths, world }
    const found = yield* readPlanFile(path, path === "-" ? { stdin: world.stdin } : {})
    if (found._tag === "plan") return found
    const { bytes } = found
    return bytes === undefined
      ? { _tag: "rules", paths, world }
      : { _tag: "rules", paths: ["-"], world: withInput(world, bytes) }
  })

/** A World is looked at member by member: some are opened by it. */
const withInput = (world: World, bytes: Uint8Array): World => ({
  env: world.env,
  isTerminal: world.isTerminal,
  confirm: world.confirm,
  ...(world.screen === undefined ? {} : { screen: world.screen }),
  stdin: again(bytes),
})

async function* again(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** What a plan leaves to be done, so that whoever applies it is not told that all is well. */
export const unplanned = (unread: ReadonlyArray<UnreadBucket>): ReadonlyArray<BucketFailure> =>
  unread.map(({ bucket, region, message }) => ({
    bucket,
    region,
    error: new Refusal({
      exit: exits.partial,
      problem: `it could not be read when the plan was made${message === "" ? "" : `: ${message}`}`,
      fix: "Plan again when it can be read, and apply that plan",
    }),
  }))

/** A plan was made with its flags; what would change it has no place beside it. */
export const refuseFlags = (
  { prune, asIs }: PlanOptions,
  { chosen }: Pick<Fleet, "chosen">,
): Effect.Effect<void, Refusal> => {
  const flag = prune ? "--prune" : asIs === true ? "--as-is" : chosen.length > 0 ? "a choice of buckets" : undefined
  return flag === undefined ? Effect.void : Effect.fail(
    new Refusal({
      exit: exits.usage,
      problem: `a plan file is carried out as it stands, and ${flag} would change it`,
      fix: `Leave ${flag} out, or give it to plan`,
    }),
  )
}

/** A plan says what stands in one place, and nothing of another. */
export const refuseElsewhere = (
  plan: Plan,
  fleet: Pick<Fleet, "endpoint" | "isDemo">,
): Effect.Effect<void, Refusal> => {
  const [made, here] = [placeOf(plan.endpoint, plan.demo === true), placeOf(fleet.endpoint, fleet.isDemo)]
  if (made.key === here.key) return Effect.void
  return Effect.fail(
    new Refusal({
      exit: exits.conflict,
      problem: `the plan was made against ${made.name}, and it would be applied to ${here.name}`,
      fix: `Apply it where it was made, with ${made.how}; or plan again here`,
    }),
  )
}

const placeOf = (endpoint: string | undefined, isDemo: boolean) => {
  if (isDemo) return { key: "demo", name: "the embedded demo", how: "--demo" }
  if (endpoint === undefined) return { key: "", name: "COS itself", how: "no endpoint set" }
  const name = oneLine(endpoint)
  return { key: endpoint.replace(/\/$/u, "").toLowerCase(), name, how: `--endpoint ${name}` }
}
