/** Reports of two rules in one place. */
import { reportLocation } from "../../location.ts"
import type { Draft } from "../../rule.ts"
import type { Target, Wanted } from "../../ruleset/mod.ts"
import { type FleetRow, named } from "./row.ts"

export const fleetPaths: FleetRow = {
  code: "report-path-shared",
  severity: "warning",
  message: "Two rules write their reports to one path",
  why: "Readers of the one find reports of the other, and who expires the one expires both",
  source: "page 30622: <prefix>/<appid>/<source bucket>/<id>/",
  *check(targets) {
    let outer: Report | undefined
    for (const report of reports(targets).toSorted(byPath)) {
      if (outer === undefined || !report.path.startsWith(outer.path)) outer = report
      // Two rules of one id in one bucket are reported as that
      else if (!isSameRule(outer, report)) {
        yield {
          target: report.target,
          at: report.wanted.reading,
          path: "id",
          message: `Reports of ${named(outer.wanted)} lie around those of this rule`,
          found: report.path.slice(1),
          allowed: `a path outside of ${outer.path.slice(1)}`,
          fix: "Choose another destination prefix for one of them",
        }
      }
    }
  },
}

interface Report {
  readonly target: Target
  readonly wanted: Wanted
  /** The destination bucket and the folder in it, `/<bucket>/<folder>/`. */
  readonly path: string
}

const reports = (targets: ReadonlyArray<Target>): ReadonlyArray<Report> =>
  targets.flatMap((target) =>
    target.wanted.flatMap((wanted) => {
      const { draft, unread } = wanted.reading
      const path = unread.size > 0 ? undefined : pathOf(target.bucket, draft)
      return path === undefined ? [] : [{ target, wanted, path }]
    })
  )

const pathOf = (bucket: string, { id, destination }: Draft): string | undefined => {
  if (id === undefined || destination?.bucket === undefined) return undefined
  const { prefix } = destination
  const location = reportLocation(bucket, {
    id,
    destination: { bucket: destination.bucket, ...(prefix === undefined ? {} : { prefix }) },
  })
  return location === undefined ? undefined : `/${location.bucket}/${location.prefix}`
}

/** Folders before what is in them. */
const byPath = (a: Report, b: Report): number => a.path < b.path ? -1 : a.path > b.path ? 1 : 0

const isSameRule = (a: Report, b: Report): boolean =>
  a.target === b.target && a.wanted.reading.draft.id === b.wanted.reading.draft.id
