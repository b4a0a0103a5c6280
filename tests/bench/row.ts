/** One line of the table: ours beside theirs, and whether the aim is met. */
import type { Pair } from "./measure.ts"

export interface Row {
  readonly name: string
  readonly pair: Pair
  readonly unit: "seconds" | "bytes"
  /** How many times faster we are at least, or how much of theirs we take at most; absent where nothing is aimed at. */
  readonly aim?: { readonly timesFaster: number } | { readonly shareOfTheirs: number }
}

export const table = (rows: ReadonlyArray<Row>): string => {
  const cells = [["", "ours", "theirs", "ratio", "aim", ""], ...rows.map(cellsOf)]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join("  ")
      .trimEnd()
  ).join("\n")
}

const cellsOf = ({ name, pair, unit, aim }: Row): ReadonlyArray<string> => {
  const { ours, theirs } = pair
  const shown = [name, amount(ours, unit), amount(theirs, unit)]
  if (aim === undefined) return [...shown, `${(ours / theirs).toFixed(2)} of theirs`, "", ""]
  if ("timesFaster" in aim) {
    const times = theirs / ours
    return [...shown, `${times.toFixed(2)}x faster`, `at least ${aim.timesFaster}x`, verdict(times >= aim.timesFaster)]
  }
  const share = ours / theirs
  return [
    ...shown,
    `${share.toFixed(2)} of theirs`,
    `at most ${aim.shareOfTheirs}`,
    verdict(share <= aim.shareOfTheirs),
  ]
}

const verdict = (isMet: boolean): string => isMet ? "met" : "missed"

const amount = (value: number, unit: Row["unit"]): string =>
  unit === "bytes"
    ? `${(value / 1024 / 1024).toFixed(1)} MiB`
    : value < 1e-3
    ? `${(value * 1e6).toFixed(2)} µs`
    : `${(value * 1e3).toFixed(2)} ms`
