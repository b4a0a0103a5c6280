/** The rules of a bucket: list, get, put, delete, run. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Headers } from "../../../core/http.ts"
import { manifestKey, reportLocation } from "../../../core/location.ts"
import { type Finding, isError } from "../../../core/lint/mod.ts"
import { makeNext } from "../../../core/paging.ts"
import type { InventoryConfiguration } from "../../../core/rule.ts"
import { readDeleted, readDone, readListAnswer, readRun } from "../../../core/wire/answers.ts"
import { documentVersion } from "../../../core/wire/document.ts"
import { writeJson } from "../../../core/wire/json.ts"
import { writeTarget } from "../../../core/wire/target.ts"
import { firstOf, json } from "../document.ts"
import { type Answered, type AskedOfBucket, type AskedOfRule, call } from "./asked.ts"
import { conditionsOf, etagOf, held, isKnown } from "./condition.ts"
import { found } from "./found.ts"
import { configurationIn, jobIn } from "./sent.ts"

export const list = (asked: AskedOfBucket): Answered =>
  Effect.gen(function* () {
    const cursor = asked.query.get("cursor")
    const page = yield* pageAt(asked, cursor)
    const next = yield* Effect.fromResult(makeNext(...(cursor === undefined ? [] : [cursor]))(page))
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

export const pageAt = (asked: AskedOfBucket, token: string | undefined) =>
  Effect.flatMap(
    call(asked, { _tag: "ListBucketInventory", ...(token === undefined ? {} : { continuationToken: token }) }),
    (response) => Effect.fromResult(readListAnswer(response)),
  )

export const get = (asked: AskedOfRule): Answered =>
  Effect.gen(function* () {
    const conditions = yield* conditionsOf(asked.door.request.headers)
    const { configuration } = yield* Effect.fromResult(yield* found(asked))
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
    yield* Effect.fromResult(readDone(yield* call(asked, write)))
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
    yield* Effect.fromResult(readDeleted(yield* call(asked, write)))
    return { status: 204, headers: [], body: new Uint8Array(0) }
  })

export const run = (asked: AskedOfRule): Answered =>
  Effect.gen(function* () {
    const { job, findings } = yield* jobIn(asked)
    const response = yield* call(asked, { _tag: "PostBucketInventory", job })
    const { jobId, scanned, acceptedEarlier } = yield* Effect.fromResult(readRun(response))
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
  const warnings = findings.filter((finding) => !isError(finding))
  if (warnings.length === 0) return {}
  const { findings: first, ...more } = firstOf(warnings)
  return { warnings: first, ...more }
}
