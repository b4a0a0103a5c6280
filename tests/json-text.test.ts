/** JSON texts: read as JSON's own parser reads them, each part with its place, and what is wrong with them. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { jsonFault, readJsonText } from "../adapters/json/mod.ts"
import type { Finding } from "../core/lint/mod.ts"
import { maxListBytes } from "../core/limits.ts"
import { type Path, readJson } from "../core/wire/json.ts"
import { dice } from "./generated.ts"
import { prop } from "./harness.ts"

const source = (text: string) => Result.getOrThrow(readJsonText(text))
const findings = (text: string): ReadonlyArray<Finding> => Result.getOrThrow(Result.flip(readJsonText(text)))
const placed = ({ code, position }: Finding) => `${code} ${position?.line}:${position?.column}`

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
  test(`readJsonText names the place and the slip, alike on every runtime, when JSON is wrong: ${what}`, () => {
    const [finding, ...more] = findings(text)
    assert.deepEqual(more, [])
    assert.equal(placed(finding!), `json-syntax ${place}`)
    assert.match(finding!.message, /^The document is not JSON: /u)
    assert.match(finding!.message, says)
  })
}

/** A text with space of every kind between its parts, and where each part of its value begins, its key where it has one. */
interface Spread {
  readonly text: string
  readonly places: ReadonlyArray<readonly [path: Path, offset: number, written: string | undefined]>
  /** Of the second of two keys that are one. */
  readonly repeated: ReadonlyArray<number>
}

/** Builds a text from the front, so that each part's place is the length so far. */
const spread = (seed: number, repeats: boolean): Spread => {
  const roll = dice(seed)
  const places: Array<readonly [Path, number, string | undefined]> = []
  const repeated: Array<number> = []
  let text = ""
  const space = () => {
    for (let n = roll(3); n > 0; n--) text += ["", " ", "\n", "\r\n", "\t"][roll(5)]!
  }
  const plain = ["0", "-0", "7", "1.50", "-2e3", "1E400", "12345678901234567890", "true", "false", "null"]
  const texts = ['""', '"a"', '"{[,:]}"', '"\\"\\\\"', '"# no"', '"\\u0041\\n"', '"\ud83d\ude00"', '"- - -"']
  const keys = ["a", "b.c", "0", "<<", "__proto__", 'q"', "\\", "\u00e9", "", "prototype"]
  const spelt = (key: string): string =>
    roll(4) === 0 && key !== ""
      ? `"${[...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`
      : JSON.stringify(key)
  const list = (path: Path, depth: number) => {
    for (let i = 0, count = roll(4); i < count; i++) {
      if (i > 0) text += ","
      space()
      value([...path, i], depth + 1, text.length)
      space()
    }
  }
  const object = (path: Path, depth: number) => {
    const seen = new Set<string>()
    for (let i = 0, count = roll(4); i < count; i++) {
      const key = keys[roll(keys.length)]!
      if (seen.has(key) && !repeats) continue
      if (seen.size > 0) text += ","
      space()
      if (seen.has(key)) repeated.push(text.length)
      seen.add(key)
      const at = text.length
      text += spelt(key)
      space()
      text += ":"
      space()
      value([...path, key], depth + 1, at)
      space()
    }
  }
  const value = (path: Path, depth: number, at: number) => {
    const kind = roll(depth > 4 ? 2 : 6)
    const written = kind === 0 ? plain[roll(plain.length)]! : undefined
    places.push([path, at, written])
    if (kind < 2) text += written ?? texts[roll(texts.length)]!
    else {
      text += kind < 4 ? "[" : "{"
      space()
      if (kind < 4) list(path, depth)
      else object(path, depth)
      text += kind < 4 ? "]" : "}"
    }
  }
  space()
  value([], 0, text.length)
  space()
  return { text, places, repeated }
}

const placeOf = (text: string, offset: number) => {
  const before = text.slice(0, offset).split("\n")
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

prop(
  "readJsonText gives the value of JSON.parse, and the place and the spelling of every part, whatever the text",
  Schema.Struct({ seed: Schema.Int }),
  ({ seed }) => {
    const { places, text } = spread(seed, false)
    const { position, value, written } = source(text)
    assert.deepEqual(value, JSON.parse(text))
    for (const [path, offset, spelling] of places) {
      assert.deepEqual(position(path), placeOf(text, offset), `${text}\n${path.join("/")}`)
      assert.equal(written(path), spelling, `${text}\n${path.join("/")}`)
      // What is not there has the place of what is around it, and no spelling
      assert.deepEqual(position([...path, "none", "a", 0]), placeOf(text, offset), text)
      assert.equal(written([...path, "none"]), undefined)
    }
    return true
  },
  { runs: 500 },
)

prop(
  "readJsonText names every key that stands twice, also in another spelling, and nothing else, whatever the text",
  Schema.Struct({ seed: Schema.Int }),
  ({ seed }) => {
    const { repeated, text } = spread(seed, true)
    const read = readJsonText(text)
    const found = Result.isFailure(read) ? read.failure : []
    assert.deepEqual(
      found.map(({ code, position }) => [code, position]),
      repeated.map((offset) => ["repeated-key", placeOf(text, offset)]),
      text,
    )
    return true
  },
  { runs: 500 },
)

test("readJsonText refuses what is nested deeper than 64 levels where it goes deeper, but not brackets in text", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`
  assert.deepEqual(source(nested(64)).value, JSON.parse(nested(64)))
  assert.deepEqual(findings(`\n${nested(65)}`).map(placed), ["document-depth 2:65"])
  assert.deepEqual(findings("[".repeat(100_000)).map(placed), ["document-depth 1:65"])
  const quoted = JSON.stringify({ prefix: `${"[".repeat(65)}${"- ".repeat(65)}` })
  assert.deepEqual(source(quoted).value, JSON.parse(quoted))
})

test("readJsonText refuses a text that is longer than it may be, and takes one that is as long", () => {
  const text = '["abc"]'
  assert.deepEqual(findings(" ".repeat(maxListBytes) + text).map(placed), ["document-too-large 1:1"])
  const read = [6, 7].map((maxLength) => Result.isSuccess(readJsonText(text, maxLength)))
  assert.deepEqual(read, [false, true])
})

test("readJsonText reads a long text with escapes when it is given one", () => {
  const text = JSON.stringify({ body: 'x"\\\n'.repeat(500_000) })
  assert.deepEqual(source(text).position(["body"]), { line: 1, column: 2 })
})

for (
  const [written, text] of [
    ["1.50", '{ "id": 1.50 }'],
    ["12345678901234567890", '{ "id": 12345678901234567890 }'],
  ] as const
) {
  test(`readJsonText and readJson say to put quotes around ${written} as it was written when text belongs there`, () => {
    const [finding] = readJson(source(text)).findings
    assert.deepEqual([finding?.found, finding?.fix], [written, `Put quotes around it: "${written}"`])
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
