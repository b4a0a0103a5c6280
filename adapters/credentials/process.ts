/** Keys from a program of the user's, such as a password manager or a login to an identity provider. */
import type { ChildProcess } from "node:child_process"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ConfigError } from "../../core/errors.ts"
import { joined } from "../bytes.ts"
import { readAnswer } from "./answer.ts"
import type { Temporary } from "./refreshing.ts"

/** A line for the shell, or a program and its arguments, which no shell sees. */
export type Command = string | ReadonlyArray<string>

export interface Options {
  /** One minute unless told: a login may ask its user for something. */
  readonly timeout?: Duration.Input
  /** What the messages call it, such as a profile's file. */
  readonly source?: string
}

/**
 * Runs the command and reads the keys that it prints as JSON.
 *
 * Its standard error is the terminal's, so that a login can say what it wants; what it prints is never shown.
 */
export const fromProcess = (command: Command, options: Options = {}): Effect.Effect<Temporary, ConfigError> => {
  const source = options.source ?? "credentialProcess"
  const timeout = Duration.fromInputUnsafe(options.timeout ?? "1 minute")
  const program = programOf(command)
  const fail = (problem: string) =>
    Effect.fail(
      new ConfigError({
        source,
        problem: `The credentialProcess${program} ${problem}`,
        fix: "Run it by hand to see why",
      }),
    )
  const notice = Effect.andThen(
    Effect.sleep(quiet),
    Effect.logInfo(`Waiting for the credentialProcess${program}`),
  )
  return Effect.scoped(Effect.andThen(Effect.forkScoped(notice), run(command, fail))).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => fail(`did not end within ${Duration.format(timeout)}`),
    }),
    Effect.flatMap((stdout) => readAnswer(source, stdout)),
  )
}

/** What a program may take before it is said that one waits for it. */
const quiet: Duration.Input = "3 seconds"

/** The program in quotes, without its arguments; nothing where a shell's line begins with more than a name. */
const programOf = (command: Command): string => {
  const name = typeof command === "string" ? /^[\w./+-]+(?=\s|$)/u.exec(command.trim())?.[0] : command[0]
  return name === undefined || name === "" ? "" : ` "${name}"`
}

/** No answer with keys is near this long. */
const maxBytes = 64 * 1024

const run = (
  command: Command,
  fail: (problem: string) => Effect.Effect<never, ConfigError>,
): Effect.Effect<Uint8Array, ConfigError> =>
  // Loaded here, since most programs have their keys without it
  Effect.flatMap(Effect.promise(() => import("node:child_process")), ({ spawn }) => collect(spawn, command, fail))

type Spawn = typeof import("node:child_process").spawn

const collect = (
  spawn: Spawn,
  command: Command,
  fail: (problem: string) => Effect.Effect<never, ConfigError>,
): Effect.Effect<Uint8Array, ConfigError> =>
  Effect.callback((resume) => {
    let child: ChildProcess
    try {
      child = start(spawn, command)
    } catch {
      return resume(fail("cannot be started"))
    }
    const parts: Array<Uint8Array> = []
    let length = 0
    child.stdout?.on("data", (chunk: Uint8Array) => {
      length += chunk.length
      if (length <= maxBytes) return parts.push(chunk)
      stop(child)
      resume(fail(`printed more than ${maxBytes} bytes`))
    })
    child.on("error", (error: { readonly code?: unknown }) => {
      resume(fail(error.code === "ENOENT" ? "was not found" : `cannot be started (${String(error.code)})`))
    })
    child.on("close", (code, signal) => {
      if (code === 0) return resume(Effect.succeed(joined(parts, length)))
      resume(fail(code === null ? `was ended by ${signal}` : `ended with status ${code}`))
    })
    return Effect.sync(() => stop(child))
  })

/** In a process group of its own, so that what a shell started ends with it. Windows has none. */
const grouped = process.platform !== "win32"

const start = (spawn: Spawn, command: Command): ChildProcess => {
  const [file = "", ...words] = typeof command === "string" ? [command] : command
  return spawn(file, words, {
    shell: typeof command === "string",
    detached: grouped,
    windowsHide: true,
    stdio: ["ignore", "pipe", "inherit"],
  })
}

const stop = (child: ChildProcess): void => {
  try {
    if (grouped && child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    else child.kill("SIGKILL")
  } catch {
    // It has ended by itself.
  }
}
