/** The versions of objects as rows, read a page of keys at a time. */
import type { Key } from "../../core/key.ts"
import { after, isComputed, type Segment, type Synthetic, type Version } from "../store/mod.ts"
import { bytesOf, type Database, type Row } from "./database.ts"
import { blobOf, keyOfBlob, quoted, segmentsOf, versionDoc, versionOf } from "./rows.ts"

export interface Versions {
  readonly versions: (bucket: number, key: Key) => ReadonlyArray<Version>
  /** The bodies of the version that was replaced. */
  readonly put: (bucket: number, version: Version) => ReadonlyArray<Segment>
  /** The bodies of the version that is gone; undefined where there was none. */
  readonly remove: (bucket: number, key: Key, versionId: string) => ReadonlyArray<Segment> | undefined
  readonly isEmpty: (bucket: number) => boolean
  readonly fill: (bucket: number, objects: Synthetic) => void
  /** The stored bodies of a whole bucket. */
  readonly segments: (bucket: number) => Iterable<ReadonlyArray<Segment>>
  readonly page: (bucket: number, from: Key, rows: number) => Page
}

export interface Page {
  /** Every version of each key. */
  readonly entries: ReadonlyArray<ReadonlyArray<Version>>
  /** Nothing comes after it. */
  readonly isLast: boolean
}

const columns = "key, sequence, version, doc"
const insertion = "INSERT INTO versions (bucket, key, sequence, version, owns, doc) VALUES (?, ?, ?, ?, ?, ?)"

export const makeVersions = (database: Database): Versions => {
  const versions = (bucket: number, key: Key): ReadonlyArray<Version> =>
    database
      .all(`SELECT ${columns} FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC`, bucket, blobOf(key))
      .map((row) => versionOf(row, key))

  const insert = (bucket: number, version: Version) => {
    const { key, segments, sequence, versionId } = version
    const owns = segments.some(({ ref }) => !isComputed(ref)) ? 1 : 0
    database.run(insertion, bucket, blobOf(key), sequence, quoted(versionId), owns, versionDoc(version))
  }
  const remove = (bucket: number, key: Key, versionId: string) => {
    const rows = database.all(
      "DELETE FROM versions WHERE bucket = ? AND key = ? AND version = ? RETURNING doc",
      bucket,
      blobOf(key),
      quoted(versionId),
    )
    return rows.length === 0 ? undefined : rows.flatMap(segmentsOf)
  }

  return {
    versions,
    remove,
    put: (bucket, version) => {
      const replaced = remove(bucket, version.key, version.versionId)
      insert(bucket, version)
      return replaced ?? []
    },
    isEmpty: (bucket) => database.get("SELECT 1 FROM versions WHERE bucket = ? LIMIT 1", bucket) === undefined,
    fill: (bucket, objects) => {
      for (let index = 0; index < objects.length; index++) {
        for (const version of objects.at(index)) insert(bucket, version)
      }
    },
    *segments(bucket) {
      for (const row of database.each("SELECT doc FROM versions WHERE bucket = ? AND owns = 1", bucket)) {
        yield segmentsOf(row)
      }
    },
    page: (bucket, from, rows) => {
      const found = database.all(
        `SELECT ${columns} FROM versions WHERE bucket = ? AND key >= ? ORDER BY key, sequence DESC LIMIT ?`,
        bucket,
        blobOf(from),
        rows,
      )
      const groups = grouped(found)
      if (found.length < rows) return { entries: groups, isLast: true }
      // The last key may have more versions than this page had room for
      const cut = groups.pop()!
      const whole = groups.length > 0 ? groups : [versions(bucket, cut[0]!.key)]
      return { entries: whole, isLast: false }
    },
  }
}

const grouped = (rows: ReadonlyArray<Row>): Array<ReadonlyArray<Version>> => {
  const groups: Array<Array<Version>> = []
  for (const row of rows) {
    const key = keyOfBlob(bytesOf(row, "key"))
    const last = groups.at(-1)
    if (last?.[0]?.key === key) last.push(versionOf(row, key))
    else groups.push([versionOf(row, key)])
  }
  return groups
}

export interface Place {
  readonly number: number
  /** Another one after every change of the bucket's versions. */
  readonly state: number
}

/** Every key from one on, though the bucket may change, be deleted and created again, between any two. */
export function* entriesOf(
  { page }: Versions,
  place: () => Place | undefined,
  start: Key,
): Iterable<ReadonlyArray<Version>> {
  let from = start
  let rows = fewRows
  for (let at = place(); at !== undefined; at = place()) {
    const { entries, isLast } = page(at.number, from, rows)
    let isStale = false
    for (const versions of entries) {
      yield versions
      from = after(versions[0]!.key)
      const now = place()
      isStale = now?.number !== at.number || now.state !== at.state
      if (isStale) break
    }
    if (isLast && !isStale) return
    rows = isStale ? fewRows : Math.min(2 * rows, manyRows)
  }
}

/** A page is read again when the bucket changed under it, so that pages are short where changes are many. */
const fewRows = 16
const manyRows = 512
