/** Whether a plan still fits the bucket that it was made for. */
import { fingerprint, isSame } from "../canonical.ts"
import type { InventoryConfiguration } from "../rule.ts"
import { type BucketPlan, isWrite, type Write } from "./plan.ts"
import { withUnknown } from "./unknown.ts"

/**
 * How one rule stands to the write that is planned for it: as the plan found it (`ready`), as the plan wants it already
 * (`done`, by an earlier run that was stopped), or neither (`changed`).
 *
 * Elements that COS has added and that the plan says nothing of leave it done, as they leave it kept by the next plan.
 */
export type Standing = "ready" | "done" | "changed"

export const standingOf = (write: Write, current: InventoryConfiguration | undefined): Standing => {
  const before = write.action === "create" ? undefined : write.before
  const after = write.action === "delete" ? undefined : write.after
  if (same(current, current === undefined || after === undefined ? after : withUnknown(after, current))) return "done"
  return same(current, before) ? "ready" : "changed"
}

const same = (a: InventoryConfiguration | undefined, b: InventoryConfiguration | undefined): boolean =>
  a === undefined || b === undefined ? a === b : isSame(a, b)

/** The ids by which a bucket is no longer what the plan saw, and whether rules that it does not touch changed. */
export const changedSince = (
  plan: BucketPlan,
  actual: ReadonlyArray<InventoryConfiguration>,
): { readonly ids: ReadonlyArray<string>; readonly others: boolean } => {
  const present = new Map(actual.map((rule) => [rule.id, rule]))
  const writes = plan.steps.filter(isWrite)
  const touched = new Set(writes.map(({ id }) => id))
  return {
    ids: writes.filter((write) => standingOf(write, present.get(write.id)) === "changed").map(({ id }) => id),
    others: fingerprint([...present.values()].filter(({ id }) => !touched.has(id))) !== plan.untouched,
  }
}
