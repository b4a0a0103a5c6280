import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import {
  type Answer,
  type Fault,
  type Faults,
  makeFaults,
  readFaults,
  readPeriod,
  type Subject,
} from "../adapters/memory/faults/mod.ts"
import { header, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { keyOfText } from "../core/key.ts"
import type { Body } from "../core/ports.ts"
import { readError } from "../core/wire/error-document.ts"
import { effect, prop } from "./harness.ts"
import { destination, makeWorld, report, ruleOf } from "./report-world.ts"

const fault = (value: unknown): Fault => Result.getOrThrow(readFaults(value))[0]!

const made = (...values: ReadonlyArray<unknown>): Faults => {
  const faults = makeFaults()
  for (const value of values) faults.add(fault(value))
  return faults
}

/** Says what was asked in its headers; a request's target is `/<operation>/<bucket>/<key>`. */
const about = ({ target }: HttpRequest<Body>): Subject => {
  const [, operation = "", bucket = "", ...key] = target.split("?")[0]!.split("/")
  const id = /[?&]id=([^&]*)/.exec(target)?.[1]
  return { operation, bucket, key: keyOfText(decodeURIComponent(key.join("/"))), ...(id === undefined ? {} : { id }) }
}

const text = "0123456789"
const bytes = new TextEncoder().encode(text)

const served = (faults: Faults, body: Body = bytes) => {
  const performed: Array<string> = []
  const answer: Answer<HttpResponse<Body>> = faults.around<HttpResponse<Body>>(
    (request) =>
      Effect.sync(() => {
        performed.push(request.target)
        return { status: 200, headers: [], body }
      }),
    about,
    (response) => response,
  )
  const ask = (target: string, method = "GET") =>
    Effect.result(answer({ method, origin: "http://localhost:1", target, headers: [], body: new Uint8Array() }))
  return { ask, performed }
}

/** How each request went: its status, or the kind of what broke. */
const fates = (faults: Faults, targets: ReadonlyArray<string>, method = "GET") =>
  Effect.map(
    Effect.forEach(targets, (target) => served(faults).ask(target, method)),
    (results) => results.map((result) => Result.isSuccess(result) ? result.success.status : result.failure.kind),
  )

const ten = Array.from({ length: 10 }, (_, nth) => `/GetObject/b/${nth}`)

effect(
  "a fault happens to what fits, after some, so many times",
  Effect.gen(function* () {
    assert.deepEqual(yield* fates(made({ status: 503, after: 2, times: 3 }), ten), [
      ...Array(2).fill(200),
      ...Array(3).fill(503),
      ...Array(5).fill(200),
    ])
    assert.deepEqual(yield* fates(made({ code: "NoSuchKey" }), ten), Array(10).fill(404))
    assert.deepEqual(yield* fates(made(), ten), Array(10).fill(200))
  }),
)

const cases: ReadonlyArray<
  readonly [match: Fault["match"], hit: ReadonlyArray<string>, missed: ReadonlyArray<string>]
> = [
  [{ operation: "PutObject" }, ["/PutObject/b/k"], ["/GetObject/b/k", "/putobject/b/k"]],
  [{ bucket: "b" }, ["/X/b/k"], ["/X/c/b", "/X"]],
  [{ key: "a b/\u4e2d" }, [
    `/X/b/a%20b/${encodeURIComponent("\u4e2d\u6587")}`,
    `/X/b/a%20b/${encodeURIComponent("\u4e2d")}`,
  ], ["/X/b/a%20b/", "/X/b"]],
  [{ method: "get" }, ["/X"], []],
  [{ method: "PUT" }, [], ["/X"]],
  [{ id: "list1" }, ["/X/b?inventory&id=list1"], ["/X/b?inventory", "/X/b?inventory&id=list10"]],
  [{ operation: "PutObject", bucket: "b", id: "i" }, ["/PutObject/b?id=i"], [
    "/PutObject/b",
    "/PutObject/c?id=i",
    "/GetObject/b?id=i",
  ]],
]
for (const [match, hit, missed] of cases) {
  effect(
    `a fault looks at ${JSON.stringify(match)}`,
    Effect.gen(function* () {
      assert.deepEqual(yield* fates(made({ match, status: 500 }), hit), hit.map(() => 500))
      assert.deepEqual(yield* fates(made({ match, status: 500 }), missed), missed.map(() => 200))
    }),
  )
}

prop(
  "the same seed and the same requests have the same faults",
  Schema.Struct({
    seed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 })),
    probability: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 })),
    targets: Schema.Array(Schema.Literals(["/GetObject/b/k", "/PutObject/b/k", "/GetObject/c/k"])),
  }),
  ({ seed, probability, after, targets }) =>
    Effect.gen(function* () {
      const both = [1, 2].map(() =>
        made(
          { match: { bucket: "b" }, status: 503, probability: probability / 100, seed, after },
          { match: { operation: "GetObject" }, drop: true, probability: 0.5, seed, times: 3 },
        )
      )
      const [one, other] = yield* Effect.forEach(both, (faults) => fates(faults, targets))
      return JSON.stringify(one) === JSON.stringify(other) &&
        JSON.stringify(both[0]!.list()) === JSON.stringify(both[1]!.list())
    }),
)

