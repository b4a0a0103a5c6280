/** Standard error, which tells of every line whether it was written. */
import type { LineStream } from "./line-writer.ts"

export const standardError = (): LineStream => Deno === undefined ? process.stderr : inOrder(Deno.stderr)

/** As much of the runtime as is needed. */
interface Runtime {
  readonly stderr: { readonly write: (bytes: Uint8Array) => Promise<number> }
}
const { Deno } = globalThis as { readonly Deno?: Runtime }

/**
 * In place of `process.stderr`: Deno 2.9.6 does nothing else while it writes to that, and the first line that fails throws
 * out of it and has it keep all others, without a word of what became of them.
 */
const inOrder = (stderr: Runtime["stderr"]): LineStream => {
  const written = async (text: string) => {
    for (let bytes = new TextEncoder().encode(text); bytes.byteLength > 0;) {
      bytes = bytes.subarray(await stderr.write(bytes))
    }
  }
  let last = Promise.resolve()
  return {
    on: () => {},
    write: (text, onEnd) => {
      last = last.then(() => written(text)).then(() => onEnd(), onEnd)
    },
  }
}
