/** The canonical form of files, case by case, and `fmt` over files and folders. */
import { strict as assert } from "node:assert"
import { chmod, lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rewriteFile } from "../adapters/file-writing.ts"
import { formatted } from "../adapters/formatting/mod.ts"
import { fixFile } from "../adapters/mending/mod.ts"
import { readRulesFile } from "../adapters/rules-file.ts"
import { readYaml } from "../adapters/yaml/mod.ts"
import { readRuleSet } from "../core/ruleset/mod.ts"
import { invoke } from "./cli.ts"
import { withFiles } from "./folder.ts"

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

test("formatted keeps what << and anchors mean when merges are lists, nested, overridden and out of order", () => {
  const before = text([
    "buckets: [examplebucket-1250000000@ap-guangzhou]",
    "defaults: &defaults",
    "  destination: &there { format: CSV, bucket: inventorybucket-1250000000 }",
    "rules:",
    "  - id: &a a # the first",
    "    schedule: &daily",
    "      frequency: Daily",
    "    <<: &common { isEnabled: false, includedObjectVersions: All }",
    "  - destination:",
    "      prefix: *a",
    "      <<: *there",
    "    isEnabled: true",
    "    <<: [*common, { includedObjectVersions: Current, optionalFields: [Size] }]",
    "    schedule: { <<: *daily, frequency: Weekly }",
    "    id: b",
  ])
  const after = formatted(before, "yaml")
  assert.ok(after !== undefined)
  const meaningOf = (yaml: string) =>
    Result.getOrThrow(readYaml(yaml)).map(readRuleSet).flatMap(({ entries }) => entries.map((e) => e.reading.draft))
  const [, second] = meaningOf(before)
  assert.deepEqual([second?.isEnabled, second?.includedObjectVersions, second?.schedule], [true, "All", {
    frequency: "Weekly",
  }])
  assert.deepEqual(meaningOf(after), meaningOf(before))
  assert.deepEqual(after.match(/<<|[&*]\w+/gu)?.toSorted(), before.match(/<<|[&*]\w+/gu)?.toSorted())
  assert.equal(formatted(after, "yaml"), after)
})

