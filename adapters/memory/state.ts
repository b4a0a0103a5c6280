/** What the local COS remembers. Immutable: each request makes the next state. */
import type { InventoryConfiguration } from "../../core/rule.ts"
import { writeConfiguration } from "../../core/wire/configuration.ts"

export interface BucketOptions {
  /** `<name>-<appid>`. */
  readonly name: string
  readonly region: string
  /** UIN of the owner, as GET Service shows it. */
  readonly owner?: string
  /** Refuse requests that leave something unsigned. */
  readonly strictSignature?: boolean
  /** The rules it begins with; they are not judged. */
  readonly rules?: ReadonlyArray<InventoryConfiguration>
}

export interface State {
  readonly buckets: ReadonlyMap<string, Bucket>
  /** Counts answers, for their ids. */
  readonly answered: number
}

export interface Bucket {
  readonly name: string
  readonly region: string
  readonly owner: string
  readonly strictSignature: boolean
  /** Epoch seconds. */
  readonly created: number
  /** In creation order; a replaced rule keeps its place (LIST: python ut/test.py:1841). */
  readonly rules: ReadonlyMap<string, Stored>
  readonly nextSequence: number
  /** One-time ids, each with the epoch milliseconds of its job. */
  readonly jobs: ReadonlyMap<string, number>
}

export interface Stored {
  /** Rises with creation; a continuation token names one. */
  readonly sequence: number
  /** The canonical form, which is what GET and LIST answer with. */
  readonly xml: string
}

export const initialState = (buckets: ReadonlyArray<BucketOptions>, now: number): State => ({
  buckets: new Map(buckets.map((bucket) => [bucket.name, bucketFrom(bucket, now)])),
  answered: 0,
})

const bucketFrom = (
  { name, region, owner = "100000000001", strictSignature = false, rules = [] }: BucketOptions,
  now: number,
): Bucket => {
  const created = Math.floor(now / 1000)
  const empty: Bucket = {
    name,
    region,
    owner,
    strictSignature,
    created,
    rules: new Map(),
    nextSequence: 1,
    jobs: new Map(),
  }
  return rules.reduce(withRule, empty)
}

/** Creates a rule, or replaces the one of the same id. */
export const withRule = (bucket: Bucket, rule: InventoryConfiguration): Bucket => {
  const sequence = bucket.rules.get(rule.id)?.sequence ?? bucket.nextSequence
  return {
    ...bucket,
    rules: new Map(bucket.rules).set(rule.id, { sequence, xml: writeConfiguration(rule) }),
    nextSequence: Math.max(bucket.nextSequence, sequence + 1),
  }
}

export const withoutRule = (bucket: Bucket, id: string): Bucket => {
  const rules = new Map(bucket.rules)
  rules.delete(id)
  return { ...bucket, rules }
}
