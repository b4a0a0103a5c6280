/** What `lint`, `plan`, `diff`, `export` and `copy` say: with its place, of the demo, of many buckets, when stopped. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestConsole } from "effect/testing"
import type { Cos } from "../adapters/memory/mod.ts"
import { run } from "../cli/program.ts"
import { World } from "../cli/world.ts"
import { type Finding, isError } from "../core/lint/mod.ts"
import { invoke, withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { at, rule, shut } from "./plan-shown.ts"
import { document } from "./rules-document.ts"

const [one, two] = ["onebucket-1250000000", "twobucket-1250000000"] as const
const denied = "deniedbucket-1250000000"
const demo = "examplebucket-1250000000"
const keys = { COS_SECRET_ID: "AKIDx", COS_SECRET_KEY: "y", COS_DEMO: "never" }
const destination = { bucket: "inventorybucket-1250000000", format: "CSV" }
const bucketsOf = (count: number) => Array.from({ length: count }, (_, i) => `b${i}-1250000000`)

test("`lint -o json` says why a finding matters, and the address of its page, as text does", async () => {
  await withFiles({ "a.yaml": document([one], [{ id: "a" }]) }, async (file) => {
    const { findings } = JSON.parse((await invoke(["lint", file("a.yaml"), "-o", "json"])).out)
    const text = (await invoke(["lint", file("a.yaml")])).out
    const finding = findings.find(({ code }: { code: string }) => code === "report-expiry")
    assert.match(finding.source, /^https:\/\/\S+\/8280: /u)
    for (const { why, source } of findings) {
      assert.ok(text.includes(`why:     ${why}\n`), why)
      assert.ok(text.includes(`source:  ${source}\n`), source)
    }
  })
})

test("`plan` says with its place that a document names no bucket, and in order what else is wrong with it", async () => {
  const textOf = (id: string) => JSON.stringify({ rules: [{ id, schedule: { frequency: "Daily" }, destination }] })
  await withFiles({ "b.yaml": textOf("a b"), "a.yaml": `# rules\n${textOf("c d")}` }, async (file) => {
    for (const verb of ["plan", "apply"]) {
      const { code, err } = await invoke([verb, file(), "-o", "json"], { env: keys })
      assert.equal(code, 5)
      const findings: ReadonlyArray<Finding> = JSON.parse(err).error.findings
      const found = findings.filter(isError).map(({ code, file: path = "", position }) =>
        [path.slice(-6), position?.line, position?.column, code].join(" ")
      )
      assert.deepEqual(found, [
        "a.yaml 2 2 bucket-missing",
        "a.yaml 2 12 id-characters",
        "b.yaml 1 2 bucket-missing",
        "b.yaml 1 12 id-characters",
      ])
      assert.doesNotMatch(err, /stand-in|0000000000(?!00)/u)
    }
  })
})

test("`plan` and `apply` tell a plan file among rules files as one, and nothing else of it", async () => {
  const plan = JSON.stringify({ version: 1, plan: { prune: false, buckets: [] } })
  await withFiles({ "p.json": plan, "r.yaml": document([one], [{ id: "a" }]) }, async (file) => {
    for (const args of [["plan", file("p.json")], ["plan", file()], ["apply", file("p.json"), file("r.yaml")]]) {
      const { code, err } = await invoke([...args, "-o", "json"], { env: keys })
      assert.equal(code, 5)
      const errors = JSON.parse(err).error.findings.filter(({ severity }: { severity: string }) => severity === "error")
      assert.deepEqual(errors.map(({ code, position }: { code: string; position: object }) => [code, position]), [
        ["plan-file", { line: 1, column: 14 }],
      ])
    }
  })
})

test("`plan` names the listing, the line that needs it and the right to grant when buckets cannot be listed", async () => {
  await withFiles({ "m.yaml": document([], [{ id: "a" }], { buckets: [{ match: "*" }] }) }, async (file) => {
    await withCos({ buckets: [at(one)] }, async ({ go, fault }) => {
      fault({ match: { operation: "GetService" }, code: "AccessDenied" })
      const { code, err } = await go(["plan", file("m.yaml")])
      assert.equal(code, 4)
      const place = String.raw`\S+m\.yaml:1:\d+`
      assert.match(
        err,
        new RegExp(`^Cannot list the account's buckets, which \`match\` in ${place} needs: AccessDenied\n`, "u"),
      )
      assert.match(err, /fix: +Grant GetService\b.*or name the buckets\n/u)
      const json = JSON.parse((await go(["plan", file("m.yaml"), "-o", "json"])).err)
      assert.deepEqual([json.error.code, json.error.exitCode], ["AccessDenied", 4])
      assert.match(json.error.advice, /^Grant GetService/u)
      const all = await go(["plan", file("m.yaml"), "--all-buckets"])
      assert.doesNotMatch(all.err, /`match` in/u)
    })
  })
})

/** A COS that never answers the listing of one bucket, and tells of it. */
const stalling = (bucket: string, seen: () => void) => (cos: Cos) => ({
  answer: (request: Parameters<Cos["answer"]>[0]) =>
    request.target.startsWith(`/${bucket}/`) ? Effect.suspend(() => (seen(), Effect.never)) : cos.answer(request),
})

