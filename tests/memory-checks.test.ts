/** The order in which the in-memory COS looks: each check alone, and each before its neighbour. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { checks } from "../adapters/memory/checks.ts"
import { make } from "../adapters/memory/mod.ts"
import { codes } from "../core/codes.ts"
import { CosError } from "../core/errors.ts"
import type { HttpRequest } from "../core/http.ts"
import { maxDocumentBytes, maxRulesPerBucket } from "../core/limits.ts"
import { refusals, sign } from "../core/signing/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { readError } from "../core/wire/error-document.ts"
import { writeTarget } from "../core/wire/target.ts"
import { effect } from "./harness.ts"
import { ruleNumbers } from "./laws-world.ts"

const now = 1_763_700_000
const key = { secretId: "AKIDchecks", secretKey: "the-key" }
const bucket = { name: "full-1250000000", region: "ap-guangzhou" }
/** It has no rules, since nothing is looked at after the permission. */
const deniedBucket = {
  name: "denied-1250000000",
  region: bucket.region,
  strictSignature: true,
  denied: ["PutBucketInventory"],
}
const rules = ruleNumbers(maxRulesPerBucket)

/** A request before it is written and signed. */
interface Draft {
  readonly method: string
  readonly bucket: string
  readonly id: string | undefined
  readonly continuationToken?: string
  readonly body: string
  readonly md5?: string
  readonly token?: string
  readonly key: { readonly secretId: string; readonly secretKey: string } | undefined
  readonly start: number
  readonly signed?: ReadonlyArray<string>
}

const put: Draft = {
  method: "PUT",
  bucket: bucket.name,
  id: "rule-0",
  body: writeConfiguration(rules[0]!),
  key,
  start: now - 60,
}
const { isEnabled: _, schedule: __, ...job } = rules[0]!
const post: Draft = { ...put, method: "POST", id: "once", body: writeConfiguration({ ...job, id: "once" }) }
const get: Draft = { ...put, method: "GET", body: "" }
const list: Draft = { ...get, id: undefined }

type Break = (draft: Draft) => Draft

/** How to fall foul of each check that a PUT passes. */
const breaks: Readonly<Record<string, Break>> = {
  size: (draft) => ({ ...draft, body: draft.body.padEnd(maxDocumentBytes + 1) }),
  bucket: (draft) => ({ ...draft, bucket: "nosuch-1250000000" }),
  authentication: (draft) => ({ ...draft, key: undefined }),
  key: (draft) => ({ ...draft, key: { ...(draft.key ?? key), secretId: "AKIDnobody" } }),
  time: (draft) => ({ ...draft, start: now - 7200 }),
  token: (draft) => ({ ...draft, token: "uninvited" }),
  signature: (draft) => ({ ...draft, key: { ...(draft.key ?? key), secretKey: "wrong" } }),
  "strict-signature": (draft) => ({ ...draft, signed: [] }),
  operation: (draft) => ({ ...draft, method: "PATCH" }),
  permission: (draft) => ({ ...draft, bucket: deniedBucket.name }),
  id: (draft) => ({ ...draft, id: "" }),
  "content-md5-form": (draft) => ({ ...draft, md5: "AAq9nzrpsz5LJ4UEe1f6Q==" }),
  "content-md5": (draft) => ({ ...draft, md5: "ZzD3iDJdrMAAb00lgLLeig==" }),
  body: (draft) => ({ ...draft, body: "" }),
  xml: (draft) => ({ ...draft, body: draft.body.replace("</InventoryConfiguration>", "") }),
  "ids-agree": (draft) => ({ ...draft, body: draft.body.replace(/<Id>[^<]*/, "<Id>rule-1") }),
  meaning: (draft) => ({ ...draft, body: draft.body.replace("<Format>CSV", "<Format>XLS") }),
  room: (draft) => ({ ...draft, id: "new", body: draft.body.replace(/<Id>[^<]*/, "<Id>new") }),
}

/** The same for the checks of the other operations. */
const oneTimeId: Break = (draft) => ({ ...draft, id: "rule-7", body: draft.body.replace(/<Id>[^<]*/, "<Id>rule-7") })
const exists: Break = (draft) => ({ ...draft, id: "none" })
const continuationToken: Break = (draft) => ({
  ...draft,
  continuationToken: "1ueSDFASDF1Tr/XDAFdadEADadf2J/wm36Hy4vbOwM=",
})

