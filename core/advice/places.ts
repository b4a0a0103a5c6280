/** Where rules belong as far as files and flags tell: buckets that only COS could name have others stand for them. */
import { type BucketRef, expandDestination, parseResource } from "../bucket.ts"
import { isMatch, overlap } from "../glob.ts"
import type { RuleSet, Selector } from "../ruleset/mod.ts"
import type { Moment } from "./targets.ts"
import { standInBucket, standInRegion } from "./stand-in.ts"

/** Where rules belong that do not say so themselves. */
export interface Chosen {
  readonly buckets: ReadonlyArray<BucketRef>
  /** Of buckets that do not say their own. */
  readonly region: string | undefined
}

export interface Places extends Required<Pick<Moment, "standIns" | "reached">> {
  readonly placed: ReadonlyArray<Placed>
  /** Destinations that a glob of their own document matches. Nobody knows whether they are among its buckets. */
  readonly destinations: ReadonlyArray<Placed>
}

export interface Placed {
  readonly set: RuleSet
  readonly buckets: ReadonlyArray<BucketRef>
}

/**
 * The buckets of every document. A glob has a bucket that stands for it, and every bucket that is named anywhere and
 * matches; two globs that some name matches both have one together, where documents would not meet otherwise.
 */
export const placesOf = (sets: ReadonlyArray<RuleSet>, chosen: Chosen): Places => {
  const { nameOf, known } = namesOf(sets, chosen)
  const globs = globsOf(sets)
  const meetings = meetingsOf(globs)
  const standIns = new Map<string, string | undefined>()
  const standIn = (name: string, glob: string | undefined, region: string | undefined): BucketRef => {
    standIns.set(name, glob)
    return { bucket: name, region: region ?? standInRegion }
  }
  const reached = new Map<RuleSet, Set<string>>()
  const reach = (set: RuleSet, refs: ReadonlyArray<BucketRef>): ReadonlyArray<BucketRef> => {
    const names = reached.get(set) ?? new Set()
    for (const { bucket } of refs) if (!isNamed(set, bucket)) names.add(bucket)
    reached.set(set, names)
    return refs
  }
  const byGlob = (set: RuleSet, { match = "", region }: Selector): ReadonlyArray<BucketRef> => [
    standIn(standInBucket(match, region), match, region),
    ...reach(set, [
      ...known.filter((ref) => isMatch(match, ref.bucket) && isOneRegion(ref.region, region)),
      ...(meetings.get(keyOf({ match, region })) ?? []).map((one) => standIn(one.name, one.glob, one.region)),
    ]),
  ]
  const bucketsOf = (set: RuleSet, i: number): ReadonlyArray<BucketRef> => {
    if (set.selectors.length > 0) {
      return set.selectors.flatMap((one) =>
        one.bucket === undefined ? byGlob(set, one) : [nameOf(refOf(one.bucket, one.region))]
      )
    }
    // Rules that belong nowhere are beside no others
    if (set.isNowhere === true) return [standIn(standInBucket("*", String(i)), undefined, undefined)]
    return chosen.buckets.length > 0 ? chosen.buckets.map(nameOf) : [standIn(standInBucket(), undefined, chosen.region)]
  }
  const placed = sets.map((set, i) => ({ set, buckets: bucketsOf(set, i) }))
  const names = new Set(known.map(({ bucket }) => bucket))
  const destinations = sets.map((set) => ({
    set,
    buckets: reach(set, destinationsOf(set).filter(({ bucket }) => !names.has(bucket))),
  }))
  return { placed, destinations, standIns, reached }
}

const refOf = (bucket: string, region: string | undefined): BucketRef => ({
  bucket,
  ...(region === undefined ? {} : { region }),
})

const isNamed = ({ selectors }: RuleSet, name: string): boolean => selectors.some(({ bucket }) => bucket === name)

/** What is not known may be the same. */
const isOneRegion = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b || a === standInRegion

