/** The rules of a bucket: list, get, put, delete, run. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Headers } from "../../../core/http.ts"
import { manifestKey, reportLocation } from "../../../core/location.ts"
import { type Finding, isError, plainFields } from "../../../core/lint/mod.ts"
import type { InventoryConfiguration } from "../../../core/rule.ts"
import { readDone, readJobAnswer, readListAnswer } from "../../../core/wire/answers.ts"
import { documentVersion } from "../../../core/wire/document.ts"
import { writeJson } from "../../../core/wire/json.ts"
import { writeTarget } from "../../../core/wire/target.ts"
import { json } from "../document.ts"
import { type Answered, type AskedOfBucket, type AskedOfRule, call } from "./asked.ts"
import { conditionsOf, etagOf, held, isKnown } from "./condition.ts"
import { found, isMissing, refusalAnswer, untrusted } from "./found.ts"
import { configurationIn, jobIn } from "./sent.ts"

export const list = (asked: AskedOfBucket): Answered =>
  Effect.gen(function* () {
    const cursor = asked.query.get("cursor")
    const response = yield* call(asked, {
      _tag: "ListBucketInventory",
      ...(cursor === undefined ? {} : { continuationToken: cursor }),
    })
    const read = readListAnswer(response)
    // Whether a bucket without rules answers 200 or 404 is documented nowhere; both mean none
    if (Result.isFailure(read) && !isMissing(read.failure)) return yield* refusalAnswer(read.failure)
    const page = Result.getOrElse(read, () => ({ configurations: [], isTruncated: false }))
    const next = "nextContinuationToken" in page && page.isTruncated ? page.nextContinuationToken : undefined
    if (next !== undefined && next === cursor) return yield* untrusted("The list goes on where it began")
    return json(
      200,
      {
        ...placeOf(asked),
        configurations: page.configurations.map(writeJson),
        ...(next === undefined ? {} : { next }),
      },
      next === undefined ? [] : [["Link", `<${pathOf(asked, [["cursor", next]])}>; rel="next"`]],
    )
  })

export const get = (asked: AskedOfRule): Answered =>
  Effect.gen(function* () {
    const conditions = yield* conditionsOf(asked.door.request.headers)
    const current = yield* found(asked)
    if (Result.isFailure(current)) return yield* refusalAnswer(current.failure)
    const { configuration } = current.success
    const etag = etagOf(configuration)
    return isKnown(conditions, etag)
      ? { status: 304, headers: [["ETag", etag], ["Cache-Control", "private, no-cache"]], body: new Uint8Array(0) }
      : ruleAnswer(200, asked, configuration)
  })

export const put = (asked: AskedOfRule): Answered =>
  Effect.gen(function* () {
    const conditions = yield* conditionsOf(asked.door.request.headers)
    const { rule, findings } = yield* configurationIn(asked)
    const write = { _tag: "PutBucketInventory", configuration: rule } as const
    const state = yield* held(asked, conditions, write)
    if ("answer" in state) return state.answer
    const done = readDone(yield* call(asked, write))
    if (Result.isFailure(done)) return yield* refusalAnswer(done.failure)
    return state.before === "absent"
      ? ruleAnswer(201, asked, rule, findings, [["Location", pathOf(asked)]])
      : ruleAnswer(200, asked, rule, findings)
  })

export const remove = (asked: AskedOfRule): Answered =>
  Effect.gen(function* () {
    const conditions = yield* conditionsOf(asked.door.request.headers)
    const write = { _tag: "DeleteBucketInventory", id: asked.id } as const
    const state = yield* held(asked, conditions, write)
    if ("answer" in state) return state.answer
    const done = readDone(yield* call(asked, write))
    if (Result.isFailure(done) && !isMissing(done.failure)) return yield* refusalAnswer(done.failure)
    return { status: 204, headers: [], body: new Uint8Array(0) }
  })

export const run = (asked: AskedOfRule): Answered =>
  Effect.gen(function* () {
    const { job, findings } = yield* jobIn(asked)
    const response = yield* call(asked, { _tag: "PostBucketInventory", job })
    const answer = readJobAnswer(response)
    // A repeat of what was accepted by an attempt whose answer was lost (page 46869: an id runs once a day)
    const acceptedEarlier = Result.isFailure(answer) && response.repeated === true &&
      answer.failure._tag === "CosError" && answer.failure.code === "DuplicateInventoryId"
    if (Result.isFailure(answer) && !acceptedEarlier) return yield* refusalAnswer(answer.failure)
    const { jobId, scanned } = Result.getOrElse(answer, (): { jobId?: string; scanned?: number } => ({}))
    const now = scanned ?? Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const location = reportLocation(asked.at.bucket, job)
    return json(202, {
      ...placeOf(asked),
      id: job.id,
      result: "started",
      ...(jobId === undefined ? {} : { jobId }),
      acceptedEarlier,
      ...(location === undefined ? {} : { manifest: `cos://${location.bucket}/${manifestKey(location, now)}` }),
      ...warningsOf(findings),
    })
  })

const placeOf = ({ at: { bucket, region } }: AskedOfBucket) => ({ version: documentVersion, bucket, region })

const pathOf = (
  asked: AskedOfBucket | AskedOfRule,
  parameters: ReadonlyArray<readonly [string, string]> = [],
): string => writeTarget(`/v1/buckets/${asked.at.bucket}/inventories${"id" in asked ? `/${asked.id}` : ""}`, parameters)

const ruleAnswer = (
  status: 200 | 201,
  asked: AskedOfRule,
  rule: InventoryConfiguration,
  findings: ReadonlyArray<Finding> = [],
  own: Headers = [],
) =>
  json(status, { ...placeOf(asked), configuration: writeJson(rule), ...warningsOf(findings) }, [
    ["ETag", etagOf(rule)],
    ...own,
  ])

const warningsOf = (findings: ReadonlyArray<Finding>) => {
  const warnings = findings.filter((finding) => !isError(finding)).map(plainFields)
  return warnings.length === 0 ? {} : { warnings }
}
