/** Plans as they are shown: for people, and in pull requests. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { code, markdownOf, maxComment } from "../cli/output/markdown.ts"
import { bucketTable, planText, summaryText } from "../cli/output/plan.ts"
import { warningsOf } from "../cli/output/step.ts"
import type { BucketFailure } from "../cli/planning.ts"
import { CosError, TransportError } from "../core/errors.ts"
import { type BucketPlan, isWrite } from "../core/plan/mod.ts"
import { golden } from "./golden.ts"
import { prop } from "./harness.ts"
import { bare, everyKind, GeneratedPlan, hostile, many, planFrom, planOf, region, rule } from "./plan-shown.ts"

const failures: ReadonlyArray<BucketFailure> = [
  {
    bucket: "deniedbucket-1250000000",
    region,
    error: new CosError({
      code: "AccessDenied",
      status: 403,
      reason: "denied",
      retryable: false,
      serverMessage: "Access Denied.",
    }),
  },
  {
    bucket: "farbucket-1250000000",
    region,
    error: new TransportError({ kind: "dns", sent: "no", host: "farbucket-1250000000.example|`", detail: "not found" }),
  },
]

const writesIn = (plans: ReadonlyArray<BucketPlan>) => plans.flatMap(({ steps }) => steps.filter(isWrite)).length

test("a plan for people is as it is kept when it has every kind of step", async () => {
  const plans = everyKind()
  const table = await Effect.runPromise(bucketTable(plans, failures))
  golden("plan-table.txt", `${[...plans.map((p) => planText(p)), table, summaryText(plans, failures)].join("\n\n")}\n`)
})

test("a plan for a pull request is as it is kept when it has every kind of step", () => {
  golden("plan-markdown.txt", `${markdownOf(everyKind(), failures)}\n`)
})

test("`planText` is one line when nothing changes, and everything when all is asked for", () => {
  const plan = planOf("samebucket-1250000000", many(50, "kept"), [...many(50, "kept"), rule("by-hand")])
  assert.equal(planText(plan), "samebucket-1250000000 (ap-guangzhou): no changes, 50 kept, 1 unmanaged")
  assert.equal(planText(plan, { all: true }).split("\n").length, 1 + 51)
})

test("`planText` lists rules of one kind while they are a handful, and counts them when they are more", () => {
  const text = (count: number) => {
    const rules = many(count, "kept")
    return planText(planOf("a-1250000000", [rule("new"), ...rules], [...rules, ...many(count, "by-hand")]))
  }
  assert.equal(text(5).match(/^ {2}= keep {6}kept-\d$/gmu)?.length, 5)
  assert.equal(text(5).match(/^ {2}\? unmanaged by-hand-\d: nothing manages it$/gmu)?.length, 5)
  assert.match(text(6), /^ {2}= 6 kept\n {2}\? 6 unmanaged: nothing manages them$/mu)
})

test("`planText` colours writes and warnings alone, and says the same without colours", () => {
  const [plan] = everyKind()
  const painted = planText(plan!, { colours: true })
  assert.ok(painted.includes("\u001b[32m  + create    new\u001b[0m"))
  assert.ok(painted.includes("\u001b[31m  - delete    daily-gone\u001b[0m"))
  assert.equal([0, 31, 32, 33].reduce((text, n) => text.replaceAll(`\u001b[${n}m`, ""), painted), planText(plan!))
})

prop(
  "`planText` shows every step once, each on a line of its own, when all are asked for",
  GeneratedPlan,
  (generated) => {
    const plan = planFrom(generated)
    const lines = planText(plan, { all: true }).split("\n")
    const shown = lines.filter((line) => /^ {2}[+~=?-] (?:create|update|delete|keep|unmanaged)\b/u.test(line))
    return shown.length === plan.steps.length && lines.every((line) => !/[\p{C}\u2028\u2029]/u.test(line)) &&
      lines.slice(1).every((line) => line.startsWith("  "))
  },
)

prop("`planText` shows every write when the rest is collapsed", GeneratedPlan, (generated) => {
  const plan = planFrom(generated)
  const shown = planText(plan).split("\n").filter((line) => /^ {2}[+~-] (?:create|update|delete)\b/u.test(line))
  return shown.length === writesIn([plan])
})

/** Of CommonMark what matters here: which lines stand in a fence, and which do not. */
const fenced = (text: string) => {
  const inside: Array<string> = []
  const outside: Array<string> = []
  let fence: string | undefined
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/u.exec(line)
    if (fence === undefined && mark !== null) {
      assert.equal(mark[2], "diff", `a fence that is not ours: ${line}`)
      fence = mark[1]!
    } else if (
      fence !== undefined && mark !== null && mark[1]![0] === fence[0] && mark[1]!.length >= fence.length &&
      mark[2]!.trim() === ""
    ) fence = undefined
    else (fence === undefined ? outside : inside).push(line)
  }
  assert.equal(fence, undefined, "a fence is left open")
  return { inside, outside }
}

