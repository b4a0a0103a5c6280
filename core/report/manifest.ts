/** The two files that tell of a report: `manifest.json` and `manifest.checksum` (page 30622). */
import type { BucketName } from "../bucket.ts"
import type { Hashes } from "../ports.ts"
import { writeFileSchema } from "./dialect.ts"
import type { Tally } from "./tally.ts"

interface Manifest {
  readonly source: BucketName
  readonly destination: BucketName
  /** CSV. */
  readonly format: string
  readonly listed: Tally
  readonly filtered: Tally
  readonly columns: ReadonlyArray<string>
  readonly files: ReadonlyArray<DataFile>
}

export interface DataFile {
  readonly key: string
  /** Of the compressed file, in bytes. */
  readonly size: number
  /** Lower-case hex, of the compressed file. */
  readonly md5: string
}

/**
 * The text of `manifest.json`: its members, their order, one space of indentation and numbers as strings are those of the
 * page's example; the prose there also speaks of a version and a time, for which the example has no member. That no line
 * end follows is assumed.
 */
export const writeManifest = ({ source, destination, format, listed, filtered, columns, files }: Manifest): string =>
  JSON.stringify(
    {
      sourceAppid: source.appid,
      sourceBucket: source.name,
      destinationAppid: destination.appid,
      destinationBucket: destination.name,
      fileFormat: format,
      listObjectCount: String(listed.count),
      listStorageSize: String(listed.size),
      filterObjectCount: String(filtered.count),
      filterStorageSize: String(filtered.size),
      fileSchema: writeFileSchema(columns),
      files: files.map(({ key, size, md5 }) => ({ key, size: String(size), md5Checksum: md5 })),
    },
    undefined,
    1,
  )

/** The text of `manifest.checksum`: the MD5 of the manifest. Assumed: in lower-case hex, without a line end. */
export const writeChecksum = (manifest: Uint8Array, hashes: Pick<Hashes, "md5">): string => {
  const digest = hashes.md5()
  digest.update(manifest)
  return digest.hex()
}
