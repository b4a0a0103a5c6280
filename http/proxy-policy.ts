/** The policy of a proxy: a file that is followed, the standard input, or the text of a variable. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { isPolicyText, type JudgedPolicy, judgePolicy } from "../adapters/policy-file.ts"
import { counted } from "../core/counted.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import type { Policy } from "../core/policy/mod.ts"
import { follow } from "./followed-file.ts"
import type { Notice } from "./notice.ts"

/** The policy that counts now. Of a file that is emptied of principals the new one counts: it lets nobody in. */
export const proxyPolicy = (
  given: string,
  notice: Notice,
  reloadFailed: () => void = () => {},
): Effect.Effect<() => Policy, ConfigError | InvalidInput, Scope.Scope> =>
  Effect.gen(function* () {
    const read = judgePolicy(given)
    let known: Policy
    const current = !isFollowed(given) ? always(yield* read) : yield* follow({
      path: given,
      read,
      onRead: Result.match({
        onSuccess: (judged) => {
          const { policy } = judged
          const isEmptied = policy.principals.length === 0 && known.principals.length > 0
          notice[isEmptied ? "error" : "info"](
            `The policy in ${given} was read again: ${sizeOf(policy)}, from the next request on` +
              (isEmptied ? "; nobody may do anything" : whoChanged(known.principals, policy.principals)),
          )
          known = policy
          warn(judged, notice)
        },
        onFailure: ({ message }) => {
          reloadFailed()
          notice.error(`The policy stays as it was:\n${message}`)
        },
      }),
    })
    known = current().policy
    warn(current(), notice)
    return () => current().policy
  })

export const isFollowed = (given: string): boolean => given !== "-" && !isPolicyText(given)

type Principals = Policy["principals"]

const whoChanged = (before: Principals, after: Principals): string => {
  const was = new Map(before.map((principal) => [principal.name, JSON.stringify(principal)]))
  const is = new Map(after.map((principal) => [principal.name, JSON.stringify(principal)]))
  const names = {
    came: [...is.keys()].filter((name) => !was.has(name)),
    went: [...was.keys()].filter((name) => !is.has(name)),
    changed: [...is].filter(([name, text]) => was.has(name) && was.get(name) !== text).map(([name]) => name),
  }
  return Object.entries(names).map(([what, ofWhom]) => ofWhom.length === 0 ? "" : `; ${what}: ${namesOf(ofWhom)}`)
    .join("")
}

/** As many as a line should hold. */
export const namesOf = (names: ReadonlyArray<string>): string =>
  `${names.slice(0, 10).join(", ")}${names.length > 10 ? ` and ${names.length - 10} more` : ""}`

const always = <A>(value: A) => () => value

const warn = ({ warnings }: JudgedPolicy, notice: Notice): void => {
  for (const finding of warnings) notice.warn(new InvalidInput({ findings: [finding] }).message)
}

export const sizeOf = ({ principals, buckets }: Policy): string =>
  `${counted(principals.length, "principal")} and ${counted(buckets.size, "bucket")}`
