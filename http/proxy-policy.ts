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
): Effect.Effect<() => Policy, ConfigError | InvalidInput, Scope.Scope> =>
  Effect.gen(function* () {
    const read = judgePolicy(given)
    const current = given === "-" || isPolicyText(given) ? always(yield* read) : yield* follow({
      path: given,
      read,
      onRead: Result.match({
        onSuccess: (judged) => {
          notice.info(`The policy in ${given} was read again: ${sizeOf(judged.policy)}, from the next request on`)
          warn(judged, notice)
        },
        onFailure: ({ message }) => notice.error(`The policy stays as it was:\n${message}`),
      }),
    })
    warn(current(), notice)
    return () => current().policy
  })

const always = <A>(value: A) => () => value

const warn = ({ warnings }: JudgedPolicy, notice: Notice): void => {
  for (const finding of warnings) notice.info(new InvalidInput({ findings: [finding] }).message)
}

export const sizeOf = ({ principals, buckets }: Policy): string =>
  `${counted(principals.length, "principal")} and ${counted(buckets.size, "bucket")}`
