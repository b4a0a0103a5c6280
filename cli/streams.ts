/**
 * Standard output and standard error, written to the last byte or not at all silently.
 *
 * The runtimes' own `console` loses what a full disk refuses, and colours errors as it likes. These write straight to
 * the descriptors, which also costs less at start-up than opening the streams.
 */
import { writeSync } from "node:fs"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Layer from "effect/Layer"

/** Standard output cannot take what was to be printed. */
export class OutputError extends Data.TaggedError("OutputError")<{ readonly problem: string }> {
  override get message(): string {
    return `Cannot write to standard output: ${this.problem}`
  }
}

export const layerConsole = Layer.sync(
  Console.Console,
  () =>
    Object.assign(Object.create(globalThis.console) as Console.Console, {
      log: (text: unknown) => write(1, `${text}\n`),
      error: (text: unknown) => write(2, `${text}\n`),
    }),
)

const write = (descriptor: 1 | 2, text: string): void => {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (cause) {
      const code = (cause as { readonly code?: unknown }).code
      if (code === "EAGAIN") Atomics.wait(pause, 0, 0, 1)
      // Nobody reads any more, or nobody can be told
      else if (code === "EPIPE" || descriptor === 2) return
      else throw new OutputError({ problem: code === "ENOSPC" ? "no space left on device" : `it failed with ${code}` })
    }
  }
}

/** A pipe that is full for now is tried again after a millisecond. */
const pause = new Int32Array(new SharedArrayBuffer(4))
