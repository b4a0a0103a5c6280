/** The body of a request over a socket whose head tells of none: it has neither a length nor chunks. */
export const unannounced: Uint8Array = new Uint8Array(0)