const written = (draft: Draft): HttpRequest => {
  const body = new TextEncoder().encode(draft.body)
  const parameters: Array<readonly [string, string | undefined]> = [["inventory", undefined]]
  if (draft.id !== undefined) parameters.push(["id", draft.id])
  if (draft.continuationToken !== undefined) parameters.push(["continuation-token", draft.continuationToken])
  const request: HttpRequest = {
    method: draft.method,
    origin: `https://${draft.bucket}.cos.${bucket.region}.myqcloud.com`,
    target: writeTarget("/", parameters),
    headers: [
      ["content-type", "application/xml"],
      ["content-md5", draft.md5 ?? hashes.md5Base64(body)],
      ...(draft.token === undefined ? [] : [["x-cos-security-token", draft.token] as const]),
    ],
    body,
  }
  if (draft.key === undefined) return request
  const authorization = sign(request, {
    ...draft.key,
    keyTime: { start: draft.start, end: draft.start + 900 },
    hashes,
    ...(draft.signed === undefined ? {} : { parameters: draft.signed }),
  })
  return { ...request, headers: [...request.headers, ["authorization", authorization]] }
}

/** Status of an answer, and code and message of a refusal. */
const answerTo = (draft: Draft): Effect.Effect<string> =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now * 1000)
    const cos = yield* make({ buckets: [{ ...bucket, strictSignature: true, rules }, deniedBucket], keys: [key] })
    const response = yield* cos.send(written(draft))
    if (response.status < 300) return String(response.status)
    const error = readError(response)
    assert.ok(error instanceof CosError, `not an error of COS: ${error}`)
    assert.equal(error.status, codes[error.code]?.status, error.code)
    return `${error.code}: ${error.serverMessage}`
  }).pipe(Effect.provide(layerHashes), Effect.provide(TestClock.layer()), Effect.orDie)

const codeIn = (answer: string): string => answer.slice(0, answer.indexOf(":"))

test("checks are made in the documented order", () => {
  assert.deepEqual(checks.map(({ name }) => name), [
    "size",
    "bucket",
    "authentication",
    "key",
    "time",
    "token",
    "signature",
    "strict-signature",
    "operation",
    "permission",
    "id",
    "content-md5-form",
    "content-md5",
    "body",
    "xml",
    "ids-agree",
    "meaning",
    "room",
    "one-time-id",
    "exists",
    "continuation-token",
  ])
})

test("checks answer with codes of the table alone", () => {
  const named = [...checks.flatMap((check) => check.codes), ...Object.values(refusals).map(({ code }) => code)]
  assert.deepEqual(named.filter((code) => !Object.hasOwn(codes, code)), [])
})

effect(
  "a request is accepted when it breaks no check",
  Effect.gen(function* () {
    const answers = yield* Effect.forEach([put, post, get, list], answerTo)
    assert.deepEqual(answers, ["200", "200", "200", "200"])
  }),
)

const alone: ReadonlyArray<readonly [check: string, draft: Draft]> = [
  ...Object.entries(breaks).map(([name, spoil]) => [name, spoil(put)] as const),
  ["one-time-id", oneTimeId(post)],
  ["exists", exists(get)],
  ["continuation-token", continuationToken(list)],
]

for (const [name, draft] of alone) {
  effect(
    `check "${name}" refuses with one of its codes when it alone is broken`,
    Effect.gen(function* () {
      const code = codeIn(yield* answerTo(draft))
      assert.ok(checks.find((check) => check.name === name)!.codes.includes(code), code)
    }),
  )
}

test("every check has a request that breaks it", () => {
  assert.deepEqual(alone.map(([name]) => name).toSorted(), checks.map(({ name }) => name).toSorted())
})

const inOrder = checks.map(({ name }) => name).filter((name) => Object.hasOwn(breaks, name))
const pairs: ReadonlyArray<readonly [first: string, second: string, of: Draft, first: Break, second: Break]> = [
  ...inOrder.slice(1).map((second, i) => {
    const first = inOrder[i]!
    return [first, second, put, breaks[first]!, breaks[second]!] as const
  }),
  ["meaning", "one-time-id", post, breaks["meaning"]!, oneTimeId],
  ["strict-signature", "exists", get, breaks["strict-signature"]!, exists],
  ["strict-signature", "continuation-token", list, breaks["strict-signature"]!, continuationToken],
]

for (const [first, second, of, breakFirst, breakSecond] of pairs) {
  effect(
    `check "${first}" refuses before "${second}" when both are broken`,
    Effect.gen(function* () {
      const answer = yield* answerTo(breakFirst(breakSecond(of)))
      assert.equal(answer, yield* answerTo(breakFirst(of)))
      assert.notEqual(answer, yield* answerTo(breakSecond(of)))
    }),
  )
}
