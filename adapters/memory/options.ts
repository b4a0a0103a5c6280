/** What a local COS begins with. */
import type { Hashes } from "../../core/ports.ts"
import type { InventoryConfiguration } from "../../core/rule.ts"
import { keyCache } from "../hashes/keys.ts"
import { demoBucket } from "./demo.ts"
import type { Settings } from "./facts.ts"
import { rulePut } from "./inventory/mod.ts"
import type { BucketAttributes, Store } from "../store/mod.ts"

export interface BucketOptions {
  /** `<name>-<appid>`. */
  readonly name: string
  readonly region: string
  /** UIN of the owner, as GET Service shows it. */
  readonly owner?: string
  readonly versioning?: "Enabled" | "Suspended"
  /** Refuse requests that leave something unsigned. */
  readonly strictSignature?: boolean
  /** Operations to refuse with AccessDenied, by their names in access policies, such as `PutObject`. */
  readonly denied?: ReadonlyArray<string>
  /** The rules it begins with; they are not judged. */
  readonly rules?: ReadonlyArray<InventoryConfiguration>
}

export interface Key {
  readonly secretId: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export interface Options {
  readonly buckets: ReadonlyArray<BucketOptions>
  readonly keys: ReadonlyArray<Key>
  /** True unless told: then a request without a right signature is refused. */
  readonly verifySignatures?: boolean
  /** The bucket of requests that name none. */
  readonly defaultBucket?: string
  /** Of buckets that are created at a host that names no region; that of the documentation's examples unless told. */
  readonly region?: string
}

export const settingsOf = (options: Options, hashes: Hashes): Settings => ({
  keys: new Map(options.keys.map((key) => [key.secretId, key])),
  verifySignatures: options.verifySignatures ?? true,
  defaultBucket: options.defaultBucket,
  region: options.region ?? demoBucket.region,
  owner: demoBucket.owner,
  hashes,
  signKeyOf: keyCache(hashes),
  pageSize: (_, most) => most,
})

/** Creates a bucket that is not there yet. */
export const createBucket = (store: Store, options: BucketOptions, now: number): void => {
  const { name, rules = [], ...rest } = options
  const bucket: BucketAttributes = {
    owner: demoBucket.owner,
    strictSignature: false,
    denied: [],
    cors: [],
    ...rest,
    name,
    created: now,
  }
  store.commit([{ _tag: "BucketPut", bucket }])
  store.commit(rules.map((rule) => rulePut(store, name, rule, now)))
}
