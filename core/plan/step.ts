/** One step of a plan file, and the rules in it. */
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import { diff } from "../diff.ts"
import { broughtIn, type Context, type Finding, isForgivable, lint, shown } from "../lint/mod.ts"
import type { InventoryConfiguration } from "../rule.ts"
import { isObject, type Path, pathText, readJson, splitPath } from "../wire/json.ts"
import { completeConfiguration, type Reading } from "../wire/reading.ts"
import { fieldsAt, flagAt, lacks, planAgain, report, type State, textAt, wrongType } from "./field.ts"
import type { Step } from "./plan.ts"

type Keys = ReadonlyArray<string>

/** What belongs to a step, beside its action and its id. */
const stepFields: Readonly<Record<Step["action"], readonly [required: Keys, optional: Keys]>> = {
  create: [["after"], []],
  update: [["before", "after", "changes"], []],
  delete: [["before"], ["first"]],
  keep: [[], []],
  unmanaged: [["prunable"], []],
}
const actions = Object.keys(stepFields) as ReadonlyArray<Step["action"]>

export const stepAt = (value: unknown, path: Path, region: string | undefined, state: State): Step | undefined => {
  if (!isObject(value)) return wrongType(value, path, "an object", state)
  const action = actions.find((known) => known === value["action"])
  if (action === undefined) {
    return report(state, "action" in value ? [...path, "action"] : path, value["action"], {
      code: "action-unknown",
      message: "The action is unknown",
      allowed: actions.join(", "),
      fix: planAgain,
    })
  }
  const [required, optional] = stepFields[action]
  const fields = fieldsAt(value, path, ["action", "id", ...required], optional, state)
  if (fields === undefined) return undefined
  const id = textAt(fields["id"], [...path, "id"], state)
  if (id === undefined) return undefined
  const before = "before" in fields ? ruleAt(fields["before"], [...path, "before"], id, state) : undefined
  const after = "after" in fields ? ruleAt(fields["after"], [...path, "after"], id, state) : undefined
  if (after !== undefined) judge(after, before, region, [...path, "after"], state)
  switch (action) {
    case "create":
      return after && { action, id, after: after.rule }
    case "update": {
      if (before === undefined || after === undefined) return undefined
      const changes = diff(before.rule, after.rule)
      if (!Equal.equals(fields["changes"], changes)) {
        report(state, [...path, "changes"], fields["changes"], {
          code: "changes-differ",
          message: "The changes are not the difference of before and after",
          allowed: shown(changes),
          fix: planAgain,
        })
      }
      return { action, id, before: before.rule, after: after.rule, changes }
    }
    case "delete": {
      if (state.prune === false) {
        report(state, path, id, {
          code: "delete-unasked",
          message: "The plan deletes a rule, and is not one that prunes",
          allowed: "deletes where prune is true",
          fix: planAgain,
        })
      }
      const first = fields["first"] === undefined ? false : flagAt(fields["first"], [...path, "first"], state)
      return before && { action, id, before: before.rule, ...(first === true ? { first } : {}) }
    }
    case "keep":
      return { action, id }
    case "unmanaged": {
      const prunable = flagAt(fields["prunable"], [...path, "prunable"], state)
      return prunable === undefined ? undefined : { action, id, prunable }
    }
  }
}

interface Ruled {
  readonly rule: InventoryConfiguration
  readonly reading: Reading
}

const ruleAt = (value: unknown, path: Path, id: string, state: State): Ruled | undefined => {
  const reading = readJson({ ...state.source, value }, path)
  if (reading.findings.length > 0) {
    state.findings.push(...reading.findings.map(below(path)))
    return undefined
  }
  const complete = completeConfiguration(reading.draft)
  if (Result.isFailure(complete)) {
    for (const missing of complete.failure) lacks([...path, ...splitPath(missing)], state)
    return undefined
  }
  const rule = complete.success
  if (rule.id !== id) {
    report(state, [...path, "id"], rule.id, {
      code: "id-differs",
      message: "The rule has another id than its step",
      allowed: shown(id),
      fix: planAgain,
    })
  }
  return { rule, reading }
}

/** A rule that COS holds may be odd, so of an update only what it brings in is an error. */
const judge = (
  after: Ruled,
  before: Ruled | undefined,
  region: string | undefined,
  path: Path,
  state: State,
): void => {
  const context: Context = { kind: "configuration", ...(region === undefined ? {} : { region }) }
  const known = before === undefined ? [] : lint(before.reading, context)
  const brought = broughtIn(known, lint(after.reading, context))
  state.judged.push(...brought.filter((one) => state.asIs !== true || !isForgivable(one)).map(below(path)))
}

const below = (path: Path) => (finding: Finding): Finding => ({
  ...finding,
  path: finding.path === "" ? pathText(path) : `${pathText(path)}.${finding.path}`,
})