/** Runs the command line until a promise is kept, and interrupts it then. */
const interrupted = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, stop: Promise<void>) =>
  Effect.gen(function* () {
    const world = Context.make(World, {
      env,
      stdin: (async function* () {})(),
      isTerminal: { stdin: false, stdout: false, stderr: false },
      confirm: () => Effect.succeed(false),
    })
    const fiber = yield* Effect.forkChild(Effect.result(run(args).pipe(Effect.provideContext(world))))
    yield* Effect.raceFirst(Fiber.await(fiber), Effect.promise(() => stop))
    yield* Fiber.interrupt(fiber)
    return {
      out: (yield* TestConsole.logLines).join("\n"),
      err: (yield* TestConsole.errorLines).join("\n"),
    }
  }).pipe(Effect.provide(TestConsole.layer), Effect.runPromise)

test("`plan`, `diff` and `export` say what an interruption leaves, in speech or in one document", async () => {
  const names = bucketsOf(5)
  await withFiles({ "r.yaml": document(names, [{ id: "a" }]) }, async (file) => {
    const rules = file("r.yaml")
    const out = (
      form: string,
    ) => ["--out", file(form), "--parallel", "1", ...names.flatMap((name) => ["--bucket", name])]
    const cases = [
      [["plan", rules], "Interrupted while planning; nothing was written", ""],
      [["diff", rules], "Interrupted while comparing; nothing was written", ""],
      [["export", "--region", "ap-guangzhou", ...out("x")], "3 of 5 buckets written", "Interrupted: "],
    ] as const
    for (const [args, message, before] of cases) {
      for (const form of ["text", "json"] as const) {
        let seen = () => {}
        const stop = new Promise<void>((resolve) => seen = resolve)
        const around = stalling(names[3]!, () => seen())
        await withCos({ buckets: names.map((name) => at(name)), around }, async ({ env }) => {
          const given = args.map((arg) => arg === file("x") ? file(`x-${form}`) : arg)
          const said = await interrupted([...given, ...form === "json" ? ["-o", "json"] : []], env, stop)
          if (form === "text") return assert.equal(said.err, `\n${before}${message}`)
          const { error } = JSON.parse(said.err)
          assert.deepEqual([error.type, error.message, error.exitCode], ["Interrupted", message, 130])
          if (args[0] !== "export") return assert.equal(said.out, "")
          assert.deepEqual(
            JSON.parse(said.out).results.map(({ bucket }: { bucket: string }) => bucket),
            names.slice(0, 3),
          )
        })
      }
    }
  })
})

