/** A plan that is stopped at any request, in any way: what is said of it is true, and the same plan completes it. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Semaphore from "effect/Semaphore"
import { hashes } from "../adapters/hashes/node.ts"
import { open, transportOf } from "../adapters/memory/mod.ts"
import { TestClock } from "effect/testing"
import { applyPlan, type Ledger, makeLedger } from "../core/apply.ts"
import { isSame } from "../core/canonical.ts"
import { allInventories } from "../core/client.ts"
import { TransportError } from "../core/errors.ts"
import { type HttpRequest, type HttpResponse } from "../core/http.ts"
import { type BucketPlan, isPending, phasesOf, plan, resultOf, standingOf } from "../core/plan/mod.ts"
import { Hashing, type Send, Transport } from "../core/ports.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { shownWithinSeconds } from "../core/shown.ts"
import { goodRule } from "./generated.ts"
import { effect } from "./harness.ts"

const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }

/** Two of each action, one that stays as it is, one that nobody manages, and one that is protected. */
const actual = [
  goodRule("daily-kept", "a"),
  goodRule("daily-changed", "old"),
  goodRule("daily-switched", "old"),
  goodRule("daily-gone", "b"),
  goodRule("daily-left", "c"),
  goodRule("daily-safe", "d"),
  goodRule("own", "e"),
]
const desired = {
  ...at,
  rules: [
    goodRule("daily-new", "1"),
    goodRule("daily-kept", "a"),
    goodRule("daily-changed", "new"),
    goodRule("daily-second", "2"),
    goodRule("daily-switched", "new"),
  ],
  protected: new Set(["daily-safe"]),
  manages: ["daily-*"],
}
const wanted = [...desired.rules, goodRule("daily-safe", "d"), goodRule("own", "e")]

type Around = (request: HttpRequest, nth: number, inner: Send) => ReturnType<Send["send"]>

const isWriting = ({ method }: HttpRequest): boolean => method === "PUT" || method === "DELETE"

/** A COS of one bucket, with what comes between it and its client. */
const world = (rules: ReadonlyArray<InventoryConfiguration>) =>
  Effect.gen(function* () {
    const cos = yield* open({
      buckets: [{ name: at.bucket, region: at.region, rules }],
      keys: [],
      verifySignatures: false,
    }).pipe(Effect.provideService(Hashing, hashes))
    const inner = transportOf(cos)
    let performed = 0
    const counted: Send = {
      send: (request) =>
        Effect.tap(inner.send(request), ({ status }) =>
          Effect.sync(() => {
            if (isWriting(request) && status < 300) performed++
          })),
    }
    const run = <A, E>(
      effect: Effect.Effect<A, E, Transport | Hashing>,
      around: Around = (request, _, next) => next.send(request),
    ): Effect.Effect<A, E> => {
      let nth = 0
      return effect.pipe(
        Effect.provideService(Transport, { send: (request) => Effect.suspend(() => around(request, ++nth, counted)) }),
        Effect.provideService(Hashing, hashes),
      )
    }
    return { run, held: run(allInventories(at)), performed: () => performed }
  })

const byId = (rules: ReadonlyArray<InventoryConfiguration>) => new Map(rules.map((one) => [one.id, one]))

const assertSame = (
  found: ReadonlyArray<InventoryConfiguration>,
  expected: ReadonlyArray<InventoryConfiguration>,
): void => {
  const present = byId(found)
  assert.deepEqual([...present.keys()].sort(), expected.map(({ id }) => id).sort())
  for (const one of expected) assert.ok(isSame(one, present.get(one.id)!), one.id)
}

/** Holds every word of the ledger against what the bucket holds. */
const assertTrue = (
  todo: BucketPlan,
  { answers, errors }: Ledger,
  held: ReadonlyArray<InventoryConfiguration>,
  performed: number,
): void => {
  const present = byId(held)
  const writes = phasesOf(todo).flat()
  for (const write of writes) {
    const answer = answers.get(write.id)
    const standing = standingOf(write, present.get(write.id))
    const allowed = answer === "done" || answer === "done earlier" || answer === "not shown"
      ? ["done"]
      : answer === "interrupted" || answer === "in doubt"
      ? ["ready", "done"]
      : ["ready"]
    assert.ok(allowed.includes(standing), `${write.id}: ${answer} is said of what is ${standing}`)
    if (answer === "failed" || answer === "in doubt") assert.ok(errors.has(write.id), `${write.id} lacks its error`)
  }
  const made = writes.filter((write) => standingOf(write, present.get(write.id)) === "done").length
  assert.equal(performed, made)
}

