/** Where the parts of a YAML value stand in its text, through aliases and merged keys too. */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml"
import type { Position } from "../../core/lint/mod.ts"
import type { Path, Source } from "../../core/wire/json.ts"
import { type Aliases, followed, isMerge, sourcesOf } from "./aliases.ts"

/** The places of one document; each is found in the time that its depth takes. */
export const placesOf = (
  document: Document,
  lines: LineCounter,
  targets: Aliases["targets"],
): Required<Pick<Source, "position" | "written">> => {
  const walk: Walk = { document, targets, indexes: new Map() }
  return {
    position: (path) => {
      const { shows } = found(path, walk)
      return isNode(shows) && shows.range ? placeAt(lines, shows.range[0]) : undefined
    },
    written: (path) => {
      const { value, isWhole } = found(path, walk)
      const node = followed(value, targets)
      return isWhole && isScalar(node) && node.type === "PLAIN" ? node.source : undefined
    },
  }
}

interface Walk {
  readonly document: Document
  readonly targets: Aliases["targets"]
  /** The keys of mappings that were looked into. */
  readonly indexes: Map<YAMLMap, ReadonlyMap<string, Pair>>
}

/** What shows a path in the text, a key where it has one, and the value that stands there. */
const found = (path: Path, walk: Walk): Found => {
  const { contents } = walk.document
  let at: Found = { shows: contents, value: contents, isWhole: true }
  for (const part of path) {
    const next = partOf(followed(at.value, walk.targets), part, walk)
    if (next === undefined) return { ...at, isWhole: false }
    at = isNode(next.shows) && next.shows.range ? next : { ...next, shows: at.shows }
  }
  return at
}

interface Found {
  readonly shows: unknown
  readonly value: unknown
  /** Whether the path was walked to its end. */
  readonly isWhole: boolean
}

const partOf = (inside: unknown, part: string | number, walk: Walk): Found | undefined => {
  if (isMap(inside)) {
    const pair = pairIn(inside, String(part), walk)
    return pair && { shows: pair.key, value: pair.value, isWhole: true }
  }
  if (!isSeq(inside) || typeof part !== "number" || !(part in inside.items)) return undefined
  const item = inside.items[part]
  return { shows: item, value: item, isWhole: true }
}

/** A mapping's own pair, or else the first that it merges. */
const pairIn = (map: YAMLMap, key: string, walk: Walk): Pair | undefined => {
  const { indexes, targets } = walk
  let index = indexes.get(map)
  if (index === undefined) indexes.set(map, index = indexOf(map, targets))
  const own = index.get(key)
  if (own !== undefined) return own
  for (const merge of index.size < map.items.length ? map.items.filter(isMerge) : []) {
    for (const source of sourcesOf(merge, targets)) {
      const merged = isMap(source) ? pairIn(source, key, walk) : undefined
      if (merged !== undefined) return merged
    }
  }
  return undefined
}

const indexOf = (map: YAMLMap, targets: Aliases["targets"]): ReadonlyMap<string, Pair> =>
  new Map(
    map.items.filter((pair) => !isMerge(pair)).map((pair) => [
      String(followed(pair.key, targets)),
      pair,
    ]),
  )

export const placeAt = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

export const placeOfNode = (lines: LineCounter, node: Node): Position => placeAt(lines, node.range?.[0] ?? 0)
