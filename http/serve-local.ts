/** The local COS as a program: what its flags mean, what it says, until its scope closes. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { readInput } from "../adapters/files.ts"
import { accessLog } from "../adapters/hono/access-log.ts"
import { reportLog } from "../adapters/hono/report-log.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { appOf, type OpenCos, openLocalCos } from "../adapters/local.ts"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import { listen, type ListenError } from "./listen.ts"
import type { LocalFlags } from "./local-flags.ts"
import { type LocalOptions, readKeyFile, readLocalOptions } from "./local-options.ts"
import { settingsText } from "./local-settings.ts"
import { originHere } from "./server-options.ts"

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
    const keys = [...options.keys, ...yield* keysIn(options)]
    const log = options.log === "off" ? undefined : { write: print.err, json: options.log === "json" }
    const onReport = log === undefined ? {} : { onReport: reportLog(log) }
    const cos = yield* openLocalCos({ ...options, keys, ...onReport })
    const { seed } = options
    const token = environment["COS_LOCAL_TOKEN"] ?? ""
    const watched = Effect.provideService(Watch, {
      onRequest: log === undefined ? () => {} : accessLog(log),
      onDefect: print.err,
    })
    const app = yield* appOf(
      cos,
      { ...(seed === undefined ? {} : { seed }), ...(token === "" ? {} : { token }) },
      cos,
    ).pipe(watched)
    const here = originHere(options.host, yield* watched(listen({ app, host: options.host, port: options.port })))
    const names = cos.store.buckets().map(({ name, region }) => `${name} (${region})`).join(", ")
    print.out(`Local COS ready at ${here} with ${names}`)
    for (const note of yield* notes(options, cos)) print.out(note)
    const { defaultBucket: bucket, region } = options
    print.out(`\n${settingsText({ origin: here, key: keys[0]!, bucket, region, cli: print.cli })}`)
    return yield* cos.keepTime
  })

/** What is other than one who starts it without flags would think. */
const notes = (options: LocalOptions, cos: OpenCos): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(cos.now, (now) => {
    const { data, seed, verifySignatures } = options
    const clock = cos.store.meta()?.clock
    const time = new Date(now).toISOString()
    return [
      ...(data !== undefined && seed !== undefined && !cos.isFresh
        ? [`Note: ${data} is not empty, so --seed was not used`]
        : []),
      ...(clock?._tag === "Still" ? [`Note: its clock stands still at ${time}`] : []),
      ...(clock?._tag === "Moved" && clock.offset !== 0 ? [`Note: its clock was moved, and shows ${time}`] : []),
      ...(verifySignatures ? [] : ["Note: signatures are not checked"]),
    ]
  })

const keysIn = ({ keyFile, keys }: LocalOptions) =>
  keyFile === undefined ? Effect.succeed([]) : Effect.flatMap(
    readInput(keyFile),
    (bytes) => Effect.fromResult(readKeyFile(new TextDecoder().decode(bytes), keyFile, keys)),
  )
