/** SARIF as code hosts take it: texts that are sentences, places that are files of the repository, results that keep their print. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { sarifOf } from "../cli/output/sarif.ts"
import { codes } from "../core/advice/mod.ts"
import { type Finding } from "../core/lint/mod.ts"
import { invoke } from "./cli.ts"

const finding: Finding = {
  code: "frequency-known",
  severity: "error",
  path: "schedule.frequency",
  message: "The frequency is unknown",
  found: "daily",
  allowed: "Daily, Weekly, Monthly",
  fix: 'Did you mean "Daily"?',
  source: "page 30625",
  file: "rules/a.yaml",
  position: { line: 7, column: 3 },
}

const resultOf = (change: Partial<Finding>) => sarifOf([{ ...finding, ...change }]).runs[0]!.results[0]!
const uriOf = (file: string) => resultOf({ file }).locations?.[0]?.physicalLocation?.artifactLocation.uri

test("a SARIF message is sentences, with and without a value that was found", () => {
  assert.equal(
    resultOf({}).message.text,
    'The frequency is unknown: daily. What is allowed: Daily, Weekly, Monthly. Did you mean "Daily"?',
  )
  const { found: _, ...without } = finding
  const [run] = sarifOf([{ ...without, fix: "Add it", bucket: "a-1", buckets: 2 }]).runs
  assert.equal(
    run!.results[0]!.message.text,
    "The frequency is unknown. This concerns 2, the first a-1. What is allowed: Daily, Weekly, Monthly. Add it.",
  )
})

test("a SARIF rule has help for every code, which ends as a sentence does", () => {
  for (const { code } of codes) {
    const [rule] = sarifOf([{ ...finding, code }]).runs[0]!.tool.driver.rules
    assert.match(rule!.help.text, /^[A-Z].*\. Source: .*\.$/su, code)
  }
})

test("a SARIF place is a relative path without detours wherever it can be", () => {
  const cases: ReadonlyArray<readonly [file: string, uri: string]> = [
    ["rules/a.yaml", "rules/a.yaml"],
    ["./rules//a.yaml", "rules/a.yaml"],
    ["rules/../other/./a.yaml", "other/a.yaml"],
    ["a/../../b.yaml", "../b.yaml"],
    ["../../b.yaml", "../../b.yaml"],
    ["rules\\a.yaml", "rules/a.yaml"],
    ["/srv//rules/../a b.yaml", "file:///srv/a%20b.yaml"],
    ["/../a.yaml", "file:///a.yaml"],
    ["C:\\rules\\a.yaml", "file:///C:/rules/a.yaml"],
    ["ü#%?.yaml", "%C3%BC%23%25%3F.yaml"],
  ]
  for (const [file, uri] of cases) assert.equal(uriOf(file), uri, file)
})

test("a SARIF place is the beginning of the file when the finding has no position", () => {
  const { position: _, ...without } = finding
  const [location] = sarifOf([without]).runs[0]!.results[0]!.locations!
  assert.deepEqual(location!.physicalLocation!.region, { startLine: 1, startColumn: 1 })
})

test("`lint -o sarif` names no file when it reads standard input", async () => {
  const { out } = await invoke(["lint", "-", "-o", "sarif"], { stdin: "rules:\n  - { id: a b }\n" })
  assert.match(out, /"results"/u)
  assert.doesNotMatch(out, /"uri"|physicalLocation/u)
})

test("a SARIF result keeps its print when lines and folders move, and has another when anything else differs", () => {
  const printsOf = (...findings: ReadonlyArray<Finding>) =>
    sarifOf(findings).runs[0]!.results.map(({ partialFingerprints }) => partialFingerprints["cosInventory/v1"])
  const [print] = printsOf(finding)
  assert.match(print!, /^[0-9a-f]{16}:1$/u)
  for (const change of [{ position: { line: 9, column: 1 } }, { file: "/srv/rules/a.yaml" }, { message: "Other" }]) {
    assert.deepEqual(printsOf({ ...finding, ...change }), [print])
  }
  for (const change of [{ code: "id-empty" }, { path: "id" }, { found: "Dayly" }, { file: "rules/b.yaml" }]) {
    assert.notDeepEqual(printsOf({ ...finding, ...change }), [print])
  }
  assert.equal(new Set(printsOf(finding, finding, finding)).size, 3)
})

test("a SARIF message sets what is to be written apart from its stop", () => {
  assert.match(resultOf({ fix: "Write inventory" }).message.text, / Write "inventory"\.$/u)
})
