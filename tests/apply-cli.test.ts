/** `apply` as people and programs run it: against several buckets behind a socket. */
import { strict as assert } from "node:assert"
import { writeFile } from "node:fs/promises"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { readFaults } from "../adapters/memory/faults/mod.ts"
import { type BucketOptions, type Cos, demoKey, open } from "../adapters/memory/mod.ts"
import { listen } from "../http/listen.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { type Invocation, invoke, type Outcome, settingsFor } from "./cli.ts"
import { good } from "./generated.ts"
import { document, withFiles } from "./plan-cos.ts"

const region = "ap-guangzhou"
const [one, two, three] = ["one-1250000000", "two-1250000000", "three-1250000000"]
const rule = (id: string, prefix: string): InventoryConfiguration => ({ ...good, id, filter: { prefix } })

interface World {
  readonly apply: (args: ReadonlyArray<string>, invocation?: Invocation) => Promise<Outcome>
  readonly run: (args: ReadonlyArray<string>, invocation?: Invocation) => Promise<Outcome>
  readonly fault: (fault: unknown) => void
  /** Sorted, since writes made together come in any order. */
  readonly idsOf: (bucket: string) => ReadonlyArray<string>
  readonly cos: Cos
  /** How many requests of this method were answered. */
  readonly count: (method: string) => number
  readonly at: (name: string) => string
}

/** Buckets with these rules, of which some may not be written to, and a folder with these files. */
const withWorld = (
  buckets: ReadonlyArray<Omit<BucketOptions, "region">>,
  files: Readonly<Record<string, string>>,
  body: (world: World) => Promise<void>,
): Promise<void> =>
  withFiles(files, (at) =>
    Effect.gen(function* () {
      const cos = yield* open({ buckets: buckets.map((bucket) => ({ region, ...bucket })), keys: [demoKey] })
      const { origin } = yield* listen({ app: yield* wire(cos) })
      const { COS_BUCKET: _, ...env } = settingsFor(origin)
      const run = (args: ReadonlyArray<string>, invocation: Invocation = {}) => invoke(args, { env, ...invocation })
      yield* Effect.promise(() =>
        body({
          cos,
          at,
          run,
          apply: (args, invocation) => run(["apply", ...args], invocation),
          fault: (fault) => Result.getOrThrow(readFaults(fault)).forEach((each) => cos.faults.add(each)),
          idsOf: (bucket) => [...cos.store.bucket(bucket)!.rules.keys()].sort(),
          count: (method) => cos.journal.requests().filter((request) => request.method === method).length,
        })
      )
    }).pipe(Effect.scoped, Effect.provide(layerHashes), Effect.runPromise))

const daily = (buckets: ReadonlyArray<string>, ids = ["daily-a", "daily-b"]): string =>
  document(buckets, ids.map((id) => ({ id, filter: { prefix: `${id}/` } })), { manages: ["daily-*"] })

const resultsOf = (outcome: Outcome) => JSON.parse(outcome.out).results
const statesOf = (outcome: Outcome): Record<string, string> =>
  Object.fromEntries(resultsOf(outcome).map((r: { bucket: string; state: string }) => [r.bucket, r.state]))

test("`apply` makes the buckets of a folder as it wants them, and a second time does nothing", async () => {
  const files = { "rules/a.yaml": daily([one, two]), "rules/b.yaml": document([two], [{ id: "other" }]) }
  await withWorld([{ name: one, rules: [rule("daily-gone", "a"), rule("own", "b")] }, { name: two }], files, async (
    { apply, at, idsOf, count },
  ) => {
    const first = await apply([at("rules"), "--prune", "--yes"])
    assert.equal(first.code, 0, first.err)
    assert.deepEqual([idsOf(one), idsOf(two)], [["daily-a", "daily-b", "own"], ["daily-a", "daily-b", "other"]])
    assert.match(first.out, /^ {2}\+ create +daily-a$/mu)
    assert.match(first.out, /^one-1250000000: created "daily-b"$/mu)
    assert.match(first.out, /^one-1250000000: deleted "daily-gone"$/mu)
    assert.deepEqual(first.out.split("\n").slice(-3), [
      "BUCKET          REGION        CREATED  UPDATED  DELETED  KEPT  STATE",
      "one-1250000000  ap-guangzhou  2        0        1        0     done",
      "two-1250000000  ap-guangzhou  3        0        0        0     done",
    ])
    assert.equal(first.err, "")
    const puts = count("PUT")
    const second = await apply([at("rules"), "--prune"])
    assert.deepEqual([second.code, second.err], [0, ""])
    assert.match(second.out, /^No changes/u)
    const third = await apply([at("rules"), "--prune", "-o", "json"])
    assert.deepEqual(statesOf(third), { [one]: "unchanged", [two]: "unchanged" })
    assert.equal(count("PUT"), puts)
  })
})

