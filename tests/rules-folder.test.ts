/** Folders of rules files, and files that are given twice. */
import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { symlinkSync } from "node:fs"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readRulesFile } from "../adapters/rules-file.ts"
import { distinctFiles, rulesFilesAt } from "../adapters/rules-folder.ts"
import { type Finding, isError } from "../core/lint/mod.ts"
import { writeJson } from "../core/wire/json.ts"
import { invoke, withLocalCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { good, jobOf } from "./generated.ts"

const filesOf = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await Effect.runPromise(rulesFilesAt(folder))).map((path) => path.slice(folder.length + 1).replaceAll("\\", "/"))

const bucket = "examplebucket-1250000000"
const ruleOf = (id: string) =>
  `{ id: ${id}, schedule: { frequency: Daily }, destination: { bucket: ${bucket}, prefix: ${id}, format: CSV } }`
const rules = (...ids: ReadonlyArray<string>) =>
  `buckets: [${bucket}@ap-guangzhou]\nrules:\n${ids.map((id) => `  - ${ruleOf(id)}\n`).join("")}`

test("rulesFilesAt gives every rules file below a folder in the order of names when others lie beside them", () =>
  withFiles({
    "b.yaml": "",
    "a/z.yml": "",
    "a/b/c.JSON": "",
    "B.xml": "",
    ".hidden.yaml": "",
    ".git/config.yaml": "",
    "node_modules/x/package.json": "",
    "README.md": "",
    "c.yaml~": "",
    "c.yaml.bak": "",
    "d.yaml/inner.json": "",
  }, async (at) => {
    assert.deepEqual(await filesOf(at()), ["B.xml", "a/b/c.JSON", "a/z.yml", "b.yaml", "d.yaml/inner.json"])
  }))

test("rulesFilesAt ends when links lead in a circle, and takes no pipe, when it is not named like a rules file", () =>
  withFiles(
    { "a.yaml": "", "inner/b.yaml": "", "other.txt": "", "rules.schema.json": "", "b.schema.yaml": "" },
    async (at) => {
      symlinkSync(at(), at("inner", "around"))
      symlinkSync(at("inner"), at("twice"))
      symlinkSync(at("nowhere"), at(".hidden"))
      execFileSync("mkfifo", [at("pipe")])
      assert.deepEqual(await filesOf(at()), ["a.yaml", "b.schema.yaml", "inner/b.yaml", "twice/b.yaml"])
    },
  ))

for (const name of ["broken.yaml", "team-b", "inner/README.md"]) {
  test(`rulesFilesAt says that the link ${name} leads to nothing, since rules may be missing`, () =>
    withFiles({ "a.yaml": "", "inner/b.yaml": "" }, async (at) => {
      symlinkSync(at("nowhere"), at(name))
      const { problem, source } = await Effect.runPromise(Effect.flip(rulesFilesAt(at())))
      assert.equal(source, at(name))
      assert.match(problem, /leads to nothing/u)
    }))
}

