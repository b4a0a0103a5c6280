/** Numbered writes, each of which follows from its number and from what is stored, so that a model can repeat them. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Change, Store, Stored } from "../adapters/store/mod.ts"
import { bucketPut, bytesOf, partOf, ruleOf, uploadOf, versionOf, versionPut } from "./store-world.ts"

const bucket = "a-1"
const [small, row, large, larger] = [100, 65536, 65537, 300000] as const

/** The number of the last write that a store has; every commit says its own. */
export const lastWrite = (store: Store): number => store.meta()?.looked ?? 0

/** How large a body is that is kept as a file. */
export const leastFile = large

export const makeWrite = async (store: Store, number: number): Promise<void> => {
  const changes: ReadonlyArray<Change> = number === 1
    ? [bucketPut(bucket), { _tag: "UploadPut", upload: uploadOf(bucket, "u", "m") }]
    : await changesOf(store, number)
  store.commit([...changes, { _tag: "MetaPut", meta: { clock: { _tag: "Still", at: number }, looked: number } }])
}

const changesOf = async (store: Store, number: number): Promise<ReadonlyArray<Change>> => {
  const sequence = number * 10
  const key = `k${number % 5}`
  const body = (size: number) => taken(store, bytesOf(size, number))
  switch (number % 7) {
    case 0:
      return [versionPut(bucket, versionOf(key, sequence, await body(small)))]
    case 1:
    case 2:
      return [
        versionPut(bucket, versionOf(`large${number % 3}`, sequence, await body(number % 2 === 0 ? large : larger))),
      ]
    case 3: {
      const old = store.versions(bucket, key)[0]?.versionId ?? "null"
      return [{ _tag: "VersionDeleted", bucket, key, versionId: old }]
    }
    case 4:
      return [{
        _tag: "PartPut",
        bucket,
        upload: "u",
        part: partOf(1 + number % 4, await body(number % 2 === 0 ? row : large)),
      }]
    case 5: {
      if (number % 2 === 0) return [versionPut(bucket, versionOf(key, sequence, await body(row)))]
      const segments = store.parts(bucket, "u").flatMap(({ segments }) => segments)
      return [
        versionPut(bucket, versionOf("m", sequence, undefined, { segments, isMultipart: true })),
        { _tag: "UploadDeleted", bucket, id: "u" },
        { _tag: "UploadPut", upload: uploadOf(bucket, "u", "m", { initiated: number }) },
      ]
    }
    default: {
      const versionId = `v${number % 4}`
      return [
        { _tag: "RulePut", bucket, rule: ruleOf(`rule${number % 3}`, sequence) },
        { _tag: "JobPut", bucket, id: `job${number % 3}`, started: number },
        versionPut(bucket, versionOf(key, sequence, await body(small), { versionId })),
        versionPut(bucket, versionOf(`large${number % 3}`, sequence + 1, await body(large), { versionId })),
        { _tag: "JobDeleted", bucket, id: `job${(number + 1) % 3}` },
      ]
    }
  }
}

/** In pieces between which the process may be killed, as from a socket. */
const taken = (store: Store, bytes: Uint8Array): Promise<Stored> => {
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / piece) },
    (_, at) => bytes.slice(at * piece, (at + 1) * piece),
  )
  const stream = Stream.fromIterable(pieces).pipe(Stream.mapEffect((each) => Effect.as(Effect.yieldNow, each)))
  return Effect.runPromise(store.bodies.write({ stream }))
}
const piece = 16384
