/** The line that every write through a proxy leaves, whatever becomes of the write. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import * as Audit from "../adapters/policy/audit.ts"
import type { Call, Performing } from "../adapters/policy/call.ts"
import { Underway } from "../adapters/policy/underway.ts"
import { ConfigError, TransportError } from "../core/errors.ts"
import type { HttpResponse } from "../core/http.ts"
import { readPolicy } from "../core/policy/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { Generated, good, jobOf, ruleOf } from "./generated.ts"
import { effect, prop } from "./harness.ts"
import { bucket, hashOf, policyForm } from "./proxy-world.ts"
import { observing, ruleXml } from "./telemetry-world.ts"

const policy = Result.getOrThrow(readPolicy(policyForm))
const callOf = (operation: Call["operation"]): Call => ({
  policy,
  principal: policy.principals[1]!,
  at: { bucket, region: "ap-guangzhou" },
  operation,
  requestId: "ci-7",
})
const put = (configuration: InventoryConfiguration) => callOf({ _tag: "PutBucketInventory", configuration })
const removal = (id: string) => callOf({ _tag: "DeleteBucketInventory", id })

const answer = (status: number, xml = ""): HttpResponse => ({
  status,
  headers: [["x-cos-request-id", "NmE="]],
  body: new TextEncoder().encode(xml),
})
const refusal = (status: number, code: string) => answer(status, writeErrorDocument({ code, message: "No." }))
const missing = refusal(404, "InventoryConfigurationNotFoundError")
const standing = (rule: InventoryConfiguration) => answer(200, writeConfiguration(rule))
const done = answer(204)

type Answering = ReturnType<Performing["perform"]>

/** An audit over what reads give and what writes give. */
const audited = (read: Answering, write: Answering) => {
  const lines: Array<string> = []
  const asked: Array<string> = []
  const { perform } = Audit.make({
    perform: ({ operation }) =>
      Effect.suspend(() => {
        asked.push(operation._tag)
        return operation._tag === "GetBucketInventory" || operation._tag === "ListBucketInventory" ? read : write
      }),
  }, { write: (line) => lines.push(line) })
  return { perform, asked, lines, line: () => lines.map((line) => JSON.parse(line)) }
}

const lost = (sent: "no" | "maybe") => new TransportError({ kind: "reset", sent, host: "cos", detail: "Gone" })
const misconfigured = new ConfigError({ source: "the proxy's key", problem: "COS refuses the proxy itself", fix: "-" })

effect(
  "an audit says who wrote what, and what it changed",
  Effect.gen(function* () {
    yield* TestClock.setTime(Date.UTC(2026, 10, 21, 12, 0, 0, 123))
    const { perform, line, asked } = audited(
      Effect.succeed(standing({ ...good, isEnabled: true })),
      Effect.succeed(done),
    )
    yield* perform(put({ ...good, isEnabled: false }))
    assert.deepEqual(asked, ["GetBucketInventory", "PutBucketInventory"])
    assert.deepEqual(line(), [{
      time: "2026-11-21T12:00:00.123Z",
      level: "info",
      kind: "audit",
      principal: "writer",
      operation: "PutBucketInventory",
      bucket,
      id: good.id,
      requestId: "ci-7",
      cosRequestId: "NmE=",
      outcome: "done",
      status: 204,
      before: "rule",
      changes: [{ path: "isEnabled", before: true, after: false }],
    }])
  }),
)

effect(
  "an audit names the whole rule when it is new, when it goes, and when it runs once",
  Effect.gen(function* () {
    const fresh = audited(Effect.succeed(missing), Effect.succeed(done))
    yield* fresh.perform(put(good))
    const [created] = fresh.line()
    assert.equal(created.before, "none")
    assert.equal(created.changes.every((change: object) => !("before" in change) && "after" in change), true)

    const gone = audited(Effect.succeed(standing(good)), Effect.succeed(done))
    yield* gone.perform(removal(good.id))
    const [deleted] = gone.line()
    assert.deepEqual(
      deleted.changes,
      created.changes.map(({ path, after }: { path: string; after: unknown }) => ({ path, before: after })),
    )

    const running = audited(Effect.die("nothing is read"), Effect.succeed(answer(200)))
    yield* running.perform(callOf({ _tag: "PostBucketInventory", job: jobOf(good) }))
    const [ran] = running.line()
    assert.deepEqual(running.asked, ["PostBucketInventory"])
    assert.equal("before" in ran, false)
    assert.equal(ran.changes.some(({ path }: { path: string }) => path === "destination.bucket"), true)
  }),
)

