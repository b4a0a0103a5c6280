/** Inventory reports as values: what they list, in which columns, and how their files are written (page 30622). */
export { anyMeta, columnsOf, identityColumns, versionColumns } from "./columns.ts"
export {
  escapedQuote,
  hasHeaderRow,
  quote,
  readFileSchema,
  readKey,
  readPairs,
  rowEnd,
  separator,
  writeFileSchema,
} from "./dialect.ts"
export { type DataFile, type Manifest, writeChecksum, writeManifest } from "./manifest.ts"
export { type ListedObject } from "./object.ts"
export { headerRow, rowWriter, type WriteRow } from "./row.ts"
export { type Selection, selectionOf } from "./selection.ts"
export { type Tally, tallying } from "./tally.ts"