/** Every line that may stand outside a fence; in it a `<code>` holds nothing but harmless characters. */
const harmless = "<code>(?:[A-Za-z0-9 ,/-]|[^\\p{C}\\u0020-\\u007e]|&#\\d+;)*</code>"
const frames = [
  /^$/u,
  /^### [\w ,;:]*(?: \(--prune would delete \d+\)[\w ,;]*)?$/u,
  /^\|[-:| a-z]*\|$/u,
  new RegExp(`^\\| (?:${harmless} \\| ){2}(?:\\d* \\| ){5}(?:failed: ${harmless}|[\\w: ]*) \\|$`, "u"),
  /^\d+ buckets? without changes$/u,
  new RegExp(`^<details><summary>${harmless} \\(${harmless}\\): [\\w, ]*</summary>$`, "u"),
  /^<\/details>$/u,
  /^\*\*This is not all\*\*: GitHub takes 65536 characters a comment\. Not shown: [\w, ]*\.$/u,
]

const checked = (plans: ReadonlyArray<BucketPlan>, failed: ReadonlyArray<BucketFailure>, limit = maxComment) => {
  const text = markdownOf(plans, failed, { limit })
  assert.ok(text.length <= limit, `${text.length} characters`)
  const { inside, outside } = fenced(text)
  for (const line of outside) assert.ok(frames.some((frame) => frame.test(line)), line)
  for (const line of inside) assert.match(line, /^[+! -]/u)
  return { text, steps: inside.filter((line) => /^[+!-] (?:create|update|delete) /u.test(line)).length }
}

prop(
  "`markdownOf` keeps every text of a rule inside its fence or its cell, and shows every write, when rules are hostile",
  GeneratedPlan,
  (generated) => {
    const plan = planFrom(generated)
    return checked([plan], []).steps === writesIn([plan])
  },
)

test("`markdownOf` shows nothing of a hostile text as Markdown or HTML when it is in every place", () => {
  for (const text of hostile) {
    const named = {
      ...planOf(text, [rule(text, { filter: { prefix: text } })], [rule("daily-x"), rule(text)]),
      region: text,
    }
    const failed = failures.map((failure) => ({
      ...failure,
      bucket: text,
      error: new CosError({ code: text, status: 400, reason: "unknown", retryable: false, serverMessage: text }),
    }))
    assert.equal(checked([named], failed).steps, writesIn([named]), text)
  }
})

