/** Brings a store to what a snapshot says, whole or not at all. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import { InvalidInput, type TransportError } from "../../../core/errors.ts"
import type { Hashes } from "../../../core/ports.ts"
import { realTime, timeOf } from "../clock.ts"
import { demoBucket } from "../demo.ts"
import { standardClass } from "../objects/mod.ts"
import {
  type Change,
  type ClockState,
  type Content,
  type NoRoom,
  type Reader,
  type Segment,
  type Store,
  syntheticContents,
  type Version,
  versionIdAt,
} from "../../store/mod.ts"
import type { BucketForm, ObjectForm, Snapshot, VersionForm } from "./form.ts"
import { readMoment } from "./moment.ts"
import { problemsOf, ruleSequence } from "./problems.ts"
import { readRule } from "./rule.ts"
import { problem } from "./source.ts"
import { bytesOf, headersOf, keyOf, refsOf, tagsOf, versionsOf } from "./version.ts"

/**
 * Replaces all there is. What the snapshot leaves out is as in a new store, but for the clock; uploads that were going on
 * are gone.
 *
 * The bodies that were there and those that come are held at once until the change is made, so that a store in memory
 * needs room for both.
 */
export const restore = (
  store: Store,
  snapshot: Snapshot,
  hashes: Hashes,
): Effect.Effect<void, InvalidInput | TransportError> =>
  Effect.gen(function* () {
    const findings = problemsOf(snapshot, demoBucket.region)
    if (findings.length > 0) return yield* new InvalidInput({ findings })
    const taken: Array<Segment> = []
    const changing = Effect.gen(function* () {
      const contents = yield* takeIn(store, snapshot, hashes, taken)
      const real = yield* Clock.currentTimeMillis
      store.commit([...clearing(store), ...changesOf(store, snapshot, contents, real)])
    })
    return yield* Effect.onExit(changing, (exit) =>
      Effect.sync(() => {
        if (Exit.isFailure(exit)) store.bodies.discard(taken)
      }))
  }).pipe(
    Effect.catchTag("NoRoom", (full) => Effect.fail(new InvalidInput({ findings: [noRoom(full)] }))),
    // Bodies that were taken in have no owner until the commit
    Effect.uninterruptible,
  )

/** As new: no bucket, no run, the real time. */
export const reset = (store: Store): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeMillis, (real) => {
    store.commit([
      ...clearing(store),
      ...(store.meta() === undefined ? [] : [{ _tag: "MetaPut", meta: { clock: realTime, looked: real } } as const]),
    ])
  })

const clearing = (store: Reader): ReadonlyArray<Change> => [
  ...store.buckets().map(({ name }): Change => ({ _tag: "BucketDeleted", bucket: name })),
  { _tag: "RunsCleared" },
]

const noRoom = ({ cap, used }: NoRoom) =>
  problem(
    "no-room",
    "buckets",
    "The bodies of the snapshot do not fit beside those that are there",
    `${cap} bytes together, of which ${used} are used`,
    "Reset first, or store bodies on a disk with --data",
  )

type Contents = ReadonlyMap<VersionForm, Content>

/** The bodies of all versions; those that are stored are noted in `taken`. */
const takeIn = (
  { bodies }: Store,
  { buckets }: Snapshot,
  hashes: Hashes,
  taken: Array<Segment>,
): Effect.Effect<Contents, TransportError | NoRoom> =>
  Effect.gen(function* () {
    const contents = new Map<VersionForm, Content>()
    const computed = syntheticContents(hashes)
    for (const version of buckets.flatMap(({ objects = [] }) => objects.flatMap(storedVersions))) {
      const refs = refsOf(version)!
      if (refs.length > 0) {
        contents.set(version, computed(refs))
        continue
      }
      const { md5, ...stored } = yield* bodies.write(bytesOf(version))
      taken.push(...stored.segments)
      contents.set(version, { ...stored, etag: md5 })
    }
    return contents
  })

/** The versions by identity: an object with one version is itself that version. */
const storedVersions = (object: ObjectForm): ReadonlyArray<VersionForm> =>
  (object.versions ?? [object as VersionForm]).filter(({ deleteMarker }) => deleteMarker !== true)

