/** The aliases of a YAML document: what each stands for, and which of them must not be unfolded. */
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
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
  const targets = new Map<Alias, Node>()
  const unknown: Array<Alias> = []
  const circular: Array<Alias> = []
  const unmergeable: Array<Node> = []
  const collectionKeys: Array<Node> = []
  const anchored = new Map<string, Node>()
  const sizes = new Map<Node, number>()

  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return sizeOfAlias(node)
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) anchored.set(node.anchor, node)
      const size = isScalar(node)
        ? (node.source ?? "").length + 1
        : (node.items as ReadonlyArray<unknown>).reduce<number>((sum, item) => sum + sizeOfItem(item), 1)
      if (node.anchor !== undefined) sizes.set(node, size)
      return size
    }
    return 1
  }
  const sizeOfItem = (item: unknown): number => {
    if (!isPair(item)) return sizeOf(item)
    const size = sizeOf(item.key) + sizeOf(item.value)
    if (isCollection(isAlias(item.key) ? targets.get(item.key) : item.key)) collectionKeys.push(item.key as Node)
    if (isMerge(item)) unmergeable.push(...sourcesOf(item, targets).filter((source) => !isMap(source)))
    return size
  }
  const sizeOfAlias = (alias: Alias): number => {
    const target = anchored.get(alias.source)
    if (target === undefined) unknown.push(alias)
    else if (!sizes.has(target)) circular.push(alias)
    else targets.set(alias, target)
    return target === undefined ? 1 : sizes.get(target) ?? 1
  }

  const unfolded = sizeOf(document.contents)
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

/** Whether it is the `<<` of YAML 1.1, which the library marks by a symbol. */
export const isMerge = ({ key }: Pair): boolean => isScalar(key) && typeof key.value === "symbol"

/** What a `<<` merges, aliases followed; of two that have a key the first wins. */
export const sourcesOf = ({ value }: Pair, targets: Aliases["targets"]): ReadonlyArray<Node> => {
  const followed = (node: unknown): Node => (isAlias(node) ? targets.get(node) ?? node : node) as Node
  const source = followed(value)
  return isSeq(source) ? source.items.map(followed) : [source]
}

/** The keys of a mapping that stand in it before, also where they are alike as text only, such as `1` and `"1"`. */
export const repeatedKeys = (map: YAMLMap): ReadonlyArray<Node> => {
  const seen = new Set<string>()
  return map.items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : undefined
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name)
      return []
    }
    return [key as Node]
  })
}
