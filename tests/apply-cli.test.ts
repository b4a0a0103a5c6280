/** `apply` as people and programs run it: against several buckets behind a socket. */
import { strict as assert } from "node:assert"
import { writeFile } from "node:fs/promises"
import { test } from "node:test"
import type { BucketOptions } from "../adapters/memory/mod.ts"
import { checksumOf } from "../core/plan/document.ts"
import { invoke, type LocalCos, type Outcome, withCos } from "./cli.ts"
import { type At, withFiles } from "./folder.ts"
import { goodRule } from "./generated.ts"
import { document } from "./rules-document.ts"

const region = "ap-guangzhou"
const [one, two, three] = ["one-1250000000", "two-1250000000", "three-1250000000"]

interface World extends LocalCos {
  readonly apply: LocalCos["go"]
  /** Sorted, since writes made together come in any order. */
  readonly idsOf: (bucket: string) => ReadonlyArray<string>
  /** How many requests of this method there were. */
  readonly count: (method: string) => number
  readonly at: At
}

/** Buckets with these rules, of which some may not be written to, and a folder with these files. */
const withWorld = (
  buckets: ReadonlyArray<Omit<BucketOptions, "region">>,
  files: Readonly<Record<string, string>>,
  body: (world: World) => Promise<void>,
): Promise<void> =>
  withFiles(files, (at) =>
    withCos({ buckets: buckets.map((bucket) => ({ region, ...bucket })) }, (local) =>
      body({
        ...local,
        at,
        apply: (args, invocation) => local.go(["apply", ...args], invocation),
        idsOf: (bucket) => [...local.cos.store.bucket(bucket)!.rules.keys()].sort(),
        count: (method) => local.asked.filter((request) => request.startsWith(`${method} `)).length,
      })))

const daily = (buckets: ReadonlyArray<string>, ids = ["daily-a", "daily-b"]): string =>
  document(buckets, ids.map((id) => ({ id, filter: { prefix: `${id}/` } })), { manages: ["daily-*"] })

/** A plan file as if it had been made so. */
const sealed = (document: Record<string, unknown>): string =>
  JSON.stringify({ ...document, checksum: checksumOf(document) })

const resultsOf = (outcome: Outcome) => JSON.parse(outcome.out).results
const statesOf = (outcome: Outcome): Record<string, string> =>
  Object.fromEntries(resultsOf(outcome).map((r: { bucket: string; state: string }) => [r.bucket, r.state]))

test("`apply` makes buckets as a folder wants them, and does nothing when it is run a second time", async () => {
  const files = { "rules/a.yaml": daily([one, two]), "rules/b.yaml": document([two], [{ id: "other" }]) }
  await withWorld(
    [{ name: one, rules: [goodRule("daily-gone", "a"), goodRule("own", "b")] }, { name: two }],
    files,
    async (
      { apply, at, idsOf, count },
    ) => {
      const first = await apply([at("rules"), "--prune", "--yes"])
      assert.equal(first.code, 0, first.err)
      assert.deepEqual([idsOf(one), idsOf(two)], [["daily-a", "daily-b", "own"], ["daily-a", "daily-b", "other"]])
      assert.match(first.out, /^ {2}\+ create +daily-a$/mu)
      assert.match(first.out, /^one-1250000000: created "daily-b"$/mu)
      assert.match(first.out, /^one-1250000000: deleted "daily-gone"$/mu)
      assert.deepEqual(first.out.split("\n").slice(-5), [
        "BUCKET          REGION        CREATED  UPDATED  DELETED  KEPT  STATE",
        "one-1250000000  ap-guangzhou  2        0        1        0     done",
        "two-1250000000  ap-guangzhou  3        0        0        0     done",
        "",
        "5 created, 0 updated, 1 deleted in 2 buckets",
      ])
      assert.equal(first.err, "")
      const puts = count("PUT")
      const second = await apply([at("rules"), "--prune"])
      assert.deepEqual([second.code, second.err], [0, ""])
      assert.match(second.out, /^No changes/u)
      const third = await apply([at("rules"), "--prune", "-o", "json"])
      assert.deepEqual(statesOf(third), { [one]: "unchanged", [two]: "unchanged" })
      assert.equal(count("PUT"), puts)
    },
  )
})

