/** Two sets of rules held against each other, by id and canonical equality. */
import { isSame } from "./canonical.ts"
import { type Change, diff } from "./diff.ts"
import { type Desired, plan } from "./plan/mod.ts"
import type { InventoryConfiguration, InventoryJob } from "./rule.ts"

type Rule = InventoryConfiguration | InventoryJob

export interface Difference {
  readonly id: string
  /** `added` stands on the right side alone, `removed` on the left one. */
  readonly kind: "added" | "removed" | "changed"
  /** From left to right; every field of a rule that one side lacks. */
  readonly changes: ReadonlyArray<Change>
  /** As the right side has it, or the left one where the right has none. */
  readonly rule: Rule
}

export interface Comparison {
  /** In the order of ids. */
  readonly differences: ReadonlyArray<Difference>
  /** How many rules are the same on both sides. */
  readonly same: number
}

/** Each side has an id once. Empty for two sides of the same rules, and only for them, in whatever order. */
export const compare = (left: ReadonlyArray<Rule>, right: ReadonlyArray<Rule>): Comparison => {
  const [before, after] = [left, right].map((rules) => new Map(rules.map((rule) => [rule.id, rule])))
  const ids = [...new Set([...before!.keys(), ...after!.keys()])].toSorted()
  const differences = ids.flatMap((id) => differenceOf(id, before!.get(id), after!.get(id)))
  return { differences, same: ids.length - differences.length }
}

const differenceOf = (id: string, before: Rule | undefined, after: Rule | undefined): ReadonlyArray<Difference> => {
  if (before === undefined) {
    return after === undefined ? [] : [{ id, kind: "added", changes: diff(undefined, after), rule: after }]
  }
  if (after === undefined) {
    return [{ id, kind: "removed", changes: diff(undefined, before).map(backwards), rule: before }]
  }
  return isSame(before, after) ? [] : [{ id, kind: "changed", changes: diff(before, after), rule: after }]
}

const backwards = ({ path, before, after }: Change): Change => ({
  path,
  ...(after === undefined ? {} : { before: after }),
  ...(before === undefined ? {} : { after: before }),
})

/**
 * The rules that documents want of a bucket, as `plan` would leave them there: so that a bucket in which it finds no
 * change has no difference but for rules that no document holds.
 */
export const asPlanned = (
  desired: Desired,
  actual: ReadonlyArray<InventoryConfiguration>,
): ReadonlyArray<InventoryConfiguration> => {
  const present = new Map(actual.map((rule) => [rule.id, rule]))
  return plan(desired, actual, { prune: false }).steps.flatMap((step) => {
    if (step.action === "create" || step.action === "update") return [step.after]
    const kept = step.action === "keep" ? present.get(step.id) : undefined
    return kept === undefined ? [] : [kept]
  })
}
