/** What an answer means to a client: read whole, or refused with what is wrong, and never half. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { codes } from "../core/codes.ts"
import { CosError, UnexpectedAnswer } from "../core/errors.ts"
import type { Headers, HttpResponse } from "../core/http.ts"
import { readDone, readJobAnswer, readListAnswer, readRuleAnswer, readServiceAnswer } from "../core/wire/answers.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { readError, writeErrorDocument } from "../core/wire/error-document.ts"
import { writeList } from "../core/wire/list.ts"
import { completeConfiguration, completeJob } from "../core/wire/reading.ts"
import { good, sample } from "./generated.ts"

const answer = (status: number, body: string | Uint8Array = "", headers: Headers = []): HttpResponse => ({
  status,
  headers: [["x-cos-request-id", "NTlh"], ...headers],
  body: typeof body === "string" ? new TextEncoder().encode(body) : body,
})
const rule = (response: HttpResponse) => readRuleAnswer(response, "list1")
const readers = { rule, list: readListAnswer, done: readDone, job: readJobAnswer, service: readServiceAnswer }
const failure = (result: Result.Result<unknown, CosError | UnexpectedAnswer>) => {
  if (Result.isSuccess(result)) return assert.fail("expected a failure")
  return result.failure
}
const problem = (result: Result.Result<unknown, CosError | UnexpectedAnswer>) => {
  const error = failure(result)
  return error._tag === "UnexpectedAnswer" ? error.problem : error.code
}

test("a rule's answer is the rule and the document it came in", () => {
  for (const name of ["get.xml", "put-1.xml", "cpp-order.xml"]) {
    const xml = sample(name).replace("<Id>Id</Id>", "<Id>list1</Id>")
    const { configuration, xml: sent } = Result.getOrThrow(rule(answer(200, xml)))
    assert.deepEqual([configuration.id, configuration.filter?.prefix, sent], ["list1", "myPrefix", xml])
  }
})

test("a rule's answer keeps words that are unknown, which the next release may know", () => {
  const odd = {
    ...good,
    includedObjectVersions: "Some",
    schedule: { frequency: "Hourly" },
    optionalFields: ["Colour"] as const,
    destination: { ...good.destination, format: "Parquet" },
  }
  assert.deepEqual(Result.getOrThrow(rule(answer(200, writeConfiguration(odd)))).configuration, odd)
})

test("a rule's answer is refused when it is empty, another rule, not whole or not a rule", () => {
  const xml = writeConfiguration(good)
  assert.equal(problem(rule(answer(200))), "The answer is empty")
  assert.equal(problem(rule(answer(200, " \n"))), "The answer cannot be read: the document is empty (line 2, column 1)")
  assert.equal(
    problem(rule(answer(200, xml.replace("list1", "other")))),
    'The answer is another rule, "other" instead of "list1"',
  )
  assert.equal(
    problem(rule(answer(200, "<InventoryConfiguration/>"))),
    "The answer is not a whole rule: it lacks id, isEnabled, includedObjectVersions, schedule.frequency, destination.bucket, destination.format",
  )
  assert.equal(
    problem(rule(answer(200, xml.replace("</Id>", "</Id><Id>list2</Id>")))),
    "The answer cannot be read: <Id> stands more than once (id)",
  )
  assert.match(problem(rule(answer(200, xml.slice(0, -5)))), /^The answer cannot be read: the document ends/u)
  assert.match(
    problem(rule(answer(200, writeList({ rules: [good], isTruncated: false })))),
    /^The answer cannot be read: the root element is another one/u,
  )
  assert.match(problem(rule(answer(200, '{"Id":"list1"}'))), /^The answer cannot be read: text stands outside/u)
  assert.match(problem(rule(answer(200, Uint8Array.of(0xff, 0xfe, 60, 0)))), /UTF-16/u)
  assert.match(problem(rule(answer(200, new Uint8Array(1024 * 1024 + 1)))), /too large/u)
})

test("a rule's answer is refused when a tag lacks its key or value, and read when they are empty", () => {
  const tagged = { ...good, filter: { tags: [{ key: "k1", value: "v1" }, { key: "k2", value: "v2" }] as const } }
  const xml = writeConfiguration(tagged)
  const lacks = (...paths: ReadonlyArray<string>) => `The answer is not a whole rule: it lacks ${paths.join(", ")}`
  assert.equal(problem(rule(answer(200, xml.replace("<Value>v1</Value>", "")))), lacks("filter.tags[0].value"))
  assert.equal(problem(rule(answer(200, xml.replace("<Key>k2</Key>", "")))), lacks("filter.tags[1].key"))
  assert.equal(
    problem(rule(answer(200, xml.replace(/<Tag>.*<\/Tag>/u, "<Tag/>")))),
    lacks("filter.tags[0].key", "filter.tags[0].value"),
  )
  const list = writeList({ rules: [tagged], isTruncated: false }).replace("<Value>v2</Value>", "")
  assert.equal(problem(readListAnswer(answer(200, list))), lacks("filter.tags[1].value"))
  for (const complete of [completeConfiguration, completeJob]) {
    assert.deepEqual(complete({ ...good, filter: { tags: [{ key: "k1" }] } }), Result.fail(["filter.tags[0].value"]))
  }
  const empty = { ...good, filter: { tags: [{ key: "", value: "" }] as const } }
  assert.deepEqual(Result.getOrThrow(rule(answer(200, writeConfiguration(empty)))).configuration, empty)
})

const pages = [
  "<!DOCTYPE html><html><body>Log in</body></html>",
  "<html><body/></html>",
  "\n<HTML>",
  "<!-- proxy -->\n<!doctype HTML>",
  "\ufeff<!DOCTYPE html>",
]
test("any answer that is HTML is refused as such, under any status, and shows how it begins", () => {
  for (const [name, read] of Object.entries(readers)) {
    for (const page of pages) {
      for (const status of [200, 403, 502]) {
        const error = failure(read(answer(status, page)))
        assert.equal(error._tag, "UnexpectedAnswer")
        if (error._tag !== "UnexpectedAnswer") continue
        assert.match(error.problem, /^The answer is HTML/u, `${name} ${status} ${page}`)
        assert.match(error.excerpt, /html|proxy/iu)
        assert.deepEqual([error.status, error.requestId], [status, "NTlh"])
      }
    }
  }
})

test("a done answer is 200 or 204 without a body, and nothing that only looks like success", () => {
  for (const status of [200, 204]) assert.equal(readDone(answer(status))._tag, "Success")
  assert.equal(readDone(answer(200, "\r\n"))._tag, "Success")
  for (const status of [100, 201, 202, 206]) {
    assert.equal(problem(readDone(answer(status))), "The status is none that COS answers with")
  }
  assert.equal(
    problem(readDone(answer(200, writeErrorDocument({ code: "InternalError", message: "x" })))),
    "InternalError",
  )
  assert.match(problem(readDone(answer(200, "OK"))), /^The answer cannot be read/u)
})

test("a job's answer brings its JobId, and none where older servers send none", () => {
  const job = (body: string, status = 200) => Result.getOrThrow(readJobAnswer(answer(status, body)))
  assert.deepEqual(job(sample("post-result.xml")), { jobId: "Dgesgeqzd0dd***==" })
  for (
    const body of ["", "\n", "<PostInventoryResult/>", "<PostInventoryResult><JobId> </JobId></PostInventoryResult>"]
  ) assert.deepEqual(job(body), {})
  assert.deepEqual(job("", 204), {})
  assert.equal(problem(readJobAnswer(answer(200, writeErrorDocument({ code: "SlowDown", message: "" })))), "SlowDown")
  assert.match(problem(readJobAnswer(answer(200, "<PostInventoryResult><JobId>x"))), /^The answer cannot be read/u)
})

test("a list's answer is all of its rules or none", () => {
  const { configurations, isTruncated, nextContinuationToken } = Result.getOrThrow(
    readListAnswer(answer(200, sample("list.xml"))),
  )
  assert.deepEqual([configurations.map((c) => c.id), isTruncated, nextContinuationToken], [
    ["list1"],
    true,
    "1ueSDFASDF1Tr/XDAFdadEADadf2J/wm36Hy4vbOwM=",
  ])
  assert.deepEqual(
    Result.getOrThrow(readListAnswer(answer(200, "<ListInventoryConfigurationResult/>"))).configurations,
    [],
  )
  assert.match(
    problem(
      readListAnswer(answer(200, writeList({ rules: [good], isTruncated: false }).replace("<Id>list1</Id>", ""))),
    ),
    /lacks id/u,
  )
})

test("an error document is read whole, with its reason from the table of codes", () => {
  for (const [code, row] of Object.entries(codes)) {
    const error = readError(
      answer(row.status, writeErrorDocument({ code, message: "m <&>", resource: "r", requestId: "q", traceId: "t" })),
    )
    assert.ok(error instanceof CosError)
    const { status, reason, retryable, serverMessage, resource, requestId, traceId } = error
    assert.deepEqual([error.code, status, reason, retryable, serverMessage, resource, requestId, traceId], [
      code,
      row.status,
      row.reason,
      row.retryable,
      "m <&>",
      "r",
      "q",
      "t",
    ])
  }
})

test("an error document of a sample is read, with the server's own strings where it has them", () => {
  const malformed = readError(answer(400, sample("error-malformed.xml")))
  assert.ok(malformed instanceof CosError)
  assert.deepEqual([malformed.code, malformed.reason], ["MalformedXML", "invalid"])
  const signature = readError(answer(403, sample("error-signature.xml")))
  assert.ok(signature instanceof CosError)
  assert.equal(signature.reason, "signature")
  assert.match(signature.signature?.serverStringToSign ?? "", /^sha1\n1503888878;1503889238\n/u)
  assert.match(signature.signature?.serverFormatString ?? "", /^get\n\/exampleobject\n\n\n/u)
  assert.equal((readError(answer(400, sample("error-nodes.xml"))) as CosError).code, "[code]")
})

test("an unknown code is kept whole and judged by its status, even one named like a prototype's member", () => {
  const reasons = [
    [404, "not-found"],
    [403, "denied"],
    [409, "conflict"],
    [429, "throttled"],
    [500, "unavailable"],
    [418, "invalid"],
    [501, "unsupported"],
    [302, "redirect"],
  ] as const
  for (const code of ["Wholly New", "constructor", "__proto__", "toString"]) {
    for (const [status, reason] of reasons) {
      const error = readError(answer(status, writeErrorDocument({ code, message: "" })))
      assert.deepEqual(error instanceof CosError && [error.code, error.reason], [code, reason])
    }
  }
})

test("an error status without a document of COS says what came instead, and its status decides", () => {
  const cases = [
    [404, "", "The answer has no body", "not-found"],
    [500, "", "The answer has no body", "unavailable"],
    [503, "upstream connect error", "The answer is not a COS error document", "unavailable"],
    [400, "<Error><Code></Code></Error>", "The answer is not a COS error document", "invalid"],
    [400, "<Error><Code>A</Code>", "The answer is not a COS error document", "invalid"],
    [400, "<Fehler><Code>A</Code></Fehler>", "The answer is not a COS error document", "invalid"],
    [403, '{"Code":"AccessDenied"}', "The answer is not a COS error document", "denied"],
  ] as const
  for (const [status, body, expected, reason] of cases) {
    for (const read of Object.values(readers)) {
      const error = failure(read(answer(status, body)))
      assert.deepEqual(error._tag === "UnexpectedAnswer" && [error.problem, error.reason], [expected, reason])
    }
  }
})

test("a redirect is not followed, and of its target only the host is told", () => {
  const location = "https://user:pass@other.example/?q-signature=secret"
  for (const status of [301, 302, 307, 308]) {
    const error = failure(rule(answer(status, "", [["Location", location]])))
    assert.equal(error.reason, "redirect")
    assert.match(error.message, /redirects/u)
    assert.doesNotMatch(JSON.stringify(error) + error.message, /secret|pass/u)
  }
  assert.equal(
    failure(rule(answer(301, writeErrorDocument({ code: "PermanentRedirect", message: "" })))).reason,
    "redirect",
  )
})

test("an excerpt is one printable line, however the body looks", () => {
  const bodies = ["a\u0000\u001b[31mb\r\nc", "x".repeat(10_000), "😀".repeat(300), "\u202e\u200b"]
  for (const body of [...bodies.map((b) => new TextEncoder().encode(b)), Uint8Array.of(0xff, 0xc3, 0x28)]) {
    const error = failure(rule(answer(502, body)))
    assert.ok(error instanceof UnexpectedAnswer)
    assert.equal(Array.from(error.excerpt).length <= 201, true)
    assert.doesNotMatch(error.excerpt, /[\p{Cc}\p{Cf}]/u)
    assert.equal(error.excerpt.isWellFormed(), true)
  }
})
