/** The lines of every log, which no value in them can break in two, or make a command of to whoever keeps the log. */
import { escapeSteering, oneLine } from "../core/redact.ts"

export const jsonLine = (fields: object): string =>
  escapeSteering(JSON.stringify(fields)).replace(/##(?=(?:vso)?\[)/giu, "#\\u0023")

/** What is absent or empty is a dash, so that the others keep their places. */
export const textLine = (parts: ReadonlyArray<string | number | undefined>): string =>
  parts.map((part) => oneLine(String(part ?? "")) || "-").join(" ")

/** A line stays short whatever somebody sends; what is longer than any such value may be ends in an ellipsis. */
export const short = <T extends string | undefined>(text: T, most = 128): T | string =>
  text === undefined || text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`
