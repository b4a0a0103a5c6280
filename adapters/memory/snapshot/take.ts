/** Writes a whole store down as one document. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { InvalidInput, type TransportError } from "../../../core/errors.ts"
import { keyOfBytes } from "../../../core/key.ts"
import type { Body, Hashes } from "../../../core/ports.ts"
import { joined } from "../../bytes.ts"
import {
  type Bucket,
  isComputed,
  type Reader,
  type Run,
  type Store,
  syntheticContents,
  type Version,
} from "../../store/mod.ts"
import { type BucketForm, type ObjectForm, type Snapshot, snapshotVersion, type VersionForm } from "./form.ts"
import { writeMoment } from "./moment.ts"
import { maxSnapshotBytes, maxSnapshotVersions } from "./problems.ts"
import { writeRule } from "./rule.ts"
import { problem } from "./source.ts"
import { writeBody, writeKey, writeRefs } from "./version.ts"

/** Everything but uploads that are going on. A snapshot that would pass the caps is refused. */
export const takeSnapshot = (
  store: Store,
  hashes: Hashes,
): Effect.Effect<Snapshot, InvalidInput | TransportError> =>
  Effect.gen(function* () {
    const taking = yield* Effect.suspend(() => gather(store, hashes))
    const buckets: Array<BucketForm> = []
    for (const { form, entries } of taking.buckets) {
      if (entries === undefined) {
        buckets.push(form)
        continue
      }
      const objects: Array<ObjectForm> = []
      for (const versions of entries) {
        const forms: Array<VersionForm> = []
        for (const { version, body } of versions) {
          forms.push(
            yield* Effect.map(
              bodyForm(version, body, taking.describe),
              (read) => ({ ...attributes(version), ...read }),
            ),
          )
        }
        const key = writeKey(versions[0]!.version.key)
        const [only, ...others] = forms
        objects.push(others.length === 0 ? { ...key, ...only! } : { ...key, versions: [only!, ...others] })
      }
      buckets.push(objects.length === 0 ? form : { ...form, objects })
    }
    return { ...taking.head, buckets, ...taking.runs }
  })

interface Taking {
  readonly head: Pick<Snapshot, "version" | "clock" | "looked">
  readonly runs: Pick<Snapshot, "runs">
  readonly buckets: ReadonlyArray<{
    readonly form: BucketForm
    /** Undefined where the form says it all. */
    readonly entries: ReadonlyArray<ReadonlyArray<Reading>> | undefined
  }>
  readonly describe: Describe
}

interface Reading {
  readonly version: Version
  /** Absent where it is computed, or where there is none. */
  readonly body: Body | undefined
}

interface Describe {
  readonly md5: (bytes: Uint8Array) => string
  readonly computed: (refs: ReadonlyArray<string>) => string
}

/** Without waiting for anything, so that all of it is of one moment: what is being read stays. */
const gather = (store: Store, hashes: Hashes): Effect.Effect<Taking, InvalidInput> => {
  const meta = store.meta()
  const runs = store.runs()
  let versions = 0
  let bytes = 0
  const buckets: Array<Taking["buckets"][number]> = []
  for (const bucket of store.buckets()) {
    const filling = store.synthetic(bucket.name)
    if (filling?.isUntouched === true) {
      const { count, seed } = filling
      buckets.push({ form: { ...bucketForm(bucket), synthetic: { count, seed } }, entries: undefined })
      continue
    }
    const entries: Array<ReadonlyArray<Reading>> = []
    for (const entry of store.entries(bucket.name, "")) {
      versions += entry.length
      for (const version of entry) if (!isAllComputed(version)) bytes += version.size
      if (versions > maxSnapshotVersions || bytes > maxSnapshotBytes) {
        return Effect.fail(new InvalidInput({ findings: [tooLarge(bucket.name)] }))
      }
      entries.push(entry.map((version) => ({ version, body: bodyOf(store, version) })))
    }
    buckets.push({ form: bucketForm(bucket), entries })
  }
  const contents = syntheticContents(hashes)
  return Effect.succeed({
    head: {
      version: snapshotVersion,
      ...(meta === undefined ? {} : { clock: clockForm(meta.clock), looked: writeMoment(meta.looked) }),
    },
    runs: runs.length === 0 ? {} : { runs: runs.map(runForm) },
    buckets,
    describe: {
      md5: (body) => {
        const digest = hashes.md5()
        digest.update(body)
        return digest.hex()
      },
      computed: (refs) => contents(refs).etag,
    },
  })
}

