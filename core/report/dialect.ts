/**
 * How a data file is written. COS documents the columns and that keys are URL-encoded (page 30622), and no more, so that
 * each choice stands once, here, for what writes reports and for what reads them.
 */
import { encodeKey, type Key, keyOfRaw } from "../key.ts"
import { percentDecode, percentEncode } from "../wire/target.ts"

/** Assumed: no row of column names, since the manifest has them as `fileSchema`. */
export const hasHeaderRow: boolean = false
/** Assumed: every cell is quoted, as in the reports of S3, whose form COS follows elsewhere. */
export const quote = '"'
/** Assumed: a quote within a cell is doubled (RFC 4180). */
const escapedQuote = '""'
/** CSV is documented; that it is commas is assumed. */
export const separator = ","
/** Assumed: the last row has one too. */
export const rowEnd = "\n"

/** A cell between its quotes. */
export const escapeCell = (text: string): string => text.includes(quote) ? text.replaceAll(quote, escapedQuote) : text

/**
 * Documented is the URL-encoding; that all but the unreserved is escaped, and a space as `%20`, is assumed, and reads
 * back whatever a reader takes `+` for.
 */
export const writeKey: (key: Key) => string = encodeKey
export const readKey: (cell: string) => Key = keyOfRaw

/** `True` is documented; the other word is assumed. */
export const writeFlag = (flag: boolean): string => flag ? "True" : "False"

/** Assumed: `2020-12-10T03:37:30.000Z`, the form of GET Bucket (page 7734), in whole seconds as in `Last-Modified`. */
export const writeDate = (epochMillis: number): string => {
  const seconds = Math.floor(epochMillis / 1000)
  if (seconds !== lastSeconds) {
    lastText = new Date(seconds * 1000).toISOString()
    lastSeconds = seconds
  }
  return lastText
}
/** Neighbours in a bucket were often put in the same second. */
let lastSeconds = NaN
let lastText = ""

/** Assumed: the tags of an object, and its custom headers in one cell, stand as in the header `x-cos-tagging`: `a=1&b=2`. */
export const writePairs = (pairs: ReadonlyArray<readonly [name: string, value: string]>): string =>
  pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&")

export const readPairs = (cell: string): ReadonlyArray<readonly [name: string, value: string]> =>
  cell === "" ? [] : cell.split("&").map((pair) => {
    const at = pair.indexOf("=")
    return at < 0 ? [percentDecode(pair), ""] : [percentDecode(pair.slice(0, at)), percentDecode(pair.slice(at + 1))]
  })

/** The column names of a manifest (page 30622). */
const schemaSeparator = ", "
export const writeFileSchema = (columns: ReadonlyArray<string>): string => columns.join(schemaSeparator)
export const readFileSchema = (text: string): ReadonlyArray<string> => text.split(",").map((name) => name.trim())
