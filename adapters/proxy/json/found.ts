/** What COS said, in the words of this door. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfigError, type CosError, TransportError } from "../../../core/errors.ts"
import type { HttpResponse } from "../../../core/http.ts"
import { quotedLine } from "../../../core/redact.ts"
import { type AnswerError, readRuleAnswer, type RuleAnswer } from "../../../core/wire/answers.ts"
import type { Refused } from "../../policy/call.ts"
import { problemAnswer } from "../document.ts"
import { slowDownSeconds, statusOfReason } from "../problems.ts"
import { type AskedOfRule, call } from "./asked.ts"

/** The rule as COS has it now, or why there is none to see. */
export const found = (
  asked: AskedOfRule,
): Effect.Effect<Result.Result<RuleAnswer, AnswerError>, Refused | TransportError | ConfigError> =>
  Effect.map(
    call(asked, { _tag: "GetBucketInventory", id: asked.id }),
    (response) => readRuleAnswer(response, asked.id),
  )

export const isMissing = (error: AnswerError): boolean =>
  error._tag === "CosError" && error.code === "InventoryConfigurationNotFoundError"

/** COS's own refusal in its code and its words; any other answer than COS's is none. */
export const refusalAnswer = (error: AnswerError): Effect.Effect<HttpResponse, TransportError> => {
  if (error._tag === "UnexpectedAnswer") return Effect.fail(untrusted(error.problem))
  const { code, reason, requestId, traceId } = error
  const status = statusOfReason[reason]
  return Effect.succeed(problemAnswer({
    kind: "cos-refused",
    status,
    code,
    detail: detailOf(error),
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  }, reason === "throttled" ? [["Retry-After", String(slowDownSeconds)]] : []))
}

const detailOf = ({ serverMessage, code }: CosError): string => quotedLine(serverMessage === "" ? code : serverMessage)

/** Somebody between may have answered. `perform` tells the like of it so. */
export const untrusted = (detail: string): TransportError =>
  new TransportError({ kind: "other", sent: "maybe", host: "COS", detail })
