import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { calledAs } from "../../adapters/called-as.ts"
import { type LocalFlags, localFlags } from "../../http/local-flags.ts"
import type { ServerFlag } from "../../http/server-flag.ts"
import { reporting } from "../failure.ts"
import { root } from "../root.ts"
import { serverFlags } from "../server-flags.ts"
import { refuseOthers, refusingToListen } from "../serving.ts"
import { World } from "../world.ts"

/** `region` is a flag of every command, so it is not one of this one's own. */
const rows = (localFlags as ReadonlyArray<ServerFlag>).filter(({ name }) => name !== "region")

/** `local`: a COS on this machine, until it is told to stop. */
export const local = Command.make(
  "local",
  serverFlags(rows),
  Effect.fnUntraced(function* (given) {
    const { region, ...others } = yield* root
    const { env } = yield* World
    const { log, error } = yield* Console.Console
    yield* Effect.gen(function* () {
      yield* refuseOthers(others, "this one is its own", { demo: "Use --seed demo", bucket: "Use --default-bucket" })
      const { serveLocal } = yield* Effect.promise(() => import("../../http/serve-local.ts"))
      const flags: LocalFlags = { ...given, region: Option.getOrUndefined(region) }
      return yield* Effect.scoped(serveLocal(flags, env, { out: log, err: error, cli: calledAs() })).pipe(
        refusingToListen,
      )
    }).pipe(reporting("run a local COS"))
  }),
).pipe(
  Command.withDescription("Run a COS on this machine, for tests, until it is told to stop"),
  Command.withExamples([{
    command: "cos-inventory local --seed demo",
    description: "With the demo's rules and some objects; prints how clients reach it",
  }]),
)
