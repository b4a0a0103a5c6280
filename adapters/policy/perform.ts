/** Carries a call out: core's own encoding of what was authorised, sent to a host of the policy's. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { codeOf } from "../../core/codes.ts"
import { bucketAddress } from "../../core/endpoint.ts"
import { ConfigError, CosError, type InvalidInput, TransportError, UnexpectedAnswer } from "../../core/errors.ts"
import { header, type Headers, type HttpResponse, noBody } from "../../core/http.ts"
import { maxDocumentBytes, maxListBytes } from "../../core/limits.ts"
import type { Hashes, Send } from "../../core/ports.ts"
import { redactText } from "../../core/redact.ts"
import { type AnswerError, documentOf, explain, readDone, readJobAnswer, unexpected } from "../../core/wire/answers.ts"
import { writeErrorDocument } from "../../core/wire/error-document.ts"
import { readList } from "../../core/wire/list.ts"
import { writeRequest } from "../../core/wire/operations.ts"
import { readRuleId } from "../../core/wire/rule-id.ts"
import type { Call, Performing } from "./call.ts"

/** `send` signs with the real key, and tries again. */
export const make = ({ send }: Send, hashes: Hashes): Performing => ({
  perform: ({ at, operation }) =>
    Effect.suspend(() => {
      const request = Result.flatMap(bucketAddress(at), (address) => writeRequest(operation, address, hashes))
      if (Result.isFailure(request)) return Effect.fail(misconfigured(request.failure))
      return Effect.flatMap(send(request.success), (response): ReturnType<Performing["perform"]> => {
        const read = readAnswer(operation, response)
        if (Result.isSuccess(read)) return Effect.succeed(successOf(read.success, response))
        const error = read.failure
        if (error._tag === "UnexpectedAnswer") return Effect.fail(unreadable(at.bucket, error))
        // What became of the attempt before it nobody knows, and no caller can see that there was one
        if (response.repeated === true && leavesDoubt(operation, error)) return Effect.fail(inDoubt(error))
        return isOwnFault(error) ? Effect.fail(ownFault(error)) : Effect.succeed(refusalOf(error, response))
      })
    }),
})

/** What the caller gets of an answer that is the operation's own: COS's document as it came, or none. */
const readAnswer = (operation: Call["operation"], response: HttpResponse): Result.Result<Uint8Array, AnswerError> => {
  const { body } = response
  switch (operation._tag) {
    case "GetBucketInventory":
      return Result.map(readRule(response, operation.id), () => body)
    case "ListBucketInventory":
      return Result.map(readPage(response), () => body)
    case "PostBucketInventory":
      return Result.map(readJobAnswer(response), () => body)
    default:
      return Result.map(readDone(response), () => noBody)
  }
}

/** Of a rule that COS holds nothing is judged here but whose it is: the caller's own reader says what it lacks. */
const readRule = (response: HttpResponse, id: string): Result.Result<void, AnswerError> =>
  Result.flatMap(
    Result.flatMap(documentOf(response, maxDocumentBytes), (xml) => explain(readRuleId(xml), response)),
    (found) => found === id ? Result.void : Result.fail(unexpected(response, "The answer is another rule")),
  )

const readPage = (response: HttpResponse): Result.Result<unknown, AnswerError> =>
  Result.flatMap(documentOf(response, maxListBytes), (xml) => explain(readList(xml), response))

const successOf = (body: Uint8Array, { status, headers, repeated }: HttpResponse): HttpResponse => ({
  status,
  headers: harmless(status, body, headers),
  body,
  ...(repeated === true ? { repeated } : {}),
})

/** Nothing that COS's answers have beside these is for the caller; a hostile answer could set what a browser obeys. */
const passed: ReadonlyArray<readonly [name: string, pattern: RegExp]> = [
  ["x-cos-request-id", /^[\w+/=.-]{1,256}$/u],
  ["x-cos-trace-id", /^[\w+/=.-]{1,1024}$/u],
  ["x-local-clock", /^[\w:.+-]{1,64}$/u],
  ["retry-after", /^(?:\d{1,6}|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/u],
]

const harmless = (status: number, body: Uint8Array, headers: Headers): Headers => [
  ...(status === 204
    ? []
    : [["Content-Type", "application/xml"], ["Content-Length", String(body.byteLength)]] as const),
  ...passed.flatMap(([name, pattern]) => {
    const value = header(headers, name)
    return value === undefined || !pattern.test(value) ? [] : [[name, value] as const]
  }),
]

/**
 * What COS refused, in its own code and words, and nothing else of its answer. COS quotes requests it refuses, and this
 * one was signed with the proxy's own key; its `Resource` begins with the host that the proxy asked.
 */
const refusalOf = (error: CosError, { headers, repeated }: HttpResponse): HttpResponse => {
  const { code, status, serverMessage, requestId, traceId } = error
  const told = (name: "requestId" | "traceId", text: string | undefined) =>
    text === undefined ? {} : { [name]: redactText(text) }
  const body = new TextEncoder().encode(writeErrorDocument({
    code: redactText(code),
    message: redactText(serverMessage),
    ...told("requestId", requestId),
    ...told("traceId", traceId),
  }))
  // An error under a status of success would be taken for success
  const own = status >= 400 && status < 600 ? status : codeOf(code, 500).status
  return { status: own, headers: harmless(own, body, headers), body, ...(repeated === true ? { repeated } : {}) }
}

/**
 * COS finds fault with the proxy's key, signature or clock, of which the caller can know and change nothing.
 *
 * It is a 500 to the caller: a 4xx would be taken for a fault of the caller's own key, and a 503 for one that passes by
 * itself. SDKs repeat both.
 */
const isOwnFault = ({ code, reason }: CosError): boolean =>
  reason === "signature" || reason === "clock" || reason === "redirect" || code === "InvalidAccessKeyId" ||
  code === "ExpiredToken"

/** Whoever is told to slow down takes it that nothing was done, which of a write may not be so any more. */
const leavesDoubt = ({ _tag }: Call["operation"], error: CosError): boolean =>
  isOwnFault(error) ||
  (error.reason === "throttled" && _tag !== "GetBucketInventory" && _tag !== "ListBucketInventory")

const ownFault = ({ code, status }: CosError): ConfigError =>
  new ConfigError({
    source: "the proxy's key",
    problem: `COS refuses the proxy itself: ${redactText(code)}`,
    fix: "Check the proxy's key, its clock and the region of the bucket",
    status,
  })

const inDoubt = (error: CosError): TransportError =>
  new TransportError({
    kind: "other",
    sent: "maybe",
    host: "COS",
    detail: `an earlier attempt may have arrived, and then COS refused: ${redactText(error.code)}`,
    status: error.status,
  })

const unreadable = (bucket: string, { problem, status }: UnexpectedAnswer): TransportError =>
  new TransportError({ kind: "other", sent: "maybe", host: bucket, detail: `${problem} (status ${status})`, status })

const misconfigured = (error: InvalidInput): ConfigError =>
  new ConfigError({ source: "policy", problem: error.message, fix: "Correct the policy" })
