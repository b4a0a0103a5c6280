/** Which names an object may have (page 13324). */
import type { Key } from "../../../core/key.ts"
import type { RefusalWithText } from "../checks.ts"
import * as Assumed from "./assumptions.ts"
import { maxKeyBytes } from "./limits.ts"

/** Of any request about an object. */
export const refuseLength = (key: Key): RefusalWithText | undefined =>
  key.length > maxKeyBytes ? Assumed.keyTooLong : undefined

/** Of a request that makes one. */
export const refuseName = (key: Key): RefusalWithText | undefined =>
  refuseLength(key) ?? (forbidden.test(key) ? Assumed.invalidName : undefined)

// deno-lint-ignore no-control-regex -- CAN, EM, SUB and ESC are named by page 13324
const forbidden = /^[/\\]|[\x18-\x1b]/
