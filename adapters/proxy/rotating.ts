/** One of several real keys: the one that COS takes. So a key can be replaced while the proxy serves. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ConfigError, CosError, TransportError } from "../../core/errors.ts"
import type { HttpResponse } from "../../core/http.ts"
import type { Send } from "../../core/ports.ts"
import { readError } from "../../core/wire/error-document.ts"
import type { Notify } from "../notify.ts"

/**
 * Sends with the key that was good last. Where COS refuses that key, or there is none to be had, each other one is tried,
 * once, and is the one to begin with as soon as COS took it. Where none is taken, the answer to the first one stands.
 *
 * Nothing was done for a key that was refused, so that a write, too, can be sent again. `notice` hears of it when the
 * key changes, and no more than the number of the key.
 */
export const rotating = (
  keys: readonly [Send, ...ReadonlyArray<Send>],
  notice: Notify = () => {},
): Send => {
  if (keys.length === 1) return keys[0]
  let preferred = 0
  return {
    send: (request) =>
      Effect.gen(function* () {
        const used = preferred
        const outcome = yield* Effect.result(keys[used]!.send(request))
        const refusal = refusalIn(outcome)
        if (refusal === undefined) return yield* Effect.fromResult(outcome)
        for (const [other, { send }] of keys.entries()) {
          if (other === used) continue
          const again = yield* Effect.result(send(request))
          if (refusalIn(again) !== undefined) continue
          // A 5xx says nothing of the key; and somebody else may have found out first
          if (preferred === used && Result.isSuccess(again) && again.success.status < 500) {
            preferred = other
            notice(`The real key ${used + 1} cannot be used (${refusal}): key ${other + 1} is used from now on`, "warn")
          }
          return yield* Effect.fromResult(again)
        }
        return yield* Effect.fromResult(outcome)
      }),
  }
}

/** Why it is the key that cannot be used; undefined where it can, or where nobody knows. */
const refusalIn = (outcome: Result.Result<HttpResponse, TransportError | ConfigError>): string | undefined => {
  if (Result.isFailure(outcome)) return outcome.failure._tag === "ConfigError" ? "it cannot be read" : undefined
  const { status } = outcome.success
  if (status < 400 || status >= 500) return undefined
  const error = readError(outcome.success)
  return error._tag === "CosError" && isOfKey(error) ? error.code : undefined
}

/** COS finds fault with the key itself. */
export const isOfKey = ({ code }: Pick<CosError, "code">): boolean => ofKeys.has(code)
/** Page 7730, and flare for ExpiredToken. A clock or a region that is wrong is so for both keys. */
const ofKeys: ReadonlySet<string> = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"])
