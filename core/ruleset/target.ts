/** One bucket with everything that the documents want of it. */
import type { Finding } from "../lint/finding.ts"
import type { Kind } from "../rule.ts"
import { withPosition } from "../wire/json.ts"
import type { Reading } from "../wire/reading.ts"
import { expanded } from "./destination.ts"
import type { Managed, RuleSet } from "./ruleset.ts"
import { filled, substituted, type Variables, variablesOf } from "./variables.ts"

/** A bucket as far as it is known. */
export interface BucketRef {
  readonly bucket: string
  readonly region?: string
}

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
  return Array.from(byName.values(), ({ ref, sets, findings }) => targetOf(ref, sets, findings))
}

const targetOf = (ref: BucketRef, sets: ReadonlyArray<RuleSet>, known: ReadonlyArray<Finding>): Target => {
  const variables = variablesOf(ref.bucket, ref.region)
  const findings = [...known]
  return {
    ...ref,
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
