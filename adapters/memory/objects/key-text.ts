/** How a key stands in a document. */
import { encodeKey, type Key, textOfKey } from "../../../core/key.ts"

/** Assumed: a key that XML cannot hold is percent-encoded, as `encoding-type=url` would have it. */
export const keyText = (key: Key): string => {
  const text = textOfKey(key)
  return text === undefined || unwritable.test(text) ? encodeKey(key) : text
}

// deno-lint-ignore no-control-regex -- what no document of XML 1.0 may hold
const unwritable = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
