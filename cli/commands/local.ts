import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type LocalFlag, type LocalFlags, localFlags } from "../../http/local-flags.ts"
import { exits } from "../exit.ts"
import { Refusal, reporting } from "../failure.ts"
import { switchFlag } from "../flags.ts"
import { root } from "../root.ts"
import { World } from "../world.ts"

/** `region` is a flag of every command, so it is not one of this one's own. */
const rows = (localFlags as ReadonlyArray<LocalFlag>).filter(({ name }) => name !== "region")

const flagOf = ({ name, value, isRepeatable, description }: LocalFlag): Flag.Flag<Value> => {
  if (value === undefined) return switchFlag(name, description)
  const text = Flag.String(name).pipe(Flag.withDescription(description), Flag.withMetavar(value))
  return isRepeatable === true ? Flag.atLeast(text, 0) : Flag.map(Flag.optional(text), Option.getOrUndefined)
}
type Value = string | boolean | ReadonlyArray<string> | undefined

/** `local`: a COS on this machine, until it is told to stop. */
export const local = Command.make(
  "local",
  Object.fromEntries(rows.map((row) => [row.name, flagOf(row)])),
  Effect.fnUntraced(function* (given) {
    const { region, ...others } = yield* root
    const { env } = yield* World
    const { log, error } = yield* Console.Console
    yield* Effect.gen(function* () {
      yield* refuseOthers(others)
      const { serveLocal } = yield* Effect.promise(() => import("../../http/serve-local.ts"))
      const flags: LocalFlags = { ...given, region: Option.getOrUndefined(region) }
      return yield* Effect.scoped(serveLocal(flags, env, { out: log, err: error, cli: calledAs() })).pipe(
        Effect.catchTag(
          "ListenError",
          ({ host, port, problem }) =>
            Effect.fail(
              new Refusal({
                exit: exits.invalid,
                problem: `${host}:${port} cannot be listened on: ${problem}`,
                fix: "Choose another --port or --host; --port 0 takes any free port",
              }),
            ),
        ),
      )
    }).pipe(reporting("run a local COS"))
  }),
).pipe(
  Command.withDescription("Run a COS on this machine, for tests, until it is told to stop"),
  Command.withExamples([{
    command: "cos-inventory local --seed demo",
    description: "With the demo's rules and some objects; prints how clients reach it",
  }]),
)

/** From its source, or as an installed program. */
const calledAs = (): string => process.argv[1]?.endsWith("main.ts") === true ? "npx bun cli/main.ts" : "cos-inventory"

/** A flag about some other COS would change nothing, which nobody who gives it expects. */
const refuseOthers = (others: Readonly<Record<string, unknown>>): Effect.Effect<void, Refusal> => {
  const given = Object.entries(others).find(([, value]) =>
    value === true || (Array.isArray(value) && value.length > 0) || (Option.isOption(value) && Option.isSome(value))
  )
  return given === undefined ? Effect.void : Effect.fail(
    new Refusal({
      exit: exits.usage,
      problem: `--${flagName(given[0])} says which COS to talk to, and this one is its own`,
      fix: given[0] === "demo" ? "Use --seed demo" : given[0] === "bucket" ? "Use --default-bucket" : "Leave it out",
    }),
  )
}

const flagName = (key: string): string => key.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)
