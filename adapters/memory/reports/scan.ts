/** One pass over a bucket, in pieces, so that whoever reads it decides how fast it goes. */
import type { BucketName } from "../../../core/bucket.ts"
import { columnsOf, rowWriter, selectionOf, type Tally, tallying } from "../../../core/report/mod.ts"
import type { InventoryJob } from "../../../core/rule.ts"
import type { Reader, Version } from "../../store/mod.ts"

export interface Scan {
  readonly columns: ReadonlyArray<string>
  /** Looks at some versions more, and stops at the last row there is room for. */
  readonly next: (room: number) => Piece
  /** Of what has been looked at so far. */
  readonly listed: () => Tally
  readonly filtered: () => Tally
}

export interface Piece {
  readonly text: string
  readonly rows: number
  /** Nothing is left; a piece without rows may be followed by others all the same. */
  readonly isLast: boolean
}

export const scanOf = (store: Reader, bucket: string, source: BucketName, rule: InventoryJob): Scan => {
  const { prefix, isListed, isMatch } = selectionOf(rule)
  const columns = columnsOf(rule)
  const write = rowWriter(source, columns)
  const listed = tallying()
  const filtered = tallying()
  const entries = store.entries(bucket, prefix)[Symbol.iterator]()
  let versions: ReadonlyArray<Version> = []
  let at = 0
  return {
    columns,
    listed: listed.total,
    filtered: filtered.total,
    next: (room) => {
      let text = ""
      let rows = 0
      for (let looked = 0; looked < versionsPerPiece && rows < room; looked++, at++) {
        if (at === versions.length) {
          const entry = entries.next()
          if (entry.done === true || entry.value[0]?.key.startsWith(prefix) !== true) {
            entries.return?.()
            return { text, rows, isLast: true }
          }
          versions = entry.value
          at = 0
        }
        const version = versions[at]!
        const isLatest = at === 0
        if (!isListed(version, isLatest)) continue
        listed.add(version.size)
        if (!isMatch(version)) continue
        filtered.add(version.size)
        text += write(version, isLatest)
        rows++
      }
      return { text, rows, isLast: false }
    },
  }
}

/** Few enough for requests to be answered between two, even while bodies of computed objects are digested first. */
const versionsPerPiece = 50
