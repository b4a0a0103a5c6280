/** One line of the second table: a figure of the local COS, and the same without verification where both were measured. */

export interface LocalRow {
  readonly name: string
  readonly figure: number
  /** Of the same server with `--loose`. */
  readonly loose?: number
  readonly unit: keyof typeof units
  /** What it is to stay under; absent where nothing is aimed at. */
  readonly under?: number
}

/** A number to divide by, the digits behind the point, and a name. */
const units = {
  requests: [1, 0, "/s"],
  rows: [1, 0, " rows/s"],
  bytesPerSecond: [1e6, 0, " MB/s"],
  bytes: [1024 * 1024, 1, " MiB"],
  millis: [1e-3, 1, " ms"],
  seconds: [1, 1, " s"],
  times: [1, 2, "x"],
} as const

export const localTable = (title: string, rows: ReadonlyArray<LocalRow>): string => {
  const cells = [[title, "figure", "--loose", "ratio", "aim", ""], ...rows.map(cellsOf)]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join("  ")
      .trimEnd()
  ).join("\n")
}

const cellsOf = ({ name, figure, loose, unit, under }: LocalRow): ReadonlyArray<string> => [
  name,
  amount(figure, unit),
  ...(loose === undefined ? ["", ""] : [amount(loose, unit), `${(figure / loose).toFixed(2)} of loose`]),
  ...(under === undefined ? ["", ""] : [`under ${amount(under, unit, 0)}`, verdict(figure, under)]),
]

const verdict = (figure: number, under: number): string => Number.isNaN(figure) ? "" : figure < under ? "met" : "missed"

const amount = (value: number, unit: LocalRow["unit"], digits: number = units[unit][1]): string =>
  Number.isNaN(value) ? "unknown" : `${(value / units[unit][0]).toFixed(digits)}${units[unit][2]}`
