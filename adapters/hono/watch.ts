/** Who is told of what happens at the door. */
import * as Context from "effect/Context"
import * as Cause from "effect/Cause"
import { printable } from "../../core/redact.ts"
import type { Recorded } from "../record.ts"

export interface Watch {
  /** Told of every request once, also of those that the door itself refuses. */
  readonly onRequest: (recorded: Recorded) => void
  /** Told of every fault of the program's own, of which a client learns nothing. */
  readonly onDefect: (text: string) => void
}

/** Of the fiber that makes the app, or listens; unless told, defects alone are written, to the console. */
export const Watch = Context.Reference<Watch>("cos-inventory/Watch", {
  defaultValue: () => ({ onRequest: () => {}, onDefect: (text) => console.error(text) }),
})

export const tellDefect = ({ onDefect }: Watch, cause: Cause.Cause<unknown>): void =>
  onDefect(printable(Cause.pretty(cause)))