const tooLarge = (bucket: string) =>
  problem(
    "snapshot-too-large",
    bucket,
    "The store is too large for a snapshot",
    `${maxSnapshotVersions} versions, and bodies of ${maxSnapshotBytes} bytes, together`,
    "Delete objects first, or copy the folder of --data",
  )

const bodyOf = ({ bodies }: Store, version: Version): Body | undefined =>
  version.size === 0 || isAllComputed(version) ? undefined : bodies.read(version.segments, 0, version.size)

const isAllComputed = ({ segments }: Version): boolean =>
  segments.length > 0 && segments.every(({ ref }) => isComputed(ref))

const bucketForm = (bucket: Bucket): BucketForm => {
  const { rules, jobs, cors, strictSignature, denied, created, ...rest } = bucket
  return {
    ...rest,
    created: writeMoment(created),
    ...(cors.length === 0 ? {} : { cors }),
    ...(strictSignature ? { strictSignature } : {}),
    ...(denied.length === 0 ? {} : { denied }),
    ...(rules.size === 0 ? {} : { rules: [...rules.values()].map(writeRule) }),
    ...(jobs.size === 0 ? {} : { jobs: [...jobs].map(([id, started]) => ({ id, started: writeMoment(started) })) }),
  }
}

const clockForm = (clock: NonNullable<ReturnType<Reader["meta"]>>["clock"]): NonNullable<Snapshot["clock"]> =>
  clock._tag === "Still" ? writeMoment(clock.at) : clock.offset === 0 ? "real" : { offsetMillis: clock.offset }

const runForm = (run: Run): NonNullable<Snapshot["runs"]>[number] => ({ ...run, due: writeMoment(run.due) })

const attributes = (version: Version): VersionForm => {
  const { versionId, sequence, isDeleteMarker, lastModified, storageClass, headers, tags, isMultipart } = version
  const { encryption, replicationStatus } = version
  const identity = { versionId, sequence, lastModified: writeMoment(lastModified) }
  return isDeleteMarker ? { ...identity, deleteMarker: true } : {
    ...identity,
    ...(isMultipart ? { multipart: true } : {}),
    headers,
    storageClass,
    ...(tags.length === 0 ? {} : { tags }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(replicationStatus === undefined ? {} : { replicationStatus }),
  }
}

/** The body, and the ETag where it does not follow from it. */
const bodyForm = (
  { etag, isDeleteMarker, segments }: Version,
  body: Body | undefined,
  describe: Describe,
): Effect.Effect<VersionForm, TransportError> => {
  if (isDeleteMarker) return Effect.succeed({})
  const withEtag = (form: VersionForm, follows: string): VersionForm => etag === follows ? form : { ...form, etag }
  if (body === undefined && segments.length > 0) {
    const refs = segments.map(({ ref }) => ref)
    return Effect.succeed(withEtag({ bodyComputed: writeRefs(refs) }, describe.computed(refs)))
  }
  return Effect.map(
    wholeOf(body ?? new Uint8Array()),
    (bytes) => withEtag(writeBody(bytes, keyOfBytes(bytes)), describe.md5(bytes)),
  )
}

const wholeOf = (body: Body): Effect.Effect<Uint8Array, TransportError> =>
  body instanceof Uint8Array
    ? Effect.succeed(body)
    : Effect.map(Stream.runCollect(body.stream), (chunks) =>
      joined(chunks, chunks.reduce((sum, chunk) => sum + chunk.length, 0)))