const refusal = (status: number, code: string): HttpResponse => ({
  status,
  headers: [],
  body: new TextEncoder().encode(`<Error><Code>${code}</Code><Message>No</Message></Error>`),
})
const refused = refusal(403, "AccessDenied")
const broken = new TransportError({ kind: "reset", sent: "maybe", host: "a.test", detail: "Oh" })

/** What happens to one request; the fiber is interrupted where it is held for ever. */
const ends: Readonly<Record<string, Around>> = {
  "interrupted before it is performed": () => Effect.never,
  "interrupted after it is performed": (request, _, next) => Effect.andThen(next.send(request), Effect.never),
  "refused": () => Effect.succeed(refused),
  "refused for what the rule is": () => Effect.succeed(refusal(400, "InvalidArgument")),
  "broken before it is performed": () => Effect.fail(broken),
  "broken after it is performed": (request, _, next) => Effect.andThen(next.send(request), Effect.fail(broken)),
}

for (const [end, happens] of Object.entries(ends)) {
  for (const parallel of [1, 3]) {
    effect(
      `applyPlan says what is true and is completed by the same plan when any request is ${end}, ${parallel} at once`,
      Effect.gen(function* () {
        const todo = plan(desired, actual, { prune: true })
        const needed = phasesOf(todo).flat().length
        assert.equal(needed, 6)
        let requests = 0
        const whole = yield* world(actual)
        yield* whole.run(applyPlan(at, todo, makeLedger()), (request, nth, next) => {
          requests = nth
          return next.send(request)
        })
        assert.equal(requests, 1 + 2 * needed + 1)
        for (let n = 1; n <= requests; n++) {
          const { run, held, performed } = yield* world(actual)
          const ledger = makeLedger()
          const fiber = yield* Effect.forkChild(
            run(
              applyPlan(at, todo, ledger, { parallel }),
              (request, nth, next) => nth === n ? happens(request, nth, next) : next.send(request),
            ),
          )
          yield* TestClock.adjust("1 minute")
          yield* Fiber.interrupt(fiber)
          const left = yield* held
          assertTrue(todo, ledger, left, performed())
          for (const id of ["own", "daily-safe", "daily-kept"]) assert.ok(byId(left).has(id), id)
          if (n === 1) assert.equal(performed(), 0)
          const { isComplete } = resultOf(todo, ledger.answers)
          // The last write is found to stand, which settles the doubt
          assert.equal(isComplete, end === "broken after it is performed" && n === requests - 1)

          const again = makeLedger()
          yield* run(applyPlan(at, todo, again))
          assert.equal(again.refused, undefined)
          assert.equal(resultOf(todo, again.answers).state, "done")
          const after = yield* held
          assertSame(after, wanted)
          assert.equal(performed(), needed)
          assert.equal(isPending(plan(desired, after, { prune: true })), false)
        }
      }),
    )
  }
}

effect(
  "applyPlan starts no write after one failed when those beside it are still being read",
  Effect.gen(function* () {
    const { run, performed } = yield* world(actual)
    const todo = plan(desired, actual, { prune: true })
    const ledger = makeLedger()
    const fiber = yield* Effect.forkChild(
      run(applyPlan(at, todo, ledger, { parallel: 4 }), (request, _, next) => {
        if (request.method === "PUT" && request.target.includes("daily-new")) return Effect.succeed(refused)
        const isSlow = request.method === "GET" && /daily-(?:changed|second|switched)/u.test(request.target)
        return isSlow ? Effect.delay(next.send(request), "1 second") : next.send(request)
      }),
    )
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(fiber)
    assert.deepEqual([...ledger.answers], [["daily-new", "failed"]])
    assert.equal(performed(), 0)
  }),
)

const sixWrites = ["daily-new", "daily-changed", "daily-second", "daily-switched", "daily-gone", "daily-left"]

