/** The aliases of a YAML document: what each stands for, and which of them must not be unfolded. */
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml"

export interface Aliases {
  /** The node that each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>
  /** Whose anchor does not stand before them. */
  readonly unknown: ReadonlyArray<Alias>
  /** Within the node that they stand for. */
  readonly circular: ReadonlyArray<Alias>
  /** Values of `<<` that hold no keys to merge. */
  readonly unmergeable: ReadonlyArray<Node>
  /** Keys that are lists or objects, which the library would make text of, and warn about on its own. */
  readonly collectionKeys: ReadonlyArray<Node>
  /** About how many characters the document would have with everything written out. */
  readonly unfolded: number
}

/** Looks at every node once, so that even a bomb is measured in the time of its text. */
export const aliasesOf = (document: Document): Aliases => {
  const survey: Survey = {
    targets: new Map(),
    unknown: [],
    circular: [],
    unmergeable: [],
    collectionKeys: [],
    anchored: new Map(),
    sizes: new Map(),
  }
  const unfolded = sizeOf(document.contents, survey)
  const { circular, collectionKeys, targets, unknown, unmergeable } = survey
  // An alias that stands for nothing is told as such
  const told = new Set<Node>([...unknown, ...circular])
  return {
    targets,
    unknown,
    circular,
    unmergeable: unmergeable.filter((node) => !told.has(node)),
    collectionKeys,
    unfolded,
  }
}

interface Survey {
  readonly targets: Map<Alias, Node>
  readonly unknown: Array<Alias>
  readonly circular: Array<Alias>
  readonly unmergeable: Array<Node>
  readonly collectionKeys: Array<Node>
  /** By the name of their anchor, the last of a name so far. */
  readonly anchored: Map<string, Node>
  /** Of nodes with an anchor, once all within them was looked at. */
  readonly sizes: Map<Node, number>
}

const sizeOf = (node: unknown, survey: Survey): number => {
  if (isAlias(node)) return sizeOfAlias(node, survey)
  if (!isScalar(node) && !isCollection(node)) return 1
  if (node.anchor !== undefined) survey.anchored.set(node.anchor, node)
  let size = 1
  if (isScalar(node)) size += (node.source ?? "").length
  else for (const item of node.items) size += isPair(item) ? sizeOfPair(item, survey) : sizeOf(item, survey)
  if (node.anchor !== undefined) survey.sizes.set(node, size)
  return size
}

const sizeOfPair = (pair: Pair, survey: Survey): number => {
  const { key, value } = pair
  const { collectionKeys, targets, unmergeable } = survey
  const size = sizeOf(key, survey) + sizeOf(value, survey)
  if (!isNode(key)) return size
  if (isCollection(followed(key, targets))) collectionKeys.push(key)
  if (isMerge(pair)) {
    const wrong = sourcesOf(pair, targets).filter((source) => !isMap(source))
    unmergeable.push(...wrong.map((source) => isNode(source) ? source : key))
  }
  return size
}

const sizeOfAlias = (alias: Alias, { anchored, circular, sizes, targets, unknown }: Survey): number => {
  const target = anchored.get(alias.source)
  if (target === undefined) {
    unknown.push(alias)
    return 1
  }
  const size = sizes.get(target)
  if (size === undefined) circular.push(alias)
  else targets.set(alias, target)
  return size ?? 1
}

/** What an alias stands for, and anything else itself. */
export const followed = (node: unknown, targets: Aliases["targets"]): unknown =>
  isAlias(node) ? targets.get(node) ?? node : node

/** Whether it is the `<<` of YAML 1.1, which the library marks by a symbol. */
export const isMerge = ({ key }: Pair): boolean => isScalar(key) && typeof key.value === "symbol"

/** What a `<<` merges, aliases followed; of two that have a key the first wins. */
export const sourcesOf = ({ value }: Pair, targets: Aliases["targets"]): ReadonlyArray<unknown> => {
  const source = followed(value, targets)
  return isSeq(source) ? source.items.map((item) => followed(item, targets)) : [source]
}

/** The keys of a mapping that stand in it before, also where they are alike as text only, such as `1` and `"1"`. */
export const repeatedKeys = (map: YAMLMap): ReadonlyArray<Node> => {
  const seen = new Set<string>()
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return []
    const name = String(key.value)
    if (seen.has(name)) return [key]
    seen.add(name)
    return []
  })
}
