/** A range of a body that lies in several segments. */
import type { Segment } from "./contract.ts"

/** Bytes of one segment, `end` exclusive. */
export interface Span {
  readonly ref: string
  readonly start: number
  readonly end: number
}

/** Those that a range touches, in their order; the range is cut to what there is. */
export const spansOf = (segments: ReadonlyArray<Segment>, start: number, end: number): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  let at = 0
  for (const { ref, size } of segments) {
    const span = { ref, start: Math.max(start - at, 0), end: Math.min(end - at, size) }
    if (span.start < span.end) spans.push(span)
    at += size
    if (at >= end) break
  }
  return spans
}

export const lengthOf = (spans: ReadonlyArray<Span>): number =>
  spans.reduce((sum, { start, end }) => sum + end - start, 0)
