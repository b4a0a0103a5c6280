/** Every row of lint speaks where it should and is silent where it should; every code stands in the table. */
import { strict as assert } from "node:assert"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"
import { adviceRows } from "../core/lint/advice/mod.ts"
import { fleetRows, targetRows } from "../core/lint/beside/mod.ts"
import { codes, isError, lint } from "../core/lint/mod.ts"
import { rows } from "../core/lint/rows.ts"
import { readingOf } from "../core/wire/reading.ts"
import { good } from "./generated.ts"
import { cases } from "./lint-cases.ts"
import { codesOf, document, findingsOf, known, rule } from "./lint-world.ts"

const table = [...rows, ...adviceRows, ...targetRows, ...fleetRows]

for (const [code, { fires, silent }] of Object.entries(cases)) {
  test(`lint finds ${code} where it stands, and not where it nearly does`, () => {
    for (const documents of fires) {
      assert.equal(codesOf(findingsOf(documents)).includes(code), true, JSON.stringify(documents).slice(0, 500))
    }
    for (const documents of silent) {
      assert.equal(codesOf(findingsOf(documents)).includes(code), false, JSON.stringify(documents).slice(0, 500))
    }
  })
}

test("every row has a case that it speaks of and one that it is silent about", () => {
  // A rules document holds no jobs, and a bare rule with a schedule is no job: only `run` and `validate --job` ask so
  const asked = new Set(["job-members"])
  for (const { code } of table) {
    assert.equal((cases[code]?.fires.length ?? 0) > 0 || asked.has(code), true, `${code} fires`)
    assert.equal((cases[code]?.silent.length ?? 0) > 0, true, `${code} is silent`)
  }
  assert.deepEqual(codesOf(lint(readingOf(good), { kind: "job" })), ["job-members", "job-members"])
})

test("lint has only the expiry of reports to mention of a good rule", () => {
  assert.deepEqual(codesOf(findingsOf([document([rule])])), ["report-expiry"])
})

test("every code stands once in the table, with a reason and a source", () => {
  assert.equal(known.size, codes.length)
  for (const { code, why, source } of codes) {
    assert.match(code, /^[a-z]+(?:-[a-z0-9]+)*$/u)
    assert.match(why, /^[A-Z].*[^.]$/su, code)
    assert.match(source, /\S/u, code)
  }
})

test("a finding has the severity that the table gives its code", () => {
  const severities = new Map(codes.map(({ code, severity }) => [code, severity]))
  for (const documents of Object.values(cases).flatMap(({ fires }) => fires)) {
    for (const { code, severity } of findingsOf(documents)) assert.equal(severity, severities.get(code), code)
  }
})

test("a finding says what is wrong, what is allowed and how to mend it, in the grammar of the house", () => {
  for (const documents of Object.values(cases).flatMap(({ fires }) => fires)) {
    for (const f of findingsOf(documents)) {
      for (const text of [f.message, f.allowed, f.fix, f.source]) assert.match(text, /\S/u, f.code)
      for (const text of [f.message, f.fix]) assert.match(text, /^[A-Z].*[^.]$/su, `${f.code}: ${text}`)
    }
  }
})

test("every code that reading rules can yield stands in the table", () => {
  const missing = readers.flatMap((folder) =>
    readdirSync(new URL(`../${folder}`, import.meta.url)).filter((name) => name.endsWith(".ts")).flatMap((name) => {
      const text = readFileSync(new URL(`../${folder}/${name}`, import.meta.url), "utf8")
      return [...text.matchAll(/\bcode: "([a-z]+(?:-[a-z0-9]+)+)"|refusal\(\s*at,\s*"([a-z-]+)"/gu)]
        .map((match) => match[1] ?? match[2]!)
        .filter((code) => !known.has(code) && !otherwise.has(code))
        .map((code) => `${folder}/${name}: ${code}`)
    })
  )
  assert.deepEqual(missing, [])
})

const readers = ["core/lint", "core/lint/advice", "core/lint/beside", "core/ruleset", "core/wire", "core/wire/xml"]

/** Of a request, or of an answer of COS, not of a file. */
const otherwise: ReadonlySet<string> = new Set(["id-changed"])

test("only errors of validation are refused by put: advice about one rule never is", () => {
  assert.equal(adviceRows.some(({ severity }) => severity === "error"), false)
  for (const { code } of adviceRows) {
    for (const documents of cases[code]!.fires) {
      assert.equal(findingsOf(documents).some((f) => f.code === code && isError(f)), false)
    }
  }
})
