/** Mending, place by place: what is written, and what is left alone. */
import { strict as assert } from "node:assert"
import { readFile } from "node:fs/promises"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { fixFile, type Judge, mended } from "../adapters/mending/mod.ts"
import { readRulesFile, type RulesFile } from "../adapters/rules-file.ts"
import { advise } from "../core/advice/mod.ts"
import { type Edit, type Finding } from "../core/lint/mod.ts"
import { withFiles } from "./folder.ts"

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
      const { fixed, left, text: mendedText } = mended(await read(text), judge)
      assert.equal(mendedText, after.replaceAll("\n", lineBreak))
      assert.deepEqual([fixed.length, left.length], [1, 0])
    })
  }
}

const document = (lines: ReadonlyArray<string>) =>
  ["defaults:", "  optionalFields: [Size, Size] # d", "rules:", ...lines, ""].join("\n")

test("mended changes the defaults when every rule has the finding from there", async () => {
  const text = document(["  - id: a", "  - id: b"])
  const { text: after } = mended(await read(text), wanting({ path: "optionalFields", value: ["Size", "ETag"] }))
  assert.equal(after, text.replace("[Size, Size]", "[Size, ETag]"))
})

test("mended gives a rule its own value when the defaults are right for another one", async () => {
  const text = document(["  - id: a # x", "  - id: b"])
  const edit = { id: "a", path: "optionalFields[2]", value: "Tag" }
  const { left, text: after } = mended(await read(text), wanting(edit))
  assert.equal(after, text.replace("- id: a # x\n", "- id: a # x\n    optionalFields: [Size, Size, Tag]\n"))
  assert.deepEqual(left, [])
})

test("mended gives each rule its own value when two of three are wrong by the defaults", async () => {
  const text = document(["  - id: a # x", "  - id: b", "  - id: c"])
  const edits = ["a", "b"].map((id) => ({ id, path: "optionalFields[2]", value: "Tag" }))
  const { fixed, left, text: after } = mended(await read(text), wanting(...edits))
  const own = "    optionalFields: [Size, Size, Tag]\n"
  assert.equal(after, text.replace("a # x\n", `a # x\n${own}`).replace("b\n", `b\n${own}`))
  assert.deepEqual([fixed.length, left], [2, []])
})

test("mended leaves what stands behind an alias when its rule has nothing wrong", async () => {
  const text = "- id: a\n  filter: &f { prefix: x }\n- id: b\n  filter: *f\n"
  const { fixed, left, text: after } = mended(
    await read(text),
    wanting({ id: "b", path: "filter.prefix", value: "z" }),
  )
  assert.deepEqual([after, fixed, left.map(({ path }) => path)], [text, [], ["filter.prefix"]])
  const both = mended(await read(text), wanting({ path: "filter.prefix", value: "z" }))
  assert.equal(both.text, text.replace("prefix: x", "prefix: z"))
})

test("mended takes nothing out of a text when it holds variables", async () => {
  const text = "rules:\n  - id: ${name}-a\n    destination: { prefix: '${name}/${region}/' }\n"
  const away = mended(await read(text), wanting({ path: "destination.prefix", value: "${name}" }))
  assert.equal(away.text, text)
  assert.equal(away.left.length, 1)
  const kept = mended(await read(text), wanting({ path: "destination.prefix", value: "${name}/${region}" }))
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
  const { fixed, left, text: after } = mended(await read(text), judge)
  assert.equal(after.match(/false/gu)?.length, 8)
  assert.deepEqual([fixed.length, left.length], [8, 1])
  assert.match(after, /id: a4\n {2}isEnabled: true/u)
})

test("mended ends when two mends undo each other", async () => {
  const judge: Judge = (reading, context) =>
    wanting({ path: "isEnabled", value: reading.draft.isEnabled === false })(reading, context)
  const { text } = mended(await read("id: a\nisEnabled: true\n"), judge)
  assert.match(text, /^id: a\nisEnabled: (?:true|false)\n$/u)
})

test("mended leaves XML as it is, and says what to do, when it has a finding", async () => {
  const xml = "<InventoryConfiguration><Id>a</Id></InventoryConfiguration>"
  const { fixed, left, text } = mended(await read(xml), wanting({ path: "id", value: "b" }))
  assert.deepEqual([text, fixed], [xml, []])
  assert.match(left[0]!.fix, /XML is not edited: turn it into YAML with fmt -o yaml/u)
})

test("mended edits each document by itself, and skips empty ones, when a file is a stream", async () => {
  const text = "---\n# nothing\n---\nid: a\n--- # two\nrules: [{ id: b }]\n"
  const { text: after } = mended(await read(text), wanting({ id: "b", path: "isEnabled", value: false }))
  assert.equal(after, text.replace("{ id: b }", "{ id: b, isEnabled: false }"))
})

