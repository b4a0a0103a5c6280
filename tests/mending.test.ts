/** Mending, place by place: what is written, and what is left alone. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { type Judge, mended } from "../adapters/mending.ts"
import { readRulesFile, type RulesFile } from "../adapters/rules-file.ts"
import type { Edit, Finding } from "../core/lint/mod.ts"

const read = (text: string): Promise<RulesFile> => Effect.runPromise(readRulesFile("-", { stdin: once(text) }))

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text))
}

/** What is wrong is what the edits would change, as long as it is not changed. */
const wanting = (...edits: ReadonlyArray<Edit & { readonly id?: string }>): Judge => (reading) =>
  edits.filter(({ id }) => id === undefined || id === reading.draft.id).flatMap(({ path, ...edit }): Array<Finding> => {
    const now = path.split(/[.[\]]+/u).filter((part) => part !== "").reduce<unknown>(
      (at, part) => typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined,
      reading.draft,
    )
    const isDone = JSON.stringify(now) === JSON.stringify(edit.value)
    return isDone ? [] : [{
      code: "wrong",
      severity: "warning",
      path,
      message: "Wrong",
      allowed: "something else",
      fix: "Mend it",
      source: "assumed",
      edit: { path, ...("value" in edit ? { value: edit.value } : {}) },
    }]
  })

