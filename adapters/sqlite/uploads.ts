/** Multipart uploads and their parts as rows. */
import { byKeyThenId, type Part, type Segment, type Upload } from "../store/mod.ts"
import type { Database } from "./database.ts"
import { blobOf, partDoc, partOf, quoted, segmentsOf, uploadDoc, uploadOf } from "./rows.ts"

export interface Uploads {
  readonly upload: (bucket: number, name: string, id: string) => Upload | undefined
  readonly uploads: (bucket: number, name: string) => ReadonlyArray<Upload>
  readonly parts: (bucket: number, id: string) => ReadonlyArray<Part>
  readonly put: (bucket: number, upload: Upload) => void
  /** The bodies of its parts. */
  readonly remove: (bucket: number, id: string) => ReadonlyArray<Segment>
  /** The bodies of the part that was replaced. */
  readonly putPart: (bucket: number, id: string, part: Part) => ReadonlyArray<Segment>
  /** The bodies of all parts of a bucket. */
  readonly segments: (bucket: number) => ReadonlyArray<Segment>
}

export const makeUploads = (database: Database): Uploads => ({
  upload: (bucket, name, id) => {
    const row = database.get("SELECT id, key, doc FROM uploads WHERE bucket = ? AND id = ?", bucket, quoted(id))
    return row === undefined ? undefined : uploadOf(row, name)
  },
  uploads: (bucket, name) =>
    database.all("SELECT id, key, doc FROM uploads WHERE bucket = ?", bucket)
      .map((row) => uploadOf(row, name)).sort(byKeyThenId),
  parts: (bucket, id) =>
    database.all("SELECT number, doc FROM parts WHERE bucket = ? AND upload = ? ORDER BY number", bucket, quoted(id))
      .map(partOf),
  put: (bucket, upload) =>
    database.run(
      "INSERT OR REPLACE INTO uploads (bucket, id, key, doc) VALUES (?, ?, ?, ?)",
      bucket,
      quoted(upload.id),
      blobOf(upload.key),
      uploadDoc(upload),
    ),
  remove: (bucket, id) => {
    database.run("DELETE FROM uploads WHERE bucket = ? AND id = ?", bucket, quoted(id))
    return database.all("DELETE FROM parts WHERE bucket = ? AND upload = ? RETURNING doc", bucket, quoted(id))
      .flatMap(segmentsOf)
  },
  putPart: (bucket, id, part) => {
    const replaced = database.all(
      "DELETE FROM parts WHERE bucket = ? AND upload = ? AND number = ? RETURNING doc",
      bucket,
      quoted(id),
      part.number,
    )
    database.run(
      "INSERT INTO parts (bucket, upload, number, doc) VALUES (?, ?, ?, ?)",
      bucket,
      quoted(id),
      part.number,
      partDoc(part),
    )
    return replaced.flatMap(segmentsOf)
  },
  segments: (bucket) => database.all("SELECT doc FROM parts WHERE bucket = ?", bucket).flatMap(segmentsOf),
})
