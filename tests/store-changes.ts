/** Random changes, made to a store as a server would make them: from what the store itself tells. */
import * as Schema from "effect/Schema"
import type { Change, Store } from "../adapters/store/mod.ts"
import {
  bucketPut,
  bytesOf,
  partOf,
  ruleOf,
  runOf,
  streamOf,
  uploadOf,
  versionOf,
  versionPut,
  write,
} from "./store-world.ts"

const below = (limit: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: limit - 1 }))

const kinds = [
  "bucket",
  "no bucket",
  "rule",
  "no rule",
  "job",
  "no job",
  "object",
  "object",
  "version",
  "marker",
  "tags",
  "no version",
  "upload",
  "part",
  "part",
  "complete",
  "abort",
  "run",
  "no runs",
  "meta",
  "synthetic",
  "discarded",
] as const

/** What is to be done; its numbers choose among few names, so that changes meet. */
export const Step = Schema.Struct({
  kind: Schema.Literals(kinds),
  bucket: below(2),
  key: below(5),
  size: below(5),
  number: below(3),
  /** Whether a change that cannot be made follows in the same commit. */
  fails: below(6),
  /** Whether the next step is part of the same commit. */
  joins: below(4),
})
export type Step = typeof Step.Type

const names = ["a-1", "b-1"] as const
const keys = ["\0", "a", "a/b", "\xff\xfe", "k"] as const
const sizes = [0, 1, 70000, 65536, 1000] as const
const ids = ["", "r\0", "z"] as const

/** Makes the changes, in commits, and tells how each ended. */
export const perform = async (store: Store, steps: ReadonlyArray<Step>): Promise<ReadonlyArray<string>> => {
  const ends: Array<string> = []
  let changes: Array<Change> = []
  for (const [at, step] of steps.entries()) {
    const { changes: more, refs } = await changesOf(store, step, at + 1)
    if (step.kind === "discarded") store.bodies.discard(refs)
    else changes.push(...more)
    if (step.joins === 0 && at + 1 < steps.length) continue
    if (step.fails === 0) changes.push({ _tag: "RulePut", bucket: "none-1", rule: ruleOf("r", 1) })
    const brought = changes.flatMap((change) =>
      change._tag === "VersionPut" ? change.version.segments : change._tag === "PartPut" ? change.part.segments : []
    )
    try {
      store.commit(changes)
      ends.push("made")
    } catch (cause) {
      store.bodies.discard(brought)
      ends.push(cause instanceof RangeError ? cause.message.replace(/body "\d+"/u, "body") : String(cause))
    }
    changes = []
  }
  return ends
}

const changesOf = async (store: Store, step: Step, sequence: number) => {
  const bucket = names[step.bucket]!
  const key = keys[step.key]!
  const id = ids[step.number]!
  const none = { changes: [], refs: [] }
  const stored = () => {
    const bytes = bytesOf(sizes[step.size]!, sequence)
    return write(store, step.number === 0 ? streamOf([bytes.slice(0, 7), bytes.slice(7)]) : bytes)
  }
  const of = (...changes: ReadonlyArray<Change>) => ({ changes, refs: [] })
  switch (step.kind) {
    case "bucket":
      return of(bucketPut(bucket, { region: id, ...(step.key === 0 ? {} : { versioning: "Enabled" }) }))
    case "no bucket":
      return step.size === 0 ? of({ _tag: "BucketDeleted", bucket }) : of(bucketPut(bucket))
    case "rule":
      return of({ _tag: "RulePut", bucket, rule: ruleOf(id, sequence) })
    case "no rule":
      return of({ _tag: "RuleDeleted", bucket, id })
    case "job":
      return of({ _tag: "JobPut", bucket, id, started: sequence })
    case "no job":
      return of({ _tag: "JobDeleted", bucket, id })
    case "object":
      return of(versionPut(bucket, versionOf(key, sequence, await stored())))
    case "version":
      return of(versionPut(bucket, versionOf(key, sequence, await stored(), { versionId: id })))
    case "marker":
      return of(versionPut(bucket, versionOf(key, sequence, undefined, { versionId: id, isDeleteMarker: true })))
    case "tags": {
      const version = store.versions(bucket, key)[0]
      return version === undefined ? none : of(versionPut(bucket, { ...version, tags: [{ key: id, value: key }] }))
    }
    case "no version": {
      const versions = store.versions(bucket, key)
      const versionId = versions[step.number]?.versionId ?? "null"
      return of({ _tag: "VersionDeleted", bucket, key, versionId })
    }
    case "upload":
      return of({ _tag: "UploadPut", upload: uploadOf(bucket, id, key, { initiated: sequence }) })
    case "part":
      return of({ _tag: "PartPut", bucket, upload: id, part: partOf(1 + step.key, await stored()) })
    case "complete": {
      const segments = store.parts(bucket, id).flatMap(({ segments }) => segments)
      const changes: Array<Change> = [
        versionPut(bucket, versionOf(key, sequence, undefined, { segments, isMultipart: true })),
        { _tag: "UploadDeleted", bucket, id },
      ]
      return of(...(step.size < 2 ? changes : changes.toReversed()))
    }
    case "abort":
      return of({ _tag: "UploadDeleted", bucket, id })
    case "run":
      return of({ _tag: "RunPut", run: runOf(1 + step.key, { why: id }) })
    case "no runs":
      return of({ _tag: "RunsCleared" })
    case "meta":
      return of({ _tag: "MetaPut", meta: { clock: { _tag: "Still", at: sequence }, looked: sequence } })
    case "synthetic":
      return of({ _tag: "SyntheticPut", bucket, count: 20 * step.size, seed: step.number })
    case "discarded":
      return { changes: [], refs: (await stored()).segments }
  }
}