effect(
  "an audit reads nothing and writes nothing when something is read",
  Effect.gen(function* () {
    const { perform, asked, lines } = audited(Effect.succeed(standing(good)), Effect.die("nothing is written"))
    yield* perform(callOf({ _tag: "GetBucketInventory", id: good.id }))
    yield* perform(callOf({ _tag: "ListBucketInventory" }))
    assert.deepEqual(asked, ["GetBucketInventory", "ListBucketInventory"])
    assert.deepEqual(lines, [])
  }),
)

const unreadable: Readonly<Record<string, Answering>> = {
  "COS cannot be reached": Effect.fail(lost("no")),
  "COS refuses it": Effect.succeed(refusal(403, "AccessDenied")),
  "there is no bucket": Effect.succeed(refusal(404, "NoSuchBucket")),
  "the answer is none": Effect.succeed(answer(200, "<html>")),
  "the answer is another rule": Effect.succeed(standing({ ...good, id: "other" })),
  "the proxy has no key": Effect.fail(misconfigured),
  "no answer comes": Effect.never,
}
for (const [when, read] of Object.entries(unreadable)) {
  effect(
    `an audit says that it does not know what stood there when ${when}, and the write goes on`,
    Effect.gen(function* () {
      const { perform, line, asked } = audited(read, Effect.succeed(done))
      const writing = yield* Effect.forkChild(perform(put(good)))
      yield* TestClock.adjust("5 seconds")
      assert.equal(yield* Fiber.join(writing), done)
      assert.deepEqual(asked, ["GetBucketInventory", "PutBucketInventory"])
      const [{ before, unknownBecause, outcome, changes }] = line()
      assert.deepEqual([before, outcome], ["unknown", "done"])
      assert.equal(typeof unknownBecause, "string")
      assert.equal(changes.length > 0, true)
    }),
  )
}

const ends: Readonly<Record<string, readonly [Answering, outcome: string, status?: number, code?: string]>> = {
  "COS refuses it": [Effect.succeed(refusal(409, "InventoryFull")), "refused", 409, "InventoryFull"],
  "COS fails half-way": [Effect.succeed(refusal(503, "SlowDown")), "in doubt", 503, "SlowDown"],
  "COS refuses what may have come twice": [
    Effect.succeed({ ...refusal(409, "DuplicateInventoryId"), repeated: true }),
    "in doubt",
    409,
    "DuplicateInventoryId",
  ],
  "no answer comes to what may have been sent": [Effect.fail(lost("maybe")), "in doubt"],
  "nothing was sent": [Effect.fail(lost("no")), "unsent"],
  "COS refuses the proxy's own key": [Effect.fail(misconfigured), "refused"],
  "the proxy itself is at fault": [Effect.die("a fault"), "in doubt"],
}
for (const [when, [write, outcome, status, code]] of Object.entries(ends)) {
  effect(
    `an audit writes ${outcome} when ${when}, and the caller hears the same as without it`,
    Effect.gen(function* () {
      const { perform, line } = audited(Effect.succeed(standing(good)), write)
      assert.deepEqual(yield* Effect.exit(perform(removal(good.id))), yield* Effect.exit(write))
      const said = line()
      assert.equal(said.length, 1)
      assert.deepEqual([said[0].outcome, said[0].status, said[0].code], [outcome, status, code])
    }),
  )
}

effect(
  "an audit writes in doubt when the caller leaves while the write is under way, and unsent when it left before",
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const hanging = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    const during = audited(Effect.succeed(standing(good)), hanging)
    const writing = yield* Effect.forkChild(during.perform(removal(good.id)))
    yield* Deferred.await(begun)
    yield* Fiber.interrupt(writing)
    assert.deepEqual(during.line().map(({ outcome, before }) => [outcome, before]), [["in doubt", "rule"]])

    const asked = yield* Deferred.make<void>()
    const before = audited(Effect.andThen(Deferred.succeed(asked, undefined), Effect.never), Effect.die("not reached"))
    const reading = yield* Effect.forkChild(before.perform(removal(good.id)))
    yield* Deferred.await(asked)
    yield* Fiber.interrupt(reading)
    assert.deepEqual(before.line().map(({ outcome, before }) => [outcome, before]), [["unsent", "unknown"]])
  }),
)

effect(
  "an audit names by what the caller was known, and nothing where nobody says",
  Effect.gen(function* () {
    const { perform, line } = audited(Effect.succeed(missing), Effect.succeed(done))
    const shown = { by: "jwt", subject: "ann", email: "ann@example.com", jti: "t-1" } as const
    yield* perform({ ...removal(good.id), shown })
    yield* perform(removal(good.id))
    const [known, unknown] = line()
    const { by, subject, email, jti } = known
    assert.deepEqual({ by, subject, email, jti }, shown)
    assert.equal("by" in unknown, false)
  }),
)

