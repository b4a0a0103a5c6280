/** What synthetic objects carry beside their bodies: types, custom headers, tags, storage classes. */
import type { Headers } from "../../../core/http.ts"
import type { Key } from "../../../core/key.ts"
import type { Tag } from "../contract.ts"
import type { Area } from "./keys.ts"
import { chosen } from "../../draw.ts"

export interface Attributes {
  readonly headers: Headers
  readonly tags: ReadonlyArray<Tag>
  readonly encryption?: "AES256"
  readonly replicationStatus?: string
}

/** `draw` gives a new number for each turn. */
export const attributesOf = (key: Key, area: Area, draw: (turn: number) => number): Attributes => {
  const base = typesOf(key)
  const meta = chosen(metas, draw(0))
  const replication = area.kind === "table" ? chosen(replications, draw(3)) : undefined
  return {
    headers: meta.length === 0 ? base : [...base, ...meta],
    tags: chosen(tags, draw(1)),
    ...(draw(2) % 10 === 0 || area.kind === "backup" ? { encryption: "AES256" as const } : {}),
    ...(replication === undefined ? {} : { replicationStatus: replication }),
  }
}

/**
 * The classes of page 33417, and `COLD` and `MAZ_COLD` of coscli (`util/const.go`). A bucket of one availability zone
 * would not hold the `MAZ_` ones; they are here so that each is met.
 */
export const storageClassOf = (area: Area, draw: number): string =>
  chosen(area.kind === "backup" ? coldClasses : area.kind === "logs" ? coolClasses : classes, draw)

const classes = [
  [62, "STANDARD"],
  [14, "STANDARD_IA"],
  [12, "INTELLIGENT_TIERING"],
  [3, "COLD"],
  [3, "ARCHIVE"],
  [1, "DEEP_ARCHIVE"],
  [2, "MAZ_STANDARD"],
  [1, "MAZ_STANDARD_IA"],
  [1, "MAZ_INTELLIGENT_TIERING"],
  [1, "MAZ_COLD"],
] as const
const coolClasses = [[35, "STANDARD"], [35, "STANDARD_IA"], [10, "COLD"], [20, "ARCHIVE"]] as const
const coldClasses = [[15, "STANDARD_IA"], [35, "ARCHIVE"], [50, "DEEP_ARCHIVE"]] as const

/** Page 30622 names these; a replica itself says REPLICA. */
const replications = [
  [70, undefined],
  [24, "COMPLETED"],
  [3, "PENDING"],
  [1, "FAILED"],
  [2, "REPLICA"],
] as const

const metas: ReadonlyArray<readonly [number, Headers]> = [
  [80, []],
  [8, [["x-cos-meta-myheader", "example"]]],
  [5, [["x-cos-meta-team", "data-platform"], ["x-cos-meta-sha256", "-"]]],
  [4, [["x-cos-meta-note", 'a, "b", c']]],
  [2, [["x-cos-meta-name", "%E5%BC%A0%E4%B8%89"]]],
  [1, [["x-cos-meta-empty", ""], ["x-cos-meta-mtime", "1700000000.123456789"]]],
]

const tag = (key: string, value: string): Tag => ({ key, value })
const tags: ReadonlyArray<readonly [number, ReadonlyArray<Tag>]> = [
  [75, []],
  [8, [tag("age", "18")]],
  [6, [tag("team", "search")]],
  [4, [tag("team", "ads"), tag("env", "prod")]],
  [3, [tag("env", "test"), tag("cost center", "a+b=c/d@e:f")]],
  [2, [tag("\u9879\u76ee", "\u5e74\u62a5")]],
  [1, [tag("empty", "")]],
  [1, Array.from({ length: 10 }, (_, at) => tag(`key-${at}`, `value-${at}`))],
]

const contentTypes: Readonly<Record<string, string>> = {
  bin: "application/octet-stream",
  css: "text/css",
  csv: "text/csv",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  gif: "image/gif",
  gz: "application/gzip",
  html: "text/html; charset=utf-8",
  jpg: "image/jpeg",
  js: "application/javascript",
  json: "application/json",
  log: "text/plain",
  m3u8: "application/vnd.apple.mpegurl",
  mov: "video/quicktime",
  mp4: "video/mp4",
  orc: "application/vnd.apache.orc",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tiff: "image/tiff",
  ts: "video/mp2t",
  txt: "text/plain; charset=utf-8",
  webp: "image/webp",
  woff2: "font/woff2",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  xml: "application/xml",
}

const cached = new Set(["css", "js", "woff2", "jpg", "png", "webp", "svg"])

const byExtension: ReadonlyMap<string, Headers> = new Map(
  Object.entries(contentTypes).map(([extension, type]) => [
    extension,
    cached.has(extension)
      ? [["Content-Type", type], ["Cache-Control", "public, max-age=31536000"]]
      : [["Content-Type", type]],
  ]),
)
const unknownType = byExtension.get("bin")!
const folderType: Headers = [["Content-Type", "application/x-directory"]]

const typesOf = (key: Key): Headers => {
  if (key.endsWith("/")) return folderType
  return byExtension.get(key.slice(key.lastIndexOf(".") + 1)) ?? unknownType
}