effect(
  "applyPlan writes the other rules when one is refused for what it is, and deletes nothing",
  Effect.gen(function* () {
    for (
      const [status, code] of [[400, "InvalidArgument"], [400, "MalformedXML"], [409, "PathConflict"], [
        422,
        "New",
      ]] as const
    ) {
      for (const method of ["GET", "PUT"]) {
        const { run, held, performed } = yield* world(actual)
        const todo = plan(desired, actual, { prune: true })
        const ledger = makeLedger()
        yield* run(
          applyPlan(at, todo, ledger),
          (request, _, next) =>
            request.method === method && request.target.endsWith("id=daily-new")
              ? Effect.succeed(refusal(status, code))
              : next.send(request),
        )
        const said = sixWrites.map((id) => ledger.answers.get(id))
        assert.deepEqual(said, ["failed", "done", "done", "done", undefined, undefined], code)
        assert.deepEqual([[...ledger.errors.keys()], ledger.stopped, performed()], [["daily-new"], undefined, 3])
        assert.ok(byId(yield* held).has("daily-gone"))
      }
    }
  }),
)

effect(
  "applyPlan judges a rule as put does, and writes the others when it may not be sent",
  Effect.gen(function* () {
    const { run, performed } = yield* world(actual)
    const odd = { ...desired.rules[0]!, schedule: { frequency: "Hourly" } }
    const todo = plan({ ...desired, rules: [odd, ...desired.rules.slice(1)] }, actual, { prune: true })
    const ledger = makeLedger()
    yield* run(applyPlan(at, todo, ledger))
    assert.equal(ledger.errors.get("daily-new")?._tag, "InvalidInput")
    assert.deepEqual([ledger.stopped, performed()], [undefined, 3])
  }),
)

effect(
  "applyPlan starts nothing more in a bucket when what failed is no matter of one rule",
  Effect.gen(function* () {
    const answers = [
      refused,
      refusal(404, "NoSuchBucket"),
      refusal(400, "InventoryFull"),
      refusal(400, "ExpiredToken"),
      refusal(400, "RequestTimeout"),
      refusal(405, "MethodNotAllowed"),
      refusal(429, "TooManyRequests"),
      { ...refused, status: 400, body: new TextEncoder().encode("<html>Bad gateway</html>") },
    ]
    for (const answer of answers) {
      const { run, performed } = yield* world(actual)
      const ledger = makeLedger()
      yield* run(
        applyPlan(at, plan(desired, actual, { prune: true }), ledger),
        (request, _, next) => request.method === "PUT" ? Effect.succeed(answer) : next.send(request),
      )
      assert.deepEqual([...ledger.answers], [["daily-new", "failed"]])
      assert.deepEqual([ledger.stopped, performed()], [ledger.errors.get("daily-new"), 0])
    }
  }),
)

effect(
  "applyPlan finds out whether a write in doubt was made, and starts no other",
  Effect.gen(function* () {
    for (const isMade of [true, false]) {
      for (const [method, id] of [["PUT", "daily-new"], ["PUT", "daily-changed"], ["DELETE", "daily-gone"]] as const) {
        const { run, performed } = yield* world(actual)
        const ledger = makeLedger()
        const todo = plan(desired, actual, { prune: true })
        const heard: Array<string> = []
        yield* run(
          applyPlan(at, todo, ledger, {
            onAnswer: (write, answer) => Effect.sync(() => void (write.id === id && heard.push(answer))),
          }),
          (request, _, next) => {
            if (request.method !== method || !request.target.endsWith(`id=${id}`)) return next.send(request)
            return isMade ? Effect.andThen(next.send(request), Effect.fail(broken)) : Effect.fail(broken)
          },
        )
        const before = sixWrites.indexOf(id)
        const said = sixWrites.map((one) => ledger.answers.get(one))
        assert.deepEqual(said.slice(0, before), Array(before).fill("done"))
        assert.deepEqual(said.slice(before + 1), Array(5 - before).fill(undefined))
        assert.deepEqual(heard, isMade ? ["in doubt", "done"] : ["in doubt"])
        assert.deepEqual([...ledger.errors], isMade ? [] : [[id, broken]])
        assert.deepEqual([ledger.stopped, ledger.isLate, performed()], [broken, false, before + (isMade ? 1 : 0)])
      }
    }
  }),
)

effect(
  "applyPlan keeps to a gate that several plans share, and has no more writes in doubt than it lets pass",
  Effect.gen(function* () {
    const places = yield* Semaphore.make(3)
    const todo = plan(desired, actual, { prune: true })
    const ledgers = [makeLedger(), makeLedger()]
    let most = 0
    const underWay = () =>
      ledgers.flatMap(({ answers }) => [...answers.values()]).filter((answer) => answer === "interrupted").length
    const slow: Around = (request, _, next) => {
      most = Math.max(most, underWay())
      return isWriting(request) ? Effect.delay(next.send(request), "1 second") : next.send(request)
    }
    const worlds = yield* Effect.all([world(actual), world(actual)])
    const fiber = yield* Effect.forkChild(
      Effect.forEach(
        worlds,
        ({ run }, i) => run(applyPlan(at, todo, ledgers[i]!, { parallel: 6, gate: places.withPermit }), slow),
        { concurrency: 2 },
      ),
    )
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(fiber)
    assert.equal(most, 3)
    for (const { answers } of ledgers) assert.deepEqual([...answers.values()], Array(6).fill("done"))
  }),
)

