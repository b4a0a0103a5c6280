/** One report: from the scan of a bucket to its files in another, all of them at once or none. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { TransportError } from "../../../core/errors.ts"
import { keyOfText } from "../../../core/key.ts"
import { checksumKey, dataFileKey, manifestKey } from "../../../core/location.ts"
import type { Body, Hashes } from "../../../core/ports.ts"
import { type DataFile, writeChecksum, writeManifest } from "../../../core/report/mod.ts"
import {
  type Bucket,
  type Change,
  type NoRoom,
  type Run,
  type Store,
  type Stored,
  type Version,
  versionIdAt,
} from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { dataFile } from "./data-file.ts"
import { cannot, type Delivery, deliveryOf, reach } from "./delivery.ts"
import { type Piece, type Scan, scanOf } from "./scan.ts"

export interface ReportOptions {
  /** Data files are split here. */
  readonly rowsPerFile?: number
  /** Beside what a bucket denies: a permission that was lost, as a fault. */
  readonly mayWrite?: (bucket: string) => boolean
}

/**
 * Makes the report of a run, and keeps the run as it ended: done, or failed with why.
 *
 * The bucket is read while requests are answered, so that a report may or may not have what changes meanwhile (page 30622
 * says the same of COS). Its files appear in one commit. When it is interrupted, the run stays as "running".
 */
export const runReport = (
  store: Store,
  hashes: Hashes,
  run: Run,
  options: ReportOptions = {},
): Effect.Effect<Run> =>
  Effect.suspend(() => {
    const began = performance.now()
    const took = () => Math.round(performance.now() - began)
    store.commit([{ _tag: "RunPut", run }])
    return Effect.scoped(made(store, hashes, run, options, took)).pipe(
      Effect.catchCause((cause) => {
        if (Cause.hasInterrupts(cause)) return Effect.failCause(cause as Cause.Cause<never>)
        const failed: Run = { ...run, state: "failed", took: took(), why: whyOf(cause) }
        return Effect.as(Effect.sync(() => store.commit([{ _tag: "RunPut", run: failed }])), failed)
      }),
    )
  })

const made = Effect.fnUntraced(function* (
  store: Store,
  hashes: Hashes,
  run: Run,
  { rowsPerFile = Assumed.rowsPerFile, mayWrite = () => true }: ReportOptions,
  took: () => number,
) {
  const delivery = yield* Effect.fromResult(deliveryOf(run))
  yield* Effect.fromResult(reach(store, run, delivery, mayWrite))
  const write = yield* writer(store)
  const scan = scanOf(store, run.bucket, delivery.source, delivery.rule)
  const data = yield* dataFiles(scan, Math.max(1, rowsPerFile), write)
  const files = isEmpty(scan) && !Assumed.deliversEmpty
    ? []
    : yield* withManifest(data, scan, run, delivery, hashes, write)
  // Buckets may have changed while this one was read; whether a fault denies it is asked once for each report
  const destination = yield* Effect.fromResult(reach(store, run, delivery, () => true))
  const done: Run = {
    ...run,
    state: "done",
    took: took(),
    wrote: files.map(({ key }) => key),
    destination: destination.name,
    objects: scan.filtered().count,
  }
  store.commit([...files.map((file) => versionPut(store, destination, delivery, run, file)), {
    _tag: "RunPut",
    run: done,
  }])
  write.adopted()
  return done
})

const isEmpty = (scan: Scan): boolean => scan.filtered().count === 0

const whyOf = (cause: Cause.Cause<string | TransportError | NoRoom>): string => {
  const error = Cause.squash(cause)
  if (typeof error === "string") return error
  return isNoRoom(error)
    ? `${cannot}: bodies may take ${error.cap} bytes, and ${error.used} are taken; delete objects, or keep them on a disk`
    : `${cannot}: ${error instanceof Error ? error.message : String(error)}`
}

const isNoRoom = (error: unknown): error is NoRoom =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "NoRoom"

interface Writer {
  readonly body: (body: Body) => Effect.Effect<Stored, TransportError | NoRoom>
  /** What was written has an owner now. */
  readonly adopted: () => void
}