test("mended reads the text twice, not once a rule, when every second mend would be refused", async () => {
  const rules = Array.from({ length: 60 }, (_, i) => {
    const schedule = `schedule: { frequency: ${i % 2 === 0 ? "daily" : "monthly"} }`
    return `- id: r${i}\n  ${schedule}\n  destination: { bucket: inv-1250000000, format: CSV }\n`
  })
  let calls = 0
  const judge: Judge = (reading, context) => {
    calls++
    return advise(reading, context)
  }
  const text = rules.join("")
  const { fixed, left, text: after } = mended(await read(text), judge)
  assert.equal(after, text.replaceAll("daily", "Daily"))
  assert.deepEqual([fixed.length, left.length], [30, 30])
  assert.ok(calls <= 60 * 8, `${calls} judgements of 60 rules`)
})

test("mended does all it can in one run when the one mend that is refused is the last of thousands", async () => {
  const rules = Array.from({ length: 2500 }, (_, i) => `- {id: r${i}, schedule: {frequency: daily}}\n`)
  const { left } = mended(await read(`${rules.join("")}- {id: last, schedule: {frequency: monthly}}\n`))
  assert.deepEqual(left.map(({ found }) => found), ["monthly"])
})

test("mended does what one mend makes possible for another, and nothing a second time, when it was refused before", async () => {
  const judge: Judge = (reading, context) => {
    const { id, isEnabled, filter } = reading.draft
    return [
      ...wanting({ path: "isEnabled", value: true }, { path: "filter.prefix", value: "new" })(reading, context),
      // The one is an error as long as the other is not done
      ...(id === "b" && filter?.prefix === "new" && isEnabled !== true
        ? [{ ...wanting({ path: "none", value: 1 })(reading, context)[0]!, code: "worse", severity: "error" as const }]
        : []),
    ]
  }
  const text = "- { id: a, filter: { prefix: old } }\n- { id: b, filter: { prefix: old }, isEnabled: false }\n"
  const once = mended(await read(text), judge)
  assert.deepEqual(once.left, [])
  assert.deepEqual(mended(await read(once.text), judge), { text: once.text, fixed: [], left: [] })
})

test("mended adds a key once, where it is merged from, when a mapping and who merges it lack it", async () => {
  const text = "- id: a\n  destination: &d { bucket: x }\n- id: b\n  destination: { <<: *d, prefix: b }\n"
  const { left, text: after } = mended(await read(text), wanting({ path: "destination.format", value: "CSV" }))
  assert.equal(after, text.replace("bucket: x }", "bucket: x, format: CSV }"))
  assert.deepEqual(left, [])
})

test("mended changes what is merged once when rules merge each other in a row", async () => {
  const text = "- &a\n  id: a\n  optionalFields: [Size, Size]\n- &b\n  <<: *a\n  id: b\n- <<: [*b]\n  id: c\n"
  const { left, text: after } = mended(await read(text), wanting({ path: "optionalFields[1]" }))
  assert.equal(after, text.replace("[Size, Size]", "[Size]"))
  assert.deepEqual(left, [])
})

test("mended gives who merges a value of its own, and keeps what else is merged, when the merged one is right elsewhere", async () => {
  const text = "- &a\n  id: a\n  isEnabled: true\n  schedule: { frequency: Daily, monthlyDate: 3 }\n- <<: *a\n  id: b\n"
  const flat = mended(await read(text), wanting({ id: "b", path: "isEnabled", value: false }))
  assert.equal(flat.text, `${text}  isEnabled: false\n`)
  const deep = mended(await read(text), wanting({ id: "b", path: "schedule.frequency", value: "Weekly" }))
  assert.deepEqual([deep.text, deep.left.length], [text, 1])
})

test("mended leaves a value when the same rule has another one from there, by an alias", async () => {
  const text = "- id: a\n  filter: { prefix: &p logs/ }\n  destination: { prefix: *p }\n"
  const { left, text: after } = mended(await read(text), wanting({ path: "destination.prefix", value: "logs" }))
  assert.deepEqual([after, left.length], [text, 1])
})

test("mended reads the text a few times, not once a rule, when only the text tells that every second mend is no good", async () => {
  const text = Array.from({ length: 60 }, (_, i) => {
    const [anchor, prefix] = i % 2 === 0 ? ["", "logs/"] : [`&p${i} `, `*p${i}`]
    return `- id: r${i}\n  filter: { prefix: ${anchor}logs/ }\n  destination: { prefix: ${prefix} }\n`
  }).join("")
  let calls = 0
  const judge: Judge = (reading, context) => {
    calls++
    return wanting({ path: "destination.prefix", value: "logs" })(reading, context)
  }
  const { left, text: after } = mended(await read(text), judge)
  assert.equal(after, text.replaceAll("destination: { prefix: logs/ }", "destination: { prefix: logs }"))
  assert.equal(left.length, 30)
  assert.ok(calls <= 60 * 12, `${calls} judgements of 60 rules`)
})

test("fixFile leaves the file as it is when it is interrupted before it has mended all", () =>
  withFiles({ "rule.yaml": "id: a\nschedule: { frequency: daily }\n" }, async (at) => {
    const path = at("rule.yaml")
    const file = await Effect.runPromise(readRulesFile(path, { stdin: once("") }))
    await Effect.runPromise(Fiber.interrupt(Effect.runFork(fixFile(file))))
    assert.match(await readFile(path, "utf8"), /daily/u)
  }))
