import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { calledAs } from "../../adapters/called-as.ts"
import { type ProxyFlags, proxyFlags } from "../../http/proxy-flags.ts"
import type { ServerFlag } from "../../http/server-flag.ts"
import { reporting } from "../failure.ts"
import { root } from "../root.ts"
import { serverFlags } from "../server-flags.ts"
import { refuseOthers, refusingToListen } from "../serving.ts"
import { World } from "../world.ts"
import { key } from "./proxy-key.ts"
import { token } from "./proxy-token.ts"

/** `profile` is a flag of every command, so it is not one of this one's own. */
const rows = (proxyFlags as ReadonlyArray<ServerFlag>).filter(({ name }) => name !== "profile")

/** `proxy`: inventory access without keys, until it is told to stop. */
export const proxy = Command.make(
  "proxy",
  serverFlags(rows),
  Effect.fnUntraced(function* (given) {
    const { profile, ...others } = yield* root
    const { env, screen } = yield* World
    const { log, error } = yield* Console.Console
    yield* Effect.gen(function* () {
      yield* refuseOthers(others, "that stands in the proxy's policy", {
        timeout: "Set timeoutSeconds in the policy",
      })
      const { serveProxy } = yield* Effect.promise(() => import("../../http/serve-proxy.ts"))
      const flags: ProxyFlags = { ...given, profile: Option.getOrUndefined(profile) }
      const print = { out: log, err: error, cli: calledAs(), isItsOwn: screen !== undefined }
      return yield* refusingToListen(Effect.scoped(serveProxy(flags, env, print)))
    }).pipe(reporting("run a proxy"))
  }),
).pipe(
  Command.withSubcommands([token, key]),
  Command.withDescription("Run a proxy that signs what its policy allows, until it is told to stop"),
  Command.withExamples([{
    command: "cos-inventory proxy --policy policy.yaml",
    description: "On this machine alone, with the keys of the environment",
  }]),
)
