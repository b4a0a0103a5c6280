/** Which scan of a bucket another one makes needless. */
import type { Wanted } from "../../ruleset/mod.ts"
import { type Scope, scopeOf } from "../../scope.ts"

export interface Scan {
  readonly wanted: Wanted
  /** Its place among the rules of the bucket. */
  readonly order: number
  readonly scope: Scope
}

export const scanOf = (wanted: Wanted, order: number): Scan => ({ wanted, order, scope: scopeOf(wanted.reading.draft) })

/**
 * Each of some scans within another one of those that may cover it, with that one: `isWithin` of their scopes, which
 * have no unknown conditions. Where both are the same scans, it is the later of two that are alike.
 *
 * **Details**
 *
 * All scans are looked at in an order in which whatever covers a scan comes before it, so that each is held against
 * those before it alone: by prefixes, of which those around the present one are a stack, and in these by tags, versions
 * and storage class, where the latest end among the earlier starts decides. Work grows with the scans and with the
 * prefixes around them, not with the square of the scans.
 */
export const coverage = function* (
  inner: ReadonlyArray<Scan>,
  outer: ReadonlyArray<Scan>,
): Iterable<readonly [inner: Scan, outer: Scan]> {
  if (outer.length === 0 || new Set([...inner, ...outer]).size < 2) return
  const asked = new Set(inner)
  const given = new Set(outer)
  const anchorOf = rarestTag(outer)
  const around: Array<Level> = []
  // By the rarest tag and the storage class, which whatever is covered has as well
  const groups = new Map<string, Map<string, Group>>()
  // Of two that are alike the one that may cover comes first, and of two such the earlier
  const first = (a: Scan, b: Scan) =>
    outerFirst(a, b) || Number(given.has(b)) - Number(given.has(a)) || a.order - b.order
  for (const scan of [...new Set([...outer, ...inner])].toSorted(first)) {
    const { prefix, tags } = scan.scope
    while (around.length > 0 && !prefix.startsWith(around.at(-1)!.prefix)) leave(around.pop()!)
    if (around.at(-1)?.prefix !== prefix) around.push({ prefix, groups: [] })
    if (asked.has(scan)) {
      const other = coveringIn(["", ...tags].flatMap((tag) => groupsFor(tag, scan).map((key) => groups.get(key))), scan)
      if (other !== undefined) yield [scan, other]
    }
    if (!given.has(scan)) continue
    const anchor = groupKey(anchorOf(tags), scan.scope.storageClass)
    const byKey = groups.get(anchor) ?? new Map<string, Group>()
    groups.set(anchor, byKey)
    const key = keyOf(scan.scope)
    const group = byKey.get(key) ?? { scope: scan.scope, levels: [] }
    byKey.set(key, group)
    add(group, scan, around.at(-1)!)
  }
}

const groupKey = (tag: string, storageClass: string | undefined): string => `${storageClass ?? ""} ${tag}`

const groupsFor = (tag: string, { scope: { storageClass } }: Scan): ReadonlyArray<string> =>
  storageClass === undefined ? [groupKey(tag, undefined)] : [groupKey(tag, undefined), groupKey(tag, storageClass)]

const keyOf = ({ versions, storageClass, tags }: Scope): string => JSON.stringify([versions, storageClass, tags])

/** Of the tags that a scope has, the one that the fewest have; of none, nothing. */
const rarestTag = (scans: ReadonlyArray<Scan>): (tags: ReadonlyArray<string>) => string => {
  const counts = new Map<string, number>()
  for (const { scope: { tags } } of scans) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return (tags) =>
    tags.reduce<string>((rarest, tag) => rarest === "" || counts.get(tag)! < counts.get(rarest)! ? tag : rarest, "")
}

/** What covers another comes before it. */
const outerFirst = ({ scope: a }: Scan, { scope: b }: Scan): number =>
  inOrder(a.prefix, b.prefix) || a.tags.length - b.tags.length ||
  Number(b.versions === "All") - Number(a.versions === "All") ||
  Number(a.storageClass !== undefined) - Number(b.storageClass !== undefined) ||
  inOrder(a.start, b.start) || inOrder(b.end, a.end)

const inOrder = <A extends string | number>(a: A, b: A): number => a < b ? -1 : a > b ? 1 : 0

/** Scopes that differ by prefix and period alone. */
interface Group {
  readonly scope: Scope
  /** One for each prefix around the present one that such a scope has, from the outside in. */
  readonly levels: Array<Spans>
}

const mayCover = (outer: Scope, inner: Scope): boolean =>
  (outer.versions === "All" || outer.versions === inner.versions) &&
  (outer.storageClass === undefined || outer.storageClass === inner.storageClass) &&
  outer.tags.every((tag) => inner.tags.includes(tag))

/** A prefix around the present one, and where it has left spans. */
interface Level {
  readonly prefix: string
  readonly groups: Array<Group>
}

const leave = ({ groups }: Level): void => {
  for (const { levels } of groups) levels.pop()
}

/** By start: the scan with the latest end so far, and that of another id, since two rules of one id are told as that. */
interface Spans {
  readonly level: Level
  /** Around all that stand here and further out. */
  start: number
  end: number
  readonly spans: Array<{ readonly start: number; readonly best: Scan; readonly other: Scan | undefined }>
}

const add = (group: Group, scan: Scan, level: Level): void => {
  const { levels } = group
  if (levels.at(-1)?.level !== level) {
    const { start = Infinity, end = -Infinity } = levels.at(-1) ?? {}
    levels.push({ level, start, end, spans: [] })
    level.groups.push(group)
  }
  const innermost = levels.at(-1)!
  const { spans } = innermost
  const last = spans.at(-1)
  const { start, end } = scan.scope
  innermost.start = Math.min(innermost.start, start)
  innermost.end = Math.max(innermost.end, end)
  if (last === undefined) return void spans.push({ start, best: scan, other: undefined })
  const { best, other } = last
  if (end > best.scope.end) {
    spans.push({ start, best: scan, other: isOther(best, scan) ? best : other })
  } else if (isOther(best, scan) && (other === undefined || end > other.scope.end)) {
    spans.push({ start, best, other: scan })
  }
}

const coveringIn = (
  groups: ReadonlyArray<ReadonlyMap<string, Group> | undefined>,
  scan: Scan,
): Scan | undefined => {
  for (const byKey of groups) {
    for (const group of byKey?.values() ?? []) {
      const other = mayCover(group.scope, scan.scope) ? covering(group, scan) : undefined
      if (other !== undefined) return other
    }
  }
  return undefined
}

const covering = ({ levels }: Group, scan: Scan): Scan | undefined => {
  const innermost = levels.at(-1)
  if (innermost === undefined || innermost.start > scan.scope.start || innermost.end < scan.scope.end) return undefined
  for (const { spans } of levels) {
    const span = spans[lastUpTo(spans, scan.scope.start)]
    if (span === undefined) continue
    for (const one of [span.best, span.other]) {
      if (one !== undefined && one.scope.end >= scan.scope.end && isOther(one, scan)) return one
    }
  }
  return undefined
}

/** The last that starts no later; -1 where none does. */
const lastUpTo = (spans: Spans["spans"], start: number): number => {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]!.start <= start) low = middle + 1
    else high = middle
  }
  return low - 1
}

const isOther = (a: Scan, b: Scan): boolean => a.wanted.reading.draft.id !== b.wanted.reading.draft.id