test("`diff` gives the number of buckets without differences when they are many, and all of them with --all", async () => {
  const names = bucketsOf(7)
  await withFiles({ "r.yaml": document(names, [{ id: "a" }]) }, async (file) => {
    const same = rule("a")
    const other = rule("a", { filter: { prefix: "x/" } })
    await withCos({ buckets: names.map((name, i) => at(name, [i === 2 ? other : same])) }, async ({ go }) => {
      const { out } = await go(["diff", file("r.yaml")])
      assert.deepEqual(out.match(/b\d-1250000000/gu), ["b2-1250000000"])
      assert.match(out, /\n\nand 6 buckets without differences\n\nDifferent: /u)
      const { out: all } = await go(["diff", file("r.yaml"), "--all"])
      assert.equal(all.match(/b\d-1250000000/gu)!.length, 7)
    })
    await withCos({ buckets: names.map((name) => at(name, [same])) }, async ({ go }) => {
      assert.match(
        (await go(["diff", file("r.yaml")])).out,
        /\n\n7 buckets without differences\n\nNo differences: 7 rules$/u,
      )
      const { out } = await go(["plan", file("r.yaml")])
      assert.equal(out, "7 buckets without changes\n\nNo changes: 7 kept, 0 unmanaged")
    })
  })
})

test("`list`, `diff` and `export` name the buckets that failed in a table, when some of many did", async () => {
  await withFiles({ "r.yaml": document([one, two, denied], [{ id: "a" }]) }, async (file) => {
    await withCos({ buckets: [at(one, [rule("a")]), at(two), shut(denied)] }, async ({ go }) => {
      const flags = [one, two, denied].flatMap((name) => ["--bucket", `${name}@ap-guangzhou`])
      const row =
        /^BUCKET +REGION +RESULT\ndeniedbucket-1250000000 +ap-guangzhou +failed: AccessDenied \(status 403\)$/mu
      const listed = await go(["list", ...flags])
      assert.match(listed.out, row)
      assert.match(listed.out, /\nand 2 buckets read$/u)
      assert.match((await go(["diff", file("r.yaml")])).out, row)
      const written = await go(["export", ...flags, "--out", file("out")])
      assert.equal(written.code, 8)
      assert.match(written.out, row)
      assert.match(written.out, /\nand 2 buckets exported\n\nWrote 1 rule of 2 buckets to \S+$/u)
      const printed = await go(["export", ...flags])
      assert.doesNotMatch(printed.out, /RESULT|Wrote/u)
      assert.match(printed.err, row)
    })
  })
})

test("`plan` and `apply` count the warnings of the files, and leave them to lint", async () => {
  const twice = [{ id: "a" }, { id: "b" }]
  await withFiles({ "r 1.yaml": document([one], twice), "s.yaml": document([two], twice) }, async (file) => {
    await withCos({ buckets: [at(one), at(two)] }, async ({ go }) => {
      for (const args of [["plan", file()], ["apply", file(), "--yes"]]) {
        assert.match((await go(args)).err, /^Note: 2 warnings in 2 files; see them with cos-inventory lint \S+$/mu)
      }
      assert.match(
        (await go(["plan", file("r 1.yaml")])).err,
        /1 warning in 1 file; see it with cos-inventory lint '.*1\.yaml'$/mu,
      )
      assert.equal((await go(["plan", file(), "-o", "json"])).err, "")
      assert.doesNotMatch((await go(["diff", file()])).err, /warning/u)
    })
  })
})

test("every rendering of the demo names it", async () => {
  await withFiles({ "r.yaml": document([demo], [{ id: "a" }]) }, async (file) => {
    const env = { COS_DEMO: "" }
    const said = async (...args: ReadonlyArray<string>) => (await invoke([...args, "--demo"], { env })).out
    const bucket = `${demo}@ap-guangzhou`
    const other = "inventorybucket-1250000000@ap-guangzhou"
    for (
      const text of [
        await said("plan", file("r.yaml")),
        await said("plan", file("r.yaml"), "-o", "markdown"),
        await said("apply", file("r.yaml"), "--yes"),
        await said("diff", file("r.yaml")),
        await said("diff", `cos://${bucket}`, `cos://${bucket}`),
        await said("copy", bucket, other, "--plan"),
        await said("export"),
        await said("export", "--to", "terraform"),
        await said("export", "--out", file("out")),
      ]
    ) assert.match(text, /\bdemo\b/u)
    for (
      const args of [
        ["apply", file("r.yaml"), "--yes"],
        ["diff", file("r.yaml")],
        ["copy", bucket, other, "--yes"],
        ["export"],
        ["export", "--out", file("json")],
      ]
    ) assert.equal(JSON.parse(await said(...args, "-o", "json")).demo, true, args.join(" "))
    for (const args of [["plan", file("r.yaml")], ["copy", bucket, other, "--plan"]]) {
      assert.equal(JSON.parse(await said(...args, "-o", "json")).plan.demo, true, args.join(" "))
    }
    const exported = await said("export", "-o", "json")
    const planned = await invoke(["plan", "-", "--demo"], { env, stdin: exported })
    assert.deepEqual([planned.code, planned.out.split("\n").at(-1)], [0, "No changes in the demo: 3 kept, 0 unmanaged"])
  })
})

