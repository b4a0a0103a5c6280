/** Aligned columns. Widths are those of a terminal's cells, so names in Chinese stay aligned. */
import * as Effect from "effect/Effect"
import { oneLine } from "../../core/redact.ts"

/** Lines of a table; every cell is made safe to print. */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): Effect.Effect<string> => align([header, ...rows.map((row) => row.map(oneLine))])

/** Names and values below each other; of several values each has a line of its own. */
export const pairs = (
  entries: ReadonlyArray<readonly [name: string, value: string | ReadonlyArray<string>]>,
): Effect.Effect<string> =>
  align(entries.flatMap(([name, value]) => [value].flat().map((line, i) => [i === 0 ? name : "", oneLine(line)])))

const gap = "  "

const align = (rows: ReadonlyArray<ReadonlyArray<string>>): Effect.Effect<string> =>
  Effect.map(rows.every((row) => row.every(isAscii)) ? Effect.succeed(lengthOf) : wideLengthOf, (widthOf) => {
    const widths: Array<number> = []
    for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))
    return rows.map((row) =>
      row.map((cell, i) => i === row.length - 1 ? cell : cell + " ".repeat(widths[i]! - widthOf(cell))).join(gap)
        .trimEnd()
    ).join("\n")
  })

const isAscii = (text: string): boolean => /^[ -~]*$/u.test(text)
const lengthOf = (text: string): number => text.length
/** Loaded only for tables that need it. */
const wideLengthOf = Effect.map(Effect.promise(() => import("string-width")), ({ default: stringWidth }) => stringWidth)
