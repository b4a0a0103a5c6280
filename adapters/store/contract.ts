/**
 * What the local COS remembers, as a contract with two drivers: `tree.ts` in memory, `adapters/sqlite` on a disk. Reading
 * and writing are synchronous, so that a request is answered and its changes are kept without another one in between.
 */
import type * as Effect from "effect/Effect"
import type { TransportError } from "../../core/errors.ts"
import type { Headers } from "../../core/http.ts"
import type { Key } from "../../core/key.ts"
import type { Body } from "../../core/ports.ts"
import type { ListedObject } from "../../core/report/mod.ts"
import type { Tag } from "../../core/rule.ts"

export type { Tag } from "../../core/rule.ts"

export interface Bucket {
  /** `<name>-<appid>`. */
  readonly name: string
  readonly region: string
  /** UIN of the owner, as GET Service shows it. */
  readonly owner: string
  /** Epoch milliseconds. */
  readonly created: number
  /** Absent until versioning is first turned on. */
  readonly versioning?: "Enabled" | "Suspended"
  /** The rules of PUT Bucket cors, in their order. */
  readonly cors: ReadonlyArray<CorsRule>
  /** Refuse requests that leave something unsigned. */
  readonly strictSignature: boolean
  /** Operations refused with AccessDenied, by the names of `operations.ts`. */
  readonly denied: ReadonlyArray<string>
  /** In creation order; a replaced rule keeps its place (LIST: python ut/test.py:1841). */
  readonly rules: ReadonlyMap<string, Rule>
  /** One-time ids, each with the epoch milliseconds of its job. */
  readonly jobs: ReadonlyMap<string, number>
}

export interface CorsRule {
  readonly id?: string
  readonly origins: ReadonlyArray<string>
  readonly methods: ReadonlyArray<string>
  readonly headers: ReadonlyArray<string>
  readonly exposed: ReadonlyArray<string>
  readonly maxAgeSeconds?: number
}

export interface Rule {
  readonly id: string
  /** Rises with creation; a continuation token names one. */
  readonly sequence: number
  /** The canonical form, which is what GET and LIST answer with. */
  readonly xml: string
  /** Epoch milliseconds: since when this rule stands, so that no report is due before. */
  readonly since: number
}

/** One version of an object, or a delete marker: what a report tells of it, and what the store alone knows. */
export interface Version extends ListedObject {
  /** Rises with every version of the store; the newest version of a key has the highest. */
  readonly sequence: number
  /** In order; none for an empty object or a delete marker. */
  readonly segments: ReadonlyArray<Segment>
  /** SSE-COS. */
  readonly encryption?: "AES256"
}

/**
 * A stored body. Each belongs to one version or one part, so that what no longer has an owner can go; but for those whose
 * `ref` begins with `=`, which are computed from it (`synthetic/`), are shared and take no room.
 */
export interface Segment {
  readonly ref: string
  readonly size: number
}

export interface Upload {
  readonly bucket: string
  readonly id: string
  readonly key: Key
  /** Epoch milliseconds. */
  readonly initiated: number
  readonly storageClass: string
  readonly headers: Headers
  readonly tags: ReadonlyArray<Tag>
  readonly encryption?: "AES256"
}

export interface Part {
  readonly number: number
  readonly etag: string
  readonly size: number
  readonly crc64: string
  readonly segments: ReadonlyArray<Segment>
  /** Epoch milliseconds. */
  readonly lastModified: number
}

/** One report that was made, is being made, or could not be. */
export interface Run {
  readonly id: number
  readonly bucket: string
  readonly rule: string
  /** The JobId, of a one-time job. */
  readonly job?: string
  /** The rule as it stood when the run fell due. */
  readonly xml: string
  /** Epoch milliseconds of the local COS's clock: when it fell due, which is the moment of the scan. */
  readonly due: number
  readonly state: "running" | "done" | "failed" | "missed"
  /** Real milliseconds that it took. */
  readonly took?: number
  /** Keys in the destination bucket, the manifest last but one and its checksum last. */
  readonly wrote: ReadonlyArray<string>
  readonly destination?: string
  readonly objects?: number
  /** Why it failed or was missed, in one sentence. */
  readonly why?: string
}

/** The time of the local COS: real time moved by `offset`, or standing still at `at`. Milliseconds. */
export type ClockState = { readonly _tag: "Moved"; readonly offset: number } | {
  readonly _tag: "Still"
  readonly at: number
}

/** What else outlives a restart. */
export interface Meta {
  readonly clock: ClockState
  /** Schedules have been looked at up to this moment of the local COS's clock. */
  readonly looked: number
}

export type BucketAttributes = Omit<Bucket, "rules" | "jobs">

export const bucketAttributes = ({ rules: _, jobs: __, ...attributes }: Bucket): BucketAttributes => attributes

