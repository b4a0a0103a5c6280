/** The store that keeps everything in memory, and forgets it when it is closed. */
import type { Key } from "../../core/key.ts"
import type { Hashes } from "../../core/ports.ts"
import { makeBodies } from "./bodies.ts"
import { type CatalogChange, existing, makeCatalog, type Undo, undoing } from "./catalog.ts"
import { after, type History, makeHistory } from "./history.ts"
import { broughtBy, makeOwnership, type Ownership } from "./ownership.ts"
import { makeSorted } from "./sorted.ts"
import type { Change, Run, Store, Version } from "./contract.ts"
import { synthetic } from "./synthetic/mod.ts"
import { makeUploads, type Uploads } from "./uploads.ts"

export interface TreeOptions {
  readonly hashes: Hashes
  /** What bodies may take together, in bytes; `memoryCap` of `bodies.ts` unless told. */
  readonly cap?: number
}

interface Contents {
  readonly history: History
  readonly uploads: Uploads
}

export const makeTree = ({ cap, hashes }: TreeOptions): Store => {
  const catalog = makeCatalog({ buckets: [] })
  const contents = new Map<string, Contents>()
  const bodies = makeBodies(hashes, cap)
  let runs = makeSorted<number, Run>()
  let sequence = 0

  const apply = (change: Change, ownership: Ownership, undo: Undo): void => {
    switch (change._tag) {
      case "BucketPut": {
        const { name } = change.bucket
        if (!contents.has(name)) {
          undo.push(() => contents.delete(name))
          contents.set(name, { history: makeHistory(), uploads: makeUploads() })
        }
        return catalog.apply(change, undo)
      }
      case "BucketDeleted": {
        const gone = contents.get(change.bucket)
        if (gone === undefined) return
        for (const { segments } of gone.history.stored()) ownership.lose(segments)
        for (const { id } of gone.uploads.uploads()) {
          for (const { segments } of gone.uploads.parts(id)) ownership.lose(segments)
        }
        undo.push(() => contents.set(change.bucket, gone))
        contents.delete(change.bucket)
        return catalog.apply(change, undo)
      }
      case "VersionPut":
        ownership.lose(inside(change).history.put(change.version, undo)?.segments ?? [])
        return void catalog.touch(change.bucket, undo)
      case "VersionDeleted": {
        const { bucket, key, versionId } = change
        const gone = contents.get(bucket)?.history.remove(key, versionId, undo)
        if (gone === undefined) return
        ownership.lose(gone.segments)
        return void catalog.touch(bucket, undo)
      }
      case "UploadPut":
        return existing(contents.get(change.upload.bucket), change).uploads.put(change.upload, undo)
      case "UploadDeleted":
        for (const { segments } of contents.get(change.bucket)?.uploads.remove(change.id, undo) ?? []) {
          ownership.lose(segments)
        }
        return
      case "PartPut":
        return ownership.lose(inside(change).uploads.putPart(change, undo)?.segments ?? [])
      case "SyntheticPut": {
        const { history } = inside(change)
        for (const _ of history.entries("")) throw new RangeError(notEmpty(change))
        const base = synthetic(change.count, change.seed, hashes)
        sequence = Math.max(sequence, base.sequences)
        history.fill(base, undo)
        return catalog.apply(change, undo)
      }
      case "RunPut": {
        const { run } = change
        const before = runs.get(run.id)
        undo.push(() => before === undefined ? runs.delete(run.id) : runs.set(run.id, before))
        return void runs.set(run.id, run)
      }
      case "RunsCleared": {
        const before = runs
        undo.push(() => runs = before)
        runs = makeSorted<number, Run>()
        return
      }
      default:
        return catalog.apply(change satisfies CatalogChange, undo)
    }
  }
  const inside = (change: Change & { readonly bucket: string }): Contents =>
    existing(contents.get(change.bucket), change)

  return {
    bucket: catalog.bucket,
    buckets: catalog.buckets,
    synthetic: catalog.synthetic,
    meta: catalog.meta,
    versions: (bucket, key) => contents.get(bucket)?.history.versions(key) ?? [],
    entries: (bucket, from) => entries(() => contents.get(bucket)?.history, from),
    upload: (bucket, id) => contents.get(bucket)?.uploads.upload(id),
    uploads: (bucket) => contents.get(bucket)?.uploads.uploads() ?? [],
    parts: (bucket, upload) => contents.get(bucket)?.uploads.parts(upload) ?? [],
    runs: () => runs.valuesArray(),
    nextSequence: () => ++sequence,
    commit: (changes) => {
      const ownership = makeOwnership(bodies)
      const undo: Undo = []
      undoing(undo, () => {
        for (const change of changes) {
          apply(change, ownership, undo)
          ownership.adopt(broughtBy(change))
        }
        bodies.settle(ownership.settle())
      })
      for (const change of changes) sequence = Math.max(sequence, sequenceOf(change))
    },
    bodies,
    close: () => {},
  }
}

/** The bucket may be deleted, and created again, while its keys are looked at. */
function* entries(current: () => History | undefined, start: Key): Iterable<ReadonlyArray<Version>> {
  let from: Key | undefined = start
  while (from !== undefined) {
    const history = current()
    const rest: Iterable<ReadonlyArray<Version>> = history?.entries(from) ?? []
    from = undefined
    for (const versions of rest) {
      yield versions
      if (current() === history) continue
      from = after(versions[0]!.key)
      break
    }
  }
}

/** The highest number of `nextSequence` that a change carries. */
export const sequenceOf = (change: Change): number =>
  change._tag === "VersionPut"
    ? change.version.sequence
    : change._tag === "RulePut"
    ? change.rule.sequence
    : change._tag === "RunPut"
    ? change.run.id
    : 0

export const notEmpty = ({ bucket }: { readonly bucket: string }): string =>
  `Cannot fill the bucket "${bucket}": it holds objects already; delete them or take another bucket`
