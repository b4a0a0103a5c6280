/**
 * The store in a directory: `store.sqlite`, and `bodies/` with the large bodies.
 *
 * **Gotchas**: A commit that returned survives the end of the process, however it ends. It need not survive a power cut:
 * nothing is synchronised to the disk at a commit (WAL with `synchronous = NORMAL`, body files without fsync), so that the
 * last commits may be lost then, and a large body that was just written may be missing or cut though its object is there.
 */
import * as Effect from "effect/Effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { ConfigError } from "../../core/errors.ts"
import type { Hashes } from "../../core/ports.ts"
import {
  broughtBy,
  type CatalogChange,
  type Change,
  existing,
  makeOwnership,
  notEmpty,
  type Ownership,
  type Run,
  sequenceOf,
  type Store,
  synthetic,
  type Undo,
  undoing,
} from "../store/mod.ts"
import { openBodies } from "./bodies.ts"
import { type CatalogRows, readCatalog } from "./catalog.ts"
import { type Database, databaseOf, textOf } from "./database.ts"
import { openFiles } from "./files.ts"
import { prepareSchema } from "./schema.ts"
import { makeUploads } from "./uploads.ts"
import { entriesOf, makeVersions } from "./versions.ts"

export interface SqliteOptions {
  readonly hashes: Hashes
}

/** Opens the store of a directory, which is created if need be; one process at a time. */
export const openSqlite = (directory: string, { hashes }: SqliteOptions): Effect.Effect<Store, ConfigError> =>
  Effect.gen(function* () {
    const { DatabaseSync } = yield* Effect.tryPromise({
      try: () => import("node:sqlite"),
      catch: () =>
        new ConfigError({
          source: directory,
          problem: `Cannot keep data in "${directory}": this runtime has no node:sqlite`,
          fix: "use Bun, Deno or Node 22.13 or later, or leave out --data",
        }),
    })
    return yield* Effect.try({
      try: () => {
        mkdirSync(directory, { recursive: true })
        const database = databaseOf(new DatabaseSync(join(directory, "store.sqlite")))
        try {
          return makeStore(prepared(database, directory), directory, hashes)
        } catch (cause) {
          database.close()
          throw cause
        }
      },
      catch: (cause) => cause instanceof ConfigError ? cause : unusable(directory, cause),
    })
  })

/** The exclusive lock is the system's own, and goes with the process that has it. */
const prepared = (database: Database, directory: string): Database => {
  database.script(
    `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -${cacheKibibytes}; PRAGMA journal_size_limit = ${walBytes}; BEGIN EXCLUSIVE; COMMIT`,
  )
  const refusal = prepareSchema(database)
  if (refusal === undefined) return database
  throw new ConfigError({
    source: directory,
    problem: `Cannot open the data in "${directory}": ${refusal}`,
    fix: "use the program that wrote it, or another directory",
  })
}

const cacheKibibytes = 16 * 1024
/** What the log keeps after a large transaction. */
const walBytes = 16 * 1024 * 1024

const unusable = (directory: string, cause: unknown): ConfigError => {
  const said = cause instanceof Error ? cause.message : String(cause)
  const [why, fix] = reasons.find(([pattern]) => pattern.test(said))?.slice(1) as [string, string] | undefined ??
    [said, "see that it is a directory that can be written"]
  return new ConfigError({ source: directory, problem: `Cannot open the data in "${directory}": ${why}`, fix })
}

/** What the system and SQLite say, in other words. */
const reasons: ReadonlyArray<readonly [said: RegExp, why: string, fix: string]> = [
  [/database is locked/u, "another process uses it", "end that process, or use another directory"],
  [/^(?:EEXIST|ENOTDIR)/u, "it is a file, or lies below one", "give a directory, which is made if need be"],
  [
    /not a database|malformed/u,
    "its store is damaged, or another program's",
    "use another directory, or bring the store back from a copy",
  ],
]

/** Sequences are not written one by one: after a restart they go on at the end of the last block. */
const sequenceBlock = 1000