/** What a bucket was filled with by `SyntheticPut`. */
export interface Filling {
  readonly count: number
  readonly seed: number
  /** No version was put into it or deleted from it since, so that it holds the computed objects and nothing else. */
  readonly isUntouched: boolean
}

/**
 * What a commit is made of. It cannot put anything into a bucket or an upload that is not there, fill a bucket that is not
 * empty, or give a body that is not stored; deleting what is not there changes nothing.
 */
export type Change =
  /** Creates a bucket, or replaces its attributes; rules, jobs and objects stay. */
  | { readonly _tag: "BucketPut"; readonly bucket: BucketAttributes }
  /** With its rules, jobs, versions and uploads. */
  | { readonly _tag: "BucketDeleted"; readonly bucket: string }
  | { readonly _tag: "RulePut"; readonly bucket: string; readonly rule: Rule }
  | { readonly _tag: "RuleDeleted"; readonly bucket: string; readonly id: string }
  | { readonly _tag: "JobPut"; readonly bucket: string; readonly id: string; readonly started: number }
  | { readonly _tag: "JobDeleted"; readonly bucket: string; readonly id: string }
  /** Replaces the version of the same key and version id. */
  | { readonly _tag: "VersionPut"; readonly bucket: string; readonly version: Version }
  | { readonly _tag: "VersionDeleted"; readonly bucket: string; readonly key: Key; readonly versionId: string }
  | { readonly _tag: "UploadPut"; readonly upload: Upload }
  /** With its parts. */
  | { readonly _tag: "UploadDeleted"; readonly bucket: string; readonly id: string }
  | { readonly _tag: "PartPut"; readonly bucket: string; readonly upload: string; readonly part: Part }
  | { readonly _tag: "RunPut"; readonly run: Run }
  | { readonly _tag: "RunsCleared" }
  /** Fills an empty bucket with the objects of `synthetic/`. */
  | { readonly _tag: "SyntheticPut"; readonly bucket: string; readonly count: number; readonly seed: number }
  | { readonly _tag: "MetaPut"; readonly meta: Meta }

export interface Reader {
  readonly bucket: (name: string) => Bucket | undefined
  /** By name. */
  readonly buckets: () => ReadonlyArray<Bucket>
  /** Newest first; none when there is no such key. */
  readonly versions: (bucket: string, key: Key) => ReadonlyArray<Version>
  /**
   * Every key that has versions, in byte order, from this one on, each with its versions newest first. It may be read
   * slowly while changes are committed: what it has not come to yet, it shows as it then is.
   */
  readonly entries: (bucket: string, from: Key) => Iterable<ReadonlyArray<Version>>
  /** None of a bucket that was never filled. */
  readonly synthetic: (bucket: string) => Filling | undefined
  readonly upload: (bucket: string, id: string) => Upload | undefined
  /** By key in byte order, then by id. */
  readonly uploads: (bucket: string) => ReadonlyArray<Upload>
  /** By number. */
  readonly parts: (bucket: string, upload: string) => ReadonlyArray<Part>
  /** By id, which is the order in which they began. */
  readonly runs: () => ReadonlyArray<Run>
  readonly meta: () => Meta | undefined
  /** A number higher than that of any version, rule or run; each call gives a higher one. */
  readonly nextSequence: () => number
}

/** A body that was taken in, and that a commit has to give an owner. */
export interface Stored {
  /** None for an empty body. */
  readonly segments: ReadonlyArray<Segment>
  readonly size: number
  /** Lower-case hex. */
  readonly md5: string
  readonly crc64: string
}

/** Bodies held in memory have a cap that they share. */
export interface NoRoom {
  readonly _tag: "NoRoom"
  /** Bytes. */
  readonly cap: number
  readonly used: number
}

export interface Bodies {
  /** Takes a body in, whole or not at all: an interruption or a failure of the stream leaves nothing. */
  readonly write: (body: Body) => Effect.Effect<Stored, TransportError | NoRoom>
  /** `start` and `end` are bytes of the whole, `end` exclusive. What is being read stays there until it was read. */
  readonly read: (segments: ReadonlyArray<Segment>, start: number, end: number) => Body
  /** Lets go of a body that got no owner. */
  readonly discard: (segments: ReadonlyArray<Segment>) => void
  /** Bytes held now. */
  readonly used: () => number
}

export interface Store extends Reader {
  /**
   * All or nothing, and as durable as the store is when it returns; bodies that lost their owner by it are let go. It throws
   * when a change cannot be made.
   */
  readonly commit: (changes: ReadonlyArray<Change>) => void
  readonly bodies: Bodies
  readonly close: () => void
}

export const isComputed = (ref: string): boolean => ref.startsWith("=")
