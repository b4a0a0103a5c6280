/** The local COS behind a socket, until it is told to stop; its usage says how. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Data from "effect/Data"
import { parseArgs } from "node:util"
import { type LocalFlag, type LocalFlags, localFlags } from "./local-flags.ts"
import { serveLocal } from "./serve-local.ts"

const rows: ReadonlyArray<LocalFlag> = localFlags

const usage = `Usage: local.ts [flags]

A COS for tests behind a socket. It runs until it is told to stop, and says in one line when it is ready.

${
  rows.map(({ name, value, description }) => line(value === undefined ? name : `${name} <${value}>`, description)).join(
    "\n",
  )
}
${line("help", "prints this")}`

function line(flag: string, description: string): string {
  return `  --${flag.padEnd(28)} ${description}`
}

class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

const program = Effect.gen(function* () {
  const { help, ...flags }: Parsed = yield* Effect.try({
    try: () => parseArgs({ args: process.argv.slice(2), options: parsed }).values as Parsed,
    catch: (cause) => new UsageError({ message: cause instanceof Error ? cause.message : "Wrong usage" }),
  })
  if (help === true) return console.log(usage)
  return yield* serveLocal(flags, process.env, { out: console.log, err: console.error, cli: "npx bun cli/main.ts" })
})

type Parsed = LocalFlags & { readonly help?: boolean }

const parsed = {
  ...Object.fromEntries(rows.map(({ name, value, isRepeatable = false }) => [
    name,
    { type: value === undefined ? "boolean" : "string", multiple: isRepeatable } as const,
  ])),
  help: { type: "boolean" },
} as const

/** The codes of the command line's table, `cli/exit.ts`, which nothing here may import. */
const exits = {
  Defect: 1,
  UsageError: 64,
  ConfigError: 5,
  InvalidInput: 5,
  ListenError: 5,
  SIGINT: 130,
  SIGTERM: 143,
} as const

const fiber = Effect.runFork(
  Effect.scoped(program).pipe(
    Effect.catch((error) =>
      Effect.sync(() => {
        console.error(error.message)
        process.exitCode = exits[error._tag]
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
    Effect.runFork(Fiber.interrupt(fiber))
  })
}