test("`code` is read back to the text itself when numbers of characters are resolved", () => {
  const text = String.raw`a"b<c>&d|e*f_g~h[i](j)@k#l!m.n:o;p?q=r{s}t\u^v$w%x'y+z` + "`"
  const written = code(text)
  assert.doesNotMatch(written.slice(6, -7), /[!"$%'()*+.:<=>?@[\\\]^_`{|}~]/u)
  const read = written.slice(6, -7).replace(/&#(\d+);/gu, (_, n) => String.fromCodePoint(Number(n)))
  assert.equal(read, text)
})

/** What the sentence at the end says is missing. */
const missingIn = (text: string) => {
  const count = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
  return {
    rows: count(/(\d+) buckets? in the table/u),
    steps: count(/(\d+) steps of the last bucket/u),
    buckets: count(/the steps of (\d+) buckets?/u),
  }
}

test("`markdownOf` says how many steps are not shown when one bucket has more than a comment holds", () => {
  const plan = planOf("examplebucket-1250000000", many(1000, "a-rather-long-name-of-a-rule"), [])
  const { text, steps } = checked([plan], [])
  assert.ok(steps > 300, `${steps} steps`)
  assert.deepEqual(missingIn(text), { rows: 0, steps: 1000 - steps, buckets: 0 })
  assert.match(text, new RegExp(`^ {2}… ${1000 - steps} more steps$`, "mu"))
})

test("`markdownOf` says how many buckets are not shown when there are more than a comment holds", () => {
  const plans = Array.from(
    { length: 2000 },
    (_, i) => planOf(`bucket${i}-1250000000`, [rule("daily-new"), rule("kept")], [rule("kept")]),
  )
  const { text, steps } = checked(plans, failures)
  const { rows, buckets } = missingIn(text)
  const listed = text.match(/^\| <code>/gmu)!.length
  assert.equal(listed + rows, 2002)
  assert.equal(text.match(/^<details>/gmu)!.length + buckets, 2000)
  assert.ok(steps > 50 && listed > 200, `${steps} steps, ${listed} rows`)
  // Whoever could not be read comes first
  assert.match(text, /deniedbucket/u)
})

test("`markdownOf` is a heading and a number when nothing changes in many buckets", () => {
  const same = Array.from({ length: 20 }, (_, i) => planOf(`same${i}-1250000000`, [rule("a")], [rule("a")]))
  assert.equal(markdownOf(same, []), "### No changes: 20 kept, 0 unmanaged\n\n20 buckets without changes")
})

test("`markdownOf` stays within any limit when it cuts", () => {
  const plans = [...everyKind(), planOf("b-1250000000", many(40, hostile[2]), [])]
  for (let limit = 1400; limit < 9000; limit += 97) {
    const { text, steps } = checked(plans, failures, limit)
    const { steps: missing, buckets } = missingIn(text)
    const whole = plans.slice(0, 1).concat(plans.slice(2))
    const reached = whole.slice(0, whole.length - buckets)
    assert.equal(steps + missing, writesIn(reached), `limit ${limit}`)
  }
})

test("`bucketTable` lists what changes and failures, and counts the others, when there are many", async () => {
  const same = Array.from({ length: 20 }, (_, i) => planOf(`same${i}-1250000000`, [rule("a")], [rule("a")]))
  const plans = [...same, planOf("new-1250000000", [rule("a")], [])]
  const lines = (await Effect.runPromise(bucketTable(plans, failures))).split("\n")
  assert.equal(lines.length, 1 + 1 + 2 + 1)
  assert.match(lines[1]!, /^new-1250000000 +ap-guangzhou +1 +0 +0 +0 +0$/u)
  assert.match(lines[2]!, /^deniedbucket-1250000000 .* failed: AccessDenied \(status 403\)$/u)
  assert.equal(lines[4], "and 20 without changes")
  const all = (await Effect.runPromise(bucketTable(plans, failures, { all: true }))).split("\n")
  assert.equal(all.length, 1 + 21 + 2)
})

test("`summaryText` never says that nothing changes when nothing could be read", () => {
  assert.equal(summaryText([], failures), "No plan; 2 buckets could not be read")
  assert.equal(
    summaryText([planOf("a-1250000000", [rule("a")], [rule("a")])], failures.slice(1)),
    "No changes: 1 kept, 0 unmanaged; 1 bucket could not be read",
  )
})

test("`warningsOf` names what an update does when it disables, widens or hastens a rule", () => {
  const words = (before: ReturnType<typeof rule>, after: ReturnType<typeof rule>) =>
    warningsOf({ action: "update", id: "a", before, after, changes: [] })
  const logs = rule("a")
  assert.deepEqual(words(logs, bare("a")), ["scans the whole bucket"])
  assert.deepEqual(words(logs, rule("a", { filter: {} })), ["scans the whole bucket"])
  assert.deepEqual(words(logs, rule("a", { filter: { prefix: "l" } })), ["scans more than before"])
  assert.deepEqual(words(logs, rule("a", { filter: { prefix: "m" } })), ["scans objects that it did not scan before"])
  assert.deepEqual(words(logs, rule("a", { filter: { prefix: "logs/a" } })), [])
  assert.deepEqual(words(logs, rule("a", { includedObjectVersions: "All" })), ["scans more than before"])
  assert.deepEqual(words(logs, rule("a", { isEnabled: false })), ["disabled: makes no more reports"])
  assert.deepEqual(words(rule("a", { isEnabled: false }), logs), [])
  assert.deepEqual(words(rule("a", { isEnabled: false }), bare("a", { isEnabled: false })), ["scans the whole bucket"])
  assert.deepEqual(words(logs, rule("a", { schedule: { frequency: "Daily" } })), ["scans more often than before"])
  assert.deepEqual(words(logs, rule("a", { schedule: { frequency: "Hourly" } })), [])
  assert.deepEqual(words(bare("a"), logs), [])
  const unknown = rule("a", { extra: [{ in: "/Filter", xml: "<Later>1</Later>" }] })
  assert.deepEqual(words(unknown, logs), ["scans more than before"])
})
