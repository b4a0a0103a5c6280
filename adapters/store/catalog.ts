/**
 * The small state of a store, which every driver holds in memory: buckets with their rules and jobs, and what else
 * outlives a restart. Each change leaves behind how to take it back, so that a commit is all or nothing.
 */
import type { Bucket, Change, Meta } from "./contract.ts"

export type CatalogChange = Extract<
  Change,
  { readonly _tag: "BucketPut" | "BucketDeleted" | "RulePut" | "RuleDeleted" | "JobPut" | "JobDeleted" | "MetaPut" }
>

/** In the order in which the changes were made; run from the last to the first. */
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
  readonly meta: () => Meta | undefined
  readonly apply: (change: CatalogChange, undo: Undo) => void
}

export const makeCatalog = (kept: { readonly buckets: Iterable<Bucket>; readonly meta?: Meta }): Catalog => {
  const buckets = new Map(Array.from(kept.buckets, (bucket) => [bucket.name, bucket]))
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

  return {
    bucket: (name) => buckets.get(name),
    buckets: () => sorted ??= [...buckets.values()].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    meta: () => meta,
    apply: (change, undo) => {
      switch (change._tag) {
        case "BucketPut": {
          const { name } = change.bucket
          const { rules, jobs } = buckets.get(name) ?? { rules: new Map(), jobs: new Map() }
          return set(name, { ...change.bucket, rules, jobs }, undo)
        }
        case "BucketDeleted":
          return set(change.bucket, undefined, undo)
        case "MetaPut": {
          const before = meta
          undo.push(() => meta = before)
          meta = change.meta
          return
        }
        case "RuleDeleted":
        case "JobDeleted": {
          const bucket = buckets.get(change.bucket)
          return bucket === undefined ? undefined : set(bucket.name, without(bucket, change), undo)
        }
        case "RulePut":
        case "JobPut": {
          const bucket = existing(buckets.get(change.bucket), change)
          return set(bucket.name, withOne(bucket, change), undo)
        }
      }
    },
  }
}

type Puts = Extract<Change, { readonly _tag: "RulePut" | "JobPut" }>
type Deletes = Extract<Change, { readonly _tag: "RuleDeleted" | "JobDeleted" }>

/** A Map keeps the place of what is set again. */
const withOne = (bucket: Bucket, change: Puts): Bucket =>
  change._tag === "RulePut"
    ? { ...bucket, rules: new Map(bucket.rules).set(change.rule.id, change.rule) }
    : { ...bucket, jobs: new Map(bucket.jobs).set(change.id, change.started) }

const without = (bucket: Bucket, { _tag, id }: Deletes): Bucket =>
  _tag === "RuleDeleted"
    ? { ...bucket, rules: new Map([...bucket.rules].filter(([other]) => other !== id)) }
    : { ...bucket, jobs: new Map([...bucket.jobs].filter(([other]) => other !== id)) }

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