effect(
  "an audit reads within a third of the time that is left, and has nothing tried again for it",
  Effect.gen(function* () {
    const seen: Array<number> = []
    const { perform, line } = audited(
      Effect.flatMap(Underway, (underway) => {
        seen.push(underway?.until ?? Infinity)
        return Effect.never
      }),
      Effect.map(Underway, (underway) => {
        seen.push(underway?.until ?? Infinity)
        return done
      }),
    )
    const now = yield* Clock.currentTimeMillis
    const until = now + 6000
    const asked = perform(removal(good.id)).pipe(Effect.provideService(Underway, { until, isHere: true }))
    const writing = yield* Effect.forkChild(asked)
    yield* TestClock.adjust("2 seconds")
    assert.equal(yield* Fiber.join(writing), done)
    assert.deepEqual(seen, [now, until])
    assert.equal(line()[0].unknownBecause, "not read within 2 seconds")
  }),
)

test("an audit tells of a line that is lost after a while", async () => {
  const told: Array<unknown> = []
  const full = new Error("no space left")
  const { perform } = Audit.make({ perform: () => Effect.succeed(done) }, {
    write: () => Promise.reject(full),
    onFailure: (cause) => told.push(cause),
  })
  assert.equal(await Effect.runPromise(perform(removal(good.id))), done)
  await Promise.resolve()
  assert.deepEqual(told, [full])
})

effect(
  "an audit that cannot be written leaves the write's answer as it is, and tells of the fault",
  Effect.gen(function* () {
    const told: Array<unknown> = []
    const full = new Error("no space left")
    const { perform } = Audit.make({ perform: () => Effect.succeed(done) }, {
      write: () => {
        throw full
      },
      onFailure: (cause) => told.push(cause),
    })
    assert.deepEqual(yield* Effect.exit(perform(removal(good.id))), Exit.succeed(done))
    assert.deepEqual(told, [full])
  }),
)

prop(
  "an audit's line is one line of JSON that steers nothing, and says the whole change, whatever the rules hold",
  Generated,
  (generated) =>
    Effect.gen(function* () {
      const rule = ruleOf(generated)
      const hostile = { ...rule, filter: { prefix: "\u2028\u001b[31m\n::set-output name=a::b\u202e##[warning]" } }
      const { perform, lines, line } = audited(Effect.succeed(missing), Effect.succeed(done))
      yield* perform(put(hostile))
      const [{ changes }] = line()
      return lines.length === 1 && isTame(lines[0]!) &&
        changes.some(({ after }: { after: unknown }) => after === hostile.filter.prefix)
    }),
)

const isTame = (line: string): boolean =>
  // deno-lint-ignore no-control-regex
  !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]|^::|##\[/u.test(line)

test("a write through the door leaves one line of the audit and one GET more at COS; what the policy denies leaves none", () =>
  observing({}, async ({ ask, audit, upstream }) => {
    const target = `/${bucket}/?inventory&id=ci-a`
    const asking = { token: "writer-token", headers: { "x-request-id": "ci-7" } }
    assert.equal((await ask("PUT", target, { ...asking, body: ruleXml("ci-a") })).status, 200)
    assert.equal((await ask("PUT", target, { ...asking, body: ruleXml("ci-a", false) })).status, 200)
    assert.equal((await ask("DELETE", `/${bucket}/?inventory&id=list1`, asking)).status, 403)
    assert.equal((await ask("DELETE", target, { token: "reader-token" })).status, 403)
    assert.equal((await ask("DELETE", target, asking)).status, 204)
    assert.deepEqual(upstream.map(({ method }) => method), ["GET", "PUT", "GET", "PUT", "GET", "DELETE"])
    const lines = audit.map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map((
        { principal, operation, id, requestId, outcome, before },
      ) => [principal, operation, id, requestId, outcome, before]),
      [
        ["writer", "PutBucketInventory", "ci-a", "ci-7", "done", "none"],
        ["writer", "PutBucketInventory", "ci-a", "ci-7", "done", "rule"],
        ["writer", "DeleteBucketInventory", "ci-a", "ci-7", "done", "rule"],
      ],
    )
    assert.deepEqual(lines[1].changes, [{ path: "isEnabled", before: true, after: false }])
    for (const { by, credential } of lines) {
      assert.deepEqual([by, credential], ["token", hashOf("writer-token").slice("sha256:".length).slice(0, 8)])
    }
  }))

test("a write's answer stands when its line cannot be written, and the fault is told and counted", () =>
  observing({
    audit: () => {
      throw new Error("no space left")
    },
  }, async ({ ask, defects }) => {
    const asking = { token: "writer-token", body: ruleXml("ci-a") }
    assert.equal((await ask("PUT", `/${bucket}/?inventory&id=ci-a`, asking)).status, 200)
    assert.equal(defects.length, 1)
    assert.match(defects[0]!, /no space left/u)
    assert.match((await ask("GET", "/metrics")).text, /^cos_proxy_audit_failures_total 1$/mu)
  }))