const cases: ReadonlyArray<readonly [what: string, before: string, edit: Edit, after: string]> = [
  [
    "a plain word",
    "id: a   # x\nschedule: {frequency: daily}\n",
    { path: "schedule.frequency", value: "Daily" },
    "id: a   # x\nschedule: {frequency: Daily}\n",
  ],
  ["a word in single quotes", "id: 'a' # x\n", { path: "id", value: "it's" }, "id: 'it''s' # x\n"],
  ["a word in double quotes", 'id: "a" # x\n', { path: "id", value: 'a"b' }, 'id: "a\\"b" # x\n'],
  ["a word that has to be quoted now", "id: a # x\n", { path: "id", value: "on" }, 'id: "on" # x\n'],
  [
    "a block text",
    "filter:\n  prefix: |\n    a\nid: x\n",
    { path: "filter.prefix", value: "a" },
    "filter:\n  prefix: a\nid: x\n",
  ],
  ["a value behind an anchor", "id: &i a\n", { path: "id", value: "b" }, "id: &i b\n"],
  [
    "a key that is missing",
    "id: a # x\n# end\n",
    { path: "isEnabled", value: true },
    "id: a # x\nisEnabled: true\n# end\n",
  ],
  [
    "a key that is missing at the end of a file without a line end",
    "# h\nid: a",
    { path: "isEnabled", value: true },
    "# h\nid: a\nisEnabled: true",
  ],
  [
    "a key deep in what is missing",
    "id: a\n",
    { path: "filter.period.startTime", value: 1 },
    "id: a\nfilter: { period: { startTime: 1 } }\n",
  ],
  [
    "a key missing from brackets",
    "# h\n{ id: a }\n",
    { path: "filter.prefix", value: "p" },
    "# h\n{ id: a, filter: { prefix: p } }\n",
  ],
  [
    "a key missing from JSON",
    '{\n\t"id": "a",\n\t"filter": {}\n}',
    { path: "isEnabled", value: true },
    '{\n\t"id": "a",\n\t"filter": {},\n\t"isEnabled": true\n}',
  ],
  [
    "a key missing from empty JSON brackets",
    '{"id":"a","filter":{}}',
    { path: "filter.prefix", value: "p" },
    '{"id":"a","filter":{"prefix": "p"}}',
  ],
  [
    "a key that goes",
    "id: a\n# before\nisEnabled: true # gone\nfilter:\n  prefix: x\n",
    { path: "isEnabled" },
    "id: a\n# before\n# gone\nfilter:\n  prefix: x\n",
  ],
  [
    "a key that goes with all in it",
    "id: a\nfilter:\n  # in\n  prefix: x\nisEnabled: true\n",
    { path: "filter" },
    "id: a\n# in\nisEnabled: true\n",
  ],
  ["the first key of an item", "- isEnabled: true # gone\n  id: a\n", { path: "isEnabled" }, "- # gone\n  id: a\n"],
  ["the last key, without a line end", "id: a\nisEnabled: true", { path: "isEnabled" }, "id: a\n"],
  ["a list that goes on, in lines", "id: a\noptionalFields:\n- Size # s\n\n# next\nfilter: { prefix: x }\n", {
    path: "optionalFields",
    value: ["Size", "Tag"],
  }, "id: a\noptionalFields:\n- Size # s\n- Tag\n\n# next\nfilter: { prefix: x }\n"],
  ["a list that goes on, in brackets", "id: a\noptionalFields: [ Size,ETag ]\n", {
    path: "optionalFields[2]",
    value: "Tag",
  }, "id: a\noptionalFields: [ Size,ETag,Tag ]\n"],
  [
    "a list that was empty",
    "id: a\noptionalFields: []\n",
    { path: "optionalFields", value: ["Tag"] },
    "id: a\noptionalFields: [Tag]\n",
  ],
  ["the only item of a list in lines", "id: a\noptionalFields: # o\n  - Size # s\nisEnabled: true\n", {
    path: "optionalFields[0]",
  }, "id: a\noptionalFields: [] # o\n  # s\nisEnabled: true\n"],
  [
    "the first item in brackets",
    "id: a\noptionalFields: [Size, ETag]\n",
    { path: "optionalFields[0]" },
    "id: a\noptionalFields: [ETag]\n",
  ],
  [
    "an item between comments in brackets",
    "id: a\noptionalFields: [\n  Size, # one\n  ETag, # two\n  Tag # three\n]\n",
    { path: "optionalFields[1]" },
    "id: a\noptionalFields: [\n  Size, # one\n  # two\n  Tag # three\n]\n",
  ],
  ["the API's own names", "Id: a\nDestination:\n  COSBucketDestination: { Prefix: x/ } # p\n", {
    path: "destination.prefix",
    value: "x",
  }, "Id: a\nDestination:\n  COSBucketDestination: { Prefix: x } # p\n"],
]
for (const [what, before, edit, after] of cases) {
  for (const [ends, lineBreak] of [["LF", "\n"], ["CRLF", "\r\n"]] as const) {
    test(`mended changes nothing else when the edit is about ${what}, with lines that end in ${ends}`, async () => {
      const text = before.replaceAll("\n", lineBreak)
      const judge: Judge = (reading, context) => {
        // A removal from a list is done when the list is shorter
        const { length } = reading.draft.optionalFields ?? []
        const count = (before.match(/Size|ETag|Tag/gu) ?? []).length
        return /\[\d\]$/u.test(edit.path) && !("value" in edit) && length < count ? [] : wanting(edit)(reading, context)
      }
      const { fixed, left, text: mendedText } = mended(await read(text), {}, judge)
      assert.equal(mendedText, after.replaceAll("\n", lineBreak))
      assert.deepEqual([fixed.length, left.length], [1, 0])
    })
  }
}

const document = (lines: ReadonlyArray<string>) =>
  ["defaults:", "  optionalFields: [Size, Size] # d", "rules:", ...lines, ""].join("\n")

test("mended changes the defaults when every rule has the finding from there", async () => {
  const text = document(["  - id: a", "  - id: b"])
  const { text: after } = mended(await read(text), {}, wanting({ path: "optionalFields", value: ["Size", "ETag"] }))
  assert.equal(after, text.replace("[Size, Size]", "[Size, ETag]"))
})

test("mended gives a rule its own value when the defaults are right for another one", async () => {
  const text = document(["  - id: a # x", "  - id: b"])
  const edit = { id: "a", path: "optionalFields[2]", value: "Tag" }
  const { left, text: after } = mended(await read(text), {}, wanting(edit))
  assert.equal(after, text.replace("- id: a # x\n", "- id: a # x\n    optionalFields: [Size, Size, Tag]\n"))
  assert.deepEqual(left, [])
})

