/** Buckets that a `match` means by its glob and does not find, whose rules `--prune` could then take for unwanted ones. */
import { isMatch, overlap } from "../core/glob.ts"
import { type Finding, placeOf } from "../core/lint/mod.ts"
import type { BucketRef } from "../core/bucket.ts"
import type { RuleSet, Selector } from "../core/ruleset/mod.ts"
import type { BucketEntry } from "../core/wire/service.ts"
import type { ChosenBucket } from "./chosen.ts"

interface Placed {
  readonly set: RuleSet
  readonly buckets: ReadonlyArray<BucketRef>
}

interface Around {
  /** Buckets that flags name. */
  readonly named: ReadonlyArray<ChosenBucket>
  /** The one of the environment or the profile. */
  readonly usual: BucketRef | undefined
  readonly account: ReadonlyArray<BucketEntry>
  readonly prune: boolean
}

/**
 * What is to be said of every bucket that is worked on by its name, and that a `match` leaves out although its glob fits.
 *
 * The account may not list it, which is told always; or it is not in the selector's region, which is told where rules
 * would be lost by it: rules of the selector's document that no other wants of the bucket, and that others manage there.
 * Where that is pruned, it is an error.
 */
export const missedBuckets = (placed: ReadonlyArray<Placed>, around: Around): ReadonlyArray<Finding> => {
  const globs = placed.flatMap(({ set, buckets }) => {
    const selectors = set.selectors.filter(({ match }) => match !== undefined)
    return selectors.length === 0 ? [] : [{ set, selectors, own: new Set(buckets.map(({ bucket }) => bucket)) }]
  })
  if (globs.length === 0) return []
  const places = placesOf(placed, around)
  const listed = new Map(around.account.map((entry) => [entry.name, entry]))
  const known = documentsOf(placed)
  return globs.flatMap(({ set, selectors, own }) =>
    [...places].flatMap(([bucket, place]): ReadonlyArray<Finding> => {
      const others = known.get(bucket)
      if (others === undefined || own.has(bucket)) return []
      const location = listed.get(bucket)?.location ?? others.region
      const selector = meaning(selectors, bucket, location)
      if (selector === undefined) return []
      const isLosing = losesRules(set, others.sets)
      const severity = isLosing && around.prune ? "error" : "warning"
      const isElsewhere = selector.region !== undefined && location !== selector.region
      if (listed.has(bucket) || isElsewhere) {
        return isLosing ? [elsewhere({ set, selector, bucket, place, location, severity })] : []
      }
      return [unlisted({ set, selector, bucket, place, severity })]
    })
  )
}

/** The selector whose glob fits; before others one that its region does not keep from the bucket. */
const meaning = (
  selectors: ReadonlyArray<Selector>,
  bucket: string,
  location: string | undefined,
): Selector | undefined => {
  const found = selectors.filter(({ match = "" }) => isMatch(match, bucket))
  return found.find(({ region }) => region === undefined || region === location) ?? found[0]
}

/** Where each bucket is named, for those that are worked on by their names. */
const placesOf = (placed: ReadonlyArray<Placed>, { named, usual }: Around): ReadonlyMap<string, string> => {
  const inFiles = placed.flatMap(({ set }) =>
    set.selectors.flatMap((selector) =>
      selector.bucket === undefined ? [] : [[selector.bucket, placeOf(at(set, selector))] as const]
    )
  )
  const byFlags = named.map((ref) => [ref.bucket, placeOf({ path: "--bucket", ...ref, ...inList(ref) })] as const)
  const byDefault = usual === undefined ? [] : [[usual.bucket, "the usual bucket"] as const]
  return new Map([...byDefault, ...byFlags, ...inFiles])
}

const inList = ({ file }: ChosenBucket) => file === undefined ? {} : { path: "" }

interface Documents {
  readonly sets: Array<RuleSet>
  readonly region: string | undefined
}

const documentsOf = (placed: ReadonlyArray<Placed>): ReadonlyMap<string, Documents> => {
  const known = new Map<string, Documents>()
  for (const { set, buckets } of placed) {
    for (const { bucket, region } of buckets) {
      const found = known.get(bucket)
      if (found === undefined) known.set(bucket, { sets: [set], region })
      else found.sets.push(set)
    }
  }
  return known
}

const losesRules = ({ entries }: RuleSet, others: ReadonlyArray<RuleSet>): boolean => {
  const wanted = new Set(others.flatMap((set) => set.entries.map(({ reading }) => reading.draft.id)))
  const managed = others.flatMap(({ manages }) => manages.map(({ glob }) => anyFilling(glob)))
  return entries.some(({ reading: { draft: { id } } }) =>
    id !== undefined && !wanted.has(id) && managed.some((glob) => overlap(glob, anyFilling(id)))
  )
}

/** A variable may stand for anything. */
const anyFilling = (text: string): string => text.replace(/\$\{[^}]*\}/gu, "*")

const at = (set: RuleSet, selector: Selector) => ({
  path: "buckets",
  ...(set.file === undefined ? {} : { file: set.file }),
  ...(selector.position === undefined ? {} : { position: selector.position }),
})

interface Missed {
  readonly set: RuleSet
  readonly selector: Selector
  readonly bucket: string
  /** Where it is named. */
  readonly place: string
  readonly severity: Finding["severity"]
}

const source = "the rules file in the README"

const unlisted = ({ set, selector, bucket, place, severity }: Missed): Finding => ({
  code: "match-unlisted",
  severity,
  message: "The account does not list a bucket that this matches, so these rules are not for it",
  found: `${bucket}, named at ${place}`,
  allowed: "a bucket that the account lists",
  fix: `Name ${bucket} here as well, or correct its name there`,
  source,
  ...at(set, selector),
})

const elsewhere = (
  { set, selector, bucket, place, severity, location }: Missed & { readonly location: string | undefined },
): Finding => ({
  code: "match-elsewhere",
  severity,
  message:
    "A bucket that this matches is in another region, so these rules are not for it, and others manage them there",
  found: `${bucket} in ${location ?? "no known region"}, named at ${place}`,
  allowed: `a bucket in ${selector.region}`,
  fix: `Correct the region, name ${bucket} here as well, or let manages there leave these ids out`,
  source,
  ...at(set, selector),
})