test("`apply` does what a plan file says and nothing else when it is a file or standard input", async () => {
  for (const form of ["json", "yaml"] as const) {
    for (const way of ["file", "standard input"] as const) {
      await withWorld(
        [{ name: one, rules: [goodRule("daily-gone", "a")] }],
        { "rules.yaml": daily([one]), "plan": "" },
        async (
          { apply, go, at, idsOf },
        ) => {
          const planned = await go(["plan", at("rules.yaml"), "--prune", "-o", form])
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

test("`apply` takes rules from standard input when the file is -", async () => {
  await withWorld([{ name: one }], {}, async ({ apply, idsOf }) => {
    const applied = await apply(["-", "--yes"], { stdin: daily([one]) })
    assert.equal(applied.code, 0, applied.err)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b"])
  })
})

test("`apply` of a plan file completes it when a part of it is done already", async () => {
  await withWorld([{ name: one }, { name: two }], { "rules.yaml": daily([one, two]), "plan.json": "" }, async (
    { apply, go, at, idsOf, count, fault },
  ) => {
    await writeFile(at("plan.json"), (await go(["plan", at("rules.yaml"), "-o", "json"])).out)
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

test("`apply` of a plan file refuses a bucket and makes the others when it has changed meanwhile", async () => {
  const files = { "rules.yaml": daily([one, two]), "plan.json": "" }
  await withWorld([{ name: one }, { name: two }], files, async ({ apply, go, at, idsOf }) => {
    await writeFile(at("plan.json"), (await go(["plan", at("rules.yaml"), "-o", "json"])).out)
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
  await withWorld([{ name: one }], { ...files, "rules.yaml": daily([one]) }, async ({ apply, go, at, cos }) => {
    const planned = JSON.parse((await go(["plan", at("rules.yaml"), "-o", "json"])).out)
    planned.plan.buckets[0].untouched = "1"
    await writeFile(at("plan.json"), sealed(planned))
    const stale = await apply([at("plan.json"), "--yes", "-o", "json"])
    assert.equal(stale.code, 7)
    assert.equal(JSON.parse(stale.err).error.exitCode, 7)
    assert.deepEqual(statesOf(stale), { [one]: "changed" })
    assert.equal(resultsOf(stale)[0].error.exitCode, 7)
    assert.equal(cos.store.bucket(one)!.rules.size, 0)
  })
})

test("`apply` of a plan file refuses flags before anything is written when they would change it", async () => {
  await withWorld([{ name: one }, { name: two }], { "rules.yaml": daily([one, two]), "plan.json": "" }, async (
    { apply, go, at, count },
  ) => {
    const planned = JSON.parse((await go(["plan", at("rules.yaml"), "-o", "json"])).out)
    await writeFile(at("plan.json"), JSON.stringify(planned))
    for (const flags of [["--prune"], ["--bucket", one], ["--bucket", `${one}@${region}`]]) {
      const refused = await apply([at("plan.json"), "--yes", ...flags])
      assert.equal(refused.code, 64, refused.out)
      assert.match(refused.err, /a plan file is carried out as it stands/u)
    }
    assert.equal(count("PUT"), 0)
  })
})

test("`apply` leaves a bucket alone and makes the others when its plan passes the limit", async () => {
  const full = Array.from({ length: 999 }, (_, i) => goodRule(`own-${i}`, "a"))
  const files = { "both.yaml": daily([one, two]), "full.yaml": daily([one]), "plan.json": "" }
  await withWorld([{ name: one, rules: full }, { name: two }], files, async ({ apply, go, at, idsOf }) => {
    const planned = await go(["plan", at("both.yaml"), "-o", "json"])
    await writeFile(at("plan.json"), planned.out)
    const asked = await apply([at("both.yaml")], { terminal: true })
    assert.deepEqual(asked.asked, ["Create 2, update 0 and delete 0 rules in two-1250000000?"])
    const mixed = await apply([at("plan.json"), "--yes"])
    assert.equal(mixed.code, 8, mixed.err)
    assert.match(
      mixed.err,
      /^Cannot apply the plan of one-1250000000 \(ap-guangzhou\): the bucket would have 1 rule more than COS takes; nothing was written to it$/mu,
    )
    assert.match(mixed.err, /1 of 2 buckets failed; mend these, then run it again$/u)
    assert.match(mixed.out, /^one-1250000000 +ap-guangzhou +0 +0 +0 +0 +failed: the bucket would have 1 rule more/mu)
    assert.match(mixed.out, /\n2 created, 0 updated, 0 deleted in 1 bucket; 2 not started$/u)
    assert.deepEqual([idsOf(one).length, idsOf(two)], [999, ["daily-a", "daily-b"]])
    const only = await apply([at("full.yaml"), "-o", "json"])
    assert.deepEqual([only.code, only.asked], [7, []])
    assert.deepEqual(statesOf(only), { [one]: "failed" })
    assert.equal(resultsOf(only)[0].error.exitCode, 7)
    assert.equal(JSON.parse(only.err).error.exitCode, 7)
  })
})

test("`apply` shows everything and asks COS for nothing when a plan file is wrong", async () => {
  await withWorld(
    [{ name: one }],
    { "rules.yaml": daily([one]), "plan.json": "" },
    async ({ apply, go, at, count }) => {
      const planned = JSON.parse((await go(["plan", at("rules.yaml"), "-o", "json"])).out)
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
    [{ name: one, rules: [goodRule("daily-a", "old")] }, { name: two }],
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
      assert.match(mixed.err, /2 of 3 buckets failed; mend these, then run it again$/u)
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
    const [{ state, writes, error }] = resultsOf(broken)
    assert.equal(state, "failed")
    // It stands there, which is seen; why the bucket was given up is said all the same
    assert.deepEqual(writes.map((write: { result: string }) => write.result), ["done", "done", "not started"])
    assert.deepEqual([error.sent, error.action], ["maybe", `write more to ${one} (${region})`])
    cos.faults.clear()
    const puts = count("PUT")
    const again = await apply([at("rules.yaml"), "--yes"])
    assert.equal(again.code, 0, again.err)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b", "daily-c"])
    assert.equal(count("PUT"), puts + 1)
  })
})

test("`apply` says that a write was made after all when its answer was lost and COS shows it", async () => {
  await withWorld([{ name: one }], { "rules.yaml": daily([one]) }, async ({ apply, at, fault, idsOf }) => {
    fault({ match: { operation: "PutBucketInventory", id: "daily-b" }, drop: "after" })
    const { code, out, err } = await apply([at("rules.yaml"), "--yes", "--parallel", "1"])
    assert.equal(code, 0, err)
    assert.deepEqual(out.match(/^one-1250000000: .*"daily-b".*$/gmu), [
      'one-1250000000: could not create "daily-b", or perhaps did',
      'one-1250000000: created "daily-b" after all',
    ])
    assert.match(out, /\n2 created, 0 updated, 0 deleted in 1 bucket$/u)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b"])
  })
})

test("`apply` leaves in doubt what it does not find, says what to do about it, and completes it when run again", async () => {
  await withWorld([{ name: one }], { "rules.yaml": daily([one], ["daily-a", "daily-b", "daily-c"]) }, async (
    { apply, at, idsOf, fault, cos, count },
  ) => {
    fault({ match: { operation: "PutBucketInventory", id: "daily-b" }, drop: "before" })
    const broken = await apply([at("rules.yaml"), "--yes", "--parallel", "1"])
    assert.equal(broken.code, 6, broken.err)
    assert.match(broken.out, /^one-1250000000: could not create "daily-b", or perhaps did$/mu)
    assert.match(broken.out, /\n1 created, 0 updated, 0 deleted in 1 bucket; 1 in doubt, 1 not started$/u)
    assert.match(
      broken.err,
      /\n1 write in doubt may have been made, which the next run looks at first; running it again completes what is left$/u,
    )
    cos.faults.clear()
    const puts = count("PUT")
    const again = await apply([at("rules.yaml"), "--yes"])
    assert.equal(again.code, 0, again.err)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-b", "daily-c"])
    assert.equal(count("PUT"), puts + 2)
  })
})

test("`apply` writes the other rules of a bucket when COS refuses one for what it is, and deletes nothing", async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `daily-${String(i).padStart(2, "0")}`)
  await withWorld(
    [{ name: one, rules: [goodRule("daily-gone", "a")] }],
    { "rules.yaml": daily([one], ids) },
    async ({ apply, at, idsOf, fault, cos }) => {
      fault({ match: { operation: "PutBucketInventory", id: ids[0] }, code: "InvalidArgument" })
      const first = await apply([at("rules.yaml"), "--prune", "--yes", "--parallel", "1"])
      assert.equal(first.code, 5, first.err)
      assert.deepEqual(idsOf(one), [...ids.slice(1), "daily-gone"])
      assert.match(first.out, /\n19 created, 0 updated, 0 deleted in 1 bucket; 1 failed, 1 not started$/u)
      assert.match(first.err, /\nmend these, then run it again$/u)
      cos.faults.clear()
      assert.equal((await apply([at("rules.yaml"), "--prune", "--yes"])).code, 0)
      assert.deepEqual(idsOf(one), ids)
    },
  )
})

test("`apply` says that running it again completes the rest when it is an outage alone that failed", async () => {
  await withWorld([{ name: one }, { name: two }], { "rules.yaml": daily([one, two]) }, async ({ apply, at, fault }) => {
    fault({ match: { bucket: one, method: "GET" }, status: 429, code: "TooManyRequests", after: 1 })
    const throttled = await apply([at("rules.yaml"), "--yes"])
    assert.equal(throttled.code, 8, throttled.err)
    assert.match(throttled.err, /1 of 2 buckets failed; running it again completes what is left$/u)
  })
})

test("`apply --prune` says that it deletes nothing when no file has manages", async () => {
  const files = { "rules.yaml": document([one], [{ id: "daily-a" }]) }
  await withWorld([{ name: one, rules: [goodRule("daily-gone", "a")] }], files, async ({ apply, at, idsOf }) => {
    const note = /^Note: --prune deletes nothing: no file has manages/mu
    const pruned = await apply([at("rules.yaml"), "--prune", "--yes"])
    assert.equal(pruned.code, 0, pruned.err)
    assert.match(pruned.err, note)
    assert.deepEqual(idsOf(one), ["daily-a", "daily-gone"])
    assert.doesNotMatch((await apply([at("rules.yaml"), "--yes"])).err, note)
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
  await withWorld([{ name: one, denied }, { name: two }], files, async ({ apply, go, at, idsOf }) => {
    const planned = await go(["plan", at("rules.yaml"), "-o", "json"])
    assert.equal(planned.code, 8)
    await writeFile(at("plan.json"), planned.out)
    const applied = await apply([at("plan.json"), "--yes"])
    assert.equal(applied.code, 8, applied.err)
    assert.match(applied.err, /^Note: The plan says nothing of 1 bucket that could not be read/mu)
    assert.match(applied.err, /1 of 2 buckets failed; plan again$/u)
    assert.deepEqual(idsOf(two), ["daily-a", "daily-b"])
  })
})

test("`apply` shows nothing that a terminal would obey when an id in the bucket holds it", async () => {
  const hostile = "daily-\u009b31m\u202eok"
  await withWorld([{ name: one, rules: [goodRule(hostile, "a")] }], { "rules.yaml": daily([one]) }, async (
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
  const none = document([], [{ id: "daily-a" }], { buckets: [] })
  await withWorld([{ name: one }], { "rules.yaml": none }, async ({ apply, at, count }) => {
    const table = await apply([at("rules.yaml"), "--yes"])
    assert.equal(table.code, 0, table.err)
    assert.match(table.err, /Note: no bucket is chosen/u)
    const inJson = await apply([at("rules.yaml"), "--yes", "-o", "json"])
    assert.deepEqual([inJson.code, JSON.parse(inJson.out).results, inJson.err], [0, [], ""])
    assert.equal(count("PUT"), 0)
  })
})

test("`apply` refuses when --parallel is less than one", async () => {
  const { code, err } = await invoke(["apply", "rules.yaml", "--parallel", "0"])
  assert.equal(code, 64)
  assert.match(err, /--parallel is at least 1, not 0/u)
})

test("`apply` says that COS has no conditional write when it is asked for help", async () => {
  const { code, out } = await invoke(["apply", "--help"])
  assert.equal(code, 0)
  assert.match(out.replaceAll(/\s+/gu, " "), /COS has no conditional write/u)
})
