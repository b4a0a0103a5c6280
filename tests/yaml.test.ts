/** YAML and JSON texts: what is wrong with them, said once, at its place, in plain words. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { jsonFault } from "../adapters/json-fault.ts"
import { readYaml } from "../adapters/yaml.ts"
import type { Finding } from "../core/lint/mod.ts"
import { readJson } from "../core/wire/json.ts"
import { prop } from "./harness.ts"

const sources = (text: string, form: "json" | "yaml" = "yaml") => Result.getOrThrow(readYaml(text, form))
const findings = (text: string, form: "json" | "yaml" = "yaml"): ReadonlyArray<Finding> =>
  Result.getOrThrow(Result.flip(readYaml(text, form)))
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
  const [form, written, text] of [
    ["yaml", "007", "id: 007"],
    ["yaml", "1e3", "id: 1e3"],
    ["yaml", "1.10", "id: 1.10"],
    ["yaml", "True", "id: True"],
    ["yaml", "0x1F", "{ id: 0x1F }"],
    ["json", "1.50", '{ "id": 1.50 }'],
    ["json", "12345678901234567890", '{ "id": 12345678901234567890 }'],
  ] as const
) {
  test(`readYaml and readJson say to put quotes around ${written} as it was written when ${form} has it for text`, () => {
    const [source] = sources(text, form)
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

const notJson: ReadonlyArray<readonly [what: string, text: string, place: string, says: RegExp]> = [
  ["a word is misspelt", '{\n"id":"x",\n"isEnabled":tru\n}', "3:13", /this word is none of its own/u],
  ["a word is too long", "[nulls]", "1:2", /this word/u],
  ["a comma is last in an object", '{\n  "a": 1,\n}', "3:1", /a comma stands before a closing bracket/u],
  ["a comma is last in a list", "[1, ]", "1:5", /a comma stands before a closing bracket/u],
  ["a comma is missing", '{"a": 1\n "b": 2}', "2:2", /a comma or a closing bracket is missing/u],
  ["a colon is missing", '{"a" 1}', "1:6", /a colon is missing/u],
  ["a value is missing", '{"a": , "b": 1}', "1:7", /no value stands here/u],
  ["a key has no quotes", "{a: 1}", "1:2", /no key in double quotation marks/u],
  ["a value has single quotes", "['a']", "1:2", /this word/u],
  ["a comment is first", "// c\n{}", "1:1", /comment/u],
  ["a comment is within", '{\n  # c\n"a": 1}', "2:3", /comment/u],
  ["it is cut off", '{"a": [1', "1:9", /it ends too early/u],
  ["it is cut off in a string", '["abc', "1:6", /it ends too early/u],
  ["it is cut off behind a key", '{"a"', "1:5", /it ends too early/u],
  ["there is nothing", " \n", "2:1", /it ends too early/u],
  ["a second value follows", "{}\n{}", "2:1", /something stands behind its end/u],
  ["a bracket is too many", "[1]]", "1:4", /something stands behind its end/u],
  ["brackets do not match", "[1}", "1:3", /a comma or a closing bracket/u],
  ["a number begins with 0", '{"a": 01}', "1:7", /this is no number/u],
  ["a number has a plus", "[+1]", "1:2", /this is no number/u],
  ["a number ends in a point", "[1.]", "1:2", /this is no number/u],
  ["a line ends within a string", '["a\nb"]', "1:4", /a line break or another control character/u],
  ["a backslash stands for nothing", '["C:\\dir"]', "1:5", /backslash/u],
]
for (const [what, text, place, says] of notJson) {
  test(`readYaml names the place and the slip, alike on every runtime, when JSON is wrong: ${what}`, () => {
    const [finding, ...more] = findings(text, "json")
    assert.deepEqual(more, [])
    assert.equal(placed(finding!), `json-syntax ${place}`)
    assert.match(finding!.message, /^The document is not JSON: /u)
    assert.match(finding!.message, says)
  })
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

prop(
  "jsonFault agrees with JSON.parse, and what stands before the fault could have gone on, whatever the text",
  Schema.Struct({
    value: Schema.Array(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Number, Schema.Boolean]))),
    spaced: Schema.Boolean,
    at: Schema.Number,
    instead: Schema.Literals([
      "",
      ",",
      '"',
      "\\",
      "}",
      "]",
      "{",
      "[",
      ":",
      "0",
      ".",
      "-",
      "e",
      "t",
      " ",
      "\n",
      "\t",
      "/",
    ]),
    removed: Schema.Literals([0, 1, 2, 1000]),
  }),
  ({ at, instead, removed, spaced, value }) => {
    const whole = JSON.stringify(value, null, spaced ? 1 : 0)
    const cut = Math.floor(Math.abs(Number.isFinite(at) ? at : 0) * 7) % (whole.length + 1)
    const text = whole.slice(0, cut) + instead + whole.slice(cut + removed)
    const fault = jsonFault(text)
    if (fault === undefined) return isJson(text)
    const rest = jsonFault(text.slice(0, fault.offset))
    return !isJson(text) && (rest === undefined || rest.offset === fault.offset)
  },
  { runs: 2000 },
)