test("rulesFilesAt names a pipe that is named like a rules file, and does not wait for its writer", () =>
  withFiles({ "a.yaml": "" }, async (at) => {
    execFileSync("mkfifo", [at("b.YAML")])
    const { problem } = await Effect.runPromise(Effect.flip(rulesFilesAt(at())))
    assert.match(problem, /b\.YAML" is named like a rules file, and is a pipe/u)
  }))

test("`apply --prune` deletes nothing when a link in the folder leads to nothing", () =>
  withFiles({ "a.yaml": `manages: ["*"]\n${rules("a")}` }, (at) =>
    withLocalCos(async (env) => {
      symlinkSync(at("team-b"), at("team"))
      const { code, err } = await invoke(["apply", at(), "--prune", "--yes"], { env })
      assert.equal(code, 5)
      assert.match(err, /leads to nothing/u)
      const list = await invoke(["list", "-o", "json"], { env })
      assert.match(list.out, /list1/u)
    })))

test("rulesFilesAt leaves a path as it is when it is a file, nothing, or standard input", () =>
  withFiles({ "a.txt": "" }, async (at) => {
    for (const path of [at("a.txt"), at("none"), "-"]) {
      assert.deepEqual(await Effect.runPromise(rulesFilesAt(path)), [path])
    }
  }))

test("rulesFilesAt says that a folder holds no rules file when it is empty, and names the folder that cannot be read", () =>
  withFiles({ "x/readme.md": "" }, async (at) => {
    const empty = await Effect.runPromise(Effect.flip(rulesFilesAt(at())))
    assert.match(empty.problem, /holds no rules file$/u)
    symlinkSync(at("loop"), at("loop"))
    const looped = await Effect.runPromise(Effect.flip(rulesFilesAt(at())))
    assert.match(looped.problem, /loop": its symbolic links lead in a circle$/u)
  }))

test("distinctFiles keeps the first path when several lead to one file", () =>
  withFiles({ "a.yaml": "", "b.yaml": "" }, async (at) => {
    const a = at("a.yaml")
    const link = at("link.yaml")
    symlinkSync(a, link)
    const given = [`${at()}/./a.yaml`, link, a, at("b.yaml"), "-", "none.yaml", "none.yaml", "other.yaml"]
    const kept = await Effect.runPromise(distinctFiles(given))
    assert.deepEqual(kept, [given[0], at("b.yaml"), "-", "none.yaml", "other.yaml"])
  }))

// One clear finding for what is not rules

const strangers: ReadonlyArray<readonly [name: string, text: string, code: string]> = [
  ["plan.json", '{ "version": 1, "plan": { "prune": false, "buckets": [] } }', "plan-file"],
  [
    "package.json",
    '{ "name": "rules", "version": "1.0.0", "type": "module", "files": ["a"], "scripts": {} }',
    "no-rules",
  ],
  ["tsconfig.json", '{ "compilerOptions": { "strict": true }, "include": ["."] }', "no-rules"],
  ["config.yaml", "profiles:\n  default: { region: ap-guangzhou }\n", "no-rules"],
  ["list.json", '[{ "buckets": [], "rules": [] }]', "documents-list"],
  ["empty.yaml", "", "document-empty"],
  ["comments.yaml", "# nothing yet\n---\n# nor here\n", "document-empty"],
  ["none.yaml", "[]", "no-rules"],
  ["other.xml", "<Other/>", "xml-root"],
]
for (const [name, text, code] of strangers) {
  test(`readRulesFile gives one finding with its file when it is ${name}`, () =>
    withFiles({ [name]: text }, async (at) => {
      const path = at(name)
      const read = await Effect.runPromise(Effect.result(readRulesFile(path)))
      const findings: ReadonlyArray<Finding> = Result.isSuccess(read)
        ? read.success.sets.flatMap((set) => [
          ...set.findings,
          ...set.entries.flatMap(({ reading }) => reading.findings.map((f) => ({ ...f, file: reading.file! }))),
        ])
        : read.failure._tag === "InvalidInput"
        ? read.failure.findings
        : []
      assert.deepEqual(findings.map((f) => [f.code, f.file]), [[code, path]])
      assert.ok(findings[0]!.fix !== "" && findings[0]!.severity === "error")
    }))
}

test("readRulesFile gives a set with the lines of the file for each document when it is a YAML stream", () =>
  withFiles({ "all.yaml": `${rules("a")}---\n# empty\n---\n${rules("b", "c")}` }, async (at) => {
    const { sets } = await Effect.runPromise(readRulesFile(at("all.yaml")))
    assert.deepEqual(sets.map(({ entries }) => entries.map(({ reading }) => reading.draft.id)), [["a"], ["b", "c"]])
    assert.equal(sets[1]!.entries[1]!.reading.position("id")?.line, 10)
  }))

// Through the commands

const plan = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, stdin = "") =>
  invoke(["plan", ...args, "-o", "json"], { env, stdin })
const created = (out: string): ReadonlyArray<string> =>
  JSON.parse(out).plan.buckets.flatMap((
    one: { readonly steps: ReadonlyArray<{ readonly action: string; readonly id: string }> },
  ) => one.steps.filter(({ action }) => action === "create").map(({ id }) => id))

test("`plan` reads each file once when it is given a folder, files in it again, links and standard input", () =>
  withFiles(
    { "a.yaml": rules("a"), "b/b.json": `{ "buckets": ["${bucket}"], "rules": [] }`, "b/c.yaml": rules("c") },
    (at) =>
      withLocalCos(async (env) => {
        symlinkSync(at("a.yaml"), at("link.yaml"))
        const { code, out, err } = await plan(
          [at(), at("a.yaml"), `${at()}/b/../a.yaml`, "-"],
          env,
          rules("d"),
        )
        assert.deepEqual([code, err.includes("twice")], [2, false], err)
        assert.deepEqual(created(out).toSorted(), ["a", "c", "d"])
      }),
  ))

test("`plan` gives a finding for each stranger, and reads the rest, when a folder holds some", () =>
  withFiles({
    "a.yaml": rules("a").replace("Daily", "Dayly"),
    "plan.json": '{ "plan": {} }',
    "package.json": '{ "name": "x" }',
  }, (at) =>
    withLocalCos(async (env) => {
      const { code, out, err } = await plan([at()], env)
      const findings: ReadonlyArray<Finding> = JSON.parse(err).error.findings
      assert.deepEqual([code, out], [5, ""])
      assert.deepEqual(
        findings.filter(isError).map((f) => `${f.file?.slice(at().length + 1)} ${f.code}`).toSorted(),
        ["a.yaml frequency-known", "package.json no-rules", "plan.json plan-file"],
      )
    })))

test("`plan` leaves the usual bucket alone when a document names an empty list of buckets", () =>
  withFiles({ "a.yaml": rules("a").replace(/\[.*?\]/u, "[]") }, (at) =>
    withLocalCos(async (env) => {
      const { out } = await plan([at("a.yaml")], env)
      assert.deepEqual(created(out), [])
    })))

test("`validate` takes a file as one when it is given twice", () =>
  withFiles({ "a.json": JSON.stringify(writeJson(good)) }, async (at) => {
    const args = ["validate", at("a.json"), `${at()}/./a.json`, "--region", "ap-guangzhou"]
    const { code, err } = await invoke(args)
    assert.deepEqual([code, err.includes("twice")], [0, false], err)
  }))

test("`plan` says what a rule lacks when it is a one-time job", () =>
  withFiles({ "job.json": JSON.stringify({ ...writeJson(jobOf(good)) }) }, (at) =>
    withLocalCos(async (env) => {
      const { code, err } = await plan([at()], env)
      const findings: ReadonlyArray<Finding> = JSON.parse(err).error.findings
      assert.equal(code, 5)
      assert.deepEqual(findings.filter(isError).map(({ path }) => path), ["isEnabled", "schedule.frequency"])
    })))
