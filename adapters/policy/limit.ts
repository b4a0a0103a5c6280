/** How much a principal may ask for: requests a second, requests at one time, one-time inventories a day. */
import type { Performing } from "./call.ts"

export const make = (inner: Performing): Performing => inner