const makeStore = (database: Database, directory: string, hashes: Hashes): Store => {
  const catalog = readCatalog(database)
  const versions = makeVersions(database)
  const uploads = makeUploads(database)
  const bodies = openBodies(database, openFiles(join(directory, "bodies")), hashes)
  const highest = database.get("SELECT doc FROM state WHERE name = 'sequence'")
  let block = highest === undefined ? 0 : Number(textOf(highest, "doc"))
  let sequence = block
  /** Of commits that touched the versions of a bucket. */
  const states = new Map<string, number>()

  const apply = (change: Change, ownership: Ownership, undo: Undo): number => {
    const number = "bucket" in change && typeof change.bucket === "string" ? catalog.number(change.bucket) : undefined
    switch (change._tag) {
      case "BucketDeleted":
        if (number === undefined) return 0
        for (const segments of versions.segments(number)) ownership.lose(segments)
        ownership.lose(uploads.segments(number))
        catalog.apply(change, undo)
        return 0
      case "VersionPut":
        ownership.lose(versions.put(existing(number, change), change.version))
        catalog.touch(change.bucket, undo)
        return change.version.sequence
      case "VersionDeleted": {
        const gone = number === undefined ? undefined : versions.remove(number, change.key, change.versionId)
        if (gone === undefined) return 0
        ownership.lose(gone)
        catalog.touch(change.bucket, undo)
        return 0
      }
      case "UploadPut":
        uploads.put(existing(catalog.number(change.upload.bucket), change), change.upload)
        return 0
      case "UploadDeleted":
        if (number !== undefined) ownership.lose(uploads.remove(number, change.id))
        return 0
      case "PartPut": {
        const { bucket, part, upload } = change
        existing(number === undefined ? undefined : uploads.upload(number, bucket, upload), change)
        ownership.lose(uploads.putPart(number!, upload, part))
        return 0
      }
      case "SyntheticPut": {
        const objects = synthetic(change.count, change.seed, hashes)
        if (!versions.isEmpty(existing(number, change))) throw new RangeError(notEmpty(change))
        versions.fill(number!, objects)
        catalog.apply(change, undo)
        return objects.sequences
      }
      case "RunPut":
        database.run("INSERT OR REPLACE INTO runs (id, doc) VALUES (?, ?)", change.run.id, JSON.stringify(change.run))
        return sequenceOf(change)
      case "RunsCleared":
        database.run("DELETE FROM runs")
        return 0
      default:
        catalog.apply(change satisfies CatalogChange, undo)
        return sequenceOf(change)
    }
  }

  const reserve = (last: number): number => {
    if (last <= block) return block
    const end = last + sequenceBlock
    database.run("INSERT OR REPLACE INTO state (name, doc) VALUES ('sequence', ?)", String(end))
    return end
  }

  return {
    bucket: catalog.bucket,
    buckets: catalog.buckets,
    synthetic: catalog.synthetic,
    meta: catalog.meta,
    ...readers(catalog),
    runs: () => database.all("SELECT doc FROM runs ORDER BY id").map((row): Run => JSON.parse(textOf(row, "doc"))),
    nextSequence: () => ++sequence,
    commit: (changes) => {
      if (changes.length === 0) return
      const undo: Undo = []
      const { last, letGo, reserved } = undoing(undo, () =>
        database.transaction(() => {
          const ownership = makeOwnership(bodies)
          let last = 0
          for (const change of changes) {
            last = Math.max(last, apply(change, ownership, undo))
            ownership.adopt(broughtBy(change))
          }
          return { last, reserved: reserve(last), letGo: bodies.settle(ownership.settle()) }
        }))
      block = reserved
      sequence = Math.max(sequence, last)
      letGo()
      for (const change of changes) {
        if (isOfVersions(change)) states.set(change.bucket, (states.get(change.bucket) ?? 0) + 1)
      }
    },
    bodies,
    close: () => {
      bodies.close()
      database.close()
    },
  }

  function readers({ number }: CatalogRows): Pick<Store, "versions" | "entries" | "upload" | "uploads" | "parts"> {
    const within = <A>(bucket: string, read: (id: number) => A, otherwise: A): A => {
      const id = number(bucket)
      return id === undefined ? otherwise : read(id)
    }
    return {
      versions: (bucket, key) => within(bucket, (id) => versions.versions(id, key), []),
      entries: (bucket, from) =>
        entriesOf(
          versions,
          () => within(bucket, (id) => ({ number: id, state: states.get(bucket) ?? 0 }), undefined),
          from,
        ),
      upload: (bucket, upload) => within(bucket, (id) => uploads.upload(id, bucket, upload), undefined),
      uploads: (bucket) => within(bucket, (id) => uploads.uploads(id, bucket), []),
      parts: (bucket, upload) => within(bucket, (id) => uploads.parts(id, upload), []),
    }
  }
}

type OfVersions = Extract<
  Change,
  { readonly _tag: "VersionPut" | "VersionDeleted" | "SyntheticPut" | "BucketDeleted" }
>
const isOfVersions = (change: Change): change is OfVersions =>
  change._tag === "VersionPut" || change._tag === "VersionDeleted" || change._tag === "SyntheticPut" ||
  change._tag === "BucketDeleted"