test("`apply` of a plan file does that and nothing else, from a file or standard input", async () => {
  for (const form of ["json", "yaml"] as const) {
    for (const way of ["file", "standard input"] as const) {
      await withWorld(
        [{ name: one, rules: [rule("daily-gone", "a")] }],
        { "rules.yaml": daily([one]), "plan": "" },
        async (
          { apply, run, at, idsOf },
        ) => {
          const planned = await run(["plan", at("rules.yaml"), "--prune", "-o", form])
          assert.equal(planned.code, 2, planned.err)
          await writeFile(at("plan"), planned.out)
          // What the rules say now is of no interest
          await writeFile(at("rules.yaml"), daily([one], ["else"]))
          const applied = way === "file"
            ? await apply([at("plan"), "--yes"])
            : await apply(["-", "--yes"], { stdin: planned.out })
          assert.equal(applied.code, 0, applied.err)
          assert.deepEqual(idsOf(one), ["daily-a", "daily-b"])
        },
      )
    }
  }
})

test("`apply` takes rules from standard input", async () => {
  await withWorld([{ name: one }], {}, async ({ apply, idsOf }) => {
    const applied = await apply(["-", "--yes"], { stdin: daily([one]) })
    assert.equal(applied.code, 0, applied.err)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b"])
  })
})

test("`apply` of a plan file completes it when a part of it is done already", async () => {
  await withWorld([{ name: one }, { name: two }], { "rules.yaml": daily([one, two]), "plan.json": "" }, async (
    { apply, run, at, idsOf, count, fault },
  ) => {
    await writeFile(at("plan.json"), (await run(["plan", at("rules.yaml"), "-o", "json"])).out)
    fault({ match: { operation: "PutBucketInventory", bucket: two, id: "daily-b" }, code: "AccessDenied", times: 1 })
    const first = await apply([at("plan.json"), "--yes", "-o", "json"])
    assert.equal(first.code, 8, first.err)
    assert.deepEqual(statesOf(first), { [one]: "done", [two]: "failed" })
    const [, failed] = resultsOf(first)
    assert.deepEqual(failed.writes.map((write: { id: string; result: string }) => [write.id, write.result]), [
      ["daily-a", "done"],
      ["daily-b", "failed"],
    ])
    assert.equal(failed.writes[1].error.code, "AccessDenied")
    assert.equal(JSON.parse(first.err).error.exitCode, 8)
    assert.deepEqual(idsOf(two), ["daily-a"])
    const puts = count("PUT")
    const second = await apply([at("plan.json"), "--yes", "-o", "json"])
    assert.equal(second.code, 0, second.err)
    assert.deepEqual(
      resultsOf(second).map((r: { writes: ReadonlyArray<{ result: string }> }) => r.writes.map((w) => w.result)),
      [
        ["done earlier", "done earlier"],
        ["done earlier", "done"],
      ],
    )
    assert.equal(count("PUT"), puts + 1)
  })
})

