/** What the local COS remembers: the contract, the driver in memory, and what another driver is made with. */
export * from "./contract.ts"
export { deleteMarker } from "./delete-marker.ts"
export { assembled, type Content } from "./parts.ts"
export {
  maxSynthetic,
  seedLimit,
  type Synthetic,
  synthetic,
  syntheticBody,
  syntheticContents,
  syntheticSize,
} from "./synthetic/mod.ts"
export { makeTree, notEmpty, sequenceOf } from "./tree.ts"
export { millisOfVersionId, versionIdAt } from "./version-id.ts"

export { type Catalog, type CatalogChange, existing, makeCatalog, type Undo, undoing } from "./catalog.ts"
export { after } from "./history.ts"
export { own, type Sink, takeIn } from "./intake.ts"
export { broughtBy, type Held, makeOwnership, type Ownership, type Settled } from "./ownership.ts"
export { bodyOf, type Source } from "./reading.ts"
export { spansOf } from "./spans.ts"
export { byKeyThenId } from "./uploads.ts"
