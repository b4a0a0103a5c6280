/** A plan for a pull request: GitHub's Markdown, in which nothing that a rule holds means anything. */
import { changeText } from "../../core/diff.ts"
import { type BucketPlan, countsOf, isPending, phasesOf, type Write } from "../../core/plan/mod.ts"
import { oneLine } from "../../core/redact.ts"
import type { BucketFailure } from "../planning.ts"
import { bucketsText, handful, inTable, overText, restText, summaryText } from "./plan.ts"
import { reasonText } from "./reason.ts"
import { briefText, stayText, warningsOf } from "./step.ts"

/** GitHub refuses a comment of more: "body is too long (maximum is 65536 characters)". */
export const maxComment = 65_536
/** Kept for the sentence that says what is missing. */
const closing = 512
/** The table may take half, so that some steps are shown, too. */
const tableShare = 0.5

export const markdownOf = (
  plans: ReadonlyArray<BucketPlan>,
  failures: ReadonlyArray<BucketFailure>,
  { limit = maxComment, isDemo = false }: { readonly limit?: number; readonly isDemo?: boolean } = {},
): string => {
  const { shown, hidden } = inTable(plans, false)
  const rows = [...failures.map(failureRow), ...shown.map(planRow)]
  const head = [`### ${summaryText(plans, failures, isDemo)}`, "", ...(rows.length === 0 ? [] : tableHead)]
  let left = limit - closing - lengthOf(head)
  const fitting = taking(rows, left * tableShare)
  left -= lengthOf(fitting)
  const unlisted = rows.length - fitting.length
  const changed = plans.filter((plan) => isPending(plan) || plan.over !== undefined)
  const blocks: Array<string> = []
  let missing = 0
  for (const plan of changed) {
    const block = blockOf(plan, left)
    if (block === undefined) break
    blocks.push(block.text)
    left -= block.text.length + 1
    if (block.missing > 0) {
      missing = block.missing
      break
    }
  }
  const absent = changed.length - blocks.length
  return [
    ...head,
    ...fitting,
    ...(rows.length === 0 ? [] : [""]),
    ...(hidden === 0 ? [] : [`${bucketsText(hidden)} without changes`, ""]),
    ...blocks,
    ...(unlisted + missing + absent === 0 ? [] : [
      `**This is not all**: GitHub takes ${maxComment} characters a comment. Not shown: ${
        [
          ...(unlisted === 0 ? [] : [`${bucketsText(unlisted)} in the table`]),
          ...(missing === 0 ? [] : [`${missing} steps of the last bucket`]),
          ...(absent === 0 ? [] : [`the steps of ${bucketsText(absent)}`]),
        ].join(", ")
      }.`,
    ]),
  ].join("\n").trimEnd()
}

const tableHead = [
  "| bucket | region | create | update | delete | keep | unmanaged | |",
  "|---|---|--:|--:|--:|--:|--:|---|",
]

const planRow = (plan: BucketPlan): string => {
  const { create, update, delete: gone, keep, unmanaged } = countsOf([plan])
  const counts = [create, update, gone, keep, unmanaged].map(String)
  return rowOf([code(plan.bucket), code(plan.region), ...counts, plan.over === undefined ? "" : overText(plan.over)])
}

const failureRow = ({ bucket, region, error }: BucketFailure): string =>
  rowOf([code(bucket), code(region), "", "", "", "", "", `failed: ${code(reasonText(error))}`])

const rowOf = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/**
 * Text inside `<code>`, every character that could mean something written as its number. There GitHub makes neither
 * links nor mentions of it.
 */
export const code = (text: string): string =>
  text === "" ? "" : `<code>${oneLine(text).replace(/[!-+.:-@[-`{-~]/gu, (c) => `&#${c.codePointAt(0)};`)}</code>`

interface Block {
  readonly text: string
  /** Steps for which there was no room. */
  readonly missing: number
}

/** A bucket's steps in as many characters as are left; nothing where not even one fits. */
const blockOf = (plan: BucketPlan, room: number): Block | undefined => {
  const { create, update, delete: gone } = countsOf([plan])
  const title = `${code(plan.bucket)} (${
    code(plan.region)
  }): ${create} to create, ${update} to update, ${gone} to delete`
  const writes = phasesOf(plan).flat().map(writeLines)
  const rest = restLines(plan)
  const fence = fenceFor([...writes.flat(), ...rest])
  const around = lengthOf([title, fence, fence, ...rest]) + frame
  const fitting = taking(writes.map((lines) => lines.join("\n")), room - around)
  if (fitting.length === 0 && writes.length > 0) return undefined
  if (fitting.length === 0 && around > room) return undefined
  const missing = writes.length - fitting.length
  const lines = [...fitting, ...(missing === 0 ? [] : [`  … ${missing} more steps`]), ...rest]
  return {
    text: [
      `<details><summary>${title}</summary>`,
      "",
      `${fence}diff`,
      ...lines,
      fence,
      "",
      "</details>",
      "",
    ].join("\n"),
    missing,
  }
}

/** More than the tags and the line of missing steps take together. */
const frame = 128

/** GitHub colours `+` green, `-` red and `!` orange; the fields of an update stand further to the right. */
const writeLines = (write: Write): ReadonlyArray<string> => {
  const warnings = warningsOf(write).map((text) => `!     ${text}`)
  const id = clipped(write.id)
  switch (write.action) {
    case "create":
      return [`+ create ${id}`, `+     ${clipped(briefText(write.after))}`, ...warnings]
    case "delete":
      return [`- delete ${id}`, `-     ${clipped(briefText(write.before))}`, ...warnings]
    case "update":
      return [
        `! update ${id}`,
        ...write.changes.flatMap(({ path, before, after }) => [
          ...(before === undefined ? [] : [`-     ${clipped(path)}: ${clipped(changeText(before))}`]),
          ...(after === undefined ? [] : [`+     ${clipped(path)}: ${clipped(changeText(after))}`]),
        ]),
        ...warnings,
      ]
  }
}

const restLines = (plan: BucketPlan): ReadonlyArray<string> => {
  const unmanaged = plan.steps.filter((step) => step.action === "unmanaged")
  const kept = countsOf([plan]).keep
  return [
    ...(unmanaged.length + kept === 0 ? [] : [`  = ${restText(plan)}`]),
    ...(unmanaged.length > handful
      ? []
      : unmanaged.map((step) => `  ? ${clipped(step.id)}: ${stayText(step.prunable)}`)),
    ...(plan.over === undefined ? [] : [`! ${overText(plan.over)}`]),
  ]
}

/** A value may be as long as a document; nobody reviews the rest of it in a comment. */
const longest = 1000

const clipped = (text: string): string => {
  const line = oneLine(text)
  return line.length <= longest ? line : `${line.slice(0, longest).replace(/[\ud800-\udbff]$/u, "")}…`
}

/** Longer than any that stands in the text, so that none of them closes it. */
const fenceFor = (lines: ReadonlyArray<string>): string => {
  const runs = lines.flatMap((line) => line.match(/`+/gu) ?? []).map((run) => run.length)
  return "`".repeat(Math.max(2, ...runs) + 1)
}

/** With the ends of the lines. */
const lengthOf = (lines: ReadonlyArray<string>): number => lines.reduce((sum, line) => sum + line.length + 1, 0)

/** As many of the first ones as there is room for. */
const taking = (lines: ReadonlyArray<string>, room: number): ReadonlyArray<string> => {
  let sum = 0
  const end = lines.findIndex((line) => (sum += line.length + 1) > room)
  return end < 0 ? lines : lines.slice(0, end)
}
