/** Rules beside each other: in one bucket, and wherever their reports go. */
import { fleetExpiry } from "./expiry.ts"
import { fleetJobIds, idRows } from "./ids.ts"
import { countRows } from "./count.ts"
import { destinationRows } from "./destinations.ts"
import { ownershipRows } from "./ownership.ts"
import { fleetPaths } from "./paths.ts"
import { fleetRegions } from "./regions.ts"
import { scanRows } from "./scans.ts"
import type { FleetRow, TargetRow } from "./row.ts"

export type { PlacedHit } from "./row.ts"
export { repeatedIds } from "./ids.ts"

/** Pure, so that a bundle in which nobody asks for them is without them. */
export const targetRows: ReadonlyArray<TargetRow> = /* @__PURE__ */ [
  idRows,
  ownershipRows,
  countRows,
  scanRows,
  destinationRows,
].flat()

export const fleetRows: ReadonlyArray<FleetRow> = [fleetJobIds, fleetPaths, fleetExpiry, fleetRegions]
