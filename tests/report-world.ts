/** A store with buckets and objects in it, and its reports read back: what the tests of reports lean on. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { hashes } from "../adapters/hashes/node.ts"
import { beginRun, type ReportOptions, runReport } from "../adapters/memory/reports/mod.ts"
import {
  type BucketAttributes,
  deleteMarker,
  makeTree,
  type Run,
  type Store,
  type Version,
} from "../adapters/store/mod.ts"
import { type Key, keyOfText, textOfKey } from "../core/key.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { readRows } from "./report-csv.ts"

export const source = "examplebucket-1250000000"
export const destination = "reports-1250000000"
export const region = "ap-guangzhou"
/** 2024-02-27T16:00:00Z, midnight in UTC+8. */
export const start = Date.UTC(2024, 1, 27, 16)
export const day = 24 * 60 * 60 * 1000

/** The source and the destination, in one region. */
export const makeWorld = (): Store => {
  const store = makeTree({ hashes })
  store.commit([
    { _tag: "BucketPut", bucket: bucketOf(source) },
    { _tag: "BucketPut", bucket: bucketOf(destination) },
  ])
  return store
}

export const bucketOf = (name: string, some: Partial<BucketAttributes> = {}): BucketAttributes => ({
  name,
  region,
  owner: "100000000001",
  created: start,
  cors: [],
  strictSignature: false,
  denied: [],
  ...some,
})

export const ruleOf = (some: Partial<InventoryConfiguration> = {}): InventoryConfiguration => ({
  id: "list1",
  isEnabled: true,
  includedObjectVersions: "Current",
  optionalFields: ["Size", "ETag"],
  schedule: { frequency: "Daily" },
  destination: { bucket: `qcs::cos:${region}::${destination}`, prefix: "out", format: "CSV" },
  ...some,
})

export const putRule = (store: Store, rule: InventoryConfiguration, since: number, bucket: string = source): void => {
  const sequence = store.bucket(bucket)!.rules.get(rule.id)?.sequence ?? store.nextSequence()
  store.commit([{ _tag: "RulePut", bucket, rule: { id: rule.id, sequence, xml: writeConfiguration(rule), since } }])
}

export const md5 = (bytes: Uint8Array | string): string => createHash("md5").update(bytes).digest("hex")

/** Puts an object as a request would; gives the version that is stored then. */
export const put = async (store: Store, key: Key, body: string, some: Partial<Version> = {}): Promise<Version> => {
  const bytes = new TextEncoder().encode(body)
  const { segments, size, md5: etag, crc64 } = await Effect.runPromise(store.bodies.write(bytes))
  const version: Version = {
    key,
    versionId: "null",
    sequence: store.nextSequence(),
    isDeleteMarker: false,
    lastModified: start,
    etag,
    size,
    crc64,
    storageClass: "STANDARD",
    segments,
    headers: [],
    tags: [],
    isMultipart: false,
    ...some,
  }
  store.commit([{ _tag: "VersionPut", bucket: source, version }])
  return version
}

export const putDeleteMarker = (store: Store, key: Key, versionId: string): void =>
  store.commit([{
    _tag: "VersionPut",
    bucket: source,
    version: { key, versionId, sequence: store.nextSequence(), lastModified: start, ...deleteMarker },
  }])

/** The report of a rule, made at a moment. */
export const report = (
  store: Store,
  rule: InventoryConfiguration,
  options: ReportOptions = {},
  due: number = start,
): Promise<Run> => {
  const run = beginRun(store, { bucket: source, rule: rule.id, xml: writeConfiguration(rule) }, due)
  return Effect.runPromise(runReport(store, hashes, run, options))
}

/** The newest version of a key, which has to be there. */
export const newest = (store: Store, key: string, bucket: string = destination): Version => {
  const version = store.versions(bucket, keyOfText(key))[0]
  assert.notEqual(version, undefined, `${bucket} has no ${key}`)
  return version!
}

export const bodyOf = async (store: Store, { segments, size }: Version): Promise<Uint8Array> => {
  const body = store.bodies.read(segments, 0, size)
  if (body instanceof Uint8Array) return body
  return Buffer.concat(await Effect.runPromise(Stream.runCollect(body.stream)))
}

export interface ReadManifest {
  readonly listObjectCount: string
  readonly listStorageSize: string
  readonly filterObjectCount: string
  readonly filterStorageSize: string
  readonly fileSchema: string
  readonly files: ReadonlyArray<{ readonly key: string; readonly size: string; readonly md5Checksum: string }>
}

export interface ReadReport {
  readonly manifest: ReadManifest
  /** Of each data file. */
  readonly files: ReadonlyArray<ReadonlyArray<Readonly<Record<string, string>>>>
  readonly rows: ReadonlyArray<Readonly<Record<string, string>>>
}

/** Reads a report as its user would: checksum, manifest, data files; everything that can be checked on the way is. */
export const readReport = async (store: Store, run: Run): Promise<ReadReport> => {
  assert.equal(run.why, undefined)
  assert.equal(run.state, "done")
  const bucket = run.destination!
  const [manifestKey, checksumKey] = run.wrote.slice(-2) as [string, string]
  const manifestBytes = await bodyOf(store, newest(store, manifestKey, bucket))
  const checksum = await bodyOf(store, newest(store, checksumKey, bucket))
  assert.equal(new TextDecoder().decode(checksum), md5(manifestBytes))
  const manifest: ReadManifest = JSON.parse(new TextDecoder().decode(manifestBytes))
  assert.deepEqual(run.wrote.slice(0, -2), manifest.files.map(({ key }) => key))
  const files: Array<ReadReport["files"][number]> = []
  for (const { key, size, md5Checksum } of manifest.files) {
    const bytes = await bodyOf(store, newest(store, key, bucket))
    assert.equal(String(bytes.length), size)
    assert.equal(md5(bytes), md5Checksum)
    files.push(readRows(gunzipSync(bytes).toString("utf8"), manifest.fileSchema.split(", ")))
  }
  const rows = files.flat()
  assert.equal(String(rows.length), manifest.filterObjectCount)
  assert.equal(rows.length, run.objects)
  return { manifest, files, rows }
}

/** The keys that a report lists, as text. */
export const keysOf = ({ rows }: ReadReport): ReadonlyArray<string> =>
  rows.map((row) => decodeURIComponent(row["Key"]!))

export const allKeys = (store: Store, bucket: string = destination): ReadonlyArray<string> =>
  [...store.entries(bucket, "")].map((versions) => textOfKey(versions[0]!.key) ?? versions[0]!.key)
