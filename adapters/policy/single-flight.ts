/** Identical reads of one principal at one time are one request to COS. */
import type { Performing } from "./call.ts"

export const make = (inner: Performing): Performing => inner
