/**
 * A bucket of up to millions of objects that nobody put: each is computed from its index when it is asked for, the same
 * every time, and none is stored.
 */
import type { Key } from "../../../core/key.ts"
import type { Hashes } from "../../../core/ports.ts"
import type { Version } from "../contract.ts"
import { deleteMarker } from "../delete-marker.ts"
import type { Content } from "../parts.ts"
import { versionIdAt } from "../version-id.ts"
import { attributesOf, storageClassOf } from "./attributes.ts"
import { type Contents, contentsOf, multiparts, singles } from "./bodies.ts"
import { day, firstMoment, lastMoment, versionedSince } from "./calendar.ts"
import { type Area, dayAt, isFolder, keysOf, type Placed } from "./keys.ts"
import { chosen, drawn, type Purpose } from "../../draw.ts"

export { seedLimit, syntheticBody, syntheticContents, syntheticSize } from "./bodies.ts"

/** More would meet the width of the numbers in the keys. */
export const maxSynthetic = 2 ** 24
export interface Synthetic {
  readonly length: number
  /** Newest first; none beyond the last. Keys rise with the index, in byte order. */
  readonly at: (index: number) => ReadonlyArray<Version>
  /** The index of the first key that is not less, in byte order. */
  readonly from: (key: Key) => number
  /** No version has a higher sequence; the lowest is 1. */
  readonly sequences: number
}

/** All of it follows from the count and the seed. */
export const synthetic = (count: number, seed: number, hashes: Hashes): Synthetic => {
  const { key, placed } = keysOf(count, seed)
  const contents = contentsOf(seed, hashes)
  const from = (wanted: Key): number => {
    let low = 0
    let high = count
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (key(middle) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    length: count,
    at: (index) => index >= 0 && index < count ? versionsOf(index, key(index), placed(index), seed, contents) : [],
    from,
    sequences: count * mostVersions,
  }
}

const versionsOf = (
  index: number,
  key: Key,
  { area, at, of }: Placed,
  seed: number,
  contents: Contents,
): ReadonlyArray<Version> => {
  const draw = (purpose: Purpose) => (turn: number) => drawn(seed, purpose, index, turn)
  const history = at === 0 && isFolder(area) ? once : chosen(histories, draw("history")(0))
  const moments = momentsOf(history, begunOn(area, at, of), draw("time"))
  const shared = attributesOf(key, area, draw("attributes"))
  const storageClass = storageClassOf(area, draw("attributes")(4))
  const versions: Array<Version> = []
  for (let nth = history.length - 1; nth >= 0; nth--) {
    const lastModified = moments[nth]!
    const identity = {
      key,
      versionId: lastModified < versionedSince ? "null" : versionIdAt(lastModified, draw("time")(16 + nth) % 1000),
      sequence: index * mostVersions + nth + 1,
      lastModified,
    }
    if (history[nth] === "marker") versions.push({ ...identity, ...deleteMarker })
    else {
      const content = contentOf(key, area, draw("body")(nth), contents)
      versions.push({
        ...identity,
        isDeleteMarker: false,
        etag: content.etag,
        size: content.size,
        crc64: content.crc64,
        segments: content.segments,
        isMultipart: content.etag.length > digestLength,
        storageClass,
        ...shared,
      })
    }
  }
  return versions
}

const digestLength = 32

/** From the oldest on. */
type History = ReadonlyArray<"object" | "marker">
const once: History = ["object"]
const histories: ReadonlyArray<readonly [weight: number, history: History]> = [
  [860, once],
  [70, ["object", "object"]],
  [25, ["object", "object", "object"]],
  [8, ["object", "object", "object", "object", "object", "object"]],
  [5, ["object", "marker", "object"]],
  [2, ["object", "marker", "object", "marker", "object"]],
  [20, ["object", "marker"]],
  [5, ["object", "object", "marker"]],
  // What is left when the versions below a marker have expired
  [5, ["marker"]],
]
/** Each key may use as many sequences, so that those of a key are known without its neighbours. */
const mostVersions = Math.max(...histories.map(([, history]) => history.length))

const begunOn = (area: Area, at: number, of: number): number | undefined =>
  area.isDated ? day(dayAt(at, of)).begins : undefined

const dayMillis = 24 * 60 * 60 * 1000
const monthMillis = 30 * dayMillis

/** One for each version, each later than the one before; all but the first after versioning was turned on. */
const momentsOf = (
  history: History,
  begins: number | undefined,
  draw: (turn: number) => number,
): ReadonlyArray<number> => {
  const room = lastMoment - dayMillis - firstMoment
  let moment = begins === undefined
    ? firstMoment + Math.floor(room * (draw(0) / 2 ** 32))
    : Math.min(begins + draw(0) % dayMillis, lastMoment - dayMillis + draw(0) % (dayMillis / 2))
  if (history[0] === "marker" && moment < versionedSince) moment = versionedSince + (moment - firstMoment)
  const moments = [moment]
  while (moments.length < history.length) {
    const after = Math.max(moment, versionedSince)
    const gap = draw(moments.length) % monthMillis
    moment = after + 1 + Math.min(gap, Math.floor((lastMoment - after) / 2) - 1)
    moments.push(moment)
  }
  return moments
}

/** Out of a hundred objects of an area, how many are put in parts. */
const inParts: Readonly<Record<Area["kind"], number>> = {
  logs: 1,
  table: 8,
  backup: 60,
  media: 4,
  asset: 0,
  document: 2,
  odd: 1,
}

const contentOf = (key: Key, area: Area, draw: number, contents: Contents): Content => {
  if (key.endsWith("/")) return contents.single(0)
  return draw % 100 < inParts[area.kind]
    ? contents.multipart((draw >>> 8) % multiparts)
    : contents.single((draw >>> 8) % singles)
}
