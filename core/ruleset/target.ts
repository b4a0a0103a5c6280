/** One bucket with everything that the documents want of it. */
import type { BucketRef } from "../bucket.ts"
import type { Finding } from "../lint/finding.ts"
import type { Kind } from "../rule.ts"
import { withPosition } from "../wire/json.ts"
import type { Reading } from "../wire/reading.ts"
import { expanded } from "./destination.ts"
import type { Managed, RuleSet } from "./ruleset.ts"
import { filled, hasVariables, substituted, type Variables, variablesOf } from "./variables.ts"

export interface Target extends BucketRef {
  readonly wanted: ReadonlyArray<Wanted>
  /** Globs over ids, their variables replaced. */
  readonly manages: ReadonlyArray<Managed & { readonly file?: string; readonly from?: RuleSet }>
  readonly findings: ReadonlyArray<Finding>
}

/** One rule, as it is to be in this bucket. */
export interface Wanted {
  readonly reading: Reading
  readonly kind: Kind
  readonly protect: boolean
  /** The document that wants it. */
  readonly from?: RuleSet
}

/** The targets of documents, in the order in which their buckets are first named. */
export const targetsOf = (
  sets: ReadonlyArray<{ readonly set: RuleSet; readonly buckets: ReadonlyArray<BucketRef> }>,
): ReadonlyArray<Target> => {
  const byName = new Map<string, { ref: BucketRef; sets: Array<RuleSet>; findings: Array<Finding> }>()
  for (const { set, buckets } of sets) {
    for (const ref of buckets) {
      const known = byName.get(ref.bucket)
      if (known === undefined) byName.set(ref.bucket, { ref, sets: [set], findings: [] })
      else {
        if (ref.region !== undefined && known.ref.region !== undefined && ref.region !== known.ref.region) {
          known.findings.push(twoRegions(ref, known.ref.region, set))
        }
        if (known.ref.region === undefined) known.ref = ref
        if (!known.sets.includes(set)) known.sets.push(set)
      }
    }
  }
  const rulesOf = sharing()
  return Array.from(byName.values(), ({ ref, sets, findings }) => {
    const rules = rulesOf(ref, sets)
    return { ...ref, ...rules, findings: findings.length === 0 ? rules.findings : [...findings, ...rules.findings] }
  })
}

type Rules = Pick<Target, "wanted" | "manages" | "findings">

/** Buckets of one region with the same documents share their rules where no variable tells them apart. */
const sharing = (): (ref: BucketRef, sets: ReadonlyArray<RuleSet>) => Rules => {
  const numbers = new Map<RuleSet, string | undefined>()
  const numberOf = (set: RuleSet): string | undefined => {
    if (!numbers.has(set)) numbers.set(set, isAlike(set) ? String(numbers.size) : undefined)
    return numbers.get(set)
  }
  const shared = new Map<string, Rules>()
  return (ref, sets) => {
    const alike = sets.map(numberOf)
    if (alike.includes(undefined)) return rulesOf(ref, sets)
    const key = `${ref.region ?? ""} ${alike.join(" ")}`
    const rules = shared.get(key) ?? rulesOf(ref, sets)
    shared.set(key, rules)
    return rules
  }
}

const isAlike = ({ isDocument, entries, manages }: RuleSet): boolean =>
  !isDocument ||
  !(entries.some(({ reading }) => hasVariables(reading)) || manages.some(({ glob }) => glob.includes("${")))

const rulesOf = (ref: BucketRef, sets: ReadonlyArray<RuleSet>): Rules => {
  const variables = variablesOf(ref.bucket, ref.region)
  const findings: Array<Finding> = []
  return {
    wanted: sets.flatMap((set) =>
      set.entries.map(({ reading, kind, protect }): Wanted => ({
        reading: expanded(set.isDocument ? substituted(reading, variables) : reading, ref.region),
        kind,
        protect,
        from: set,
      }))
    ),
    manages: sets.flatMap((set) => set.manages.map((managed) => managedIn(managed, set, variables, findings))),
    findings,
  }
}

const managedIn = (managed: Managed, set: RuleSet, variables: Variables, findings: Array<Finding>) => {
  const file = set.file === undefined ? {} : { file: set.file }
  const slips: Array<Finding> = []
  const glob = filled(managed.glob, "manages", variables, slips)
  findings.push(...slips.map((slip) => ({ ...withPosition(slip, managed.position), ...file })))
  return { ...managed, glob, from: set, ...file }
}

const twoRegions = ({ bucket, region }: BucketRef, first: string, set: RuleSet): Finding =>
  withPosition({
    code: "bucket-regions",
    severity: "error",
    path: "buckets",
    message: "The bucket is named with two regions",
    found: `${bucket}@${region}`,
    allowed: `one region; elsewhere it is ${bucket}@${first}`,
    fix: "Correct one of them",
    source: "page 6224: a bucket is in one region",
    ...(set.file === undefined ? {} : { file: set.file }),
  }, set.selectors.find((selector) => selector.bucket === bucket && selector.region === region)?.position)
