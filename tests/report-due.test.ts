/** Reports as virtual time goes by: each falls due once, in order, and a restart loses none and repeats none. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import { advance, type AdvanceOptions, beginRun, dueNext, resume, runsDue } from "../adapters/memory/reports/mod.ts"
import type { Change, Run, Store } from "../adapters/store/mod.ts"
import { keyOfText } from "../core/key.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { dueBetween } from "../core/schedule.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { prop } from "./harness.ts"
import {
  allKeys,
  bucketOf,
  day,
  destination,
  makeWorld,
  newest,
  put,
  putRule,
  readReport,
  ruleOf,
  source,
  start,
} from "./report-world.ts"

const go = (store: Store, until: number, options: AdvanceOptions = {}): Promise<ReadonlyArray<Run>> =>
  Effect.runPromise(advance(store, hashes, until, options))
const restart = (store: Store, now: number): Promise<ReadonlyArray<Run>> =>
  Effect.runPromise(resume(store, hashes, now))

const daily = ruleOf({ id: "daily" })
const weekly = ruleOf({ id: "weekly", schedule: { frequency: "Weekly" } })
const monthly = ruleOf({ id: "monthly", schedule: { frequency: "Monthly", monthlyDate: 15 } })
const rules = [daily, weekly, monthly]

const expected = (
  rule: InventoryConfiguration,
  since: number,
  until: number,
) => [...dueBetween(rule.schedule, since, until)]
const dues = (runs: ReadonlyArray<Run>, id: string) => runs.filter(({ rule }) => rule === id).map(({ due }) => due)

test("a month of virtual time delivers every daily, weekly and monthly report once", async () => {
  const store = makeWorld()
  await put(store, keyOfText("a"), "a")
  for (const rule of rules) putRule(store, rule, start)
  const until = start + 31 * day
  const runs = await go(store, until)
  for (const rule of rules) assert.deepEqual(dues(runs, rule.id), expected(rule, start, until), rule.id)
  assert.deepEqual(rules.map(({ id }) => dues(runs, id).length), [31, 4, 1])
  assert.deepEqual(runs.map(({ due }) => due), runs.map(({ due }) => due).toSorted((a, b) => a - b))
  assert.deepEqual(store.runs(), runs)
  for (const run of runs) {
    const { rows } = await readReport(store, run)
    assert.equal(rows.length, 1)
    assert.deepEqual(run.wrote.map((key) => newest(store, key).lastModified), run.wrote.map(() => run.due))
  }
  assert.equal(allKeys(store).filter((key) => key.endsWith("/manifest.json")).length, runs.length)
  assert.deepEqual(await go(store, until), [])
})

const Steps = Schema.Struct({
  hours: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 }))),
})

prop(
  "`advance` makes the same reports in many steps as in one",
  Steps,
  ({ hours }) =>
    Effect.gen(function* () {
      const [stepped, leapt] = [makeWorld(), makeWorld()]
      for (const store of [stepped, leapt]) for (const rule of rules) putRule(store, rule, start)
      let now = start
      for (const step of hours) yield* advance(stepped, hashes, now += step * day / 24)
      yield* advance(leapt, hashes, now)
      const told = (store: Store) => store.runs().map(({ rule, due, state, wrote }) => [rule, due, state, wrote])
      return JSON.stringify(told(stepped)) === JSON.stringify(told(leapt))
    }),
  { runs: 20 },
)

test("reports of one moment come by bucket, then by the age of their rules", () => {
  const store = makeWorld()
  store.commit([{ _tag: "BucketPut", bucket: bucketOf("aaa-1250000000") }])
  putRule(store, ruleOf({ id: "z" }), start)
  putRule(store, ruleOf({ id: "a" }), start)
  putRule(store, ruleOf({ id: "m" }), start, "aaa-1250000000")
  assert.deepEqual(
    [...runsDue(store, start + day)].map(({ bucket, rule, at }) => [bucket, rule.id, at]),
    [["aaa-1250000000", "m", start + day], [source, "z", start + day], [source, "a", start + day]],
  )
})

test("a disabled rule makes no run, and one that is put again counts from then", async () => {
  const store = makeWorld()
  putRule(store, { ...daily, isEnabled: false }, start)
  assert.deepEqual(await go(store, start + 3 * day), [])
  assert.deepEqual(dueNext(store, start), [])
  putRule(store, daily, start + 3 * day)
  assert.deepEqual((await go(store, start + 5 * day)).map(({ due }) => due), [start + 4 * day, start + 5 * day])
})

test("a rule is not due before it stands, nor at the moment it is put", async () => {
  const store = makeWorld()
  await go(store, start)
  putRule(store, daily, start + 10 * day)
  assert.deepEqual((await go(store, start + 11 * day)).map(({ due }) => due), [start + 11 * day])
})

test("a rule that is deleted makes no further run", async () => {
  const store = makeWorld()
  putRule(store, daily, start)
  await go(store, start + day)
  store.commit([{ _tag: "RuleDeleted", bucket: source, id: "daily" }])
  assert.deepEqual(await go(store, start + 5 * day), [])
})

test("a rule that changes while others run is made as it then stands", async () => {
  const store = makeWorld()
  putRule(store, daily, start)
  const runs = await go(store, start + 3 * day, {
    mayWrite: () => {
      if (store.meta()!.looked === start + 2 * day) store.commit([{ _tag: "RuleDeleted", bucket: source, id: "daily" }])
      return true
    },
  })
  assert.deepEqual(runs.map(({ due }) => due), [start + day, start + 2 * day])
})

test("a failed report stops no other, and is tried again when it is next due", async () => {
  const store = makeWorld()
  const astray = ruleOf({
    id: "astray",
    destination: { bucket: "qcs::cos:ap-guangzhou::late-1250000000", format: "CSV" },
  })
  putRule(store, astray, start)
  putRule(store, daily, start)
  const first = await go(store, start + day)
  assert.deepEqual(first.map(({ rule, state }) => [rule, state]), [["astray", "failed"], ["daily", "done"]])
  store.commit([{ _tag: "BucketPut", bucket: bucketOf("late-1250000000") }])
  assert.deepEqual((await go(store, start + 2 * day)).map(({ state }) => state), ["done", "done"])
})

test("the clock goes along with the reports where that is asked for, and else stays as it was", async () => {
  const store = makeWorld()
  store.commit([{ _tag: "MetaPut", meta: { clock: { _tag: "Still", at: 5 }, looked: start } }])
  putRule(store, daily, start)
  await go(store, start + day)
  assert.deepEqual(store.meta(), { clock: { _tag: "Still", at: 5 }, looked: start + day })
  const seen: Array<unknown> = []
  await go(store, start + 3 * day, {
    clockAt: (at) => ({ _tag: "Still", at }),
    mayWrite: () => seen.push(store.meta()!.clock) > 0,
  })
  assert.deepEqual(seen, [2, 3].map((days) => ({ _tag: "Still", at: start + days * day })))
})

test("time set back makes what falls due again, due again", async () => {
  const store = makeWorld()
  putRule(store, daily, start - 10 * day)
  await go(store, start)
  await go(store, start - 5 * day)
  assert.equal(store.meta()!.looked, start - 5 * day)
  assert.deepEqual((await go(store, start - 4 * day)).map(({ due }) => due), [start - 4 * day])
})

test("a long jump is exact", async () => {
  const store = makeWorld()
  for (const rule of rules) putRule(store, { ...rule, isEnabled: true }, start)
  const until = Date.UTC(2027, 0, 1)
  const due = [...runsDue(store, until)]
  for (const rule of rules) {
    assert.deepEqual(due.filter((each) => each.rule.id === rule.id).map(({ at }) => at), expected(rule, start, until))
  }
  await go(store, start)
})

/** A store that keeps nothing from a commit on, as of a program that is killed. */
const killedAt = (store: Store, nth: number): Store => {
  let commits = 0
  return {
    ...store,
    commit: (changes: ReadonlyArray<Change>) => {
      if (++commits >= nth) throw new Killed()
      store.commit(changes)
    },
  }
}
class Killed extends Error {}

