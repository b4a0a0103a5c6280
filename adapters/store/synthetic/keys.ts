/** The keys of a synthetic bucket: folders of several depths and unequal sizes, dates in names, and the keys that break tools. */
import { type Key, keyOfText } from "../../../core/key.ts"
import { day, dayCount } from "./calendar.ts"
import { drawn } from "../../draw.ts"

/** Objects of one kind, which share what stands before their names. */
export interface Area {
  readonly prefix: Key
  /** Its share of the bucket. */
  readonly weight: number
  readonly kind: "logs" | "table" | "backup" | "media" | "asset" | "document" | "odd"
  /** The days in its names are those on which its objects were put. */
  readonly isDated: boolean
  /** What follows the prefix; it rises with `at` in byte order, whatever the draw. */
  readonly name: (at: number, of: number, draw: number) => Key
}

export interface Placed {
  readonly area: Area
  /** Its place among those of the area. */
  readonly at: number
  readonly of: number
}

export interface Keys {
  readonly placed: (index: number) => Placed
  readonly key: (index: number) => Key
}

export const keysOf = (count: number, seed: number): Keys => {
  const starts = startsOf(count)
  const placed = (index: number): Placed => {
    const number = areaAt(starts, index)
    return { area: areas[number]!, at: index - starts[number]!, of: starts[number + 1]! - starts[number]! }
  }
  return {
    placed,
    key: (index) => {
      const { area, at, of } = placed(index)
      return at === 0 && isFolder(area) ? area.prefix : area.prefix + area.name(at, of, drawn(seed, "key", index))
    },
  }
}

/** The first key of a folder is the folder itself, as consoles create it: empty, and named with the `/`. */
export const isFolder = (area: Area): boolean => area.prefix.endsWith("/") && !area.prefix.startsWith("/")

/** The day that a name carries: there are more of the later ones, as in a business that grows. */
export const dayAt = (at: number, of: number): number => Math.floor(dayCount * Math.sqrt(at / of))

const startsOf = (count: number): ReadonlyArray<number> => {
  const starts = [0]
  let sum = 0
  for (const { weight } of areas) {
    sum += weight
    starts.push(Math.floor(count * sum / total))
  }
  return starts
}

/** The last area that begins at or before an index and is not empty. */
const areaAt = (starts: ReadonlyArray<number>, index: number): number => {
  let low = 0
  let high = areas.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (starts[middle]! <= index) low = middle
    else high = middle - 1
  }
  return low
}

const digits = (value: number, width: number): string => String(value).padStart(width, "0")

/** Rises with `at`, and looks like the digest of something. */
const digest = (at: number, of: number, draw: number): string => {
  const step = Math.floor(2 ** 48 / of)
  return (at * step + Math.floor(draw / 2 ** 32 * step)).toString(16).padStart(12, "0")
}

const one = (choices: ReadonlyArray<string>, draw: number): string => choices[draw % choices.length]!

const dated = (prefix: string, weight: number, kind: Area["kind"], name: Area["name"]): Area => ({
  prefix,
  weight,
  kind,
  isDated: true,
  name,
})
const undated = (prefix: string, weight: number, kind: Area["kind"], name: Area["name"]): Area => ({
  prefix: keyOfText(prefix),
  weight,
  kind,
  isDated: false,
  name,
})
const odd = (prefix: string, suffix: string = ".txt"): Area => {
  const tail = keyOfText(suffix)
  return undated(prefix, 4, "odd", (at) => digits(at, 8) + tail)
}