test("`apply` of a plan file refuses the bucket that has changed meanwhile, and makes the others", async () => {
  const files = { "rules.yaml": daily([one, two]), "plan.json": "" }
  await withWorld([{ name: one }, { name: two }], files, async ({ apply, run, at, idsOf }) => {
    await writeFile(at("plan.json"), (await run(["plan", at("rules.yaml"), "-o", "json"])).out)
    await writeFile(at("rules.yaml"), daily([one], ["daily-b", "foreign"]).replace("daily-b/", "else/"))
    assert.equal((await apply([at("rules.yaml"), "--yes"])).code, 0)
    const stale = await apply([at("plan.json"), "--yes"])
    assert.equal(stale.code, 8)
    assert.match(
      stale.err,
      /Cannot apply the plan of one-1250000000 \(ap-guangzhou\): the bucket has changed since it was planned: "daily-b", and rules that the plan does not touch\n {2}fix: {4}Plan again/u,
    )
    assert.match(stale.out, /one-1250000000 +ap-guangzhou +0 +0 +0 +0 +changed/u)
    assert.deepEqual([idsOf(one), idsOf(two)], [["daily-b", "foreign"], ["daily-a", "daily-b"]])
  })
  await withWorld([{ name: one }], { ...files, "rules.yaml": daily([one]) }, async ({ apply, run, at, cos }) => {
    const planned = JSON.parse((await run(["plan", at("rules.yaml"), "-o", "json"])).out)
    planned.plan.buckets[0].untouched = "1"
    await writeFile(at("plan.json"), JSON.stringify(planned))
    const stale = await apply([at("plan.json"), "--yes", "-o", "json"])
    assert.equal(stale.code, 7)
    assert.equal(JSON.parse(stale.err).error.exitCode, 7)
    assert.deepEqual(statesOf(stale), { [one]: "changed" })
    assert.equal(resultsOf(stale)[0].error.exitCode, 7)
    assert.equal(cos.store.bucket(one)!.rules.size, 0)
  })
})

test("`apply` of a plan file refuses flags that would change it, and plans beyond the limit, before anything is written", async () => {
  await withWorld([{ name: one }, { name: two }], { "rules.yaml": daily([one, two]), "plan.json": "" }, async (
    { apply, run, at, count },
  ) => {
    const planned = JSON.parse((await run(["plan", at("rules.yaml"), "-o", "json"])).out)
    await writeFile(at("plan.json"), JSON.stringify(planned))
    for (const flags of [["--prune"], ["--bucket", one], ["--bucket", `${one}@${region}`]]) {
      const refused = await apply([at("plan.json"), "--yes", ...flags])
      assert.equal(refused.code, 64, refused.out)
      assert.match(refused.err, /a plan file is carried out as it stands/u)
    }
    planned.plan.buckets[1].over = 12
    await writeFile(at("plan.json"), JSON.stringify(planned))
    const over = await apply([at("plan.json"), "--yes"])
    assert.equal(over.code, 7)
    assert.match(
      over.err,
      /two-1250000000 \(ap-guangzhou\) would have 12 rules more than COS takes; nothing was written/u,
    )
    assert.equal(count("PUT"), 0)
  })
})

test("`apply` shows everything that is wrong with a plan file, and asks COS for nothing", async () => {
  await withWorld(
    [{ name: one }],
    { "rules.yaml": daily([one]), "plan.json": "" },
    async ({ apply, run, at, count }) => {
      const planned = JSON.parse((await run(["plan", at("rules.yaml"), "-o", "json"])).out)
      planned.plan.buckets[0].steps[0].id = "other"
      planned.plan.buckets[0].steps[1].action = "replace"
      await writeFile(at("plan.json"), JSON.stringify(planned, null, 2))
      const gets = count("GET")
      const refused = await apply([at("plan.json"), "--yes"])
      assert.equal(refused.code, 5)
      assert.match(refused.err, /plan\.json:\d+:\d+ plan\.buckets\[0\]\.steps\[0\]\.after\.id: .+\[id-differs\]/u)
      assert.match(refused.err, /plan\.json:\d+:\d+ plan\.buckets\[0\]\.steps\[1\]\.action: .+\[action-unknown\]/u)
      assert.equal(count("GET"), gets)
    },
  )
})

