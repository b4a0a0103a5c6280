/** The local COS as a program: what its flags mean, what it says, until its scope closes. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { readInput } from "../adapters/files.ts"
import { logged } from "../adapters/hono/access-log.ts"
import { appOf, openLocalCos } from "../adapters/local.ts"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import { listen, type ListenError } from "./listen.ts"
import type { LocalFlags } from "./local-flags.ts"
import { readKeyFile, readLocalOptions } from "./local-options.ts"
import { settingsText } from "./local-settings.ts"

export interface Print {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** How the command line is called from where this runs. */
  readonly cli: string
}

/** Serves until its scope closes; then requests that are under way may end. */
export const serveLocal = (
  flags: LocalFlags,
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Effect.Effect<never, ConfigError | InvalidInput | ListenError, Scope.Scope> =>
  Effect.gen(function* () {
    const options = yield* Effect.fromResult(readLocalOptions(flags, environment))
    const keys = [...options.keys, ...yield* keysIn(options.keyFile)]
    const cos = yield* openLocalCos({ ...options, keys })
    const token = environment["COS_LOCAL_TOKEN"]
    const serve = options.log === "off" ? cos : logged({ write: print.err, json: options.log === "json" }, cos)
    const app = yield* appOf(cos, token === undefined || token === "" ? {} : { token }, serve)
    const { origin } = yield* listen({ app, host: options.host, port: options.port })
    const names = cos.store.buckets().map(({ name, region }) => `${name} (${region})`).join(", ")
    print.out(`Local COS ready at ${origin} with ${names}`)
    const { defaultBucket: bucket, region } = options
    print.out(`\n${settingsText({ origin, key: keys[0]!, bucket, region, cli: print.cli })}`)
    return yield* cos.keepTime
  })

const keysIn = (path: string | undefined) =>
  path === undefined
    ? Effect.succeed([])
    : Effect.flatMap(readInput(path), (bytes) => Effect.fromResult(readKeyFile(new TextDecoder().decode(bytes), path)))
