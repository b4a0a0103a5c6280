/** What COS said, in the words of this door. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ConfigError, CosError, TransportError } from "../../../core/errors.ts"
import type { HttpResponse } from "../../../core/http.ts"
import { quotedLine } from "../../../core/redact.ts"
import { type AnswerError, readRuleAnswer, type RuleAnswer } from "../../../core/wire/answers.ts"
import type { Refused } from "../../policy/call.ts"
import { problemAnswer } from "../document.ts"
import type { AtDoor } from "../door.ts"
import { againSeconds, slowDownSeconds, statusOfReason } from "../problems.ts"
import { type AskedOfRule, call } from "./asked.ts"

/** The rule as COS has it now, or why there is none to see. */
export const found = (
  asked: AskedOfRule,
): Effect.Effect<Result.Result<RuleAnswer, AnswerError>, Refused | TransportError | ConfigError> =>
  Effect.map(
    call(asked, { _tag: "GetBucketInventory", id: asked.id }),
    (response) => readRuleAnswer(response, asked.id),
  )

/** COS's own refusal in its code and its words. */
export const refusalAnswer = (error: CosError, { callId }: AtDoor["told"]): HttpResponse => {
  const { code, reason, requestId, traceId, retryAfterSeconds } = error
  const usual = reason === "throttled" ? slowDownSeconds : reason === "unavailable" ? againSeconds : undefined
  const retry = retryAfterSeconds ?? usual
  return problemAnswer({
    kind: "cos-refused",
    status: statusOfReason[reason],
    code,
    detail: detailOf(error),
    requestId: callId,
    ...(requestId === undefined ? {} : { cosRequestId: requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  }, retry === undefined ? [] : [["Retry-After", String(retry)]])
}

const detailOf = ({ serverMessage, code }: CosError): string => quotedLine(serverMessage === "" ? code : serverMessage)
