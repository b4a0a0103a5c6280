/** A local COS that looks at no signature, asked by raw requests, at a time that the test sets. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { hashes } from "../adapters/hashes/node.ts"
import { makeEngine } from "../adapters/memory/engine.ts"
import type { Settings } from "../adapters/memory/facts.ts"
import { type BucketOptions, createBucket, settingsOf } from "../adapters/memory/options.ts"
import { makeTree, type Store } from "../adapters/store/mod.ts"
import { codes } from "../core/codes.ts"
import type { Headers } from "../core/http.ts"
import type { Body } from "../core/ports.ts"
import { type Readable, readable } from "./reply.ts"

export const bucket = { name: "examplebucket-1250000000", region: "ap-guangzhou" } as const
export const otherBucket = { name: "otherbucket-1250000000", region: "ap-guangzhou" } as const
export const hostOfBucket = ({ name, region }: Pick<BucketOptions, "name" | "region">): string =>
  `${name}.cos.${region}.myqcloud.com`

/** 2025-11-21T04:40:00Z. */
export const start = 1_763_700_000_000

export interface Reply extends Readable {
  readonly bytes: Uint8Array
}

export interface World {
  readonly store: Store
  /** A target beginning with a slash is of the first bucket, unless a host is among the headers. */
  readonly ask: (method: string, target: string, headers?: Headers, body?: Body | string) => Promise<Reply>
  /** The clock stands still at this time, in epoch milliseconds. */
  readonly setTime: (millis: number) => void
}

export interface WorldOptions {
  readonly buckets?: ReadonlyArray<BucketOptions>
  /** Bytes that bodies may take together. */
  readonly cap?: number
  readonly store?: Store
  /** The greatest page that a list gives. */
  readonly pageSize?: Settings["pageSize"]
}

export const world = (
  { buckets = [bucket, otherBucket], cap, store: given, pageSize }: WorldOptions = {},
): World => {
  const store = given ?? makeTree({ hashes, ...(cap === undefined ? {} : { cap }) })
  const setTime = (at: number) =>
    store.commit([{ _tag: "MetaPut", meta: { clock: { _tag: "Still", at }, looked: start } }])
  setTime(start)
  for (const one of buckets) createBucket(store, one, start)
  const settings = {
    ...settingsOf({ buckets, keys: [], verifySignatures: false }, hashes),
    ...(pageSize === undefined ? {} : { pageSize }),
  }
  const engine = makeEngine({ store, settings, onJob: () => Effect.void, skew: () => 0 })
  const host = hostOfBucket(buckets[0]!)
  return {
    store,
    setTime,
    ask: async (method, target, headers = [], body = "") => {
      const answered = await Effect.runPromise(engine.answer({
        method,
        target,
        headers,
        origin: `http://${host}`,
        body: typeof body === "string" ? utf8.encode(body) : body,
      }))
      const bytes = await bytesOf(answered.body)
      return replyOf(answered.status, answered.headers, bytes)
    },
  }
}

/** A world whose first bucket has versioning. */
export const versioned = (): World => world({ buckets: [{ ...bucket, versioning: "Enabled" }, otherBucket] })

/** A body in pieces, of no announced length unless told. */
export const pieces = (parts: ReadonlyArray<string | Uint8Array>, length?: number): Body => ({
  ...(length === undefined ? {} : { length }),
  stream: Stream.fromIterable(parts.map((part) => typeof part === "string" ? utf8.encode(part) : part)),
})

/** The refusal a test expects: its code, and the status that the table of codes has for it. */
export const refused = (reply: Reply, code: string): void => {
  assert.equal(reply.code, code, reply.text)
  assert.equal(reply.status, codes[code]?.status)
}

/** Each part's bytes, so that nothing is left that nobody owns. */
export const ownedBytes = (store: Store, names: ReadonlyArray<string> = [bucket.name, otherBucket.name]): number => {
  let sum = 0
  for (const name of names) {
    for (const versions of store.entries(name, "")) for (const { size } of versions) sum += size
    for (const { id } of store.uploads(name)) for (const { size } of store.parts(name, id)) sum += size
  }
  return sum
}

const replyOf = (status: number, headers: Headers, bytes: Uint8Array): Reply => ({
  ...readable(status, headers, new TextDecoder().decode(bytes)),
  bytes,
})

const bytesOf = async (body: Body): Promise<Uint8Array> => {
  if (body instanceof Uint8Array) return body
  const chunks = await Effect.runPromise(Stream.runCollect(body.stream))
  return Uint8Array.from(Array.from(chunks).flatMap((chunk) => [...chunk]))
}

const utf8 = new TextEncoder()
