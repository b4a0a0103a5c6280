/** The command line without a process: its World is made up, and what it says is caught. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import { TestConsole } from "effect/testing"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { readFaults } from "../adapters/memory/faults/mod.ts"
import { type Cos, demoBucket, demoKey, demoOptions, open, type Options } from "../adapters/memory/mod.ts"
import { run } from "../cli/program.ts"
import { World } from "../cli/world.ts"
import type { Serve } from "../core/ports.ts"
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

/** A COS in memory behind a socket, and the command line against it. */
export interface LocalCos {
  readonly cos: Cos
  /** Keys and an endpoint, and neither a bucket nor a region. */
  readonly env: Record<string, string>
  /** Method and target of every request so far, in their order. */
  readonly asked: ReadonlyArray<string>
  readonly go: (args: ReadonlyArray<string>, invocation?: Invocation) => Promise<Outcome>
  readonly fault: (...faults: ReadonlyArray<unknown>) => void
}

export interface LocalCosOptions extends Partial<Options> {
  readonly buckets: Options["buckets"]
  /** What stands between the socket and the COS. */
  readonly around?: (cos: Cos) => Serve
}

/** Runs a test against a COS of its own. */
export const withCos = <A>(
  { around = (cos) => cos, ...options }: LocalCosOptions,
  body: (local: LocalCos) => Promise<A>,
): Promise<A> =>
  Effect.gen(function* () {
    const cos = yield* open({ keys: [demoKey], ...options })
    const { answer } = around(cos)
    const asked: Array<string> = []
    const app = yield* wire({
      answer: (request) =>
        Effect.suspend(() => {
          asked.push(`${request.method} ${request.target}`)
          return answer(request)
        }),
    })
    // What is not answered when a test is over never will be
    const { origin } = yield* listen({ app, graceMillis: 0 })
    const { COS_BUCKET: _, COS_REGION: __, ...env } = settingsFor(origin)
    return yield* Effect.promise(() =>
      body({
        cos,
        env,
        asked,
        go: (args, invocation = {}) => invoke(args, { ...invocation, env: { ...env, ...invocation.env } }),
        fault: (...faults) => Result.getOrThrow(readFaults(faults)).forEach((fault) => cos.faults.add(fault)),
      })
    )
  }).pipe(Effect.scoped, Effect.provide(layerHashes), Effect.runPromise)

/** The same with the demo's bucket, which the settings name. */
export const withLocalCos = <A>(
  body: (env: Record<string, string>) => Promise<A>,
  options: Partial<LocalCosOptions> = {},
): Promise<A> => withCos({ ...demoOptions(), ...options }, ({ env }) => body(settingsFor(env["COS_ENDPOINT"]!)))
