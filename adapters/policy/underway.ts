/** What a request knows of its own time, wherever it has got to. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Refused } from "./call.ts"

export interface Underway {
  /** When its caller has to have an answer, in epoch milliseconds. */
  readonly until: number
  /** All of the request is here; what takes time now is not the caller's doing. */
  isHere: boolean
  /** Before a body is read: refuses where there is no room for so many bytes, which are kept free until the request ends. */
  readonly makeRoom?: (bytes: number) => Effect.Effect<void, Refused>
}

export const Underway = Context.Reference<Underway | undefined>("cos-inventory/Underway", {
  defaultValue: () => undefined,
})