test("formatted gives the JSON form with all comments above it when a rule has the API's own names", () => {
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

test("formatted keeps every document and what empty ones say when a file is a stream", () => {
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

test("formatted escapes what steers a terminal when it stands in a value, and leaves it in comments", () => {
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

test("`fmt --check` names files and ends with 2 when they are not in canonical form, until `fmt --write` has rewritten them", () =>
  withFiles({ "a.yaml": rule, "b/c.yml": messy, "d.yaml": ruleNeat, "notes.txt": "x" }, async (at) => {
    const names = [at("a.yaml"), at("b/c.yml")].join("\n")
    const before = await invoke(["fmt", "--check", at()])
    assert.deepEqual([before.code, before.out, before.err], [2, names, ""])
    assert.equal(await readFile(at("a.yaml"), "utf8"), rule)
    const kept = await stat(at("d.yaml"))
    const write = await invoke(["fmt", at(), "--write"])
    assert.deepEqual([write.code, write.out, write.err], [0, names, ""])
    assert.equal(await readFile(at("a.yaml"), "utf8"), ruleNeat)
    assert.equal(await readFile(at("b/c.yml"), "utf8"), neat)
    assert.equal((await stat(at("d.yaml"))).ino, kept.ino)
    for (const flag of ["--check", "--write"]) {
      const after = await invoke(["fmt", flag, at(), at("a.yaml")])
      assert.deepEqual([after.code, after.out, after.err], [0, "", ""])
    }
    assert.deepEqual((await readdir(at())).toSorted(), ["a.yaml", "b", "d.yaml", "notes.txt"])
  }))

test("`fmt --check` and `--write` do the other files and end with 5 when one cannot be read", () =>
  withFiles({ "a.yaml": rule, "b.yaml": "id: [", "c.yaml": rule }, async (at) => {
    for (const flag of ["--check", "--write"]) {
      const { code, err, out } = await invoke(["fmt", flag, at(), at("none.yaml")])
      assert.equal(code, 5)
      assert.equal(out, [at("a.yaml"), at("c.yaml")].join("\n"))
      assert.match(err, /b\.yaml:.*\[yaml-syntax\]/u)
      assert.match(err, /none\.yaml.*there is no such file/u)
    }
    assert.equal(await readFile(at("c.yaml"), "utf8"), ruleNeat)
  }))

test("`fmt` ends with 64 when it is given several files, a folder, or flags that do not go together", () =>
  withFiles({ "a.yaml": ruleNeat }, async (at) => {
    const file = at("a.yaml")
    for (
      const [args, says] of [
        [[at()], /only one file can be printed[^]*--check/u],
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

test("`fmt` and `fmt --check` read standard input when the file is -", async () => {
  assert.equal((await invoke(["fmt", "-"], { stdin: rule })).out, ruleNeat.trimEnd())
  const { code, out } = await invoke(["fmt", "--check", "-"], { stdin: rule })
  assert.deepEqual([code, out], [2, "standard input"])
  assert.equal((await invoke(["fmt", "--check", "-"], { stdin: ruleNeat })).code, 0)
})

test("`fmt --write` writes LF, and no byte order mark, when a file has CRLF or a mark", () =>
  withFiles({ "crlf.yaml": ruleNeat.replaceAll("\n", "\r\n"), "mark.yaml": `\ufeff${ruleNeat}` }, async (at) => {
    assert.equal((await invoke(["fmt", "--check", at()])).code, 2)
    assert.equal((await invoke(["fmt", "--write", at()])).code, 0)
    for (const name of ["crlf.yaml", "mark.yaml"]) assert.equal(await readFile(at(name), "utf8"), ruleNeat)
  }))

test("`fmt --write` keeps the mode, and a symbolic link, when it rewrites a file", () =>
  withFiles({ "real.yaml": rule }, async (at) => {
    await chmod(at("real.yaml"), 0o640)
    await symlink("real.yaml", at("link.yaml"))
    const { code, err } = await invoke(["fmt", "--write", at("link.yaml")])
    assert.equal(code, 0, err)
    assert.ok((await lstat(at("link.yaml"))).isSymbolicLink())
    assert.equal((await stat(at("real.yaml"))).mode & 0o777, 0o640)
    assert.equal(await readFile(at("real.yaml"), "utf8"), ruleNeat)
  }))

test("`fmt --write` leaves a file and ends with 5 when it is read-only", () =>
  withFiles({ "a.yaml": rule }, async (at) => {
    await chmod(at("a.yaml"), 0o444)
    const { code, err, out } = await invoke(["fmt", "--write", at()])
    assert.deepEqual([code, out], [5, ""])
    assert.match(err, /cannot write ".*a\.yaml": permission is denied/u)
    assert.equal(await readFile(at("a.yaml"), "utf8"), rule)
  }))

test("rewriteFile refuses, and leaves nothing beside, when the file is another one than was read", () =>
  withFiles({ "a.yaml": rule }, async (at) => {
    const path = at("a.yaml")
    const changed = await Effect.runPromise(Effect.flip(rewriteFile(path, `${rule}# read before\n`, "x")))
    assert.match(changed.message + changed.problem, /it was changed after it was read/u)
    const gone = await Effect.runPromise(Effect.flip(rewriteFile(at("none"), "", "x")))
    assert.match(gone.problem, /there is no such file/u)
    const directory = await Effect.runPromise(Effect.flip(rewriteFile(at(), "", "x")))
    assert.match(directory.problem, /not a regular file/u)
    assert.equal(await readFile(path, "utf8"), rule)
    assert.deepEqual(await readdir(at()), ["a.yaml"])
  }))

test("`fmt --write` refuses and `fmt` says that they are gone when XML has comments", () =>
  withFiles({}, async (at) => {
    const { out: xml } = await invoke(["fmt", "-", "-o", "xml"], { stdin: ruleNeat })
    const path = at("a.xml")
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

test("`fmt -o` turns its file into JSON and back, and never into XML, when it is a rules document", async () => {
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

test("`fmt` refuses a rule when it lacks what only a document's defaults could give", async () => {
  const { code, err } = await invoke(["fmt", "-"], { stdin: rule.replace("isEnabled: true\n", "") })
  assert.equal(code, 5)
  assert.match(err, /isEnabled: .*\[required\]/u)
})

test("`fmt` escapes what steers a terminal when a comment holds it", async () => {
  const { out } = await invoke(["fmt", "-"], { stdin: `# \u202e\n${ruleNeat}`, terminal: true })
  assert.match(out, /^# \\u\{202e\}\n/u)
})

test("fixFile keeps the mark, CRLF and the mode of a file, and refuses when it has changed", () =>
  withFiles({}, async (at) => {
    const path = at("a.yaml")
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

test("formatted keeps a comment above the end of a document, or behind it, when the text marks the end", () => {
  for (const text of ["id: a\n# last\n...\n", "id: a\n... # end\n", "- id: a\n# last\n... # end\n---\nid: b\n"]) {
    assert.equal(formatted(text, "yaml"), text)
  }
})

test("formatted keeps what is said on the line of a key when its value has an anchor, first in the value", () => {
  const text = "rules:\n  - id: a\n    schedule: &s # agreed\n      monthlyDate: 1\n      frequency: Monthly\n"
  const after = "rules:\n  - id: a\n    schedule: &s\n      # agreed\n      frequency: Monthly\n      monthlyDate: 1\n"
  assert.equal(formatted(text, "yaml"), after)
})

test("`new` prints what `fmt` would make of it when it is asked for any kind", async () => {
  for (const kind of ["daily", "weekly", "monthly", "once", "rules"]) {
    const { out } = await invoke(["new", kind])
    assert.equal(formatted(`${out}\n`, "yaml"), `${out}\n`)
  }
})