test("killed at any commit and started again, every report is there and none was made twice", async () => {
  const until = start + 8 * day
  const whole = makeWorld()
  for (const rule of rules) putRule(whole, rule, start)
  await go(whole, until)
  const told = (store: Store) => store.runs().map(({ rule, due, state }) => `${rule} ${due} ${state}`).toSorted()
  const all = told(whole)
  assert.equal(all.length >= 9, true)
  for (let nth = 1; nth < 40; nth++) {
    const store = makeWorld()
    for (const rule of rules) putRule(store, rule, start)
    await Effect.runPromiseExit(advance(killedAt(store, nth), hashes, until))
    // While the program was away no time went by: what it was about to do, it does now
    await restart(store, store.meta()?.looked ?? start)
    await go(store, until)
    assert.deepEqual(told(store), all, `killed at commit ${nth}`)
    const manifests = allKeys(store).filter((key) => key.endsWith("/manifest.json"))
    assert.deepEqual(manifests.length, all.length, `killed at commit ${nth}`)
  }
})

test("after a restart the last missed report of each rule is made, and the earlier ones are kept as missed", async () => {
  const store = makeWorld()
  await put(store, keyOfText("a"), "a")
  for (const rule of rules) putRule(store, rule, start)
  await go(store, start + day)
  const now = start + 20 * day
  const made = await restart(store, now)
  for (const rule of rules) {
    const fallen = expected(rule, start + day, now)
    assert.deepEqual(dues(made, rule.id), fallen.slice(-1), rule.id)
    const missed = store.runs().filter(({ state }) => state === "missed")
    assert.deepEqual(dues(missed, rule.id), fallen.slice(0, -1), rule.id)
    assert.equal(missed.every(({ why }) => /was not running/.test(why!)), true)
  }
  assert.equal(made.every(({ state }) => state === "done"), true)
  assert.deepEqual(await restart(store, now), [])
  assert.deepEqual((await go(store, now + day)).map(({ due }) => due), [now + day])
})