test("`apply` asks on a terminal, once, and does nothing when nobody can answer or the answer is no", async () => {
  await withWorld(
    [{ name: one, rules: [rule("daily-a", "old")] }, { name: two }],
    { "rules.yaml": daily([one, two]) },
    async (
      { apply, at, count, idsOf },
    ) => {
      const alone = await apply([at("rules.yaml")])
      assert.deepEqual([alone.code, alone.asked, count("PUT")], [64, [], 0])
      assert.match(alone.err, /it has to be confirmed/u)
      const inJson = await apply([at("rules.yaml"), "-o", "json"])
      assert.deepEqual([inJson.code, inJson.out, count("PUT")], [64, "", 0])
      assert.equal(JSON.parse(inJson.err).error.exitCode, 64)
      const declined = await apply([at("rules.yaml")], { terminal: true })
      assert.equal(declined.code, 1)
      assert.deepEqual(declined.asked, ["Create 3, update 1 and delete 0 rules in 2 buckets?"])
      assert.match(declined.out, /~ .*update +daily-a/u)
      assert.equal(count("PUT"), 0)
      const shown = await apply([at("rules.yaml"), "-o", "yaml"], { terminal: true })
      assert.deepEqual([shown.code, shown.out], [1, ""])
      assert.match(shown.err, /\+ .*create +daily-b/u)
      const accepted = await apply([at("rules.yaml")], { terminal: true, answer: true })
      assert.equal(accepted.code, 0, accepted.err)
      assert.deepEqual(idsOf(two), ["daily-a", "daily-b"])
    },
  )
})

test("`apply` goes on with the other buckets when one cannot be read or written, and ends with 8, or with their code", async () => {
  const rules = { "rules.yaml": daily([one, two, three]), "denied.yaml": daily([one]), "both.yaml": daily([one, two]) }
  const denied = ["GetBucketInventory", "ListBucketInventory"]
  await withWorld(
    [{ name: one, denied }, { name: two, denied: ["PutBucketInventory"] }, { name: three }],
    rules,
    async (
      { apply, at, idsOf },
    ) => {
      const mixed = await apply([at("rules.yaml"), "--yes"])
      assert.equal(mixed.code, 8, mixed.out)
      assert.match(mixed.err, /Cannot plan one-1250000000 \(ap-guangzhou\): AccessDenied/u)
      assert.match(mixed.err, /Cannot create "daily-[ab]" in two-1250000000 \(ap-guangzhou\): AccessDenied/u)
      assert.match(mixed.err, /2 of 3 buckets failed; running it again completes what is left/u)
      assert.match(mixed.out, /^two-1250000000 +ap-guangzhou +0 +0 +0 +0 +failed: AccessDenied/mu)
      assert.match(mixed.out, /^one-1250000000 +ap-guangzhou +- +- +- +- +failed: AccessDenied/mu)
      assert.match(mixed.out, /^three-1250000000 +ap-guangzhou +2 +0 +0 +0 +done$/mu)
      assert.deepEqual(idsOf(three), ["daily-a", "daily-b"])
      assert.equal((await apply([at("both.yaml"), "--yes"])).code, 4)
      const only = await apply([at("denied.yaml"), "--yes", "-o", "json"])
      assert.equal(only.code, 4)
      assert.deepEqual(statesOf(only), { [one]: "failed" })
      assert.equal(JSON.parse(only.err).error.exitCode, 4)
    },
  )
})

test("`apply` says what is in doubt when the connection breaks under a write, and completes it when run again", async () => {
  await withWorld([{ name: one }], { "rules.yaml": daily([one], ["daily-a", "daily-b", "daily-c"]) }, async (
    { apply, at, idsOf, fault, cos, count },
  ) => {
    fault({ match: { operation: "PutBucketInventory", id: "daily-b" }, drop: "after" })
    const broken = await apply([at("rules.yaml"), "--yes", "--parallel", "1", "-o", "json"])
    assert.equal(broken.code, 6, broken.err)
    const [{ state, writes }] = resultsOf(broken)
    assert.equal(state, "failed")
    assert.deepEqual(writes.map((write: { result: string }) => write.result), ["done", "in doubt", "not started"])
    assert.equal(writes[1].error.sent, "maybe")
    cos.faults.clear()
    const puts = count("PUT")
    const again = await apply([at("rules.yaml"), "--yes"])
    assert.equal(again.code, 0, again.err)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b", "daily-c"])
    assert.equal(count("PUT"), puts + 1)
  })
})

