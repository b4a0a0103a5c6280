/** The process as a World, and just enough platform for `effect/cli`: arguments, exit codes, signals. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Path from "effect/Path"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Runtime from "effect/Runtime"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import { exitOfSignal, exits } from "./exit.ts"
import { World } from "./world.ts"

const unused = Effect.die("effect/cli asked for something that no command uses")

/** What `effect/cli` requires. Prompts and files go through World and adapters instead. */
export const layerCli = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Layer.succeed(
    Stdio.Stdio,
    Stdio.make({ args: Effect.succeed([]), stdin: Stream.empty, stdout: () => Sink.drain, stderr: () => Sink.drain }),
  ),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: Effect.succeed(80),
      rows: Effect.succeed(24),
      size: unused,
      readInput: unused,
      readLine: unused,
      display: () => Effect.void,
    }),
  ),
  Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, ChildProcessSpawner.make(() => unused)),
  Layer.succeed(Logger.LogToStderr, true),
)

export const layerWorld = Layer.sync(World, () => ({
  env: process.env,
  // Each is opened by being looked at, which takes longer than some commands
  get stdin() {
    return process.stdin
  },
  isTerminal: {
    get stdin() {
      return process.stdin.isTTY === true
    },
    get stdout() {
      return process.stdout.isTTY === true
    },
    get stderr() {
      return process.stderr.isTTY === true
    },
  },
  get screen() {
    return process.stderr
  },
  get signal() {
    return signal
  },
  confirm: (question: string) =>
    Effect.callback<boolean>((resume) => {
      process.stderr.write(`${question} [y/N] `)
      const answered = (text: string) => {
        stop()
        resume(Effect.succeed(/^y(es)?$/iu.test(text.trim())))
      }
      const onData = (bytes: Uint8Array) => answered(new TextDecoder().decode(bytes))
      const onEnd = () => answered("")
      // A terminal hands over whole lines, so no line editor is needed; it would also take Ctrl-C for itself
      const stop = () => {
        process.stdin.off("data", onData)
        process.stdin.off("end", onEnd)
        process.stdin.destroy()
      }
      process.stdin.once("data", onData)
      process.stdin.once("end", onEnd)
      return Effect.sync(stop)
    }),
}))

/** The process's first, which decides how it ends. */
let signal: World["signal"]

/** Runs the program, interrupts it on SIGINT and SIGTERM, and ends with the exit code its error carries. */
export const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  const stop = (name: "SIGINT" | "SIGTERM") => () => {
    signal ??= name
    fiber.interruptUnsafe(fiber.id)
  }
  const onInterrupt = stop("SIGINT")
  const onTerminate = stop("SIGTERM")
  process.on("SIGINT", onInterrupt)
  process.on("SIGTERM", onTerminate)
  fiber.addObserver((exit) =>
    teardown(exit, (code) => {
      process.off("SIGINT", onInterrupt)
      process.off("SIGTERM", onTerminate)
      process.exitCode = code === exits.interrupted ? exitOfSignal(signal) : code
      // Deno cannot call off a read of a piped standard input, which would keep the process alive
      if (signal !== undefined) process.exit()
    })
  )
})
