/** What tests of the store put into it, and all that can be read from it. */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type {
  BucketAttributes,
  Change,
  Part,
  Rule,
  Run,
  Segment,
  Store,
  Stored,
  Upload,
  Version,
} from "../adapters/store/mod.ts"
import type { Body } from "../core/ports.ts"

/** A store, and where it lives. */
export interface Opened {
  readonly store: Store
  /** The names of large bodies on the disk; none in memory. */
  readonly files: () => ReadonlyArray<string>
  /** The same after it was closed and opened again. */
  readonly reopened: () => Promise<Opened>
  readonly dispose: () => void
}

export interface Driver {
  readonly name: string
  readonly isDurable: boolean
  readonly open: () => Promise<Opened>
}

/** Runs a test on a new store, and cleans up. */
export const using = async (driver: Driver, body: (opened: Opened) => Promise<void> | void): Promise<void> => {
  const opened = await driver.open()
  try {
    await body(opened)
  } finally {
    opened.dispose()
  }
}

export const bucketOf = (name: string, more: Partial<BucketAttributes> = {}): BucketAttributes => ({
  name,
  region: "ap-guangzhou",
  owner: "100000000001",
  created: 1,
  cors: [],
  strictSignature: false,
  denied: [],
  ...more,
})
export const bucketPut = (name: string, more: Partial<BucketAttributes> = {}): Change => ({
  _tag: "BucketPut",
  bucket: bucketOf(name, more),
})

export const versionOf = (
  key: string,
  sequence: number,
  stored?: Stored,
  more: Partial<Version> = {},
): Version => ({
  key,
  versionId: "null",
  sequence,
  isDeleteMarker: false,
  lastModified: sequence,
  etag: stored?.md5 ?? "",
  size: stored?.size ?? 0,
  crc64: stored?.crc64 ?? "",
  storageClass: "STANDARD",
  segments: stored?.segments ?? [],
  headers: [],
  tags: [],
  isMultipart: false,
  ...more,
})
export const versionPut = (bucket: string, version: Version): Change => ({ _tag: "VersionPut", bucket, version })

export const uploadOf = (bucket: string, id: string, key: string, more: Partial<Upload> = {}): Upload => ({
  bucket,
  id,
  key,
  initiated: 1,
  storageClass: "STANDARD",
  headers: [],
  tags: [],
  ...more,
})
export const partOf = (number: number, stored: Stored): Part => ({
  number,
  etag: stored.md5,
  size: stored.size,
  crc64: stored.crc64,
  segments: stored.segments,
  lastModified: number,
})
export const ruleOf = (id: string, sequence: number): Rule => ({ id, sequence, xml: `<Id>${sequence}</Id>`, since: 2 })
export const runOf = (id: number, more: Partial<Run> = {}): Run => ({
  id,
  bucket: "a-1",
  rule: "r",
  xml: "<x/>",
  due: id,
  state: "done",
  wrote: [],
  ...more,
})

/** Bytes that differ from place to place and from seed to seed. */
export const bytesOf = (size: number, seed: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  for (let at = 0, word = seed * 2654435761 | 1; at < size; at++) {
    word = Math.imul(word, 1664525) + 1013904223 | 0
    bytes[at] = word >>> 24
  }
  return bytes
}

export const write = (store: Store, body: Body): Promise<Stored> => Effect.runPromise(store.bodies.write(body))

/** Puts an object of these bytes, as the version "null". */
export const put = async (store: Store, bucket: string, key: string, bytes: Uint8Array): Promise<Version> => {
  const version = versionOf(key, store.nextSequence(), await write(store, bytes))
  store.commit([versionPut(bucket, version)])
  return version
}

export const streamOf = (chunks: ReadonlyArray<Uint8Array>): Body => ({ stream: Stream.fromIterable(chunks) })

export const gathered = async (body: Body): Promise<Uint8Array> =>
  body instanceof Uint8Array
    ? body
    : new Uint8Array(Buffer.concat([...await Effect.runPromise(Stream.runCollect(body.stream))]))

export const contentOf = (store: Store, segments: ReadonlyArray<Segment>): Promise<Uint8Array> =>
  gathered(store.bodies.read(segments, 0, segments.reduce((sum, { size }) => sum + size, 0)))

const digestOf = async (store: Store, segments: ReadonlyArray<Segment>): Promise<unknown> =>
  segments.some(({ ref }) => ref.startsWith("="))
    ? segments
    : createHash("md5").update(await contentOf(store, segments)).digest("hex")

/** All that a store tells, bodies by their content: refs are each driver's own. */
export const everything = async (store: Store): Promise<unknown> => {
  const told = async <A extends { readonly segments: ReadonlyArray<Segment> }>(owner: A) => ({
    ...owner,
    segments: await digestOf(store, owner.segments),
  })
  const buckets = []
  for (const bucket of store.buckets()) {
    const entries = []
    for (const versions of store.entries(bucket.name, "")) entries.push(await Promise.all(versions.map(told)))
    const uploads = []
    for (const upload of store.uploads(bucket.name)) {
      uploads.push({ upload, parts: await Promise.all(store.parts(bucket.name, upload.id).map(told)) })
    }
    const filling = store.synthetic(bucket.name)
    buckets.push({ ...bucket, rules: [...bucket.rules], jobs: [...bucket.jobs], filling, entries, uploads })
  }
  return { buckets, runs: store.runs(), meta: store.meta(), used: store.bodies.used() }
}
