/** Rules of a bucket that list the same objects at the same time, each for money. */
import type { Wanted } from "../../ruleset/mod.ts"
import { named, type PlacedHit, type TargetRow } from "./row.ts"

export const scanRows: ReadonlyArray<TargetRow> = [
  {
    code: "scanned-twice",
    severity: "warning",
    message: "Two rules list the same objects at the same times",
    why: "COS bills each rule by the objects it lists",
    source: "page 40100: inventory is billed by listed objects",
    *check({ wanted }): Iterable<PlacedHit> {
      for (const rules of groups(wanted)) {
        for (const [rule, other] of covered(rules)) {
          yield {
            at: rule.wanted.reading,
            path: "id",
            message: `The rule ${named(other.wanted)} lists the same objects at the same times`,
            found: rule.wanted.reading.draft.id ?? "",
            allowed: "objects that one rule lists",
            fix: "Read the other rule's report instead, or give the rules other times or filters",
          }
        }
      }
    },
  },
]

interface Scan {
  readonly wanted: Wanted
  readonly order: number
  readonly prefix: string
  /** In order, without repetition. */
  readonly tags: ReadonlyArray<string>
  readonly storageClass: string | undefined
  readonly start: number
  readonly end: number
  readonly isAll: boolean
}

/** Enabled rules that fall due on the same days. */
const groups = (wanted: ReadonlyArray<Wanted>): Iterable<ReadonlyArray<Scan>> => {
  const byDays = new Map<string, Array<Scan>>()
  for (const [order, item] of wanted.entries()) {
    const { kind, reading: { draft } } = item
    const { frequency, monthlyDate } = draft.schedule ?? {}
    if (kind === "job" || draft.isEnabled !== true || frequency === undefined || isUnclear(item)) continue
    const days = frequency === "Monthly" ? `${frequency} ${monthlyDate}` : frequency
    const scans = byDays.get(days)
    if (scans === undefined) byDays.set(days, [scanOf(item, order)])
    else scans.push(scanOf(item, order))
  }
  return byDays.values()
}

/** What could not be read, and elements that nobody knows, may narrow a filter. */
const isUnclear = ({ reading: { draft: { id, extra }, unread } }: Wanted): boolean =>
  id === undefined || unread.size > 0 ||
  extra?.some(({ in: place }) => place.startsWith("/Filter") || place === "/") === true

const scanOf = (wanted: Wanted, order: number): Scan => {
  const { filter, includedObjectVersions } = wanted.reading.draft
  const tags = (filter?.tags ?? []).map(({ key, value }) => JSON.stringify([key, value]))
  return {
    wanted,
    order,
    prefix: filter?.prefix ?? "",
    tags: tags.length < 2 ? tags : [...new Set(tags)].toSorted(),
    storageClass: filter?.storageClass,
    start: filter?.period?.startTime ?? -Infinity,
    end: filter?.period?.endTime ?? Infinity,
    isAll: includedObjectVersions === "All",
  }
}

/**
 * Each scan that another one covers, with that one. Of two that cover each other it is the later.
 *
 * A scan can be covered only by one whose prefix its own begins with, and whose first tag it has, so that in the order
 * of prefixes nearly all others need no look.
 */
const covered = function* (scans: ReadonlyArray<Scan>): Iterable<readonly [Scan, Scan]> {
  if (scans.length < 2) return
  const around: Array<{ readonly prefix: string; readonly byTag: Map<string, Array<Scan>> }> = []
  for (const level of levels(scans)) {
    const { prefix } = level[0]!
    while (around.length > 0 && !prefix.startsWith(around.at(-1)!.prefix)) around.pop()
    const byTag = new Map<string, Array<Scan>>()
    for (const scan of level) {
      const tag = scan.tags[0] ?? ""
      const others = byTag.get(tag)
      if (others === undefined) byTag.set(tag, [scan])
      else others.push(scan)
    }
    around.push({ prefix, byTag })
    for (const scan of level) {
      const other = covering(scan, around.map((a) => a.byTag))
      if (other !== undefined) yield [scan, other]
    }
  }
}

/** Scans of one prefix together, shorter ones before those that begin with them. */
const levels = (scans: ReadonlyArray<Scan>): Iterable<ReadonlyArray<Scan>> => {
  const byPrefix = new Map<string, Array<Scan>>()
  for (const scan of scans.toSorted((a, b) => a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : 0)) {
    const level = byPrefix.get(scan.prefix)
    if (level === undefined) byPrefix.set(scan.prefix, [scan])
    else level.push(scan)
  }
  return byPrefix.values()
}

const covering = (scan: Scan, around: ReadonlyArray<ReadonlyMap<string, ReadonlyArray<Scan>>>): Scan | undefined => {
  for (const byTag of around) {
    for (const tag of ["", ...scan.tags]) {
      const other = byTag.get(tag)?.find((o) =>
        isOther(o, scan) && covers(o, scan) && (o.order < scan.order || !covers(scan, o))
      )
      if (other !== undefined) return other
    }
  }
  return undefined
}

/** Two rules of one id are reported as that. */
const isOther = (a: Scan, b: Scan): boolean => a.wanted.reading.draft.id !== b.wanted.reading.draft.id

const covers = (a: Scan, b: Scan): boolean =>
  b.prefix.startsWith(a.prefix) && (a.isAll || !b.isAll) && a.start <= b.start && a.end >= b.end &&
  (a.storageClass === undefined || a.storageClass === b.storageClass) && a.tags.every((tag) => b.tags.includes(tag))
