/** What stands at the paths of a YAML or JSON text, as the nodes that its changes begin from. */
import { type Document, isCollection, isMap, isScalar, isSeq, type Node } from "yaml"
import type { Path } from "../../core/wire/json.ts"
import { type Aliases, followed, isMerge, sourcesOf } from "./aliases.ts"

/** A document, and the text that it was parsed of. */
export interface Sheet {
  readonly document: Document
  /** What its aliases stand for. */
  readonly targets: Aliases["targets"]
  readonly text: string
  readonly form: "json" | "yaml"
}

export interface Place {
  readonly node: Node
  /** The collection it is in, and which of its items it is. */
  readonly parent?: Place
  readonly index: number
}

/**
 * The last node on the way to a path, and what of the path is not there. What a mapping lacks is looked for in what it
 * merges, and is to be added there too, so that all who merge it have it; unless only `"own"` is asked for.
 */
export const descended = (
  { document, targets }: Sheet,
  path: Path,
  reach: "merged" | "own" = "merged",
): { readonly at: Place | undefined; readonly rest: Path } => {
  const root = nodeOf(followed(document.contents, targets))
  let at: Place | undefined = root && { node: root, index: 0 }
  for (const [i, part] of path.entries()) {
    if (at === undefined) break
    const holder = itemOf(at.node, part) !== undefined || reach === "own" ? at : holderOf(at, part, targets)
    const item = itemOf(holder.node, part)
    if (item === undefined) return { at: holder, rest: path.slice(i) }
    const node = nodeOf(followed(item.value, targets))
    at = node && { node, parent: holder, index: item.index }
  }
  return { at, rest: [] }
}

/** The first of the merged mappings that has the key; where none has it, the one that all of them begin from. */
const holderOf = (at: Place, part: string | number, targets: Aliases["targets"]): Place => {
  const { node } = at
  if (!isMap(node)) return at
  const sources = node.items.filter(isMerge).flatMap((pair) => sourcesOf(pair, targets)).filter(isMap)
  const holders = sources.map((source) =>
    itemOf(source, part) ? { node: source, index: 0 } : holderOf({ node: source, index: 0 }, part, targets)
  )
  return holders.find((holder) => itemOf(holder.node, part) !== undefined) ?? holders[0] ?? at
}

/** Whether something is written at a path, or at the list that it is to be an item of. */
export const standsAt = (sheet: Sheet, path: Path): boolean => {
  const { at, rest } = descended(sheet, path)
  return rest.length === 0 || (rest.length === 1 && typeof rest[0] === "number" && isSeq(at?.node))
}

/** The scalar at a path, aliases followed. */
export const scalarAt = (sheet: Sheet, path: Path): unknown => {
  const { at, rest } = descended(sheet, path)
  return rest.length === 0 && isScalar(at?.node) ? at.node.value : undefined
}

const nodeOf = (found: unknown): Node | undefined => isScalar(found) || isCollection(found) ? found : undefined

const itemOf = (
  node: Node,
  part: string | number,
): { readonly value: unknown; readonly index: number } | undefined => {
  if (isMap(node)) {
    const index = node.items.findIndex(({ key }) => String(key) === String(part))
    const pair = node.items[index]
    return pair && { value: pair.value, index }
  }
  if (!isSeq(node) || typeof part !== "number") return undefined
  const value = node.items[part]
  return value === undefined ? undefined : { value, index: part }
}
