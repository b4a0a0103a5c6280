import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { proxyFlags } from "../../http/proxy-flags.ts"
import { reporting } from "../failure.ts"
import { root } from "../root.ts"
import { serverFlags } from "../server-flags.ts"
import { calledAs, refuseOthers, refusingToListen } from "../serving.ts"
import { World } from "../world.ts"

/** `proxy`: inventory access without keys, until it is told to stop. */
export const proxy = Command.make(
  "proxy",
  serverFlags(proxyFlags),
  Effect.fnUntraced(function* (given) {
    const { profile: _, ...others } = yield* root
    const { env } = yield* World
    const { log, error } = yield* Console.Console
    yield* Effect.gen(function* () {
      yield* refuseOthers(others, "that stands in the proxy's policy", {})
      const { serveProxy } = yield* Effect.promise(() => import("../../http/serve-proxy.ts"))
      return yield* Effect.scoped(serveProxy(given, env, { out: log, err: error, cli: calledAs() })).pipe(
        refusingToListen,
      )
    }).pipe(reporting("run a proxy"))
  }),
).pipe(
  Command.withDescription("Run a proxy that signs what its policy allows, until it is told to stop"),
  Command.withExamples([{
    command: "cos-inventory proxy --policy policy.yaml",
    description: "On this machine alone, with the keys of the environment",
  }]),
)
