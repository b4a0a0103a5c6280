/** What has to be done so that a bucket has the rules that are wanted of it. */
import { canonicalText, fingerprintOf } from "../canonical.ts"
import { type Change, diff } from "../diff.ts"
import { matchesAny } from "../glob.ts"
import { maxRulesPerBucket } from "../limits.ts"
import { broughtIn, type Finding, lint } from "../lint/mod.ts"
import type { InventoryConfiguration } from "../rule.ts"
import { readingOf } from "../wire/reading.ts"
import { withUnknown } from "./unknown.ts"

/** What is wanted of one bucket. */
export interface Desired {
  readonly bucket: string
  readonly region: string
  /** Each id once, in the order in which they are to be written. */
  readonly rules: ReadonlyArray<InventoryConfiguration>
  /** Ids that may never be deleted, nor be disabled where they are enabled. */
  readonly protected: ReadonlySet<string>
  /** Globs over ids: a rule whose id matches and is not wanted may be deleted. */
  readonly manages: ReadonlyArray<string>
  /** By id, what is said against a rule: it may stay as COS holds it, and may not be written. */
  readonly errors?: ReadonlyMap<string, ReadonlyArray<Finding>>
}

export interface PlanOptions {
  /** Delete rules that are managed and not wanted. */
  readonly prune: boolean
  /** Write rules although they are said to be wrong: COS judges them. */
  readonly asIs?: boolean
}

export type Step =
  | { readonly action: "create"; readonly id: string; readonly after: InventoryConfiguration }
  | {
    readonly action: "update"
    readonly id: string
    readonly before: InventoryConfiguration
    readonly after: InventoryConfiguration
    readonly changes: ReadonlyArray<Change>
  }
  | {
    readonly action: "delete"
    readonly id: string
    readonly before: InventoryConfiguration
    /** Before the last ones are created, because the bucket would pass its limit. */
    readonly first?: true
  }
  | { readonly action: "keep"; readonly id: string }
  /** In the bucket and in no document; `prunable` ones are managed, and only `prune` was not asked for. */
  | { readonly action: "unmanaged"; readonly id: string; readonly prunable: boolean }

export type Write = Extract<Step, { readonly action: "create" | "update" | "delete" }>

export interface BucketPlan {
  readonly bucket: string
  readonly region: string
  /** Those of the documents in their order, then the others in the bucket's. */
  readonly steps: ReadonlyArray<Step>
  /** The fingerprint of every rule that no write touches, by which change is noticed before the plan is carried out. */
  readonly untouched: string
  /** How many rules the bucket would have had too many, so that the plan cannot be carried out. */
  readonly over?: number
  /** Its rules are written although they may be said to be wrong. */
  readonly asIs?: true
}

/**
 * Holds the desired rules against the actual ones by canonical equality. Exactly the rules that differ are written.
 *
 * Unknown elements of a rule that is there stay, where its document has no `extra`.
 *
 * Deletes come last, but for just as many as must make room where a bucket would pass its 1000 rules (page 30625), a
 * few at a time.
 */
export const plan = (
  desired: Desired,
  actual: ReadonlyArray<InventoryConfiguration>,
  { prune, asIs = false }: PlanOptions,
): BucketPlan => {
  // A list that changes while its pages are read may bring a rule twice
  const present = new Map(actual.map((rule) => [rule.id, { rule, text: canonicalText(rule) }]))
  const wanted = new Set(desired.rules.map(({ id }) => id))
  const ours = desired.rules.map((after): Step => stepTo(present.get(after.id), after, desired.protected.has(after.id)))
  const others = [...present.values()].flatMap(({ rule: before }): ReadonlyArray<Step> => {
    const { id } = before
    if (wanted.has(id)) return []
    const prunable = matchesAny(desired.manages, id) && !desired.protected.has(id)
    return [prunable && prune ? { action: "delete", id, before } : { action: "unmanaged", id, prunable }]
  })
  const created = ours.filter(({ action }) => action === "create").length
  const deleted = others.filter(({ action }) => action === "delete").length
  const tooMany = present.size + created - maxRulesPerBucket
  const over = created === 0 ? 0 : Math.max(0, tooMany - deleted)
  const steps = [...ours, ...(created === 0 ? others : makingRoom(others, tooMany))]
  const touched = new Set(steps.filter(isWrite).map(({ id }) => id))
  return {
    bucket: desired.bucket,
    region: desired.region,
    steps,
    untouched: fingerprintOf([...present.values()].flatMap(({ rule, text }) => touched.has(rule.id) ? [] : [text])),
    ...(over === 0 ? {} : { over }),
    ...(asIs ? { asIs } : {}),
  }
}

