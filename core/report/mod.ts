/** Inventory reports as values: what they list, in which columns, and how their files are written (page 30622). */
export { columnsOf, identityColumns, versionColumns } from "./columns.ts"
export { readFileSchema, readKey, readPairs, writeFileSchema } from "./dialect.ts"
export { type DataFile, writeChecksum, writeManifest } from "./manifest.ts"
export { type ListedObject } from "./object.ts"
export { headerRow, rowWriter } from "./row.ts"
export { selectionOf } from "./selection.ts"
export { type Tally, tallying } from "./tally.ts"
