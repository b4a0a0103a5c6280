/** Parts of a text exchanged for others. */

/** What comes in the place of a part of a text. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies splices that do not overlap. */
export const spliced = (text: string, splices: ReadonlyArray<Splice>): string => {
  let out = ""
  let from = 0
  for (const { end, start, text: put } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    out += text.slice(from, start) + put
    from = end
  }
  return out + text.slice(from)
}

/** Whether they concern each other. Deletions may meet; where something is inserted, nothing else happens. */
export const clash = (a: Splice, b: Splice): boolean =>
  a.text === "" && b.text === "" ? a.start < b.end && b.start < a.end : a.start <= b.end && b.start <= a.end
