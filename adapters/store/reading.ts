/** How a body is read, whoever keeps it: short ones whole, long ones as they are asked for. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Body } from "../../core/ports.ts"
import { joined } from "../bytes.ts"
import { isComputed } from "./contract.ts"
import { lengthOf, type Span } from "./spans.ts"
import { syntheticBody } from "./synthetic/mod.ts"

/** The bytes of one segment from one place to another, exclusive. */
export type Source = (start: number, end: number) => Iterable<Uint8Array>

/** Longer ones are read as streams. */
const wholeBytes = 1024 * 1024

/**
 * `sourceOf` is called at once, for each that is stored. `lease` is called for a stream, with all that it reads; what it
 * returns is called when the stream was read, or read no further.
 */
export const bodyOf = (
  spans: ReadonlyArray<Span>,
  sourceOf: (ref: string) => Source,
  lease: (refs: ReadonlySet<string>) => () => void = () => () => {},
): Body => {
  const length = lengthOf(spans)
  const sources = spans.map(({ ref }) => isComputed(ref) ? computed(ref) : sourceOf(ref))
  const pieces = function* () {
    for (const [at, { end, start }] of spans.entries()) yield* sources[at]!(start, end)
  }
  if (length <= wholeBytes) return joined([...pieces()], length)
  const release = lease(new Set(spans.map(({ ref }) => ref)))
  return { length, stream: Stream.suspend(() => streamed(pieces(), release)) }
}

const computed = (ref: string): Source => (start, end) => [syntheticBody(ref).subarray(start, end)]

const streamed = (pieces: Iterator<Uint8Array>, release: () => void): Stream.Stream<Uint8Array> =>
  Stream.unfold(pieces, (rest) =>
    Effect.sync(() => {
      const next = rest.next()
      return next.done === true ? undefined : [next.value, rest] as const
    })).pipe(Stream.ensuring(Effect.sync(() => {
      pieces.return?.()
      release()
    })))
