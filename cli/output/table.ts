/** Aligned columns. Widths are those of a terminal's cells, so names in Chinese stay aligned. */
import stringWidth from "string-width"
import { printable } from "../../adapters/dry-run.ts"

/** Lines of a table; every cell is made safe to print. */
export const table = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  align([header, ...rows.map((row) => row.map(oneLine))])

/** Names and values below each other; a value of several lines keeps its indentation. */
export const pairs = (entries: ReadonlyArray<readonly [name: string, value: string]>): string =>
  align(entries.flatMap(([name, value]) => value.split("\n").map((line, i) => [i === 0 ? name : "", oneLine(line)])))

const gap = "  "

const align = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths: Array<number> = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell))
  return rows.map((row) =>
    row.map((cell, i) => i === row.length - 1 ? cell : cell + " ".repeat(widths[i]! - stringWidth(cell))).join(gap)
      .trimEnd()
  ).join("\n")
}

const oneLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t")
