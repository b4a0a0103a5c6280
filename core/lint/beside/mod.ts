/** Rules beside each other: in one bucket, and wherever their reports go. */
import { fleetExpiry } from "./expiry.ts"
import { idRows } from "./ids.ts"
import { countRows } from "./count.ts"
import { ownershipRows } from "./ownership.ts"
import { fleetPaths } from "./paths.ts"
import { scanRows } from "./scans.ts"
import type { FleetRow, TargetRow } from "./row.ts"

export type { PlacedHit } from "./row.ts"
export { repeatedIds } from "./ids.ts"

export const targetRows: ReadonlyArray<TargetRow> = [...idRows, ...ownershipRows, ...countRows, ...scanRows]

export const fleetRows: ReadonlyArray<FleetRow> = [fleetPaths, fleetExpiry]
