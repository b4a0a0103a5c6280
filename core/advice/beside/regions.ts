/** Regions without inventory: those of the buckets, and those that their reports go to. */
import { parseResource } from "../../bucket.ts"
import { isMatch } from "../../glob.ts"
import { financeRegion } from "../../limits.ts"
import type { RuleSet, Selector, Target } from "../../ruleset/mod.ts"
import { isStandInRegion } from "../stand-in.ts"
import type { FleetRow, Place } from "./row.ts"

export const fleetRegions: FleetRow = {
  code: "finance-region",
  severity: "warning",
  message: "COS has no inventory in the finance regions",
  why: "The rule is refused there, or never makes a report",
  source: "page 33703: not available in finance cloud regions",
  *check(targets) {
    // Of many such buckets of a document the first is shown
    const places = new Map<RuleSet | undefined, Place>()
    for (const target of targets) {
      const { region, wanted } = target
      if (isFinance(region)) {
        for (const set of new Set(wanted.map(({ from }) => from))) {
          const at = places.get(set) ?? placeIn(set, target)
          places.set(set, at)
          yield { target, at, path: "buckets", message: itsRegion, found: region, allowed, fix: move }
        }
        continue
      }
      for (const { reading } of wanted) {
        const resource = reading.draft.destination?.bucket
        const there = resource === undefined ? undefined : parseResource(resource)?.region
        if (!isFinance(there)) continue
        yield { target, at: reading, path: "destination.bucket", found: there, allowed, fix: "Choose another bucket" }
      }
    }
  },
}

const itsRegion = "The bucket is in a finance region, where COS has no inventory"
const allowed = "a region of the public cloud"
const move = "Move the objects, or list them in another way"

const isFinance = (region: string | undefined): boolean =>
  region !== undefined && !isStandInRegion(region) && financeRegion.test(region)

/** Where a document names a bucket; one that flags choose stands in none. */
const placeIn = (set: RuleSet | undefined, { bucket, region }: Target): Place => {
  const selector = set?.selectors.find((one) => isFor(one, bucket)) ??
    // What stands for two globs has the name of one
    set?.selectors.find((one) => one.match !== undefined && (one.region === undefined || one.region === region))
  return {
    ...(set?.file === undefined ? {} : { file: set.file }),
    position: () => selector?.position,
  }
}

const isFor = (selector: Selector, bucket: string): boolean =>
  selector.bucket === undefined ? isMatch(selector.match ?? "", bucket) : selector.bucket === bucket