effect(
  "applyPlan names the ids that changed, and writes nothing, when the bucket is not as it was planned",
  Effect.gen(function* () {
    const todo = plan(desired, actual, { prune: true })
    const cases = [
      [actual.map((one) => one.id === "daily-changed" ? goodRule(one.id, "else") : one), ["daily-changed"], false],
      [[...actual, goodRule("daily-new", "else")], ["daily-new"], false],
      [actual.map((one) => one.id === "daily-gone" ? goodRule(one.id, "else") : one), ["daily-gone"], false],
      [[...actual, goodRule("foreign", "x")], [], true],
      [actual.filter(({ id }) => id !== "own"), [], true],
      [actual.map((one) => one.id === "daily-kept" ? goodRule(one.id, "else") : one), [], true],
    ] as const
    for (const [rules, ids, others] of cases) {
      const { run, performed } = yield* world(rules)
      const ledger = makeLedger()
      yield* run(applyPlan(at, todo, ledger))
      assert.deepEqual(ledger.refused, { reason: "changed", ids, others })
      assert.equal(ledger.answers.size + performed(), 0)
    }
  }),
)

effect(
  "applyPlan leaves a rule alone when somebody else changes it after the bucket was looked at",
  Effect.gen(function* () {
    const { run, held, performed } = yield* world(actual)
    const todo = plan(desired, actual, { prune: true })
    const ledger = makeLedger()
    const theirs = goodRule("daily-switched", "theirs")
    let isDone = false
    yield* run(applyPlan(at, todo, ledger), (request, _, next) => {
      if (isDone || request.method !== "PUT") return next.send(request)
      isDone = true
      return Effect.andThen(
        Effect.orDie(run(applyPlan(at, plan({ ...desired, rules: [theirs] }, actual, { prune: false }), makeLedger()))),
        next.send(request),
      )
    })
    assert.equal(ledger.answers.get("daily-switched"), "changed")
    assert.equal(ledger.answers.get("daily-gone"), undefined)
    assert.equal(resultOf(todo, ledger.answers).state, "changed")
    assert.ok(isSame(byId(yield* held).get("daily-switched")!, theirs))
    assert.equal(performed(), 4)
  }),
)

effect(
  "applyPlan writes nothing when the bucket would pass its limit",
  Effect.gen(function* () {
    const { run, performed } = yield* world(actual)
    const ledger = makeLedger()
    yield* run(applyPlan(at, { ...plan(desired, actual, { prune: true }), over: 2 }, ledger))
    assert.deepEqual([ledger.refused, performed()], [{ reason: "over", over: 2 }, 0])
  }),
)

effect(
  "applyPlan waits until COS shows what was written, and says so when it does not in time",
  Effect.gen(function* () {
    for (const seconds of [3, shownWithinSeconds + 5]) {
      const { run } = yield* world(actual)
      const todo = plan(desired, actual, { prune: true })
      const ledger = makeLedger()
      const old = yield* run(
        Effect.flatMap(Transport, (transport) =>
          transport.send({
            method: "GET",
            origin: `https://${at.bucket}.cos.${at.region}.myqcloud.com`,
            target: "/?inventory",
            headers: [["host", `${at.bucket}.cos.${at.region}.myqcloud.com`]],
            body: new Uint8Array(),
          })),
      )
      const began = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      const fiber = yield* Effect.forkChild(
        run(applyPlan(at, todo, ledger), (request, _, next) =>
          Effect.gen(function* () {
            const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
            const isList = request.method === "GET" && !request.target.includes("id=")
            return isList && now < began + seconds * 1000 ? old : yield* next.send(request)
          })),
      )
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.join(fiber)
      const { state, isComplete } = resultOf(todo, ledger.answers)
      assert.deepEqual([state, isComplete], seconds === 3 ? ["done", true] : ["not shown", false])
      assert.deepEqual([ledger.errors.size, ledger.isLate], [0, seconds > shownWithinSeconds])
    }
  }),
)
