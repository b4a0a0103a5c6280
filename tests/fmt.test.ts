/** The canonical form of files, case by case, and `fmt` over files and folders. */
import { strict as assert } from "node:assert"
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { rewriteFile } from "../adapters/file-writing.ts"
import { formatted } from "../adapters/formatting.ts"
import { fixFile } from "../adapters/mending.ts"
import { readRulesFile } from "../adapters/rules-file.ts"
import { invoke } from "./cli.ts"

const text = (lines: ReadonlyArray<string>): string => `${lines.join("\n")}\n`

const messy = text([
  "# All rules of the team",
  "# yaml-language-server: $schema=./rules.schema.json",
  "",
  "# the rules",
  "rules:",
  "  # first",
  "  - schedule:",
  "      # how often",
  "      frequency: Daily",
  "    # what",
  "    filter: { period: {startTime: 1568688761}, prefix: 'logs/' }",
  "    id: ${name}-daily # why",
  "    # last of the first",
  "",
  "",
  "  # second",
  "  - protect: True",
  "    filter: &logs {",
  "      prefix: x, # prefix",
  '      tags: [{value: "18", key: age}] }',
  '    "id": b',
  "  - { filter: *logs, id: c }",
  "# where",
  "buckets:",
  "- examplebucket-1250000000@ap-guangzhou   # demo",
  "# end",
])

const neat = text([
  "# All rules of the team",
  "# yaml-language-server: $schema=./rules.schema.json",
  "",
  "# where",
  "buckets:",
  "  - examplebucket-1250000000@ap-guangzhou # demo",
  "",
  "# the rules",
  "rules:",
  "  # first",
  "  - id: ${name}-daily # why",
  "    # what",
  "    filter: { prefix: 'logs/', period: { startTime: 2019-09-17T02:52:41Z } }",
  "    schedule:",
  "      # how often",
  "      frequency: Daily",
  "    # last of the first",
  "",
  "  # second",
  "  - id: b",
  "    protect: true",
  "    filter: &logs",
  "      prefix: x # prefix",
  '      tags: [ { key: age, value: "18" } ]',
  "  - { id: c, filter: *logs }",
  "",
  "# end",
])

test("formatted gives this text when a document has comments, anchors and every style", () => {
  assert.equal(formatted(messy, "yaml"), neat)
  assert.equal(formatted(neat, "yaml"), neat)
})

test("formatted keeps an alias behind its anchor when the order of keys would turn them round", () => {
  const before = "rules:\n  - id: a\n    filter: &f { prefix: x }\ndefaults:\n  filter: *f\n"
  assert.equal(formatted(before, "yaml"), before)
  const other = "rules:\n  - filter: &f { prefix: x }\n    id: a\ndefaults:\n  filter: *f\n"
  assert.equal(formatted(other, "yaml"), before)
})

test("formatted keeps the target of an alias when two anchors have one name", () => {
  const before = "schedule: &x { frequency: Daily }\nfilter: &x { prefix: y }\nid: a\ndestination: *x\n"
  const after = formatted(before, "yaml")
  assert.match(after ?? "", /filter: &x \{ prefix: y \}\n(?:id: a\n)?destination: \*x/u)
  assert.equal(formatted(after ?? "", "yaml"), after)
})

test("formatted keeps merged keys first when YAML has them", () => {
  const before = "rules:\n  - id: a\n    schedule: &s { frequency: Daily }\n  - id: b\n    schedule: { <<: *s }\n"
  assert.equal(formatted(before, "yaml"), before)
})

test("formatted turns a rule in the API's own names into the JSON form, and says its comments above it", () => {
  const before = text([
    "# api",
    "IsEnabled: 'true' # on",
    "Id: a",
    "Destination:",
    "  # where",
    "  COSBucketDestination: { Format: CSV }",
  ])
  assert.equal(
    formatted(before, "yaml"),
    text(["# api", "# on", "# where", "id: a", "isEnabled: true", "destination:", "  format: CSV"]),
  )
})

test("formatted keeps the documents of a stream, and what empty ones say", () => {
  const before = text([
    "---",
    "# one",
    "id: a",
    "---",
    "# nothing here",
    "---",
    "# three",
    "",
    "id: c",
    "...",
    "# tail",
  ])
  const after = formatted(before, "yaml")
  assert.equal(
    after,
    text(["---", "# one", "id: a", "", "# nothing here", "---", "# three", "", "id: c", "... # tail"]),
  )
})

test("formatted leaves comments as they are, and escapes what steers a terminal in values", () => {
  const before = '# \u{1f469}\u200d\u{1f4bb} \u202e\nfilter: { prefix: "a\u202eb" }\nid: a\n'
  assert.equal(
    formatted(before, "yaml"),
    '# \u{1f469}\u200d\u{1f4bb} \u202e\nid: a\nfilter: { prefix: "a\\u202eb" }\n',
  )
})

test("formatted orders keys and indents by two when a file is JSON", () => {
  const before = '{"rules":[{"id":"a","protect":true,"filter":{"period":{"endTime":"1568688761"}}}],\r\n"version":1}'
  const value = {
    version: 1,
    rules: [{ id: "a", protect: true, filter: { period: { endTime: "2019-09-17T02:52:41Z" } } }],
  }
  assert.equal(formatted(before, "json"), `${JSON.stringify(value, null, 2)}\n`)
})

