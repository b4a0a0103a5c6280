/** How a key stands in a document. */
import { encodeKey, type Key, textOfKey } from "../../../core/key.ts"
import { isWritable } from "../written.ts"

/** Assumed: a key that XML cannot hold is percent-encoded, as `encoding-type=url` would have it. */
export const keyText = (key: Key): string => {
  const text = textOfKey(key)
  return text !== undefined && isWritable(text) ? text : encodeKey(key)
}