/** Lets go of all that was written, unless it got an owner. */
const writer = (store: Store) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync((): Array<Stored> => []),
      (written) => Effect.sync(() => written.forEach(({ segments }) => store.bodies.discard(segments))),
    ),
    (written): Writer => ({
      body: (body) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.tap(restore(store.bodies.write(body)), (stored) => Effect.sync(() => written.push(stored)))
        ),
      adopted: () => void written.splice(0),
    }),
  )

/** Each has rows; the scan is at its end after them. */
const dataFiles = Effect.fnUntraced(function* (scan: Scan, rowsPerFile: number, write: Writer) {
  const files: Array<Stored> = []
  let last: Piece = noPiece
  for (;;) {
    const first = yield* firstRows(scan, last, rowsPerFile)
    if (first.rows === 0) return files
    last = first
    files.push(yield* write.body(dataFile(scan, first, rowsPerFile, (piece) => void (last = piece))))
  }
})

const noPiece: Piece = { text: "", rows: 0, isLast: false }

/** The next piece that has rows, or the last of all. */
const firstRows = Effect.fnUntraced(function* (scan: Scan, last: Piece, room: number) {
  let piece = { ...noPiece, isLast: last.isLast }
  while (!piece.isLast && piece.rows === 0) {
    yield* Effect.yieldNow
    piece = scan.next(room)
  }
  return piece
})

interface File {
  readonly key: string
  readonly contentType: string
  readonly stored: Stored
}

/** The data files, then the manifest that names them, and the checksum of it at the end. */
const withManifest = Effect.fnUntraced(function* (
  data: ReadonlyArray<Stored>,
  scan: Scan,
  run: Run,
  { source, destination: { name, appid }, location }: Delivery,
  hashes: Hashes,
  write: Writer,
) {
  const nameOf = (number: number) => md5Hex(hashes, `${run.bucket}\n${run.rule}\n${run.due}\n${run.id}\n${number}`)
  const files = data.map((stored, number): File => ({
    key: dataFileKey(location, nameOf(number)),
    contentType: Assumed.contentTypes.data,
    stored,
  }))
  const manifest = utf8.encode(writeManifest({
    source,
    destination: { name, appid },
    format: Assumed.writtenFormat,
    listed: scan.listed(),
    filtered: scan.filtered(),
    columns: scan.columns,
    files: files.map(({ key, stored }): DataFile => ({ key, size: stored.size, md5: stored.md5 })),
  }))
  const seconds = Math.floor(run.due / 1000)
  const written: ReadonlyArray<File> = [
    ...files,
    {
      key: manifestKey(location, seconds),
      contentType: Assumed.contentTypes.manifest,
      stored: yield* write.body(manifest),
    },
    {
      key: checksumKey(location, seconds),
      contentType: Assumed.contentTypes.checksum,
      stored: yield* write.body(utf8.encode(writeChecksum(manifest, hashes))),
    },
  ]
  return written
})

const utf8 = new TextEncoder()

const md5Hex = (hashes: Hashes, text: string): string => {
  const digest = hashes.md5()
  digest.update(utf8.encode(text))
  return digest.hex()
}

const versionPut = (
  store: Store,
  { name, versioning }: Bucket,
  { rule }: Delivery,
  run: Run,
  { key, contentType, stored }: File,
): Change => {
  const sequence = store.nextSequence()
  const version: Version = {
    key: keyOfText(key),
    versionId: versioning === "Enabled" ? versionIdAt(run.due, sequence % 1000) : "null",
    sequence,
    isDeleteMarker: false,
    lastModified: run.due,
    etag: stored.md5,
    size: stored.size,
    crc64: stored.crc64,
    storageClass: Assumed.reportClass,
    segments: stored.segments,
    headers: [["Content-Type", contentType]],
    tags: [],
    isMultipart: false,
    ...(rule.destination.encryption === undefined ? {} : { encryption: "AES256" }),
  }
  return { _tag: "VersionPut", bucket: name, version }
}