test("`apply` carries a plan out where it was made, and nowhere else", async () => {
  await withFiles({ "r.yaml": document([demo], [{ id: "a" }]) }, async (file) => {
    await withCos({ buckets: [at(demo)] }, async ({ go, env, asked }) => {
      const here = (await go(["plan", file("r.yaml"), "-o", "json"])).out
      assert.equal(JSON.parse(here).plan.endpoint, env["COS_ENDPOINT"])
      const ofDemo = (await go(["plan", file("r.yaml"), "--demo", "-o", "json"])).out
      const { COS_ENDPOINT: endpoint, ...bare } = env
      const before = asked.length
      const cases = [
        [here, ["--endpoint", "http://127.0.0.1:9"], /made against http:\S+, and it would be applied to http:\S+:9$/mu],
        [here, ["--demo"], /made against http:\S+, and it would be applied to the embedded demo$/mu],
        [ofDemo, [], /made against the embedded demo, and it would be applied to http:/u],
      ] as const
      for (const [stdin, flags, says] of cases) {
        const { code, err } = await go(["apply", "-", "--yes", ...flags], { stdin })
        assert.equal(code, 7, err)
        assert.match(err, says)
      }
      const onCos = await invoke(["apply", "-", "--yes"], { env: bare, stdin: here })
      assert.equal(onCos.code, 7)
      assert.match(onCos.err, /would be applied to COS itself\n {2}fix: .*--endpoint http/u)
      assert.equal(asked.length, before)
      const same = await go(["apply", "-", "--yes", "--endpoint", `${endpoint}/`], { stdin: here })
      assert.equal(same.code, 0, same.err)
    })
  })
})

test("`plan` says of a bare rule that under rules: nothing need be added, and `put` does not", async () => {
  const bare = JSON.stringify({ id: "a", schedule: { frequency: "Daily" }, destination })
  const env = { ...keys, COS_BUCKET: one, COS_REGION: "ap-guangzhou" }
  for (const args of [["plan", "-"], ["apply", "-"], ["lint", "-"]]) {
    const { out, err } = await invoke(args, { env, stdin: bare })
    assert.match(out + err, /Add isEnabled; or put the rule under rules:, where it is true unless told\n/u)
  }
  assert.match((await invoke(["put", "-"], { env, stdin: bare })).err, /fix: +Add isEnabled\n/u)
})

test("changes of documents are values, and a plan with them is read back", async () => {
  const wanted = {
    id: "a",
    isEnabled: false,
    optionalFields: ["Size", "ETag"],
    schedule: { frequency: "Monthly", monthlyDate: 5 },
  }
  await withFiles({ "r.yaml": document([one], [wanted]) }, async (file) => {
    await withCos({ buckets: [at(one, [rule("a", { optionalFields: ["Size"] })])] }, async ({ go }) => {
      const planned = await go(["plan", file("r.yaml"), "-o", "json"])
      const expected = [
        { path: "isEnabled", before: true, after: false },
        { path: "optionalFields", before: ["Size"], after: ["Size", "ETag"] },
        { path: "schedule.frequency", before: "Weekly", after: "Monthly" },
        { path: "schedule.monthlyDate", after: 5 },
      ]
      assert.deepEqual(JSON.parse(planned.out).plan.buckets[0].steps[0].changes, expected)
      assert.deepEqual(
        JSON.parse((await go(["diff", file("r.yaml"), "-o", "json"])).out).differences[0].changes,
        expected,
      )
      const text = (await go(["plan", file("r.yaml")])).out
      assert.match(text, /~ isEnabled: true -> false\n.*~ optionalFields: Size -> ETag, Size\n/u)
      assert.equal((await go(["apply", "-", "--yes"], { stdin: planned.out })).code, 0)
    })
  })
})

