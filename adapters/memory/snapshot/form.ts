/**
 * The document of a whole local COS, or of a part of one: what a person writes to begin with, and what the local COS writes
 * to be brought back to. Names are those of `store/contract.ts`; only the names of buckets and keys are required.
 */
import * as Schema from "effect/Schema"
import { maxSynthetic, seedLimit } from "../../store/mod.ts"
import { readMoment } from "./moment.ts"

const whole = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  Schema.Int.check(
    Schema.makeFilter((n: number) =>
      n >= minimum && n <= maximum ? undefined : `a whole number from ${minimum} to ${maximum}`
    ),
  )

const Moment = Schema.String.check(
  Schema.makeFilter((text: string) =>
    readMoment(text) === undefined ? "an ISO-8601 time in UTC such as 2019-09-17T02:52:41.123Z" : undefined
  ),
)

const Words = Schema.Record(Schema.String, Schema.String)
const word = Schema.String.check(
  Schema.makeFilter((text: string) => /^\S+$/u.test(text) ? undefined : "text without white space, and not empty"),
)

/** What one version of an object is. */
const content = {
  /** Of a bucket that has no versioning, "null"; else one is made up. */
  versionId: Schema.optionalKey(word),
  /** Its place among all versions of the store; the newest version of a key has the highest. */
  sequence: Schema.optionalKey(whole(1)),
  deleteMarker: Schema.optionalKey(Schema.Literal(true)),
  lastModified: Schema.optionalKey(Moment),
  /** At most one of the three; none is an empty body. */
  body: Schema.optionalKey(Schema.String),
  bodyBase64: Schema.optionalKey(Schema.String),
  /** Refs of synthetic bodies, `=<seed>/<number>`, or `=<seed>/<number>*<times>`. */
  bodyComputed: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Where it is not the MD5 of the body. */
  etag: Schema.optionalKey(word),
  multipart: Schema.optionalKey(Schema.Literal(true)),
  contentType: Schema.optionalKey(Schema.String),
  /** As a list they are all there are, in their order. */
  headers: Schema.optionalKey(
    Schema.Union([Words, Schema.Array(Schema.Tuple([Schema.String, Schema.String]))]),
  ),
  /** `x-cos-meta-*`, without those letters. */
  meta: Schema.optionalKey(Words),
  storageClass: Schema.optionalKey(word),
  tags: Schema.optionalKey(
    Schema.Union([Words, Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.String }))]),
  ),
  encryption: Schema.optionalKey(Schema.Literal("AES256")),
  replicationStatus: Schema.optionalKey(Schema.String),
}

export const VersionForm = Schema.Struct(content)
export type VersionForm = typeof VersionForm.Type

export const ObjectForm = Schema.Struct({
  /** Text, or percent-encoded where its bytes are none. */
  key: Schema.optionalKey(Schema.String),
  keyEncoded: Schema.optionalKey(Schema.String),
  ...content,
  /** Newest first, in place of the members of the one version. */
  versions: Schema.optionalKey(Schema.NonEmptyArray(VersionForm)),
})
export type ObjectForm = typeof ObjectForm.Type

const CorsForm = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  origins: Schema.Array(Schema.String),
  methods: Schema.Array(Schema.String),
  headers: Schema.optionalKey(Schema.Array(Schema.String)),
  exposed: Schema.optionalKey(Schema.Array(Schema.String)),
  maxAgeSeconds: Schema.optionalKey(whole(0)),
})

export const JobForm = Schema.Struct({ id: Schema.String, started: Moment })
export type JobForm = typeof JobForm.Type

export const BucketForm = Schema.Struct({
  name: Schema.String,
  region: Schema.optionalKey(Schema.String),
  owner: Schema.optionalKey(Schema.String),
  created: Schema.optionalKey(Moment),
  versioning: Schema.optionalKey(Schema.Literals(["Enabled", "Suspended"])),
  cors: Schema.optionalKey(Schema.Array(CorsForm)),
  strictSignature: Schema.optionalKey(Schema.Boolean),
  denied: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Rules in their JSON form, each alone or as `{ rule, since, sequence }`. */
  rules: Schema.optionalKey(Schema.Array(Schema.Unknown)),
  /** One-time ids, each with the moment of its job. */
  jobs: Schema.optionalKey(Schema.Array(JobForm)),
  /** Objects that are computed, in place of `objects`. */
  synthetic: Schema.optionalKey(
    Schema.Struct({ count: whole(0, maxSynthetic), seed: whole(0, seedLimit - 1) }),
  ),
  objects: Schema.optionalKey(Schema.Array(ObjectForm)),
})
export type BucketForm = typeof BucketForm.Type

export const RunForm = Schema.Struct({
  id: whole(1),
  bucket: Schema.String,
  rule: Schema.String,
  job: Schema.optionalKey(Schema.String),
  xml: Schema.String,
  due: Moment,
  state: Schema.Literals(["running", "done", "failed", "missed"]),
  took: Schema.optionalKey(Schema.Finite),
  wrote: Schema.Array(Schema.String),
  destination: Schema.optionalKey(Schema.String),
  objects: Schema.optionalKey(whole(0)),
  why: Schema.optionalKey(Schema.String),
})

export type RunForm = typeof RunForm.Type

export const snapshotVersion = 1

export const Snapshot = Schema.Struct({
  /** The only one there is. */
  version: Schema.optionalKey(Schema.Literal(snapshotVersion)),
  /** Real time, a time that stands still, or real time moved. */
  clock: Schema.optionalKey(
    Schema.Union([Schema.Literal("real"), Moment, Schema.Struct({ offsetMillis: Schema.Int })]),
  ),
  /** Schedules have been looked at up to here. */
  looked: Schema.optionalKey(Moment),
  buckets: Schema.Array(BucketForm),
  runs: Schema.optionalKey(Schema.Array(RunForm)),
})
export type Snapshot = typeof Snapshot.Type

/** The wrapped form of a rule, which is what the local COS writes. */
export const RuleForm = Schema.Struct({
  rule: Schema.Unknown,
  since: Schema.optionalKey(Moment),
  sequence: Schema.optionalKey(whole(1)),
})
