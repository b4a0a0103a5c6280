/** What is known of a request so far, for its line in the log: filled in as it is found out. */
import * as Context from "effect/Context"
import type { Caller } from "../policy/authenticate.ts"
import type { Outcome } from "../policy/call.ts"
import type { About } from "../record.ts"

export type Told =
  & { -readonly [K in Exclude<keyof About, "callId" | "outcome">]?: About[K] }
  & {
    /** `x-request-id`. */
    readonly callId: string
    outcome?: Outcome
  }

/** Of the request that a fiber answers, so that whoever ends it for being late knows what was learned. */
export const CurrentTold = Context.Reference<Told | undefined>("cos-inventory/Told", { defaultValue: () => undefined })

export const tellCaller = (told: Told, { principal, shown }: Caller): void => {
  told.principal = principal.name
  told.shown = shown
}
