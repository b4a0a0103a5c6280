/** Destinations of rules whose own region nobody says. */
import { parseResource } from "../../bucket.ts"
import type { Target } from "../../ruleset/mod.ts"
import { isStandInRegion } from "../stand-in.ts"
import { named, type PlacedHit, type TargetRow } from "./row.ts"

export const destinationRows: ReadonlyArray<TargetRow> = [
  {
    code: "destination-regions",
    severity: "error",
    message: "Rules of one bucket have destinations in two regions",
    why: "The bucket is in one region, and COS delivers reports inside one region only",
    source: "page 30625: source and destination are in the same region",
    *check({ region, wanted }: Target): Iterable<PlacedHit> {
      if (region !== undefined && !isStandInRegion(region)) return
      const placed = wanted.flatMap((rule) => {
        const { bucket } = rule.reading.draft.destination ?? {}
        const there = bucket === undefined ? undefined : parseResource(bucket)?.region
        return there === undefined || isStandInRegion(there) ? [] : [{ rule, bucket, there }]
      })
      const [first] = placed
      const told = new Set([first?.there])
      for (const { rule, bucket, there } of placed) {
        // The first rule of a region speaks for the others
        if (first === undefined || told.has(there)) continue
        told.add(there)
        yield {
          at: rule.reading,
          path: "destination.bucket",
          message: `The destination is in another region than that of ${named(first.rule)}, a rule of the same bucket`,
          found: bucket,
          allowed: `destinations in one region, such as ${first.there}`,
          fix: "Correct one of them, and name the source bucket with its region",
        }
      }
    },
  },
]
