/** Every row of lint speaks where it should and is silent where it should; every code stands in the table. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { adviceRows } from "../core/advice/rule/mod.ts"
import { fleetRows, targetRows } from "../core/advice/beside/mod.ts"
import { codes } from "../core/advice/mod.ts"
import { isError, lint } from "../core/lint/mod.ts"
import { rows } from "../core/lint/rows.ts"
import { readingOf } from "../core/wire/reading.ts"
import { good } from "./generated.ts"
import { cases } from "./lint-cases.ts"
import { codesOf, document, findingsOf, known, rule } from "./lint-world.ts"

const table = [...rows, ...adviceRows, ...targetRows, ...fleetRows]

for (const [code, { fires, silent }] of Object.entries(cases)) {
  test(`lint finds ${code} when it is there, and not when it nearly is`, () => {
    for (const documents of fires) {
      assert.equal(codesOf(findingsOf(documents)).includes(code), true, JSON.stringify(documents).slice(0, 500))
    }
    for (const documents of silent) {
      assert.equal(codesOf(findingsOf(documents)).includes(code), false, JSON.stringify(documents).slice(0, 500))
    }
  })
}

test("every row of lint has a case that it speaks of and one that it is silent about when all rows are listed", () => {
  // A rules document holds no jobs, and a bare rule with a schedule is no job: only `run` and `validate --job` ask so
  const asked = new Set(["job-members", "job-id-elsewhere"])
  for (const { code } of table) {
    assert.equal((cases[code]?.fires.length ?? 0) > 0 || asked.has(code), true, `${code} fires`)
    assert.equal((cases[code]?.silent.length ?? 0) > 0, true, `${code} is silent`)
  }
  assert.deepEqual(codesOf(lint(readingOf(good), { kind: "job" })), ["job-members", "job-members"])
})

test("lint has only the expiry of reports to mention when a rule is good", () => {
  assert.deepEqual(codesOf(findingsOf([document([rule])])), ["report-expiry"])
})

test("`codes` has each code once, with a reason and a source, when it is listed", () => {
  assert.equal(known.size, codes.length)
  for (const { code, why, source } of codes) {
    assert.match(code, /^[a-z]+(?:-[a-z0-9]+)*$/u)
    assert.match(why, /^[A-Z].*[^.]$/su, code)
    assert.match(source, /\S/u, code)
  }
})

test("a finding has the severity of its code in `codes` when any row speaks", () => {
  const severities = new Map(codes.map(({ code, severity }) => [code, severity]))
  for (const documents of Object.values(cases).flatMap(({ fires }) => fires)) {
    for (const { code, severity } of findingsOf(documents)) assert.equal(severity, severities.get(code), code)
  }
})

test("a finding says what is wrong, what is allowed and how to mend it when any row speaks", () => {
  for (const documents of Object.values(cases).flatMap(({ fires }) => fires)) {
    for (const f of findingsOf(documents)) {
      for (const text of [f.message, f.allowed, f.fix, f.source]) assert.match(text, /\S/u, f.code)
      for (const text of [f.message, f.fix]) assert.match(text, /^[A-Z].*[^.]$/su, `${f.code}: ${text}`)
    }
  }
})

test("advice is never an error when it is about one rule", () => {
  assert.equal(adviceRows.some(({ severity }) => severity === "error"), false)
  for (const { code } of adviceRows) {
    for (const documents of cases[code]!.fires) {
      assert.equal(findingsOf(documents).some((f) => f.code === code && isError(f)), false)
    }
  }
})
