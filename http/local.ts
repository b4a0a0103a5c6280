/** The local COS: the in-memory COS behind a socket, until it is told to stop; its usage says how. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Data from "effect/Data"
import * as Redacted from "effect/Redacted"
import { parseArgs } from "node:util"
import { type Environment, fromEnvironment, variables } from "../adapters/credentials/mod.ts"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import {
  demoBucket,
  demoKey,
  demoOptions,
  type Key,
  layer as layerMemory,
  type Options,
} from "../adapters/memory/mod.ts"
import { checkBucket, checkRegion } from "../core/endpoint.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import type { Credential } from "../core/ports.ts"
import { listen } from "./listen.ts"

const usage = `Usage: local.ts [flags]

A COS for tests, in memory, behind a socket. It runs until it is told to stop, and says in one line when it is ready.

  --port <port>       where it listens (or PORT); any free port unless told
  --host <host>       the address it listens at; this machine alone unless told
  --bucket <name>     a bucket there is, with its -<appid>; may be repeated; the demo's bucket unless told
  --region <region>   the region of these buckets
  --strict            the buckets are in strict signature mode
  --no-verify         takes every signature for good
  --help              prints this

Its key is COS_SECRET_ID with COS_SECRET_KEY (and COS_SESSION_TOKEN), else the demo's.`

const serve = (args: ReadonlyArray<string>, environment: Environment) =>
  Effect.gen(function* () {
    const flags = yield* readFlags(args)
    if (flags.help === true) return console.log(usage)
    const port = yield* readPort(flags.port ?? environment["PORT"])
    const options = yield* optionsFrom(flags, yield* readKey(environment))
    const app = yield* wire.pipe(Effect.provide(layerMemory(options).pipe(Layer.provide(layerHashes))))
    const { origin } = yield* listen({ app, port, ...(flags.host === undefined ? {} : { host: flags.host }) })
    const buckets = options.buckets.map(({ name, region }) => `${name} (${region})`).join(", ")
    console.log(`Local COS ready at ${origin} with ${buckets}`)
    return yield* Effect.never
  })

class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

const readFlags = (args: ReadonlyArray<string>) =>
  Effect.try({
    try: () => parseArgs({ args: [...args], options: flagTable, allowNegative: true }).values,
    catch: (cause) => new UsageError({ message: cause instanceof Error ? cause.message : "Wrong usage" }),
  })

const flagTable = {
  host: { type: "string" },
  port: { type: "string" },
  bucket: { type: "string", multiple: true },
  region: { type: "string" },
  strict: { type: "boolean" },
  verify: { type: "boolean" },
  help: { type: "boolean" },
} as const

type Flags = Effect.Success<ReturnType<typeof readFlags>>

const readPort = (text: string = "0"): Effect.Effect<number, ConfigError> =>
  /^\d{1,5}$/u.test(text) && Number(text) <= 65535 ? Effect.succeed(Number(text)) : Effect.fail(
    new ConfigError({
      source: "--port or PORT",
      problem: `The port "${text}" is not a port`,
      fix: "Give a number from 0 to 65535, where 0 takes any free port",
    }),
  )

/** The names of Tencent Cloud's own tools are left out: they hold real keys, and this is no place for them. */
const readKey = (environment: Environment): Effect.Effect<Key, ConfigError> => {
  const { id, key, token } = variables[0]
  const named = Object.fromEntries([id, key, token].map((name) => [name, environment[name]]))
  return Effect.map(fromEnvironment(named), (credential) => credential === undefined ? demoKey : keyOf(credential))
}

const keyOf = ({ secretId, secretKey, sessionToken }: Credential): Key => ({
  secretId,
  secretKey: Redacted.value(secretKey),
  ...(sessionToken === undefined ? {} : { sessionToken: Redacted.value(sessionToken) }),
})

const optionsFrom = (flags: Flags, key: Key): Effect.Effect<Options, ConfigError | InvalidInput> => {
  const shared = {
    keys: [key],
    verifySignatures: flags.verify ?? true,
  }
  const strictSignature = flags.strict ?? false
  if (flags.bucket === undefined) {
    if (flags.region !== undefined) return Effect.fail(regionAlone)
    const demo = demoOptions()
    return Effect.succeed({
      ...demo,
      ...shared,
      buckets: demo.buckets.map((bucket) => ({ ...bucket, strictSignature })),
    })
  }
  const region = flags.region ?? demoBucket.region
  const findings = [...flags.bucket.flatMap(checkBucket), ...checkRegion(region)]
  if (findings.length > 0) return Effect.fail(new InvalidInput({ findings }))
  return Effect.succeed({
    ...shared,
    buckets: flags.bucket.map((name) => ({ name, region, strictSignature })),
    defaultBucket: flags.bucket[0]!,
  })
}

const regionAlone = new ConfigError({
  source: "--region",
  problem: "A region is given, but no bucket that would be in it",
  fix: `Give --bucket too, or leave out --region: the demo's bucket is in ${demoBucket.region}`,
})

/** The codes of the command line's table, `cli/exit.ts`, which nothing here may import. */
const exits = { UsageError: 64, ConfigError: 5, InvalidInput: 5, ListenError: 5, SIGINT: 130, SIGTERM: 143 } as const

const program = Effect.scoped(serve(process.argv.slice(2), process.env)).pipe(
  Effect.catch((error) =>
    Effect.sync(() => {
      console.error(error.message)
      process.exitCode = exits[error._tag]
    })
  ),
)

const fiber = Effect.runFork(program)
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    process.exitCode = exits[signal]
    Effect.runFork(Fiber.interrupt(fiber))
  })
}
