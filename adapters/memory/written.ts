/** Text of a request as a document can repeat it. */
import { percentEncode } from "../../core/wire/target.ts"

// deno-lint-ignore no-control-regex -- what no document of XML 1.0 may hold
const unwritable = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/

export const isWritable = (text: string): boolean => !unwritable.test(text)

/** Assumed: a character that XML cannot hold stands there percent-encoded. */
export const written = (text: string): string => isWritable(text) ? text : text.replace(everyOne, percentEncode)
const everyOne = new RegExp(unwritable, "g")