effect(
  "a probability is met about as often as it says, and not by every seed alike",
  Effect.gen(function* () {
    const many = Array.from({ length: 2000 }, () => "/X")
    const counts = yield* Effect.forEach(
      [1, 2, 3],
      (seed) => fates(made({ status: 500, probability: 0.25, seed }), many),
    )
    for (const count of counts) {
      const hit = count.filter((status) => status === 500).length
      assert.ok(hit > 400 && hit < 600, `${hit} of 2000`)
    }
    assert.notDeepEqual(counts[0], counts[1])
    assert.deepEqual(yield* fates(made({ status: 500, probability: 0 }), ten), Array(10).fill(200))
    assert.deepEqual(yield* fates(made({ status: 500, probability: 1 }), ten), Array(10).fill(500))
  }),
)

effect(
  "a status is answered as COS's own error, and nothing is performed",
  Effect.gen(function* () {
    const faults = made({ status: 503, code: "SlowDown", retryAfter: 7 })
    const { ask, performed } = served(faults)
    const response = Result.getOrThrow(yield* ask("/GetObject/b/k?q-signature=secret"))
    assert.deepEqual([response.status, header(response.headers, "retry-after")], [503, "7"])
    const xml = new TextDecoder().decode(response.body as Uint8Array)
    assert.ok(!xml.includes("secret"))
    const error = readError({ ...response, body: response.body as Uint8Array })
    assert.ok(error._tag === "CosError" && error.code === "SlowDown")
    assert.deepEqual(performed, [])
    const head = Result.getOrThrow(yield* ask("/HeadObject/b/k", "HEAD"))
    assert.deepEqual([head.status, (head.body as Uint8Array).length], [503, 0])
  }),
)

effect(
  "a code that is known has its status, another has the one it is given",
  Effect.gen(function* () {
    assert.deepEqual(yield* fates(made({ code: "AccessDenied" }), ["/X"]), [403])
    assert.deepEqual(yield* fates(made({ code: "Whatever", status: 418 }), ["/X"]), [418])
    assert.deepEqual(yield* fates(made({ code: "AccessDenied", status: 500 }), ["/X"]), [500])
  }),
)

effect(
  "`dressed` makes a fault's answer like the others",
  Effect.gen(function* () {
    const answer = made({ code: "NoSuchKey" }).around<HttpResponse<Body> & { readonly about: string }>(
      () => Effect.succeed({ status: 200, headers: [], body: bytes, about: "itself" }),
      about,
      (response, { operation }, code) => ({ ...response, about: `${operation} ${code}` }),
    )
    const request = { method: "GET", origin: "http://localhost", target: "/X/b", headers: [], body: new Uint8Array() }
    assert.equal((yield* answer(request)).about, "X NoSuchKey")
  }),
)

effect(
  "a dropped connection has no answer; before, nothing was performed; after, all was",
  Effect.gen(function* () {
    for (const [drop, done] of [[true, 0], ["before", 0], ["after", 1]] as const) {
      const { ask, performed } = served(made({ drop }))
      const result = yield* ask("/PutObject/b/k")
      assert.ok(Result.isFailure(result) && result.failure.kind === "reset" && result.failure.sent === "maybe")
      assert.equal(performed.length, done)
    }
  }),
)

const chunked: Body = { length: 10, stream: Stream.make(bytes.subarray(0, 3), bytes.subarray(3, 4), bytes.subarray(4)) }

/** What arrives of a body, and whether it broke. */
const arriving = (body: Body) => {
  const got: Array<number> = []
  const stream = body instanceof Uint8Array ? Stream.succeed(body) : body.stream
  return Effect.map(
    Effect.result(Stream.runForEach(stream, (chunk) => Effect.sync(() => void got.push(...chunk)))),
    (result) => [String.fromCharCode(...got), Result.isFailure(result) ? result.failure.kind : "whole"] as const,
  )
}

