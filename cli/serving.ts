/** Commands that serve until they are told to stop. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ListenError } from "../http/listen.ts"
import { exits } from "./exit.ts"
import { Refusal } from "./failure.ts"

/** The address is what was asked for, so that it is what to change. */
export const refusingToListen = <A, E extends { readonly _tag: string }, R>(
  effect: Effect.Effect<A, E | ListenError, R>,
): Effect.Effect<A, Exclude<E, ListenError> | Refusal, R> =>
  Effect.catch(
    effect,
    (error): Effect.Effect<never, Exclude<E, ListenError> | Refusal> =>
      isListenError(error) ? Effect.fail(inUse(error)) : Effect.fail(error as Exclude<E, ListenError>),
  )

const isListenError = (error: { readonly _tag: string }): error is ListenError => error._tag === "ListenError"

const inUse = ({ host, port, problem, fix }: ListenError): Refusal =>
  new Refusal({
    exit: exits.invalid,
    problem: `${host}:${port} cannot be listened on: ${problem}`,
    fix: fix[0]!.toUpperCase() + fix.slice(1),
  })

/** A flag about what some other command talks to would change nothing, which nobody who gives it expects. */
export const refuseOthers = (
  others: Readonly<Record<string, unknown>>,
  why: string,
  fixes: Readonly<Record<string, string>>,
): Effect.Effect<void, Refusal> => {
  const given = Object.entries(others).find(([, value]) =>
    value === true || (Array.isArray(value) && value.length > 0) || (Option.isOption(value) && Option.isSome(value))
  )
  return given === undefined ? Effect.void : Effect.fail(
    new Refusal({
      exit: exits.usage,
      problem: `--${flagName(given[0])} says ${
        given[0] === "timeout" ? "how long one request may take" : "which COS to talk to"
      }, and ${why}`,
      fix: fixes[given[0]] ?? "Leave it out",
    }),
  )
}

const flagName = (key: string): string => key.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)
