/** Rules of a bucket that list the same objects, each for money. */
import type { Wanted } from "../../ruleset/mod.ts"
import { isInFilter } from "../../wire/members.ts"
import { coverage, type Scan, scanOf } from "./coverage.ts"
import { named, type PlacedHit, type TargetRow } from "./row.ts"

const source = "page 40100: inventory is billed by listed objects"

export const scanRows: ReadonlyArray<TargetRow> = [
  {
    code: "scanned-twice",
    severity: "warning",
    message: "Two rules list the same objects at the same times",
    why: "COS bills each rule by the objects it lists",
    source,
    *check({ wanted }): Iterable<PlacedHit> {
      for (const scans of scansByDays(wanted).values()) {
        for (const [{ wanted: { reading } }, other] of coverage(scans, scans)) {
          yield {
            at: reading,
            path: "id",
            message: `The rule ${named(other.wanted)} lists the same objects at the same times`,
            found: reading.draft.id ?? "",
            allowed: "objects that one rule lists",
            fix: "Read the other rule's report instead, or give the rules other times or filters",
          }
        }
      }
    },
  },
  {
    code: "scanned-daily",
    severity: "info",
    message: "A daily rule lists the same objects",
    why: "COS bills each rule by the objects it lists, and on the day of this rule the daily report has them as well",
    source,
    *check({ wanted }): Iterable<PlacedHit> {
      const byDays = scansByDays(wanted)
      const daily = byDays.get("Daily")
      if (daily === undefined) return
      const others = [...byDays].flatMap(([days, scans]) => /^(?:Weekly$|Monthly )/u.test(days) ? scans : [])
      for (const [{ wanted: { reading } }, other] of coverage(others, daily)) {
        yield {
          at: reading,
          path: "id",
          message: `The daily rule ${named(other.wanted)} lists the same objects, on the day of this one as well`,
          found: reading.draft.id ?? "",
          allowed: "objects that one rule lists",
          fix: "Read the daily report of that day instead; fields that it lacks can be added to it",
        }
      }
    },
  },
]

/** Enabled rules that fall due on the same days. */
const scansByDays = (wanted: ReadonlyArray<Wanted>): ReadonlyMap<string, ReadonlyArray<Scan>> => {
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
  return byDays
}

/** What could not be read, and conditions that nobody knows, may mean anything. */
const isUnclear = ({ reading: { draft: { id, extra }, unread } }: Wanted): boolean =>
  id === undefined || unread.size > 0 || extra?.some(({ in: place }) => isInFilter(place)) === true
