/** Where the parts of a YAML value stand in its text, through aliases and merged keys too. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml"
import type { Position } from "../core/lint/mod.ts"
import type { Path, Source } from "../core/wire/json.ts"
import { type Aliases, isMerge, sourcesOf } from "./yaml-aliases.ts"

/** The places of one document; each is found in the time that its depth takes. */
export const placesOf = (
  document: Document,
  lines: LineCounter,
  targets: Aliases["targets"],
): Required<Pick<Source, "position" | "written">> => {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair>>()
  const pairIn = (map: YAMLMap, key: string): Pair | undefined => {
    let index = indexes.get(map)
    if (index === undefined) indexes.set(map, index = indexOf(map, targets))
    const own = index.get(key)
    if (own !== undefined) return own
    for (const merge of index.size > 0 ? map.items.filter(isMerge) : []) {
      for (const source of sourcesOf(merge, targets)) {
        const merged = isMap(source) ? pairIn(source, key) : undefined
        if (merged !== undefined) return merged
      }
    }
    return undefined
  }
  /** What shows a path in the text, a key where it has one, and the value that stands there. */
  const found = (path: Path): Found => {
    let at: Found = { shows: document.contents, value: document.contents, isWhole: true }
    for (const part of path) {
      const inside = isAlias(at.value) ? targets.get(at.value) : at.value
      const next: Found | undefined = isMap(inside)
        ? foundPair(pairIn(inside, String(part)))
        : isSeq(inside) && typeof part === "number" && part in inside.items
        ? { shows: inside.items[part], value: inside.items[part], isWhole: true }
        : undefined
      if (next === undefined) return { ...at, isWhole: false }
      at = isNode(next.shows) && next.shows.range ? next : { ...next, shows: at.shows }
    }
    return at
  }
  return {
    position: (path) => {
      const { shows } = found(path)
      return isNode(shows) && shows.range ? placeAt(lines, shows.range[0]) : undefined
    },
    written: (path) => {
      const { value, isWhole } = found(path)
      const node = isAlias(value) ? targets.get(value) : value
      return isWhole && isScalar(node) && node.type === "PLAIN" ? node.source : undefined
    },
  }
}

interface Found {
  readonly shows: unknown
  readonly value: unknown
  /** Whether the path was walked to its end. */
  readonly isWhole: boolean
}

const foundPair = (pair: Pair | undefined): Found | undefined =>
  pair === undefined ? undefined : { shows: pair.key, value: pair.value, isWhole: true }

const indexOf = (map: YAMLMap, targets: Aliases["targets"]): ReadonlyMap<string, Pair> =>
  new Map(
    map.items.filter((pair) => !isMerge(pair)).map((pair) => [
      String(isAlias(pair.key) ? targets.get(pair.key) : pair.key),
      pair,
    ]),
  )

export const placeAt = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

export const placeOfNode = (lines: LineCounter, node: Node): Position => placeAt(lines, node.range?.[0] ?? 0)
