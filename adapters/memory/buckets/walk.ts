/** The walk over sorted keys that every list makes: under a prefix, grouped by a delimiter, behind a marker. */
import type { Key } from "../../../core/key.ts"

export interface Range {
  readonly prefix: Key
  /** Empty for no groups. */
  readonly delimiter: Key
  /** A group that does not sort behind it was in an earlier page. */
  readonly marker: Key
  readonly from: Key
}

/** Something listed, or the common prefix of things that are not. */
export type Entry<A> = { readonly item: A } | { readonly group: Key }

export interface Source<A> {
  /** In the order of keys, from this one on. */
  readonly from: (key: Key) => Iterable<A>
  readonly keyOf: (item: A) => Key
  readonly isShown: (item: A) => boolean
}

/** Of a group only its first member is looked at: the walk begins again behind it. */
export function* walk<A>(source: Source<A>, range: Range): Iterable<Entry<A>> {
  const { prefix, marker } = range
  let from: Key | undefined = range.from < prefix ? prefix : range.from
  while (from !== undefined) {
    let passed: Key | undefined
    for (const item of source.from(from)) {
      const key = source.keyOf(item)
      if (!key.startsWith(prefix)) return
      if (!source.isShown(item)) continue
      const group = groupOf(key, range)
      if (group === undefined) yield { item }
      else {
        if (group > marker) yield { group }
        passed = group
        break
      }
    }
    from = passed === undefined ? undefined : behindAll(passed)
  }
}

/** The first key behind one. */
export const behind = (key: Key): Key => `${key}\0`

/** From the beginning of the key to the first delimiter behind the prefix (page 7734). */
const groupOf = (key: Key, { prefix, delimiter }: Range): Key | undefined => {
  if (delimiter === "") return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : key.slice(0, at + delimiter.length)
}

/** The first key behind all that begin with these bytes; undefined when there can be none. */
const behindAll = (start: Key): Key | undefined => {
  let end = start.length
  while (end > 0 && start[end - 1] === "\xff") end--
  return end === 0 ? undefined : start.slice(0, end - 1) + String.fromCharCode(start.charCodeAt(end - 1) + 1)
}

export interface Page<A> {
  readonly entries: ReadonlyArray<Entry<A>>
  readonly isTruncated: boolean
}

/** An empty page was asked for as such, and has nothing to go on from. */
export const pageOf = <A>(entries: Iterable<Entry<A>>, size: number): Page<A> => {
  const page: Array<Entry<A>> = []
  if (size === 0) return { entries: page, isTruncated: false }
  for (const entry of entries) {
    if (page.length === size) return { entries: page, isTruncated: true }
    page.push(entry)
  }
  return { entries: page, isTruncated: false }
}
