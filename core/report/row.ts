/** One object as one line of a data file. */
import type { BucketName } from "../bucket.ts"
import { header } from "../http.ts"
import { anyMeta, identityColumns, versionColumns } from "./columns.ts"
import {
  escapeCell,
  hasHeaderRow,
  quote,
  rowEnd,
  separator,
  writeDate,
  writeFlag,
  writeKey,
  writePairs,
} from "./dialect.ts"
import type { ListedObject } from "./object.ts"

type WriteRow = (object: ListedObject, isLatest: boolean) => string

/** Writes the lines of one report. What is the same in all of them is put together once. */
export const rowWriter = (source: BucketName, columns: ReadonlyArray<string>): WriteRow => {
  const head = quote + escapeCell(source.appid) + between + escapeCell(source.name)
  const cells = columns.slice(fixed).map(cellOf)
  return (object, isLatest) => {
    let row = head
    for (const cell of cells) row += between + escapeCell(cell(object, isLatest))
    return row + tail
  }
}

/** What a data file begins with. */
export const headerRow = (columns: ReadonlyArray<string>): string =>
  hasHeaderRow ? quote + columns.map(escapeCell).join(between) + tail : ""

const between = quote + separator + quote
const tail = quote + rowEnd
/** Appid and Bucket are those of the source. */
const fixed = 2

type Cell = (object: ListedObject, isLatest: boolean) => string

const cellOf = (column: string): Cell => {
  if (Object.hasOwn(cells, column)) return cells[column as keyof typeof cells]
  if (!column.startsWith("x-cos-meta-")) return () => ""
  return ofBody(({ headers }) => headers.length === 0 ? "" : header(headers, column) ?? "")
}

/** Assumed: of a delete marker, which has no body, the fields are empty but for its date. */
const ofBody = (cell: (object: ListedObject) => string): Cell => (object) => object.isDeleteMarker ? "" : cell(object)

type Known = Exclude<(typeof identityColumns)[number], "Appid" | "Bucket"> | (typeof versionColumns)[number]

const cells = {
  Key: ({ key }) => writeKey(key),
  VersionId: ({ versionId }) => versionId,
  IsLatest: (_, isLatest) => writeFlag(isLatest),
  IsDeleteMarker: ({ isDeleteMarker }) => writeFlag(isDeleteMarker),
  Size: ofBody(({ size }) => String(size)),
  LastModifiedDate: ({ lastModified }) => writeDate(lastModified),
  StorageClass: ofBody(({ storageClass }) => storageClass),
  // Assumed: without the quotes that it has as a header
  ETag: ofBody(({ etag }) => etag),
  IsMultipartUploaded: ofBody(({ isMultipart }) => writeFlag(isMultipart)),
  ReplicationStatus: ofBody(({ replicationStatus }) => replicationStatus ?? ""),
  Tag: ofBody(({ tags }) => tags.length === 0 ? "" : writePairs(tags.map(({ key, value }) => [key, value]))),
  Crc64: ofBody(({ crc64 }) => crc64),
  [anyMeta]: ofBody(({ headers }) =>
    headers.length === 0 ? "" : writePairs(
      headers.flatMap(([name, value]) => isMeta(name) ? [[name.toLowerCase(), value] as const] : []),
    )
  ),
} satisfies Readonly<Record<Known, Cell>> & Readonly<Record<string, Cell>>

const isMeta = (name: string): boolean => name.toLowerCase().startsWith("x-cos-meta-")
