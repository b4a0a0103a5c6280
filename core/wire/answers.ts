/** What an answer means to the client that asked. An answer is read whole or refused; nothing is filled in. */
import * as Result from "effect/Result"
import { reasonOfStatus } from "../codes.ts"
import { type CosError, UnexpectedAnswer } from "../errors.ts"
import { header, type HttpResponse } from "../http.ts"
import { maxDocumentBytes, maxListBytes } from "../limits.ts"
import type { InventoryConfiguration } from "../rule.ts"
import { readTime } from "../time.ts"
import { readConfiguration } from "./configuration.ts"
import { htmlProblem, isHtml, readError, requestIdOf } from "./error-document.ts"
import { readList, writeList } from "./list.ts"
import { readListedIds } from "./listed-ids.ts"
import { completeConfiguration, type Reading } from "./reading.ts"
import { type BucketPage, readService } from "./service.ts"
import { excerptOf, readText } from "./text.ts"
import { childrenNamed, type Element, localName, readXml, textOf, type XmlProblem } from "./xml/mod.ts"

/** COS refused, or what came is no answer of COS. */
export type AnswerError = CosError | UnexpectedAnswer

/** A rule, and the document that COS sent it in. */
export interface RuleAnswer {
  readonly configuration: InventoryConfiguration
  readonly xml: string
}

export const readRuleAnswer = (response: HttpResponse, id: string): Result.Result<RuleAnswer, AnswerError> =>
  Result.gen(function* () {
    const xml = yield* documentOf(response, maxDocumentBytes)
    const reading = yield* explain(readConfiguration(xml), response)
    const configuration = yield* ruleOf(reading, response)
    if (configuration.id !== id) {
      return yield* Result.fail(
        unexpected(response, `The answer is another rule, "${configuration.id}" instead of "${id}"`),
      )
    }
    return { configuration, xml }
  })

/** Whether a call failed because there is no such rule, as against no such bucket. */
export const isMissingRule = (error: { readonly _tag: string; readonly code?: string }): boolean =>
  error._tag === "CosError" && error.code === "InventoryConfigurationNotFoundError"

/** One page of a bucket's rules, and the document that COS sent it in. */
export interface ListAnswer {
  readonly configurations: ReadonlyArray<InventoryConfiguration>
  readonly isTruncated: boolean
  readonly nextContinuationToken?: string
  /** Globs over the ids that are shown, where a proxy does not show every rule. */
  readonly listedIds?: ReadonlyArray<string>
  readonly xml: string
}

/** Whether a bucket without rules answers 200 or 404 is documented nowhere; both mean none. */
export const readListAnswer = (response: HttpResponse): Result.Result<ListAnswer, AnswerError> =>
  Result.orElse(readPage(response), (error) => isMissingRule(error) ? Result.succeed(none) : Result.fail(error))

const none: ListAnswer = {
  configurations: [],
  isTruncated: false,
  xml: writeList({ rules: [], isTruncated: false }),
}

const readPage = (response: HttpResponse): Result.Result<ListAnswer, AnswerError> =>
  Result.gen(function* () {
    const xml = yield* documentOf(response, maxListBytes)
    const { rules, isTruncated, nextContinuationToken } = yield* explain(readList(xml), response)
    const configurations: Array<InventoryConfiguration> = []
    for (const reading of rules) configurations.push(yield* ruleOf(reading, response))
    const listedIds = readListedIds(response.headers)
    return {
      configurations,
      isTruncated,
      xml,
      ...(listedIds === undefined ? {} : { listedIds }),
      ...(nextContinuationToken === undefined ? {} : { nextContinuationToken }),
    }
  })

/**
 * The answer of a PUT or DELETE: success alone. COS answers 200 or 204 (pages 30625, 30626; Node SDK takes both) and no
 * body. A page of HTML or an error document under such a status was not written by an operation that was done.
 */
export const readDone = (response: HttpResponse): Result.Result<void, AnswerError> =>
  Result.gen(function* () {
    if (response.status !== 200 && response.status !== 204) return yield* Result.fail(refusal(response))
    if (response.body.byteLength === 0) return
    if (isHtml(response)) return yield* Result.fail(unexpected(response, htmlProblem))
    const xml = yield* explain(readText(response.body, maxDocumentBytes), response)
    if (xml.trim() !== "") yield* rootOf(xml, response)
  })

/**
 * The answer of a DELETE. COS is observed to answer a missing rule like a deleted one (python ut/test.py:1941); should it
 * say that the rule is not there, that is no failure either.
 */
export const readDeleted = (response: HttpResponse): Result.Result<"deleted" | "absent", AnswerError> =>
  Result.match(readDone(response), {
    onSuccess: () => Result.succeed("deleted"),
    onFailure: (error) =>
      isMissingRule(error)
        // An attempt whose answer was lost may be the one that deleted it
        ? Result.succeed(response.repeated === true ? "deleted" : "absent")
        : Result.fail(error),
  })

