/** The command line as an Effect of its arguments, so that tests run it without a process. */
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { buckets } from "./commands/buckets.ts"
import { config } from "./commands/config.ts"
import { remove } from "./commands/delete.ts"
import { fmt } from "./commands/fmt.ts"
import { get } from "./commands/get.ts"
import { list } from "./commands/list.ts"
import { make } from "./commands/new.ts"
import { put } from "./commands/put.ts"
import { run as runJob } from "./commands/run.ts"
import { sign } from "./commands/sign.ts"
import { disable, enable } from "./commands/switch.ts"
import { validate } from "./commands/validate.ts"
import { exits } from "./exit.ts"
import { Failure } from "./failure.ts"
import { layerCli } from "./platform.ts"
import { root } from "./root.ts"
import { version } from "./version.ts"
import { World } from "./world.ts"

const program = root.pipe(Command.withSubcommands([
  { group: "Rules", commands: [get, list, put, remove, enable, disable, runJob] },
  { group: "Files", commands: [make, validate, fmt] },
  { group: "Around", commands: [buckets, sign, config] },
]))

/** Runs the command line. It fails with a Failure, whose reason has been said on standard error. */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, Failure, World> =>
  Effect.gen(function* () {
    const { isTerminal, env } = yield* World
    const formatter = () => CliOutput.defaultFormatter({ colors: isTerminal.stdout && (env["NO_COLOR"] ?? "") === "" })
    yield* Command.runWith(program, { version })(args).pipe(
      Effect.catchCause(ended),
      Effect.provide(Layer.mergeAll(
        layerCli,
        CliConfig.layer({
          builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel],
        }),
        presenter(formatter),
        Logger.layer([plainLogger]),
      )),
    )
  })

/** Usage errors end with 64; whatever nobody foresaw ends with 1 and one sentence, never a stack trace. */
const ended = (cause: Cause.Cause<Failure | CliError.CliError>): Effect.Effect<never, Failure> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
  const error = Cause.squash(cause)
  if (error instanceof Failure) return Effect.fail(error)
  if (CliError.isCliError(error)) {
    const isHelp = error._tag === "ShowHelp" && error.errors.length === 0
    return Effect.fail(new Failure({ code: isHelp ? exits.done : exits.usage }))
  }
  const message = error instanceof Error ? error.message : String(error)
  return Effect.andThen(
    Console.error(
      `Unexpected failure: ${message}\nThis is a defect of cos-inventory; please report it with the command that led to it`,
    ),
    Effect.fail(new Failure({ code: exits.failure })),
  )
}

/** Help that was asked for is data; help for a wrong use is speech, and short. */
const presenter = (formatter: () => CliOutput.Formatter) =>
  CliOutput.layerPresenter({
    present: (event) => {
      switch (event._tag) {
        case "Help":
          return Console.log(formatter().formatHelpDoc(event.helpDoc))
        case "Version":
          return Console.log(`${event.name} ${event.version}`)
        case "InvalidInvocation":
          return Console.error(
            `${formatter().formatErrors(event.errors).trim()}\n\nUsage: ${event.helpDoc.usage}\nMore: ${
              event.commandPath.join(" ")
            } --help`,
          )
      }
    },
  })

const plainLogger = Logger.make(({ logLevel, message }) => {
  const text = (Array.isArray(message) ? message : [message]).map(String).join(" ")
  console.error(`${logLevel.toLowerCase()}: ${text}`)
})
