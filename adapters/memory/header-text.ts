/** A header as the text that its client meant. */
import { textOfKey } from "../../core/key.ts"

/**
 * Off a socket a value has one character for each byte, and clients send text as UTF-8, or as Latin-1 where they can send
 * nothing else. A request that came without a socket may have any text as it is.
 */
export const headerText = (value: string): string =>
  beyondAscii.test(value) && bytesAlone.test(value) ? textOfKey(value) ?? value : value
const beyondAscii = /[\x80-\xff]/u
// deno-lint-ignore no-control-regex -- every byte
const bytesAlone = /^[\x00-\xff]*$/u