/** The root element of a body under a success status, unless it is an error all the same. */
const rootOf = (xml: string, response: HttpResponse): Result.Result<Element, AnswerError> =>
  Result.flatMap(explain(readXml(xml), response), ({ root }) => {
    return localName(root.tagName) === "Error" ? Result.fail(readError(response)) : Result.succeed(root)
  })

export interface JobAnswer {
  readonly jobId?: string
  /** Epoch seconds: when the scan begins, where that is not now. */
  readonly scanned?: number
}

/** Of a local COS whose clock was moved, which names the moment by it; COS itself has no such header. */
export const localClock = "x-local-clock"

/** `PostInventoryResult/JobId` (page 46869); older documentation has an empty body, so it may be absent. */
export const readJobAnswer = (response: HttpResponse): Result.Result<JobAnswer, AnswerError> =>
  Result.gen(function* () {
    yield* readDone(response)
    const xml = yield* explain(readText(response.body, maxDocumentBytes), response)
    const scanned = readTime(header(response.headers, localClock) ?? "")
    const moved = scanned === undefined ? {} : { scanned }
    if (xml.trim() === "") return moved
    const job = childrenNamed(yield* rootOf(xml, response), "JobId")[0]
    return job === undefined || textOf(job).trim() === "" ? moved : { ...moved, jobId: textOf(job).trim() }
  })

/** Without a JobId where COS does not say (older answers), or where an earlier attempt was the one accepted. */
export interface Run extends JobAnswer {
  /** The job was accepted, but by an attempt whose answer was lost. */
  readonly acceptedEarlier: boolean
}

/**
 * The answer of a POST. Its id keeps COS from running a job twice within a day (page 46869), so a repeat after an attempt
 * that may have arrived answers `DuplicateInventoryId`, and that means the job was accepted.
 */
export const readRun = (response: HttpResponse): Result.Result<Run, AnswerError> =>
  Result.match(readJobAnswer(response), {
    onSuccess: (job) => Result.succeed({ ...job, acceptedEarlier: false }),
    onFailure: (error) =>
      response.repeated === true && error._tag === "CosError" && error.code === "DuplicateInventoryId"
        ? Result.succeed({ acceptedEarlier: true })
        : Result.fail(error),
  })

export const readServiceAnswer = (response: HttpResponse): Result.Result<BucketPage, AnswerError> =>
  Result.flatMap(documentOf(response, maxListBytes), (xml) => explain(readService(xml), response))

/** The text of a document that an answer is, whatever stands in it. */
export const documentOf = (response: HttpResponse, maxBytes: number): Result.Result<string, AnswerError> => {
  if (response.status !== 200) return Result.fail(refusal(response))
  if (response.body.byteLength === 0) return Result.fail(unexpected(response, "The answer is empty"))
  if (isHtml(response)) return Result.fail(unexpected(response, htmlProblem))
  return explain(readText(response.body, maxBytes), response)
}

/** An error status is read as COS's error; any other status that is not success is unexpected. */
const refusal = (response: HttpResponse): AnswerError =>
  response.status >= 300 ? readError(response) : unexpected(response, "The status is none that COS answers with")

export const explain = <A>(
  result: Result.Result<A, XmlProblem>,
  response: HttpResponse,
): Result.Result<A, UnexpectedAnswer> =>
  Result.mapError(
    result,
    ({ message, position }) =>
      unexpected(
        response,
        `The answer cannot be read: ${lowerFirst(message)} (line ${position.line}, column ${position.column})`,
      ),
  )

const ruleOf = (reading: Reading, response: HttpResponse): Result.Result<InventoryConfiguration, UnexpectedAnswer> => {
  const problem = reading.findings[0]
  if (problem !== undefined) {
    return Result.fail(
      unexpected(response, `The answer cannot be read: ${lowerFirst(problem.message)} (${problem.path})`),
    )
  }
  return Result.mapError(
    completeConfiguration(reading.draft),
    (missing) => unexpected(response, `The answer is not a whole rule: it lacks ${missing.join(", ")}`),
  )
}

/** A word in capitals, such as XML, keeps its first one. */
const lowerFirst = (message: string): string =>
  /^[A-Z][a-z ]/u.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message

export const unexpected = (response: HttpResponse, problem: string): UnexpectedAnswer => {
  const requestId = requestIdOf(response)
  return new UnexpectedAnswer({
    status: response.status,
    problem,
    reason: reasonOfStatus(response.status),
    excerpt: excerptOf(response.body),
    ...(requestId === undefined ? {} : { requestId }),
  })
}