/** In byte order; none begins with another. */
export const areas: ReadonlyArray<Area> = [
  dated(
    "access-",
    150,
    "logs",
    (at, of, draw) => `${day(dayAt(at, of)).dashed}-${digits(at, 8)}.${one(["log", "log.gz"], draw)}`,
  ),
  dated(
    "backup/mysql/",
    300,
    "backup",
    (at, of, draw) => `${day(dayAt(at, of)).dashed}/${digits(at, 8)}-${one(["orders", "users", "stock"], draw)}.sql.gz`,
  ),
  undated(
    "cdn/assets/",
    900,
    "asset",
    (at, of, draw) => `${digest(at, of, draw)}.${one(["min.js", "css", "woff2", "svg", "json", "html"], draw >>> 8)}`,
  ),
  dated(
    "data/warehouse/events/",
    1800,
    "table",
    (at, of, draw) =>
      `dt=${day(dayAt(at, of)).dashed}/part-${digits(at, 8)}-${digits(draw % 1e6, 6)}.c000.snappy.parquet`,
  ),
  dated(
    "data/warehouse/orders/",
    700,
    "table",
    (at, of, draw) => `dt=${day(dayAt(at, of)).dashed}/${digits(at, 8)}.${one(["parquet", "orc", "csv.gz"], draw)}`,
  ),
  undated(
    "documents/contracts/2024/final/signed/scans/originals/by-customer/",
    200,
    "document",
    (at, _, draw) =>
      `${digits(Math.floor(at / 7), 7)}/${at % 7} ${one(["contract.pdf", "annex (2).docx", "scan & sign.tiff"], draw)}`,
  ),
  undated("images/", 2200, "media", (at, of, draw) => {
    const name = digest(at, of, draw)
    return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}.${one(["jpg", "jpg", "png", "webp", "gif"], draw >>> 8)}`
  }),
  dated(
    "logs/nginx/",
    1900,
    "logs",
    (at, of, draw) => `${day(dayAt(at, of)).slashed}/${digits(at, 8)}-${one(["access", "error"], draw)}.log.gz`,
  ),
  undated(
    "ml/checkpoints/",
    150,
    "backup",
    (at, _, draw) =>
      `run-${digits(Math.floor(at / 50), 6)}/step-${digits(at % 50 * 1000, 8)}.${one(["ckpt", "safetensors"], draw)}`,
  ),
  undated("tmp/", 250, "odd", (at, of, draw) => `${digest(at, of, draw)}.part`),
  undated("users/", 1150, "document", (at, of, draw) => {
    // A few of them hold most: the root makes folders that grow
    const user = Math.floor(Math.sqrt(at / of) * Math.max(1, of / 8))
    return `${digits(user, 8)}/${digits(at, 8)}-${one(["avatar.png", "settings.json", "invoice.pdf", "cv.docx"], draw)}`
  }),
  undated(
    "video/",
    200,
    "media",
    (at, _, draw) =>
      `season-${digits(Math.floor(at / 24), 6)}/episode-${digits(at % 24 + 1, 2)}.${
        one(["mp4", "mov", "m3u8", "ts"], draw)
      }`,
  ),
  odd(" leading space/", " .txt"),
  odd("\"double\" and 'single' quotes/"),
  odd("%2F percent %41 100%/", "%20.txt"),
  odd("& < > ampersand/", "]]>.xml"),
  odd("+plus+ and space/", "+a b.txt"),
  odd(',comma,"quote",/', ",.csv"),
  odd("//double//slash//", "//end"),
  odd("?query=1&marker=#fragment/", "?versionId=null"),
  odd("back\\slash\\", "\\.txt"),
  odd("caf\u00e9 and cafe\u0301/"),
  odd("control\u0001\u007f/"),
  odd("line\nbreak\r\n\ttab/", "\n.txt"),
  odd(`long/${"0123456789".repeat(83)}/`, ".x"),
  odd("no-extension/", ""),
  odd("~tilde-_.!*'()/"),
  odd("\u4e2d\u6587/\u62a5\u544a/", "\u5e74\u5ea6\u62a5\u8868.xlsx"),
  odd("\u{1f600}/\u{1f1e8}\u{1f1f3}/", "\u{1f680}.png"),
  { ...odd("x"), prefix: "bro\xc3ken/" },
  { ...odd("x"), prefix: "\xff\xfe/" },
].sort((a, b) => a.prefix < b.prefix ? -1 : 1)

const total = areas.reduce((sum, { weight }) => sum + weight, 0)
