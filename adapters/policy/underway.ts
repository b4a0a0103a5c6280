/** What a request knows of its own time, wherever it has got to. */
import * as Context from "effect/Context"

export interface Underway {
  /** When its caller has to have an answer, in epoch milliseconds. */
  readonly until: number
  /** All of the request is here; what takes time now is not the caller's doing. */
  isHere: boolean
}

export const Underway = Context.Reference<Underway | undefined>("cos-inventory/Underway", {
  defaultValue: () => undefined,
})
