/** YAML texts: what is wrong with them, said once, at its place, in plain words. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { readYaml } from "../adapters/yaml/mod.ts"
import type { Finding } from "../core/lint/mod.ts"
import { readJson } from "../core/wire/json.ts"

const sources = (text: string) => Result.getOrThrow(readYaml(text))
const findings = (text: string): ReadonlyArray<Finding> => Result.getOrThrow(Result.flip(readYaml(text)))
const placed = ({ code, position }: Finding) => `${code} ${position?.line}:${position?.column}`

const slips: ReadonlyArray<readonly [what: string, text: string, place: string, says: RegExp]> = [
  ["a line is a stray word", "a: b\nstray\nc: d\n", "2:1", /^This line is neither `key: value` nor part of a list$/u],
  ["the last line is a stray word", "a: b\nstray\n", "2:1", /^This line is neither/u],
  ["a value holds a colon", "a: b: c", "1:4", /put a value with a colon in quotes$/u],
  ["a bracket is open", "a: [1,\nb: 2\n", "2:1", /^A bracket is not closed/u],
  ["a quotation mark is open", 'a: "b\n', "2:1", /^A quotation mark is not closed$/u],
  ["a tab indents", "a:\n\tb: 1", "2:1", /tab/u],
  ["a list begins beside its key", "a: - b", "1:4", /begin it on the next line$/u],
  ["a value begins with a reserved character", "a: @b", "1:4", /put it in quotes$/u],
]
for (const [what, text, place, says] of slips) {
  test(`readYaml gives one finding in plain words when ${what}`, () => {
    const [finding, ...more] = findings(text)
    assert.deepEqual(more, [])
    assert.equal(placed(finding!), `yaml-syntax ${place}`)
    assert.match(finding!.message, says)
    assert.doesNotMatch(finding!.message, /[A-Z]_[A-Z]|implicit|flow|scalar|token/iu)
  })
}

test("readYaml gives one syntax error a document when one stray line has many consequences", () => {
  const rest = Array.from({ length: 40 }, (_, i) => `- k${i}: v`).join("\n")
  assert.deepEqual(findings(`a: b\n${rest}\n`).map(placed), ["yaml-syntax 2:1"])
  assert.deepEqual(findings(`a: b\n${rest}\n---\nc\nd: e\n`).map(placed), ["yaml-syntax 2:1", "yaml-syntax 43:1"])
})

test("readYaml names every repeated key when nothing else is wrong, and those before it when something is", () => {
  assert.deepEqual(findings("a: 1\na: 2\nb: 3\nb: 4\n").map(placed), ["repeated-key 2:1", "repeated-key 4:1"])
  assert.deepEqual(findings("a: 1\na: 2\nstray\na: 3\n").map(placed), [
    "repeated-key 2:1",
    "yaml-syntax 3:1",
  ])
})

for (
  const [what, text, values] of [
    ["it ends in ---", "a: 1\n---\n", [{ a: 1 }]],
    ["a comment stands behind ---", "a: 1\n---\n# done\n", [{ a: 1 }]],
    ["empty ones stand between others", "---\n---\na: 1\n---\n...\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
    ["a null is written out", "a: 1\n---\nnull\n", [{ a: 1 }, null]],
  ] as const
) {
  test(`readYaml skips empty documents alone when ${what}`, () => {
    assert.deepEqual(sources(text).map(({ value }) => value), values)
  })
}

for (const text of ["", "# nothing\n", "---\n", "---\n---\n# nothing\n---\n"]) {
  test(`readYaml says that the document is empty when it is ${JSON.stringify(text)}`, () => {
    assert.deepEqual(findings(text).map(({ code }) => code), ["document-empty"])
  })
}

for (
  const [written, text] of [
    ["007", "id: 007"],
    ["1e3", "id: 1e3"],
    ["1.10", "id: 1.10"],
    ["True", "id: True"],
    ["0x1F", "{ id: 0x1F }"],
  ] as const
) {
  test(`readYaml and readJson say to put quotes around ${written} as it was written when YAML has it for text`, () => {
    const [source] = sources(text)
    const [finding] = readJson(source!).findings
    assert.deepEqual([finding?.found, finding?.fix], [written, `Put quotes around it: "${written}"`])
  })
}

test("readYaml knows how a value within lists and mappings was written", () => {
  const [source] = sources("- filter:\n    tags: [{ key: 010, value: x }]\n")
  assert.equal(source!.written?.([0, "filter", "tags", 0, "key"]), "010")
  for (const path of [[0, "filter", "tags", 0, "value", "none"], [1], ["none"]]) {
    assert.equal(source!.written?.(path), undefined)
  }
})

test("readYaml finds the place of a merged key when its mapping holds nothing but <<", () => {
  const [source] = sources("a: &a\n  b: 007\nc: { <<: *a }\n")
  assert.deepEqual(source!.position?.(["c", "b"]), { line: 2, column: 3 })
  assert.equal(source!.written?.(["c", "b"]), "007")
})

test("readYaml says that << has no keys to merge when it has no value", () => {
  assert.deepEqual(findings("a: { << }\n").map(placed), ["merge-form 1:6"])
  assert.deepEqual(findings("a:\n  <<:\n").map(placed), ["merge-form 2:6"])
})
