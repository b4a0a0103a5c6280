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
import { escapeSteering, quotedLine } from "../core/redact.ts"
import { documentVersion } from "../core/wire/document.ts"
import { commandsFor } from "./commands/mod.ts"
import { exits } from "./exit.ts"
import { Failure } from "./failure.ts"
import { layerCli } from "./platform.ts"
import { root } from "./root.ts"
import { OutputError } from "./streams.ts"
import { version } from "./version.ts"
import { World } from "./world.ts"

/** Runs the command line. It fails with a Failure, whose reason has been said on standard error. */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, Failure, World> =>
  Effect.gen(function* () {
    const { isTerminal, env } = yield* World
    const formatter = () => CliOutput.defaultFormatter({ colors: isTerminal.stdout && (env["NO_COLOR"] ?? "") === "" })
    const given = plain(args)
    const program = root.pipe(Command.withSubcommands(yield* commandsFor(given)))
    yield* Command.runWith(program, { version })(given).pipe(
      Effect.catchCause(ended),
      Effect.provide(Layer.mergeAll(
        layerCli,
        CliConfig.layer({
          builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel],
        }),
        presenter(formatter, wantsJson(given)),
        // Under -o json standard error holds one object, unless logs are asked for
        Logger.layer(wantsJson(given) && !given.some((arg) => arg.startsWith("--log-level")) ? [] : [plainLogger]),
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
  if (error instanceof OutputError) {
    return Effect.andThen(Console.error(error.message), Effect.fail(new Failure({ code: exits.failure })))
  }
  const message = error instanceof Error ? error.message : String(error)
  return Effect.andThen(
    Console.error(
      `Unexpected failure: ${
        quotedLine(message)
      }\nThis is a defect of cos-inventory; please report it with the command that led to it`,
    ),
    Effect.fail(new Failure({ code: exits.failure })),
  )
}

/** Help that was asked for is data; help for a wrong use is speech, and short. */
const presenter = (formatter: () => CliOutput.Formatter, isJson: boolean) =>
  CliOutput.layerPresenter({
    present: (event) => {
      switch (event._tag) {
        case "Help":
          return Console.log(formatter().formatHelpDoc({ ...event.helpDoc, usage: usageOf(event.helpDoc) }))
        case "Version":
          return Console.log(`${event.name} ${event.version}`)
        case "InvalidInvocation":
          if (isJson) return Console.error(usageDocument(event.errors.map((e) => e.message)))
          return Console.error(
            `${formatter().formatErrors(event.errors).trim()}\n\nUsage: ${event.helpDoc.usage}\nMore: ${
              event.commandPath.join(" ")
            } --help`,
          )
      }
    },
  })

/** `proxy` runs by itself too, which the usage that Effect writes of a command with subcommands does not show. */
const usageOf = ({ usage }: { readonly usage: string }): string =>
  usage.replace("proxy <subcommand>", "proxy [<subcommand>]")

/** What people also type: `help get` for `get --help`, `-ojson` for `-o json`. */
const plain = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const spelled = args.flatMap((arg) =>
    /^-o(?:table|json|yaml|xml|markdown)$/u.test(arg) ? ["-o", arg.slice(2)] : [arg]
  )
  return spelled[0] === "help" ? [...spelled.slice(1), "--help"] : spelled
}

/** Of a use that could not be parsed only the words are known. */
const wantsJson = (args: ReadonlyArray<string>): boolean =>
  args.some((arg, i) =>
    arg === "--output=json" || arg === "-o=json" || ((arg === "-o" || arg === "--output") && args[i + 1] === "json")
  )

const usageDocument = (messages: ReadonlyArray<string>): string =>
  escapeSteering(JSON.stringify({
    version: documentVersion,
    error: { type: "Usage", message: messages.join("; "), advice: "See --help", exitCode: exits.usage },
  }))

const plainLogger = Logger.withConsoleError(Logger.make(({ logLevel, message }) => {
  const text = (Array.isArray(message) ? message : [message]).map(String).join(" ")
  return logLevel === "Info" ? `Note: ${text}` : `${logLevel.toLowerCase()}: ${text}`
}))