test("after a restart a report that was being made is made from the start", async () => {
  const store = makeWorld()
  await put(store, keyOfText("a"), "a")
  const run = beginRun(store, { bucket: source, rule: "once", job: "am9i", xml: writeConfiguration(daily) }, start)
  store.commit([{ _tag: "RunPut", run }])
  const [made, ...more] = await restart(store, start)
  assert.deepEqual([made!.id, made!.job, made!.state, more], [run.id, "am9i", "done", []])
  assert.deepEqual(store.runs(), [made])
  assert.equal((await readReport(store, made!)).rows.length, 1)
})

test("the reports of many buckets and rules come in order of time", () => {
  const store = makeWorld()
  for (let bucket = 0; bucket < 20; bucket++) {
    const name = `many-${bucket}-1250000000`
    store.commit([{ _tag: "BucketPut", bucket: bucketOf(name) }])
    for (let i = 0; i < 10; i++) {
      const schedule = i % 3 === 0
        ? { frequency: "Monthly", monthlyDate: 1 + (bucket + i) % 28 }
        : rules[i % 3]!.schedule
      putRule(store, ruleOf({ id: `r${i}`, schedule }), start + i * day, name)
    }
  }
  const due = [...runsDue(store, start + 60 * day)]
  assert.deepEqual(due.map(({ at }) => at), due.map(({ at }) => at).toSorted((a, b) => a - b))
  const each = store.buckets().flatMap(({ name, rules }) => [...rules.values()].map((rule) => `${name} ${rule.id}`))
  assert.equal(each.length, 200)
  assert.equal(new Set(due.map(({ bucket, rule }) => `${bucket} ${rule.id}`)).size, 200)
  assert.equal(new Set(due.map(({ bucket, rule, at }) => `${bucket} ${rule.id} ${at}`)).size, due.length)
})

test("the destination of a run is the bucket that its keys are in", async () => {
  const store = makeWorld()
  putRule(store, daily, start)
  const [run] = await go(store, start + day)
  assert.equal(run!.destination, destination)
})
