/**
 * The small state of a store, which every driver holds in memory: buckets with their rules and jobs, what they were filled
 * with, and what else outlives a restart. Each change leaves behind how to take it back, so that a commit is all or
 * nothing.
 */
import type { Bucket, Change, Filling, Meta } from "./contract.ts"

export type CatalogChange = Extract<
  Change,
  {
    readonly _tag:
      | "BucketPut"
      | "BucketDeleted"
      | "RulePut"
      | "RuleDeleted"
      | "JobPut"
      | "JobDeleted"
      | "SyntheticPut"
      | "MetaPut"
  }
>

/** Of one commit, in the order in which its changes were made; run from the last to the first. */
export type Undo = Array<() => void>

/** Takes back what was done when it does not come to its end. */
export const undoing = <A>(undo: Undo, body: () => A): A => {
  try {
    return body()
  } catch (cause) {
    for (const step of undo.reverse()) step()
    throw cause
  }
}

export interface Catalog {
  readonly bucket: (name: string) => Bucket | undefined
  /** By name. */
  readonly buckets: () => ReadonlyArray<Bucket>
  readonly synthetic: (bucket: string) => Filling | undefined
  readonly meta: () => Meta | undefined
  readonly apply: (change: CatalogChange, undo: Undo) => void
  /** Notes that a version of this bucket was put or deleted; whether that was not noted before. */
  readonly touch: (bucket: string, undo: Undo) => boolean
}

export interface Kept {
  readonly buckets: Iterable<Bucket>
  /** By bucket. */
  readonly fillings?: Iterable<readonly [string, Filling]>
  readonly meta?: Meta
}

export const makeCatalog = (kept: Kept): Catalog => {
  const buckets = new Map(Array.from(kept.buckets, (bucket) => [bucket.name, bucket]))
  const fillings = new Map(kept.fillings ?? [])
  let meta = kept.meta
  let sorted: ReadonlyArray<Bucket> | undefined

  const set = (name: string, bucket: Bucket | undefined, undo: Undo) => {
    const before = buckets.get(name)
    undo.push(() => assign(name, before))
    assign(name, bucket)
  }
  const assign = (name: string, bucket: Bucket | undefined) => {
    sorted = undefined
    if (bucket === undefined) buckets.delete(name)
    else buckets.set(name, bucket)
  }
  const fill = (name: string, filling: Filling | undefined, undo: Undo) => {
    const before = fillings.get(name)
    undo.push(() => assignFilling(name, before))
    assignFilling(name, filling)
  }
  const assignFilling = (name: string, filling: Filling | undefined) => {
    if (filling === undefined) fillings.delete(name)
    else fillings.set(name, filling)
  }

  return {
    bucket: (name) => buckets.get(name),
    buckets: () => sorted ??= [...buckets.values()].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    synthetic: (bucket) => fillings.get(bucket),
    meta: () => meta,
    touch: (bucket, undo) => {
      const filling = fillings.get(bucket)
      if (filling?.isUntouched !== true) return false
      fill(bucket, { ...filling, isUntouched: false }, undo)
      return true
    },
    apply: (change, undo) => {
      switch (change._tag) {
        case "BucketPut": {
          const { name } = change.bucket
          const { rules, jobs } = buckets.get(name) ?? { rules: new Map(), jobs: new Map() }
          return set(name, { ...change.bucket, rules, jobs }, undo)
        }
        case "BucketDeleted":
          fill(change.bucket, undefined, undo)
          return set(change.bucket, undefined, undo)
        case "SyntheticPut": {
          const { bucket, count, seed } = change
          return fill(existing(buckets.get(bucket), change).name, { count, seed, isUntouched: true }, undo)
        }
        case "MetaPut": {
          const before = meta
          undo.push(() => meta = before)
          meta = change.meta
          return
        }
        case "RuleDeleted":
        case "JobDeleted": {
          const bucket = buckets.get(change.bucket)
          return bucket === undefined ? undefined : set(bucket.name, without(bucket, change, undo), undo)
        }
        case "RulePut":
        case "JobPut": {
          const bucket = existing(buckets.get(change.bucket), change)
          return set(bucket.name, withOne(bucket, change, undo), undo)
        }
      }
    },
  }
}

type Puts = Extract<Change, { readonly _tag: "RulePut" | "JobPut" }>
type Deletes = Extract<Change, { readonly _tag: "RuleDeleted" | "JobDeleted" }>

/** A Map keeps the place of what is set again. */
const withOne = (bucket: Bucket, change: Puts, undo: Undo): Bucket =>
  change._tag === "RulePut"
    ? { ...bucket, rules: copied(bucket.rules, undo).set(change.rule.id, change.rule) }
    : { ...bucket, jobs: copied(bucket.jobs, undo).set(change.id, change.started) }

const without = (bucket: Bucket, { _tag, id }: Deletes, undo: Undo): Bucket => {
  if (_tag === "RuleDeleted") {
    const rules = copied(bucket.rules, undo)
    rules.delete(id)
    return { ...bucket, rules }
  }
  const jobs = copied(bucket.jobs, undo)
  jobs.delete(id)
  return { ...bucket, jobs }
}

/**
 * Once for each commit, so that one of a thousand rules does not copy a thousand times. Nobody has seen a copy before its
 * commit is made, and what others may have seen is never changed.
 */
const copied = <A>(map: ReadonlyMap<string, A>, undo: Undo): Map<string, A> => {
  const own = copies.get(undo) ?? new Set()
  if (own.has(map)) return map as Map<string, A>
  const copy = new Map(map)
  copies.set(undo, own.add(copy))
  return copy
}
/** By commit and not by map: a map that kept its commit would keep the map before it, and so all there ever were. */
const copies = new WeakMap<Undo, Set<ReadonlyMap<string, unknown>>>()

/** What a change is put into; a change cannot be put into nothing. */
export const existing = <A>(place: A | undefined, change: Change): A => {
  if (place !== undefined) return place
  throw new RangeError(`Cannot commit ${change._tag}: there is no ${placeOf(change)}; put it first`)
}

const placeOf = (change: Change): string => {
  switch (change._tag) {
    case "PartPut":
      return `upload "${change.upload}" of bucket "${change.bucket}"`
    case "UploadPut":
      return `bucket "${change.upload.bucket}"`
    default:
      return "bucket" in change ? `bucket "${String(change.bucket)}"` : "place for it"
  }
}