test("`apply` says once that COS took what it cannot read back, and finds it done when run again", async () => {
  await withWorld([{ name: one }], { "rules.yaml": daily([one]) }, async ({ apply, at, fault, cos }) => {
    // The first two are for the plan and for its check
    fault({ match: { operation: "ListBucketInventory" }, code: "AccessDenied", after: 2 })
    const unseen = await apply([at("rules.yaml"), "--yes"])
    assert.equal(unseen.code, 4, unseen.out)
    assert.match(unseen.out, /one-1250000000 +ap-guangzhou +2 +0 +0 +0 +not shown$/mu)
    assert.deepEqual(unseen.err.match(/^Cannot .*$/gmu), [
      "Cannot read back 2 rules of one-1250000000 (ap-guangzhou): COS took what was written, but could not be asked for it: AccessDenied: A fault was set to answer this.",
    ])
    cos.faults.clear()
    const again = await apply([at("rules.yaml")])
    assert.deepEqual([again.code, again.err], [0, ""])
  })
})

test("`apply` says so when a plan file lacks buckets that could not be read, and does the rest", async () => {
  const files = { "rules.yaml": daily([one, two]), "plan.json": "" }
  const denied = ["ListBucketInventory"]
  await withWorld([{ name: one, denied }, { name: two }], files, async ({ apply, run, at, idsOf }) => {
    const planned = await run(["plan", at("rules.yaml"), "-o", "json"])
    assert.equal(planned.code, 8)
    await writeFile(at("plan.json"), planned.out)
    const applied = await apply([at("plan.json"), "--yes"])
    assert.equal(applied.code, 0, applied.err)
    assert.match(applied.err, /^Note: The plan says nothing of 1 bucket that could not be read/mu)
    assert.deepEqual(idsOf(two), ["daily-a", "daily-b"])
  })
})

test("`apply` shows nothing that a terminal would obey when an id in the bucket holds it", async () => {
  const hostile = "daily-\u009b31m\u202eok"
  await withWorld([{ name: one, rules: [rule(hostile, "a")] }], { "rules.yaml": daily([one]) }, async (
    { apply, at, fault, idsOf },
  ) => {
    fault({ match: { operation: "DeleteBucketInventory" }, code: "AccessDenied", times: 1 })
    for (const form of ["table", "json", "yaml"]) {
      const { code, out, err } = await apply([at("rules.yaml"), "--prune", "--yes", "-o", form])
      assert.doesNotMatch(out + err, /[\u009b\u202e]/u)
      assert.equal(code, form === "table" ? 4 : 0, err)
    }
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b"])
  })
})

test("`apply` does nothing, and says so, when the files choose no bucket", async () => {
  const none = document([], [{ id: "daily-a" }], { buckets: [{ match: "none-*" }] })
  await withWorld([{ name: one }], { "rules.yaml": none }, async ({ apply, at, count }) => {
    const table = await apply([at("rules.yaml"), "--yes"])
    assert.equal(table.code, 0, table.err)
    assert.match(table.err, /Note: no bucket is chosen/u)
    const inJson = await apply([at("rules.yaml"), "--yes", "-o", "json"])
    assert.deepEqual([inJson.code, JSON.parse(inJson.out).results, inJson.err], [0, [], ""])
    assert.equal(count("PUT"), 0)
  })
})

test("`apply` refuses to send less than one request at once", async () => {
  const { code, err } = await invoke(["apply", "rules.yaml", "--parallel", "0"])
  assert.equal(code, 64)
  assert.match(err, /--parallel is at least 1, not 0/u)
})

test("`apply --help` says that COS has no conditional write", async () => {
  const { code, out } = await invoke(["apply", "--help"])
  assert.equal(code, 0)
  assert.match(out.replaceAll(/\s+/gu, " "), /COS has no conditional write/u)
})
