/** The client over a scripted Transport: what it sends, and what it makes of each answer. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import { header, type HttpRequest, type HttpResponse } from "../core/http.ts"
import {
  changeInventory,
  deleteInventory,
  getInventory,
  putInventory,
  replaceInventory,
  runInventory,
} from "../core/client.ts"
import { CosError, InvalidInput, TransportError } from "../core/errors.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { at, reply, scripted } from "./scripted.ts"
import { good, jobOf, sample } from "./generated.ts"
import { effect } from "./harness.ts"

const error = (status: number, code: string, more: Partial<HttpResponse> = {}): HttpResponse => ({
  ...reply(writeErrorDocument({ code, message: "" }), status),
  ...more,
})
const missing = error(404, "InventoryConfigurationNotFoundError")
const line = (request: HttpRequest) => `${request.method} ${request.target}`
const body = (request: HttpRequest) => new TextDecoder().decode(request.body)

effect(
  "getInventory sends one GET with the id and brings the rule",
  Effect.gen(function* () {
    const server = scripted(reply(sample("get.xml")))
    const { configuration } = yield* getInventory(at, "list1").pipe(server.provide)
    assert.equal(configuration.destination.encryption, "SSE-COS")
    assert.deepEqual(server.sent.map(line), ["GET /?inventory&id=list1"])
    assert.deepEqual([server.sent[0]!.headers, server.sent[0]!.body.length], [[], 0])
  }),
)

effect(
  "getInventory fails as not found when the rule is missing",
  Effect.gen(function* () {
    const server = scripted(missing)
    const failure = yield* Effect.flip(getInventory(at, "list1").pipe(server.provide))
    assert.equal(failure instanceof CosError && failure.reason, "not-found")
  }),
)

effect(
  "getInventory, deleteInventory, putInventory and runInventory send nothing when the id is empty",
  Effect.gen(function* () {
    const server = scripted()
    const calls: ReadonlyArray<Effect.Effect<unknown, unknown, never>> = [
      getInventory(at, "").pipe(server.provide),
      deleteInventory(at, "").pipe(server.provide),
      putInventory(at, { ...good, id: "" }).pipe(server.provide),
      runInventory(at, { ...jobOf(good), id: "" }).pipe(server.provide),
      replaceInventory(at, { ...good, id: "" }, { ...good, id: "" }).pipe(server.provide),
    ]
    for (const call of calls) {
      const failure = yield* Effect.flip(call)
      assert.ok(failure instanceof InvalidInput)
      assert.equal(failure.findings[0]?.code, "id-empty")
    }
    assert.deepEqual(server.sent, [])
  }),
)

effect(
  "putInventory sends the document with its Content-MD5, once",
  Effect.gen(function* () {
    const server = scripted(reply("", 200))
    yield* putInventory(at, good).pipe(server.provide)
    const [request] = server.sent
    assert.deepEqual(server.sent.map(line), ["PUT /?inventory&id=list1"])
    assert.equal(body(request!).endsWith(writeConfiguration(good)), true)
    assert.equal(header(request!.headers, "content-md5"), server.md5(request!.body))
  }),
)

effect(
  "putInventory sends nothing and reports every problem when a rule is wrong",
  Effect.gen(function* () {
    const server = scripted()
    const wrong: InventoryConfiguration = {
      ...good,
      id: "a b",
      filter: {},
      optionalFields: ["Colour"],
      destination: { ...good.destination, bucket: "qcs::cos:ap-beijing::examplebucket-1250000000" },
    }
    const failure = yield* Effect.flip(putInventory(at, wrong).pipe(server.provide))
    assert.ok(failure instanceof InvalidInput)
    assert.deepEqual(failure.findings.map((f) => f.code).toSorted(), [
      "destination-region",
      "field-known",
      "filter-empty",
      "id-characters",
    ])
    assert.deepEqual(server.sent, [])
  }),
)

effect(
  "putInventory sends nothing when the bucket or region is wrong",
  Effect.gen(function* () {
    const server = scripted()
    for (const place of [{ ...at, bucket: "nobucket" }, { ...at, region: "x" }, { ...at, endpoint: "nowhere" }]) {
      const failure = yield* Effect.flip(getInventory(place, "a").pipe(server.provide))
      assert.ok(failure instanceof InvalidInput)
    }
    assert.deepEqual(server.sent, [])
  }),
)

effect(
  "deleteInventory is done when the rule is deleted or was missing, and fails otherwise",
  Effect.gen(function* () {
    const server = scripted(reply("", 204), missing, error(404, "NoSuchBucket"), error(403, "AccessDenied"))
    yield* deleteInventory(at, "list1").pipe(server.provide)
    yield* deleteInventory(at, "list1").pipe(server.provide)
    for (const code of ["NoSuchBucket", "AccessDenied"]) {
      const failure = yield* Effect.flip(deleteInventory(at, "list1").pipe(server.provide))
      assert.equal(failure instanceof CosError && failure.code, code)
    }
    assert.deepEqual(new Set(server.sent.map(line)), new Set(["DELETE /?inventory&id=list1"]))
  }),
)

effect(
  "runInventory brings the JobId, and none where older servers send none",
  Effect.gen(function* () {
    const server = scripted(reply(sample("post-result.xml")), reply("", 200))
    assert.deepEqual(yield* runInventory(at, jobOf(good)).pipe(server.provide), {
      jobId: "Dgesgeqzd0dd***==",
      acceptedEarlier: false,
    })
    assert.deepEqual(yield* runInventory(at, jobOf(good)).pipe(server.provide), { acceptedEarlier: false })
    const [request] = server.sent
    assert.equal(line(request!), "POST /?inventory&id=list1")
    assert.equal(header(request!.headers, "content-md5"), server.md5(request!.body))
    assert.doesNotMatch(body(request!), /Schedule|IsEnabled/u)
  }),
)

effect(
  "runInventory takes a duplicate for accepted only when an attempt before it may have arrived",
  Effect.gen(function* () {
    const duplicate = error(400, "DuplicateInventoryId")
    const server = scripted(
      duplicate,
      { ...duplicate, repeated: true },
      error(400, "InvalidArgument", { repeated: true }),
    )
    const first = yield* Effect.flip(runInventory(at, jobOf(good)).pipe(server.provide))
    assert.equal(first instanceof CosError && first.reason, "conflict")
    assert.deepEqual(yield* runInventory(at, jobOf(good)).pipe(server.provide), { acceptedEarlier: true })
    assert.equal((yield* Effect.flip(runInventory(at, jobOf(good)).pipe(server.provide)))._tag, "CosError")
  }),
)

effect(
  "runInventory sends nothing when the job has a schedule",
  Effect.gen(function* () {
    const server = scripted()
    const failure = yield* Effect.flip(runInventory(at, good).pipe(server.provide))
    assert.deepEqual(failure instanceof InvalidInput && failure.findings.map((f) => f.path), ["isEnabled", "schedule"])
    assert.deepEqual(server.sent, [])
  }),
)

effect(
  "changeInventory keeps what it does not know and is not stopped by what was odd before",
  Effect.gen(function* () {
    const odd = writeConfiguration({ ...good, schedule: { frequency: "Hourly" } })
      .replace("</Filter>", "<Later>1</Later></Filter><Newer a='1'><b/></Newer>")
    const server = scripted(reply(odd), reply("", 200))
    const { before, after } = yield* changeInventory(at, "list1", (rule) => ({ ...rule, isEnabled: false })).pipe(
      server.provide,
    )
    assert.deepEqual([before.isEnabled, after.isEnabled], [true, false])
    const sent = body(server.sent[1]!)
    assert.match(sent, /<Later>1<\/Later><\/Filter>/u)
    assert.match(sent, /<Newer a='1'><b\/><\/Newer>/u)
    assert.match(sent, /<IsEnabled>false<\/IsEnabled>/u)
    assert.match(sent, /<Frequency>Hourly<\/Frequency>/u)
  }),
)

effect(
  "changeInventory never widens a filter, bare prefix or And",
  Effect.gen(function* () {
    for (
      const filter of [
        "<Filter><Prefix>a</Prefix></Filter>",
        "<Filter><And><Prefix>a</Prefix></And></Filter>",
        "<Filter><Prefix>a</Prefix><Period><StartTime>1</StartTime></Period></Filter>",
      ]
    ) {
      const { filter: _, ...whole } = good
      const server = scripted(
        reply(writeConfiguration(whole).replace("<IncludedObjectVersions>", `${filter}<IncludedObjectVersions>`)),
        reply("", 200),
      )
      yield* changeInventory(at, "list1", (rule) => ({ ...rule, isEnabled: false })).pipe(server.provide)
      assert.match(body(server.sent[1]!), /<Filter><Prefix>a<\/Prefix>/u)
      assert.equal(body(server.sent[1]!).includes("Period"), filter.includes("Period"))
    }
  }),
)

effect(
  "changeInventory sends no PUT when the change itself brings a problem in",
  Effect.gen(function* () {
    const server = scripted(reply(writeConfiguration(good)))
    const failure = yield* Effect.flip(
      changeInventory(at, "list1", (rule) => ({ ...rule, filter: {} })).pipe(server.provide),
    )
    assert.deepEqual(failure instanceof InvalidInput && failure.findings.map((f) => f.code), ["filter-empty"])
    assert.equal(server.sent.length, 1)
  }),
)

effect(
  "changeInventory sends no PUT when what it read cannot be written back whole",
  Effect.gen(function* () {
    const cut = writeConfiguration(good).slice(0, -1)
    const twice = writeConfiguration(good).replace("</Filter>", "<Prefix>other</Prefix></Filter>")
    for (const xml of [cut, twice]) {
      const server = scripted(reply(xml))
      const failure = yield* Effect.flip(changeInventory(at, "list1", (rule) => rule).pipe(server.provide))
      assert.equal(failure._tag, "UnexpectedAnswer")
      assert.equal(server.sent.length, 1)
    }
  }),
)

effect(
  "a call leaves the caller's rule as it was",
  Effect.gen(function* () {
    const frozen = freeze(structuredClone(good))
    const server = scripted(reply("", 200), reply(sample("post-result.xml")))
    yield* putInventory(at, frozen).pipe(server.provide)
    yield* runInventory(at, freeze(jobOf(frozen))).pipe(server.provide)
    assert.deepEqual(frozen, good)
  }),
)

effect(
  "a call fails as the Transport failed",
  Effect.gen(function* () {
    const lost = new TransportError({ kind: "reset", sent: "maybe", host: "h", detail: "d" })
    const server = scripted(lost)
    assert.equal(yield* Effect.flip(putInventory(at, good).pipe(server.provide)), lost)
  }),
)

const freeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) freeze(inner)
  return Object.freeze(value)
}

effect(
  "deleteInventory says deleted when the answer is about a repeat, and absent only when it is not",
  Effect.gen(function* () {
    assert.equal(yield* deleteInventory(at, "list1").pipe(scripted(missing).provide), "absent")
    assert.equal(yield* deleteInventory(at, "list1").pipe(scripted({ ...missing, repeated: true }).provide), "deleted")
  }),
)

effect(
  "changeInventory refuses a change that moves the rule to another id, and writes nothing",
  Effect.gen(function* () {
    const server = scripted(reply(sample("get.xml")))
    const failure = yield* Effect.flip(
      changeInventory(at, "list1", (rule) => ({ ...rule, id: "list2" })).pipe(server.provide),
    )
    assert.equal(failure instanceof InvalidInput && failure.findings[0]?.code, "id-changed")
    assert.deepEqual(server.sent.map(line), ["GET /?inventory&id=list1"])
  }),
)