const rule = text([
  "isEnabled: true",
  "id: a # why",
  "includedObjectVersions: All",
  "schedule: { frequency: Daily }",
  'destination: { bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", format: CSV }',
])
const ruleNeat = text([...rule.trim().split("\n").with(0, "id: a # why").with(1, "isEnabled: true")])

const withFolder = async (files: Readonly<Record<string, string>>, body: (folder: string) => Promise<void>) => {
  const folder = await mkdtemp(join(tmpdir(), "cos-inventory-fmt-"))
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(folder, name, ".."), { recursive: true })
      await writeFile(join(folder, name), content)
    }
    await body(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test("`fmt --check` names the files that are not in canonical form, and ends with 2, until `fmt --write` has rewritten them", () =>
  withFolder({ "a.yaml": rule, "b/c.yml": messy, "d.yaml": ruleNeat, "notes.txt": "x" }, async (folder) => {
    const names = [join(folder, "a.yaml"), join(folder, "b/c.yml")].join("\n")
    const before = await invoke(["fmt", "--check", folder])
    assert.deepEqual([before.code, before.out, before.err], [2, names, ""])
    assert.equal(await readFile(join(folder, "a.yaml"), "utf8"), rule)
    const kept = await stat(join(folder, "d.yaml"))
    const write = await invoke(["fmt", folder, "--write"])
    assert.deepEqual([write.code, write.out, write.err], [0, names, ""])
    assert.equal(await readFile(join(folder, "a.yaml"), "utf8"), ruleNeat)
    assert.equal(await readFile(join(folder, "b/c.yml"), "utf8"), neat)
    assert.equal((await stat(join(folder, "d.yaml"))).ino, kept.ino)
    for (const flag of ["--check", "--write"]) {
      const after = await invoke(["fmt", flag, folder, join(folder, "a.yaml")])
      assert.deepEqual([after.code, after.out, after.err], [0, "", ""])
    }
    assert.deepEqual((await readdir(folder)).toSorted(), ["a.yaml", "b", "d.yaml", "notes.txt"])
  }))

test("`fmt --check` and `--write` do the other files and end with 5 when one cannot be read", () =>
  withFolder({ "a.yaml": rule, "b.yaml": "id: [", "c.yaml": rule }, async (folder) => {
    for (const flag of ["--check", "--write"]) {
      const { code, err, out } = await invoke(["fmt", flag, folder, join(folder, "none.yaml")])
      assert.equal(code, 5)
      assert.equal(out, [join(folder, "a.yaml"), join(folder, "c.yaml")].join("\n"))
      assert.match(err, /b\.yaml:.*\[yaml-syntax\]/u)
      assert.match(err, /none\.yaml.*there is no such file/u)
    }
    assert.equal(await readFile(join(folder, "c.yaml"), "utf8"), ruleNeat)
  }))

test("`fmt` refuses several files, a folder, and flags that do not go together, with 64", () =>
  withFolder({ "a.yaml": ruleNeat }, async (folder) => {
    const file = join(folder, "a.yaml")
    for (
      const [args, says] of [
        [[folder], /only one file can be printed[^]*--check/u],
        [[file, file], /only one file can be printed/u],
        [["--check", "--write", file], /stand together/u],
        [["--write", "-o", "json", file], /keep the form/u],
        [["--write", "-"], /standard input cannot be written/u],
      ] as const
    ) {
      const { code, err, out } = await invoke(["fmt", ...args], { stdin: rule })
      assert.deepEqual([code, out], [64, ""], err)
      assert.match(err, says)
    }
  }))

test("`fmt` and `fmt --check` read the standard input", async () => {
  assert.equal((await invoke(["fmt", "-"], { stdin: rule })).out, ruleNeat.trimEnd())
  const { code, out } = await invoke(["fmt", "--check", "-"], { stdin: rule })
  assert.deepEqual([code, out], [2, "standard input"])
  assert.equal((await invoke(["fmt", "--check", "-"], { stdin: ruleNeat })).code, 0)
})

test("`fmt --write` writes LF, and no byte order mark, when a file has CRLF or a mark", () =>
  withFolder({ "crlf.yaml": ruleNeat.replaceAll("\n", "\r\n"), "mark.yaml": `\ufeff${ruleNeat}` }, async (folder) => {
    assert.equal((await invoke(["fmt", "--check", folder])).code, 2)
    assert.equal((await invoke(["fmt", "--write", folder])).code, 0)
    for (const name of ["crlf.yaml", "mark.yaml"]) assert.equal(await readFile(join(folder, name), "utf8"), ruleNeat)
  }))

test("`fmt --write` keeps the mode, and a symbolic link, when it rewrites a file", () =>
  withFolder({ "real.yaml": rule }, async (folder) => {
    await chmod(join(folder, "real.yaml"), 0o640)
    await symlink("real.yaml", join(folder, "link.yaml"))
    const { code, err } = await invoke(["fmt", "--write", join(folder, "link.yaml")])
    assert.equal(code, 0, err)
    assert.ok((await lstat(join(folder, "link.yaml"))).isSymbolicLink())
    assert.equal((await stat(join(folder, "real.yaml"))).mode & 0o777, 0o640)
    assert.equal(await readFile(join(folder, "real.yaml"), "utf8"), ruleNeat)
  }))

test("`fmt --write` leaves a file that is read-only, and ends with 5", () =>
  withFolder({ "a.yaml": rule }, async (folder) => {
    await chmod(join(folder, "a.yaml"), 0o444)
    const { code, err, out } = await invoke(["fmt", "--write", folder])
    assert.deepEqual([code, out], [5, ""])
    assert.match(err, /cannot write ".*a\.yaml": permission is denied/u)
    assert.equal(await readFile(join(folder, "a.yaml"), "utf8"), rule)
  }))

test("rewriteFile refuses, and leaves nothing beside, when the file is another one than was read", () =>
  withFolder({ "a.yaml": rule }, async (folder) => {
    const path = join(folder, "a.yaml")
    const changed = await Effect.runPromise(Effect.flip(rewriteFile(path, `${rule}# read before\n`, "x")))
    assert.match(changed.message + changed.problem, /it was changed after it was read/u)
    const gone = await Effect.runPromise(Effect.flip(rewriteFile(join(folder, "none"), "", "x")))
    assert.match(gone.problem, /there is no such file/u)
    const directory = await Effect.runPromise(Effect.flip(rewriteFile(folder, "", "x")))
    assert.match(directory.problem, /not a regular file/u)
    assert.equal(await readFile(path, "utf8"), rule)
    assert.deepEqual(await readdir(folder), ["a.yaml"])
  }))

test("`fmt --write` refuses to take the comments out of XML, and `fmt` says that they are gone", () =>
  withFolder({}, async (folder) => {
    const { out: xml } = await invoke(["fmt", "-", "-o", "xml"], { stdin: ruleNeat })
    const path = join(folder, "a.xml")
    await writeFile(path, xml.replace("<Id>", "<!-- why --><Id>"))
    const printed = await invoke(["fmt", path])
    assert.deepEqual([printed.code, printed.out], [0, xml])
    assert.match(printed.err, /^Note: comments of XML/u)
    const { code, err } = await invoke(["fmt", "--write", path])
    assert.equal(code, 5)
    assert.match(err, /xml-comments/u)
    assert.match(await readFile(path, "utf8"), /<!-- why -->/u)
    await writeFile(path, xml)
    assert.equal((await invoke(["fmt", "--write", path])).code, 0)
    assert.equal((await invoke(["fmt", "--check", path])).code, 0)
  }))

test("`fmt -o` turns a rules document into JSON and back, with its defaults and variables, and never into XML", async () => {
  const json = await invoke(["fmt", "-", "-o", "json"], { stdin: messy })
  assert.equal(json.code, 0, json.err)
  assert.equal(json.err, "")
  assert.equal(JSON.parse(json.out).rules[0].id, "${name}-daily")
  const yaml = await invoke(["fmt", "-", "-o", "yaml"], { stdin: json.out })
  assert.equal((await invoke(["fmt", "-", "-o", "json"], { stdin: yaml.out })).out, json.out)
  const xml = await invoke(["fmt", "-", "-o", "xml"], { stdin: messy })
  assert.deepEqual([xml.code, xml.out], [5, ""])
  assert.match(xml.err, /XML has no place for buckets/u)
  const two = await invoke(["fmt", "-", "-o", "json"], { stdin: `${messy}---\n${messy}` })
  assert.equal(two.code, 5)
})

test("`fmt` refuses a rule that lacks what only a document's defaults could give it", async () => {
  const { code, err } = await invoke(["fmt", "-"], { stdin: rule.replace("isEnabled: true\n", "") })
  assert.equal(code, 5)
  assert.match(err, /isEnabled: .*\[required\]/u)
})

test("`fmt` shows a terminal no control sequence out of a comment", async () => {
  const { out } = await invoke(["fmt", "-"], { stdin: `# \u202e\n${ruleNeat}`, terminal: true })
  assert.match(out, /^# \\u\{202e\}\n/u)
})

test("fixFile keeps the mark, CRLF and the mode of a file, and refuses one that has changed", () =>
  withFolder({}, async (folder) => {
    const path = join(folder, "a.yaml")
    const crlf = `\ufeff${rule}`.replaceAll("\n", "\r\n")
    await writeFile(path, crlf.replace("CSV", "csv"), { mode: 0o600 })
    const file = await Effect.runPromise(readRulesFile(path))
    const { fixed } = await Effect.runPromise(fixFile(file))
    assert.deepEqual(fixed.map(({ code, path }) => [code, path]), [["format-known", "destination.format"]])
    assert.equal(await readFile(path, "utf8"), crlf)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const { problem } = await Effect.runPromise(Effect.flip(fixFile(file)))
    assert.match(problem, /it was changed after it was read/u)
    assert.equal(await readFile(path, "utf8"), crlf)
  }))
