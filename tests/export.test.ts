/** `export` from the command line, against buckets behind a socket. */
import { strict as assert } from "node:assert"
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import type { Options } from "../adapters/memory/mod.ts"
import { invoke, type Outcome, withLocalCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { good } from "./generated.ts"

const owner = "100000000001"
const into = (bucket: string) => ({ ...good.destination, bucket: `qcs::cos:ap-guangzhou::${bucket}` })

const { filter: _, ...unfiltered } = good

/** Buckets with rules of every kind, and one without any. */
const world = (): Partial<Options> => ({
  buckets: [
    {
      name: "logs-1250000000",
      region: "ap-guangzhou",
      owner,
      rules: [
        { ...good, destination: into("reports-1250000000") },
        {
          ...good,
          id: "zz.last",
          isEnabled: false,
          filter: { prefix: "${bucket}/" },
          destination: into("logs-1250000000"),
        },
        { ...unfiltered, id: "all", schedule: { frequency: "Daily" }, extra: [{ in: "/", xml: "<Later>1</Later>" }] },
      ],
    },
    { name: "reports-1250000000", region: "ap-guangzhou", owner },
    {
      name: "images-1250000000",
      region: "ap-guangzhou",
      owner,
      rules: Array.from({ length: 120 }, (_, i) => ({ ...good, id: `n${i}`, filter: { prefix: `${i}/` } })),
    },
  ],
})

const names = ["images-1250000000", "logs-1250000000", "reports-1250000000"]
const flags = names.flatMap((name) => ["--bucket", name])

const isDone = ({ code, err }: Outcome) => assert.equal(code, 0, err)
const filesOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]))

test("`export` is a backup that restores the same bytes when every rule of several buckets was deleted", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      const [backup, again] = [at("backup"), at("again")]
      const first = await invoke(["export", ...flags, "--out", backup], { env })
      isDone(first)
      assert.equal(first.err, "")
      assert.equal(
        first.out,
        [
          ...names.map((name, i) =>
            `Wrote ${[120, 3, 0][i]} rules of ${name} (ap-guangzhou) to ${join(backup, name)}.yaml`
          ),
          `Wrote 123 rules of 3 buckets to ${backup}`,
        ].join("\n"),
      )
      const written = filesOf(backup)
      assert.deepEqual(Object.keys(written).toSorted(), names.map((name) => `${name}.yaml`))
      const untouched = await invoke(["plan", backup], { env })
      isDone(untouched)
      for (
        const [name, ids] of [["logs", ["list1", "zz.last", "all"]], [
          "images",
          written["images-1250000000.yaml"]!.match(/(?<=id: )n\d+/gu)!,
        ]] as const
      ) {
        isDone(await invoke(["delete", ...ids, "--bucket", `${name}-1250000000`, "--yes"], { env }))
      }
      assert.equal((await invoke(["plan", backup], { env })).code, 2)
      isDone(await invoke(["apply", backup, "--yes"], { env }))
      isDone(await invoke(["plan", backup], { env }))
      isDone(await invoke(["export", ...flags, "--out", again], { env }))
      assert.deepEqual(filesOf(again), written)
    }, world()))
})

test("`export` prints one YAML stream that plan finds no change in when several buckets are given", async () => {
  await withLocalCos(async (env) => {
    const { code, out, err } = await invoke(["export", ...flags], { env })
    assert.deepEqual([code, err], [0, ""])
    assert.equal(out.split(/^---$/mu).length, 3)
    assert.match(out, /^# Inventory rules of images-1250000000 /u)
    assert.match(out, /prefix: \$\$\{bucket\}\//u)
    assert.doesNotMatch(out, /^manages:/mu)
    const same = await invoke(["plan", "-"], { env, stdin: out })
    assert.equal(same.code, 0, same.err)
    assert.match(same.out, /123 kept, 0 unmanaged/u)
  }, world())
})

test("`export -o json` prints one document when one bucket is given, and refuses more", async () => {
  await withLocalCos(async (env) => {
    const { out, err } = await invoke(["export", "--bucket", "logs-1250000000", "-o", "json"], { env })
    assert.equal(err, "")
    const { version, buckets, rules } = JSON.parse(out)
    assert.deepEqual([version, buckets, rules.length], [1, ["logs-1250000000@ap-guangzhou"], 3])
    isDone(await invoke(["plan", "-"], { env, stdin: out }))
    const many = await invoke(["export", ...flags, "-o", "json"], { env })
    assert.deepEqual([many.code, many.out], [64, ""])
    assert.match(JSON.parse(many.err).error.advice, /--out <folder>, or -o yaml/u)
  }, world())
})

test("`export -o json --out` writes JSON files and says in one document what it wrote", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      const { code, out, err } = await invoke(["export", ...flags, "--out", at(), "-o", "json"], { env })
      assert.deepEqual([code, err], [0, ""])
      assert.deepEqual(JSON.parse(out), {
        version: 1,
        folder: at(),
        results: names.map((bucket, i) => ({
          bucket,
          region: "ap-guangzhou",
          result: "exported",
          file: `${bucket}.json`,
          rules: [120, 3, 0][i],
          findings: [],
        })),
      })
      isDone(await invoke(["plan", at()], { env }))
    }, world()))
})

