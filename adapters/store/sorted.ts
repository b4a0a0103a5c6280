/** Maps in the order of their keys, as `sorted-btree` makes them. */
import sortedBtree from "sorted-btree"

/**
 * The package is CommonJS with its class as `exports.default`: the default import is the class on Bun, and the whole of
 * `exports` on Node and Deno, which is also what the types say.
 */
const BTree: typeof sortedBtree.default = "default" in sortedBtree ? sortedBtree.default : sortedBtree

export type Sorted<K extends string | number, V> = InstanceType<typeof sortedBtree.default<K, V>>

/** Text is in the order of its code units, which for a Key is that of its bytes. */
export const makeSorted = <K extends string | number, V>(): Sorted<K, V> => new BTree<K, V>(undefined, compare)

const compare = (a: string | number, b: string | number): number => a < b ? -1 : a > b ? 1 : 0
