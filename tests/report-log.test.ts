/** The line that each report leaves. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { reportLog } from "../adapters/hono/report-log.ts"
import type { Run } from "../adapters/memory/mod.ts"

const run: Run = {
  id: 1,
  bucket: "examplebucket-1250000000",
  rule: "list1",
  xml: "<InventoryConfiguration/>",
  due: Date.UTC(2026, 10, 21, 12),
  state: "done",
  wrote: [],
  destination: "inventorybucket-1250000000",
  objects: 3,
}
const failed: Run = { ...run, state: "failed", why: "the bucket\n12:00:00.000Z GET / 200 \u001b[2J\u202ea\tb" }

const lineOf = (of: Run, json: boolean): string => {
  const lines: Array<string> = []
  reportLog({ write: (line) => void lines.push(line), json })(of)
  assert.equal(lines.length, 1)
  return lines[0]!
}

test("the report log says in one line what was made, of which rule, and when it was due", () => {
  assert.match(
    lineOf(run, false),
    /^[\d:.]+Z report list1 of examplebucket-1250000000, due 2026-11-21T12:00:00\.000Z, done: 3 rows to inventorybucket-1250000000$/u,
  )
})

test("the report log lets no reason end its line or steer a terminal", () => {
  const line = lineOf(failed, false)
  assert.match(line, /, failed: the bucket\\n12:00:00\.000Z GET/u)
  assert.doesNotMatch(line, /[\p{C}]/u)
  assert.doesNotMatch(lineOf({ ...failed, rule: "a\u2028b" }, false), /[\p{C}\u2028]/u)
})

for (const [state, level] of [["done", "info"], ["missed", "info"], ["failed", "error"]] as const) {
  test(`the report log has the level ${level} in JSON when a report is ${state}`, () => {
    const line = lineOf({ ...failed, state }, true)
    assert.doesNotMatch(line, /[\p{C}]/u)
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
    assert.ok(!Number.isNaN(Date.parse(String(time))))
    assert.deepEqual(rest, {
      level,
      report: {
        bucket: run.bucket,
        rule: run.rule,
        due: "2026-11-21T12:00:00.000Z",
        state,
        objects: 3,
        destination: run.destination,
        why: failed.why,
      },
    })
  })
}