test("`export --out` refuses a folder that is not empty, and with --force writes over the files of its buckets alone", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      const [theirs, ours, hidden] = ["other-1250000000.yaml", "logs-1250000000.yaml", ".git"].map((n) => at(n))
      writeFileSync(hidden!, "")
      writeFileSync(theirs!, "rules: []")
      writeFileSync(ours!, "old")
      const args = ["export", "--bucket", "logs-1250000000", "--out", at()]
      const refused = await invoke(args, { env })
      assert.deepEqual([refused.code, refused.out], [5, ""])
      assert.match(refused.err, /is not empty\n[^]*--force/u)
      assert.equal(readFileSync(ours!, "utf8"), "old")
      isDone(await invoke([...args, "--force"], { env }))
      assert.match(readFileSync(ours!, "utf8"), /^# Inventory rules of/u)
      assert.equal(readFileSync(theirs!, "utf8"), "rules: []")
      assert.deepEqual(readdirSync(at()).toSorted(), [".git", "logs-1250000000.yaml", "other-1250000000.yaml"])
    }, world()))
})

test("`export --out` takes a folder with hidden files alone, and makes one that is not there", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      writeFileSync(at(".gitignore"), "")
      isDone(await invoke(["export", "--bucket", "logs-1250000000", "--out", at()], { env }))
      isDone(await invoke(["export", "--bucket", "logs-1250000000", "--out", at("a", "b")], { env }))
      const file = await invoke(["export", "--bucket", "logs-1250000000", "--out", at(".gitignore")], { env })
      assert.equal(file.code, 5)
      assert.match(file.err, /it is a file/u)
    }, world()))
})

test("`export --force` refuses a bucket alone when its rules stand in another form beside it", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      writeFileSync(at("logs-1250000000.json"), "old")
      const { code, err } = await invoke(["export", ...flags, "--out", at(), "--force"], { env })
      assert.equal(code, 8)
      assert.match(err, /logs-1250000000\.json" holds rules of the same bucket/u)
      assert.deepEqual(readdirSync(at()).toSorted(), [
        "images-1250000000.yaml",
        "logs-1250000000.json",
        "reports-1250000000.yaml",
      ])
    }, world()))
})

const twins: ReadonlyArray<readonly [file: string, text: string, isTwin: boolean]> = [
  ["logs-1250000000.YAML", "old", true],
  ["LOGS-1250000000.yml", "[]", true],
  ["deep/er/mine.yaml", `buckets: [logs-1250000000@ap-guangzhou]\nrules: [{ id: a }]\n`, true],
  ["deep/logs-1250000000.yaml", "rules: [{ id: a }]\n", true],
  [
    "stream.yaml",
    "buckets: [x-1250000000]\nrules: [{ id: a }]\n---\nbuckets: [logs-1250000000]\nrules: [{ id: b }]\n",
    true,
  ],
  ["own.yaml", "buckets: [logs-1250000000]\nmanages: [daily-*]\nrules: []\n", false],
  ["logs-1250000000.json", '{ "buckets": ["other-1250000000"], "rules": [{ "id": "a" }] }', false],
  ["notes/logs-1250000000.md", "words", false],
]
for (const [name, text, isTwin] of twins) {
  test(`\`export --force\` ${isTwin ? "refuses" : "takes"} a bucket when ${name} lies in the folder`, async () => {
    await withFiles({ [name]: text, "logs-1250000000.yaml": "old" }, (at) =>
      withLocalCos(async (env) => {
        const { code, err } = await invoke(["export", "--bucket", "logs-1250000000", "--out", at(), "--force"], { env })
        assert.equal(code, isTwin ? 7 : 0, err)
        if (isTwin) assert.ok(err.includes(`${name}" holds rules of the same bucket`), err)
        assert.equal(readFileSync(at("logs-1250000000.yaml"), "utf8") === "old", isTwin)
        assert.equal(readFileSync(at(name), "utf8"), text)
      }, world()))
  })
}

test("`export --force` replaces a link instead of writing through it, and leaves nothing beside what it cannot replace", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      const victim = at("victim")
      const out = at("out")
      writeFileSync(victim, "precious")
      mkdirSync(join(out, "images-1250000000.yaml", "inner"), { recursive: true })
      symlinkSync(victim, join(out, "logs-1250000000.yaml"))
      const { code, err } = await invoke(["export", ...flags, "--out", out, "--force"], { env })
      assert.equal(code, 8)
      assert.match(err, /Cannot export images-1250000000 \(ap-guangzhou\): cannot write/u)
      assert.equal(readFileSync(victim, "utf8"), "precious")
      assert.match(readFileSync(join(out, "logs-1250000000.yaml"), "utf8"), /zz\.last/u)
      assert.deepEqual(readdirSync(out).toSorted(), names.map((name) => `${name}.yaml`))
    }, world()))
})

