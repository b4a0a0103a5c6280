import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { readYaml } from "../adapters/yaml/mod.ts"
import { writeJson } from "../core/wire/json.ts"
import { invoke, withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { at, bare, region, rule, shut } from "./plan-shown.ts"
import { document } from "./rules-document.ts"

const [one, two] = ["onebucket-1250000000", "twobucket-1250000000"] as const
const denied = "deniedbucket-1250000000"

interface Told {
  readonly bucket?: string
  readonly id: string
  readonly kind: string
  readonly changes: ReadonlyArray<{ readonly path: string; readonly before?: string; readonly after?: string }>
}
const told = (out: string): ReadonlyArray<string> =>
  (JSON.parse(out).differences as ReadonlyArray<Told>).map(({ bucket = "", id, kind }) => `${bucket} ${kind} ${id}`)

/** Nothing of a network, of keys or of settings. */
const offline = { env: { COS_ENDPOINT: "http://127.0.0.1:1" } }

test("`diff` holds files against the buckets they name, says what each side alone has, and exits 2", async () => {
  await withFiles({
    "a.yaml": document([one, two], [{ id: "new" }, { id: "kept" }, { id: "other", filter: { prefix: "media/" } }]),
  }, async (file) => {
    const rules = ["kept", "other", "by-hand"].map((id) => rule(id))
    const all = ["new", "kept"].map((id) => rule(id)).concat(rule("other", { filter: { prefix: "media/" } }))
    await withCos({ buckets: [at(one, rules), at(two, all)] }, async ({ env, asked }) => {
      const { code, out, err } = await invoke(["diff", file("a.yaml")], { env })
      assert.equal(code, 2, err)
      assert.equal(err, "")
      assert.equal(
        out,
        `--- the buckets
+++ ${file("a.yaml")}

onebucket-1250000000 (ap-guangzhou)
  - by-hand
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
  + new
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
  ~ other
      ~ filter.prefix: logs/ -> media/

twobucket-1250000000 (ap-guangzhou): no differences, 3 rules

Different: 1 on the left only, 1 on the right only, 1 changed; 4 the same`,
      )
      assert.deepEqual([...new Set(asked.map((text) => text.split(" ")[0]))], ["GET"])
    })
  })
})

test("`diff -o json` and `-o yaml` are one document, which gives every difference by bucket and id", async () => {
  await withFiles({ "a.yaml": document([one], [{ id: "other", filter: { prefix: "media/" } }]) }, async (file) => {
    await withCos({ buckets: [at(one, [rule("other"), bare("by-hand")])] }, async ({ env }) => {
      const json = await invoke(["diff", file("a.yaml"), "-o", "json"], { env })
      assert.equal(json.code, 2)
      const value = JSON.parse(json.out)
      assert.deepEqual(value, {
        version: 1,
        left: "the buckets",
        right: file("a.yaml"),
        differences: [
          {
            bucket: one,
            region,
            id: "by-hand",
            kind: "removed",
            changes: [
              { path: "id", before: "by-hand" },
              { path: "isEnabled", before: true },
              { path: "includedObjectVersions", before: "Current" },
              { path: "schedule.frequency", before: "Weekly" },
              { path: "destination.bucket", before: "qcs::cos:ap-guangzhou::inventorybucket-1250000000" },
              { path: "destination.prefix", before: "reports" },
              { path: "destination.format", before: "CSV" },
            ],
          },
          {
            bucket: one,
            region,
            id: "other",
            kind: "changed",
            changes: [{ path: "filter.prefix", before: "logs/", after: "media/" }],
          },
        ],
      })
      const yaml = await invoke(["diff", file("a.yaml"), "-o", "yaml"], { env })
      assert.equal(yaml.code, 2)
      assert.deepEqual(Result.getOrThrow(readYaml(yaml.out))[0]!.value, value)
    })
  })
})

test("`diff` says the same as `plan` of what files hold: nothing when an unknown element of COS stands in a rule", async () => {
  await withFiles({ "a.yaml": document([one], [{ id: "kept" }]) }, async (file) => {
    const kept = rule("kept", { extra: [{ in: "/", xml: "<Later>1</Later>" }] })
    await withCos({ buckets: [at(one, [kept])] }, async ({ env }) => {
      assert.equal((await invoke(["plan", file("a.yaml")], { env })).code, 0)
      assert.equal((await invoke(["diff", file("a.yaml")], { env })).code, 0)
      assert.equal((await invoke(["diff", file("a.yaml"), `cos://${one}@${region}`], { env })).code, 0)
    })
  })
})

test("`diff` goes on and exits 8 when a bucket cannot be read", async () => {
  await withFiles({ "a.yaml": document([one, denied], [{ id: "new" }]) }, async (file) => {
    await withCos({ buckets: [at(one), shut(denied)] }, async ({ env }) => {
      const { code, out, err } = await invoke(["diff", file("a.yaml")], { env })
      assert.equal(code, 8)
      assert.match(out, /1 on the right only, 0 changed; 0 the same; 1 bucket could not be read$/u)
      assert.match(err, /^Cannot compare deniedbucket-1250000000 \(ap-guangzhou\): AccessDenied/u)
      const json = await invoke(["diff", file("a.yaml"), "-o", "json"], { env })
      assert.equal(JSON.parse(json.out).failures[0].error.code, "AccessDenied")
      assert.equal(JSON.parse(json.err).error.exitCode, 8)
    })
  })
})

test("`diff` holds two buckets against each other by id, their destinations as they are", async () => {
  const elsewhere = { bucket: "qcs::cos:ap-guangzhou::elsewhere-1250000000", format: "CSV" }
  await withCos(
    {
      buckets: [
        at(one, [rule("a"), rule("b"), rule("c")]),
        at(two, [rule("b"), rule("c", { destination: elsewhere }), rule("d")]),
      ],
    },
    async ({ env }) => {
      const { code, out, err } = await invoke(["diff", `cos://${one}@${region}`, `cos://${two}`], {
        env: { ...env, COS_REGION: region },
      })
      assert.equal(code, 2, err)
      assert.equal(
        out,
        `--- cos://${one}@${region}
+++ cos://${two}

  - a
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports
  ~ c
      ~ destination.bucket: qcs::cos:ap-guangzhou::inventorybucket-1250000000 -> qcs::cos:ap-guangzhou::elsewhere-1250000000
      - destination.prefix: reports
  + d
      Weekly; prefix "logs/"; CSV to inventorybucket-1250000000/reports

Different: 1 on the left only, 1 on the right only, 1 changed; 1 the same`,
      )
      const same = await invoke(["diff", `cos://${one}@${region}`, `cos://${one}@${region}/`], { env })
      assert.equal(same.code, 0)
      assert.match(same.out, /\n\nNo differences: 3 rules$/u)
    },
  )
})

test("`diff` turns around when its sides do, whatever they are", async () => {
  await withFiles({
    "a.yaml": document([one], [{ id: "a" }, { id: "b" }]),
    "b.yaml": document([one], [{ id: "b", filter: { prefix: "media/" } }, { id: "c" }]),
  }, async (file) => {
    await withCos(
      { buckets: [at(one, [rule("b", { isEnabled: false }), rule("d")]), at(two, [rule("d", { isEnabled: false })])] },
      async ({ env }) => {
        const sides = [file("a.yaml"), file("b.yaml"), `cos://${one}@${region}`]
        const kinds: Readonly<Record<string, string>> = { added: "removed", removed: "added", changed: "changed" }
        for (const left of sides) {
          for (const right of sides) {
            const there = await invoke(["diff", left, right, "-o", "json"], { env })
            const back = await invoke(["diff", right, left, "-o", "json"], { env })
            assert.equal(there.code, left === right ? 0 : 2, there.err)
            const turned = (JSON.parse(back.out).differences as ReadonlyArray<Told>).map((
              { kind, changes, ...rest },
            ) => ({
              ...rest,
              kind: kinds[kind],
              changes: new Map(changes.map(({ path, before, after }) => [path, [after, before]])),
            }))
            const given = (JSON.parse(there.out).differences as ReadonlyArray<Told>).map(({ changes, ...rest }) => ({
              ...rest,
              changes: new Map(changes.map(({ path, before, after }) => [path, [before, after]])),
            }))
            assert.deepEqual(given, turned)
          }
        }
      },
    )
  })
})

test("`diff` holds files against files without keys and without a network", async () => {
  await withFiles({
    "old/a.yaml": document([one], [{ id: "a" }, { id: "b" }]),
    "old/b.yaml": document([two], [{ id: "x" }]),
    "new.json": document([two, one], [{ id: "b" }, { id: "x", isEnabled: false }]),
  }, async (file) => {
    const { code, out, err } = await invoke(["diff", file("old"), file("new.json"), "-o", "json"], offline)
    assert.equal(code, 2, err)
    assert.deepEqual(told(out), [
      `${one} removed a`,
      `${one} added x`,
      `${two} added b`,
      `${two} changed x`,
    ])
    const same = await invoke(["diff", file("old"), file("old")], offline)
    assert.equal(same.code, 0, same.err)
    assert.match(same.out, /^onebucket-1250000000 \(ap-guangzhou\): no differences, 2 rules$/mu)
  })
})

test("`diff` sees no difference between a rule and any other spelling of it", async () => {
  const xml = `<InventoryConfiguration><Id>a</Id><IsEnabled>True</IsEnabled><Destination><COSBucketDestination>
    <Format>CSV</Format><Bucket>qcs::cos:ap-guangzhou::inventorybucket-1250000000</Bucket><Prefix>reports/</Prefix>
    </COSBucketDestination></Destination><Schedule><Frequency>Weekly</Frequency></Schedule>
    <Filter><And><Prefix>logs/</Prefix></And></Filter>
    <IncludedObjectVersions>Current</IncludedObjectVersions></InventoryConfiguration>`
  await withFiles({
    "a.yaml": document([], [{ id: "a" }]),
    "a.xml": xml,
    "list.json": JSON.stringify({ version: 1, bucket: one, region, configurations: [writeJson(rule("a"))] }),
  }, async (file) => {
    for (const name of ["a.xml", "list.json"]) {
      const { code, out, err } = await invoke(["diff", file("a.yaml"), file(name), "--region", region], offline)
      assert.equal(code, 0, out + err)
      assert.match(out, /\n\nNo differences: 1 rule$/u)
    }
  })
})

test("`diff` holds rules that name no bucket against those of every bucket that the other side names", async () => {
  await withFiles({
    "a.yaml": document([one, two], [{ id: "a-${name}" }]),
    "b.yaml": document([], [{ id: "a-${name}" }, { id: "b" }]),
    "c.yaml": document([], [{ id: "b" }]),
  }, async (file) => {
    const { code, out, err } = await invoke(["diff", file("a.yaml"), file("b.yaml"), "-o", "json"], offline)
    assert.equal(code, 2, err)
    assert.deepEqual(told(out), [`${one} added b`, `${two} added b`])
    const named = await invoke(["diff", file("b.yaml"), file("c.yaml"), "-o", "json"], offline)
    assert.equal(named.code, 2, named.err)
    assert.deepEqual(told(named.out), [" removed a-${name}"])
  })
})

test("`diff` holds a pattern of bucket names against the same pattern when there is no network", async () => {
  const pattern = (rules: ReadonlyArray<Record<string, unknown>>) =>
    document([], rules, { buckets: [{ match: "logs-*", region }] })
  await withFiles({
    "a.yaml": pattern([{ id: "a-${name}" }]),
    "b.yaml": pattern([{ id: "a-${name}", isEnabled: false }]),
  }, async (file) => {
    const { code, out, err } = await invoke(["diff", file("a.yaml"), file("b.yaml"), "-o", "json"], offline)
    assert.equal(code, 2, err)
    assert.deepEqual(told(out), ["logs-*@ap-guangzhou changed a-${name}"])
  })
})

test("`diff` compares what was kept with what a bucket has, from standard input", async () => {
  await withFiles({ "yesterday.json": "" }, async (file) => {
    await withCos({ buckets: [at(one, [rule("a")])] }, async ({ env }) => {
      const listed = await invoke(["list", "-o", "json"], { env: { ...env, COS_BUCKET: one, COS_REGION: region } })
      const { code, err } = await invoke(["diff", "-", `cos://${one}@${region}`], { env, stdin: listed.out })
      assert.equal(code, 0, err)
      const other = await invoke(["diff", "-", `cos://${one}@${region}`], {
        env,
        stdin: JSON.stringify([writeJson(rule("a", { isEnabled: false }))]),
      })
      assert.equal(other.code, 2, other.err)
      assert.match(other.out, /^ {6}~ isEnabled: false -> true$/mu)
      assert.equal((await invoke(["diff", file("yesterday.json"), "-"], { env, stdin: listed.out })).code, 5)
    })
  })
})

test("`diff` refuses what it cannot compare, and says why", async () => {
  const rules = [{ id: "a" }, { id: "a", isEnabled: false }]
  await withFiles({
    "twice.yaml": document([one], rules),
    "good.yaml": document([one], [{ id: "a" }]),
    "bad.yaml": document([one], [{ id: "a", schedule: { frequency: 7 } }, {}]),
  }, async (file) => {
    const refused = async (args: ReadonlyArray<string>, code: number, pattern: RegExp) => {
      const result = await invoke(["diff", ...args], offline)
      assert.equal(result.code, code, result.out + result.err)
      assert.equal(result.out, "")
      assert.match(result.err, pattern)
    }
    await refused([`cos://${one}`], 64, /a bucket alone is held against nothing/u)
    await refused(["-", "-"], 64, /standard input can be read once only/u)
    await refused(["cos://nobucket", file("good.yaml")], 5, /cos:\/\/nobucket/u)
    await refused([`cos://${one}@nowhere`, file("good.yaml")], 5, /region/u)
    await refused([file("good.yaml"), file("absent.yaml")], 5, /absent\.yaml/u)
    await refused([file("good.yaml"), file("twice.yaml")], 5, /The id stands twice for one bucket \[id-repeated\]/u)
    await refused([file("bad.yaml"), file("good.yaml")], 5, /bad\.yaml:1:\d+ schedule\.frequency: .*\[wrong-type\]/u)
    await refused([file("bad.yaml"), file("good.yaml")], 5, /\[id-empty\]/u)
  })
})

test("`diff` refuses files that say nothing of the bucket they are held against", async () => {
  await withFiles({ "a.yaml": document([two], [{ id: "a" }]) }, async (file) => {
    await withCos({ buckets: [at(one), at(two)] }, async ({ env, asked }) => {
      const { code, err } = await invoke(["diff", file("a.yaml"), `cos://${one}@${region}`], { env })
      assert.equal(code, 5, err)
      assert.match(err, /onebucket-1250000000/u)
      assert.deepEqual(asked, [])
    })
  })
})
