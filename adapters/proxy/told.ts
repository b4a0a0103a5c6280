/** What is known of a request so far, for the line of the log: filled in as it is found out. */
import type { Outcome } from "../policy/call.ts"

export interface Told {
  /** `x-request-id`. */
  readonly callId: string
  operation?: string
  principal?: string
  bucket?: string
  id?: string
  outcome?: Outcome
  /** Why the proxy itself refused; never told to the caller. */
  why?: string
  /** COS's code, where somebody refused. */
  code?: string
  /** The status of COS's own answer. */
  upstream?: number
}