const changesOf = (store: Reader, snapshot: Snapshot, contents: Contents, real: number): ReadonlyArray<Change> => {
  // What says nothing of the clock leaves it as it is
  const clock = clockOf(snapshot) ?? store.meta()?.clock
  const now = timeOf(clock, real)
  const next = sequencesOf(store, snapshot)
  const isMetaKnown = clock !== undefined || snapshot.looked !== undefined
  return [
    ...snapshot.buckets.flatMap((bucket) => bucketChanges(bucket, contents, next, now)),
    ...(snapshot.runs ?? []).map((run): Change => ({ _tag: "RunPut", run: { ...run, due: readMoment(run.due)! } })),
    ...(isMetaKnown
      ? [
        {
          _tag: "MetaPut",
          meta: {
            clock: clock ?? realTime,
            looked: snapshot.looked === undefined ? now : readMoment(snapshot.looked)!,
          },
        } as const,
      ]
      : []),
    // Last, because their sequences come after all that are given
    ...snapshot.buckets.flatMap(({ name, synthetic }): ReadonlyArray<Change> =>
      synthetic === undefined ? [] : [{ _tag: "SyntheticPut", bucket: name, ...synthetic }]
    ),
  ]
}

const clockOf = ({ clock }: Snapshot): ClockState | undefined => {
  if (clock === undefined) return undefined
  if (clock === "real") return realTime
  return typeof clock === "string"
    ? { _tag: "Still", at: readMoment(clock)! }
    : { _tag: "Moved", offset: clock.offsetMillis }
}

/** Numbers above every one that the store or the snapshot has. */
const sequencesOf = (store: Reader, { buckets, runs = [] }: Snapshot): () => number => {
  let highest = store.nextSequence()
  const see = (sequence = 0) => {
    highest = Math.max(highest, sequence)
  }
  for (const { objects = [], rules = [] } of buckets) {
    for (const object of objects) for (const { sequence } of versionsOf(object)) see(sequence)
    for (const rule of rules) see(ruleSequence(rule))
  }
  for (const { id } of runs) see(id)
  return () => ++highest
}

const bucketChanges = (
  bucket: BucketForm,
  contents: Contents,
  next: () => number,
  now: number,
): ReadonlyArray<Change> => {
  const { name, region = demoBucket.region, versioning } = bucket
  return [
    {
      _tag: "BucketPut",
      bucket: {
        name,
        region,
        owner: bucket.owner ?? demoBucket.owner,
        created: bucket.created === undefined ? now : readMoment(bucket.created)!,
        ...(versioning === undefined ? {} : { versioning }),
        cors: (bucket.cors ?? []).map((rule) => ({ headers: [], exposed: [], ...rule })),
        strictSignature: bucket.strictSignature ?? false,
        denied: bucket.denied ?? [],
      },
    },
    ...(bucket.rules ?? []).map((value): Change => {
      const { since = now, sequence = next(), ...rule } = Result.getOrThrow(readRule(value, region))
      return { _tag: "RulePut", bucket: name, rule: { ...rule, since, sequence } }
    }),
    ...(bucket.jobs ?? []).map(({ id, started }): Change => ({
      _tag: "JobPut",
      bucket: name,
      id,
      started: readMoment(started)!,
    })),
    ...(bucket.objects ?? []).flatMap((object) =>
      objectVersions(object, versioning !== undefined, contents, next, now).map((version): Change => ({
        _tag: "VersionPut",
        bucket: name,
        version,
      }))
    ),
  ]
}

/** Oldest first, as they were put. */
const objectVersions = (
  object: ObjectForm,
  isVersioned: boolean,
  contents: Contents,
  next: () => number,
  now: number,
): ReadonlyArray<Version> =>
  (object.versions ?? [object as VersionForm]).toReversed().map((form, nth): Version => {
    const lastModified = form.lastModified === undefined ? now : readMoment(form.lastModified)!
    const content = contents.get(form)
    const { encryption, replicationStatus } = form
    return {
      key: keyOf(object)!,
      versionId: form.versionId ?? (isVersioned ? versionIdAt(lastModified, nth) : "null"),
      sequence: form.sequence ?? next(),
      isDeleteMarker: content === undefined,
      lastModified,
      etag: content === undefined ? "" : form.etag ?? content.etag,
      size: content?.size ?? 0,
      crc64: content?.crc64 ?? "",
      storageClass: content === undefined ? "" : form.storageClass ?? standardClass,
      segments: content?.segments ?? [],
      headers: headersOf(form),
      tags: tagsOf(form),
      isMultipart: form.multipart ?? false,
      ...(encryption === undefined ? {} : { encryption }),
      ...(replicationStatus === undefined ? {} : { replicationStatus }),
    }
  })