test("mended gives each rule its own value when two of three are wrong by the defaults", async () => {
  const text = document(["  - id: a # x", "  - id: b", "  - id: c"])
  const edits = ["a", "b"].map((id) => ({ id, path: "optionalFields[2]", value: "Tag" }))
  const { fixed, left, text: after } = mended(await read(text), {}, wanting(...edits))
  const own = "    optionalFields: [Size, Size, Tag]\n"
  assert.equal(after, text.replace("a # x\n", `a # x\n${own}`).replace("b\n", `b\n${own}`))
  assert.deepEqual([fixed.length, left], [2, []])
})

test("mended leaves what stands behind an alias of a rule that has nothing wrong", async () => {
  const text = "- id: a\n  filter: &f { prefix: x }\n- id: b\n  filter: *f\n"
  const { fixed, left, text: after } = mended(
    await read(text),
    {},
    wanting({ id: "b", path: "filter.prefix", value: "z" }),
  )
  assert.deepEqual([after, fixed, left.map(({ path }) => path)], [text, [], ["filter.prefix"]])
  const both = mended(await read(text), {}, wanting({ path: "filter.prefix", value: "z" }))
  assert.equal(both.text, text.replace("prefix: x", "prefix: z"))
})

test("mended takes no variable out of a text", async () => {
  const text = "rules:\n  - id: ${name}-a\n    destination: { prefix: '${name}/${region}/' }\n"
  const away = mended(await read(text), {}, wanting({ path: "destination.prefix", value: "${name}" }))
  assert.equal(away.text, text)
  assert.equal(away.left.length, 1)
  const kept = mended(await read(text), {}, wanting({ path: "destination.prefix", value: "${name}/${region}" }))
  assert.equal(kept.text, text.replace("/' }", "' }"))
})

test("mended does not do what brings an error, and does the rest, when there are both", async () => {
  const text = Array.from({ length: 9 }, (_, i) => `- id: a${i}\n  isEnabled: true\n`).join("")
  const judge: Judge = (reading, context) => [
    ...wanting({ path: "isEnabled", value: false })(reading, context),
    ...(reading.draft.id === "a4" && reading.draft.isEnabled === false
      ? [{ ...wanting({ path: "none", value: 1 })(reading, context)[0]!, code: "worse", severity: "error" as const }]
      : []),
  ]
  const { fixed, left, text: after } = mended(await read(text), {}, judge)
  assert.equal(after.match(/false/gu)?.length, 8)
  assert.deepEqual([fixed.length, left.length], [8, 1])
  assert.match(after, /id: a4\n {2}isEnabled: true/u)
})

test("mended ends when two mends undo each other", async () => {
  const judge: Judge = (reading, context) =>
    wanting({ path: "isEnabled", value: reading.draft.isEnabled === false })(reading, context)
  const { text } = mended(await read("id: a\nisEnabled: true\n"), {}, judge)
  assert.match(text, /^id: a\nisEnabled: (?:true|false)\n$/u)
})

test("mended leaves XML as it is, and says what to do, when it has a finding", async () => {
  const xml = "<InventoryConfiguration><Id>a</Id></InventoryConfiguration>"
  const { fixed, left, text } = mended(await read(xml), {}, wanting({ path: "id", value: "b" }))
  assert.deepEqual([text, fixed], [xml, []])
  assert.match(left[0]!.fix, /XML is not edited: turn it into YAML with fmt -o yaml/u)
})

test("mended edits each document of a stream by itself, and skips empty ones", async () => {
  const text = "---\n# nothing\n---\nid: a\n--- # two\nrules: [{ id: b }]\n"
  const { text: after } = mended(await read(text), {}, wanting({ id: "b", path: "isEnabled", value: false }))
  assert.equal(after, text.replace("{ id: b }", "{ id: b, isEnabled: false }"))
})