test("a refusal under -o json says everything once", async () => {
  const { err } = await invoke(["export", "--force", "-o", "json"], { env: keys })
  const { error } = JSON.parse(err)
  assert.deepEqual(Object.keys(error), ["type", "action", "message", "advice", "exitCode"])
  assert.equal(new Set(Object.values(error)).size, 5)
})

test("`lint` points at the bucket that is in a finance region, and at a destination that alone is", async () => {
  const text = [
    "buckets:",
    "  - onebucket-1250000000@ap-shanghai-fsi",
    "rules:",
    "  - id: a",
    "    schedule: { frequency: Daily }",
    "    destination: { bucket: inventorybucket-1250000000, format: CSV }",
  ].join("\n")
  const positions = async (stdin: string) =>
    JSON.parse((await invoke(["lint", "-", "-o", "json"], { stdin })).out).findings.filter((
      { code }: { code: string },
    ) => code === "finance-region").map(({ path, position }: { path: string; position: object }) => [path, position])
  assert.deepEqual(await positions(text), [["buckets", { line: 2, column: 5 }]])
  const there = text.replace("-fsi", "").replace("inventorybucket", "qcs::cos:ap-shanghai-fsi::inventorybucket")
  assert.deepEqual(await positions(there), [["destination.bucket", { line: 6, column: 20 }]])
})

test("`lint` says one thing of a period in milliseconds, and another of one in the future", async () => {
  const codes = async (startTime: number) => {
    const stdin = document([one], [{ id: "a", filter: { period: { startTime } } }])
    const { findings } = JSON.parse((await invoke(["lint", "-", "-o", "json"], { stdin })).out)
    return findings.map(({ code }: { code: string }) => code).filter((code: string) => /^(?:time|period)-/u.test(code))
  }
  assert.deepEqual(await codes(1_900_000_000_000), ["time-range"])
  assert.deepEqual(await codes(90_000_000_000), ["period-future"])
})

test("an exported document names no schema, which export does not write, and `new rules` names one", async () => {
  const { out } = await invoke(["export", "--demo"])
  assert.doesNotMatch(out, /schema/u)
  assert.match((await invoke(["new", "rules"])).out, /^# yaml-language-server: \$schema=/u)
})

test("`diff` of two files that name buckets says that it asks none of them", async () => {
  const named = document([one], [{ id: "a" }])
  const files = { "a.yaml": named, "b.yaml": named, "c.yaml": document([], [{ id: "a" }]) }
  await withFiles(files, async (file) => {
    const [a, b, c] = ["a", "b", "c"].map((name) => file(`${name}.yaml`)) as [string, string, string]
    const { err, code } = await invoke(["diff", a, b])
    assert.deepEqual([code, err], [
      0,
      `Note: ${a} against ${b}, not against buckets; for those, give one file or folder`,
    ])
    assert.equal((await invoke(["diff", a, b, "-o", "json"])).err, "")
    assert.equal((await invoke(["diff", a, c])).err, "")
  })
})

test("`lint` says that a default cannot be taken back when a rule has null in its place, and only then", async () => {
  const fixes = async (over: Record<string, unknown>) => {
    const stdin = document([one], [{ id: "a", filter: null, optionalFields: null }], over)
    const { findings } = JSON.parse((await invoke(["lint", "-", "-o", "json"], { stdin })).out)
    return findings.filter(({ found }: { found?: string }) => found === "null").map(({ path, fix }: {
      path: string
      fix: string
    }) => [path, /^A default cannot be taken back: move it out of defaults/u.test(fix)])
  }
  assert.deepEqual(await fixes({}), [["filter", true], ["optionalFields", false]])
})