test("`export` goes on and writes no file of it when one bucket fails", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      const args = ["export", "--bucket", "nobody-1250000000", ...flags]
      const some = await invoke([...args, "--out", at()], { env })
      assert.equal(some.code, 8)
      assert.match(some.err, /Cannot export nobody-1250000000 \(ap-guangzhou\): NoSuchBucket[^]*\n1 of 4 failed/u)
      assert.deepEqual(readdirSync(at()).toSorted(), names.map((name) => `${name}.yaml`))
      const json = await invoke([...args, "--out", at(), "--force", "-o", "yaml"], { env })
      assert.equal(json.code, 8)
      assert.match(json.out, /bucket: nobody-1250000000\n[^]*result: failed\n +exitCode: 3/u)
      const none = await invoke(["export", "--bucket", "nobody-1250000000", "-o", "json"], { env })
      assert.deepEqual([none.code, none.out], [3, ""])
      assert.equal(JSON.parse(none.err).error.code, "NoSuchBucket")
    }, world()))
})

test("`export` exports a rule that put refuses, and says so for each, and leaves it to COS whether it is restored, when COS has one", async () => {
  const odd = { ...good, id: "odd", destination: { ...good.destination, format: "ORC" } }
  const buckets = [{ name: "logs-1250000000", region: "ap-guangzhou", owner, rules: [odd, good] }]
  await withLocalCos(async (env) => {
    const args = ["export", "--bucket", "logs-1250000000"]
    const { code, out, err } = await invoke(args, { env })
    assert.equal(code, 0)
    assert.match(out, /format: ORC/u)
    assert.match(
      err,
      /^Exported as they are, but to write them anew takes apply --as-is[^]*rule "odd" destination\.format: [^]*found: +ORC/u,
    )
    const json = await invoke([...args, "-o", "json"], { env })
    assert.equal(json.code, 0)
    assert.equal(JSON.parse(json.out).rules.length, 2)
    assert.deepEqual(JSON.parse(json.err).findings.map(({ code }: { readonly code: string }) => code), ["format-known"])
    const kept = await invoke(["plan", "-"], { env, stdin: out })
    assert.equal(kept.code, 0, kept.err)
    assert.equal((await invoke(["delete", "odd", "--yes", "--bucket", "logs-1250000000"], { env })).code, 0)
    const refused = await invoke(["apply", "-", "--yes"], { env, stdin: out })
    assert.equal(refused.code, 5)
    assert.match(refused.err, /\[format-known\]\n +found: +ORC/u)
    const plan = await invoke(["plan", "-", "--as-is", "-o", "json"], { env, stdin: out })
    assert.equal(plan.code, 2, plan.err)
    const sent = await invoke(["apply", "-", "--yes"], { env, stdin: plan.out })
    assert.match(sent.err, /Cannot create "odd"[^]*InvalidArgument\n/u)
  }, { buckets })
})

test("`export` asks for a bucket when none is set, and refuses flags that contradict each other", async () => {
  await withLocalCos(async (env) => {
    const none = await invoke(["export"], { env: { ...env, COS_BUCKET: "" } })
    assert.equal(none.code, 5)
    assert.match(none.err, /no bucket is set/iu)
    for (
      const [args, says] of [
        [["--force"], /--force is for a folder/u],
        [["--to", "terraform", "--from-terraform", "x"], /given together/u],
        [["--to", "terraform", "-o", "yaml"], /not written as yaml/u],
      ] as const
    ) {
      const { code, err, out } = await invoke(["export", ...args], { env })
      assert.deepEqual([code, out], [64, ""], args.join(" "))
      assert.match(err, says)
    }
  })
})

test("An exported folder is one that plan reads when the schema lies beside its files, as the hint of new rules says", async () => {
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      isDone(await invoke(["export", ...flags, "--out", at()], { env }))
      const [, schema] = /\$schema=\.\/(\S+)/u.exec((await invoke(["new", "rules"])).out)!
      writeFileSync(at(schema!), (await invoke(["schema"])).out)
      isDone(await invoke(["plan", at()], { env }))
    }, world()))
})

test("`export --all-buckets` backs up every bucket of the account, each in the region where it is", async () => {
  const there = world().buckets!.map((one, i) => i === 1 ? { ...one, region: "ap-beijing" } : one)
  await withFiles({}, (at) =>
    withLocalCos(async (env) => {
      const { code, err } = await invoke(["export", "--all-buckets", "--out", at()], { env })
      assert.deepEqual([code, err], [0, ""])
      assert.match(readFileSync(at("reports-1250000000.yaml"), "utf8"), /- reports-1250000000@ap-beijing\n/u)
      isDone(await invoke(["plan", at()], { env }))
    }, { buckets: there }))
})

test("`export` prints the usual bucket when no flag chooses one", async () => {
  await withLocalCos(async (env) => {
    const { code, out } = await invoke(["export"], { env })
    assert.equal(code, 0)
    assert.match(out, /- examplebucket-1250000000@ap-guangzhou/u)
  })
})
