/** Carries a call out: core's own encoding of what was authorised, sent to a host of the policy's. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { bucketAddress } from "../../core/endpoint.ts"
import { ConfigError, CosError, type InvalidInput, TransportError, UnexpectedAnswer } from "../../core/errors.ts"
import { header, type Headers, type HttpResponse } from "../../core/http.ts"
import type { Hashes, Send } from "../../core/ports.ts"
import { type AnswerError, readDone, readJobAnswer, readListAnswer, readRuleAnswer } from "../../core/wire/answers.ts"
import { writeErrorDocument } from "../../core/wire/error-document.ts"
import { writeRequest } from "../../core/wire/operations.ts"
import type { Call, Performing } from "./call.ts"

/** `send` signs with the real key, and tries again. */
export const make = ({ send }: Send, hashes: Hashes): Performing => ({
  perform: ({ at, operation }) =>
    Effect.gen(function* () {
      const address = bucketAddress(at)
      const request = Result.flatMap(address, (address) => writeRequest(operation, address, hashes))
      const response = yield* send(yield* Effect.fromResult(request).pipe(Effect.mapError(misconfigured)))
      const read = readAnswer(operation, response)
      if (Result.isSuccess(read)) return { ...response, headers: harmless(response) }
      const error = read.failure
      if (error._tag === "UnexpectedAnswer") return yield* unreadable(at.bucket, error)
      if (isOwnFault(error)) return yield* ownFault(error)
      return refusalOf(error, response)
    }),
})

const readAnswer = (operation: Call["operation"], response: HttpResponse): Result.Result<unknown, AnswerError> => {
  switch (operation._tag) {
    case "GetBucketInventory":
      return readRuleAnswer(response, operation.id)
    case "ListBucketInventory":
      return readListAnswer(response)
    case "PostBucketInventory":
      return readJobAnswer(response)
    default:
      return readDone(response)
  }
}

/** Nothing that COS's answers have beside these is for the caller; a hostile answer could set what a browser obeys. */
const passed = ["x-cos-request-id", "x-cos-trace-id", "x-local-clock"] as const

const harmless = ({ status, headers, body }: HttpResponse): Headers => [
  ...(status === 204
    ? []
    : [["Content-Type", "application/xml"], ["Content-Length", String(body.byteLength)]] as const),
  ...passed.flatMap((name) => {
    const value = header(headers, name)
    return value === undefined ? [] : [[name, value] as const]
  }),
]

/** What COS refused, in its own code and words, and nothing else of its answer. */
const refusalOf = (
  { code, serverMessage, resource, requestId, traceId }: CosError,
  response: HttpResponse,
): HttpResponse => {
  const body = new TextEncoder().encode(writeErrorDocument({
    code,
    message: serverMessage,
    ...(resource === undefined ? {} : { resource }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  }))
  return { ...response, headers: harmless({ ...response, body }), body }
}

/** COS finds fault with the proxy's key, signature or clock, of which the caller can know and change nothing. */
export const isOwnFault = ({ code, reason }: CosError): boolean =>
  reason === "signature" || reason === "clock" || reason === "redirect" || code === "InvalidAccessKeyId" ||
  code === "ExpiredToken"

const ownFault = ({ code }: CosError): ConfigError =>
  new ConfigError({
    source: "the proxy's key",
    problem: `COS refuses the proxy itself: ${code}`,
    fix: "Check the proxy's key, its clock and the region of the bucket",
  })

const unreadable = (bucket: string, { problem, status }: UnexpectedAnswer): TransportError =>
  new TransportError({ kind: "other", sent: "maybe", host: bucket, detail: `${problem} (status ${status})` })

const misconfigured = (error: InvalidInput): ConfigError =>
  new ConfigError({ source: "policy", problem: error.message, fix: "Correct the policy" })
