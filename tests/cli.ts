/** The command line without a process: its World is made up, and what it says is caught. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { TestConsole } from "effect/testing"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { serveOf } from "../adapters/hono/transport.ts"
import { wire } from "../adapters/hono/wire.ts"
import { demoBucket, demoKey, demoOptions, layer as layerMemory, type Options } from "../adapters/memory/mod.ts"
import { run } from "../cli/program.ts"
import { World } from "../cli/world.ts"
import { Transport } from "../core/ports.ts"
import { listen } from "../http/listen.ts"

export interface Invocation {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly terminal?: boolean
  /** What the user answers when asked. */
  readonly answer?: boolean
}

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly asked: ReadonlyArray<string>
}

/** Runs the command line to its end. Nothing of the machine's own settings reaches it. */
export const invoke = (args: ReadonlyArray<string>, invocation: Invocation = {}): Promise<Outcome> =>
  Effect.gen(function* () {
    const { env = {}, stdin = "", terminal = false, answer = false } = invocation
    const asked: Array<string> = []
    const world = Context.make(World, {
      env,
      stdin: chunks(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
      isTerminal: { stdin: terminal, stdout: terminal, stderr: terminal },
      confirm: (question) =>
        Effect.sync(() => {
          asked.push(question)
          return answer
        }),
    })
    const exit = yield* Effect.result(run(args).pipe(Effect.provideContext(world)))
    return {
      code: exit._tag === "Success" ? 0 : Runtime.getErrorExitCode(exit.failure),
      out: (yield* TestConsole.logLines).join("\n"),
      err: (yield* TestConsole.errorLines).join("\n"),
      asked,
    }
  }).pipe(Effect.provide(TestConsole.layer), Effect.runPromise)

async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield await Promise.resolve(bytes)
}

/** Settings for a COS on a socket of this machine. */
export const settingsFor = (origin: string): Record<string, string> => ({
  COS_ENDPOINT: origin,
  COS_BUCKET: demoBucket.name,
  COS_REGION: demoBucket.region,
  COS_SECRET_ID: demoKey.secretId,
  COS_SECRET_KEY: demoKey.secretKey,
})

/** Runs a test against the in-memory COS behind a real socket. */
export const withLocalCos = <A>(
  body: (env: Record<string, string>) => Promise<A>,
  options: Partial<Options> = {},
): Promise<A> =>
  Effect.gen(function* () {
    const memory = layerMemory({ ...demoOptions(), ...options }).pipe(Layer.provide(layerHashes))
    const app = yield* Effect.flatMap(Transport, (transport) => wire(serveOf(transport))).pipe(Effect.provide(memory))
    const { origin } = yield* listen({ app })
    return yield* Effect.promise(() => body(settingsFor(origin)))
  }).pipe(Effect.scoped, Effect.runPromise)
