import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { readYaml } from "../adapters/yaml/mod.ts"
import { isPending, readPlan } from "../core/plan/mod.ts"
import { invoke, withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { at, many, rule, shut } from "./plan-shown.ts"
import { document } from "./rules-document.ts"

const [one, two, three] = ["onebucket-1250000000", "twobucket-1250000000", "threebucket-1250000000"] as const
const denied = "deniedbucket-1250000000"

test("`plan` shows each bucket, a table and a sum, changes nothing and exits 2 when something is to be done", async () => {
  await withFiles({
    "rules.yaml": document([one, two], [{ id: "new" }, { id: "kept" }, { id: "other", filter: { prefix: "media/" } }], {
      manages: ["daily-*"],
    }),
    "more/same.yaml": document([three], [{ id: "kept" }]),
  }, async (file) => {
    const rules = ["kept", "other", "daily-gone", "by-hand"].map((id) => rule(id))
    await withCos({ buckets: [at(one, rules), at(two), at(three, [rule("kept")])] }, async ({ env, asked }) => {
      const { code, out, err } = await invoke(["plan", file("."), "--prune"], { env })
      assert.equal(code, 2, err)
      assert.equal(err, `Note: 1 warning in 1 file; see it with cos-inventory lint ${file(".")}`)
      assert.equal(
        out,
        `threebucket-1250000000 (ap-guangzhou): no changes, 1 kept, 0 unmanaged

onebucket-1250000000 (ap-guangzhou)
  + create    new
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
  ~ update    other
      ~ filter.prefix: logs/ -> media/
      ! scans objects that it did not scan before
  - delete    daily-gone
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
      ! makes no more reports
  = keep      kept
  ? unmanaged by-hand: nothing manages it

twobucket-1250000000 (ap-guangzhou)
  + create    new
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
  + create    kept
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
  + create    other
      Weekly; prefix "media/"; CSV to inventorybucket-1250000000/reports

BUCKET                  REGION        CREATE  UPDATE  DELETE  KEEP  UNMANAGED
threebucket-1250000000  ap-guangzhou  0       0       0       1     0
onebucket-1250000000    ap-guangzhou  1       1       1       1     1
twobucket-1250000000    ap-guangzhou  3       0       0       0     0

Plan: 4 to create, 1 to update, 1 to delete; 2 kept, 1 unmanaged`,
      )
      assert.deepEqual([...new Set(asked.map((text) => text.split(" ")[0]))], ["GET"])
    })
  })
})

test("`plan` exits 0 and asks for no change when every bucket is as the files want it", async () => {
  await withFiles({ "a.yaml": document([one], [{ id: "kept" }]) }, async (file) => {
    await withCos({ buckets: [at(one, [rule("kept"), rule("by-hand")])] }, async ({ env }) => {
      const { code, out, err } = await invoke(["plan", file("a.yaml")], { env })
      assert.equal(code, 0, err)
      assert.equal(
        out,
        "onebucket-1250000000 (ap-guangzhou): no changes, 1 kept, 1 unmanaged\n\nNo changes: 1 kept, 1 unmanaged",
      )
      const all = await invoke(["plan", file("a.yaml"), "--all"], { env })
      assert.equal(all.code, 0)
      assert.match(all.out, /^ {2}= keep {6}kept\n {2}\? unmanaged by-hand: nothing manages it$/mu)
    })
  })
})

test("`plan --prune` says that it deletes nothing when no file manages anything", async () => {
  await withFiles({ "a.yaml": document([one], [{ id: "kept" }]) }, async (file) => {
    await withCos({ buckets: [at(one, [rule("kept"), rule("by-hand")])] }, async ({ env }) => {
      const { code, err } = await invoke(["plan", file("a.yaml"), "--prune"], { env })
      assert.equal(code, 0)
      assert.match(err, /^Note: --prune deletes nothing/u)
      assert.equal((await invoke(["plan", file("a.yaml"), "--prune", "-o", "json"], { env })).err, "")
    })
  })
})

test("`plan` goes on and exits 8 when some buckets cannot be read, and says which and why", async () => {
  const missing = "missingbucket-1250000000"
  await withFiles({ "a.yaml": document([one, denied, missing], [{ id: "new" }]) }, async (file) => {
    await withCos({ buckets: [at(one), shut(denied)] }, async ({ env }) => {
      const { code, out, err } = await invoke(["plan", file("a.yaml")], { env })
      assert.equal(code, 8, err)
      assert.match(out, /^deniedbucket-1250000000 .* failed: AccessDenied \(status 403\)$/mu)
      assert.match(out, /^missingbucket-1250000000 .* failed: NoSuchBucket \(status 404\)$/mu)
      assert.match(out, /Plan: 1 to create, .*; 2 buckets could not be read$/u)
      assert.match(err, /Cannot plan deniedbucket-1250000000 \(ap-guangzhou\): AccessDenied/u)
      assert.match(err, /Cannot plan missingbucket-1250000000 \(ap-guangzhou\): NoSuchBucket/u)

      const json = await invoke(["plan", file("a.yaml"), "-o", "json"], { env })
      assert.equal(json.code, 8)
      const { failures } = JSON.parse(json.out)
      assert.deepEqual(failures.map((f: { bucket: string }) => f.bucket), [denied, missing])
      assert.equal(failures[0].error.code, "AccessDenied")
      assert.equal(failures[0].error.exitCode, 4)
      const { error } = JSON.parse(json.err)
      assert.equal(error.exitCode, 8)
      assert.equal(error.failures.length, 2)

      const markdown = await invoke(["plan", file("a.yaml"), "-omarkdown"], { env })
      assert.equal(markdown.code, 8)
      assert.match(markdown.out, /failed: <code>AccessDenied &#40;status 403&#41;<\/code>/u)
    })
  })
})

test("`plan` exits with the buckets' own code when all failed alike", async () => {
  await withFiles({
    "a.yaml": document([denied], [{ id: "new" }]),
    "b.yaml": document(["deniedtoo-1250000000"], [{ id: "new" }]),
  }, async (file) => {
    await withCos({ buckets: [at(one), shut(denied), shut("deniedtoo-1250000000")] }, async ({ env }) => {
      const { code, out } = await invoke(["plan", file("a.yaml"), file("b.yaml")], { env })
      assert.equal(code, 4)
      assert.match(out, /No plan; 2 buckets could not be read$/u)
      const single = await invoke(["plan", file("a.yaml"), "-o", "json"], { env })
      assert.equal(single.code, 4)
      assert.equal(JSON.parse(single.err).error.code, "AccessDenied")
    })
  })
})

test("`plan` exits 7 and shows the plan when a bucket would pass its 1000 rules", async () => {
  await withFiles({ "a.yaml": document([one, two], [{ id: "new-1" }, { id: "new-2" }]) }, async (file) => {
    await withCos({ buckets: [at(one, many(999, "by-hand")), at(two)] }, async ({ env }) => {
      const { code, out, err } = await invoke(["plan", file("a.yaml")], { env })
      assert.equal(code, 7, err)
      assert.match(out, /^ {2}! cannot be applied: 1 rule more than the 1000 that a bucket holds$/mu)
      assert.match(
        err,
        /^Cannot apply the plan of onebucket-1250000000 \(ap-guangzhou\): .*would have 1 rule more/mu,
      )
      const json = await invoke(["plan", file("a.yaml"), "-ojson"], { env })
      assert.equal(json.code, 7)
      assert.equal(JSON.parse(json.out).plan.buckets[0].over, 1)
      assert.equal(JSON.parse(json.err).error.exitCode, 7)
    })
  })
})

test("`plan -o json` and `-o yaml` are one plan file, which is read back whole", async () => {
  await withFiles({
    "a.yaml": document([one, denied], [{ id: "new" }, { id: "kept" }, { id: "wider", filter: { prefix: "lo" } }], {
      manages: ["daily-*"],
    }),
  }, async (file) => {
    const there = at(one, ["kept", "wider", "daily-gone", "by-hand"].map((id) => rule(id)))
    await withCos({ buckets: [there, shut(denied)] }, async ({ env }) => {
      const json = await invoke(["plan", file("a.yaml"), "--prune", "-o", "json"], { env })
      const value = JSON.parse(json.out)
      assert.deepEqual(Object.keys(value), ["version", "plan", "failures", "checksum"])
      assert.deepEqual(value.plan.counts, { create: 1, update: 1, delete: 1, keep: 1, unmanaged: 1 })
      const { plan, findings } = readPlan({ value })
      assert.deepEqual(findings.map(({ code }) => code), ["plan-partial"])
      assert.equal(plan?.prune, true)
      assert.deepEqual(plan.buckets.map(({ bucket }) => bucket), [one])
      assert.deepEqual(plan.buckets[0]!.steps.map(({ action, id }) => `${action} ${id}`), [
        "create new",
        "keep kept",
        "update wider",
        "delete daily-gone",
        "unmanaged by-hand",
      ])
      assert.ok(plan.buckets.every(isPending))
      const yaml = await invoke(["plan", file("a.yaml"), "--prune", "-o", "yaml"], { env })
      const [document] = Result.getOrThrow(readYaml(yaml.out))
      const { plan: again } = document!.value as typeof value
      assert.deepEqual(again, value.plan)
      assert.match(yaml.err, /AccessDenied/u)
    })
  })
})

test("`plan` says that there is nothing to plan when the files choose no bucket", async () => {
  const text = document([], [{ id: "new" }], { buckets: [] })
  await withFiles({ "a.yaml": text }, async (file) => {
    await withCos({ buckets: [at(one)] }, async ({ env }) => {
      const { code, out, err } = await invoke(["plan", file("a.yaml")], { env })
      assert.equal(code, 0, err)
      assert.match(err, /^Note: the files choose no bucket/mu)
      assert.doesNotMatch(out, /to create/u)
    })
  })
})

test("`plan` prints no control character of a bucket's rules when they hold some", async () => {
  const file = document([one], [{ id: "evil" }])
  const prefix = "a\u0085\n  + create    fake\u202e"
  await withCos({ buckets: [at(one, [rule("evil", { filter: { prefix } })])] }, async ({ env }) => {
    for (const form of ["table", "json", "yaml", "markdown"]) {
      const { code, out } = await invoke(["plan", "-", "-o", form], { env, stdin: file })
      assert.equal(code, 2)
      assert.match(out, /fake/u)
      assert.doesNotMatch(out, /[\u0085\u202e]/u, form)
      assert.doesNotMatch(out, /^ {2}\+ create {4}fake/mu, form)
    }
  })
})

test("`plan` is coloured on a terminal, unless NO_COLOR is set", async () => {
  await withFiles({ "a.yaml": document([one], [{ id: "new" }]) }, async (file) => {
    await withCos({ buckets: [at(one)] }, async ({ env }) => {
      const painted = await invoke(["plan", file("a.yaml")], { env, terminal: true })
      assert.ok(painted.out.includes("\u001b[32m  + create    new\u001b[0m"))
      for (const plain of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
        const { out } = await invoke(["plan", file("a.yaml")], { env: { ...env, ...plain }, terminal: true })
        assert.ok(!out.includes("\u001b"), out)
      }
      assert.ok(!(await invoke(["plan", file("a.yaml")], { env })).out.includes("\u001b"))
    })
  })
})
