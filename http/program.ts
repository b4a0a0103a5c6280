/** A program that serves until it is told to stop: its flags, its usage, its signals and its exit codes. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { parseArgs } from "node:util"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import type { ListenError } from "./listen.ts"
import type { ServerFlag } from "./server-flag.ts"

/** What the flags were given as, before it is judged. */
export type Given = Readonly<Record<string, string | boolean | ReadonlyArray<string> | undefined>>

export interface Program {
  readonly name: string
  readonly description: string
  readonly flags: ReadonlyArray<ServerFlag>
  /** Ends when its scope closes, or because it cannot begin. */
  readonly serve: (flags: Given) => Effect.Effect<never, ConfigError | InvalidInput | ListenError, Scope.Scope>
}

export const runProgram = (program: Program): void => {
  const fiber = Effect.runFork(
    Effect.scoped(served(program)).pipe(
      Effect.catch((error) =>
        Effect.sync(() => {
          console.error(error.message)
          process.exitCode = error._tag === "ConfigError" && error.missingCredentials === true
            ? exits.NoCredentials
            : exits[error._tag]
        })
      ),
      Effect.catchCause((cause) =>
        Effect.sync(() => {
          if (Cause.hasInterruptsOnly(cause)) return
          console.error(Cause.pretty(cause))
          process.exitCode = exits.Defect
        })
      ),
    ),
  )
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      process.exitCode = exits[signal]
      // An output that stands still would keep the process for ever
      const end = () => setTimeout(() => process.exit(), farewellMillis).unref()
      Effect.runFork(Effect.andThen(Fiber.interrupt(fiber), Effect.sync(end)))
    })
  }
}

/** How long whoever reads the log may take for its last lines. */
const farewellMillis = 1000

/** The codes of the command line's table, `cli/exit.ts`, which nothing here may import. */
export const exits = {
  Defect: 1,
  UsageError: 64,
  ConfigError: 5,
  NoCredentials: 4,
  InvalidInput: 5,
  ListenError: 5,
  SIGINT: 130,
  SIGTERM: 143,
} as const

class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

const served = (program: Program) =>
  Effect.gen(function* () {
    const { help, ...flags }: Given = yield* Effect.try({
      try: () => parseArgs({ args: process.argv.slice(2), options: parsedBy(program) }).values as Given,
      catch: (cause) => new UsageError({ message: cause instanceof Error ? cause.message : "Wrong usage" }),
    })
    if (help === true) return console.log(usageOf(program))
    return yield* program.serve(flags)
  })

const parsedBy = ({ flags }: Program) => ({
  ...Object.fromEntries(flags.map(({ name, value, isRepeatable = false }) => [
    name,
    { type: value === undefined ? "boolean" : "string", multiple: isRepeatable } as const,
  ])),
  help: { type: "boolean" },
} as const)

const usageOf = ({ name, description, flags }: Program): string =>
  `Usage: ${name} [flags]

${description}

${
    flags.map(({ name, value, description }) => line(value === undefined ? name : `${name} <${value}>`, description))
      .join("\n")
  }
${line("help", "prints this")}`

const line = (flag: string, description: string): string => `  --${flag.padEnd(28)} ${description}`