for (const [name, body] of [["bytes", bytes], ["a stream", chunked]] as const) {
  effect(
    `\`cutBody\` breaks ${name} after exactly so many bytes`,
    Effect.gen(function* () {
      for (let at = 0; at <= 11; at++) {
        const response = Result.getOrThrow(yield* served(made({ cutBody: at }), body).ask("/GetObject/b/k"))
        const whole = at >= text.length
        assert.deepEqual(yield* arriving(response.body), [text.slice(0, at), whole ? "whole" : "cut"])
        assert.equal(response.body instanceof Uint8Array ? response.body.length : response.body.length, 10)
      }
    }),
  )

  effect(
    `\`stallBody\` pauses in ${name} and loses nothing`,
    Effect.gen(function* () {
      for (let at = 0; at <= 11; at++) {
        const { ask } = served(made({ stallBody: { afterBytes: at, ms: 5000 } }), body)
        const response = Result.getOrThrow(yield* ask("/GetObject/b/k"))
        const reading = yield* Effect.forkChild(arriving(response.body))
        yield* TestClock.adjust(4999)
        assert.equal(reading.pollUnsafe() === undefined, at < text.length, `at ${at}`)
        yield* TestClock.adjust(1)
        assert.deepEqual(yield* Fiber.join(reading), [text, "whole"])
      }
    }),
  )
}

effect(
  "latencies add up, and the request is performed after them",
  Effect.gen(function* () {
    const { ask, performed } = served(made({ latencyMs: 300 }, { latencyMs: 200 }))
    const asking = yield* Effect.forkChild(ask("/X"))
    yield* TestClock.adjust(499)
    assert.deepEqual(performed, [])
    yield* TestClock.adjust(1)
    assert.ok(Result.isSuccess(yield* Fiber.join(asking)))
    assert.deepEqual(performed, ["/X"])
  }),
)

effect(
  "a fault that answers keeps the request from those after it",
  Effect.gen(function* () {
    const faults = made({ status: 500, times: 1 }, { status: 503, times: 1 }, {
      match: { operation: "GetObject" },
      drop: true,
    })
    assert.deepEqual(yield* fates(faults, ["/X", "/X", "/X"]), [500, 503, 200])
    assert.deepEqual(faults.list().map(({ met, happened }) => [met, happened]), [[3, 1], [2, 1], [0, 0]])
  }),
)

test("faults are listed, removed and cleared by ids that are never given again", () => {
  const faults = makeFaults()
  const [one, two] = [faults.add(fault({ status: 500 })), faults.add(fault({ drop: true }))]
  assert.notEqual(one, two)
  assert.deepEqual(faults.list().map(({ id, fault: { status } }) => [id, status]), [[one, 500], [two, undefined]])
  assert.deepEqual([faults.remove(one!), faults.remove(one!), faults.remove(99)], [true, false, false])
  assert.deepEqual(faults.list().map(({ id }) => id), [two])
  faults.clear()
  assert.deepEqual(faults.list(), [])
  assert.ok(faults.add(fault({ status: 500 })) > two!)
})

test("what concerns lists and reports is asked for, counts like the others, and touches no request", async () => {
  const faults = made(
    { match: { operation: "GetBucket" }, truncateList: 5, times: 1 },
    { truncateList: 50 },
    { match: { bucket: "a", id: "list1" }, lateReports: "PT2H", after: 1 },
    { lateReports: "P1D" },
    { denyDestination: "reports-1", times: 2 },
    { clockSkewSeconds: -901 },
    { clockSkewSeconds: 1 },
  )
  assert.deepEqual([faults.pageSize("GetBucket", 1000), faults.pageSize("GetBucket", 1000), faults.pageSize("X", 10)], [
    5,
    50,
    10,
  ])
  const [hour, day] = [3_600_000, 86_400_000]
  const delay = (bucket: string, id: string) => faults.reportDelay({ bucket, id })
  assert.deepEqual([delay("a", "list1"), delay("a", "list1"), delay("a", "list2"), delay("b", "list1")], [
    day,
    day + 2 * hour,
    day,
    day,
  ])
  assert.deepEqual(["reports-1", "reports-2", "reports-1", "reports-1"].map(faults.deniesDestination), [
    true,
    false,
    true,
    false,
  ])
  assert.equal(faults.skewSeconds(), -900)
  assert.deepEqual(await Effect.runPromise(fates(faults, ten)), Array(10).fill(200))
  const none = makeFaults()
  assert.deepEqual(
    [
      none.pageSize("GetBucket", 1000),
      none.reportDelay({ bucket: "a", id: "b" }),
      none.deniesDestination("a"),
      none.skewSeconds(),
    ],
    [1000, 0, false, 0],
  )
})

