/** What a command may know of the process it runs in; tests bring their own. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<Uint8Array>
  readonly isTerminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean }
  /** Standard error as a terminal's screen, for what is drawn and wiped away; nothing is drawn without it. */
  readonly screen?: NodeJS.WritableStream
  /** Asks a yes-or-no question on the terminal. */
  readonly confirm: (question: string) => Effect.Effect<boolean>
  /** The signal that stops the program, once there is one. */
  readonly signal?: "SIGINT" | "SIGTERM" | undefined
}

export const World = Context.Service<World>("cos-inventory/cli/World")
