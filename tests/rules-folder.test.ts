/** Folders of rules files, and files that are given twice. */
import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readRulesFile } from "../adapters/rules-file.ts"
import { distinctFiles, rulesFilesAt } from "../adapters/rules-folder.ts"
import { type Finding, isError } from "../core/lint/mod.ts"
import { writeJson } from "../core/wire/json.ts"
import { invoke, withLocalCos } from "./cli.ts"
import { good, jobOf } from "./generated.ts"

/** Runs a body in a folder of files, by their paths below it. */
const inFolder = async <A>(
  files: Readonly<Record<string, string>>,
  body: (folder: string) => Promise<A>,
): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "cos-rules-"))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return await body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const filesOf = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await Effect.runPromise(rulesFilesAt(folder))).map((path) => path.slice(folder.length + 1).replaceAll("\\", "/"))

const bucket = "examplebucket-1250000000"
const ruleOf = (id: string) =>
  `{ id: ${id}, schedule: { frequency: Daily }, destination: { bucket: ${bucket}, prefix: ${id}, format: CSV } }`
const rules = (...ids: ReadonlyArray<string>) =>
  `buckets: [${bucket}@ap-guangzhou]\nrules:\n${ids.map((id) => `  - ${ruleOf(id)}\n`).join("")}`

test("rulesFilesAt gives every rules file below a folder in the order of names when others lie beside them", () =>
  inFolder({
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
  }, async (folder) => {
    assert.deepEqual(await filesOf(folder), ["B.xml", "a/b/c.JSON", "a/z.yml", "b.yaml", "d.yaml/inner.json"])
  }))

test("rulesFilesAt ends, and reads no pipe, when links lead in a circle and a pipe has a rules file's name", () =>
  inFolder({ "a.yaml": "", "inner/b.yaml": "", "other.txt": "" }, async (folder) => {
    symlinkSync(folder, join(folder, "inner", "around"))
    symlinkSync(join(folder, "inner"), join(folder, "twice"))
    symlinkSync(join(folder, "nowhere.yaml"), join(folder, "broken.yaml"))
    execFileSync("mkfifo", [join(folder, "pipe.yaml")])
    assert.deepEqual(await filesOf(folder), ["a.yaml", "broken.yaml", "inner/b.yaml", "twice/b.yaml"])
  }))

test("rulesFilesAt leaves a file, a path that is not there, and standard input as they are", () =>
  inFolder({ "a.txt": "" }, async (folder) => {
    for (const path of [join(folder, "a.txt"), join(folder, "none"), "-"]) {
      assert.deepEqual(await Effect.runPromise(rulesFilesAt(path)), [path])
    }
  }))

test("rulesFilesAt says that a folder holds no rules file when it is empty, and names the folder that cannot be read", () =>
  inFolder({ "x/readme.md": "" }, async (folder) => {
    const empty = await Effect.runPromise(Effect.flip(rulesFilesAt(folder)))
    assert.match(empty.problem, /holds no rules file$/u)
    symlinkSync(join(folder, "loop"), join(folder, "loop"))
    const looped = await Effect.runPromise(Effect.flip(rulesFilesAt(folder)))
    assert.match(looped.problem, /loop": its symbolic links lead in a circle$/u)
  }))

test("distinctFiles keeps the first of the paths that lead to one file, and what has no path of its own", () =>
  inFolder({ "a.yaml": "", "b.yaml": "" }, async (folder) => {
    const a = join(folder, "a.yaml")
    const link = join(folder, "link.yaml")
    symlinkSync(a, link)
    const given = [`${folder}/./a.yaml`, link, a, join(folder, "b.yaml"), "-", "none.yaml", "none.yaml", "other.yaml"]
    const kept = await Effect.runPromise(distinctFiles(given))
    assert.deepEqual(kept, [given[0], join(folder, "b.yaml"), "-", "none.yaml", "other.yaml"])
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
    inFolder({ [name]: text }, async (folder) => {
      const path = join(folder, name)
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

test("readRulesFile gives a set for each document of a YAML stream, with the lines of the file", () =>
  inFolder({ "all.yaml": `${rules("a")}---\n# empty\n---\n${rules("b", "c")}` }, async (folder) => {
    const { sets } = await Effect.runPromise(readRulesFile(join(folder, "all.yaml")))
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

test("plan takes a folder, files in it again, links and standard input, and reads each file once", () =>
  inFolder(
    { "a.yaml": rules("a"), "b/b.json": `{ "buckets": ["${bucket}"], "rules": [] }`, "b/c.yaml": rules("c") },
    (folder) =>
      withLocalCos(async (env) => {
        symlinkSync(join(folder, "a.yaml"), join(folder, "link.yaml"))
        const { code, out, err } = await plan(
          [folder, join(folder, "a.yaml"), `${folder}/b/../a.yaml`, "-"],
          env,
          rules("d"),
        )
        assert.deepEqual([code, err.includes("twice")], [2, false], err)
        assert.deepEqual(created(out).toSorted(), ["a", "c", "d"])
      }),
  ))

test("plan gives a finding for each stranger in a folder, and reads the rest of it", () =>
  inFolder({
    "a.yaml": rules("a").replace("Daily", "Dayly"),
    "plan.json": '{ "plan": {} }',
    "package.json": '{ "name": "x" }',
  }, (folder) =>
    withLocalCos(async (env) => {
      const { code, out, err } = await plan([folder], env)
      const findings: ReadonlyArray<Finding> = JSON.parse(err).error.findings
      assert.deepEqual([code, out], [5, ""])
      assert.deepEqual(
        findings.filter(isError).map((f) => `${f.file?.slice(folder.length + 1)} ${f.code}`).toSorted(),
        ["a.yaml frequency-known", "package.json no-rules", "plan.json plan-file"],
      )
    })))

test("plan leaves the usual bucket alone when a document names an empty list of buckets", () =>
  inFolder({ "a.yaml": rules("a").replace(/\[.*?\]/u, "[]") }, (folder) =>
    withLocalCos(async (env) => {
      const { out } = await plan([join(folder, "a.yaml")], env)
      assert.deepEqual(created(out), [])
    })))

test("validate takes a file that is given twice as one", () =>
  inFolder({ "a.json": JSON.stringify(writeJson(good)) }, async (folder) => {
    const args = ["validate", join(folder, "a.json"), `${folder}/./a.json`, "--region", "ap-guangzhou"]
    const { code, err } = await invoke(args)
    assert.deepEqual([code, err.includes("twice")], [0, false], err)
  }))

test("plan refuses a one-time job with what it lacks, and does not fail over it", () =>
  inFolder({ "job.json": JSON.stringify({ ...writeJson(jobOf(good)) }) }, (folder) =>
    withLocalCos(async (env) => {
      const { code, err } = await plan([folder], env)
      const findings: ReadonlyArray<Finding> = JSON.parse(err).error.findings
      assert.equal(code, 5)
      assert.deepEqual(findings.filter(isError).map(({ path }) => path), ["isEnabled", "schedule.frequency"])
    })))