const bad: ReadonlyArray<readonly [value: unknown, ...found: ReadonlyArray<string>]> = [
  [null, "wrong-type "],
  [{}, "effect-missing "],
  [{ match: { operation: "PutObject" } }, "effect-missing "],
  [{ status: 500, drop: true }, "effect-repeated drop"],
  [{ latencyMs: 5, cutBody: 1 }, "effect-repeated cutBody"],
  [{ status: 99 }, "wrong-type status"],
  [{ status: 200 }, "wrong-type status"],
  [{ status: 599 }, "status-unknown status"],
  [{ code: "Nonsense" }, "code-unknown code"],
  [{ code: "toString" }, "code-unknown code"],
  [{ drop: true, retryAfter: 1 }, "retry-after retryAfter"],
  [{ drop: false }, "wrong-type drop"],
  [{ status: 500, times: 0 }, "wrong-type times"],
  [{ status: 500, after: -1 }, "wrong-type after"],
  [{ status: 500, after: 1.5 }, "wrong-type after"],
  [{ status: 500, probability: 1.1 }, "wrong-type probability"],
  [{ status: 500, probability: NaN }, "wrong-type probability"],
  [{ status: 500, seed: 1 }, "seed-unused seed"],
  [{ latencyMs: -1 }, "wrong-type latencyMs"],
  [{ latencyMs: 1e12 }, "wrong-type latencyMs"],
  [{ stallBody: { afterBytes: 1 } }, "required stallBody.ms"],
  [{ truncateList: 0 }, "wrong-type truncateList"],
  [{ lateReports: "2 hours" }, "wrong-type lateReports"],
  [{ match: { operaton: "X" }, status: 500 }, "unknown-key match.operaton"],
  [{ statuss: 500 }, "unknown-key statuss"],
  [{ match: { key: "a" }, truncateList: 3 }, "match-unused match.key"],
  [{ match: { bucket: "a" }, clockSkewSeconds: 3 }, "match-unused match.bucket"],
  [{ match: { operation: "PutObject" }, lateReports: "P1D" }, "match-unused match.operation"],
  [{ match: { operation: "PutObjct" }, status: 500 }, "operation-unknown match.operation"],
  [[{ status: 500 }, { status: 1 }, {}], "wrong-type [1].status", "effect-missing [2]"],
]
for (const [value, ...wanted] of bad) {
  test(`\`readFaults\` finds ${wanted.join(", ")} in ${JSON.stringify(value)}`, () => {
    const read = readFaults(value)
    assert.ok(Result.isFailure(read))
    const found = read.failure.findings.map(({ code, path }) => `${code} ${path}`)
    for (const one of wanted) assert.ok(found.includes(one), `${one} is not among:\n${found.join("\n")}`)
  })
}

test("`readFaults` finds one problem when a list has more faults than it takes", () => {
  const read = readFaults(Array(100_000).fill(1))
  assert.ok(Result.isFailure(read))
  assert.deepEqual(read.failure.findings.map(({ code }) => code), ["too-many"])
})

test("`readFaults` says which member was meant", () => {
  const read = readFaults({ statuss: 500 })
  assert.ok(Result.isFailure(read))
  assert.match(read.failure.message, /Did you mean "status"\?/)
})

test("`readFaults` asks for an object where there is none, and says which member a beginning was meant for", () => {
  const read = readFaults([5, { trunc: 5 }])
  assert.ok(Result.isFailure(read))
  assert.deepEqual(read.failure.findings.map(({ path, allowed }) => path === "[0]" ? allowed : path), [
    "an object",
    "[1].trunc",
  ])
  assert.match(read.failure.message, /Did you mean "truncateList"\?/)
})

test("a report that a fault keeps from its destination says so, and does not ask for a permission", async () => {
  const store = makeWorld()
  const faults = made({ denyDestination: destination })
  const run = await report(store, ruleOf(), { mayWrite: (bucket) => !faults.deniesDestination(bucket) })
  assert.equal(run.state, "failed")
  assert.match(run.why!, /"reports-1250000000" is denied by a fault; remove the fault$/u)
  faults.clear()
  assert.equal((await report(makeWorld(), ruleOf(), { mayWrite: () => true })).state, "done")
})

test("`readPeriod` reads what has a fixed length, and nothing else", () => {
  for (
    const [written, seconds] of [["PT1S", 1], ["PT90M", 5400], ["P1D", 86400], ["P1W", 604800], ["P1DT2H3M4S", 93784], [
      "PT0S",
      0,
    ]] as const
  ) {
    assert.equal(readPeriod(written), seconds * 1000, written)
  }
  for (
    const written of ["", "P", "PT", "P1DT", "1D", "P1M", "P1Y", "PT1.5H", "-P1D", "p1d", "P1D ", "PT1H1H", "P9999999D"]
  ) {
    assert.equal(readPeriod(written), undefined, written)
  }
})