const stepTo = (
  present: { readonly rule: InventoryConfiguration; readonly text: string } | undefined,
  wanted: InventoryConfiguration,
  isProtected: boolean,
): Step => {
  const { id } = wanted
  if (present === undefined) return { action: "create", id, after: wanted }
  const { rule: before, text } = present
  const whole = withUnknown(wanted, before)
  const after = isProtected && before.isEnabled ? { ...whole, isEnabled: true } : whole
  return canonicalText(after) === text
    ? { action: "keep", id }
    : { action: "update", id, before, after, changes: diff(before, after) }
}

/**
 * What is said against the rules that the plan would write. A rule that stays may be odd, and of one that is updated
 * only what the update brings in counts.
 */
export const errorsOf = ({ steps, asIs }: BucketPlan, { errors, region }: Desired): ReadonlyArray<Finding> =>
  errors === undefined || asIs === true ? [] : steps.filter(isWrite).flatMap((step) => {
    const found = errors.get(step.id) ?? []
    return found.length === 0 || step.action !== "update"
      ? found
      : broughtIn(lint(readingOf(step.before), { kind: "configuration", region }), found)
  })

/** The first deletes, as many as are needed, come before the creates that do not fit. */
const makingRoom = (steps: ReadonlyArray<Step>, needed: number): ReadonlyArray<Step> => {
  let left = needed
  return steps.map((step) => step.action === "delete" && left-- > 0 ? { ...step, first: true } : step)
}

export const isWrite = (step: Step): step is Write =>
  step.action === "create" || step.action === "update" || step.action === "delete"

/**
 * The writes in the order in which they are made; those of one phase may be made together.
 *
 * Nothing is deleted before what takes its place is about to come: updates and creates that fit are first, then few
 * deletes and as many creates in turns, and the other deletes last. So whatever refuses the creates, and wherever the
 * work is stopped, a full bucket is never more than {@link replacedAtOnce} rules short of what it held.
 */
export const phasesOf = ({ steps }: Pick<BucketPlan, "steps">): ReadonlyArray<ReadonlyArray<Write>> => {
  const writes = steps.filter(isWrite)
  const isFirst = (step: Write) => step.action === "delete" && step.first === true
  const free = maxRulesPerBucket - steps.filter(({ action }) => action !== "create").length
  const later = writes.filter(({ action }) => action === "create").slice(Math.max(0, free))
  const waiting = new Set(later)
  return [
    writes.filter((write) => write.action !== "delete" && !waiting.has(write)),
    ...inTurns(writes.filter(isFirst), later, Math.max(0, -free)),
    writes.filter((step) => step.action === "delete" && !isFirst(step)),
  ].filter((phase) => phase.length > 0)
}

/**
 * How many rules are deleted at most before as many are created. Few, since they are missing until then; not one,
 * since of one phase alone several writes are under way at once, as many as the command line makes unless told.
 */
export const replacedAtOnce = 8

/** A bucket that holds too many already loses those before all others. */
const inTurns = (
  deletes: ReadonlyArray<Write>,
  creates: ReadonlyArray<Write>,
  excess: number,
): ReadonlyArray<ReadonlyArray<Write>> => {
  const phases = [deletes.slice(0, excess)]
  for (let at = 0; at < Math.max(deletes.length - excess, creates.length); at += replacedAtOnce) {
    phases.push(deletes.slice(excess + at, excess + at + replacedAtOnce), creates.slice(at, at + replacedAtOnce))
  }
  return phases
}

/** Whether carrying the plan out would change anything. */
export const isPending = ({ steps }: Pick<BucketPlan, "steps">): boolean => steps.some(isWrite)

/** How many steps there are of each kind. */
export type Counts = Readonly<Record<Step["action"], number>>

export const countsOf = (plans: ReadonlyArray<Pick<BucketPlan, "steps">>): Counts => {
  const counts = { create: 0, update: 0, delete: 0, keep: 0, unmanaged: 0 }
  for (const { steps } of plans) for (const { action } of steps) counts[action]++
  return counts
}
