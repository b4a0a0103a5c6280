/** A key pair and its token, taken whole from one source or not at all. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { ConfigError } from "../../core/errors.ts"
import type { Credential } from "../../core/ports.ts"

/** One value under the name its source has for it, such as `COS_SECRET_ID`; absent when it is not set. */
export interface Named {
  readonly name: string
  readonly value: Redacted.Redacted<string> | undefined
}

export interface Keys {
  readonly id: Named
  readonly key: Named
  readonly token: Named
}

/** The credential, undefined when the source has nothing of it, or a failure that names what is missing or malformed. */
export const whole = (source: string, { id, key, token }: Keys): Effect.Effect<Credential | undefined, ConfigError> => {
  const set = [id, key, token].filter(({ value }) => value !== undefined)
  if (set.length === 0) return Effect.succeed(undefined)
  for (const named of set) {
    const problem = malformed(named)
    if (problem !== undefined) {
      return Effect.fail(
        new ConfigError({ source, problem, fix: `Set ${named.name} to the value alone, as the console shows it` }),
      )
    }
  }
  if (id.value === undefined || key.value === undefined) {
    const missing = [id, key].filter(({ value }) => value === undefined).map(({ name }) => name).join(" and ")
    const given = set.map(({ name }) => name).join(" and ")
    return Effect.fail(
      new ConfigError({
        source,
        problem: `Half a credential: ${given} is set, but not ${missing}`,
        fix: `Set ${missing} in the same place, or remove ${given}`,
      }),
    )
  }
  return Effect.succeed({
    secretId: Redacted.value(id.value),
    secretKey: key.value,
    ...(token.value === undefined ? {} : { sessionToken: token.value }),
  })
}

/** What no key of Tencent Cloud has, and what copying and quoting bring in. The value itself is never shown. */
const malformed = ({ name, value }: Named): string | undefined => {
  const text = value === undefined ? "" : Redacted.value(value)
  if (/\s/u.test(text)) return `${name} has white space or a line break in it`
  if (/^["']|["']$/u.test(text)) return `${name} has quotation marks around it`
  return /^[\x21-\x7e]*$/u.test(text) ? undefined : `${name} has characters other than printable ASCII`
}