/** The buckets that are named anywhere. One may have its region in one document alone. */
const namesOf = (sets: ReadonlyArray<RuleSet>, { buckets, region: usual }: Chosen) => {
  const selected = sets.flatMap(({ selectors }) =>
    selectors.flatMap(({ bucket, region }) => bucket === undefined ? [] : [refOf(bucket, region)])
  )
  const regions = new Map(
    selected.flatMap(({ bucket, region }) => region === undefined ? [] : [[bucket, region] as const]),
  )
  const nameOf = ({ bucket, region }: BucketRef): BucketRef => ({
    bucket,
    region: region ?? usual ?? regions.get(bucket) ?? standInRegion,
  })
  const known = new Map<string, BucketRef>()
  for (const ref of [...selected, ...buckets]) if (!known.has(ref.bucket)) known.set(ref.bucket, nameOf(ref))
  return { nameOf, known: [...known.values()] }
}

interface Glob {
  readonly match: string
  readonly region: string | undefined
  /** The documents that have it. */
  readonly sets: ReadonlySet<RuleSet>
}

const keyOf = ({ match, region }: Pick<Glob, "match" | "region">): string => `${match}@${region ?? ""}`

const globsOf = (sets: ReadonlyArray<RuleSet>): ReadonlyArray<Glob> => {
  const globs = new Map<string, Glob & { readonly sets: Set<RuleSet> }>()
  for (const set of sets) {
    for (const { match, region } of set.selectors) {
      if (match === undefined) continue
      const key = keyOf({ match, region })
      const glob = globs.get(key) ?? { match, region, sets: new Set() }
      glob.sets.add(set)
      globs.set(key, glob)
    }
  }
  return [...globs.values()]
}

interface Meeting {
  readonly name: string
  readonly glob: string
  readonly region: string | undefined
}

/** For each glob the buckets that stand for what another one matches as well. */
const meetingsOf = (globs: ReadonlyArray<Glob>): ReadonlyMap<string, ReadonlyArray<Meeting>> => {
  const meetings = new Map<string, Array<Meeting>>(globs.map((glob) => [keyOf(glob), []]))
  for (const [i, a] of globs.entries()) {
    for (const [j, b] of globs.slice(0, i).entries()) {
      if (isWithin(a.sets, b.sets) || isWithin(b.sets, a.sets)) continue
      if (!isOneRegion(a.region, b.region) || !overlap(a.match, b.match)) continue
      // Of two the narrower one says more
      const glob = isMatch(a.match, b.match) ? b.match : a.match
      const meeting = { name: standInBucket(glob, `${i}-${j}`), glob, region: a.region ?? b.region }
      for (const one of [a, b]) meetings.get(keyOf(one))!.push(meeting)
    }
  }
  return meetings
}

const isWithin = (some: ReadonlySet<RuleSet>, all: ReadonlySet<RuleSet>): boolean =>
  [...some].every((set) => all.has(set))

/** The buckets that a document's reports go to, where it matches them itself. */
const destinationsOf = ({ selectors, entries }: RuleSet): ReadonlyArray<BucketRef> => {
  const globs = selectors.flatMap(({ match, region }) => match === undefined ? [] : [{ match, region }])
  if (globs.length === 0) return []
  const found = new Map<string, BucketRef>()
  for (const text of new Set(entries.map(({ reading }) => reading.draft.destination?.bucket ?? ""))) {
    const resource = parseResource(expandDestination(text, standInRegion).bucket)
    if (resource === undefined) continue
    const bucket = `${resource.name}-${resource.appid}`
    const glob = globs.find(({ match, region }) => isMatch(match, bucket) && isOneRegion(resource.region, region))
    if (glob === undefined) continue
    found.set(bucket, {
      bucket,
      region: resource.region === standInRegion ? glob.region ?? standInRegion : resource.region,
    })
  }
  return [...found.values()]
}
